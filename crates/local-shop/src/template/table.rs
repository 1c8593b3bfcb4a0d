//! The tables that a service's template declares.

use super::{
    TemplateError,
    scope::{Scope, kind},
    yaml::Node,
};

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name, resolved.
    pub name: String,
    /// Its name in the template.
    pub logical_id: String,
    /// The primary key.
    pub key: Key,
    /// Global secondary indexes, by name.
    pub indexes: Vec<Index>,
    /// What its stream shows, such as `NEW_AND_OLD_IMAGES`; `None` without a stream.
    pub stream: Option<String>,
    /// The attribute by whose time items go away.
    pub time_to_live: Option<String>,
}

/// A primary key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The partition key.
    pub hash: Attribute,
    /// The sort key.
    pub range: Option<Attribute>,
}

/// A key attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// `S`, `N` or `B`.
    pub kind: String,
}

/// A global secondary index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its partition key.
    pub hash: Attribute,
    /// Its sort key.
    pub range: Option<Attribute>,
    /// `ALL`, `KEYS_ONLY` or `INCLUDE`.
    pub projection: String,
    /// What `INCLUDE` includes, in order.
    pub included: Vec<String>,
}

impl Table {
    /// Every key attribute of the table and its indexes, each once.
    pub fn attributes(&self) -> Vec<&Attribute> {
        let keys = self
            .indexes
            .iter()
            .flat_map(|index| [Some(&index.hash), index.range.as_ref()]);
        let own = [Some(&self.key.hash), self.key.range.as_ref()];
        let mut attributes: Vec<&Attribute> = own.into_iter().chain(keys).flatten().collect();
        attributes.sort();
        attributes.dedup();
        attributes
    }
}

/// The tables of one template.
pub(super) fn tables(scope: &Scope) -> Result<Vec<Table>, TemplateError> {
    let resources = scope.resources()?.into_iter();
    let tables = resources.filter(|(_, node)| kind(node) == "AWS::DynamoDB::Table");
    tables
        .map(|(name, node)| table(scope, name, scope.need(node, "Properties")?))
        .collect()
}

fn table(scope: &Scope, logical_id: &str, node: &Node) -> Result<Table, TemplateError> {
    let attributes = scope.need(node, "AttributeDefinitions")?;
    let (hash, range) = key(scope, node, attributes)?;
    let mut indexes = Vec::new();
    for index in node
        .get("GlobalSecondaryIndexes")
        .map(Node::elements)
        .unwrap_or_default()
    {
        let (hash, range) = key(scope, index, attributes)?;
        let projection = scope.need(index, "Projection")?;
        let include = projection
            .get("NonKeyAttributes")
            .map(Node::elements)
            .unwrap_or_default();
        let mut included: Vec<String> = include
            .iter()
            .map(|name| scope.text(name))
            .collect::<Result<_, _>>()?;
        included.sort();
        indexes.push(Index {
            name: scope.text(scope.need(index, "IndexName")?)?,
            hash,
            range,
            projection: scope.text(scope.need(projection, "ProjectionType")?)?,
            included,
        });
    }
    indexes.sort();
    let stream = node.at(&["StreamSpecification", "StreamViewType"]);
    let time_to_live = node.at(&["TimeToLiveSpecification", "AttributeName"]);
    Ok(Table {
        name: scope.text(scope.need(node, "TableName")?)?,
        logical_id: logical_id.to_owned(),
        key: Key { hash, range },
        indexes,
        stream: stream.map(|node| scope.text(node)).transpose()?,
        time_to_live: time_to_live.map(|node| scope.text(node)).transpose()?,
    })
}

/// The partition key and the sort key in a `KeySchema`.
fn key(
    scope: &Scope,
    node: &Node,
    attributes: &Node,
) -> Result<(Attribute, Option<Attribute>), TemplateError> {
    let schema = scope.need(node, "KeySchema")?;
    let (mut hash, mut range) = (None, None);
    for part in schema.elements() {
        let name = scope.text(scope.need(part, "AttributeName")?)?;
        let place = match scope.text(scope.need(part, "KeyType")?)?.as_str() {
            "HASH" => &mut hash,
            "RANGE" => &mut range,
            other => return Err(scope.error(part, format!("{other} is no KeyType"))),
        };
        *place = Some(attribute(scope, part, attributes, name)?);
    }
    let hash = hash.ok_or_else(|| scope.error(schema, "a key has a HASH attribute"))?;
    Ok((hash, range))
}

fn attribute(
    scope: &Scope,
    part: &Node,
    attributes: &Node,
    name: String,
) -> Result<Attribute, TemplateError> {
    for definition in attributes.elements() {
        if scope.text(scope.need(definition, "AttributeName")?)? == name {
            let kind = scope.text(scope.need(definition, "AttributeType")?)?;
            return Ok(Attribute { name, kind });
        }
    }
    Err(scope.error(part, format!("AttributeDefinitions do not define {name}")))
}
