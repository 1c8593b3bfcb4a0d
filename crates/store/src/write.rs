//! One write to one item, with the conditions under which alone it happens.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::{
    error::BuildError,
    types::{self, AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem},
};
use sha2::{Digest, Sha256};

use crate::item::{Item, Value};

/// A write to one item.
#[derive(Clone, Debug)]
pub struct Write {
    pub(crate) table: String,
    pub(crate) what: What,
    conditions: Vec<String>,
    names: BTreeMap<String, String>,
    values: BTreeMap<String, AttributeValue>,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    Put(Item),
    Update {
        key: Item,
        set: Vec<String>,
        remove: Vec<String>,
    },
    Delete(Item),
    /// Changes nothing: the others happen only under its conditions. In transactions only.
    Check(Item),
}

/// What an attribute must be for a write to happen.
pub enum Is {
    /// Equal to this text.
    Text(String),
    /// Equal to this number.
    Number(u64),
    /// This truth.
    Truth(bool),
    /// At least this.
    AtLeast(i64),
    /// More than this.
    MoreThan(i64),
    /// Less than this.
    LessThan(u64),
    /// There.
    Present,
    /// Not there.
    Absent,
}

impl Write {
    fn new(table: &str, what: What) -> Self {
        Self {
            table: table.to_owned(),
            what,
            conditions: Vec::new(),
            names: BTreeMap::new(),
            values: BTreeMap::new(),
        }
    }

    /// Puts `item`.
    pub fn put(table: &str, item: Item) -> Self {
        Self::new(table, What::Put(item))
    }

    /// Puts `item` where no item with its key is.
    pub fn create(table: &str, item: Item) -> Self {
        Self::put(table, item).only_if("pk", Is::Absent)
    }

    /// Whether it puts an item where none may be.
    fn creates(&self) -> bool {
        matches!(self.what, What::Put(_))
            && self
                .conditions
                .iter()
                .any(|condition| condition == "attribute_not_exists(#pk)")
    }

    /// Changes attributes of the item with this key. Without a condition an absent item would come into being, so each
    /// update states one.
    pub fn update(table: &str, key: Item) -> Self {
        Self::new(
            table,
            What::Update {
                key,
                set: Vec::new(),
                remove: Vec::new(),
            },
        )
    }

    /// Deletes the item with this key.
    pub fn delete(table: &str, key: Item) -> Self {
        Self::new(table, What::Delete(key))
    }

    /// Changes nothing of the item with this key: a transaction with it happens only under its conditions.
    pub fn check(table: &str, key: Item) -> Self {
        Self::new(table, What::Check(key))
    }

    /// Sets attribute `name`.
    pub fn set(mut self, name: &str, value: impl Value) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.assign(format!("{name} = {value}"))
    }

    /// Sets attribute `name` when there is a value, and removes it when there is none.
    pub fn set_or_remove(self, name: &str, value: Option<impl Value>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self.remove(name),
        }
    }

    /// Adds `by` to the number in attribute `name`, which must be there: an ADD would bring a missing item to life.
    pub fn raise(mut self, name: &str, by: i64) -> Self {
        let (name, value) = (self.name(name), self.value(by));
        self.assign(format!("{name} = {name} + {value}"))
    }

    /// Adds `by` to the number in attribute `name`, from zero when it is absent.
    pub fn count(mut self, name: &str, by: i64) -> Self {
        let (name, zero, value) = (self.name(name), self.value(0_i64), self.value(by));
        self.assign(format!("{name} = if_not_exists({name}, {zero}) + {value}"))
    }

    /// Removes attribute `name`.
    pub fn remove(mut self, name: &str) -> Self {
        let name = self.name(name);
        if let What::Update { remove, .. } = &mut self.what {
            remove.push(name);
        }
        self
    }

    /// Happens only if attribute `name` is so; several conditions must all hold.
    pub fn only_if(mut self, name: &str, is: Is) -> Self {
        let name = self.name(name);
        let condition = match is {
            Is::Text(text) => format!("{name} = {}", self.value(text)),
            Is::Number(number) => format!("{name} = {}", self.value(number)),
            Is::Truth(truth) => format!("{name} = {}", self.value(truth)),
            Is::AtLeast(number) => format!("{name} >= {}", self.value(number)),
            Is::MoreThan(number) => format!("{name} > {}", self.value(number)),
            Is::LessThan(number) => format!("{name} < {}", self.value(number)),
            Is::Present => format!("attribute_exists({name})"),
            Is::Absent => format!("attribute_not_exists({name})"),
        };
        self.conditions.push(condition);
        self
    }

    /// Happens only if attribute `name` is absent or less than `number`.
    pub fn only_if_absent_or_less(mut self, name: &str, number: u64) -> Self {
        let (name, value) = (self.name(name), self.value(number));
        self.conditions.push(format!(
            "(attribute_not_exists({name}) OR {name} < {value})"
        ));
        self
    }

    fn assign(mut self, assignment: String) -> Self {
        if let What::Update { set, .. } = &mut self.what {
            set.push(assignment);
        }
        self
    }

    fn name(&mut self, name: &str) -> String {
        // A placeholder has letters, digits and underscores; a product's id in a name may have more.
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let mut placeholder: String = std::iter::once('#')
            .chain(name.chars().map(plain))
            .collect();
        while self
            .names
            .get(&placeholder)
            .is_some_and(|other| other != name)
        {
            placeholder.push('_');
        }
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    fn value(&mut self, value: impl Value) -> String {
        let placeholder = format!(":{}", self.values.len());
        self.values.insert(placeholder.clone(), value.attribute());
        placeholder
    }

    /// `SET … REMOVE …` of an update.
    pub(crate) fn update_expression(&self) -> String {
        let What::Update { set, remove, .. } = &self.what else {
            return String::new();
        };
        let clause = |word: &str, parts: &[String]| {
            if parts.is_empty() {
                String::new()
            } else {
                format!("{word} {} ", parts.join(", "))
            }
        };
        (clause("SET", set) + &clause("REMOVE", remove))
            .trim_end()
            .to_owned()
    }

    /// All conditions in one expression.
    pub(crate) fn condition(&self) -> Option<String> {
        (!self.conditions.is_empty()).then(|| self.conditions.join(" AND "))
    }

    /// The placeholders' attribute names.
    pub(crate) fn names(&self) -> Option<std::collections::HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone().into_iter().collect())
    }

    /// The placeholders' values.
    pub(crate) fn values(&self) -> Option<std::collections::HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone().into_iter().collect())
    }

    /// The write as an action of a transaction; a failed condition brings the item along.
    pub(crate) fn action(&self) -> Result<TransactWriteItem, BuildError> {
        let old = ReturnValuesOnConditionCheckFailure::AllOld;
        let action = TransactWriteItem::builder();
        let action = match &self.what {
            What::Put(item) => action.put(
                types::Put::builder()
                    .table_name(&self.table)
                    .set_item(Some(item.clone().into()))
                    .set_condition_expression(self.condition())
                    .set_expression_attribute_names(self.names())
                    .set_expression_attribute_values(self.values())
                    .return_values_on_condition_check_failure(old)
                    .build()?,
            ),
            What::Update { key, .. } => action.update(
                types::Update::builder()
                    .table_name(&self.table)
                    .set_key(Some(key.clone().into()))
                    .update_expression(self.update_expression())
                    .set_condition_expression(self.condition())
                    .set_expression_attribute_names(self.names())
                    .set_expression_attribute_values(self.values())
                    .return_values_on_condition_check_failure(old)
                    .build()?,
            ),
            What::Delete(key) => action.delete(
                types::Delete::builder()
                    .table_name(&self.table)
                    .set_key(Some(key.clone().into()))
                    .set_condition_expression(self.condition())
                    .set_expression_attribute_names(self.names())
                    .set_expression_attribute_values(self.values())
                    .return_values_on_condition_check_failure(old)
                    .build()?,
            ),
            What::Check(key) => action.condition_check(
                types::ConditionCheck::builder()
                    .table_name(&self.table)
                    .set_key(Some(key.clone().into()))
                    .set_condition_expression(self.condition())
                    .set_expression_attribute_names(self.names())
                    .set_expression_attribute_values(self.values())
                    .return_values_on_condition_check_failure(old)
                    .build()?,
            ),
        };
        Ok(action.build())
    }
}

/// A transaction's ClientRequestToken, 32 hex digits. DynamoDB takes two transactions with one token within ten minutes
/// for one.
///
/// If the transaction begins by creating the record of what is done, the token follows from everything it writes: done
/// again it could only fail. Any other may be wanted a second time with the same bytes, as when a product is changed
/// and changed back and changed again, so each has a token of its own.
pub(crate) fn token(writes: &[Write]) -> String {
    if !writes.first().is_some_and(Write::creates) {
        return format!("{:032x}", fastrand::u128(..));
    }
    // Every map inside is ordered and no attribute holds a map, so equal writes print equally.
    let digest = Sha256::digest(format!("{writes:?}"));
    data_encoding::HEXLOWER.encode(&digest[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(quantity: i64) -> Write {
        Write::update("catalogue", Item::default().with("pk", "STOCK#mug#0"))
            .raise("available", -quantity)
            .remove("due")
            .only_if("available", Is::AtLeast(quantity))
            .only_if("active", Is::Truth(true))
    }

    #[test]
    fn expressions_name_every_attribute_by_a_placeholder() {
        let write = take(2);
        assert_eq!(
            write.update_expression(),
            "SET #available = #available + :0 REMOVE #due"
        );
        assert_eq!(
            write.condition().unwrap(),
            "#available >= :1 AND #active = :2"
        );
        assert_eq!(write.names().unwrap()["#available"], "available");
        assert_eq!(
            write.values().unwrap()[":0"],
            AttributeValue::N("-2".into())
        );
    }

    #[test]
    fn names_that_differ_have_placeholders_that_differ() {
        let key = Item::default().with("pk", "CART#1");
        let write = Write::update("carts", key)
            .set("line:a-b", "x")
            .set("line:a_b", "y")
            .only_if("line:a-b", Is::Present);
        let names = write.names().unwrap();
        assert_eq!(names["#line_a_b"], "line:a-b");
        assert_eq!(names["#line_a_b_"], "line:a_b");
        assert_eq!(write.condition().unwrap(), "attribute_exists(#line_a_b)");
    }

    #[test]
    fn the_token_of_what_creates_a_record_follows_from_what_is_written() {
        let record = || Write::create("orders", Item::default().with("pk", "ORDER#1"));
        assert_eq!(token(&[record(), take(2)]), token(&[record(), take(2)]));
        assert_ne!(token(&[record(), take(2)]), token(&[record(), take(3)]));
        assert_eq!(token(&[record()]).len(), 32);
    }

    #[test]
    fn the_token_of_what_may_be_wanted_again_is_its_own() {
        let replaced = Write::put("orders", Item::default().with("pk", "ORDER#1"));
        for write in [take(2), replaced] {
            let write = std::slice::from_ref(&write);
            let (one, other) = (token(write), token(write));
            assert_ne!(one, other);
            assert_eq!((one.len(), other.len()), (32, 32));
        }
    }
}
