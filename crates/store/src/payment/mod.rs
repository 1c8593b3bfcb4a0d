//! Who takes the money: a port, since a payment provider is somebody else's system.
//!
//! Every call names its step by a key, so that asking twice is asking once: the provider does each step at most once.

pub mod built_in;

use std::{future::Future, pin::Pin};

use domain::Money;

use crate::error::Source;

/// An answer that is awaited; an error says that none came, and that it is not known what happened.
pub type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, Source>> + Send + 'a>>;

/// A payment provider.
pub trait PaymentProvider: Send + Sync {
    /// Charges `amount` to whatever `token` stands for. The same key again answers as the first time and charges
    /// nothing more.
    fn charge<'a>(&'a self, key: &'a str, token: &'a str, amount: Money) -> Answering<'a, Charge>;

    /// Asks what became of the charge `key`, and sees to it that nothing becomes of it later: a charge that is
    /// not known by now never happens.
    fn close<'a>(&'a self, key: &'a str) -> Answering<'a, Charge>;

    /// Gives back `amount` of the charge `charge`, and tells the provider's id of that. The same key again gives nothing more.
    fn give_back<'a>(
        &'a self,
        key: &'a str,
        charge: &'a str,
        amount: Money,
    ) -> Answering<'a, String>;
}

/// What became of a charge.
#[derive(Debug)]
pub enum Charge {
    /// It was made, under this id of the provider's.
    Made(String),
    /// The provider refused it.
    Declined,
    /// It was not made and never will be.
    NotMade,
}
