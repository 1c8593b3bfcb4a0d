//! What a call to DynamoDB asks leave for, by AWS's rules: each item or query that it names needs an action on its table
//! ("Using IAM with DynamoDB transactions" and "Actions, resources, and condition keys for Amazon DynamoDB").

use local_shop::Action;
use serde_json::Value;

/// A part of a call that is allowed or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked<'c> {
    pub action: Action,
    pub table: &'c str,
    pub index: Option<&'c str>,
    /// The item that it is about, or its key.
    pub item: Option<&'c Value>,
}

impl Asked<'_> {
    /// The text of the attribute that is the item's partition key.
    pub fn key(&self, name: &str) -> Option<&str> {
        self.item
            .map(|item| item[name]["S"].as_str().unwrap_or_default())
    }

    /// What it is about, as an ARN ends.
    pub fn resource(&self) -> String {
        let index = self.index.map(|index| format!("/index/{index}"));
        format!("table/{}{}", self.table, index.unwrap_or_default())
    }
}

/// What a call of this name with this body asks for; `None` if that is not known.
pub fn asked<'c>(call: &str, body: &'c Value) -> Option<Vec<Asked<'c>>> {
    match call {
        "BatchGetItem" => batch(body),
        "TransactGetItems" | "TransactWriteItems" => {
            let members = body["TransactItems"].as_array()?;
            members.iter().map(member).collect()
        }
        // It is no call of its own.
        "ConditionCheckItem" => None,
        _ => Some(vec![one(Action::parse(call)?, body)?]),
    }
}

fn batch(body: &Value) -> Option<Vec<Asked<'_>>> {
    let mut asked = Vec::new();
    for (table, wanted) in body["RequestItems"].as_object()? {
        for key in wanted["Keys"].as_array()? {
            asked.push(Asked {
                action: Action::BatchGetItem,
                table,
                index: None,
                item: Some(key),
            });
        }
    }
    Some(asked)
}

/// A member of a transaction. The transaction itself needs no leave.
fn member(member: &Value) -> Option<Asked<'_>> {
    let (kind, member) = member.as_object()?.iter().next()?;
    let action = match kind.as_str() {
        "ConditionCheck" => Action::ConditionCheckItem,
        "Delete" => Action::DeleteItem,
        "Get" => Action::GetItem,
        "Put" => Action::PutItem,
        "Update" => Action::UpdateItem,
        _ => return None,
    };
    one(action, member)
}

fn one(action: Action, of: &Value) -> Option<Asked<'_>> {
    Some(Asked {
        action,
        table: of["TableName"].as_str()?,
        index: of["IndexName"].as_str(),
        item: of.get("Key").or(of.get("Item")),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Action, resource and key of everything that is asked for.
    fn told(call: &str, body: &Value) -> Option<Vec<String>> {
        let asked = asked(call, body)?.into_iter();
        let told = asked.map(|it| {
            let key = it.key("pk").map(|key| format!(" {key}"));
            let (action, resource) = (it.action.as_str(), it.resource());
            format!("{action} {resource}{}", key.unwrap_or_default())
        });
        Some(told.collect())
    }

    fn key(pk: &str) -> Value {
        json!({"pk": {"S": pk}})
    }

    #[test]
    fn a_call_asks_for_an_action_of_its_name_on_what_it_names() {
        for (call, body, expected) in [
            (
                "GetItem",
                json!({"TableName": "t", "Key": key("a")}),
                "GetItem table/t a",
            ),
            (
                "PutItem",
                json!({"TableName": "t", "Item": {"pk": {"S": "a"}, "Key": {"S": "b"}}}),
                "PutItem table/t a",
            ),
            (
                "UpdateItem",
                json!({"TableName": "t", "Key": {"pk": {"N": "1"}}}),
                "UpdateItem table/t ",
            ),
            ("Query", json!({"TableName": "t"}), "Query table/t"),
            (
                "Query",
                json!({"TableName": "t", "IndexName": "i"}),
                "Query table/t/index/i",
            ),
            ("Scan", json!({"TableName": "t"}), "Scan table/t"),
        ] {
            assert_eq!(told(call, &body), Some(vec![expected.to_owned()]));
        }
    }

    #[test]
    fn a_batch_asks_for_each_key_and_a_transaction_for_what_it_does_to_each_item() {
        let batch = json!({"RequestItems": {"t": {"Keys": [key("a"), key("b")]}, "u": {"Keys": [key("c")]}}});
        let expected = [
            "BatchGetItem table/t a",
            "BatchGetItem table/t b",
            "BatchGetItem table/u c",
        ];
        assert_eq!(told("BatchGetItem", &batch).unwrap(), expected);
        let of = |pk: &str| json!({"TableName": "t", "Key": key(pk)});
        let writes = json!({"TransactItems": [
            {"Put": {"TableName": "t", "Item": key("a")}},
            {"Update": of("b")},
            {"Delete": of("c")},
            {"ConditionCheck": of("d")},
        ]});
        let expected = [
            "PutItem table/t a",
            "UpdateItem table/t b",
            "DeleteItem table/t c",
            "ConditionCheckItem table/t d",
        ];
        assert_eq!(told("TransactWriteItems", &writes).unwrap(), expected);
        let reads = json!({"TransactItems": [{"Get": of("a")}]});
        let expected = ["GetItem table/t a"];
        assert_eq!(told("TransactGetItems", &reads).unwrap(), expected);
    }

    #[test]
    fn what_is_not_known_is_not_guessed_at() {
        let body = json!({"TableName": "t", "Key": key("a")});
        for call in ["DescribeTable", "BatchWriteItem", "ConditionCheckItem", ""] {
            assert_eq!(told(call, &body), None, "{call}");
        }
        let other = json!({"TransactItems": [{"Move": body}]});
        assert_eq!(told("TransactWriteItems", &other), None);
    }
}
