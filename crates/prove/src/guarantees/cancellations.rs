//! Every cancellation vector: what the store makes of whatever DynamoDB answers, by the table of what each failure means.

mod errors;

use adversary::{Meddling, Shared, World};
use aws_sdk_dynamodb::Client;
use serde_json::{Value, json};
use store::{
    Connection, Db, Failure,
    cancellation::Reason,
    db::NotCommitted,
    item::Item,
    write::{Is, Write},
};

use crate::{Guarantee, Proof, Run, Tally, ensure};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "cancellations",
    claim: "Whatever mixture of up to four reasons cancels a transaction, and whatever other error a write or read meets, \
            is understood as the table says: refused, to be tried again, busy, unknown or rejected.",
    fast: SLICES + 1,
    full: SLICES + 1,
    run,
};

/// Runs over which the vectors are spread. One more is about all other errors.
const SLICES: u64 = 36;

/// The codes that AWS documents for a transaction's action, and one that it does not.
const CODES: [&str; 8] = [
    "None",
    "ConditionalCheckFailed",
    "ItemCollectionSizeLimitExceeded",
    "TransactionConflict",
    "ProvisionedThroughputExceeded",
    "ThrottlingError",
    "ValidationError",
    "SomethingNew",
];

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Done,
    Refused,
    Busy,
    Unknown,
    Rejected,
}

use Meaning::{Busy, Done, Refused, Rejected, Unknown};

/// The table of a world that is asked about items.
const TABLE: &str = "items";

fn run(run: &Run) -> Proof {
    adversary::run(run.number, async |world: World| {
        match run.number % (SLICES + 1) {
            SLICES => errors::errors(&world).await,
            slice => vectors(&world, slice).await,
        }
    })
}

/// A vector of codes by its number; `None` after the last.
fn vector(mut number: usize) -> Option<Vec<&'static str>> {
    for length in 1..=4 {
        let count = CODES.len().pow(length);
        if number < count {
            let digit = |place| number / CODES.len().pow(place) % CODES.len();
            return Some((0..length).map(|place| CODES[digit(place)]).collect());
        }
        number -= count;
    }
    None
}

/// What a vector means, and whether it is worth another try. The first action is the order's.
fn meaning(codes: &[&str]) -> (Meaning, bool) {
    let any = |of: &[&str]| codes.iter().any(|code| of.contains(code));
    if codes[0] == "ConditionalCheckFailed" {
        // An earlier attempt placed the order, whatever became of the rest.
        return (Refused, false);
    }
    let never = [
        "ItemCollectionSizeLimitExceeded",
        "ValidationError",
        "SomethingNew",
    ];
    if any(&never) {
        return (Rejected, false);
    }
    let for_now = [
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
    ];
    if any(&for_now) {
        // Also beside a failed condition: that is not "sold out".
        return (Busy, true);
    }
    if any(&["ConditionalCheckFailed"]) {
        return (Refused, false);
    }
    (Busy, false)
}

/// A client of the store as every process begins with one, and what it sends.
struct Caller {
    db: Db,
    sent: Shared<Vec<Value>>,
}

impl Caller {
    /// One whose first requests are answered as `answers` say; the last answer is given again and again.
    fn new(world: &World, answers: impl Fn(usize) -> Meddling + Send + 'static) -> Self {
        let config = Connection::local("http://dynamodb.invalid").config();
        let config = world.configure("caller", config);
        let db = Db::new(Client::from_conf(config.build()), world.clock());
        let sent: Shared<Vec<Value>> = Shared::default();
        let seen = sent.clone();
        world.meddle(move |request| {
            seen.with(|seen| {
                seen.push(request.body.clone());
                Some(answers(seen.len() - 1))
            })
        });
        Self { db, sent }
    }

    /// What it has sent.
    fn sent(&self) -> Vec<Value> {
        self.sent.with(|sent| sent.clone())
    }
}

fn cancelled(codes: &[&str]) -> Meddling {
    let reason = |code: &&str| match *code {
        "ConditionalCheckFailed" => json!({"Code": code, "Item": {"pk": {"S": "found"}}}),
        _ => json!({"Code": code}),
    };
    let reasons: Vec<Value> = codes.iter().map(reason).collect();
    let more = json!({"CancellationReasons": reasons, "Message": "Transaction cancelled"});
    Meddling::Refuse(400, "TransactionCanceledException", more)
}

/// The writes of a transaction with so many actions: the record, and what depends on it.
fn writes(count: usize) -> Vec<Write> {
    let item = |number: usize| Item::default().with("pk", format!("item-{number}"));
    let taken = |number| {
        Write::update(TABLE, item(number))
            .raise("available", -1)
            .only_if("available", Is::AtLeast(1))
    };
    let record = Write::create(TABLE, item(0));
    std::iter::once(record)
        .chain((1..count).map(taken))
        .collect()
}

/// One slice of all vectors.
async fn vectors(world: &World, slice: u64) -> Proof {
    let mut tally = Tally::new();
    let all = (0..).map_while(vector);
    for codes in all.skip(slice as usize).step_by(SLICES as usize) {
        let answered = codes.clone();
        let caller = Caller::new(world, move |_| cancelled(&answered));
        let before = world.meter().refused;
        let outcome = caller.db.transact(&writes(codes.len())).await;
        let requests = world.meter().refused - before;
        let (wanted, again) = meaning(&codes);
        ensure!(
            of_transaction(&outcome) == wanted,
            "{codes:?} is {wanted:?}, and was taken for {outcome:?}"
        );
        if let Err(NotCommitted::Refused(reasons)) = &outcome {
            refused_as_told(&codes, reasons)?;
        }
        let sent = caller.sent();
        let most = 1 + u64::from(again);
        ensure!(
            requests == most && sent.len() as u64 == most,
            "{codes:?} was sent {requests} times instead of {most}"
        );
        ensure!(
            sent.iter().all(|body| *body == sent[0]),
            "{codes:?} was tried again with other bytes"
        );
        tally.count("vectors", 1);
        tally.count("tried again", u64::from(again));
    }
    Ok(tally)
}

/// Who is refused must be told of every action by its place: it decides which stock was short.
fn refused_as_told(codes: &[&str], reasons: &[Reason]) -> Result<(), crate::Violation> {
    ensure!(
        codes.len() == reasons.len(),
        "{codes:?} was told as {reasons:?}"
    );
    for (code, reason) in codes.iter().zip(reasons) {
        let found = Item::default().with("pk", "found");
        let condition = Reason::ConditionFailed(Some(found));
        let is_condition = *code == "ConditionalCheckFailed";
        ensure!(
            (*reason == condition) == is_condition
                && (*reason == Reason::None) == (*code == "None"),
            "{code} of {codes:?} was told as {reason:?}"
        );
    }
    Ok(())
}

fn of_transaction(outcome: &Result<(), NotCommitted>) -> Meaning {
    match outcome {
        Ok(()) => Done,
        Err(NotCommitted::Refused(_)) => Refused,
        Err(NotCommitted::Failed(failure)) => of_failure(failure),
    }
}

fn of_failure(failure: &Failure) -> Meaning {
    match failure {
        Failure::Busy(_) => Busy,
        Failure::OutcomeUnknown(_) => Unknown,
        Failure::Rejected(_) | Failure::Corrupt(_) => Rejected,
    }
}
