//! What commands of `cargo shop` ask of AWS: all that `docs/operations.md` says of it, and nothing else.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use aws_sdk_dynamodb::types::AttributeValue;
use cloud::EventBridge;
use domain::OrderId;
use store::{
    Connection, Db, Orders,
    bus::replay::{Selection, Told},
};

use crate::support::{NAME, Recorder, TestShop};

/// What each command needs leave for: actions, and on what.
type Rights = BTreeMap<String, BTreeSet<String>>;

/// By the page, of the shop that is tested.
fn told() -> Rights {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once("\n## Rights to run a command\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let mut rights = Rights::new();
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<Vec<&str>> = row.split('|').map(codes).collect();
        let [_, commands, actions, resources, _] = &cells[..] else {
            panic!("{row} has three columns")
        };
        let [command] = commands[..] else {
            panic!("{row} is about one command")
        };
        let rights = rights.entry(command.to_owned()).or_default();
        for action in actions {
            let on = |resource: &&str| resource.replace("<shop>", NAME);
            let on = resources.iter().map(on);
            rights.extend(on.map(|resource| format!("{action} on {resource}")));
        }
    }
    rights
}

/// What is set as code.
fn codes(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Lets the first movement of the mug never have been written down.
async fn forget_a_movement(shop: &TestShop) {
    let delete = shop.dynamodb.client().delete_item();
    let delete = delete.table_name(shop.table("CatalogueTable"));
    let delete = delete.key("pk", AttributeValue::S("STOCK#mug".to_owned()));
    let first = format!("MOVE#00#{:016}", 1);
    let delete = delete.key("sk", AttributeValue::S(first));
    delete.send().await.unwrap();
}

/// Tells all orders' events to a bus of EventBridge, as `cargo shop replay-events --event-bus` does, and those of one order.
async fn tell_eventbridge(endpoint: &str, order: &str) {
    let connection = Connection::local(endpoint);
    let orders = Orders::new(Arc::new(Db::connect(&connection)), format!("{NAME}-orders"));
    let bus = EventBridge::new(&connection, Some(endpoint), NAME.to_owned());
    let one = Selection {
        orders: vec![OrderId::parse(order).unwrap()],
        ..Selection::default()
    };
    for selection in [Selection::default(), one] {
        let mut told = Told::default();
        let replayed = orders.replay(&selection, Some(&bus), &mut told, |_| {});
        replayed.await.unwrap();
        assert_eq!(told.orders, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_runs_a_command_needs_what_the_page_says_and_nothing_else() {
    let shop = TestShop::selling("mug", 1200, 9).await;
    let ann = shop.verified("ann@example.com").await;
    let order = shop.ordered(&ann, &[("mug", 1)]).await;
    shop.drain_stream().await;
    let recorder = Recorder::before(&shop.dynamodb).await;
    let mut asked = Rights::new();
    let runs: [&[&str]; 8] = [
        &["audit"],
        &["bus"],
        &["mail"],
        &["grant-staff", "ann@example.com"],
        &["replay-events"],
        &["replay-events", "--order", &order],
        &["replay-movements", "--dry-run"],
        &["replay-movements"],
    ];
    for run in runs {
        if run[0] == "replay-movements" {
            forget_a_movement(&shop).await;
        }
        let tables = ["--endpoint", recorder.endpoint(), "--shop", NAME];
        let done = cli::run([&["cargo shop"], run, &tables].concat()).await;
        done.unwrap_or_else(|failure| panic!("{run:?}: {failure}"));
        let of_command = asked.entry(run[0].to_owned()).or_default();
        of_command.extend(recorder.asked());
    }
    tell_eventbridge(recorder.endpoint(), &order).await;
    asked.insert("replay-events --event-bus".to_owned(), recorder.asked());
    assert_eq!(asked, told());
    shop.close().await;
}
