//! What failures say, and what the process ends with.

use super::*;

#[test]
fn what_was_found_is_told_from_what_could_not_be_looked_for() {
    let address = || "x".to_owned();
    for (failure, code) in [
        (Failure::Findings(1), 1),
        (Failure::NoneRuns, 1),
        (Failure::NotStaff(address()), 1),
        (
            Failure::NotRun {
                program: address(),
                status: address(),
            },
            1,
        ),
        (Failure::NotProved(Box::new(Failure::NoneRuns)), 2),
        (
            Failure::NoTimeBetween {
                since: address(),
                until: address(),
            },
            2,
        ),
        (Failure::NotAudited(Box::new(Failure::NoneRuns)), 2),
        (Failure::NotAShop(address()), 2),
        (Failure::NotAnAddress(address()), 2),
        (Failure::Https(address()), 2),
        (Failure::Email(domain::email::InvalidEmail), 2),
    ] {
        assert_eq!(failure.exit_code(), code, "{failure}");
    }
}

fn unreached() -> store::Failure {
    store::Failure::Busy(Box::new(store::error::Because("no such name")))
}

#[test]
fn what_is_in_the_way_is_told_with_the_way_out_and_not_with_what_it_means_for_a_shop() {
    let place = || "AWS in eu-north-1".to_owned();
    for (failure, begin, way_out) in [
        (
            Failure::Expired(unreached()),
            "your credentials have run out: no such name. ",
            "AWS_SESSION_TOKEN",
        ),
        (
            Failure::Unknown {
                place: place(),
                source: unreached(),
            },
            "AWS in eu-north-1 does not know your credentials: no such name. ",
            "AWS_SECRET_ACCESS_KEY",
        ),
        (
            Failure::NotAllowed(unreached()),
            "you lack this right: no such name. ",
            "docs/operations.md says under \"Rights to run a command\"",
        ),
        (
            Failure::Unreached {
                place: place(),
                source: unreached(),
            },
            "AWS in eu-north-1 is not reached: no such name. ",
            "is the Region right",
        ),
    ] {
        let told = failure.to_string();
        assert!(told.starts_with(begin), "{told}");
        assert!(told.contains(way_out), "{told}");
    }
    // What nobody knows a way out of is told as it is.
    let told = Failure::of_store("ox-carts", "here", unreached()).to_string();
    let expected = "ox-carts at here can't be used: the store is busy: no such name";
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_database_that_does_not_run_is_not_reached() {
    // Nothing listens at port 1.
    let nowhere = "http://127.0.0.1:1";
    let db = store::Db::connect(&store::Connection::local(nowhere));
    let key = store::item::Item::default().with("pk", "ORDER#1");
    let source = db.get("ox-orders", key).await.unwrap_err();
    let failure = Failure::of_store("ox-orders", nowhere, source);
    let begin = "http://127.0.0.1:1 is not reached: ";
    assert!(failure.to_string().starts_with(begin), "{failure}");
}

#[test]
fn a_bus_that_takes_no_event_leaves_a_way_to_go_on() {
    let untold = ReplayError::Untold {
        event: "ord_1#1".to_owned(),
        source: Box::new(store::error::Because("it is tired")),
    };
    let failure = Failure::of_replay("ox-orders", "here".into(), "go on".into(), untold);
    let expected = "the bus does not take ord_1#1: it is tired, at here. Mend that, then go on from there: `go on`";
    assert_eq!(failure.to_string(), expected);
}
