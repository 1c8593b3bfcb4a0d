//! JSON that is nearly what an operation takes.

use serde_json::{Map, Value, json};

/// Every way to spoil one place of a body that has only required members: a value of another type, a member that is
/// missing, one too many, and an object written as the list of its values.
pub fn spoiled(body: &Value) -> Vec<Value> {
    let mut all = of_another_type(body);
    match body {
        Value::Object(members) => {
            for (name, value) in members {
                let with = |value: Value| {
                    let mut members = members.clone();
                    members.insert(name.clone(), value);
                    Value::Object(members)
                };
                all.extend(spoiled(value).into_iter().map(with));
                let mut without = members.clone();
                without.remove(name);
                all.push(Value::Object(without));
            }
            for unknown in ["", "zz_unknown", "Email", "__proto__", "price_cents"] {
                let mut more = members.clone();
                more.insert(unknown.into(), json!(1));
                all.push(Value::Object(more));
            }
            all.extend(as_lists(members));
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                all.extend(spoiled(element).into_iter().map(|spoiled| {
                    let mut elements = elements.clone();
                    elements[index] = spoiled;
                    Value::Array(elements)
                }));
            }
        }
        _ => {}
    }
    all
}

fn of_another_type(value: &Value) -> Vec<Value> {
    let kinds = [
        json!(null),
        json!(true),
        json!("text"),
        json!(7),
        json!(-7),
        json!(1.5),
        json!(u64::MAX),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"a": 1}),
    ];
    let differs = |other: &Value| match (value, other) {
        // Other numbers may be good ones; those that are none for any member are not.
        (Value::Number(_), Value::Number(number)) => !number.is_i64(),
        _ => std::mem::discriminant(value) != std::mem::discriminant(other),
    };
    kinds.into_iter().filter(differs).collect()
}

/// The values in any order that could be the declared one, and nulls for what may be left out.
fn as_lists(members: &Map<String, Value>) -> Vec<Value> {
    let values: Vec<Value> = members.values().cloned().collect();
    let reversed: Vec<Value> = values.iter().rev().cloned().collect();
    let mut lists = Vec::new();
    for nulls in 0..6 {
        for values in [&values, &reversed] {
            let mut list = values.clone();
            list.resize(list.len() + nulls, Value::Null);
            lists.push(Value::Array(list));
        }
    }
    // A title, four absent members around a price and so on.
    if let [first, rest @ ..] = &reversed[..] {
        for nulls in 1..4 {
            let mut list = vec![first.clone()];
            list.resize(1 + nulls, Value::Null);
            list.extend(rest.iter().cloned());
            list.resize(list.len() + 3, Value::Null);
            lists.push(Value::Array(list));
        }
    }
    lists
}

/// The bodies with one member given twice, at any depth: the same value again, which is no excuse.
pub fn repeated(body: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    let Value::Object(members) = body else {
        if let Value::Array(elements) = body {
            let inner = elements.iter().flat_map(repeated);
            texts.extend(inner.map(|element| format!("[{element}]")));
        }
        return texts;
    };
    for (name, value) in members {
        let whole = body.to_string();
        texts.push(format!(
            "{},\"{name}\":{value}}}",
            &whole[..whole.len() - 1]
        ));
        for inner in repeated(value) {
            let mut others = members.clone();
            others.remove(name);
            let others: String = others
                .iter()
                .map(|(name, value)| format!(",\"{name}\":{value}"))
                .collect();
            texts.push(format!("{{\"{name}\":{inner}{others}}}"));
        }
    }
    texts
}
