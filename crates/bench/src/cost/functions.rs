//! The shop's functions, one process of each, and what each invocation took.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_dynamodb::Client;
use domain::OrderStatus;
use edge::{Random, Settings};
use local_shop::{Operation, environment};
use processes::{Dealing, NotStarted, Serving, dealing, serving};
use serde_json::Value;
use store::{Db, orders::OrderChange};
use tracing::{Instrument, Span, info_span};

use super::{
    access_log::AccessLog,
    assumed::{Assumed, StandIn},
    clock::Clock,
    counts::{Counts, Taken, Times, metered, short},
    error::CostError,
    request::{Reply, Request},
    time::{billed_ms, computed, computing_ms},
    units::Recorder,
    written::{self, Written},
};
use crate::shop::{NAME, Shop};

/// What all invocations took, by operation.
pub type Ledger = BTreeMap<String, Taken>;

/// The functions. They stay warm: each has one process, which serves one request at a time.
pub struct Functions<'s> {
    /// The shop that they are of.
    pub shop: &'s Shop,
    /// The time.
    pub clock: Clock,
    access_log: Option<AccessLog>,
    assumed: &'s Assumed,
    random: Random,
    recorder: Recorder,
    serving: RefCell<BTreeMap<String, Rc<dyn Serving>>>,
    dealing: RefCell<BTreeMap<String, Rc<dyn Dealing>>>,
    ledger: RefCell<Ledger>,
    invoked: Cell<u64>,
}

/// An invocation that goes on.
struct Begun(Duration);

impl<'s> Functions<'s> {
    /// The functions of a shop, none of which has started.
    pub fn new(shop: &'s Shop, assumed: &'s Assumed, seed: u64) -> Self {
        let random = Mutex::new(fastrand::Rng::with_seed(seed));
        let access_log = shop.template.watching.access_log.as_deref();
        Self {
            shop,
            clock: Clock::at_the_beginning(),
            access_log: access_log.map(AccessLog::new),
            assumed,
            random: Random::simulated(move |bytes| {
                if let Ok(mut random) = random.lock() {
                    random.fill(bytes);
                }
            }),
            recorder: Recorder::default(),
            serving: RefCell::default(),
            dealing: RefCell::default(),
            ledger: RefCell::default(),
            invoked: Cell::default(),
        }
    }

    /// Sends a request, which must succeed.
    pub async fn ask(&self, request: &Request) -> Result<Reply, CostError> {
        let name = request.operation;
        let operation = self.operation(name)?;
        let route = operation.route.as_ref();
        let route = route.map(|route| format!("{} {}", route.method, route.path));
        let route = route.unwrap_or_default();
        let process = self.process(&self.serving, operation, serving)?;
        let id = self.next_id();
        let event = request.event(&id, &route);
        let begun = Begun::now()?;
        let answer = process.answer(&event, None).instrument(span(&id)).await;
        let (mut counts, times) = self.ended(begun, operation)?;
        let reply = Reply::from(answer);
        if !(200..300).contains(&reply.status) {
            return Err(CostError::Refused {
                operation: name,
                status: reply.status,
                text: reply.text,
            });
        }
        counts.requests = 1;
        counts.request_bytes = request.bytes();
        counts.response_bytes = reply.bytes;
        counts.metered_requests = metered(counts.request_bytes + counts.response_bytes);
        let log = self.access_log.as_ref();
        counts.access_log = Written::of_api(log, &route, reply.status, reply.bytes);
        self.note(operation, &counts, times);
        Ok(reply)
    }

    /// Hands an event to a function without a route.
    pub async fn deal(&self, name: &str, event: &Value) -> Result<Value, CostError> {
        let operation = self.operation(name)?;
        let process = self.process(&self.dealing, operation, dealing)?;
        let (id, text) = (self.next_id(), event.to_string());
        let begun = Begun::now()?;
        let dealt = process.deal(&text, &id).instrument(span(&id)).await;
        let (mut counts, times) = self.ended(begun, operation)?;
        counts.scheduled = u64::from(operation.schedule.is_some());
        counts.queued = queued(operation, event);
        self.note(operation, &counts, times);
        dealt.map_err(|_| CostError::Failed(name.to_owned()))
    }

    /// What was taken so far. From now on it is counted anew.
    pub fn take(&self) -> Ledger {
        self.ledger.take()
    }

    /// A connection for whoever looks at tables without being counted.
    pub fn uncounted(&self) -> Arc<Db> {
        let client = self.shop.dynamodb.client();
        Arc::new(Db::new(client, self.clock.of_store()))
    }

    /// The name of the table with this logical id.
    pub fn table(&self, logical_id: &'static str) -> Result<String, CostError> {
        let table = self.shop.template.table(logical_id);
        let table = table.ok_or(CostError::NotDeclared(logical_id))?;
        Ok(table.name.clone())
    }

    fn operation(&self, name: &str) -> Result<&'s Operation, CostError> {
        let operation = self.shop.template.operation(name);
        Ok(operation.ok_or_else(|| NotStarted::Unknown(name.to_owned()))?)
    }

    /// The process of a function, started if it is not there.
    fn process<P: ?Sized>(
        &self,
        warm: &RefCell<BTreeMap<String, Rc<P>>>,
        operation: &Operation,
        start: impl FnOnce(&str, &Settings) -> Result<Rc<P>, NotStarted>,
    ) -> Result<Rc<P>, CostError> {
        if let Some(process) = warm.borrow().get(&operation.name) {
            return Ok(Rc::clone(process));
        }
        let process = start(&operation.name, &self.settings(operation))?;
        let mut warm = warm.borrow_mut();
        warm.insert(operation.name.clone(), Rc::clone(&process));
        Ok(process)
    }

    /// The settings that the template gives a function, with the time and the randomness of the story.
    fn settings(&self, operation: &Operation) -> Settings {
        let client = self.shop.dynamodb.client();
        let heard = client
            .config()
            .to_builder()
            .interceptor(self.recorder.clone());
        let db = Db::new(Client::from_conf(heard.build()), self.clock.of_store());
        let variables = environment(operation, self.shop.dynamodb.endpoint());
        Settings::simulated(
            variables.into_iter().collect(),
            Arc::new(db),
            self.clock.of_edge(),
            self.random.clone(),
        )
    }

    /// An id as API Gateway and Lambda give them, as long as API Gateway's.
    fn next_id(&self) -> String {
        self.invoked.set(self.invoked.get() + 1);
        format!("{:015}=", self.invoked.get())
    }

    /// What an invocation took.
    fn ended(&self, begun: Begun, operation: &Operation) -> Result<(Counts, Times), CostError> {
        let cpu = computed()?.saturating_sub(begun.0);
        let calls = self.recorder.take()?;
        let mut counts = Counts {
            invocations: 1,
            events: StandIn::Bus.count(&calls, NAME),
            emails: StandIn::Mailbox.count(&calls, NAME),
            own_log: written::take(),
            lambda_log: Written::of_lambda(),
            ..Counts::default()
        };
        counts.add_calls(&calls, NAME);
        let computing_ms = computing_ms(cpu, operation.memory_mib, self.assumed.cpu_factor);
        let waiting_ms = self.assumed.waiting_ms(&calls, NAME);
        let times = Times {
            cpu_ms: cpu.as_secs_f64() * 1000.0,
            computing_ms,
            waiting_ms,
            billed_ms: billed_ms(computing_ms, waiting_ms),
        };
        Ok((counts, times))
    }

    fn note(&self, operation: &Operation, counts: &Counts, times: Times) {
        let mut ledger = self.ledger.borrow_mut();
        let taken = ledger.entry(operation.name.clone()).or_default();
        taken.memory_mib = operation.memory_mib;
        taken.counts += counts;
        taken.times += times;
    }
}

impl Begun {
    fn now() -> Result<Self, CostError> {
        Ok(Self(computed()?))
    }
}

/// How many of the records that this operation gets a rule of EventBridge would have put into a queue.
fn queued(operation: &Operation, event: &Value) -> u64 {
    let table = operation.stream.as_ref().map(|source| &*source.table);
    match table.and_then(|table| StandIn::of(short(table, NAME))) {
        Some(StandIn::Bus) => matched(event),
        Some(StandIn::Provider | StandIn::Mailbox) | None => 0,
    }
}

/// How many of these records of the bus's stream are events that a rule matches: all but arrivals, of which nobody is written.
fn matched(event: &Value) -> u64 {
    let records = event["Records"].as_array().into_iter().flatten();
    let events = records.filter_map(|it| it["dynamodb"]["NewImage"]["event"]["S"].as_str());
    let events = events.filter_map(|event| serde_json::from_str::<OrderChange>(event).ok());
    let matched = events.filter(|event| event.status != OrderStatus::Delivered);
    u64::try_from(matched.count()).unwrap_or_default()
}

/// The span that the Lambda runtime puts around an invocation, whose fields stand in each line of the log.
fn span(id: &str) -> Span {
    let trace = "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0;Lineage=1:00000000:0";
    info_span!("Lambda runtime invoke", requestId = id, xrayTraceId = trace)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_counts_by_its_status_and_what_is_none_does_not_count() {
        let event = |status: &str| {
            let order = format!("ord_{}", "a".repeat(26));
            let event = json!({
                "id": format!("{order}#2"), "type": format!("order.{status}"), "at": "2026-11-22T22:57:01Z",
                "order_id": order, "customer_id": format!("usr_{}", "b".repeat(26)), "status": status,
                "version": 2, "total": {"amount": 2900, "currency": "USD"},
            });
            // As somebody may write it who leaves more room.
            format!("{event:#}")
        };
        let records = |events: &[String]| {
            let record =
                |event: &String| json!({"dynamodb": {"NewImage": {"event": {"S": event}}}});
            json!({"Records": events.iter().map(record).collect::<Vec<_>>()})
        };
        let [placed, delivered] = ["placed", "delivered"].map(event);
        let mut named = serde_json::from_str::<Value>(&placed).unwrap();
        named["type"] = json!("order.delivered");
        for (events, expected) in [
            (vec![placed.clone(), delivered.clone(), placed], 2),
            (vec![delivered], 0),
            (vec![named.to_string()], 1),
            (vec!["hunter2".to_owned(), "{}".to_owned()], 0),
            (vec![], 0),
        ] {
            assert_eq!(matched(&records(&events)), expected, "{events:?}");
        }
    }
}
