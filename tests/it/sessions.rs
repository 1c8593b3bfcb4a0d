//! Who may call what: every route of the template with every kind of caller.

use std::time::Duration;

use domain::{Role, Timestamp};
use local_shop::Keys;

use crate::support::{Answer, Sample, TestShop, World, now, signed};

/// What an operation answers: without a session, to a bad one, to a customer whom its order isn't, to its owner, to
/// staff.
type Row = [u16; 5];

/// The table. A route that is not in it fails the test.
fn expected(operation: &str) -> Row {
    match operation {
        // Anybody, and what they send along plays no part.
        "register-user" | "log-in" => [201, 201, 201, 201, 201],
        // Anybody, but a session decides what they see, so a bad one is said to be bad.
        "list-products" | "get-product" => [200, 401, 200, 200, 200],
        "get-profile" | "list-orders" => [401, 401, 200, 200, 200],
        "put-product" | "get-stock" | "list-stock-movements" => [401, 401, 403, 403, 200],
        "adjust-stock" => [401, 401, 403, 403, 201],
        "buy-product" | "place-order" => [401, 401, 201, 201, 403],
        "get-order" | "cancel-order" => [401, 401, 404, 200, 200],
        "pay-order" => [401, 401, 404, 200, 403],
        "ship-order" | "deliver-order" => [401, 401, 403, 403, 200],
        other => panic!("{other} has no row in the table of who may call what: add one"),
    }
}

/// `Authorization` headers that prove nothing, and why.
fn bad_sessions(shop: &TestShop) -> Vec<(&'static str, String)> {
    let good = shop.token(Role::Staff, "oxcart-test", now());
    let long_ago = Timestamp::from_millis(now().as_millis() - 601_000);
    let stranger = Keys::generate().unwrap().token_signing_key;
    let (header, rest) = good.split_once('.').unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    let other = shop.token(
        Role::Customer,
        "oxcart-test",
        now().plus(Duration::from_secs(1)),
    );
    let mixed = other.rsplit_once('.').unwrap().1;
    // {"alg":"none","typ":"at+jwt"}
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0";
    let bearer = |token: &str| format!("Bearer {token}");
    vec![
        (
            "expired",
            bearer(&shop.token(Role::Staff, "oxcart-test", long_ago)),
        ),
        (
            "of another audience",
            bearer(&shop.token(Role::Staff, "oxcart-prod", now())),
        ),
        (
            "signed by another key",
            bearer(&signed(&stranger, Role::Staff, "oxcart-test", now())),
        ),
        ("garbage", bearer("garbage")),
        ("dots", bearer("..")),
        ("nothing", "Bearer".into()),
        ("nothing but a space", "Bearer ".into()),
        ("cut short", bearer(&good[..good.len() - 1])),
        ("not signed", bearer(&format!("{header}.{claims}."))),
        ("by no algorithm", bearer(&format!("{none}.{claims}."))),
        (
            "signed for another",
            bearer(&format!("{header}.{claims}.{mixed}")),
        ),
        ("behind two spaces", format!("Bearer  {good}")),
        ("of another scheme", format!("Basic {good}")),
        ("of no scheme", good.clone()),
        ("two at once", format!("Bearer {good}, Bearer {good}")),
        (
            "very long",
            bearer(&format!("{header}.{}.{signature}", "a".repeat(6000))),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_lets_through_whom_the_table_names_and_nobody_else() {
    let world = World::open().await;
    let before = world.shop.snapshot().await;
    // First whoever is refused, then whoever is not, so that every refusal can be shown to change nothing.
    for refused in [true, false] {
        for operation in operations(&world.shop) {
            let row = expected(&operation);
            let callers = [
                None,
                Some(&world.stranger.token),
                Some(&world.owner.token),
                Some(&world.staff.token),
            ];
            for (token, status) in callers.into_iter().zip([row[0], row[2], row[3], row[4]]) {
                if (status >= 400) != refused {
                    continue;
                }
                let sample = Sample {
                    token: token.cloned(),
                    ..world.sample(&operation)
                };
                let answer = sample.call(&world.shop).send().await;
                assert_answer(&operation, &answer, status);
            }
        }
        if refused {
            world.shop.assert_unchanged(&before).await;
        }
    }
    world.shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_session_is_refused_by_every_route_that_looks_at_sessions() {
    let world = World::open().await;
    let bad = bad_sessions(&world.shop);
    let before = world.shop.snapshot().await;
    for operation in operations(&world.shop) {
        let status = expected(&operation)[1];
        if status < 400 {
            continue;
        }
        let sample = Sample {
            token: None,
            ..world.sample(&operation)
        };
        for (what, authorization) in &bad {
            let call = sample
                .call(&world.shop)
                .header("authorization", authorization);
            let answer = call.send().await;
            assert_eq!(
                answer.status, status,
                "{operation}, a token {what}: {}",
                answer.text
            );
            assert_answer(&operation, &answer, status);
        }
    }
    world.shop.assert_unchanged(&before).await;
    for operation in ["register-user", "log-in"] {
        let sample = world.sample(operation).call(&world.shop);
        let answer = sample.header("authorization", &bad[0].1).send().await;
        assert_answer(operation, &answer, expected(operation)[1]);
    }
    world.shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_scheme_is_known_in_any_letter_case() {
    let world = World::open().await;
    for scheme in ["bearer", "BEARER", "bEaReR"] {
        let call = world.shop.get("/users/me");
        let call = call.header("authorization", &format!("{scheme} {}", world.owner.token));
        assert_eq!(call.send().await.expect(200)["id"], world.owner.id);
    }
    world.shop.close().await;
}

fn operations(shop: &TestShop) -> Vec<String> {
    let operations = shop.template.operations();
    let routed = operations.filter(|operation| operation.route.is_some());
    routed.map(|operation| operation.name.clone()).collect()
}

fn assert_answer(operation: &str, answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{operation}: {}", answer.text);
    let slug = match status {
        401 => "unauthenticated",
        403 => "forbidden",
        404 => "order-not-found",
        _ => return,
    };
    answer.problem(status, slug);
    let challenge = if status == 401 { "Bearer" } else { "" };
    assert_eq!(answer.header("www-authenticate"), challenge, "{operation}");
}
