//! A mailbox for one machine and for trying things out: every message, to whomever, in a table that can be read.

use std::{sync::Arc, time::Duration};

use domain::{Email, Timestamp};

use super::{Mailer, Message, NotSent, Sending};
use crate::{
    Db,
    db::{Applied, Query},
    error::{Corrupt, Failure},
    item::Item,
    keys,
    write::Write,
};

/// How long a message is kept: it names people, whose accounts may be gone by then.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// The mailbox.
pub struct Mailbox {
    db: Arc<Db>,
    table: String,
}

/// A message in the mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The message.
    pub message: Message,
    /// When it was sent, to the millisecond.
    pub at: Timestamp,
}

impl Mailbox {
    /// The mailbox in the table with this name.
    pub fn new(db: Arc<Db>, table: String) -> Self {
        Self { db, table }
    }

    /// Everything in it, oldest first.
    pub async fn read(&self) -> Result<Vec<Sent>, Failure> {
        let query = Query {
            table: &self.table,
            index: Some(keys::BY_TIME),
            hash: ("box", keys::BOX),
            range: None,
            ascending: true,
            limit: 500,
            start: None,
        };
        let items = self.db.query_all(query).await?;
        Ok(items.iter().map(read).collect::<Result<_, _>>()?)
    }
}

impl Mailer for Mailbox {
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(async move {
            let item = keys::mail(&message.id)
                .with("to", message.to.as_str())
                .with("subject", message.subject.as_str())
                .with("text", message.text.as_str())
                .with("box", keys::BOX)
                .with("sent_at", self.db.now().as_millis())
                .with("expires", self.db.now().plus(KEPT).as_seconds());
            let once = Write::create(&self.table, item);
            let sent = self.db.write(once).await.applied();
            sent.map(drop)
                .map_err(|failure| NotSent::Later(failure.into()))
        })
    }
}

/// The message that an item of the mailbox holds.
fn read(item: &Item) -> Result<Sent, Corrupt> {
    let id = item.text("pk")?.trim_start_matches("MAIL#").to_owned();
    let message = Message {
        id,
        to: item.parsed("to", |text| Email::parse(text).ok())?,
        subject: item.text("subject")?.to_owned(),
        text: item.text("text")?.to_owned(),
    };
    let at = Timestamp::from_millis(item.number("sent_at")?);
    Ok(Sent { message, at })
}
