//! Why a command failed: each a sentence with the way out.

use std::path::PathBuf;

use local_shop::{
    TemplateError, dynamodb::DynamoDbError, environment::Conflict, functions::BuildError,
    keys::KeysError, stream::StreamError, tables::TablesError,
};
use store::{bus::replay::ReplayError, error::Obstacle};

/// A command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum Failure {
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    DynamoDb(#[from] DynamoDbError),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Tables(#[from] TablesError),
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error(transparent)]
    Environment(#[from] Conflict),
    #[error(transparent)]
    Seed(#[from] crate::seed::SeedError),
    #[error("{} can't be read or written: {source}", file.display())]
    File {
        file: PathBuf,
        source: std::io::Error,
    },
    #[error("{} can't be understood: {reason}", file.display())]
    Malformed { file: PathBuf, reason: String },
    #[error("{0} can't be started: {1}")]
    NotStarted(String, std::io::Error),
    #[error("`cargo shop{command}` already runs here{at}; stop it with Ctrl-C in its terminal")]
    AlreadyRunning { command: String, at: String },
    #[error("port {port} is taken; stop what listens there or say --port with another one")]
    PortTaken { port: u16 },
    #[error(
        "cargo-lambda could not be fetched: {reasons}. Install it yourself \
         (https://www.cargo-lambda.info/guide/installation.html), then try again"
    )]
    NoCargoLambda { reasons: String },
    #[error("`cargo lambda watch` ended by itself ({status}); the end of {}:\n{tail}", log.display())]
    WatchDied {
        status: String,
        log: PathBuf,
        tail: String,
    },
    #[error("`cargo lambda watch` does not listen after {seconds} s; the end of {}:\n{tail}", log.display())]
    WatchSilent {
        seconds: u64,
        log: PathBuf,
        tail: String,
    },
    #[error("{operation} can't be invoked: {reason}")]
    NotInvoked { operation: String, reason: String },
    #[error("{}", .0.join("\n"))]
    OutOfSync(Vec<String>),
    #[error("a token can't be signed: {0}")]
    NotSigned(String),
    #[error("{program} ended with {status}")]
    Supervised { program: String, status: String },
    #[error("`{program}` was not built, or broke off ({status}): see above")]
    NotRun { program: String, status: String },
    #[error(
        "{0:?} is no shop's name, which has 2 to 37 lower-case letters, digits and hyphens, a letter first"
    )]
    NotAShop(String),
    #[error(
        "{} is not there: bring the shop's keys here, or, if it has none yet, make its first ones by `cargo shop keys make --for {shop}`",
        file.display()
    )]
    NoKeys { file: PathBuf, shop: String },
    #[error(
        "{} is there already; `cargo shop keys rotate --for {shop}` puts another key in place of the one that signs, and \
         `keys renew` of one of the others",
        file.display()
    )]
    KeysThere { file: PathBuf, shop: String },
    #[error("{} is not there, so no keys are known before these; it comes with the first change of them", file.display())]
    NoKeysBefore { file: PathBuf },
    #[error("{} is not there; the local shop makes its keys when it starts", file.display())]
    NoLocalKeys { file: PathBuf },
    #[error("{0} is no shop's address, which reads http://host:port")]
    NotAnAddress(String),
    #[error(
        "{0} is an https address; this command speaks plain HTTP only, to a shop at http://host:port"
    )]
    Https(String),
    #[error(
        "{operation} is to run at {schedule}; on this machine only rates are known, such as rate(1 minute)"
    )]
    Schedule { operation: String, schedule: String },
    #[error(
        "{url} gives no answer to {call}: {reason}. Start a shop with `cargo shop up` in another terminal, \
         or name a running one with --url"
    )]
    NoAnswer {
        url: String,
        call: String,
        reason: String,
    },
    #[error("the shop differs from the story at {call}: {differs}")]
    Differs { call: String, differs: String },
    #[error("{name} failed ({status}); the end of {}:\n{tail}", log.display())]
    Tool {
        name: String,
        status: String,
        log: PathBuf,
        tail: String,
    },
    #[error("the emulator of AWS ended, or does not listen after {seconds} s; the end of {}:\n{tail}", log.display())]
    EmulatorSilent {
        seconds: u64,
        log: PathBuf,
        tail: String,
    },
    #[error(
        "interrupted before the end, so nothing is shown; what was built is kept for the next run"
    )]
    Interrupted,
    #[error("the stack {stack} has no {key}")]
    NoOutput { stack: String, key: String },
    #[error("{what}: {found:?} instead of {wanted:?}")]
    DeployDiffers {
        what: String,
        found: String,
        wanted: String,
    },
    #[error(
        "the functions run as they are built, for Linux: run this in Linux, such as the virtual machine of a CI service"
    )]
    NotLinux,
    #[error("the system gives no random bytes")]
    NoRandomBytes,
    #[error(
        "no shop runs here; start one with `cargo shop up`, name one on AWS with --shop, or another DynamoDB with --endpoint"
    )]
    NoneRuns,
    #[error(
        "the shop that runs here is at {running}, not at {wanted}; name the other's tables with --endpoint and --shop"
    )]
    AnotherRuns { running: String, wanted: String },
    #[error(
        "{} is not set; export AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to reach AWS, \
         or name a local DynamoDB with --endpoint",
        .0.0
    )]
    Credentials(#[from] store::connection::NotSet),
    #[error("{tables} at {place} can't be used: {}", chain(.source))]
    Store {
        tables: String,
        place: String,
        source: store::Failure,
    },
    #[error(
        "your credentials have run out: {}. Export new ones, AWS_SESSION_TOKEN among them, and say the same again",
        cause(.0)
    )]
    Expired(store::Failure),
    #[error(
        "{place} does not know your credentials: {}. Are AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if they have one, \
         AWS_SESSION_TOKEN all of the same ones?",
        cause(.source)
    )]
    Unknown {
        place: String,
        source: store::Failure,
    },
    #[error(
        "you lack this right: {}. docs/operations.md says under \"Rights to run a command\" what each command needs",
        cause(.0)
    )]
    NotAllowed(store::Failure),
    #[error(
        "{place} is not reached: {}. Of AWS, is the Region right, and does this machine reach it? Of another DynamoDB, is it \
         running?",
        cause(.source)
    )]
    Unreached {
        place: String,
        source: store::Failure,
    },
    #[error(
        "{place} has no table {table}. Is the shop's name right (--shop), and the Region? `aws dynamodb list-tables` lists what \
         a Region has. A shop has a bus, a mailbox and a provider's ledger only where they are built in; `audit` leaves out \
         the first by --no-bus and the last by --no-provider"
    )]
    NoTable { table: String, place: String },
    #[error(
        "{place} has no table {table}, so nothing was told. Is the shop's name right (--shop), and the Region? A shop that has its bus \
         on EventBridge has no such table: say --event-bus {shop}"
    )]
    NoBus {
        table: String,
        place: String,
        shop: String,
    },
    #[error("--since {since} is not before --until {until}: nothing lies between them")]
    NoTimeBetween { since: String, until: String },
    #[error("{}, at {place}; nothing was told", chain(.source))]
    NothingReplayed { place: String, source: ReplayError },
    #[error("{}, at {place}. Mend that, then go on from there: `{go_on}`", chain(.source))]
    ReplayCut {
        place: String,
        go_on: String,
        source: ReplayError,
    },
    #[error("{0} items can't be read, listed above; of them nothing is told")]
    Unreadable(usize),
    #[error(transparent)]
    UnreadStream(#[from] cloud::UnreadStream),
    #[error("a record of the stream is not understood: {0}")]
    StreamRecord(serde_json::Error),
    #[error(
        "{0} items or changes can't be read, listed above; nothing is told of them, and no gap is accepted before they can"
    )]
    UnreadMovements(usize),
    #[error(
        "{0} gaps in the movements of stock, listed above, each with the time from which on --accept-gaps has the audit \
         accept it"
    )]
    Gaps(usize),
    #[error("the audit could not be made: {0}")]
    NotAudited(Box<Failure>),
    #[error("nothing could be looked for: {0}")]
    NotProved(Box<Failure>),
    #[error("{0} findings, listed above")]
    Findings(usize),
    #[error("the e-mail address must be one like name@example.com, of at most 254 characters")]
    Email(#[from] domain::email::InvalidEmail),
    #[error("{0} has no account in this shop; register it first, with POST /users")]
    NoAccount(String),
    #[error(
        "{0} has no account in this shop, so nobody with this address is staff; is it written as it was registered, and \
         is --shop the right one?"
    )]
    NobodysAccount(String),
    #[error("{0} is none of the staff: the account is a customer's, and nothing was changed")]
    NotStaff(String),
    #[error("{0} is staff already; nothing was changed")]
    StaffAlready(String),
    #[error(
        "whoever registered {email} has not shown that it is theirs. `POST /users/me/email-verification`, as them, sends the link \
         by which they do (`{mail}` shows it, of a shop with the built-in mailbox); or say --unverified"
    )]
    Unverified { email: String, mail: String },
}

impl Failure {
    /// What to do with an I/O error at `file`.
    pub fn at(file: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let file = file.into();
        move |source| Self::File { file, source }
    }

    /// What it means that the store fails with these tables there.
    pub fn of_store(tables: &str, place: &str, source: store::Failure) -> Self {
        let place = place.to_owned();
        match source.obstacle() {
            Some(Obstacle::NoTable(table)) => Self::NoTable {
                table: table.to_owned(),
                place,
            },
            Some(Obstacle::Expired) => Self::Expired(source),
            Some(Obstacle::Unknown) => Self::Unknown { place, source },
            Some(Obstacle::NotAllowed) => Self::NotAllowed(source),
            Some(Obstacle::Unreached) => Self::Unreached { place, source },
            None => Self::Store {
                tables: tables.to_owned(),
                place,
                source,
            },
        }
    }

    /// What it means that the table of a shop's built-in bus can't be written.
    pub fn of_bus(table: &str, place: &str, shop: &str, source: store::Failure) -> Self {
        match Self::of_store(table, place, source) {
            Self::NoTable { table, place } => Self::NoBus {
                table,
                place,
                shop: shop.to_owned(),
            },
            failure => failure,
        }
    }

    /// What it means that events about these orders can't be told again.
    pub fn of_replay(orders: &str, place: String, go_on: String, source: ReplayError) -> Self {
        match source {
            ReplayError::Unread(source)
                if matches!(source.obstacle(), Some(Obstacle::NoTable(_))) =>
            {
                Self::of_store(orders, &place, source)
            }
            ReplayError::NoOrder(_) => Self::NothingReplayed { place, source },
            ReplayError::Unread(_) | ReplayError::Untold { .. } => Self::ReplayCut {
                place,
                go_on,
                source,
            },
        }
    }

    /// What the process ends with: 1 when it failed or found what it looks for; 2 when the arguments make no sense, and when
    /// nothing could be looked for, since 1 would say that something was found.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Email(_) | Self::NotAShop(_) | Self::NotAnAddress(_) | Self::Https(_) => 2,
            Self::NoTimeBetween { .. } | Self::NotAudited(_) | Self::NotProved(_) => 2,
            _ => 1,
        }
    }
}

/// Why the store failed, without what that means for a shop: that it is busy, say, where nobody reaches it.
fn cause(failure: &store::Failure) -> String {
    match std::error::Error::source(failure) {
        Some(source) => chain(source),
        None => failure.to_string(),
    }
}

/// An error with all its causes in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        // Some errors repeat their cause's words.
        if !line.ends_with(&text) {
            line = format!("{line}: {text}");
        }
        cause = error.source();
    }
    line
}

#[cfg(test)]
mod tests;
