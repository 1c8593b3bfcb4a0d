//! How an average order goes.

use std::fmt;

use clap::{Args, value_parser};
use serde::Serialize;

// The orders that are played, and what leads to each and becomes of it. No doc comment: it would be the command's help.
#[derive(Args, Clone, Debug, Serialize)]
pub struct Story {
    /// Orders that are played
    #[arg(long, default_value_t = 200, value_parser = value_parser!(u32).range(1..=100_000))]
    pub orders: u32,
    /// Seed of what is chosen at random
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Orders of a day, for the shares of what runs by the clock
    #[arg(long, default_value_t = 1000, value_parser = value_parser!(u32).range(1..=10_000_000))]
    pub orders_per_day: u32,
    /// Lists of products that are looked at for each order, also by those who buy nothing
    #[arg(long, default_value_t = 10)]
    pub lists: u32,
    /// Products that are looked at for each order, also by those who buy nothing
    #[arg(long, default_value_t = 20)]
    pub pages: u32,
    /// Products in an order
    #[arg(long, default_value_t = 2, value_parser = value_parser!(u32).range(1..=50))]
    pub lines: u32,
    /// Changes of the cart for each order; one for each product at least
    #[arg(long, default_value_t = 3)]
    pub cart_changes: u32,
    /// Orders for each account that is registered
    #[arg(long, default_value_t = 4, value_parser = value_parser!(u32).range(1..))]
    pub orders_per_account: u32,
    /// How often a customer looks at an order
    #[arg(long, default_value_t = 4)]
    pub polls: u32,
    /// Orders of a hundred that are cancelled instead of paid
    #[arg(long, value_name = "PERCENT", default_value_t = 5, value_parser = value_parser!(u32).range(0..=100))]
    pub cancelled: u32,
    /// Orders of a hundred that are refunded after they were delivered
    #[arg(long, value_name = "PERCENT", default_value_t = 2, value_parser = value_parser!(u32).range(0..=100))]
    pub refunded: u32,
    /// Products in the shop
    #[arg(long, default_value_t = 200, value_parser = value_parser!(u32).range(1..=9999))]
    pub products: u32,
    /// Buckets of each product's stock
    #[arg(long, default_value_t = 1, value_parser = value_parser!(u8).range(1..=64))]
    pub buckets: u8,
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} orders were played, with seed {}, at {} a day. For each, {} lists of products and {} products were looked \
             at, without a session; a guest's cart was changed {} times; its owner logged in, took it over, ordered {} \
             products, paid, and looked at the order {} times; it was shipped and delivered. One of {} was by somebody new, \
             who registered and verified the address. {} % were cancelled instead of paid, {} % refunded at the end. There \
             were {} products, with buckets for their stock: {} each. Each function had one process, which was never started \
             anew, and what was written came by the stream after each request.",
            self.orders,
            self.seed,
            self.orders_per_day,
            self.lists,
            self.pages,
            self.cart_changes.max(self.lines),
            self.lines,
            self.polls,
            self.orders_per_account,
            self.cancelled,
            self.refunded,
            self.products,
            self.buckets,
        )
    }
}

/// Takes a share of a row of orders, spread over it: the first of them first.
#[derive(Clone, Debug)]
pub struct Share {
    percent: u32,
    taken: u64,
}

impl Share {
    /// So many of a hundred.
    pub fn of(percent: u32) -> Self {
        Self { percent, taken: 0 }
    }

    /// Whether the order with this number, from 0, is one of them. One that is passed over is made up for by the next.
    pub fn takes(&mut self, order: u32) -> bool {
        let due = (u64::from(order) + 1) * u64::from(self.percent);
        let takes = self.taken < due.div_ceil(100);
        self.taken += u64::from(takes);
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(percent: u32, orders: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let mut share = Share::of(percent);
        orders
            .into_iter()
            .filter(|&order| share.takes(order))
            .collect()
    }

    #[test]
    fn a_share_is_spread_and_exact() {
        assert_eq!(taken(5, 0..60), [0, 20, 40]);
        assert_eq!(taken(2, 0..200), [0, 50, 100, 150]);
        assert_eq!(taken(50, 0..5), [0, 2, 4]);
        assert_eq!(taken(100, 0..3), [0, 1, 2]);
        assert!(taken(0, 0..1000).is_empty());
    }

    #[test]
    fn what_was_passed_over_is_made_up_for() {
        let seen = (0..200).filter(|order| order % 20 != 0);
        assert_eq!(taken(2, seen), [1, 50, 101, 150]);
    }
}
