//! What the streams are to bring about, by what was written to the tables; and what they did bring about.

use std::{collections::BTreeMap, time::Duration};

use adversary::{Change, EPOCH, Meddling, Sent, Shared};
use serde_json::{Map, Value, json};
use simulation::{Shop, stream::CONSUMERS};

use super::letters::Letters;
use crate::{Tally, Violation, common::product_id, ensure};

/// How long what the functions write to is out of order then: shorter than a mapping tries.
const OUTAGE: Duration = Duration::from_secs(2);

/// How long it is in order at the least.
const BETWEEN: Duration = Duration::from_secs(20);

/// All effects, due and done, from now on.
#[derive(Clone, Default)]
pub(super) struct Effects(Shared<Seen>);

#[derive(Default)]
struct Seen {
    /// What is due, by the key of the item that it is to be.
    due: BTreeMap<String, Value>,
    /// The letters about orders.
    letters: Letters,
    /// What is done.
    done: BTreeMap<String, Value>,
    /// What functions ask to be written. They may ask again, for the same.
    asked: BTreeMap<String, Value>,
    /// The highest version of each order that the bus was told of.
    told: BTreeMap<String, u64>,
    wrong: Vec<String>,
}

impl Effects {
    /// Watches a shop from now on.
    pub(super) fn watch(shop: &Shop) -> Self {
        let effects = Self::default();
        let watching = effects.0.clone();
        shop.world().watch(move |commit| {
            for change in &commit.changes {
                watching.with(|seen| seen.note(change));
            }
        });
        let (listening, world) = (effects.0.clone(), shop.world().clone());
        let mut outage = Duration::ZERO;
        shop.world().meddle(move |sent| {
            if sent.operation == "GetItem" {
                listening.with(|seen| seen.letters.look(sent, EPOCH + world.elapsed()));
            }
            if sent.operation != "PutItem" {
                return None;
            }
            listening.with(|seen| seen.hear(sent));
            // Now and then nothing can be written for a while, however often a function tries.
            let tells = CONSUMERS.iter().any(|name| sent.process.starts_with(name));
            let again = world.elapsed() > outage + BETWEEN;
            if tells && again && world.below(50) == 0 {
                outage = world.elapsed() + OUTAGE;
            }
            let refused = Meddling::Refuse(500, "InternalServerError", json!({}));
            (tells && world.elapsed() < outage).then_some(refused)
        });
        effects
    }

    /// All that is due is done and nothing else, and products show what is available.
    pub(super) fn are_complete(&self, shop: &Shop) -> Result<Tally, Violation> {
        for product in ["mug", "pen", "cup"] {
            let id = product_id(product);
            let (shown, is) = shop.checked(|checker| {
                let last = checker.history_of(&id).last();
                (
                    last.map(|(_, product)| product.available),
                    checker.available(&id),
                )
            });
            ensure!(
                shown == Some(is),
                "{product} shows {shown:?} pieces, and there are {is}"
            );
        }
        self.0.with(|seen| {
            ensure!(seen.wrong.is_empty(), "{:#?}", seen.wrong);
            for (key, due) in &seen.due {
                let done = seen.done.get(key);
                ensure!(done == Some(due), "{key} should be {due} and is {done:?}");
            }
            for (key, done) in &seen.done {
                let due = seen.due.get(key).or_else(|| seen.letters.possible(key));
                ensure!(due == Some(done), "{key} is {done} and should be {due:?}");
            }
            let done = |kind: &str| seen.done.keys().filter(|key| key.starts_with(kind)).count();
            Ok(Tally::new()
                .with("events", done("EVENT#") as u64)
                .with("movements", done("STOCK#") as u64))
        })
    }

    /// Whoever can be written to has a letter about what became of each of their orders in the end.
    pub(super) fn letters_are_complete(&self) -> Result<Tally, Violation> {
        self.0.with(|seen| seen.letters.are_complete(&seen.done))
    }
}

impl Seen {
    fn note(&mut self, Change { old, new, .. }: &Change) {
        let old = old.as_deref();
        let Some(new) = new else {
            return self.note_deleted(old);
        };
        let pk = text(new, "pk");
        if let Some((key, effect)) = effect(new) {
            if self.done.insert(key.clone(), effect).is_some() {
                self.wrong.push(format!("{key} was written twice"));
            }
            if let Some((order, version)) = key
                .strip_prefix("EVENT#")
                .and_then(|id| id.rsplit_once('#'))
            {
                let version = version.parse().unwrap_or_default();
                let before = self.told.insert(order.to_owned(), version);
                if before.is_some_and(|before| before > version) {
                    self.wrong
                        .push(format!("{key} was told after a later status"));
                }
            }
        } else if pk.starts_with("ORDER#") {
            let event = event_of(old, new);
            if let Some((_, event)) = &event {
                self.letters.note_status(event, new);
            }
            self.due.extend(event);
        } else if let Some(user) = pk.strip_prefix("USER#") {
            if new["email_verified"]["BOOL"] == true {
                self.letters.note_verified(user);
            }
        } else if text(new, "sk") == "BUCKET" {
            self.due.extend(movement_of(old, new));
        }
    }

    fn note_deleted(&mut self, old: Option<&Value>) {
        if let Some((key, _)) = old.and_then(effect) {
            self.wrong.push(format!("{key} was deleted"));
        }
    }

    /// Somebody asks for something to be written.
    fn hear(&mut self, sent: &Sent<'_>) {
        let item = &sent.body["Item"];
        let Some((key, effect)) = effect(item) else {
            return;
        };
        if self.letters.is_overtaken(sent.process, &key) {
            self.wrong.push(format!("{key} was no longer so"));
        }
        // The time is the record's, so it is the same each time.
        let effect = json!([effect, item["at"], item["event"]]);
        let before = self.asked.insert(key.clone(), effect.clone());
        if before.as_ref().is_some_and(|before| *before != effect) {
            self.wrong
                .push(format!("{key} is {effect}, and was {before:?} before"));
        }
    }
}

/// The effect that an item is, by its key; `None` if it is none.
fn effect(item: &Value) -> Option<(String, Value)> {
    let (pk, sk) = (text(item, "pk"), text(item, "sk"));
    if pk.starts_with("EVENT#") {
        let mut event: Value = serde_json::from_str(text(item, "event")).unwrap_or_default();
        event["at"].take();
        return Some((pk.to_owned(), event));
    }
    if pk.starts_with("MAIL#") {
        return Some((pk.to_owned(), json!(text(item, "to"))));
    }
    let movement = sk.starts_with("MOVE#").then(|| {
        json!({
            "before": number(item, "before"),
            "after": number(item, "after"),
            "cause": text(item, "cause"),
        })
    })?;
    Some((
        format!("{pk} {}", number(item, "version")) + bucket_of(sk),
        movement,
    ))
}

/// The event that a change of an order is due to become.
fn event_of(old: Option<&Value>, new: &Value) -> Option<(String, Value)> {
    let status = text(new, "status");
    if old.is_some_and(|old| text(old, "status") == status) {
        return None;
    }
    let order = text(new, "pk").strip_prefix("ORDER#")?;
    let id = format!("{order}#{}", number(new, "version"));
    let answer: Value = serde_json::from_str(text(new, "answer")).ok()?;
    let event = json!({
        "id": id,
        "type": format!("order.{status}"),
        "at": null,
        "order_id": order,
        "customer_id": text(new, "customer"),
        "status": status,
        "version": number(new, "version"),
        "total": answer["total"],
    });
    Some((format!("EVENT#{id}"), event))
}

/// The movement that a change of a bucket is due to become.
fn movement_of(old: Option<&Value>, new: &Value) -> Option<(String, Value)> {
    let nothing = Value::Object(Map::new());
    let old = old.unwrap_or(&nothing);
    let level = |item: &Value| (number(item, "available"), number(item, "taken"));
    if level(old) == level(new) {
        return None;
    }
    let (stock, bucket) = text(new, "pk").rsplit_once('#')?;
    let movement = json!({
        "before": number(old, "available"),
        "after": number(new, "available"),
        "cause": text(new, "cause"),
    });
    let bucket = format!("{bucket:0>2}");
    Some((
        format!("{stock} {}#{bucket}", number(new, "version")),
        movement,
    ))
}

/// The bucket's number in the key of a movement, with a mark before it.
fn bucket_of(sk: &str) -> &str {
    sk.get("MOVE".len().."MOVE#00".len()).unwrap_or_default()
}

/// A text of an item; empty if there is none.
pub(super) fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name]["S"].as_str().unwrap_or_default()
}

/// A number of an item; 0 if there is none.
pub(super) fn number(item: &Value, name: &str) -> i64 {
    let number = item[name]["N"].as_str().unwrap_or_default();
    number.parse().unwrap_or_default()
}
