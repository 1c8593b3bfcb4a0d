//! What the tables hold, and what of it can be seen yet: the writes of a transaction become visible one by one.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    commit::{Change, Image},
    footprint::ItemKey,
};

/// Every item as it is.
#[derive(Debug, Default)]
pub(crate) struct Items {
    items: BTreeMap<ItemKey, Image>,
    veiled: BTreeMap<ItemKey, Veil>,
}

/// An item as it is still seen.
#[derive(Debug)]
struct Veil {
    before: Option<Image>,
    until: Duration,
}

impl Items {
    /// The item as it is.
    pub(crate) fn current(&self, key: &ItemKey) -> Option<&Image> {
        self.items.get(key)
    }

    /// The item as a consistent read sees it at `now`.
    pub(crate) fn visible(&self, key: &ItemKey, now: Duration) -> Option<&Image> {
        match self.veiled.get(key).filter(|veil| now < veil.until) {
            Some(veil) => veil.before.as_ref(),
            None => self.items.get(key),
        }
    }

    /// Notes what an item is now. `None` when it was that before.
    pub(crate) fn replace(&mut self, key: &ItemKey, new: Option<Image>) -> Option<Change> {
        let old = self.items.remove(key);
        if let Some(new) = &new {
            self.items.insert(key.clone(), new.clone());
        }
        let table = key.0.clone();
        (old != new).then_some(Change { table, old, new })
    }

    /// Until then the item is seen as it was.
    pub(crate) fn veil(&mut self, key: &ItemKey, before: Option<Image>, until: Duration) {
        let veil = Veil { before, until };
        self.veiled.insert(key.clone(), veil);
    }

    /// Everything that these keys hold is visible from now on.
    pub(crate) fn unveil<'k>(&mut self, keys: impl IntoIterator<Item = &'k ItemKey>) {
        for key in keys {
            self.veiled.remove(key);
        }
    }
}
