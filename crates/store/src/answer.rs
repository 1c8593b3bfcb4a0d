//! Answers that are remembered, so that a repeat of a request is answered as it was the first time.

use domain::Fingerprint;

use crate::{error::Corrupt, item::Item};

/// What a request is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, as JSON.
    pub body: String,
    /// Whether the request was answered before.
    pub replayed: bool,
}

impl Answer {
    /// The first answer to a request.
    pub fn first(status: u16, body: String) -> Self {
        Self {
            status,
            body,
            replayed: false,
        }
    }
}

/// A first answer and the request it was for.
pub(crate) struct Remembered {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Remembered {
    /// The item that remembers it under this key.
    pub(crate) fn item(&self, key: Item) -> Item {
        key.with("fingerprint", self.fingerprint.as_bytes().as_slice())
            .with("status", u64::from(self.status))
            .with("answer", self.body.as_str())
    }

    /// What an item remembers.
    pub(crate) fn read(item: &Item) -> Result<Self, Corrupt> {
        Ok(Self {
            fingerprint: fingerprint(item)?,
            status: item.number("status")?,
            body: item.text("answer")?.to_owned(),
        })
    }

    /// The answer again, if it was for the same request.
    pub(crate) fn answer(self, fingerprint: &Fingerprint) -> Option<Answer> {
        (self.fingerprint == *fingerprint).then_some(Answer {
            status: self.status,
            body: self.body,
            replayed: true,
        })
    }
}

/// The fingerprint that an item holds.
pub(crate) fn fingerprint(item: &Item) -> Result<Fingerprint, Corrupt> {
    let bytes = item
        .bytes("fingerprint")?
        .try_into()
        .map_err(|_| item.corrupt("fingerprint"))?;
    Ok(Fingerprint::from_bytes(bytes))
}
