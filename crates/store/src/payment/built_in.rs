//! The payment provider for one machine and for trying things out. It takes no money.
//!
//! Its tokens say how it behaves: `tok_ok` charges, `tok_declined` declines, `tok_timeout` charges and loses the
//! answer, `tok_unreachable` can't be reached and charges nothing; any other is declined. Its ledger is a table of its
//! own: only a ledger that outlives every process can show that an order is charged once.

use std::sync::Arc;

use domain::Money;
use sha2::{Digest, Sha256};

use super::{Answering, Charge, PaymentProvider};
use crate::{
    Db,
    db::NotWritten,
    error::{Because, Corrupt, Failure, Source},
    item::Item,
    keys,
    write::Write,
};

/// The built-in provider.
pub struct BuiltIn {
    db: Arc<Db>,
    table: String,
}

/// What `tok_timeout` brings about.
const LOST: Because = Because("the provider's answer was lost");

/// A line of its ledger.
enum Entry {
    /// This call wrote it.
    Written,
    /// It was there already.
    Found(Item),
}

impl BuiltIn {
    /// The provider whose ledger is the table with this name.
    pub fn new(db: Arc<Db>, table: String) -> Self {
        Self { db, table }
    }

    /// Writes a line unless there is one with its key.
    async fn enter(&self, entry: Item) -> Result<Entry, Failure> {
        match self.db.write(Write::create(&self.table, entry)).await {
            Ok(_) => Ok(Entry::Written),
            Err(NotWritten::Condition(Some(item))) => Ok(Entry::Found(item)),
            Err(NotWritten::Condition(None)) => Err(Failure::Busy(Box::new(Because(
                "the ledger's line was not returned",
            )))),
            Err(NotWritten::Failed(failure)) => Err(failure),
        }
    }

    async fn charged(&self, key: &str, token: &str, amount: Money) -> Result<Charge, Source> {
        let (state, answer) = match token {
            "tok_unreachable" => return Ok(Charge::NotMade),
            "tok_timeout" => ("charged", Err(LOST.into())),
            "tok_ok" => ("charged", Ok(Charge::Made(id("ch", key)))),
            _ => ("declined", Ok(Charge::Declined)),
        };
        let entry = keys::provider(keys::CHARGE, key)
            .with("state", state)
            .with("amount", amount.amount)
            .with("currency", amount.currency.code());
        match self.enter(entry).await? {
            Entry::Written => answer,
            Entry::Found(item) => Ok(outcome(key, &item)?),
        }
    }

    async fn closed(&self, key: &str) -> Result<Charge, Source> {
        match self
            .enter(keys::provider(keys::CHARGE, key).with("state", "closed"))
            .await?
        {
            Entry::Written => Ok(Charge::NotMade),
            Entry::Found(item) => Ok(outcome(key, &item)?),
        }
    }

    async fn given_back(&self, key: &str, charge: &str, amount: Money) -> Result<String, Source> {
        let entry = keys::provider(keys::REFUND, key)
            .with("charge", charge)
            .with("amount", amount.amount)
            .with("currency", amount.currency.code());
        self.enter(entry).await?;
        Ok(id("re", key))
    }
}

fn outcome(key: &str, item: &Item) -> Result<Charge, Corrupt> {
    match item.text("state")? {
        "charged" => Ok(Charge::Made(id("ch", key))),
        "declined" => Ok(Charge::Declined),
        "closed" => Ok(Charge::NotMade),
        _ => Err(item.corrupt("state")),
    }
}

/// The provider's id of a step, which follows from the step's key.
fn id(prefix: &str, key: &str) -> String {
    let digest = Sha256::digest(key);
    format!(
        "{prefix}_{}",
        data_encoding::BASE32_NOPAD
            .encode(&digest[..16])
            .to_ascii_lowercase()
    )
}

impl PaymentProvider for BuiltIn {
    fn charge<'a>(&'a self, key: &'a str, token: &'a str, amount: Money) -> Answering<'a, Charge> {
        Box::pin(self.charged(key, token, amount))
    }

    fn close<'a>(&'a self, key: &'a str) -> Answering<'a, Charge> {
        Box::pin(self.closed(key))
    }

    fn give_back<'a>(
        &'a self,
        key: &'a str,
        charge: &'a str,
        amount: Money,
    ) -> Answering<'a, String> {
        Box::pin(self.given_back(key, charge, amount))
    }
}
