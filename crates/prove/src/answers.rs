//! The first answers that are written down for repeats: in an order, or beside what was done.

use std::time::Duration;

use adversary::{Shared, World};
use serde_json::Value;

/// Every first answer that was written down since somebody began to watch, and when.
#[derive(Clone, Default)]
pub(crate) struct Answers(Shared<Vec<(Duration, String)>>);

impl Answers {
    /// Begins to watch.
    pub(crate) fn in_world(world: &World) -> Self {
        let answers = Self::default();
        let written = answers.0.clone();
        world.watch(move |commit| {
            let created = commit.changes.iter().filter(|change| change.old.is_none());
            let answers = created.filter_map(|change| change.new.as_ref()?["answer"]["S"].as_str());
            let answers = answers.map(|answer| (commit.at, answer.to_owned()));
            written.with(|written| written.extend(answers));
        });
        answers
    }

    /// All of those that are so.
    pub(crate) fn all(&self, is_so: impl Fn(&Value) -> bool) -> Vec<(Duration, String)> {
        let so = |(_, text): &&(Duration, String)| {
            is_so(&serde_json::from_str(text).unwrap_or_default())
        };
        self.0
            .with(|written| written.iter().filter(so).cloned().collect())
    }
}
