//! A seed, a clock, a database, and clients of it.

use std::{
    fmt,
    future::Future,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use aws_sdk_dynamodb::config::{
    Builder, Credentials, Region, SharedAsyncSleep, StalledStreamProtectionConfig,
    retry::{RetryConfig, RetryPartition},
    timeout::TimeoutConfig,
};
use aws_smithy_async::{
    rt::sleep::TokioSleep,
    time::{SharedTimeSource, TimeSource},
};
use dynoxide::Database;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::{
    Commit, Faults, Journal, Meddling, Meter, Sent,
    fate::{Fate, Meddler},
    server::{Server, lock},
    wire::Wire,
};

/// When every world begins, since 1970: 2026-11-22T22:57:01Z.
pub const EPOCH: Duration = Duration::from_secs(1_795_388_221);

/// How long a clock that is off stays so.
const JUMP: Duration = Duration::from_secs(7);

/// A DynamoDB in simulated time.
#[derive(Clone)]
pub struct World(Arc<Inner>);

pub(crate) struct Inner {
    seed: u64,
    began: Instant,
    random: Mutex<fastrand::Rng>,
    faults: Mutex<Arc<Faults>>,
    meddler: Mutex<Option<Meddler>>,
    journal: Journal,
    pub(crate) broken: Mutex<Option<String>>,
    pub(crate) server: Server,
}

/// Runs `scenario` in a new world with this seed, on one thread and in simulated time. The same seed gives the same
/// run.
pub fn run<T, F: Future<Output = T>>(seed: u64, scenario: impl FnOnce(World) -> F) -> T {
    // The SDK takes its jitter, tokens and ids from this thread's generator.
    fastrand::seed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
    runtime.block_on(async { scenario(World::new(seed)).await })
}

impl World {
    fn new(seed: u64) -> Self {
        let database = || Database::memory().unwrap_or_else(|error| panic!("no database: {error}"));
        let began = Instant::now();
        Self(Arc::new(Inner {
            seed,
            began,
            meddler: Mutex::default(),
            random: Mutex::new(fastrand::Rng::with_seed(seed)),
            faults: Mutex::new(Arc::new(Faults::none())),
            journal: Journal::default(),
            broken: Mutex::default(),
            server: Server::new(began, database(), database()),
        }))
    }

    /// From now on these go wrong.
    pub fn set_faults(&self, faults: Faults) {
        *lock(&self.0.faults) = Arc::new(faults);
    }

    /// The seed, by which the run can be had again.
    pub fn seed(&self) -> u64 {
        self.0.seed
    }

    /// What happened.
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// How long the world has been.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// What broke in the world itself, or in somebody who watches or meddles: the first panic, if there was one.
    pub fn broken(&self) -> Option<String> {
        lock(&self.0.broken).clone()
    }

    /// The world's clock.
    pub fn clock(&self) -> SharedTimeSource {
        let world = self.0.clone();
        SharedTimeSource::new(WorldTime {
            world,
            process: None,
        })
    }

    /// The clock of a process, which may be off by as much as [`Faults::skew`].
    pub fn clock_of(&self, process: &str) -> SharedTimeSource {
        let world = self.0.clone();
        SharedTimeSource::new(WorldTime {
            world,
            process: Some(process.into()),
        })
    }

    /// From now on `meddler` is asked of every request what is to become of it; `None` leaves it to chance.
    pub fn meddle(&self, meddler: impl FnMut(&Sent<'_>) -> Option<Meddling> + Send + 'static) {
        *lock(&self.0.meddler) = Some(Box::new(meddler));
    }

    /// From now on everything is left to chance again.
    pub fn stop_meddling(&self) {
        *lock(&self.0.meddler) = None;
    }

    /// From now on `watcher` is told of everything that is written, at the moment it is. It must not ask anything of the
    /// world.
    pub fn watch(&self, watcher: impl FnMut(&Commit) + Send + 'static) {
        lock(&self.0.server.watchers).push(Box::new(watcher));
    }

    /// What the server was asked so far, and what that cost.
    pub fn meter(&self) -> Meter {
        lock(&self.0.server.meter).clone()
    }

    /// Makes the server forget every transaction's token, as one does that is started again.
    pub fn forget_tokens(&self) {
        lock(&self.0.server.tokens).forget();
    }

    /// A random number below `end`, from the world's own seed.
    pub fn below(&self, end: u64) -> u64 {
        lock(&self.0.random).u64(..end.max(1))
    }

    /// One of `all`, at random.
    pub fn pick<T: Copy>(&self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    /// Fills these bytes at random, from the world's own seed.
    pub fn fill(&self, bytes: &mut [u8]) {
        lock(&self.0.random).fill(bytes);
    }

    /// Makes a configuration of the SDK's client one for `process` in this world: its HTTP client, clock and sleep are
    /// the world's, and its retries are its own. Time-outs and retries stay as they were configured.
    pub fn configure(&self, process: &str, config: Builder) -> Builder {
        let wire = Wire {
            world: self.0.clone(),
            process: process.into(),
        };
        config
            .http_client(wire)
            .time_source(self.clock_of(process))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            // Of its own: one that is known by its name outlives this world.
            .retry_partition(RetryPartition::custom(process.to_owned()).build())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
    }

    /// A client for `process` with the time-outs and retries that the SDK has by itself, but for an attempt's, without
    /// which a lost reply would be waited for for ever.
    pub fn client(&self, process: &str) -> aws_sdk_dynamodb::Client {
        let config = Builder::new()
            .behavior_version_latest()
            .region(Region::from_static("us-east-1"))
            .endpoint_url("http://dynamodb.invalid")
            .credentials_provider(Credentials::new("world", "world", None, None, "world"))
            .retry_config(RetryConfig::standard())
            .timeout_config(
                TimeoutConfig::builder()
                    .operation_attempt_timeout(Duration::from_millis(1200))
                    .build(),
            );
        aws_sdk_dynamodb::Client::from_conf(self.configure(process, config).build())
    }
}

impl Inner {
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    pub(crate) fn faults(&self) -> Arc<Faults> {
        lock(&self.faults).clone()
    }

    pub(crate) fn note(&self, who: &str, what: &str, more: impl Serialize) {
        self.journal
            .note(self.elapsed().as_micros(), who, what, more);
    }

    pub(crate) fn fate(&self, operation: &str) -> Fate {
        Fate::cast(&mut lock(&self.random), &self.faults(), operation)
    }

    pub(crate) fn meddle(&self, sent: &Sent<'_>) -> Option<Meddling> {
        lock(&self.meddler)
            .as_mut()
            .and_then(|meddler| meddler(sent))
    }

    fn time(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + EPOCH + self.elapsed()
    }
}

/// The world's clock, as one process sees it or as it is.
struct WorldTime {
    world: Arc<Inner>,
    process: Option<Arc<str>>,
}

impl fmt::Debug for WorldTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WorldTime")
    }
}

impl TimeSource for WorldTime {
    fn now(&self) -> SystemTime {
        let time = self.world.time();
        let (Some(process), skew) = (&self.process, self.world.faults().skew) else {
            return time;
        };
        // How far it is off follows from the seed, whose clock it is, and how often that has jumped.
        let jumps = self.world.elapsed().as_secs() / JUMP.as_secs();
        let digest = Sha256::digest(format!("{} {process} {jumps}", self.world.seed));
        let off = skew.mul_f64(f64::from(digest[0]) / 255.0);
        if digest[1].is_multiple_of(2) {
            time + off
        } else {
            time - off
        }
    }
}
