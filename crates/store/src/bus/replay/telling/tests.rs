use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    sync::Mutex,
};

use domain::{OrderStatus, Timestamp, order::Party};

use super::*;
use crate::{
    bus::{Publishing, replay::Checkpoint},
    error::Because,
    golden,
};

fn id(letter: char) -> OrderId {
    let id = format!("ord_{}", letter.to_string().repeat(26));
    OrderId::parse(&id).unwrap()
}

/// An order with this id that was placed, then paid ten seconds later.
fn paid(letter: char) -> OrderRecord {
    let mut record = golden::order();
    record.order.id = id(letter);
    record.order.version = 3;
    let later = Timestamp::from_millis(1_795_388_231_000);
    record.reach(OrderStatus::Paid, later, Party::Customer);
    record
}

fn all_paid(letters: &str) -> Vec<OrderRecord> {
    letters.chars().map(paid).collect()
}

/// An event as its order's letter and its version.
fn short(event: &OrderChange) -> String {
    let letter = event.order_id.as_str().chars().last().unwrap();
    format!("{letter}{}", event.version)
}

/// How a bus stops: at which event, what it takes beyond, and whether that may pass.
type Stop = (usize, Vec<usize>, bool);

/// A bus that stops so often and so, and then takes everything.
struct Moody {
    stops: Mutex<VecDeque<Stop>>,
    taken: Mutex<Vec<String>>,
}

impl Moody {
    fn new(stops: impl IntoIterator<Item = Stop>) -> Self {
        Self {
            stops: Mutex::new(stops.into_iter().collect()),
            taken: Mutex::default(),
        }
    }

    /// What it has taken so far.
    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

impl EventBus for Moody {
    fn publish<'a>(&'a self, events: &'a [OrderChange]) -> Publishing<'a> {
        let stop = self.stops.lock().unwrap().pop_front();
        let (at, beyond, may_pass) = stop.unwrap_or((events.len(), Vec::new(), false));
        let places = (0..at).chain(beyond.iter().copied());
        let taken: Vec<String> = places.map(|place| short(&events[place])).collect();
        let new = Some(taken.len());
        self.taken.lock().unwrap().extend(taken);
        let outcome = match at < events.len() {
            false => Ok(HandedOver { new }),
            true => Err(Unpublished {
                at,
                beyond,
                new,
                may_pass,
                source: Box::new(Because("it is busy")),
            }),
        };
        Box::pin(async move { outcome })
    }
}

/// What came of telling this bus of these orders.
struct Outcome {
    told: Told,
    /// The event that it does not take, if it is cut short there.
    untold: Option<String>,
    /// How many seconds it paused each time.
    pauses: Vec<u64>,
}

async fn tell(bus: Option<&dyn EventBus>, letters: &str, selection: &Selection) -> Outcome {
    let pauses = RefCell::new(Vec::new());
    let progress: &dyn Fn(Progress<'_>) = &|progress| match progress {
        Progress::Paused(pause, _) => pauses.borrow_mut().push(pause.as_secs()),
        Progress::Told(_) => {}
    };
    let mut told = Told {
        checkpoint: selection.from.clone(),
        ..Told::default()
    };
    let telling = Telling {
        selection,
        bus,
        progress,
    };
    let outcome = telling.tell(&all_paid(letters), &mut told).await;
    let untold = outcome.err().map(|error| match error {
        ReplayError::Untold { event, .. } => event,
        ReplayError::Unread(_) | ReplayError::NoOrder(_) => panic!("{error}"),
    });
    Outcome {
        told,
        untold,
        pauses: pauses.into_inner(),
    }
}

fn wanted(selection: &Selection) -> Vec<String> {
    let events = in_rounds(&all_paid("ab"), selection);
    events.iter().map(short).collect()
}

#[test]
fn an_orders_events_stay_in_their_order_with_others_in_between() {
    assert_eq!(wanted(&Selection::default()), ["a1", "b1", "a3", "b3"]);
}

#[test]
fn what_happened_at_the_start_is_told_and_what_happened_at_the_end_is_not() {
    let later = Timestamp::parse("2026-11-22T22:57:11Z");
    let since = Selection {
        since: later,
        ..Selection::default()
    };
    assert_eq!(wanted(&since), ["a3", "b3"]);
    let until = Selection {
        until: later,
        ..Selection::default()
    };
    assert_eq!(wanted(&until), ["a1", "b1"]);
}

#[tokio::test(start_paused = true)]
async fn a_busy_bus_is_left_alone_and_told_what_is_left() {
    let stops = [
        // Of a1 b1 c1 a3 b3 c3, it takes the first, and the third and the fourth before it stops.
        (1, vec![2, 3], true),
        // Of b1 b3 c3, nothing, and nothing.
        (0, Vec::new(), true),
        (0, Vec::new(), true),
        // And one.
        (1, Vec::new(), true),
    ];
    let bus = Moody::new(stops);
    let outcome = tell(Some(&bus), "abc", &Selection::default()).await;
    assert_eq!(outcome.untold, None);
    assert_eq!(bus.taken(), ["a1", "c1", "a3", "b1", "b3", "c3"]);
    // It is patient anew after whatever was taken.
    assert_eq!(outcome.pauses, [1, 2, 4, 1]);
    let told = outcome.told;
    assert_eq!((told.orders, told.events, told.new), (3, 6, Some(6)));
    let end = Checkpoint {
        after: Some(id('c')),
        told: BTreeMap::new(),
    };
    assert_eq!(told.checkpoint, end);
}

#[tokio::test(start_paused = true)]
async fn a_bus_that_stays_busy_is_given_up_and_another_replay_goes_on_where_it_was() {
    let letters = "abcdefghijklm";
    // All of the first ten orders, then one of the last three.
    let stops = [(20, Vec::new(), false), (1, Vec::new(), true)];
    let for_good = std::iter::repeat_n((0, Vec::new(), true), PAUSES.len());
    let bus = Moody::new(stops.into_iter().chain(for_good));
    let cut = tell(Some(&bus), letters, &Selection::default()).await;
    assert_eq!(cut.untold, Some(format!("{}#1", id('l'))));
    assert_eq!(cut.pauses, [1, 2, 4, 8, 16, 32]);
    let place = Checkpoint {
        after: Some(id('j')),
        told: BTreeMap::from([(id('k'), 1)]),
    };
    assert_eq!(cut.told.checkpoint, place);
    assert_eq!((cut.told.orders, cut.told.events), (10, 21));

    // It ends once more before it comes any further.
    let going_on = Selection {
        from: place.clone(),
        ..Selection::default()
    };
    let broken = Moody::new([(0, Vec::new(), false)]);
    let again = tell(Some(&broken), "klm", &going_on).await;
    assert_eq!((again.told.checkpoint, again.told.events), (place, 0));
    assert_eq!(again.pauses, [0; 0]);

    let rest = tell(Some(&bus), "klm", &going_on).await;
    assert_eq!((rest.untold, rest.told.events), (None, 5));
    let mut taken = bus.taken();
    let all = taken.len();
    taken.sort();
    taken.dedup();
    assert_eq!((taken.len(), all), (26, 26));
}

#[tokio::test]
async fn what_is_refused_for_good_is_not_tried_again() {
    let bus = Moody::new([(2, Vec::new(), false)]);
    let outcome = tell(Some(&bus), "ab", &Selection::default()).await;
    assert_eq!(outcome.untold, Some(format!("{}#3", id('a'))));
    assert_eq!(outcome.pauses, [0; 0]);
    assert_eq!(bus.taken(), ["a1", "b1"]);
}

#[tokio::test]
async fn without_a_bus_it_is_counted_what_would_be_told() {
    let from = Checkpoint {
        after: None,
        told: BTreeMap::from([(id('b'), 1), (id('c'), 3)]),
    };
    let selection = Selection {
        from,
        ..Selection::default()
    };
    // Nothing is left to tell of the third.
    let told = tell(None, "abc", &selection).await.told;
    assert_eq!((told.orders, told.events, told.new), (2, 3, None));
}
