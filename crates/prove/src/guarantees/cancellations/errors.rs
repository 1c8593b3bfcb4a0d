//! Errors that are no cancellation, row by row, and what several answers in a row mean.

use std::time::Duration;

use adversary::{Meddling, World};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use serde_json::json;
use store::{
    db::NotWritten,
    item::Item,
    write::{Is, Write},
};

use super::{
    Caller,
    Meaning::{self, Busy, Done, Refused, Rejected, Unknown},
    TABLE, cancelled, of_failure, of_transaction, writes,
};
use crate::{Proof, Tally, Violation, ensure};

/// What a request is answered with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    /// An error, by its status and name.
    Error(u16, &'static str),
    /// A cancellation for these reasons.
    Cancelled(&'static [&'static str]),
    /// Nothing, ever.
    Silence,
    /// It is carried out.
    Success,
}

use Answer::{Cancelled, Error, Silence, Success};

/// What a call comes to, and in how many requests.
type Outcome = (Meaning, usize);

/// What a transaction, a write to one item and a read make of these answers, the last of which is given again and
/// again. None where DynamoDB never answers so.
type Row = (&'static [Answer], [Option<Outcome>; 3]);

const ROWS: &[Row] = &[
    // It is not known whether it happened: the SDK has tried three times.
    unknown(&[Silence]),
    unknown(&[Error(500, "InternalServerError")]),
    unknown(&[Error(503, "ServiceUnavailable")]),
    unknown(&[Error(500, "SomethingNew")]),
    // Too much at once: nothing was written, and the SDK has tried three times.
    busy(&[Error(400, "ThrottlingException")]),
    busy(&[Error(400, "ProvisionedThroughputExceededException")]),
    busy(&[Error(400, "RequestLimitExceeded")]),
    // A defect or a wrong setting: trying again is no use.
    rejected(&[Error(400, "ValidationException")]),
    rejected(&[Error(400, "AccessDeniedException")]),
    rejected(&[Error(400, "ResourceNotFoundException")]),
    rejected(&[Error(400, "UnrecognizedClientException")]),
    rejected(&[Error(400, "SerializationException")]),
    rejected(&[Error(400, "SomethingNew")]),
    rejected(&[Error(400, "ItemCollectionSizeLimitExceededException")]),
    // One item: held by a transaction, or not as it must be.
    single(&[Error(400, "TransactionConflictException")], Busy, 2),
    single(
        &[Error(400, "TransactionConflictException"), Success],
        Done,
        2,
    ),
    single(&[Error(400, "ConditionalCheckFailedException")], Refused, 1),
    // Under way: the SDK tries three times, then it is left alone for five seconds, then tried again.
    transaction(&[IN_PROGRESS], Unknown, 6),
    transaction(&[IN_PROGRESS, IN_PROGRESS, IN_PROGRESS, Success], Done, 4),
    transaction(&[IN_PROGRESS, IN_PROGRESS, IN_PROGRESS, PLACED], Refused, 4),
    // Another body won.
    transaction(
        &[Error(400, "IdempotentParameterMismatchException")],
        Unknown,
        1,
    ),
    // A conflict that ends.
    transaction(&[CONFLICT, Success], Done, 2),
    transaction(&[CONFLICT, PLACED], Refused, 2),
    // A later answer that says that nothing was written does not speak of an earlier attempt whose answer never came.
    transaction(&[Silence, CONFLICT], Unknown, 3),
    transaction(&[Silence, Error(400, "ThrottlingException")], Unknown, 3),
    transaction(&[Error(500, "InternalServerError"), CONFLICT], Unknown, 3),
    transaction(&[CONFLICT, Silence], Unknown, 4),
    transaction(&[Silence, PLACED], Refused, 2),
    transaction(&[Silence, Success], Done, 2),
    single(&[Silence, Error(400, "ThrottlingException")], Unknown, 3),
    single(
        &[Silence, Error(400, "TransactionConflictException")],
        Unknown,
        3,
    ),
    single(&[Silence, Success], Done, 2),
];

const IN_PROGRESS: Answer = Error(400, "TransactionInProgressException");
const CONFLICT: Answer = Cancelled(&["None", "TransactionConflict"]);
const PLACED: Answer = Cancelled(&["ConditionalCheckFailed", "None"]);

const fn unknown(answers: &'static [Answer]) -> Row {
    (
        answers,
        [Some((Unknown, 3)), Some((Unknown, 3)), Some((Busy, 3))],
    )
}

const fn busy(answers: &'static [Answer]) -> Row {
    (answers, [Some((Busy, 3)); 3])
}

const fn rejected(answers: &'static [Answer]) -> Row {
    (answers, [Some((Rejected, 1)); 3])
}

const fn transaction(answers: &'static [Answer], meaning: Meaning, requests: usize) -> Row {
    (answers, [Some((meaning, requests)), None, None])
}

const fn single(answers: &'static [Answer], meaning: Meaning, requests: usize) -> Row {
    (answers, [None, Some((meaning, requests)), None])
}

fn meddling(answer: Answer) -> Meddling {
    match answer {
        Error(status, name) => Meddling::Refuse(status, name, json!({})),
        Cancelled(codes) => cancelled(codes),
        Silence => Meddling::LoseReply,
        Success => Meddling::Leave,
    }
}

/// Every row, and how often a conflict is tried again.
pub(super) async fn errors(world: &World) -> Proof {
    table(world).await;
    let mut tally = Tally::new();
    for (number, (answers, outcomes)) in ROWS.iter().enumerate() {
        for (call, outcome) in CALLS.into_iter().zip(outcomes) {
            let Some(wanted) = outcome else { continue };
            let caller = Caller::new(world, |request| {
                meddling(answers[request.min(answers.len() - 1)])
            });
            let began = world.elapsed();
            let meaning = call.make(&caller, number).await;
            let came = (meaning, caller.sent().len());
            ensure!(
                came == *wanted,
                "{call:?} answered by {answers:?} is {wanted:?}, and was {came:?}"
            );
            let took = world.elapsed() - began;
            let waited = answers.contains(&IN_PROGRESS);
            ensure!(
                took >= Duration::from_secs(5) || !waited,
                "what was under way was asked for again after {took:?}"
            );
            tally.count("other errors", 1);
        }
    }
    at_most_six_attempts(world).await?;
    Ok(tally)
}

/// What is asked of the store.
#[derive(Clone, Copy, Debug)]
enum Call {
    Transaction,
    Write,
    Read,
}

const CALLS: [Call; 3] = [Call::Transaction, Call::Write, Call::Read];

impl Call {
    /// Makes it, over items of its own.
    async fn make(self, caller: &Caller, number: usize) -> Meaning {
        let item = |name: &str| Item::default().with("pk", format!("{self:?}-{number}-{name}"));
        let write = |name| Write::put(TABLE, item(name)).only_if("version", Is::Absent);
        match self {
            Self::Transaction => {
                let record = Write::create(TABLE, item("record"));
                let outcome = caller.db.transact(&[record, write("stock")]).await;
                of_transaction(&outcome)
            }
            Self::Write => match caller.db.write(write("alone")).await {
                Ok(_) => Done,
                Err(NotWritten::Condition(_)) => Refused,
                Err(NotWritten::Failed(failure)) => of_failure(&failure),
            },
            Self::Read => match caller.db.get(TABLE, item("alone")).await {
                Ok(_) => Done,
                Err(failure) => of_failure(&failure),
            },
        }
    }
}

/// A process that has earned its retries makes six attempts, all with the same bytes, and no more.
async fn at_most_six_attempts(world: &World) -> Result<(), Violation> {
    const SUCCESSES: usize = 60;
    let caller = Caller::new(world, |request| {
        meddling(if request < SUCCESSES {
            Success
        } else {
            CONFLICT
        })
    });
    for number in 0..SUCCESSES {
        let item = Item::default().with("pk", format!("earned-{number}"));
        let written = caller.db.write(Write::put(TABLE, item)).await;
        ensure!(written.is_ok(), "a write came to {written:?}");
    }
    let outcome = caller.db.transact(&writes(2)).await;
    let sent = caller.sent().split_off(SUCCESSES);
    ensure!(
        of_transaction(&outcome) == Busy && sent.len() == 6,
        "a conflict that does not end was {outcome:?} after {} attempts",
        sent.len()
    );
    ensure!(
        sent.iter().all(|body| *body == sent[0]),
        "a transaction was tried again with other bytes"
    );
    Ok(())
}

async fn table(world: &World) {
    let made = KeySchemaElement::builder()
        .attribute_name("pk")
        .key_type(KeyType::Hash)
        .build()
        .and_then(|key| {
            let attribute = AttributeDefinition::builder()
                .attribute_name("pk")
                .attribute_type(ScalarAttributeType::S)
                .build()?;
            Ok((key, attribute))
        });
    let (key, attribute) = made.unwrap_or_else(|error| panic!("{error}"));
    let table = world.client("tables").create_table().table_name(TABLE);
    let table = table
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key)
        .attribute_definitions(attribute);
    let made = table.send().await;
    made.unwrap_or_else(|error| panic!("{error}"));
}
