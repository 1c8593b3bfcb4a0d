//! `cargo shop demo`, `bus`, `audit` and `grant-staff`, against a whole shop. (`revoke-staff` is in `users/staff.rs`.)

use std::{
    cell::Cell,
    collections::BTreeMap,
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use cli::{
    Failure,
    bus::{self, Listener},
    demo::{self, Scene, Style, Teller},
};
use serde_json::{Value, json};
use store::{Connection, Db, bus::built_in::BuiltIn};

use crate::support::{TestShop, cargo_shop};

const EMAIL: &str = "staff@example.com";
const PASSWORD: &str = "correct horse battery";

/// Takes what is told.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// A shop with a staff account, made as its owner makes it.
async fn shop_with_staff() -> TestShop {
    let shop = TestShop::open().await;
    let account = json!({"email": EMAIL, "password": PASSWORD});
    let customer = shop.post("/users").json(&account).send().await.expect(201);
    assert_eq!(customer["role"], "customer");
    // Anybody could have registered the address first.
    let refused = cargo_shop(&shop, &["grant-staff", EMAIL]).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("--unverified"), "{refused}");
    let granting = cargo_shop(&shop, &["grant-staff", EMAIL, "--unverified"]);
    granting.await.unwrap();
    shop
}

/// Tells the story in a shop whose stream runs beside it.
async fn tell(shop: &TestShop, password: &str) -> (Result<(), Failure>, String) {
    let scene = Scene {
        url: shop.lambda.url(),
        staff_email: EMAIL.into(),
        staff_password: password.into(),
    };
    let paper = Paper::default();
    let mut teller = Teller::new(Box::new(paper.clone()), Style::Plain);
    let told = Cell::new(false);
    let story = async {
        let outcome = demo::run(&scene, &mut teller).await;
        told.set(true);
        outcome
    };
    let stream = async {
        while !told.get() {
            shop.drain_stream().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (outcome, ()) = tokio::join!(story, stream);
    (outcome, paper.text())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_goes_as_told_any_number_of_times_and_leaves_clean_books() {
    let shop = shop_with_staff().await;
    for _ in 0..2 {
        let (outcome, told) = tell(&shop, PASSWORD).await;
        assert!(outcome.is_ok(), "{outcome:?}\n{told}");
        let lines = [
            "the cart she filled as a guest comes along",
            "she is told both prices",
            "her other tab orders the cart again",
            "gets it",
            "sold out",
            "the old token, at once again",
            "paid back, and not restocked",
            "now he can delete his account",
            "her session can't be refreshed any more",
            "all went as the story says",
        ];
        for line in lines {
            assert!(told.contains(line), "{line} is missing in:\n{told}");
        }
        assert!(!told.contains('✗'), "{told}");
    }
    shop.drain_stream().await;
    cargo_shop(&shop, &["audit"]).await.unwrap();
    let (told, had) = (told_by_the_bus(&shop).await, had_by_orders(&shop).await);
    assert_eq!(told, had);
    assert_eq!(had.len(), 12, "six orders a story");
    shop.close().await;
}

/// What the bus was told, by orders.
async fn told_by_the_bus(shop: &TestShop) -> BTreeMap<String, Vec<Value>> {
    let paper = Paper::default();
    let outcome = listener(shop, &paper, bus::Style::Json).hear().await;
    assert!(outcome.unwrap().is_continue());
    let mut told: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in paper.text().lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let order = event["order_id"].as_str().unwrap().to_owned();
        let told = told.entry(order).or_default();
        told.push(json!([event["status"], event["at"], event["total"]]));
    }
    told
}

/// What became of all orders, as the staff see it.
async fn had_by_orders(shop: &TestShop) -> BTreeMap<String, Vec<Value>> {
    let orders = shop.get("/orders?limit=100").bearer(&shop.staff().token);
    let orders = orders.send().await.expect(200);
    let had = |order: &Value| {
        let history = order["history"].as_array().unwrap().iter();
        let had = history.map(|step| json!([step["status"], step["at"], order["total"]]));
        (order["id"].as_str().unwrap().to_owned(), had.collect())
    };
    orders["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(had)
        .collect()
}

fn listener(shop: &TestShop, paper: &Paper, style: bus::Style) -> Listener {
    let db = Db::connect(&Connection::local(shop.dynamodb.endpoint()));
    let log = BuiltIn::new(Arc::new(db), "oxcart-test-bus".into());
    Listener::new(log, Box::new(paper.clone()), style)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bus_is_followed_event_by_event() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 5).await;
    let (paper, ann) = (Paper::default(), shop.customer());
    let mut listener = listener(&shop, &paper, bus::Style::Plain);
    assert!(listener.hear().await.unwrap().is_continue());
    assert_eq!(paper.text(), "");

    let order = shop.ordered(&ann, &[("mug", 2)]).await;
    shop.drain_stream().await;
    for _ in 0..2 {
        assert!(listener.hear().await.unwrap().is_continue());
        let text = paper.text();
        let line = text.strip_suffix(&format!("Z  order.placed     {order}  v1  24.00 USD\n"));
        assert_eq!(line.unwrap().lines().count(), 1, "{text}");
    }
    let placed = paper.text();
    let pay = shop.pay(&ann, &order, &crate::support::key(), "tok_ok");
    pay.send().await.expect(200);
    shop.drain_stream().await;
    assert!(listener.hear().await.unwrap().is_continue());
    let text = paper.text();
    let paid = text.strip_prefix(&placed).unwrap();
    assert!(
        paid.contains(&format!("  order.paid       {order}  v")),
        "{text}"
    );
    assert_eq!(paid.lines().count(), 1, "{text}");
    cargo_shop(&shop, &["bus"]).await.unwrap();

    let nobodys = [
        "bus",
        "--endpoint",
        shop.dynamodb.endpoint(),
        "--bus-table",
        "nobodys",
    ];
    let failure = cli::run([&["cargo shop"], &nobodys[..]].concat())
        .await
        .unwrap_err();
    assert!(failure.to_string().contains("nobodys"), "{failure}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_fails_where_a_shop_differs_from_the_story() {
    let shop = shop_with_staff().await;
    let (outcome, told) = tell(&shop, "not the password").await;
    let failure = outcome.unwrap_err();
    assert_eq!(failure.exit_code(), 1);
    assert!(
        failure
            .to_string()
            .contains("POST /sessions: status 401 instead of 201"),
        "{failure}"
    );
    assert!(failure.to_string().contains("grant-staff"), "{failure}");
    assert!(told.contains("✗ POST   /sessions"), "{told}");

    // A shop that has lost its carts.
    let client = shop.dynamodb.client();
    let table = "oxcart-test-carts";
    client
        .delete_table()
        .table_name(table)
        .send()
        .await
        .unwrap();
    let (outcome, told) = tell(&shop, PASSWORD).await;
    let failure = outcome.unwrap_err().to_string();
    assert!(
        failure
            .contains("the shop differs from the story at PUT /cart/items/{product_id}: status 5"),
        "{failure}"
    );
    assert!(told.contains("✗ PUT    /cart/items"), "{told}");
    shop.lambda.shutdown().await;
    shop.dynamodb.stop().await;
}

#[tokio::test]
async fn the_demo_says_how_to_start_a_shop_where_none_answers() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let failure = cli::run(["cargo shop", "demo", "--url", &url])
        .await
        .unwrap_err();
    assert!(matches!(failure, Failure::NoAnswer { .. }), "{failure}");
    assert_eq!(failure.exit_code(), 1);
    let told = failure.to_string();
    assert!(
        told.contains(&url) && told.contains("`cargo shop up`"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audit_tells_clean_from_found_from_impossible() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 5).await;
    shop.drain_stream().await;
    cargo_shop(&shop, &["audit"]).await.unwrap();
    let endpoint = shop.dynamodb.endpoint();
    let named = [
        "cargo shop",
        "audit",
        "--endpoint",
        endpoint,
        "--catalogue-table",
        "oxcart-test-catalogue",
        "--carts-table",
        "oxcart-test-carts",
        "--orders-table",
        "oxcart-test-orders",
    ];
    cli::run(named).await.unwrap();

    let order = shop.order(&shop.customer(), &crate::support::key(), &[("mug", 2)]);
    let order = order.send().await.expect(201);
    let pk = format!("ORDER#{}", order["id"].as_str().unwrap());
    shop.set_number("orders", &pk, "next_action_at", 1).await;
    shop.drain_stream().await;
    let found = cargo_shop(&shop, &["audit"]).await.unwrap_err();
    assert!(matches!(found, Failure::Findings(_)), "{found}");
    assert_eq!(found.exit_code(), 1);

    let elsewhere = [
        "cargo shop",
        "audit",
        "--endpoint",
        endpoint,
        "--shop",
        "nobodys",
    ];
    let impossible = cli::run(elsewhere).await.unwrap_err();
    assert_eq!(impossible.exit_code(), 2, "{impossible}");
    assert!(
        impossible.to_string().contains("nobodys-catalogue"),
        "{impossible}"
    );

    // As if events went to EventBridge.
    let bus = shop.dynamodb.client().delete_table();
    let bus = bus.table_name(shop.table("BusTable"));
    bus.send().await.unwrap();
    let impossible = cargo_shop(&shop, &["audit"]).await.unwrap_err();
    assert_eq!(impossible.exit_code(), 2, "{impossible}");
    assert!(impossible.to_string().contains("--no-bus"), "{impossible}");
    shop.lambda.shutdown().await;
    shop.dynamodb.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_account_becomes_staff() {
    let shop = TestShop::open().await;
    let nobody = cargo_shop(&shop, &["grant-staff", "nobody@example.com"]).await;
    let nobody = nobody.unwrap_err();
    assert!(matches!(nobody, Failure::NoAccount(_)), "{nobody}");
    let malformed = cargo_shop(&shop, &["grant-staff", "nobody"]).await;
    assert!(matches!(malformed, Err(Failure::Email(_))));
    shop.close().await;
}
