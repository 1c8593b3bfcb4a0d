//! `cargo shop replay-movements`: writes down the movements of stock that the catalogue table's stream still tells of, and was
//! not heard; on request also, of those it has forgotten, that they are missing.

use std::sync::Arc;

use clap::Args;
use cloud::TableStream;
use edge::stream::{StreamEvent, catalogue_change};
use serde_json::{Value, json};
use store::{
    Catalogue, Db,
    catalogue::{history::Replayed, movement::CatalogueChange},
};

use crate::{
    error::Failure,
    target::{Found, Target},
};

/// The command's arguments.
#[derive(Args)]
pub struct ReplayMovements {
    #[command(flatten)]
    target: Target,
    /// Write nothing: count what would be written
    #[arg(long)]
    dry_run: bool,
    /// Where the stream has forgotten movements, write down that they are missing, which the audit accepts
    #[arg(long, conflicts_with = "dry_run")]
    accept_gaps: bool,
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
        let mut walk = stream.walk().await?;
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
        for gap in &gaps {
            println!("✗ {gap}");
        }
        match (unreadable.len(), gaps.len()) {
            (0, 0) => Ok(()),
            (0, count) if self.accept_gaps => {
                for gap in &gaps {
                    catalogue.accept(gap).await.map_err(failed)?;
                }
                println!("{count} gaps were written down as such");
                Ok(())
            }
            (0, count) => Err(Failure::Gaps(count)),
            // It may be what fills a gap.
            (count, _) => Err(Failure::UnreadMovements(count)),
        }
    }
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
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        replay: ReplayMovements,
    }

    fn is_parsed(arguments: &[&str]) -> bool {
        Line::try_parse_from(["replay-movements"].iter().chain(arguments)).is_ok()
    }

    #[test]
    fn nothing_is_accepted_where_nothing_is_to_be_written() {
        assert!(is_parsed(&["--shop", "ox", "--dry-run"]));
        assert!(is_parsed(&["--accept-gaps"]));
        assert!(!is_parsed(&["--accept-gaps", "--dry-run"]));
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
}
