//! `cargo shop up`: the whole shop, from nothing to a URL, and away again.

mod invoke;
mod launcher;
pub mod tools;
mod watch;

use std::{
    future::{Future, pending, poll_fn},
    path::Path,
    pin::Pin,
    task::Poll,
    time::{Duration, Instant},
};

use clap::Args;
use invoke::Invoker;
use local_shop::{Functions, Pump, Shop, functions::Progress};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval_at},
};
use watch::Watch;

use crate::{
    error::Failure,
    local::{Data, Local},
    processes::{interrupted, stop_descendants},
    project::{Lock, Project, SHOP},
    seed::{CUSTOMER, STAFF},
    sync,
};

#[derive(Args)]
pub struct Up {
    /// Where the shop answers, on 127.0.0.1
    #[arg(long, default_value_t = 9000, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    #[command(flatten)]
    data: Data,
}

impl Up {
    pub async fn run(self) -> Result<(), Failure> {
        let project = Project::find()?;
        let lock = project.lock("up")?;
        let outcome = tokio::select! {
            outcome = self.serve(&project, &lock) => outcome,
            () = interrupted() => {
                println!("\nStopping …");
                Ok(())
            }
        };
        stop_descendants().await;
        if outcome.is_ok() {
            println!("Stopped.");
        }
        outcome
    }

    /// Ends only by an error.
    async fn serve(&self, project: &Project, lock: &Lock) -> Result<(), Failure> {
        let started = Instant::now();
        watch::port_is_free(self.port)?;
        let cargo_lambda = tools::cargo_lambda(project).await?;
        let shop = project.shop(&project.keys()?)?;
        at_rates_only(&shop)?;
        let functions = build(project, &shop).await?;
        let launcher = launcher::write(project, &functions)?;

        step("Starting DynamoDB, with tables and demo data");
        let folder = self.data.folder(project);
        let local = Local::start(project, folder.clone(), 0).await?;
        let env_file = local.write_env_file(project.state("env"))?;

        let number = local.shop.operations().count();
        step(&format!(
            "Starting `cargo lambda watch` and warming {number} functions"
        ));
        let mut watch =
            Watch::start(project, &cargo_lambda, &launcher, &env_file, self.port).await?;
        let url = format!("http://127.0.0.1:{}", self.port);
        let invoker = Invoker::new(&url);
        tokio::select! {
            warmed = invoker.warm(&local.shop) => warmed?,
            died = watch.died() => return Err(died),
        }
        lock.announce("up", Some(&url), Some(local.db.endpoint()))?;
        greet(&url, &watch, started.elapsed());

        tokio::select! {
            died = watch.died() => Err(died),
            failed = pump(&local, &invoker, folder.as_deref()) => Err(failed),
            () = schedules(&local.shop, &invoker) => Ok(()),
        }
    }
}

async fn build(project: &Project, shop: &Shop) -> Result<Functions, Failure> {
    step("Building the functions (the first time takes minutes)");
    let workspace = project.workspace.clone();
    let names: Vec<String> = shop
        .operations()
        .map(|operation| operation.name.clone())
        .collect();
    let built = tokio::task::spawn_blocking(move || {
        Functions::build(
            &workspace,
            names.iter().map(String::as_str),
            Progress::Shown,
        )
    });
    match built.await {
        Ok(built) => Ok(built?),
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

/// Brings every stream to its function, until one can't be read. Positions are kept in the folder.
async fn pump(local: &Local, invoker: &Invoker, folder: Option<&Path>) -> Failure {
    let mut pumps: Vec<Pin<Box<dyn Future<Output = Failure> + '_>>> = Vec::new();
    for operation in local.shop.operations() {
        let Some(source) = &operation.stream else {
            continue;
        };
        let name = &operation.name;
        let position = folder.map(|folder| folder.join(format!("stream-position-{name}")));
        let pump = Pump::new(&local.db, source, position);
        pumps.push(Box::pin(async move {
            let function = async |event| invoker.invoke(name, &event).await;
            let trouble = |trouble| eprintln!("{name}: {trouble}");
            pump.run(function, trouble).await.into()
        }));
    }
    poll_fn(|context| {
        let mut polled = pumps.iter_mut().map(|pump| pump.as_mut().poll(context));
        polled.find(Poll::is_ready).unwrap_or(Poll::Pending)
    })
    .await
}

/// Refuses a shop with a schedule that can't be kept here.
fn at_rates_only(shop: &Shop) -> Result<(), Failure> {
    for operation in shop.operations() {
        if let (Some(schedule), None) = (&operation.schedule, operation.every()) {
            return Err(Failure::Schedule {
                operation: operation.name.clone(),
                schedule: schedule.clone(),
            });
        }
    }
    Ok(())
}

/// Runs what is scheduled, each at its rate, for ever.
async fn schedules(shop: &Shop, invoker: &Invoker) {
    let mut running = JoinSet::new();
    for operation in shop.operations() {
        if let Some(rate) = operation.every() {
            running.spawn(at(rate, operation.name.clone(), invoker.clone()));
        }
    }
    while running.join_next().await.is_some() {}
    pending().await
}

/// Runs an operation at this rate, the first time when that has passed once.
async fn at(rate: Duration, operation: String, invoker: Invoker) {
    let mut ticks = interval_at(tokio::time::Instant::now() + rate, rate);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        let event = sync::event::schedule(&operation, SHOP);
        if let Err(error) = invoker.invoke(&operation, &event).await {
            eprintln!("{error}");
        }
    }
}

pub(crate) fn step(what: &str) {
    eprintln!("→ {what}");
}

fn greet(url: &str, watch: &Watch, took: Duration) {
    println!();
    println!(
        "Oxcart is open at {url} after {:.1} s. Ctrl-C closes it.",
        took.as_secs_f32()
    );
    println!();
    println!("Accounts   {} / {}", CUSTOMER.email, CUSTOMER.password);
    println!("           {} / {}", STAFF.email, STAFF.password);
    println!("Logs       {}", watch.log().display());
    println!();
    println!("Try:");
    println!("  curl '{url}/products?category=kitchen'");
    println!("  curl {url}/products/copper-kettle");
    println!(
        "  curl {url}/sessions --json '{{\"email\":\"{}\",\"password\":\"{}\"}}'",
        CUSTOMER.email, CUSTOMER.password
    );
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        up: Up,
    }

    #[test]
    fn a_shop_answers_where_it_is_said_so_not_anywhere() {
        let port = |port: &str| {
            let line = Line::try_parse_from(["up", "--ephemeral", "--port", port]);
            line.ok().map(|line| line.up.port)
        };
        assert_eq!(port("9001"), Some(9001));
        assert_eq!(port("0"), None);
    }
}
