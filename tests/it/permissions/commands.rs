//! What commands of `cargo shop` ask of AWS: all that `docs/operations.md` says of it, and nothing else.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use cloud::EventBridge;
use domain::OrderId;
use store::{
    Connection, Db, Orders,
    bus::replay::{Selection, Told},
};

use crate::support::{
    NAME, Recorder, TestShop,
    pages::{codes, root, rows},
};

/// What each command needs leave for: actions, and on what.
type Rights = BTreeMap<String, BTreeSet<String>>;

/// By the page, of the shop that is tested.
fn told() -> Rights {
    let page = std::fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let mut rights = Rights::new();
    for row in rows(&page, "command") {
        let [_, commands, actions, resources, _] = row[..] else {
            panic!("{row:?} has three columns")
        };
        let commands: Vec<&str> = codes(commands).collect();
        let [command] = commands[..] else {
            panic!("{row:?} is about one command")
        };
        let rights = rights.entry(command.to_owned()).or_default();
        for action in codes(actions) {
            let on = codes(resources).map(|resource| resource.replace("<shop>", NAME));
            rights.extend(on.map(|resource| format!("{action} on {resource}")));
        }
    }
    rights
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
    let runs: [&[&str]; 9] = [
        &["audit"],
        &["bus"],
        &["mail"],
        &["grant-staff", "ann@example.com"],
        &["revoke-staff", "ann@example.com"],
        &["replay-events"],
        &["replay-events", "--order", &order],
        &["replay-movements", "--dry-run"],
        &["replay-movements"],
    ];
    for run in runs {
        if run[0] == "replay-movements" {
            shop.forget_movement("mug", 1).await;
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
