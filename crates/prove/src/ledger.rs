//! What the payment provider did, by what it wrote into its own ledger, against what became of the orders. Neither the
//! auditor nor any other production code has a part in this.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use adversary::{Change, Commit, Shared};
use simulation::{Item, Items, Shop};

/// Statuses of orders whose money the shop keeps.
const KEPT: [&str; 3] = ["paid", "shipped", "delivered"];

/// The most that is told.
const MOST_TOLD: usize = 20;

/// One order's lines in the ledger.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    /// Charges that were made, by the number of the step.
    charged: BTreeMap<String, i64>,
    /// Charges that were declined.
    pub(crate) declined: u64,
    /// What was given back, by the charge that it was of.
    given_back: BTreeMap<String, Vec<i64>>,
}

impl Account {
    /// Charges that were made.
    pub(crate) fn charges(&self) -> u64 {
        self.charged.len() as u64
    }

    /// Charges that were given back.
    pub(crate) fn returns(&self) -> u64 {
        self.given_back.values().map(|it| it.len() as u64).sum()
    }

    /// What the shop has.
    fn balance(&self) -> i64 {
        let given_back: i64 = self.given_back.values().flatten().sum();
        self.charged.values().sum::<i64>() - given_back
    }

    fn add(&mut self, line: &Item) {
        let amount = line.number("amount").unwrap_or_default();
        let key = line.text("pk");
        if key.starts_with("REFUND#") {
            let of = line.text("charge").rsplit('#').next().unwrap_or_default();
            self.given_back
                .entry(of.to_owned())
                .or_default()
                .push(amount);
            return;
        }
        let step = key.rsplit('#').next().unwrap_or_default();
        match line.text("state") {
            "charged" => {
                self.charged.insert(step.to_owned(), amount);
            }
            "declined" => self.declined += 1,
            _ => {}
        }
    }

    /// What is wrong with it at any moment, for an order of this total.
    fn wrong(&self, total: i64) -> Option<String> {
        if let Some((step, amount)) = self.charged.iter().find(|(_, it)| **it != total) {
            return Some(format!(
                "charge {step} is of {amount}, the order of {total}"
            ));
        }
        for (charge, amounts) in &self.given_back {
            if amounts.as_slice() != [total] || !self.charged.contains_key(charge) {
                return Some(format!("of charge {charge} {amounts:?} were given back"));
            }
        }
        let balance = self.balance();
        (balance != 0 && balance != total).then(|| format!("{balance} are kept of {total}"))
    }
}

/// The order that a line is about.
fn order_of(line: &Item) -> String {
    let key = line.text("pk");
    key.split('#').nth(1).unwrap_or_default().to_owned()
}

/// What an order costs, by the answer that placing it was given.
fn total_of(order: &Item) -> i64 {
    let total = &order.json("answer")["total"]["amount"];
    total.as_i64().unwrap_or_default()
}

/// What the provider's ledger says of an order.
pub(crate) fn account(items: &Items, order: &str) -> Account {
    let mut account = Account::default();
    for kind in ["CHARGE", "REFUND"] {
        let lines = items.all("provider", &format!("{kind}#{order}#"));
        lines.iter().for_each(|line| account.add(line));
    }
    account
}

/// Where the ledger and the orders do not agree when all is over: an order that became and stayed paid was charged
/// once, and any other keeps nothing.
pub(crate) fn disagreements(items: &Items) -> Vec<String> {
    let mut wrong = Vec::new();
    for order in items.all("orders", "ORDER#") {
        let id = order.text("pk").trim_start_matches("ORDER#");
        let (total, status) = (total_of(&order), order.text("status"));
        let account = account(items, id);
        let kept = if KEPT.contains(&status) { total } else { 0 };
        wrong.extend(account.wrong(total).map(|how| format!("{id}: {how}")));
        if account.balance() != kept {
            let balance = account.balance();
            wrong.push(format!(
                "{id} is {status}, and {balance} are kept of {total}"
            ));
        }
    }
    for line in items.all("provider", "") {
        let order = order_of(&line);
        if items.get("orders", &format!("ORDER#{order}")).is_none() {
            wrong.push(format!("{} is of no order", line.text("pk")));
        }
    }
    wrong
}

/// Watches the ledger and the orders at every write.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch(Shared<Watched>);

#[derive(Debug, Default)]
struct Watched {
    orders: BTreeMap<String, Item>,
    accounts: BTreeMap<String, Account>,
    /// When each order was paid.
    paid_at: BTreeMap<String, Duration>,
    /// Customers whose accounts are deleted.
    deleted: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Watch {
    /// Watches a shop from now on.
    pub(crate) fn over(shop: &Shop) -> Self {
        let watch = Self::default();
        let watched = watch.0.clone();
        shop.world()
            .watch(move |commit| watched.with(|it| it.note(commit)));
        watch
    }

    /// When an order was paid, if it was.
    pub(crate) fn paid_at(&self, order: &str) -> Option<Duration> {
        self.0.with(|it| it.paid_at.get(order).copied())
    }

    /// What was wrong, and since when.
    pub(crate) fn wrong(&self) -> Vec<String> {
        self.0.with(|it| it.wrong.clone())
    }
}

impl Watched {
    fn note(&mut self, commit: &Commit) {
        for change in &commit.changes {
            if let Some(how) = self.take_in(commit.at, change)
                && self.wrong.len() < MOST_TOLD
            {
                self.wrong.push(format!("after {:?}, {how}", commit.at));
            }
        }
    }

    fn take_in(&mut self, at: Duration, change: &Change) -> Option<String> {
        let Some(new) = change.new.as_ref().map(Item::from) else {
            let of_provider = change.table.ends_with("-provider");
            return of_provider.then(|| "a line was taken out of the ledger".to_owned());
        };
        if let Some(id) = new.text("pk").strip_prefix("ORDER#") {
            let first = new.text("status") == "paid" && !self.paid_at.contains_key(id);
            if first {
                self.paid_at.insert(id.to_owned(), at);
            }
            let too_late = first && self.deleted.contains(new.text("customer"));
            let told = too_late.then(|| format!("{id} was paid by a deleted account"));
            self.orders.insert(id.to_owned(), new);
            return told;
        }
        if let Some(customer) = new.text("pk").strip_prefix("DELETED#") {
            self.deleted.insert(customer.to_owned());
        }
        if !change.table.ends_with("-provider") {
            return None;
        }
        if change.old.is_some() {
            return Some(format!("{} was written twice", new.text("pk")));
        }
        let id = order_of(&new);
        let Some(order) = self.orders.get(&id) else {
            return Some(format!("{} is of no order", new.text("pk")));
        };
        let account = self.accounts.entry(id).or_default();
        account.add(&new);
        // Every step was written on the order before it was taken.
        let number = new.text("pk").rsplit('#').next().unwrap_or_default();
        let number: Option<u64> = number.parse().ok();
        let steps = order.json("steps");
        let mut steps = steps.as_array().into_iter().flatten();
        let intended = steps.any(|step| step["number"].as_u64() == number);
        let unintended = || format!("{} is not written on the order", new.text("pk"));
        let wrong = account.wrong(total_of(order));
        wrong.or_else(|| (!intended && new.text("state") != "closed").then(unintended))
    }
}
