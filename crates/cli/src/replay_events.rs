//! `cargo shop replay-events`: tells the event bus once more what happened to orders, made anew from the orders themselves.

use std::{collections::BTreeSet, sync::Arc};

use clap::Args;
use cloud::EventBridge;
use domain::{OrderId, Timestamp};
use store::{
    Connection, Db, Orders,
    bus::{
        EventBus,
        built_in::BuiltIn,
        replay::{Checkpoint, Progress, ReplayError, Selection, Told},
    },
    connection::endpoint,
};

use crate::{
    error::{Failure, chain},
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
    /// Go on after this order, up to which an earlier run came: it says how
    #[arg(long, value_name = "ORDER", value_parser = order)]
    after: Option<OrderId>,
    /// Leave out this event and those of its order before it, which an earlier run told: it says which
    #[arg(long = "told", value_name = "EVENT", value_parser = event)]
    told: Vec<(OrderId, u64)>,
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

fn event(id: &str) -> Result<(OrderId, u64), &'static str> {
    let parts = id.rsplit_once('#');
    let parts =
        parts.and_then(|(order, version)| Some((OrderId::parse(order)?, version.parse().ok()?)));
    parts.ok_or("an event's id is its order's, # and a number")
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse(text).ok_or("a time reads 2026-11-22T22:57:01Z")
}

impl ReplayEvents {
    /// Fails when something could not be told or read; what was told until then, it says, and how to go on.
    pub async fn run(self) -> Result<(), Failure> {
        let selection = self.selection()?;
        let Found {
            connection,
            shop,
            place,
        } = self.target.find(false)?;
        let db = Arc::new(Db::connect(&connection));
        let (name, bus) = self.bus(&connection, &db, &shop);
        self.must_have_bus(&db, &name, &place, &shop).await?;
        let table = format!("{shop}-orders");
        let orders = Orders::new(db, table.clone());
        println!("Reading {table} at {place}");
        let bus = (!self.dry_run).then_some(bus.as_ref());
        let mut told = Told::default();
        let replay = orders.replay(&selection, bus, &mut told, |progress| {
            eprintln!("  {}", said(&progress));
        });
        let outcome = replay.await;
        for corrupt in &told.unreadable {
            println!("✗ {corrupt}");
        }
        let is_begun = is_begun(&outcome, &told, &selection.from);
        if is_begun {
            println!("{}", self.summary(&told, &name));
        }
        outcome.map_err(|source| match source {
            // It can only be begun again.
            ReplayError::Unread(source) if !is_begun => Failure::of_store(&table, &place, source),
            source => Failure::of_replay(&table, place, self.going_on(&told.checkpoint), source),
        })?;
        match told.unreadable.len() {
            0 => Ok(()),
            count => Err(Failure::Unreadable(count)),
        }
    }

    fn selection(&self) -> Result<Selection, Failure> {
        if let (Some(since), Some(until)) = (self.since, self.until)
            && since >= until
        {
            let [since, until] = [since, until].map(written);
            return Err(Failure::NoTimeBetween { since, until });
        }
        let from = Checkpoint {
            after: self.after.clone(),
            told: self.told.iter().cloned().collect(),
        };
        Ok(Selection {
            orders: self.named(),
            since: self.since,
            until: self.until,
            from,
        })
    }

    /// The orders that are named, each once.
    fn named(&self) -> Vec<OrderId> {
        let mut known = BTreeSet::new();
        let orders = self.orders.iter();
        orders.filter(|id| known.insert(*id)).cloned().collect()
    }

    /// The command that goes on from there.
    fn going_on(&self, from: &Checkpoint) -> String {
        let mut line = vec!["cargo shop replay-events".to_owned()];
        line.extend(self.target.arguments());
        let mut say = |name: &str, value: Option<String>| {
            line.extend(value.map(|value| format!("--{name} {value}")));
        };
        say("event-bus", self.event_bus.clone());
        say("since", self.since.map(written));
        say("until", self.until.map(written));
        say("after", from.after.as_ref().map(OrderId::to_string));
        for id in self.named() {
            say("order", Some(id.to_string()));
        }
        for (order, version) in &from.told {
            say("told", Some(format!("{order}#{version}")));
        }
        if self.dry_run {
            line.push("--dry-run".to_owned());
        }
        line.join(" ")
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
                (table, Box::new(bus))
            }
        }
    }

    /// Fails when a built-in bus is meant and is not there, before anything is counted or told: the shop's may be one of
    /// EventBridge.
    async fn must_have_bus(
        &self,
        db: &Arc<Db>,
        table: &str,
        place: &str,
        shop: &str,
    ) -> Result<(), Failure> {
        if self.event_bus.is_some() {
            return Ok(());
        }
        let bus = BuiltIn::new(db.clone(), table.to_owned());
        match bus.look().await {
            Err(source) if source.obstacle().is_some() => {
                Err(Failure::of_bus(table, place, shop, source))
            }
            // One that is busy is told again and again.
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// What came of it, or would.
    fn summary(&self, told: &Told, name: &str) -> String {
        let count = counted(told);
        match (self.dry_run, told.new) {
            (true, _) => format!("{count} would be told to {name}"),
            (false, None) => format!("{count} were told to {name}"),
            (false, Some(0)) => {
                format!("{count} were told to {name}; it had all of them already")
            }
            (false, Some(new)) => {
                format!("{count} were told to {name}, of which it did not have {new}")
            }
        }
    }
}

/// Whether it came further than it began, or to its end.
fn is_begun(outcome: &Result<(), ReplayError>, told: &Told, from: &Checkpoint) -> bool {
    outcome.is_ok() || told.checkpoint != *from
}

fn counted(told: &Told) -> String {
    let Told { orders, events, .. } = told;
    format!("{events} events of {orders} orders")
}

fn said(progress: &Progress<'_>) -> String {
    match progress {
        Progress::Told(told) => {
            let count = counted(told);
            match &told.checkpoint.after {
                Some(order) => format!("{count} so far, up to --after {order}"),
                None => format!("{count} so far"),
            }
        }
        Progress::Paused(pause, why) => {
            let (seconds, why) = (pause.as_secs(), chain(why.as_ref()));
            format!("the bus takes nothing for the moment ({why}); again in {seconds} s")
        }
    }
}

/// A time as the arguments take it.
fn written(at: Timestamp) -> String {
    at.rfc_3339().unwrap_or_default()
}

#[cfg(test)]
mod tests;
