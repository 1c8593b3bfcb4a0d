//! An operation of the document.

use std::collections::BTreeMap;

use domain::{OrderStatus, text::SLUG};
use edge::{Slug, query};
use local_shop::{Operation, Route, Who};
use serde_json::{Value, json};

use crate::{comment::Comment, problems, types::Types};

/// How a comment says that an answer has a `Location`.
const LOCATED: &str = ", with its location";

/// What is answered under one status.
#[derive(Default)]
struct Answered {
    said: Vec<String>,
    problems: Vec<Slug>,
}

/// The operation as the document has it.
pub(crate) fn described(
    operation: &Operation,
    route: &Route,
    comment: &Comment,
    types: Types,
) -> Value {
    let parameters = [
        path_parameters(route),
        query_parameters(comment, &types),
        key_parameter(route),
    ];
    let responses: BTreeMap<String, Value> = answers(route, comment, &types)
        .into_iter()
        .map(|(status, answered)| {
            (
                status.to_string(),
                response(status, answered, route, &types),
            )
        })
        .collect();
    let mut described = json!({
        "operationId": operation.name.replace('-', "_"),
        "tags": [operation.service],
        "summary": comment.summary,
        "description": description(route, comment),
        "parameters": parameters.concat(),
        "responses": responses,
        "security": security(route),
    });
    if let Some(schema) = &types.body {
        described["requestBody"] =
            json!({"required": true, "content": {"application/json": {"schema": schema}}});
    }
    described
}

fn description(route: &Route, comment: &Comment) -> String {
    let callers: Vec<String> = route.callers.iter().map(Who::to_string).collect();
    let callers = format!("For {}.", callers.join(", "));
    match comment.description.as_str() {
        "" => callers,
        more => format!("{more}\n\n{callers}"),
    }
}

fn security(route: &Route) -> Value {
    match (
        route.looks_at_sessions(),
        route.callers.contains(&Who::Anyone),
    ) {
        (false, _) => json!([]),
        (true, true) => json!([{}, {"session": []}]),
        (true, false) => json!([{"session": []}]),
    }
}

/// Any text is one: what can't be an id belongs to nobody and is answered like one that nobody has.
fn path_parameters(route: &Route) -> Vec<Value> {
    let names = route.path.split('/');
    let names = names.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect()
}

fn query_parameters(comment: &Comment, types: &Types) -> Vec<Value> {
    let mut parameters = Vec::new();
    for name in &comment.query {
        if let Some((schema, about)) = query_parameter(name) {
            parameters.push((name.as_str(), schema, about));
        }
    }
    if types.is_list {
        let (default, maximum) = (query::DEFAULT_LIMIT, query::MAX_LIMIT);
        let limit =
            json!({"type": "integer", "minimum": 1, "maximum": maximum, "default": default});
        let about = "Where to go on: the `next_cursor` of the part before.";
        parameters.push(("limit", limit, "How many."));
        parameters.push(("cursor", json!({"type": "string"}), about));
    }
    let parameters = parameters.into_iter();
    parameters
        .map(|(name, schema, about)| json!({"name": name, "in": "query", "description": about, "schema": schema}))
        .collect()
}

/// The schema of a parameter that a comment may name after its route's question mark, and what it is for.
pub(crate) fn query_parameter(name: &str) -> Option<(Value, &'static str)> {
    Some(match name {
        "category" => (
            json!({"type": "string", "pattern": SLUG}),
            "Those in this category.",
        ),
        "query" => (
            json!({"type": "string"}),
            "Those in whose title or category each of these words begins one.",
        ),
        "status" => {
            let all = OrderStatus::ALL.iter().map(|status| status.as_str());
            let all: Vec<&str> = all.collect();
            (
                json!({"type": "string", "enum": all}),
                "Those that are in this status.",
            )
        }
        _ => return None,
    })
}

fn key_parameter(route: &Route) -> Vec<Value> {
    let parameter = json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": true,
        "description": "A name of the client's choice for this one request, and for every repeat of it.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    });
    if route.needs_key {
        vec![parameter]
    } else {
        Vec::new()
    }
}

/// What the comment says, and what follows from the route and the types.
fn answers(route: &Route, comment: &Comment, types: &Types) -> BTreeMap<u16, Answered> {
    let mut answers: BTreeMap<u16, Answered> = BTreeMap::new();
    for answer in &comment.answers {
        for status in &answer.statuses {
            let answered = answers.entry(*status).or_default();
            answered.problems.extend(&answer.problems);
            if !answer.remark.is_empty() {
                let problems: Vec<&str> =
                    answer.problems.iter().map(|slug| slug.as_str()).collect();
                let problems = problems.join(", ");
                let said = match problems.as_str() {
                    "" => answer.remark.clone(),
                    problems => format!("{problems}: {}", answer.remark),
                };
                answered.said.push(said);
            }
        }
    }
    for slug in implied(route, types) {
        let answered = answers.entry(slug.status().as_u16()).or_default();
        if !answered.problems.contains(&slug) {
            answered.problems.push(slug);
        }
    }
    answers
}

/// What every operation of its kind may answer, so that no comment says it.
pub(crate) fn implied(route: &Route, types: &Types) -> Vec<Slug> {
    let mut slugs = vec![Slug::Busy, Slug::InternalError];
    if route.method != "GET" {
        slugs.push(Slug::OutcomeUnknown);
    }
    if route.looks_at_sessions() {
        slugs.push(Slug::Unauthenticated);
        let all = [Who::Guest, Who::Customer, Who::Staff];
        let is_for_all = all.iter().all(|who| route.callers.contains(who));
        if !is_for_all && !route.callers.contains(&Who::Anyone) {
            slugs.push(Slug::Forbidden);
        }
    }
    if types.body.is_some() {
        slugs.extend([
            Slug::InvalidBody,
            Slug::BodyTooLarge,
            Slug::UnsupportedMediaType,
        ]);
    }
    if types.is_list {
        slugs.extend([Slug::InvalidParameter, Slug::InvalidCursor]);
    }
    if route.needs_key {
        slugs.extend([
            Slug::IdempotencyKeyMissing,
            Slug::InvalidIdempotencyKey,
            Slug::IdempotencyKeyReused,
        ]);
    }
    slugs
}

fn response(status: u16, answered: Answered, route: &Route, types: &Types) -> Value {
    let mut headers = json!({"x-request-id": header("RequestId")});
    let mut add = |name: &str, component: &str| headers[name] = header(component);
    match status {
        201 if answered.said.iter().any(|said| said.ends_with(LOCATED)) => {
            add("location", "Location")
        }
        401 => add("www-authenticate", "Challenge"),
        429 | 503 => add("retry-after", "RetryAfter"),
        _ => {}
    }
    if route.needs_key && status < 400 {
        add("idempotent-replayed", "Replayed");
    }
    let names = answered.problems.iter().map(|slug| slug.title());
    let described: Vec<&str> = match status < 400 {
        true => answered.said.iter().map(String::as_str).collect(),
        false => names
            .chain(answered.said.iter().map(String::as_str))
            .collect(),
    };
    let description = match described.is_empty() {
        true => "Done".to_owned(),
        false => crate::comment::capitalised(&described.join(" · ")),
    };
    let mut response = json!({"description": description, "headers": headers});
    let refusals = answered
        .problems
        .iter()
        .map(|slug| problems::reference(*slug));
    let mut refusals: Vec<Value> = refusals.collect();
    if refusals.len() == 1 {
        response["content"] = json!({"application/problem+json": {"schema": refusals.remove(0)}});
    } else if !refusals.is_empty() {
        response["content"] = json!({"application/problem+json": {"schema": {"oneOf": refusals}}});
    } else if let Some(schema) = &types.answer {
        response["content"] = json!({"application/json": {"schema": schema}});
    }
    response
}

fn header(component: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{component}")})
}

/// The headers that responses refer to.
pub(crate) fn headers() -> Value {
    json!({
        "RequestId": {
            "description": "The request's id, by which it is found in the logs.",
            "required": true,
            "schema": {"type": "string"},
        },
        "RetryAfter": {
            "description": "After how many seconds it is worth trying again.",
            "required": true,
            "schema": {"type": "integer", "minimum": 0},
        },
        "Challenge": {
            "description": "How to say who one is (RFC 6750).",
            "required": true,
            "schema": {"const": "Bearer"},
        },
        "Replayed": {
            "description": "There when this is the answer to an earlier request with the same key.",
            "schema": {"const": "true"},
        },
        "Location": {
            "description": "The path of what was created.",
            "required": true,
            "schema": {"type": "string"},
        },
    })
}
