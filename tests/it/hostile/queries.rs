//! Hostile query strings, as a client that keeps the rules of HTTP sends them and as a gateway might hand them over.

use serde_json::json;

use super::cases_for;
use crate::support::{Answer, Sample, World};

/// Strings that mean nothing to any operation.
fn meaningless() -> Vec<String> {
    let mut queries: Vec<String> = [
        "",
        "?",
        "&",
        "=",
        "&&==&",
        "%",
        "%zz",
        "%f",
        "%ff",
        "%00",
        "%ff=%fe",
        "a=%zz&a=%zz",
        "%E2%28%A1",
        "a[]=1&a[b]=2",
        "a+b=c+d",
        "x=1;DROP TABLE orders",
        "x='\"><script>",
        "x={}|\\^`",
        "x=a b",
        "ü=ö",
        "x=#y",
        "x=\u{7f}",
        "http://x/?y",
        "limit[]=0",
        "LIMIT=0",
        "lim%69t%00=0",
    ]
    .map(str::to_owned)
    .into();
    queries.push(format!("x={}", "a".repeat(10_000)));
    queries.push("x=1&".repeat(2_500));
    queries.push("%".repeat(10_000));
    queries
}

/// Strings that the operations named first must not understand.
const WRONG: [(&str, &str); 16] = [
    ("list", "limit=%zz"),
    ("list", "limit=%ff"),
    ("list", "limit='1'"),
    ("list", "limit=1+"),
    ("list", "limit=1%00"),
    ("list", "limit=1&limit=1"),
    ("list", "l%69mit=0"),
    ("list", "limit=0x10"),
    ("list", "cursor=%ff"),
    ("list", "cursor=x&cursor=x"),
    ("list-products", "category=%zz"),
    ("list-products", "category='things'"),
    ("list-products", "category=things%20"),
    ("list-products", "query=%ff"),
    ("list-orders", "status=Placed"),
    ("list-orders", "status=placed&status=paid"),
];

async fn over_http(world: &World, sample: &Sample, query: &str) -> Answer {
    let route = format!("{}?{query}", sample.route);
    let sample = Sample {
        route,
        ..sample.clone()
    };
    sample.call(&world.shop).send().await
}

async fn as_event(world: &World, sample: &Sample, query: &str) -> Answer {
    let mut event = sample.event();
    event["rawQueryString"] = json!(query);
    Answer::of_function(
        &world
            .shop
            .lambda
            .invoke(&sample.operation, event)
            .await
            .unwrap(),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_means_nothing_changes_no_answer() {
    let world = World::open().await;
    for operation in world.samples() {
        for query in cases_for(&operation.operation, meaningless()) {
            for raw in [true, false] {
                // Each time anew, for an address registers once.
                let sample = world.sample(&operation.operation);
                let answer = match raw {
                    true => as_event(&world, &sample, &query).await,
                    false => over_http(&world, &sample, &query).await,
                };
                let query: String = query.chars().take(40).collect();
                assert_eq!(
                    answer.status, sample.success,
                    "{}?{query}: {}",
                    sample.operation, answer.text
                );
            }
        }
    }
    world.shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parameter_that_makes_no_sense_is_refused_however_it_arrives() {
    let world = World::open().await;
    let before = world.shop.snapshot().await;
    let lists = ["list-products", "list-orders", "list-stock-movements"];
    for sample in lists.map(|operation| world.sample(operation)) {
        for (_, query) in WRONG
            .iter()
            .filter(|(to, _)| sample.operation.starts_with(to))
        {
            for answer in [
                over_http(&world, &sample, query).await,
                as_event(&world, &sample, query).await,
            ] {
                assert_eq!(
                    answer.status, 400,
                    "{}?{query}: {}",
                    sample.operation, answer.text
                );
                answer.problem(400, "invalid-parameter");
            }
        }
        let long = "A".repeat(10_000);
        let answer = over_http(&world, &sample, &format!("cursor={long}")).await;
        answer.problem(400, "invalid-cursor");
    }
    world.shop.assert_unchanged(&before).await;
    world.shop.close().await;
}
