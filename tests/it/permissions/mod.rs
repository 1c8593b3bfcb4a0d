//! What functions may do with tables, by their policies, and what they do: neither is more than the other. What a policy
//! does not allow is refused in every test, and what it allows is done in this one.

mod denied;
mod scenes;

use std::collections::BTreeSet;

use local_shop::Grant;

use crate::support::{TestShop, World};

fn told<'g>(function: &str, grants: impl IntoIterator<Item = &'g Grant>) -> BTreeSet<String> {
    let grants = grants.into_iter();
    grants.map(|grant| format!("{function}: {grant}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_function_does_all_that_its_policy_allows() {
    // With the usual limits: where there is none, nothing is counted.
    let world = World::of(TestShop::open_with("").await).await;
    let shop = &world.shop;
    for sample in world.samples() {
        sample.call(shop).send().await.expect(sample.success);
    }
    scenes::lists(&world).await;
    scenes::a_cart_is_ordered(&world).await;
    scenes::orders_are_refused(&world).await;
    scenes::the_schedule_settles_orders(&world).await;
    scenes::ann_comes_and_goes(shop).await;
    shop.drain_stream().await;

    let operations = shop.template.operations();
    let allowed = operations.flat_map(|it| told(&it.name, it.policy.grants()));
    let allowed: BTreeSet<String> = allowed.collect();
    let done = shop.wire.used().into_iter();
    let done = done.flat_map(|(function, grants)| told(&function, &grants));
    let done: BTreeSet<String> = done.collect();
    let too_many: Vec<&String> = allowed.difference(&done).collect();
    let too_few = shop.wire.denied();
    assert!(
        too_many.is_empty() && too_few.is_empty(),
        "allowed and not done: {too_many:#?}\nto be done and not allowed: {too_few:#?}"
    );
    println!("{} permissions are used", done.len());
    world.shop.close().await;
}
