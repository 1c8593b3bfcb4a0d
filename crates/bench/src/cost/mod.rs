//! `cargo shop bench cost`: dollars per 10,000 orders, line by line.
//!
//! Orders are played by the functions of production, called as Lambda calls them, on a DynamoDB in memory that tells what
//! each call costs. What is counted so is the same each time for a seed; milliseconds are not, nor are a few bytes of what is
//! kept, since records of streams bear the real time. For what nobody can count here, see `prices` and `assumed`.
//!
//! - `story`: how an average order goes; `journey`: how it is played; `clock`: the time meanwhile.
//! - `functions`: the functions, one process of each; `streams`: what brings them events.
//! - `request`: requests and answers; `units`: what DynamoDB's answers say; `written`: logs; `time`: milliseconds;
//!   `access_log`: what the API writes; `storage`: what tables hold.
//! - `counts`: all of that by function; `bill`: its quantities and prices; `monthly`: what is billed by the month, and of it
//!   `audits`.
//! - `report`: what is printed, by `table`.

mod access_log;
mod assumed;
mod audits;
mod bill;
mod clock;
mod counts;
mod error;
mod functions;
mod journey;
mod monthly;
mod prices;
mod report;
mod request;
mod storage;
mod story;
mod streams;
mod table;
mod time;
mod units;
mod written;

use std::{
    error::Error,
    fs::File,
    io::{self, IsTerminal, Write},
    path::PathBuf,
};

use clap::Args;
use local_shop::Watching;
use tokio::runtime::{Builder, Runtime};

use crate::shop::{NAME, Shop};
use assumed::Assumed;
use audits::Audits;
use bill::Terms;
use error::CostError;
use functions::{Functions, Ledger};
use journey::Journey;
use monthly::{Left, monthly};
use prices::GB;
use report::Report;
use storage::Stored;
use story::Story;

/// Dollars per 10,000 orders by line: orders are played, and what they take is counted
#[derive(Args)]
pub struct Cost {
    #[command(flatten)]
    story: Story,
    #[command(flatten)]
    assumed: Assumed,
    /// Write what came of it to this file, too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What was taken by orders that were played.
struct Played {
    ledger: Ledger,
    watching: Watching,
    audits: Audits,
    /// By how much tables grew.
    left: Stored,
}

impl Cost {
    /// Plays the orders, and prints what they cost.
    pub fn run(self) -> Result<(), Box<dyn Error>> {
        let Self {
            story,
            assumed,
            json,
        } = self;
        // Before the orders are played, not after it.
        let file = json.map(created).transpose()?;
        let Played {
            ledger,
            watching,
            audits,
            left,
        } = play(&story, &assumed, |order| progress(order, story.orders))?;
        let terms = Terms {
            story: &story,
            assumed: &assumed,
            is_traced: watching.is_traced,
        };
        let report = Report::of(&ledger, &terms);
        let orders = f64::from(story.orders);
        let left = Left {
            log_gb: report.log_gb(),
            table_gb: left.kept as f64 / GB / orders,
            recoverable_gb: left.recoverable as f64 / GB / orders,
            audited_bytes: left.audited as f64 / orders,
        };
        let monthly = monthly(
            &watching,
            &audits,
            &left,
            assumed.queue_polls,
            story.orders_per_day,
        );
        let report = report.with_monthly(monthly);
        write!(io::stdout(), "{report}")?;
        if let Some(file) = file {
            serde_json::to_writer_pretty(file, &report)?;
        }
        Ok(())
    }
}

fn created(path: PathBuf) -> Result<File, CostError> {
    File::create(&path).map_err(|source| CostError::File { file: path, source })
}

fn play(story: &Story, assumed: &Assumed, played: impl Fn(u32)) -> Result<Played, Box<dyn Error>> {
    // It has threads of its own, so that for how long this thread has computed is for how long functions have.
    let database = Runtime::new()?;
    let shop = database.block_on(Shop::open(""))?;
    let audits = Audits::of(&shop.template, assumed)?;
    edge::log_to(NAME, written::read);
    let here = Builder::new_current_thread().enable_all().build()?;
    let (ledger, left) = here.block_on(async {
        let functions = Functions::new(&shop, assumed, story.seed);
        let journey = Journey::begin(&functions, story).await?;
        let before = storage::stored(&shop).await?;
        let ledger = journey.play(played).await?;
        let after = storage::stored(&shop).await?;
        Ok::<_, CostError>((ledger, after.since(before)))
    })?;
    Ok(Played {
        ledger,
        watching: shop.template.watching.clone(),
        audits,
        left,
    })
}

fn progress(done: u32, of: u32) {
    if io::stderr().is_terminal() && (done.is_multiple_of(10) || done == of) {
        let end = if done == of { "\n" } else { "" };
        eprint!("\r{done} of {of} orders{end}");
        let _ = io::stderr().flush();
    }
}

#[cfg(test)]
mod tests;
