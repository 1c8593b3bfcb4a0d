//! What holds of everything that clients may send: claims about any bytes, functions that panic where they don't hold.
//!
//! [`TARGETS`] has them all. `.ci/fuzz` looks for bytes that make one panic, by the fuzzer in `src/bin/fuzzer.rs`;
//! `cargo test` tries those in `seeds`, among them whatever was once found.
//!
//! - [`mod@event`]: what Lambda hands over becomes a request and gets an answer, with nothing lost and nothing added.
//! - [`mod@cursor`]: nothing opens but what was sealed, and only where it was sealed for.
//! - [`mod@token`]: nobody is let in but by a token that was signed.
//! - [`mod@money`]: sums, products and prices are what wide integers say, and are written so that they can be read.
//! - [`mod@order`]: an order is placed exactly if it keeps every rule, and costs what its lines cost.
//!
//! A target takes its bytes apart by [`input`] and makes of them what API Gateway sends by [`gateway`].

#![allow(clippy::expect_used)] // What is not as expected is what is looked for.

pub mod cursor;
pub mod event;
pub mod gateway;
pub mod input;
pub mod money;
pub mod order;
pub mod token;

/// A claim about any bytes.
pub struct Target {
    /// Its name, and its seeds' folder in `seeds`.
    pub name: &'static str,
    /// Panics if the claim does not hold of these bytes. Tells whether they are ones that the shop takes: claims about
    /// what is taken say nothing of anything else, so seeds must be of both kinds.
    pub run: fn(&[u8]) -> bool,
    /// What a fuzzer hardly finds by itself: names that are compared as a whole.
    pub words: &'static [&'static str],
}

/// Every target.
pub const TARGETS: [Target; 5] = [
    Target {
        name: "event",
        run: event::event,
        words: event::WORDS,
    },
    Target {
        name: "cursor",
        run: cursor::cursor,
        words: cursor::WORDS,
    },
    Target {
        name: "token",
        run: token::token,
        words: token::WORDS,
    },
    Target {
        name: "money",
        run: money::money,
        words: money::WORDS,
    },
    Target {
        name: "order",
        run: order::order,
        words: order::WORDS,
    },
];
