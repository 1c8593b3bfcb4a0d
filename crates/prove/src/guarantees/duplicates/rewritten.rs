//! Other ways to write a request that ask for the same.

use adversary::World;
use serde_json::{Value, json};
use simulation::Request;

/// The request as it is, or with its body written in another way: with more white space, its members in another order,
/// its lines in another order or one of them in two parts, or with null for what is absent.
pub(super) fn rewritten(request: &Request, world: &World) -> Request {
    if !request.body().is_object() {
        return request.clone();
    }
    let mut body = request.body().clone();
    let orders = ["place-order", "buy-product"].contains(&request.operation);
    if orders && body["shipping_address"].is_null() && world.below(2) == 0 {
        body["shipping_address"] = Value::Null;
    }
    if let Some(lines) = body.get_mut("items").and_then(Value::as_array_mut) {
        if world.below(2) == 0 {
            lines.reverse();
        }
        if world.below(2) == 0 {
            split(lines);
        }
    }
    let mut text = String::new();
    match world.below(3) {
        0 => text = body.to_string(),
        1 => backwards(&body, &mut text),
        _ => text = serde_json::to_string_pretty(&body).unwrap_or_default(),
    }
    request.clone().text(text)
}

/// Takes one piece of the first line into a line of its own at the end.
fn split(lines: &mut Vec<Value>) {
    let Some(first) = lines.first_mut() else {
        return;
    };
    let quantity = first["quantity"].as_u64().unwrap_or_default();
    if quantity < 2 {
        return;
    }
    first["quantity"] = json!(quantity - 1);
    let mut rest = first.clone();
    rest["quantity"] = json!(1);
    lines.push(rest);
}

/// Writes every object's members from the last to the first, and white space between all there is.
fn backwards(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            text.push_str("\t{ ");
            for (index, (name, member)) in members.iter().rev().enumerate() {
                text.push_str(if index == 0 { "" } else { " ,\r\n" });
                text.push_str(&json!(name).to_string());
                text.push_str(" : ");
                backwards(member, text);
            }
            text.push_str(" }\n");
        }
        Value::Array(elements) => {
            text.push_str("[ ");
            for (index, element) in elements.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { " , " });
                backwards(element, text);
            }
            text.push_str(" ]");
        }
        other => text.push_str(&other.to_string()),
    }
}
