//! That the wire refuses what a policy does not allow, as AWS would.

use cloud::{Ses, parameters};
use domain::Email;
use local_shop::arn;
use store::{
    Connection, Db, Failure,
    db::{Applied, Query},
    item::Item,
    mail::{Mailer, Message},
    write::{Is, Write},
};

use super::ON_AWS;
use crate::support::{NAME, TestShop};

const USERS: &str = "oxcart-test-users";
const CATALOGUE: &str = "oxcart-test-catalogue";
const CARTS: &str = "oxcart-test-carts";
const ORDERS: &str = "oxcart-test-orders";

/// By which this function reaches what it works with.
fn connection_of(shop: &TestShop, function: &str) -> Connection {
    Connection {
        access_key_id: function.to_owned(),
        ..Connection::local(shop.wire.endpoint())
    }
}

/// DynamoDB as this function reaches it.
fn db_of(shop: &TestShop, function: &str) -> Db {
    Db::connect(&connection_of(shop, function))
}

fn key(pk: &str) -> Item {
    Item::default().with("pk", pk)
}

fn orders_by(index: Option<&'static str>) -> Query<'static> {
    Query {
        table: ORDERS,
        index,
        hash: ("customer", "nobody"),
        range: None,
        ascending: true,
        limit: 1,
        start: None,
    }
}

/// A change of an order that is not there.
fn change() -> Write {
    let change = Write::update(ORDERS, key("ORDER#none")).set("status", "paid");
    change.only_if("pk", Is::Present)
}

/// Whether a call was refused for want of a permission; anything else that goes wrong is wrong here.
#[track_caller]
fn is_denied<T>(done: Result<T, Failure>) -> bool {
    let Err(failure) = done else {
        return false;
    };
    let told = format!("{failure:?}");
    assert!(told.contains("AccessDeniedException"), "{told}");
    true
}

/// Why a call is refused.
fn denied(function: &str, action: &str, resource: &str) -> String {
    refused(function, &format!("dynamodb:{action}"), resource)
}

fn refused(function: &str, action: &str, resource: &str) -> String {
    format!(
        "User: {function} is not authorized to perform: {action} on resource: {resource} because no identity-based \
         policy allows the {action} action"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_no_statement_allows_is_refused_and_told() {
    let shop = TestShop::open().await;
    let get_order = db_of(&shop, "get-order");
    assert!(!is_denied(get_order.get(ORDERS, key("ORDER#1")).await));
    assert!(is_denied(get_order.get(USERS, key("USER#1")).await));
    let put = Write::put(ORDERS, key("ORDER#1"));
    assert!(is_denied(get_order.write(put).await.applied()));

    let lists = db_of(&shop, "list-orders");
    assert!(!is_denied(
        lists.query(orders_by(Some("by-customer"))).await
    ));
    assert!(is_denied(lists.query(orders_by(Some("due"))).await));
    assert!(is_denied(lists.query(orders_by(None)).await));
    assert!(is_denied(lists.scan(ORDERS, None).await));

    let nobody = db_of(&shop, "nobody");
    assert!(is_denied(nobody.get(ORDERS, key("ORDER#1")).await));
    let table = |name: &str| format!("table/{name}");
    assert_eq!(
        shop.wire.denied(),
        [
            denied("get-order", "GetItem", &table(USERS)),
            denied("get-order", "PutItem", &table(ORDERS)),
            denied("list-orders", "Query", &format!("table/{ORDERS}/index/due")),
            denied("list-orders", "Query", &table(ORDERS)),
            denied("list-orders", "Scan", &table(ORDERS)),
            denied("nobody", "GetItem", "*"),
        ]
    );
    assert!(shop.items("orders").await.is_empty());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_is_refused_for_any_of_its_parts_and_a_batch_for_any_of_its_tables() {
    let shop = TestShop::open().await;
    let cancel = db_of(&shop, "cancel-order");
    let bucket = key("STOCK#none#0").with("sk", "BUCKET");
    let stock = Write::update(CATALOGUE, bucket).set("taken", 0_u64);
    let stock = stock.only_if("pk", Is::Present);
    let both = [change(), stock];
    assert!(!is_denied(cancel.transact(&both).await.applied()));
    let cart = Write::put(CARTS, key("CART#none"));
    let both = [change(), cart];
    assert!(is_denied(cancel.transact(&both).await.applied()));
    let check = Write::check(ORDERS, key("DELETED#none")).only_if("pk", Is::Absent);
    let both = [change(), check];
    assert!(is_denied(cancel.transact(&both).await.applied()));

    let place = db_of(&shop, "place-order");
    let order = (ORDERS, key("ORDER#none"));
    let cart = (CARTS, key("CART#none"));
    let user = (USERS, key("USER#none"));
    let seen = place.get_all(&[order.clone(), cart]).await;
    assert!(!is_denied(seen));
    assert!(is_denied(place.get_all(&[order, user]).await));
    assert_eq!(
        shop.wire.denied(),
        [
            denied("cancel-order", "PutItem", &format!("table/{CARTS}")),
            denied(
                "cancel-order",
                "ConditionCheckItem",
                &format!("table/{ORDERS}")
            ),
            denied("place-order", "BatchGetItem", &format!("table/{USERS}")),
        ]
    );
    assert!(shop.items("carts").await.is_empty());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_keys_are_conditions_other_items_are_out_of_reach() {
    let shop = TestShop::open().await;
    let reset = db_of(&shop, "request-password-reset");
    let tries = |number: u8| (USERS, key(&format!("THROTTLE#x#{number}")));
    for good in ["EMAIL#x", "USER#x"] {
        assert!(!is_denied(reset.get(USERS, key(good)).await), "{good}");
    }
    for bad in ["SESSION#x", "LINK#x", "THROTTLE#x", "XUSER#x"] {
        assert!(is_denied(reset.get(USERS, key(bad)).await), "{bad}");
    }
    assert!(!is_denied(reset.get_all(&[tries(1), tries(2)]).await));
    let user = (USERS, key("USER#x"));
    assert!(is_denied(reset.get_all(&[tries(1), user]).await));
    let staff = Write::update(USERS, key("USER#x")).set("role", "staff");
    assert!(is_denied(reset.write(staff).await.applied()));
    let user = Write::create(USERS, key("USER#x"));
    assert!(is_denied(reset.write(user).await.applied()));
    assert_eq!(shop.wire.denied().len(), 7);
    assert!(shop.items("users").await.is_empty());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_and_addresses_that_no_statement_names_are_out_of_reach() {
    let shop = TestShop::open_recorded(&ON_AWS).await;
    let endpoint = Some(shop.wire.endpoint());
    let reads = async |function: &str, secrets: &[&str]| {
        let names = secrets.iter().map(|name| format!("/{NAME}/{name}"));
        let connection = connection_of(&shop, function);
        let read = parameters::read(&connection, endpoint, names.collect()).await;
        read.is_ok()
    };
    assert!(reads("verify-email", &["link-key"]).await);
    assert!(!reads("verify-email", &["link-key", "cursor-key"]).await);
    assert!(!reads("get-order", &["link-key"]).await);

    let letter = Message {
        id: "1".to_owned(),
        to: Email::parse("ann@example.com").unwrap(),
        subject: "Hello".to_owned(),
        text: "Hello".to_owned(),
    };
    let sends = async |function: &str, from: &str| {
        let ses = Ses::new(&connection_of(&shop, function), endpoint, from.to_owned());
        ses.send(&letter).await.is_ok()
    };
    assert!(sends("send-account-mail", "shop@oxcart.example").await);
    assert!(!sends("send-account-mail", "owner@oxcart.example").await);
    assert!(!sends("send-account-mail", "shop@example.com").await);
    assert!(!sends("register-user", "shop@oxcart.example").await);
    assert_eq!(shop.wire.done("ses:SendEmail").len(), 1);

    let secret = |name: &str| arn("ssm", &format!("parameter/{NAME}/{name}"));
    let identity = |domain: &str| arn("ses", &format!("identity/{domain}"));
    let (reads, sends) = ("ssm:GetParameters", "ses:SendEmail");
    assert_eq!(
        shop.wire.denied(),
        [
            refused("verify-email", reads, &secret("cursor-key")),
            refused("get-order", reads, &secret("link-key")),
            refused("send-account-mail", sends, &identity("oxcart.example")),
            refused("send-account-mail", sends, &identity("example.com")),
            refused("register-user", sends, &identity("oxcart.example")),
        ]
    );
    shop.close().await;
}
