//! One transaction at the server, in DynamoDB's two phases (Idziorek et al., "Distributed Transactions at Scale in Amazon
//! DynamoDB", ATC 2023): hold every item, then write them all, one by one visible, and let go.

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    commit::Image,
    engine::{self, Answer},
    footprint::ItemKey,
    holds::Refused,
    server::{Server, Visit, lock},
};

/// The members of an action that decide whether it may happen.
const CONDITION: [&str; 3] = [
    "ConditionExpression",
    "TableName",
    "ReturnValuesOnConditionCheckFailure",
];

impl Server {
    pub(crate) async fn transact(
        &self,
        visit: &Visit<'_>,
        mut body: Value,
        items: &[ItemKey],
    ) -> Answer {
        if let Some(token) = body["ClientRequestToken"].as_str() {
            let name = lock(&self.tokens).name(token, self.now());
            body["ClientRequestToken"] = json!(name);
        }
        let token = body["ClientRequestToken"].as_str();
        let taken = lock(&self.holds).take(items, token);
        let hold = match taken {
            Ok(hold) => hold,
            Err(Refused::InProgress) => {
                let message = "Transaction with the given request token is already in progress";
                return Answer::error(400, "TransactionInProgressException", message);
            }
            Err(Refused::Conflict(held, rest)) => {
                lock(&self.meter).conflicts += 1;
                let answer = self.conflict(&body, items, &held);
                sleep(visit.faults.hold / 2).await;
                lock(&self.holds).release(rest);
                return answer;
            }
        };
        let actions = list(&body["TransactItems"]);
        let puts = actions.iter().map(|action| action["Put"].get("Item"));
        let writes: Vec<_> = items.iter().zip(puts).collect();
        let answer = match self.throttled(visit, &writes) {
            Some(at) => {
                let code = |index| {
                    if index == at {
                        "ThrottlingError"
                    } else {
                        "None"
                    }
                };
                Answer::cancelled((0..items.len()).map(|index| json!({"Code": code(index)})))
            }
            None => self.commit(visit, body, items).await,
        };
        lock(&self.holds).release(hold);
        answer
    }

    /// Both phases of a transaction that holds all its items.
    async fn commit(&self, visit: &Visit<'_>, body: Value, items: &[ItemKey]) -> Answer {
        let spread = visit.faults.spread.min(visit.faults.hold / 2);
        sleep(visit.faults.hold - spread).await;
        let before: Vec<Option<Image>> = {
            let known = lock(&self.items);
            items
                .iter()
                .map(|key| known.current(key).cloned())
                .collect()
        };
        let answer = engine::carry_out(&self.database, visit.operation, body);
        if answer.is_ok() && !spread.is_zero() {
            let mut dice = fastrand::Rng::with_seed(visit.fate.dice);
            let mut known = lock(&self.items);
            for (key, before) in items.iter().zip(before) {
                known.veil(key, before, self.now() + spread.mul_f64(dice.f64()));
            }
        }
        self.note(visit, items, answer.is_ok(), true);
        sleep(spread).await;
        lock(&self.items).unveil(items);
        answer
    }

    /// The answer to a transaction some of whose items others hold. The others' conditions are told about as well.
    fn conflict(&self, body: &Value, items: &[ItemKey], held: &[bool]) -> Answer {
        let mut reasons: Vec<Value> = held
            .iter()
            .map(|held| json!({"Code": if *held { "TransactionConflict" } else { "None" }}))
            .collect();
        let mut asked = Vec::new();
        let mut checks = Vec::new();
        let actions = list(&body["TransactItems"]);
        for (index, (action, (_, key))) in actions.iter().zip(items).enumerate() {
            if let Some(check) = check(action, key).filter(|_| !held[index]) {
                asked.push(index);
                checks.push(check);
            }
        }
        if !checks.is_empty() {
            let body = json!({"TransactItems": checks});
            let checked = engine::carry_out(&self.database, "TransactWriteItems", body);
            let refused = list(&checked.body["CancellationReasons"]);
            for (index, reason) in asked.into_iter().zip(refused) {
                reasons[index] = reason.clone();
            }
        }
        Answer::cancelled(reasons)
    }
}

/// An action's condition alone; `None` if it has none.
fn check(action: &Value, key: &str) -> Option<Value> {
    let action = action.as_object()?.values().find(|it| it.is_object())?;
    let condition = action["ConditionExpression"].as_str()?;
    let mut check = serde_json::Map::new();
    for member in CONDITION {
        if !action[member].is_null() {
            check.insert(member.to_owned(), action[member].clone());
        }
    }
    check.insert("Key".to_owned(), serde_json::from_str(key).ok()?);
    // What the condition doesn't speak of would be refused.
    for (member, mark) in [
        ("ExpressionAttributeNames", '#'),
        ("ExpressionAttributeValues", ':'),
    ] {
        let used = action[member].as_object().into_iter().flatten();
        let used: serde_json::Map<String, Value> = used
            .filter(|(name, _)| speaks_of(condition, name, mark))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if !used.is_empty() {
            check.insert(member.to_owned(), Value::Object(used));
        }
    }
    Some(json!({ "ConditionCheck": check }))
}

fn speaks_of(condition: &str, name: &str, mark: char) -> bool {
    let of_name = |c: char| c.is_alphanumeric() || c == '_' || c == mark;
    condition.split(|c| !of_name(c)).any(|word| word == name)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
