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
use serde_json::Value;
use tokio::time::Instant;

use crate::{Faults, Journal, server::Server, wire::Wire};

/// When every world begins: 2026-11-22T22:57:01Z.
const EPOCH: Duration = Duration::from_secs(1_795_388_221);

/// A DynamoDB in simulated time.
#[derive(Clone)]
pub struct World(Arc<Inner>);

pub(crate) struct Inner {
    seed: u64,
    began: Instant,
    random: Mutex<fastrand::Rng>,
    faults: Mutex<Arc<Faults>>,
    journal: Journal,
    pub(crate) server: Server,
}

/// What becomes of one request.
#[derive(Debug)]
pub(crate) struct Fate {
    pub(crate) there: Duration,
    pub(crate) back: Duration,
    pub(crate) request_lost: bool,
    pub(crate) reply_lost: bool,
    /// It arrives a second time, this long after it was sent.
    pub(crate) again: Option<Duration>,
    pub(crate) server_error: bool,
    pub(crate) lag: Duration,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            there,
            back,
            request_lost,
            reply_lost,
            again,
            server_error,
            lag,
        } = self;
        write!(
            f,
            "{there:?} {back:?} {request_lost} {reply_lost} {again:?} {server_error} {lag:?}"
        )
    }
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
        Self(Arc::new(Inner {
            seed,
            began: Instant::now(),
            random: Mutex::new(fastrand::Rng::with_seed(seed)),
            faults: Mutex::new(Arc::new(Faults::none())),
            journal: Journal::default(),
            server: Server::new(database(), database()),
        }))
    }

    /// From now on these go wrong.
    pub fn set_faults(&self, faults: Faults) {
        *self
            .0
            .faults
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = Arc::new(faults);
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

    /// The world's clock.
    pub fn clock(&self) -> SharedTimeSource {
        SharedTimeSource::new(WorldTime(self.0.clone()))
    }

    /// A random number below `end`, from the world's own seed.
    pub fn below(&self, end: u64) -> u64 {
        self.0.random().u64(..end.max(1))
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
            .time_source(self.clock())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .retry_partition(RetryPartition::new(format!("{process}-{}", self.0.seed)))
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
        self.faults
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clone()
    }

    pub(crate) fn note(&self, who: &str, what: &str, more: Value) {
        self.journal
            .note(self.elapsed().as_micros(), who, what, more);
    }

    /// Decides what becomes of a request. Every die is cast for every request, so that a changed chance changes no other
    /// request's fate.
    pub(crate) fn fate(&self, operation: &str) -> Fate {
        let faults = self.faults();
        let mut random = self.random();
        let mut between = |(least, most): (Duration, Duration)| {
            least + most.saturating_sub(least).mul_f64(random.f64())
        };
        let (there, back, lag) = (
            between(faults.delay),
            between(faults.delay),
            between(faults.lag),
        );
        let second = between((faults.delay.0, faults.lateness));
        let mut happens = |chance: f64| random.f64() < chance;
        let writes =
            ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"].contains(&operation);
        let (duplicate, late) = (
            happens(faults.duplicate) && writes,
            happens(faults.late) && writes,
        );
        let declares = operation.ends_with("Table") || operation.starts_with("UpdateTimeToLive");
        Fate {
            there: if late { there + faults.lateness } else { there },
            back,
            request_lost: happens(faults.lost_request) && !declares,
            reply_lost: happens(faults.lost_reply) && !declares,
            again: duplicate.then_some(second),
            server_error: happens(faults.server_error) && !declares,
            lag,
        }
    }

    fn random(&self) -> std::sync::MutexGuard<'_, fastrand::Rng> {
        self.random
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// The world's clock for the SDK and for whoever else wants to know the time.
struct WorldTime(Arc<Inner>);

impl fmt::Debug for WorldTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WorldTime")
    }
}

impl TimeSource for WorldTime {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + EPOCH + self.0.elapsed()
    }
}
