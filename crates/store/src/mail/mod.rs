//! How messages leave: a port, since mail is somebody else's system.
//!
//! A message may leave more than once. Each has an id of its own, by which a mailer that can know one that left before does.

pub mod built_in;

use std::{fmt, future::Future, pin::Pin};

use domain::Email;

use crate::error::Source;

/// Whether a message was handed over.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), NotSent>> + Send + 'a>>;

/// Why a message was not handed over.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// The mailer does not take it, and never will.
    #[error("the mailer does not take the message")]
    Refused(#[source] Source),
    /// It may take it later.
    #[error("the mailer takes no message now")]
    Later(#[source] Source),
}

/// A message to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The same again is the same message.
    pub id: String,
    /// To whom.
    pub to: Email,
    /// What it is about, in one line.
    pub subject: String,
    /// What it says. Plain text.
    pub text: String,
}

impl fmt::Debug for Message {
    /// Hides what is personal or secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({})", self.id)
    }
}

/// Sends mail.
pub trait Mailer: Send + Sync {
    /// Hands a message over.
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a>;
}
