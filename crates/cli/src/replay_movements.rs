//! `cargo shop replay-movements`: writes down the movements of stock that the catalogue table's stream still tells of, and was
//! not heard; on request also, of those it has forgotten, that they are missing.

use std::{sync::Arc, time::Duration};

use clap::Args;
use cloud::TableStream;
use domain::Timestamp;
use edge::stream::{StreamEvent, catalogue_change};
use serde_json::{Value, json};
use store::{
    Catalogue, Connection, Db,
    catalogue::{
        history::{Acceptance, Gap, History, Replayed},
        movement::CatalogueChange,
    },
};

use crate::{
    error::Failure,
    target::{Found, Target},
};

/// How often in a row a shard that still grows may have nothing to tell on AWS, where that is no sign of its end.
const PATIENCE: u32 = 100;
/// The same of an emulator.
const PATIENCE_HERE: u32 = 4;

/// The command's arguments.
#[derive(Args)]
pub struct ReplayMovements {
    #[command(flatten)]
    target: Target,
    /// Write nothing: count what would be written
    #[arg(long)]
    dry_run: bool,
    /// Where it is certain that the stream has forgotten movements, which takes a day, write down that they are missing, which
    /// the audit accepts
    #[arg(long, conflicts_with = "dry_run")]
    accept_gaps: bool,
    /// How often in a row a part of the stream that still grows may have nothing to tell, before it is taken for read
    /// [default: 100, and 4 of an emulator, which tells at once what there is]
    #[arg(long, value_name = "TIMES", value_parser = clap::value_parser!(u32).range(1..))]
    patience: Option<u32>,
}

impl ReplayMovements {
    /// Fails when movements are still missing, or something can't be read; what was written until then, it says.
    pub async fn run(self) -> Result<(), Failure> {
        let Found {
            connection,
            shop,
            place,
        } = self.target.find(false)?;
        let table = format!("{shop}-catalogue");
        let failed = |source| Failure::of_store(&table, &place, source);
        let catalogue = Catalogue::new(Arc::new(Db::connect(&connection)), table.clone());
        println!("Reading {table} and its stream at {place}");
        let mut history = catalogue.history().await.map_err(failed)?;
        let missing = history.missing();
        let stream = TableStream::find(&connection, &table).await?;
        // This comes after the table was read, so that the stream has what the table had.
        let mut walk = stream.walk(self.patience(&connection)).await?;
        let mut replayed = Replayed::default();
        while let Some(records) = walk.next().await? {
            let changes = changes(records)?;
            let replaying = catalogue.replay(&changes, &mut history, &mut replayed, self.dry_run);
            replaying.await.map_err(failed)?;
            eprintln!("  {} so far", counted(&replayed, missing, self.dry_run));
        }
        println!("{}", counted(&replayed, missing, self.dry_run));
        if !self.dry_run {
            catalogue.catch_up(&replayed).await.map_err(failed)?;
        }
        let unreadable = history.unreadable.iter().chain(&replayed.unreadable);
        let unreadable: Vec<_> = unreadable.collect();
        for corrupt in &unreadable {
            println!("✗ {corrupt}");
        }
        let gaps = history.gaps();
        if walk.unsure() > 0 && !gaps.is_empty() {
            println!("{}", unsure(walk.unsure()));
        }
        if !unreadable.is_empty() {
            // It may be what fills a gap.
            for gap in &gaps {
                println!("✗ {gap}");
            }
            return Err(Failure::UnreadMovements(unreadable.len()));
        }
        let closing = self.close(gaps, &catalogue, &history);
        match closing.await.map_err(failed)? {
            0 => Ok(()),
            count => Err(Failure::Gaps(count)),
        }
    }

    /// Closes those of the history's gaps that can be closed, if that is wanted, and says of each what became of it. Gives how many
    /// are left.
    async fn close(
        &self,
        mut gaps: Vec<Gap>,
        catalogue: &Catalogue,
        history: &History,
    ) -> Result<usize, store::error::Failure> {
        let mut left = 0;
        for gap in &mut gaps {
            if !self.dry_run {
                catalogue.note_missing(gap).await?;
            }
            let accepted = match self.accept_gaps {
                true => Some(catalogue.accept(gap, history).await?),
                false => None,
            };
            if accepted != Some(Acceptance::Written) {
                left += 1;
            }
            println!("{}", told(gap, accepted));
        }
        Ok(left)
    }

    fn patience(&self, connection: &Connection) -> u32 {
        let usual = match &connection.endpoint {
            None => PATIENCE,
            Some(_) => PATIENCE_HERE,
        };
        self.patience.unwrap_or(usual)
    }
}

/// A gap, and what came of accepting it; where it is left, from when on it can be accepted.
fn told(gap: &Gap, accepted: Option<Acceptance>) -> String {
    match (accepted, gap.certain_from()) {
        (Some(Acceptance::Written), _) => format!("{gap}: written down as a gap"),
        (Some(Acceptance::Outdated), _) => format!(
            "✗ {gap}; the last was written down since the table was read, so another run says what is missing still"
        ),
        (Some(Acceptance::TooYoung) | None, Some(from)) => {
            let from = minute(from);
            format!("✗ {gap}; --accept-gaps takes it from {from} on")
        }
        (Some(Acceptance::TooYoung) | None, None) => format!(
            "✗ {gap}; it is not known since when, which a run without --dry-run begins to count"
        ),
    }
}

/// The minute that begins then or next, for people.
fn minute(at: Timestamp) -> Timestamp {
    at.plus(Duration::from_millis(59_999))
}

/// What is not known for sure.
fn unsure(parts: usize) -> String {
    format!(
        "{parts} parts of the stream still grow and had nothing more to tell when asked again and again. They may have: \
         --patience asks more often"
    )
}

/// What records of the stream tell, as its function would be told it.
fn changes(records: Vec<Value>) -> Result<Vec<CatalogueChange>, Failure> {
    let event = serde_json::from_value(json!({"Records": records}));
    let event: StreamEvent = event.map_err(Failure::StreamRecord)?;
    let records = event.records.into_iter();
    Ok(records.filter_map(catalogue_change).collect())
}

fn counted(replayed: &Replayed, missing: u64, is_dry: bool) -> String {
    let Replayed {
        changes, movements, ..
    } = replayed;
    let verb = match is_dry {
        true => "would be written",
        false => "were written",
    };
    format!("{movements} of {missing} missing movements {verb}, of {changes} changes")
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};
    use domain::ProductId;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        replay: ReplayMovements,
    }

    fn parsed(arguments: &[&str]) -> Option<ReplayMovements> {
        let line = Line::try_parse_from(["replay-movements"].iter().chain(arguments));
        line.ok().map(|line| line.replay)
    }

    #[test]
    fn nothing_is_accepted_where_nothing_is_to_be_written() {
        assert!(parsed(&["--shop", "ox", "--dry-run"]).is_some());
        assert!(parsed(&["--accept-gaps"]).is_some());
        assert!(parsed(&["--accept-gaps", "--dry-run"]).is_none());
    }

    #[test]
    fn the_stream_of_aws_is_asked_more_often_than_an_emulators_unless_it_is_said_how_often() {
        let emulator = Connection::local("http://127.0.0.1:1");
        let aws = Connection {
            endpoint: None,
            ..Connection::local("")
        };
        let patience = |arguments: &[&str]| {
            let replay = parsed(arguments).unwrap();
            [&aws, &emulator].map(|it| replay.patience(it))
        };
        assert_eq!(patience(&[]), [PATIENCE, PATIENCE_HERE]);
        assert_eq!(patience(&["--patience", "500"]), [500, 500]);
        assert!(parsed(&["--patience", "0"]).is_none());
        let line = Line::command();
        let mut arguments = line.get_arguments();
        let argument = arguments.find(|it| it.get_long() == Some("patience"));
        let help = argument.unwrap().get_help().unwrap().to_string();
        let defaults = format!("[default: {PATIENCE}, and {PATIENCE_HERE} of an emulator");
        assert!(help.contains(&defaults), "{help}");
    }

    #[test]
    fn what_was_written_is_counted() {
        let replayed = Replayed {
            changes: 9,
            movements: 2,
            ..Replayed::default()
        };
        let told = counted(&replayed, 3, false);
        assert_eq!(told, "2 of 3 missing movements were written, of 9 changes");
        let told = counted(&replayed, 3, true);
        assert_eq!(
            told,
            "2 of 3 missing movements would be written, of 9 changes"
        );
    }

    #[test]
    fn of_a_gap_it_is_said_from_when_on_it_can_be_accepted() {
        let mut gap = Gap {
            product_id: ProductId::parse("mug").unwrap(),
            bucket: 0,
            first: 2,
            last: 3,
            before: 10,
            after: 7,
            by: None,
        };
        let begin =
            "✗ STOCK#mug#0: no movement for versions 2 to 3, which lead from 10 to 7; ".to_owned();
        let unknown = told(&gap, None);
        assert!(unknown.starts_with(&begin), "{unknown}");
        assert!(unknown.contains("not known since when"), "{unknown}");
        // A minute is never said before it has begun.
        for (seconds, minute) in [(0, "22:57"), (1, "22:58"), (59, "22:58")] {
            let by = Timestamp::from_millis(1_795_301_820_000 + seconds * 1000 - 3_600_000);
            gap.by = Some(by);
            let expected = format!("{begin}--accept-gaps takes it from 2026-11-22 {minute} UTC on");
            assert_eq!(told(&gap, None), expected);
            assert_eq!(told(&gap, Some(Acceptance::TooYoung)), expected);
        }
        // That it was written down is said only if it was.
        let written = told(&gap, Some(Acceptance::Written));
        assert!(written.ends_with(": written down as a gap"), "{written}");
        let outdated = told(&gap, Some(Acceptance::Outdated));
        assert!(outdated.starts_with(&begin), "{outdated}");
        assert!(outdated.ends_with("what is missing still"), "{outdated}");
    }
}
