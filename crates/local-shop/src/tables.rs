//! The tables, made at a DynamoDB as the templates declare them.

use aws_sdk_dynamodb::{
    Client,
    error::{BuildError, DisplayErrorContext, SdkError},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
        TableDescription, TimeToLiveSpecification,
    },
};

use crate::template::{Attribute, Index, Key, Table};

/// A table is not as it ought to be.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// A table is there with another shape.
    #[error(
        "table {table} is there with another {difference} than infra/ declares; \
         a table's keys can't be changed, so delete the data (or use --ephemeral) and start again"
    )]
    Differs {
        /// Which table.
        table: String,
        /// What differs.
        difference: &'static str,
    },
    /// The database refuses.
    #[error("table {table}: {reason}")]
    Refused {
        /// Which table.
        table: String,
        /// What it says.
        reason: String,
    },
}

/// Makes the tables that are missing and compares those that are there. The names of the new ones.
pub async fn create<'t>(
    client: &Client,
    tables: impl IntoIterator<Item = &'t Table>,
) -> Result<Vec<String>, TablesError> {
    let mut made = Vec::new();
    for table in tables {
        match describe(client, table).await? {
            Some(there) => compare(table, &there)?,
            None => {
                make(client, table).await?;
                made.push(table.name.clone());
            }
        }
    }
    Ok(made)
}

async fn describe(client: &Client, table: &Table) -> Result<Option<TableDescription>, TablesError> {
    match client.describe_table().table_name(&table.name).send().await {
        Ok(answer) => Ok(answer.table),
        Err(SdkError::ServiceError(error)) if error.err().is_resource_not_found_exception() => {
            Ok(None)
        }
        Err(error) => Err(refused(table, DisplayErrorContext(error))),
    }
}

async fn make(client: &Client, table: &Table) -> Result<(), TablesError> {
    let wrong = |error: BuildError| refused(table, error);
    let attributes = table
        .attributes()
        .into_iter()
        .map(definition)
        .collect::<Result<_, _>>();
    let indexes = table
        .indexes
        .iter()
        .map(index)
        .collect::<Result<Vec<_>, _>>()
        .map_err(wrong)?;
    let mut call = client
        .create_table()
        .table_name(&table.name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes.map_err(wrong)?))
        .set_key_schema(Some(schema(&table.key).map_err(wrong)?))
        .set_global_secondary_indexes(Some(indexes).filter(|indexes| !indexes.is_empty()));
    if let Some(view) = &table.stream {
        let view = StreamViewType::from(view.as_str());
        let stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(view);
        call = call.stream_specification(stream.build().map_err(wrong)?);
    }
    call.send()
        .await
        .map_err(|error| refused(table, DisplayErrorContext(error)))?;
    if let Some(attribute) = &table.time_to_live {
        let spec = TimeToLiveSpecification::builder()
            .attribute_name(attribute)
            .enabled(true);
        let call = client.update_time_to_live().table_name(&table.name);
        let call = call.time_to_live_specification(spec.build().map_err(wrong)?);
        call.send()
            .await
            .map_err(|error| refused(table, DisplayErrorContext(error)))?;
    }
    Ok(())
}

fn refused(table: &Table, reason: impl std::fmt::Display) -> TablesError {
    TablesError::Refused {
        table: table.name.clone(),
        reason: reason.to_string(),
    }
}

fn definition(attribute: &Attribute) -> Result<AttributeDefinition, BuildError> {
    AttributeDefinition::builder()
        .attribute_name(&attribute.name)
        .attribute_type(ScalarAttributeType::from(attribute.kind.as_str()))
        .build()
}

fn schema(key: &Key) -> Result<Vec<KeySchemaElement>, BuildError> {
    let part = |attribute: &Attribute, kind| {
        KeySchemaElement::builder()
            .attribute_name(&attribute.name)
            .key_type(kind)
            .build()
    };
    let mut schema = vec![part(&key.hash, KeyType::Hash)?];
    if let Some(range) = &key.range {
        schema.push(part(range, KeyType::Range)?);
    }
    Ok(schema)
}

fn index(index: &Index) -> Result<GlobalSecondaryIndex, BuildError> {
    let included = Some(index.included.clone()).filter(|included| !included.is_empty());
    let projection = Projection::builder()
        .projection_type(ProjectionType::from(index.projection.as_str()))
        .set_non_key_attributes(included);
    let key = Key {
        hash: index.hash.clone(),
        range: index.range.clone(),
    };
    GlobalSecondaryIndex::builder()
        .index_name(&index.name)
        .set_key_schema(Some(schema(&key)?))
        .projection(projection.build())
        .build()
}

/// Whether the table that is there is the one that is declared.
fn compare(table: &Table, there: &TableDescription) -> Result<(), TablesError> {
    let differs = |difference| TablesError::Differs {
        table: table.name.clone(),
        difference,
    };
    let kinds = there.attribute_definitions();
    if parts(there.key_schema(), kinds) != (Some(table.key.hash.clone()), table.key.range.clone()) {
        return Err(differs("key"));
    }
    let mut indexes = Vec::new();
    for index in there.global_secondary_indexes() {
        let (hash, range) = parts(index.key_schema(), kinds);
        let projection = index.projection();
        let mut included = projection
            .map(|p| p.non_key_attributes().to_vec())
            .unwrap_or_default();
        included.sort();
        let kind = projection.and_then(Projection::projection_type);
        indexes.push(Index {
            name: index.index_name().unwrap_or_default().to_owned(),
            hash: hash.ok_or_else(|| differs("index"))?,
            range,
            projection: kind.map(ProjectionType::as_str).unwrap_or("ALL").to_owned(),
            included,
        });
    }
    indexes.sort();
    if indexes != table.indexes {
        return Err(differs("set of indexes"));
    }
    let stream = there
        .stream_specification()
        .filter(|stream| stream.stream_enabled());
    let view = stream
        .and_then(|stream| stream.stream_view_type())
        .map(StreamViewType::as_str);
    if view != table.stream.as_deref() {
        return Err(differs("stream"));
    }
    Ok(())
}

/// Partition and sort key of a schema.
fn parts(
    schema: &[KeySchemaElement],
    kinds: &[AttributeDefinition],
) -> (Option<Attribute>, Option<Attribute>) {
    let part = |kind: &KeyType| {
        let name = schema
            .iter()
            .find(|part| part.key_type() == kind)?
            .attribute_name();
        let kind = kinds
            .iter()
            .find(|definition| definition.attribute_name() == name)?;
        let kind = kind.attribute_type().as_str().to_owned();
        Some(Attribute {
            name: name.to_owned(),
            kind,
        })
    };
    (part(&KeyType::Hash), part(&KeyType::Range))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DynamoDb, dynamodb::Storage, template::Shop};

    fn shop() -> Shop {
        let infra = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra");
        let keys = crate::Keys::generate().unwrap();
        Shop::load(&infra, &keys.parameters("t")).unwrap()
    }

    #[tokio::test]
    async fn tables_are_made_once_and_found_again_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::Folder(folder.path().to_owned());
        let shop = shop();
        let db = DynamoDb::start(storage.clone(), 0).await.unwrap();
        let made = create(&db.client(), shop.tables()).await.unwrap();
        assert_eq!(
            made,
            [
                "t-users",
                "t-mailbox",
                "t-catalogue",
                "t-carts",
                "t-orders",
                "t-provider",
                "t-bus"
            ]
        );
        db.stop().await;
        let db = DynamoDb::start(storage, 0).await.unwrap();
        assert_eq!(create(&db.client(), shop.tables()).await.unwrap(), [""; 0]);
    }

    #[tokio::test]
    async fn another_shape_is_told_with_the_way_out() {
        let db = DynamoDb::start(Storage::Memory, 0).await.unwrap();
        let shop = shop();
        create(&db.client(), shop.tables()).await.unwrap();
        let mut changed = shop.table("OrdersTable").unwrap().clone();
        changed.indexes.pop();
        let error = create(&db.client(), [&changed])
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("t-orders") && error.contains("--ephemeral"),
            "{error}"
        );
        let mut changed = shop.table("UsersTable").unwrap().clone();
        changed.key.range = Some(Attribute {
            name: "sk".into(),
            kind: "S".into(),
        });
        let error = create(&db.client(), [&changed])
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("another key"), "{error}");
    }

    #[tokio::test]
    async fn a_taken_port_is_told() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = DynamoDb::start(Storage::Memory, port)
            .await
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains(&format!("port {port} is taken")), "{error}");
    }
}
