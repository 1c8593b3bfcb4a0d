//! What a client sends, and what the shop gives out as a secret, is found where it belongs and nowhere else.
//!
//! Everything that is sent here is a canary: a word that begins with "canary" and says what it was sent as. So whatever
//! leaves the shop or is kept by it can be searched for all of them at once, also for those that nobody thought of.
//!
//! - [`canaries`]: finding them in a text; `written`: texts of logs, tables and answers.
//! - [`client`]: somebody whose every request has canaries in its query and in its headers.
//! - [`story`]: every operation, from the first product to an account that is deleted; [`people`], [`shelf`], [`buying`]: its
//!   chapters.
//! - [`refused`]: what is refused by every operation; [`quoted`]: what DynamoDB refuses and quotes.

mod buying;
mod canaries;
mod client;
mod people;
mod quoted;
mod refused;
mod shelf;
mod story;
mod written;
