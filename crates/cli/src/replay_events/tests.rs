use std::time::Duration;

use clap::Parser;
use store::error::{Because, Source};

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    replay: ReplayEvents,
}

fn parsed(arguments: &[&str]) -> Result<ReplayEvents, String> {
    let line = Line::try_parse_from(["replay-events"].iter().chain(arguments));
    line.map(|line| line.replay)
        .map_err(|error| error.to_string())
}

/// An order by a letter.
fn id(letter: &str) -> String {
    format!("ord_{}", letter.repeat(26))
}

fn parsed_id(letter: &str) -> OrderId {
    OrderId::parse(&id(letter)).unwrap()
}

#[test]
fn orders_and_times_are_as_the_shop_writes_them() {
    let ids = ["a", "b"].map(id);
    let arguments = ["--order", &ids[0], "--order", &ids[1], "--order", &ids[0]];
    let times = [
        "--since",
        "2026-11-22T22:57:01Z",
        "--until",
        "2026-11-23T00:00:00+01:00",
    ];
    let replay = parsed(&[&arguments[..], &times].concat()).unwrap();
    let selection = replay.selection().ok().unwrap();
    let orders: Vec<&str> = selection.orders.iter().map(OrderId::as_str).collect();
    assert_eq!(orders, ids);
    let since = Timestamp::from_millis(1_795_388_221_000);
    assert_eq!(selection.since, Some(since));
    let until = selection.until.unwrap();
    assert_eq!(until.as_seconds() - since.as_seconds(), 2 * 60 + 59);
    for (arguments, expected) in [
        (["--order", "ord_1"], "ord_ and 26 letters"),
        (["--since", "yesterday"], "2026-11-22T22:57:01Z"),
        (["--told", "ord_1#2"], "# and a number"),
    ] {
        let refused = parsed(&arguments).err().unwrap();
        assert!(refused.contains(expected), "{refused}");
    }
}

#[tokio::test]
async fn where_no_time_is_left_nothing_is_read() {
    let since = "2026-11-22T22:57:01Z";
    for until in [since, "2026-11-22T22:57:00Z"] {
        // There is nothing at this address.
        let nowhere = ["--endpoint", "http://127.0.0.1:1"];
        let times = ["--since", since, "--until", until];
        let replay = parsed(&[&nowhere[..], &times].concat()).unwrap();
        let failure = replay.run().await.unwrap_err();
        let told = format!("--since {since} is not before --until {until}");
        assert!(failure.to_string().starts_with(&told), "{failure}");
    }
}

#[test]
fn the_built_in_bus_is_meant_unless_one_of_eventbridge_is_named() {
    let connection = Connection::local("http://127.0.0.1:1");
    let db = Arc::new(Db::connect(&connection));
    let name = |arguments: &[&str]| {
        let replay = parsed(arguments).unwrap();
        replay.bus(&connection, &db, "ox").0
    };
    assert_eq!(name(&[]), "ox-bus");
    assert_eq!(
        name(&["--event-bus", "ox", "--shop", "ox"]),
        "ox of EventBridge"
    );
}

#[test]
fn what_was_told_is_counted_and_what_was_missing() {
    let told = |new| Told {
        orders: 2,
        events: 5,
        new,
        ..Told::default()
    };
    let summary = |arguments: &[&str], new| {
        let replay = parsed(arguments).unwrap();
        replay.summary(&told(new), "ox")
    };
    assert_eq!(summary(&[], None), "5 events of 2 orders were told to ox");
    assert_eq!(
        summary(&[], Some(3)),
        "5 events of 2 orders were told to ox, of which it did not have 3"
    );
    assert_eq!(
        summary(&[], Some(0)),
        "5 events of 2 orders were told to ox; it had all of them already"
    );
    assert_eq!(
        summary(&["--dry-run"], None),
        "5 events of 2 orders would be told to ox"
    );
}

#[test]
fn of_a_replay_that_told_nothing_before_it_failed_nothing_is_counted() {
    let unknown = || Err(ReplayError::NoOrder(parsed_id("a")));
    let from = Checkpoint::default();
    let mut told = Told::default();
    assert!(!is_begun(&unknown(), &told, &from));
    assert!(is_begun(&Ok(()), &told, &from));
    told.checkpoint.after = Some(parsed_id("b"));
    assert!(is_begun(&unknown(), &told, &from));
    assert!(!is_begun(&unknown(), &told, &told.checkpoint));
}

#[test]
fn how_far_it_came_and_that_it_waits_is_said_meanwhile() {
    let mut told = Told {
        orders: 2,
        events: 5,
        ..Told::default()
    };
    let so_far = "5 events of 2 orders so far";
    assert_eq!(said(&Progress::Told(&told)), so_far);
    told.checkpoint.after = Some(parsed_id("b"));
    let up_to = format!("{so_far}, up to --after {}", id("b"));
    assert_eq!(said(&Progress::Told(&told)), up_to);
    let why: Source = Box::new(Because("it is busy"));
    assert_eq!(
        said(&Progress::Paused(Duration::from_secs(4), &why)),
        "the bus takes nothing for the moment (it is busy); again in 4 s"
    );
}

#[test]
fn the_command_to_go_on_with_is_one_that_is_understood() {
    let from = Checkpoint {
        after: Some(parsed_id("b")),
        told: [(parsed_id("c"), 1), (parsed_id("d"), 3)].into(),
    };
    let [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map(id);
    let shop = ["--shop", "ox", "--event-bus", "ox"];
    let times = [
        "--since",
        "2026-11-22T22:57:01Z",
        "--until",
        "2026-11-23T00:00:00+01:00",
        "--dry-run",
    ];
    let all = parsed(&[&shop[..], &times].concat()).unwrap();
    assert_eq!(
        all.going_on(&from),
        format!(
            "cargo shop replay-events --shop ox --event-bus ox --since 2026-11-22T22:57:01Z \
             --until 2026-11-22T23:00:00Z --after {b} --told {c}#1 --told {d}#3 --dry-run"
        )
    );
    let ids = ["a", "b", "c", "d", "e"].map(id);
    let named: Vec<&str> = ids.iter().flat_map(|id| ["--order", id]).collect();
    let here = ["--endpoint", "http://127.0.0.1:1"];
    let some = parsed(&[&here[..], &named[..]].concat()).unwrap();
    let going_on = some.going_on(&from);
    assert_eq!(
        going_on,
        format!(
            "cargo shop replay-events --endpoint http://127.0.0.1:1 --after {b} --order {a} --order {b} --order {c} \
             --order {d} --order {e} --told {c}#1 --told {d}#3"
        )
    );
    // From the beginning, it is the same command.
    let from_the_beginning = some.going_on(&Checkpoint::default());
    let begins = format!("cargo shop replay-events --endpoint http://127.0.0.1:1 --order {a} ");
    assert!(
        from_the_beginning.starts_with(&begins),
        "{from_the_beginning}"
    );

    for replay in [all, some] {
        let line = replay.going_on(&from);
        let arguments: Vec<&str> = line.split(' ').skip(3).collect();
        let again = parsed(&arguments).unwrap().selection().ok().unwrap();
        assert_eq!(again.from, from);
        assert_eq!(again.orders, replay.orders);
    }
}
