//! `cargo shop replay-events`: tells the event bus once more what happened to orders, made anew from the orders themselves.

use std::sync::Arc;

use clap::Args;
use cloud::EventBridge;
use domain::{OrderId, Timestamp};
use store::{
    Connection, Db, Orders,
    bus::{
        EventBus,
        built_in::BuiltIn,
        replay::{Selection, Told},
    },
    connection::endpoint,
};

use crate::{
    error::Failure,
    target::{Found, Target},
};

/// The command's arguments.
#[derive(Args)]
pub struct ReplayEvents {
    #[command(flatten)]
    target: Target,
    /// Only of this order; may be said several times
    #[arg(long = "order", value_name = "ID", value_parser = order)]
    orders: Vec<OrderId>,
    /// Only what happened then or later, such as 2026-11-22T22:57:01Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Only what happened before that time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// Tell nobody: count what would be told
    #[arg(long)]
    dry_run: bool,
    /// The bus of Amazon EventBridge, in a shop that has one [default: the built-in bus, <shop>-bus]
    #[arg(long, value_name = "NAME", requires = "shop")]
    event_bus: Option<String>,
}

fn order(id: &str) -> Result<OrderId, &'static str> {
    OrderId::parse(id).ok_or("an order's id is ord_ and 26 letters and digits")
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse(text).ok_or("a time reads 2026-11-22T22:57:01Z")
}

impl ReplayEvents {
    /// Fails when something could not be told or read; what was told until then, it says.
    pub async fn run(self) -> Result<(), Failure> {
        let Found {
            connection,
            shop,
            place,
        } = self.target.find(false)?;
        let db = Arc::new(Db::connect(&connection));
        let (name, bus) = self.bus(&connection, &db, &shop);
        let table = format!("{shop}-orders");
        let orders = Orders::new(db, table.clone());
        println!("Reading {table} at {place}");
        let selection = Selection {
            orders: self.orders,
            since: self.since,
            until: self.until,
        };
        let (bus, verb) = match self.dry_run {
            true => (None, "would be told to"),
            false => (Some(bus.as_ref()), "were told to"),
        };
        let mut told = Told::default();
        let progress = |told: &Told| eprintln!("  {} so far", counted(told));
        let outcome = orders.replay(&selection, bus, &mut told, progress).await;
        for corrupt in &told.unreadable {
            println!("✗ {corrupt}");
        }
        println!("{} {verb} {name}", counted(&told));
        outcome.map_err(|source| Failure::of_replay(&table, place, source))?;
        match told.unreadable.len() {
            0 => Ok(()),
            count => Err(Failure::Unreadable(count)),
        }
    }

    /// The bus that the shop uses, and its name for people.
    fn bus(
        &self,
        connection: &Connection,
        db: &Arc<Db>,
        shop: &str,
    ) -> (String, Box<dyn EventBus>) {
        match &self.event_bus {
            Some(name) => {
                let variable = |name: &str| std::env::var(name).ok();
                let endpoint = endpoint("AWS_ENDPOINT_URL_EVENTBRIDGE", variable);
                let bus = EventBridge::new(connection, endpoint.as_deref(), name.clone());
                (format!("{name} of EventBridge"), Box::new(bus))
            }
            None => {
                let table = format!("{shop}-bus");
                let bus = BuiltIn::new(db.clone(), table.clone());
                (
                    format!("{table}, which keeps those that it has"),
                    Box::new(bus),
                )
            }
        }
    }
}

fn counted(told: &Told) -> String {
    let Told { orders, events, .. } = told;
    format!("{events} events of {orders} orders")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

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

    #[test]
    fn orders_and_times_are_as_the_shop_writes_them() {
        let ids = ["a", "b"].map(|letter| format!("ord_{}", letter.repeat(26)));
        let arguments = ["--order", &ids[0], "--order", &ids[1]];
        let times = [
            "--since",
            "2026-11-22T22:57:01Z",
            "--until",
            "2026-11-23T00:00:00+01:00",
        ];
        let replay = parsed(&[&arguments[..], &times].concat()).unwrap();
        let orders: Vec<&str> = replay.orders.iter().map(OrderId::as_str).collect();
        assert_eq!(orders, ids);
        let since = Timestamp::from_millis(1_795_388_221_000);
        assert_eq!(replay.since, Some(since));
        let until = replay.until.unwrap();
        assert_eq!(until.as_seconds() - since.as_seconds(), 2 * 60 + 59);
        for (arguments, expected) in [
            (["--order", "ord_1"], "ord_ and 26 letters"),
            (["--since", "yesterday"], "2026-11-22T22:57:01Z"),
        ] {
            let refused = parsed(&arguments).err().unwrap();
            assert!(refused.contains(expected), "{refused}");
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
        assert_eq!(name(&[]), "ox-bus, which keeps those that it has");
        assert_eq!(
            name(&["--event-bus", "ox", "--shop", "ox"]),
            "ox of EventBridge"
        );
    }

    #[test]
    fn what_was_told_is_counted() {
        let told = Told {
            orders: 2,
            events: 5,
            unreadable: Vec::new(),
        };
        assert_eq!(counted(&told), "5 events of 2 orders");
    }
}
