//! Items that transactions hold. Whoever comes for a held item meets a conflict.

use std::collections::BTreeMap;

use crate::footprint::ItemKey;

/// Which transaction holds which item, by its number.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    items: BTreeMap<ItemKey, u64>,
    /// The tokens of transactions that are under way.
    tokens: BTreeMap<String, u64>,
    next: u64,
}

/// A hold that was taken, to be given back.
#[derive(Clone, Debug)]
pub(crate) struct Hold(u64);

/// Why items can't be held.
pub(crate) enum Refused {
    /// The same transaction is under way.
    InProgress,
    /// Others hold some of the items: for each action, whether its item is held. The free ones are held from now on,
    /// since their part of the first phase went well.
    Conflict(Vec<bool>, Hold),
}

impl Holds {
    /// Holds `items` for the transaction with this token: all of them, or those that are free.
    pub(crate) fn take(&mut self, items: &[ItemKey], token: Option<&str>) -> Result<Hold, Refused> {
        if token.is_some_and(|token| self.tokens.contains_key(token)) {
            return Err(Refused::InProgress);
        }
        let held: Vec<bool> = items.iter().map(|item| self.is_held(item)).collect();
        self.next += 1;
        for item in items {
            self.items.entry(item.clone()).or_insert(self.next);
        }
        if held.contains(&true) {
            return Err(Refused::Conflict(held, Hold(self.next)));
        }
        if let Some(token) = token {
            self.tokens.insert(token.to_owned(), self.next);
        }
        Ok(Hold(self.next))
    }

    /// Whether a transaction holds this item.
    pub(crate) fn is_held(&self, item: &ItemKey) -> bool {
        self.items.contains_key(item)
    }

    /// Gives back what was held.
    pub(crate) fn release(&mut self, Hold(number): Hold) {
        self.items.retain(|_, by| *by != number);
        self.tokens.retain(|_, by| *by != number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str) -> ItemKey {
        ("t".into(), name.into())
    }

    #[test]
    fn of_two_transactions_over_one_item_one_conflicts() {
        let mut holds = Holds::default();
        let first = holds.take(&[item("a"), item("b")], Some("1")).ok().unwrap();
        let Err(Refused::Conflict(held, rest)) = holds.take(&[item("c"), item("b")], Some("2"))
        else {
            panic!("no conflict");
        };
        assert_eq!(held, [false, true]);
        assert!(holds.is_held(&item("c")), "until it knows that it failed");
        holds.release(rest);
        assert!(!holds.is_held(&item("c")));
        assert!(matches!(
            holds.take(&[item("a")], Some("1")),
            Err(Refused::InProgress)
        ));
        holds.release(first);
        assert!(holds.take(&[item("b")], Some("1")).is_ok());
    }
}
