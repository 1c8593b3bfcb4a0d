//! How many invocations of a function are under way, now and at most.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::watch;

/// The count of one function, all its instances together.
#[derive(Debug)]
pub(crate) struct Load {
    now: watch::Sender<usize>,
    highest: AtomicUsize,
}

/// One invocation, from the moment a process has taken it to the moment it is over.
#[derive(Debug)]
pub(crate) struct Counted(Arc<Load>);

impl Load {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            now: watch::Sender::new(0),
            highest: AtomicUsize::new(0),
        })
    }

    pub(crate) fn count(self: &Arc<Self>) -> Counted {
        self.now.send_modify(|now| {
            *now += 1;
            self.highest.fetch_max(*now, Ordering::Relaxed);
        });
        Counted(Arc::clone(self))
    }

    pub(crate) fn now(&self) -> usize {
        *self.now.borrow()
    }

    pub(crate) fn highest(&self) -> usize {
        self.highest.load(Ordering::Relaxed)
    }

    /// Waits until `count` invocations or more are under way at once.
    pub(crate) async fn reaches(&self, count: usize) {
        // It can't fail: the sender is right here.
        let _ = self.now.subscribe().wait_for(|now| *now >= count).await;
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.now.send_modify(|now| *now -= 1);
    }
}
