//! Whether the time of a log-in tells that an account exists.

use std::{
    error::Error,
    io::{IsTerminal, Write},
    time::{Duration, Instant},
};

use clap::Args;
use serde_json::{Value, json};

use crate::{
    shop::{Shop, post},
    times::Times,
};

const KNOWN: &str = "ann@example.com";
const UNKNOWN: &str = "ben@example.com";
/// Long and random enough to be nobody's guess.
const PASSWORD: &str = "kestrel-9-umbrella-17";

/// Nobody's limit: tries are counted as ever, and nobody is told that they were too many.
const LIMITS: &str = "log-ins-per-account=1000000,log-ins-per-address=1000000";

/// Log-ins that fail: for an account that exists, and for an address that nobody has. Their times should not differ
#[derive(Args)]
pub struct LogIn {
    /// Pairs of log-ins that are measured, one for either address
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pairs: u32,
}

impl LogIn {
    /// Measures, and prints what came of it.
    pub async fn run(self) -> Result<(), Box<dyn Error>> {
        let shop = Shop::open(LIMITS).await?;
        let account = json!({"email": KNOWN, "password": PASSWORD});
        let registration = shop.service::<users::Registration>("register-user")?;
        let registered = post(&registration, &users::register_user, &account).await;
        if registered != 201 {
            return Err(format!("registering was answered with {registered}").into());
        }
        let service = shop.service::<users::LogIn>("log-in")?;
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        // A pair before the clock counts: the first ones meet connections that are not open yet.
        for pair in 0..=self.pairs {
            // Neither is always the first.
            let mut both = [(KNOWN, &mut known), (UNKNOWN, &mut unknown)];
            if pair % 2 == 1 {
                both.reverse();
            }
            for (email, times) in both {
                let took = attempt(&service, email).await?;
                if pair > 0 {
                    times.push(took);
                }
            }
            progress(pair, self.pairs);
        }
        let (known, unknown) = (Times::from(known), Times::from(unknown));
        let ratio = known.median().as_secs_f64() / unknown.median().as_secs_f64();
        println!(
            "{} log-ins with a wrong password, in turns:",
            2 * self.pairs
        );
        println!("  an account that exists    {known}");
        println!("  an address of nobody's    {unknown}");
        println!("  ratio of the medians      {ratio:.4}");
        Ok(())
    }
}

async fn attempt(service: &users::LogIn, email: &str) -> Result<Duration, Box<dyn Error>> {
    let body: Value = json!({"email": email, "password": "kestrel-9-umbrella-18"});
    let begun = Instant::now();
    let status = post(service, &users::log_in, &body).await;
    let took = begun.elapsed();
    match status {
        401 => Ok(took),
        other => Err(format!("a wrong password was answered with {other}").into()),
    }
}

fn progress(done: u32, of: u32) {
    if std::io::stderr().is_terminal() && (done.is_multiple_of(25) || done == of) {
        let end = if done == of { "\n" } else { "" };
        eprint!("\r{done} of {of} pairs{end}");
        let _ = std::io::stderr().flush();
    }
}
