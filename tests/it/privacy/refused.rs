//! What every operation refuses, each refusal for another canary.

use local_shop::Route;
use serde_json::json;

use super::{
    canaries::{canaries, these},
    client::Client,
    written::assert_clean,
};
use crate::support::{Call, Sample, World};

/// The sample, by somebody who sends canaries.
fn whole(client: &Client<'_>, sample: &Sample) -> Call {
    sample.call_by(|method, path| client.call(method, path))
}

/// The same up to its body.
fn without_body(client: &Client<'_>, sample: &Sample) -> Call {
    sample.call_without_body_by(|method, path| client.call(method, path))
}

async fn with_forged_sessions(world: &World, client: &mut Client<'_>, operation: &str) {
    for authorization in [
        "Bearer canaryforged.canaryclaims.canarysignature",
        "Basic canarybasic",
        "canaryscheme",
    ] {
        let mut sample = world.sample(operation);
        sample.token = None;
        let call = whole(client, &sample).header("authorization", authorization);
        let refused = client.try_to(call).await;
        refused.problem(401, "unauthenticated");
    }
}

async fn with_bad_bodies(world: &World, client: &mut Client<'_>, operation: &str) {
    let sample = world.sample(operation);
    let Some(body) = &sample.body else {
        return;
    };
    let mut more = body.clone();
    more["canarymember"] = json!("canaryvalue");
    let large = json!({"canarylarge": "canary".repeat(11_000)});
    let good = "application/json";
    let texts: [(&str, Vec<u8>, u16); 6] = [
        ("text/canarytype", b"canarytext".to_vec(), 415),
        (good, b"{\"canarymember\": canaryword".to_vec(), 400),
        (good, b"\"canarystring\"".to_vec(), 400),
        (good, b"{\"canarybytes\": \"\xff\"}".to_vec(), 400),
        (good, more.to_string().into(), 400),
        (good, large.to_string().into(), 413),
    ];
    for (kind, text, status) in texts {
        let call = without_body(client, &sample).body(kind, text);
        client.send(call, status).await;
    }
    for name in body.as_object().unwrap().keys() {
        let mut sample = world.sample(operation);
        let mut body = body.clone();
        body[name.as_str()] = json!("canaryvalue");
        sample.body = Some(body);
        let call = whole(client, &sample);
        client.try_to(call).await;
    }
}

async fn with_bad_keys(world: &World, client: &mut Client<'_>, operation: &str) {
    let long = "canarykey".repeat(40);
    for key in ["canary key", long.as_str()] {
        let mut sample = world.sample(operation);
        sample.key = Some(key.to_owned());
        let call = whole(client, &sample);
        let refused = client.try_to(call).await;
        refused.problem(400, "invalid-idempotency-key");
    }
}

/// With what can be no id. One that could be, but names nothing, is in the story.
async fn with_other_paths(world: &World, client: &mut Client<'_>, operation: &str) {
    for id in ["Canarypath", "Canary%20path", "%22canarypath"] {
        let mut sample = world.sample(operation);
        for value in sample.parameters.values_mut() {
            *value = id.to_owned();
        }
        let call = whole(client, &sample);
        client.try_to(call).await;
    }
}

async fn with_a_bad_query(world: &World, client: &mut Client<'_>, operation: &str) {
    let mut sample = world.sample(operation);
    let query = "limit=canarylimit&cursor=canarycursor&category=Canarycategory&status=canarystatus";
    sample.route = format!("{}?{query}&query=canarywords", sample.route);
    let call = whole(client, &sample);
    let answer = client.try_to(call).await;
    if operation.starts_with("list-") {
        answer.problem(400, "invalid-parameter");
    }
}

async fn refused(world: &World, client: &mut Client<'_>, operation: &str, route: &Route) {
    if route.looks_at_sessions() {
        with_forged_sessions(world, client, operation).await;
    }
    with_bad_bodies(world, client, operation).await;
    if route.needs_key {
        with_bad_keys(world, client, operation).await;
    }
    if route.path.contains('{') {
        with_other_paths(world, client, operation).await;
    }
    with_a_bad_query(world, client, operation).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_an_operation_refuses_is_repeated_in_its_answer_or_its_log() {
    let world = World::open().await;
    let mut client = Client::of(&world.shop);
    for caller in [&world.owner, &world.stranger, &world.staff] {
        client.keep(&caller.token);
    }
    for (operation, route) in world.routes() {
        refused(&world, &mut client, &operation, &route).await;
    }
    // What is no request, no batch of records and no schedule's event.
    for operation in world.shop.template.operations() {
        let event = json!({"canarymember": "canaryvalue", "Records": "canaryrecords"});
        let outcome = world.shop.lambda.invoke(&operation.name, event).await;
        let told = canaries(&format!("{outcome:?}"));
        assert_eq!(told, these(&[]), "{}: {outcome:?}", operation.name);
    }
    assert_eq!(canaries(&client.answered(true)), these(&[]));
    let logs = world.shop.logs().await;
    for (operation, log) in &logs {
        assert!(log.contains("started"), "{operation}: {log}");
    }
    assert_clean(&logs, &client.answers, &client.secrets);
    world.shop.close().await;
}
