//! A run's journal, to be read by people.

use serde_json::Value;
use simulation::Shop;

/// The most characters of what a line tells.
const WIDTH: usize = 160;

/// Prints everything that happened in a shop, a line each: when, who, what.
pub(crate) fn print(shop: &Shop) {
    let journal = shop.world().journal();
    let entries = journal.all();
    for entry in &entries {
        println!("{}", line(entry));
    }
    println!("{} entries, digest {}", entries.len(), journal.digest());
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
            "{} {} ({})",
            more["operation"].as_str().unwrap_or_default(),
            keys(&more["body"]),
            more["fate"].as_str().unwrap_or_default()
        ),
        "is served" => format!(
            "{} {} {}",
            more["operation"].as_str().unwrap_or_default(),
            more["status"],
            reasons(&more["body"])
        ),
        _ => more.to_string(),
    };
    let told: String = told.chars().take(WIDTH).collect();
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
