//! The accesses that a call to DynamoDB must be authorized for, by AWS's rules: each item or query that it names needs
//! an action on its table ("Using IAM with DynamoDB transactions" and "Actions, resources, and condition keys for
//! Amazon DynamoDB").

use local_shop::Action;
use serde_json::Value;

/// A part of a call: one action on one resource, which a policy allows or does not.
#[derive(Clone, Debug, PartialEq)]
pub struct Access<'c> {
    pub action: Action,
    pub table: &'c str,
    pub index: Option<&'c str>,
    /// The item that it is about, or its key.
    pub item: Option<&'c Value>,
}

impl Access<'_> {
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

/// The accesses of a call of this name with this body; `None` if they are not known.
pub fn accesses<'c>(call: &str, body: &'c Value) -> Option<Vec<Access<'c>>> {
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

fn batch(body: &Value) -> Option<Vec<Access<'_>>> {
    let mut accesses = Vec::new();
    for (table, wanted) in body["RequestItems"].as_object()? {
        for key in wanted["Keys"].as_array()? {
            accesses.push(Access {
                action: Action::BatchGetItem,
                table,
                index: None,
                item: Some(key),
            });
        }
    }
    Some(accesses)
}

/// A member of a transaction. The transaction itself needs no action of its own.
fn member(member: &Value) -> Option<Access<'_>> {
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

fn one(action: Action, of: &Value) -> Option<Access<'_>> {
    Some(Access {
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

    /// Action, resource and key of each access.
    fn told(call: &str, body: &Value) -> Option<Vec<String>> {
        let accesses = accesses(call, body)?.into_iter();
        let told = accesses.map(|it| {
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
    fn a_call_needs_an_action_of_its_name_on_what_it_names() {
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
    fn a_batch_accesses_each_key_and_a_transaction_each_item_by_what_it_does_to_it() {
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
