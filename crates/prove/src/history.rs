//! A run's journal, to be read by people.

use std::{
    io::{self, Write},
    rc::Rc,
};

use serde_json::Value;
use simulation::Shop;

/// The most characters of what a line tells.
const WIDTH: usize = 200;

/// Prints, at its end, everything that happened in a shop, a line each: when, who, what.
pub(crate) struct Told(pub(crate) Rc<Shop>);

impl Drop for Told {
    fn drop(&mut self) {
        // Whoever reads it may have seen enough, as `head` has.
        let _ = self.print(&mut io::stdout().lock());
    }
}

impl Told {
    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let journal = self.0.world().journal();
        let entries = journal.all();
        for entry in &entries {
            writeln!(out, "{}", line(entry))?;
        }
        let (count, digest) = (entries.len(), journal.digest());
        writeln!(out, "{count} entries, digest {digest}")
    }
}

fn line(entry: &Value) -> String {
    let text = |name: &str| entry[name].as_str().unwrap_or_default();
    let more = &entry["more"];
    let told: String = match text("what") {
        "asks" => more["request"].as_str().unwrap_or_default().to_owned(),
        "is told" => format!(
            "{} {}",
            more["status"],
            more["text"].as_str().unwrap_or_default()
        ),
        "sends" => format!(
            "{} ({}) {}",
            more["operation"].as_str().unwrap_or_default(),
            more["fate"].as_str().unwrap_or_default(),
            keys(&more["body"])
        ),
        "is served" => format!(
            "{} {} {}",
            more["operation"].as_str().unwrap_or_default(),
            more["status"],
            reasons(&more["body"])
        ),
        _ => more.to_string(),
    };
    let told = match told.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &told[..end]),
        None => told,
    };
    let told = told.trim_end();
    let at = entry["at"].as_f64().unwrap_or_default() / 1000.0;
    format!(
        "{at:>11.3} ms  {:<24} {:<9} {told}",
        text("who"),
        text("what")
    )
}

/// The partition keys that a request speaks of.
fn keys(body: &Value) -> String {
    let mut found = Vec::new();
    collect(body, &mut found);
    found.join(" ")
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member["S"].as_str()) {
                    ("pk", Some(key)) => found.push(key.to_owned()),
                    _ => collect(member, found),
                }
            }
        }
        Value::Array(members) => members.iter().for_each(|member| collect(member, found)),
        _ => {}
    }
}

/// Why a request was refused; empty if it was not.
fn reasons(body: &Value) -> String {
    let kind = body["__type"].as_str().unwrap_or_default();
    let name = kind.rsplit('#').next().unwrap_or_default();
    let codes = body["CancellationReasons"].as_array().into_iter().flatten();
    let codes: Vec<&str> = codes.filter_map(|reason| reason["Code"].as_str()).collect();
    format!("{name} {}", codes.join(","))
}
