//! What functions may do by their policies, and what they do: neither is more than the other. What a policy does not allow is
//! refused in every test, and what it allows is done here. So is every call that the store makes of DynamoDB.
//!
//! - [`scenes`]: what brings that about; [`sites`]: the store's calls, and which of them were made; [`source`], [`scan`]: where
//!   they stand.
//! - [`denied`]: that what is not allowed is refused.
//! - [`commands`]: what whoever runs `cargo shop` needs leave for.

mod commands;
mod denied;
mod scan;
mod scenes;
mod sites;
mod source;

use std::collections::BTreeSet;

use local_shop::Shop;
use serde_json::{Value, json};
use store::links::Purpose;
use tracing::instrument::WithSubscriber;
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt,
};

use crate::support::{NAME, TestShop, World, built, queued, told};

/// A shop in which other services of AWS do what in the usual one is built in.
const ON_AWS: [(&str, &str); 4] = [
    ("Mailer", "ses"),
    ("MailFrom", "shop@oxcart.example"),
    ("MailIdentity", "oxcart.example"),
    ("EventBus", "eventbridge"),
];

/// All that policies allow functions. What Lambda does in their names nobody asks for here: it is compared with what it
/// needs wherever templates are read.
fn allowed(shop: &Shop) -> BTreeSet<String> {
    let mut allowed = BTreeSet::new();
    for operation in shop.operations() {
        let (name, policy) = (&operation.name, &operation.policy);
        allowed.extend(policy.grants().map(|grant| told(name, grant)));
        let own = policy.services().filter(|it| !it.action.is_lambdas());
        allowed.extend(own.map(|grant| told(name, grant)));
    }
    allowed
}

/// What of this was allowed and not done, and what was to be done and is not allowed: a sentence each, with the way out.
fn compared(shop: &TestShop, allowed: &BTreeSet<String>) -> Vec<String> {
    let used = shop.wire.used();
    let unused = allowed.difference(&used).map(|grant| {
        format!(
            "{grant} is allowed and was not done: take it out of the template, or bring it about in \
             tests/it/permissions/scenes.rs"
        )
    });
    let denied = shop.wire.denied().into_iter();
    let denied = denied.map(|why| format!("{why}: allow it in the template, or don't do it"));
    unused.chain(denied).collect()
}

/// What is logged of the store's calls that are made in here meanwhile.
async fn recorded(meanwhile: impl Future<Output = ()>) -> String {
    let log = tempfile::NamedTempFile::new().unwrap();
    let lines = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::DEBUG)
        .with_ansi(false)
        .with_writer(log.reopen().unwrap())
        .finish();
    let calls = Targets::new().with_target(store::site::TARGET, LevelFilter::DEBUG);
    meanwhile.with_subscriber(lines.with(calls)).await;
    std::fs::read_to_string(log.path()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_function_does_all_that_its_policy_allows_and_the_store_makes_all_its_calls() {
    // With the usual limits: where there is none, nothing is counted.
    let world = World::of(TestShop::open_recorded(&[]).await).await;
    let shop = &world.shop;
    for sample in world.samples() {
        sample.call(shop).send().await.expect(sample.success);
    }
    scenes::lists(&world).await;
    scenes::a_cart_is_ordered(&world).await;
    scenes::a_guests_cart_comes_along(&world).await;
    scenes::the_shelf_is_changed(&world).await;
    scenes::orders_are_refused(&world).await;
    scenes::an_order_is_paid_again(&world).await;
    scenes::the_schedule_settles_orders(&world).await;
    scenes::a_password_is_kept_up(&world).await;
    scenes::ann_comes_and_goes(&world).await;
    shop.drain_stream().await;
    shop.audit_shop().await.unwrap();
    let in_here = recorded(scenes::the_owner_looks_after_the_shop(shop)).await;

    let mut complaints = compared(shop, &allowed(&shop.template));
    let logs = shop.logs().await;
    let logs = logs.values().chain([&in_here]);
    let reached = logs.flat_map(|log| sites::reached(log)).collect();
    complaints.extend(sites::complaints(&reached));
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    let permissions = shop.wire.used().len();
    println!(
        "{permissions} permissions are used, by {} calls of the store",
        reached.len()
    );
    world.shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_function_does_all_that_its_policy_allows_with_what_is_not_built_in() {
    let shop = TestShop::open_recorded(&ON_AWS).await;
    let ann = shop.registered("ann@example.com").await;
    let link = shop.link_to(Purpose::VerifyEmail, "ann@example.com").await;
    shop.verify(&link).await.expect(204);
    shop.product("mug", 1450, 5).await;
    shop.ordered(&ann, &[("mug", 1)]).await;
    shop.drain_stream().await;
    // A rule of the bus puts the event into the queue of whoever writes to customers.
    let told = shop.wire.done("events:PutEvents");
    let [told] = &told[..] else {
        panic!("one event is told: {told:#?}")
    };
    let detail = told["Entries"][0]["Detail"].as_str().unwrap();
    let detail: Value = serde_json::from_str(detail).unwrap();
    let written = shop.lambda.invoke("send-order-mail", queued(&[&detail]));
    assert_eq!(written.await.unwrap(), json!({"batchItemFailures": []}));
    let mails = shop.wire.done("ses:SendEmail");
    let to = mails.iter().map(|mail| &mail["Destination"]);
    let to: Vec<&Value> = to.collect();
    let ann = json!({"ToAddresses": ["ann@example.com"]});
    assert!(
        to.len() >= 2 && to.iter().all(|it| **it == ann),
        "{mails:#?}"
    );
    let subject = &mails[mails.len() - 1]["Content"]["Simple"]["Subject"]["Data"];
    assert_eq!(subject, "We have your order");

    let usual = Shop::load(&built().0.infra(), &shop.keys().parameters(NAME)).unwrap();
    let more = &allowed(&shop.template) - &allowed(&usual);
    assert!(!more.is_empty());
    let complaints = compared(&shop, &more);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    shop.close().await;
}
