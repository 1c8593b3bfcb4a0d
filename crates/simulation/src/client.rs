//! Requests as clients send them, and what each was told.

use std::{rc::Rc, time::Duration};

use serde::Serialize;
use serde_json::Value;
use tokio::{task::spawn_local, time::sleep};

use crate::{
    Reply, Request, Shop,
    mortal::{End, Mortal},
};

/// The most times that a client repeats a request. Who has sent one so often has met what never ends.
const MOST: u32 = 200;

/// The most waits after which a process that is to die by chance does.
pub(crate) const LONG_LIFE: u64 = 24;

/// A request and what became of it.
#[derive(Clone, Debug)]
pub struct Call {
    /// What was asked.
    pub request: Request,
    /// When it was sent, since the shop opened.
    pub began: Duration,
    /// When it was answered.
    pub ended: Duration,
    /// What was answered.
    pub reply: Reply,
}

#[derive(Serialize)]
struct Asked<'a> {
    request: &'a str,
}

#[derive(Serialize)]
struct Told<'a> {
    request: &'a str,
    status: u16,
    text: &'a str,
}

impl Shop {
    /// Sends a request and gives the reply. Dropped in between, its process dies there.
    pub async fn call(&self, request: &Request) -> Reply {
        let life = self.life(LONG_LIFE);
        let (reply, _) = self.call_with_life(request, life).await;
        reply
    }

    /// After how many waits the next process dies, if it is to die by chance: fewer than `most`.
    pub(crate) fn life(&self, most: u64) -> Option<u64> {
        let dies = self.world().below(1_000_000) < (self.mortality.get() * 1e6) as u64;
        let waits = self.world().below(most);
        dies.then_some(waits)
    }

    /// Sends a request to a process that dies when it has waited `life` times, if it isn't done by then. Tells also how
    /// often it waited before it was done; `None` if it died.
    pub async fn call_with_life(
        &self,
        request: &Request,
        life: Option<u64>,
    ) -> (Reply, Option<u64>) {
        self.requests.set(self.requests.get() + 1);
        let id = format!("request-{}", self.requests.get());
        let token = request.caller().map(|person| self.token(person));
        let event = request.event(&id, token.as_deref());
        let name = request.to_string();
        let journal = self.world().journal();
        let began = self.elapsed();
        journal.note(began.as_micros(), &id, "asks", Asked { request: &name });
        let process = self.processes.take(request.operation);
        let timeout = self.timeout(request.operation);
        let end = Mortal::new(process.answer(&event, Some(timeout)), life).await;
        let (reply, waits) = match end {
            End::Done(answer, waits) => {
                self.processes.give_back(request.operation, process);
                (Reply::from(answer), Some(waits))
            }
            End::Died => (Reply::of_the_gateway(), None),
        };
        let ended = self.elapsed();
        let told = Told {
            request: &name,
            status: reply.status,
            text: &reply.text,
        };
        journal.note(ended.as_micros(), &id, "is told", told);
        self.calls.borrow_mut().push(Call {
            request: request.clone(),
            began,
            ended,
            reply: reply.clone(),
        });
        (reply, waits)
    }

    /// As [`Shop::settle`], by a process that dies when it has waited `life` times. Tells also how often it waited;
    /// `None` if it died.
    pub async fn settle_with_life(&self, life: Option<u64>) -> (Option<Value>, Option<u64>) {
        self.deal_with_life("settle-orders", "{}", life).await
    }

    /// Hands an event to a new process of a function without a route, as [`Shop::call_with_life`] does a request. There
    /// is no answer if it failed, died, or ran out of time.
    pub(crate) async fn deal_with_life(
        &self,
        operation: &'static str,
        event: &str,
        life: Option<u64>,
    ) -> (Option<Value>, Option<u64>) {
        let consumer = self.processes.consumer(operation);
        let dealing = Mortal::new(consumer.deal(event, "simulated"), life);
        match tokio::time::timeout(self.timeout(operation), dealing).await {
            Ok(End::Done(answer, waits)) => (answer.ok(), Some(waits)),
            Ok(End::Died) | Err(_) => (None, None),
        }
    }

    /// Sends a request until it is answered for good: with neither 503 nor the gateway's 500. Waits about a second in
    /// between, as `Retry-After` says.
    pub async fn ask(&self, request: &Request) -> Reply {
        let mut reply = self.call(request).await;
        for _ in 1..MOST {
            if !reply.is_to_be_repeated() {
                return reply;
            }
            let pause = 500 + self.world().below(1000);
            sleep(Duration::from_millis(pause)).await;
            reply = self.call(request).await;
        }
        panic!("{request} is never answered for good: {}", reply.text)
    }

    /// Sends requests at nearly the same time, each until it is answered for good. Gives the answers in the requests'
    /// order.
    pub async fn ask_at_once(self: &Rc<Self>, requests: Vec<Request>) -> Vec<Reply> {
        let mut sent = Vec::new();
        for request in requests {
            let (shop, pause) = (self.clone(), self.world().below(20));
            sent.push(spawn_local(async move {
                sleep(Duration::from_millis(pause)).await;
                shop.ask(&request).await
            }));
        }
        let mut replies = Vec::new();
        for one in sent {
            replies.push(one.await.unwrap_or_else(|error| panic!("{error}")));
        }
        replies
    }

    /// Everything that was asked so far and what was answered, in the order of the answers.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.borrow().clone()
    }
}
