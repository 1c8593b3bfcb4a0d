//! `cargo shop bus`: what the built-in event bus was told about orders. It only reads.

use std::{
    collections::HashSet,
    io::{ErrorKind, Write},
    ops::ControlFlow,
    sync::Arc,
    time::Duration,
};

use clap::Args;
use domain::Timestamp;
use store::{
    Db,
    bus::built_in::{BuiltIn, Published},
    orders::OrderChange,
};

use crate::{error::Failure, processes::interrupted, target::Target};

/// How often the log is looked at for more.
const LOOK: Duration = Duration::from_millis(250);
/// How much later than the time it bears an event may be written.
const LATE: Duration = Duration::from_secs(10);

/// The command's arguments.
#[derive(Args)]
pub struct Bus {
    #[command(flatten)]
    target: Target,
    /// The log of the built-in event bus, by its whole name [default: <shop>-bus]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["shop", "url"])]
    bus_table: Option<String>,
    /// Go on with the events as they come, until Ctrl-C
    #[arg(long)]
    follow: bool,
    /// Print the events as they were published, a JSON object a line
    #[arg(long)]
    json: bool,
}

/// How an event is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// For people.
    Plain,
    /// For programs: the event as it was published.
    Json,
}

/// Prints what a bus was told, each event once.
pub struct Listener {
    bus: BuiltIn,
    out: Box<dyn Write + Send>,
    style: Style,
    /// What was read last, and when the newest of it arrived.
    known: HashSet<String>,
    newest: Option<Timestamp>,
}

/// Why a listener hears no more.
#[derive(Debug, thiserror::Error)]
pub enum Deaf {
    /// The log can't be read.
    #[error(transparent)]
    Log(#[from] store::Failure),
    /// What it says can't be written.
    #[error(transparent)]
    Out(#[from] std::io::Error),
}

impl Bus {
    /// Prints the log, until it is told or, if it is followed, until somebody interrupts.
    pub async fn run(self) -> Result<(), Failure> {
        let found = self.target.find(self.bus_table.is_some())?;
        let table = self
            .bus_table
            .unwrap_or_else(|| format!("{}-bus", found.shop));
        let bus = BuiltIn::new(Arc::new(Db::connect(&found.connection)), table.clone());
        let style = match self.json {
            true => Style::Json,
            false => Style::Plain,
        };
        let mut listener = Listener::new(bus, Box::new(std::io::stdout()), style);
        let outcome = tokio::select! {
            outcome = listener.listen(self.follow) => outcome,
            () = interrupted() => Ok(()),
        };
        outcome.map_err(|deaf| match deaf {
            Deaf::Log(source) => Failure::of_store(&table, &found.place, source),
            Deaf::Out(error) => Failure::at("standard output")(error),
        })
    }
}

impl Listener {
    /// Listens to this bus and prints to `out`.
    pub fn new(bus: BuiltIn, out: Box<dyn Write + Send>, style: Style) -> Self {
        Self {
            bus,
            out,
            style,
            known: HashSet::new(),
            newest: None,
        }
    }

    async fn listen(&mut self, follow: bool) -> Result<(), Deaf> {
        while self.hear().await?.is_continue() && follow {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Prints what is new in the log. Breaks off when nobody reads it, as after `| head`.
    pub async fn hear(&mut self) -> Result<ControlFlow<()>, Deaf> {
        let since = self.newest.map(|newest| before(newest, LATE));
        let published = self.bus.read(since).await?;
        self.newest = published.last().map_or(self.newest, |last| Some(last.at));
        Ok(self.tell(&published)?)
    }

    /// Prints those that were not among the last ones. Since they overlap, no more than those need be known.
    fn tell(&mut self, published: &[Published]) -> std::io::Result<ControlFlow<()>> {
        let ids = published.iter().map(|published| published.event.id.clone());
        let known = std::mem::replace(&mut self.known, ids.collect());
        for Published { event, .. } in published {
            if known.contains(&event.id) {
                continue;
            }
            let line = match self.style {
                Style::Plain => plain(event),
                Style::Json => serde_json::to_string(event)?,
            };
            let told = writeln!(self.out, "{line}").and_then(|()| self.out.flush());
            match told {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                    return Ok(ControlFlow::Break(()));
                }
                told => told?,
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn before(at: Timestamp, duration: Duration) -> Timestamp {
    let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(at.as_millis().saturating_sub(millis))
}

/// An event as a line for people: when, what, of which order, at which version, and what the order costs.
fn plain(event: &OrderChange) -> String {
    format!(
        "{}  {:<15}  {}  v{}  {}",
        event.at.rfc_3339().unwrap_or_default(),
        event.kind,
        event.order_id,
        event.version,
        event.total
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use clap::Parser;
    use store::connection::Connection;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        bus: Bus,
    }

    /// Takes two lines, then hears no more, as `head -n 2` does.
    #[derive(Clone, Default)]
    struct Head(Arc<Mutex<Vec<u8>>>);

    impl Write for Head {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let mut taken = self.0.lock().unwrap();
            match taken.iter().filter(|byte| **byte == b'\n').count() {
                0 | 1 => taken.write(bytes),
                _ => Err(ErrorKind::BrokenPipe.into()),
            }
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Head {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    fn published(version: u64, kind: &str) -> Published {
        let event = serde_json::json!({
            "id": format!("ord_0000000000000000000001#{version}"), "type": format!("order.{kind}"),
            "at": "2026-11-22T22:57:01Z", "order_id": "ord_0000000000000000000001",
            "customer_id": "usr_0000000000000000000001", "status": kind, "version": version,
            "total": {"amount": 2900, "currency": "USD"},
        });
        Published {
            event: serde_json::from_value(event).unwrap(),
            at: Timestamp::from_millis(0),
        }
    }

    /// A listener whose log nobody reads.
    fn listener(style: Style) -> (Listener, Head) {
        let head = Head::default();
        let db = Db::connect(&Connection::local("http://127.0.0.1:1"));
        let bus = BuiltIn::new(Arc::new(db), "bus".into());
        (Listener::new(bus, Box::new(head.clone()), style), head)
    }

    #[test]
    fn an_event_is_a_line() {
        let (mut listener, head) = listener(Style::Plain);
        let told = listener.tell(&[published(1, "placed"), published(12, "refunded")]);
        assert!(told.unwrap().is_continue());
        let lines = "\
            2026-11-22T22:57:01Z  order.placed     ord_0000000000000000000001  v1  29.00 USD\n\
            2026-11-22T22:57:01Z  order.refunded   ord_0000000000000000000001  v12  29.00 USD\n";
        assert_eq!(head.text(), lines);
    }

    #[test]
    fn programs_get_the_event_as_it_was_published() {
        let (mut listener, head) = listener(Style::Json);
        let Published { event, .. } = published(1, "placed");
        assert!(listener.tell(&[published(1, "placed")]).is_ok());
        let line: OrderChange = serde_json::from_str(&head.text()).unwrap();
        assert_eq!(line, event);
        assert!(head.text().contains(r#""type":"order.placed""#));
    }

    #[test]
    fn an_event_that_is_read_again_is_not_told_again() {
        let (mut listener, head) = listener(Style::Plain);
        let [one, late, two] =
            [(1, "placed"), (2, "paid"), (3, "shipped")].map(|(v, kind)| published(v, kind));
        assert!(listener.tell(&[one.clone(), two.clone()]).is_ok());
        let told = head.text();
        assert!(listener.tell(&[one.clone(), two.clone()]).is_ok());
        assert_eq!(head.text(), told);
        // One that was written later than the time it bears comes late, but it comes.
        let told = listener.tell(&[one, late, two]);
        assert!(told.unwrap().is_break());
    }

    #[test]
    fn a_closed_pipe_ends_it_quietly() {
        let (mut listener, head) = listener(Style::Plain);
        let events: Vec<Published> = (1..=9).map(|version| published(version, "paid")).collect();
        assert!(listener.tell(&events).unwrap().is_break());
        assert_eq!(head.text().lines().count(), 2);
    }

    #[test]
    fn the_log_follows_from_the_shop_or_is_named_whole() {
        let parses = |arguments: &[&str]| Line::try_parse_from(["bus"].iter().chain(arguments));
        let line = parses(&["--bus-table", "b", "--follow", "--json"]).ok();
        let bus = line.unwrap().bus;
        assert_eq!(bus.bus_table.as_deref(), Some("b"));
        assert!(bus.follow && bus.json);
        assert!(parses(&["--shop", "ox"]).is_ok());
        assert!(parses(&["--shop", "ox", "--bus-table", "b"]).is_err());
    }
}
