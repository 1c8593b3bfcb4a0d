//! How fast orders come: faster around each change.

use std::{cell::Cell, rc::Rc, time::Duration};

use super::RATE;

/// The rate of orders, as it is set by whoever changes something.
#[derive(Clone, Default)]
pub(super) struct Fire(Rc<Cell<Until>>);

#[derive(Clone, Copy, Default)]
struct Until {
    /// Until when orders come at the full rate.
    hot: Duration,
    /// Until when any come, and at which rate.
    warm: (Duration, f64),
}

impl Fire {
    /// Orders come at the full rate for so long from `now` on.
    pub(super) fn blaze(&self, now: Duration, during: Duration) {
        let until = self.0.get();
        self.0.set(Until {
            hot: until.hot.max(now + during),
            ..until
        });
    }

    /// Orders come at this rate at least until then.
    pub(super) fn keep_until(&self, then: Duration, rate: f64) {
        let until = self.0.get();
        self.0.set(Until {
            warm: (then, rate),
            ..until
        });
    }

    /// Orders a second at this moment; none when there are to be no more.
    pub(super) fn rate(&self, now: Duration) -> Option<f64> {
        let Until { hot, warm } = self.0.get();
        if now < hot {
            return Some(RATE);
        }
        (now < warm.0).then_some(warm.1)
    }
}
