//! What a world does to clients of its DynamoDB, and that it does it again.

#![allow(clippy::unwrap_used, missing_docs)]

use std::time::Duration;

use adversary::{Faults, World, run};
use aws_sdk_dynamodb::{
    Client,
    error::ProvideErrorMetadata,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
        ScalarAttributeType, TransactWriteItem, Update,
    },
};

async fn make_table(client: &Client) {
    let key = KeySchemaElement::builder()
        .attribute_name("pk")
        .key_type(KeyType::Hash);
    let attribute = AttributeDefinition::builder()
        .attribute_name("pk")
        .attribute_type(ScalarAttributeType::S);
    client
        .create_table()
        .table_name("things")
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key.build().unwrap())
        .attribute_definitions(attribute.build().unwrap())
        .send()
        .await
        .unwrap();
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

async fn put(client: &Client, pk: &str, left: i64) {
    let put = client.put_item().table_name("things");
    put.item("pk", s(pk))
        .item("left", n(left))
        .send()
        .await
        .unwrap();
}

async fn left(client: &Client, pk: &str, consistent: bool) -> i64 {
    let get = client.get_item().table_name("things").key("pk", s(pk));
    let answer = get.consistent_read(consistent).send().await.unwrap();
    let item = answer.item.unwrap_or_default();
    let left = item.get("left").and_then(|left| left.as_n().ok());
    left.map_or(-1, |left| left.parse().unwrap())
}

/// One piece less of each of `of`, in one transaction.
async fn take(client: &Client, of: &[&str], token: Option<&str>) -> Result<(), String> {
    let update = |pk: &&str| {
        let update = Update::builder()
            .table_name("things")
            .key("pk", s(pk))
            .update_expression("SET #l = #l - :one")
            .condition_expression("#l >= :one")
            .expression_attribute_names("#l", "left")
            .expression_attribute_values(":one", n(1));
        TransactWriteItem::builder()
            .update(update.build().unwrap())
            .build()
    };
    let call = client.transact_write_items();
    let call = call
        .set_transact_items(Some(of.iter().map(update).collect()))
        .set_client_request_token(token.map(str::to_owned));
    match call.send().await {
        Ok(_) => Ok(()),
        Err(error) => Err(format!(
            "{} {}",
            error.code().unwrap_or("none"),
            error.message().unwrap_or_default()
        )),
    }
}

/// Buyers who try for the last pieces until they have one or there is none: how many had one.
async fn sale(world: World, buyers: u32, pieces: i64) -> usize {
    let shop = world.client("shop");
    make_table(&shop).await;
    put(&shop, "mug", pieces).await;
    world.set_faults(Faults::all());
    let buy = |number: u32| {
        let client = world.client(&format!("buyer-{number}"));
        tokio::spawn(async move {
            let token = format!("buyer-{number}");
            for _ in 0..50 {
                match take(&client, &["mug"], Some(&token)).await {
                    Ok(()) => return true,
                    Err(error) if error.contains("ConditionalCheckFailed") => return false,
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
            false
        })
    };
    let buying: Vec<_> = (0..buyers).map(buy).collect();
    let mut sold = 0;
    for one in buying {
        sold += usize::from(one.await.unwrap());
    }
    world.set_faults(Faults::none());
    // What is late has come by then.
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(left(&shop, "mug", true).await, 0, "seed {}", world.seed());
    sold
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_gives_another() {
    let digest = |seed| {
        run(seed, |world| async move {
            world.journal().begin();
            let sold = sale(world.clone(), 20, 5).await;
            assert!(sold <= 5, "{sold} sold, seed {seed}");
            assert!(!world.journal().all().is_empty());
            world.journal().digest()
        })
    };
    let mut digests = Vec::new();
    for seed in 1..=10 {
        let (one, again) = (digest(seed), digest(seed));
        assert_eq!(one, again, "seed {seed}");
        assert!(!digests.contains(&one));
        digests.push(one);
    }
}

#[test]
fn the_same_seed_gives_the_same_run_on_every_thread() {
    let digest = || {
        run(7, |world| async move {
            world.journal().begin();
            sale(world.clone(), 20, 5).await;
            world.journal().digest()
        })
    };
    let here = digest();
    let others: Vec<_> = (0..4).map(|_| std::thread::spawn(digest)).collect();
    for other in others {
        assert_eq!(other.join().unwrap(), here);
    }
}

#[test]
fn transactions_that_overlap_conflict_and_so_do_single_writes() {
    run(1, |world| async move {
        let client = world.client("one");
        make_table(&client).await;
        put(&client, "mug", 9).await;
        put(&client, "pen", 9).await;
        let transaction = take(&client, &["mug", "pen"], None);
        let other = async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            take(&client, &["mug"], None).await
        };
        let single = async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let put = client.put_item().table_name("things");
            let put = put.item("pk", s("pen")).send().await;
            put.unwrap_err().code().map(str::to_owned)
        };
        let (transaction, other, single) = tokio::join!(transaction, other, single);
        assert_eq!(transaction, Ok(()));
        assert!(other.unwrap_err().contains("TransactionConflict"));
        assert_eq!(single.as_deref(), Some("TransactionConflictException"));
        assert_eq!(left(&client, "mug", true).await, 8);
    });
}

#[test]
fn a_transaction_under_way_is_told_from_one_that_is_done() {
    run(1, |world| async move {
        let client = world.client("one");
        make_table(&client).await;
        put(&client, "mug", 9).await;
        let again = async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let config = client.config().to_builder();
            let once =
                config.retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::disabled());
            take(&Client::from_conf(once.build()), &["mug"], Some("t")).await
        };
        let (first, meanwhile) = tokio::join!(take(&client, &["mug"], Some("t")), again);
        assert_eq!(first, Ok(()));
        assert!(meanwhile.unwrap_err().contains("TransactionInProgress"));
        assert_eq!(take(&client, &["mug"], Some("t")).await, Ok(()));
        assert_eq!(left(&client, "mug", true).await, 8, "it happened once");
        // Ten minutes later the token means nothing.
        tokio::time::sleep(Duration::from_secs(601)).await;
        assert_eq!(take(&client, &["mug"], Some("t")).await, Ok(()));
        assert_eq!(left(&client, "mug", true).await, 7);
    });
}

#[test]
fn a_lost_reply_was_carried_out_and_a_lost_request_was_not() {
    for (faults, should_be) in [
        (
            Faults {
                lost_reply: 1.0,
                ..Faults::none()
            },
            8,
        ),
        (
            Faults {
                lost_request: 1.0,
                ..Faults::none()
            },
            9,
        ),
        (
            Faults {
                server_error: 1.0,
                ..Faults::none()
            },
            // One of two errors hides a success, and the client tries more than once.
            8,
        ),
        (
            Faults {
                late: 1.0,
                lateness: Duration::from_secs(20),
                ..Faults::none()
            },
            8,
        ),
        (
            Faults {
                duplicate: 1.0,
                ..Faults::none()
            },
            8,
        ),
    ] {
        run(1, |world| async move {
            let client = world.client("one");
            make_table(&client).await;
            put(&client, "mug", 9).await;
            world.set_faults(faults.clone());
            let taken = take(&client, &["mug"], Some("t")).await;
            assert_eq!(taken.is_ok(), faults.duplicate > 0.0, "{faults:?}");
            world.set_faults(Faults::none());
            tokio::time::sleep(Duration::from_secs(60)).await;
            assert_eq!(left(&client, "mug", true).await, should_be, "{faults:?}");
        });
    }
}

#[test]
fn what_need_not_be_consistent_lags_and_arrives() {
    run(1, |world| async move {
        let client = world.client("one");
        make_table(&client).await;
        put(&client, "mug", 9).await;
        let lag = Duration::from_millis(300);
        world.set_faults(Faults {
            lag: (lag, lag),
            ..Faults::none()
        });
        put(&client, "mug", 5).await;
        assert_eq!(left(&client, "mug", true).await, 5);
        assert_eq!(left(&client, "mug", false).await, 9);
        tokio::time::sleep(lag).await;
        assert_eq!(left(&client, "mug", false).await, 5);
    });
}

#[test]
fn a_hot_key_throttles_and_recovers_with_the_next_second() {
    run(1, |world| async move {
        let client = world.client("one");
        make_table(&client).await;
        let config = client.config().to_builder();
        let once = config.retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::disabled());
        let once = Client::from_conf(once.build());
        put(&client, "mug", 100).await;
        world.set_faults(Faults {
            key_units: Some(10),
            ..Faults::none()
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut outcomes = Vec::new();
        for _ in 0..6 {
            outcomes.push(take(&once, &["mug"], None).await.is_ok());
        }
        assert_eq!(
            outcomes,
            [true, true, true, true, true, false],
            "two units each"
        );
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(take(&once, &["mug"], None).await, Ok(()));
    });
}
