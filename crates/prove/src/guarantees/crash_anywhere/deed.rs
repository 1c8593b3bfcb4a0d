//! Something that is done in a shop, and how to tell afterwards whether it was.

use std::{future::Future, pin::Pin, rc::Rc, time::Duration};

use simulation::{Items, Request, Shop};
use tokio::time::sleep;

use crate::{Violation, ensure};

/// A shop that is made ready for something to be done in it.
pub(super) struct Scene {
    pub(super) name: &'static str,
    /// Makes it ready and says what is to be done.
    pub(super) set: fn(Rc<Shop>) -> Setting,
}

pub(super) type Setting = Pin<Box<dyn Future<Output = Deed>>>;

/// How often it was done, by what the tables hold. What is neither done nor not done is a violation.
pub(super) type Done = Box<dyn Fn(&Items) -> Result<u64, Violation>>;

/// Something that is done.
pub(super) struct Deed {
    what: What,
    /// How often it waits for what it reads, before it does anything at all. Who dies in between has done nothing.
    pub(super) looks_first: u64,
    pub(super) done: Done,
    /// The statuses of its success.
    answered: &'static [u16],
    /// A refusal that is as good, since an earlier try has done it; and from how long after the first try on.
    or_refused: Option<(&'static str, Duration)>,
    /// It has a key, by which it is answered the same for ever.
    has_key: bool,
    /// What somebody else does when it was cut short, and succeeds with.
    next: Option<Request>,
}

enum What {
    Request(Box<Request>),
    /// The schedule comes by.
    Settling,
    /// The stream that this function reads brings everything so far.
    Stream(&'static str),
}

/// How far a deed came.
pub(super) struct Begun {
    /// Whether its client was told that it is done.
    pub(super) told_done: bool,
    /// How often its process waited; `None` if it died.
    pub(super) waits: Option<u64>,
}

impl Deed {
    fn of(what: What, done: impl Fn(&Items) -> Result<u64, Violation> + 'static) -> Self {
        Self {
            what,
            looks_first: 0,
            done: Box::new(done),
            answered: &[200],
            or_refused: None,
            has_key: false,
            next: None,
        }
    }

    pub(super) fn request(
        request: Request,
        answered: &'static [u16],
        done: impl Fn(&Items) -> Result<u64, Violation> + 'static,
    ) -> Self {
        Self {
            answered,
            ..Self::of(What::Request(Box::new(request)), done)
        }
    }

    pub(super) fn settling(done: impl Fn(&Items) -> Result<u64, Violation> + 'static) -> Self {
        Self {
            // One query for each part of the index of work. The last is tried, for all of them.
            looks_first: u64::from(store::keys::DUE_SHARDS) - 1,
            ..Self::of(What::Settling, done)
        }
    }

    pub(super) fn stream(
        operation: &'static str,
        done: impl Fn(&Items) -> Result<u64, Violation> + 'static,
    ) -> Self {
        Self::of(What::Stream(operation), done)
    }

    pub(super) fn or_refused(self, problem: &'static str, after: Duration) -> Self {
        Self {
            or_refused: Some((problem, after)),
            ..self
        }
    }

    pub(super) fn with_key(self) -> Self {
        Self {
            has_key: true,
            ..self
        }
    }

    pub(super) fn and_next(self, next: Request) -> Self {
        Self {
            next: Some(next),
            ..self
        }
    }

    /// What must hold besides, given how often it was done.
    pub(super) fn and_also(
        self,
        holds: impl Fn(&Items, u64) -> Result<(), Violation> + 'static,
    ) -> Self {
        let done = self.done;
        Self {
            done: Box::new(move |items| {
                let times = done(items)?;
                holds(items, times)?;
                Ok(times)
            }),
            ..self
        }
    }

    /// Does it, in a process that dies when it has waited `life` times.
    pub(super) async fn begin(&self, shop: &Shop, life: Option<u64>) -> Begun {
        let (told_done, waits) = match &self.what {
            What::Request(request) => {
                let (reply, waits) = shop.call_with_life(request, life).await;
                (self.answered.contains(&reply.status), waits)
            }
            What::Settling => (false, shop.settle_with_life(life).await.1),
            What::Stream(operation) => {
                let records = shop.records(operation);
                let (_, waits) = shop.deliver_with_life(operation, &records, life).await;
                (false, waits)
            }
        };
        Begun { told_done, waits }
    }

    /// Does it again, until it is done.
    pub(super) async fn repeat(&self, shop: &Shop, began: Duration) -> Result<(), Violation> {
        let request = match &self.what {
            What::Request(request) => request,
            What::Settling => {
                shop.settle().await;
                return Ok(());
            }
            What::Stream(_) => {
                shop.drain_streams().await;
                return Ok(());
            }
        };
        let reply = shop.ask(request).await;
        if let Some((problem, after)) = self.or_refused
            && reply.problem() == problem
        {
            let since = shop.elapsed() - began;
            ensure!(since >= after, "after only {since:?} it was told {problem}");
            return Ok(());
        }
        let (status, text) = (reply.status, &reply.text);
        ensure!(self.answered.contains(&status), "answered {status}: {text}");
        if self.has_key {
            let again = shop.ask(request).await;
            let same = if reply.is_success() {
                again.text == reply.text && again.replayed
            } else {
                again.problem() == reply.problem()
            };
            let (status, text) = (again.status, &again.text);
            ensure!(same, "the same again was answered {status}: {text}");
        }
        Ok(())
    }

    /// Lets somebody else do what must succeed whatever became of this.
    pub(super) async fn let_somebody_come_by(&self, shop: &Shop) -> Result<(), Violation> {
        let Some(next) = &self.next else {
            return Ok(());
        };
        // What was on its way has arrived by then.
        sleep(Duration::from_secs(10)).await;
        let reply = shop.ask(next).await;
        let (status, text) = (reply.status, &reply.text);
        ensure!(
            reply.is_success(),
            "then {next} was answered {status}: {text}"
        );
        Ok(())
    }
}
