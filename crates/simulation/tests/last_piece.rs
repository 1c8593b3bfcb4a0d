//! The last piece is sold once, whatever the network and the database do meanwhile.

#![allow(clippy::unwrap_used, missing_docs)]

use std::{path::Path, rc::Rc};

use adversary::{Faults, run};
use domain::Role;
use serde_json::json;
use simulation::{Reply, Request, Shop};
use tokio::task::LocalSet;

fn infra() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra")
}

fn one_mug(token: &str, key: &str) -> Request {
    let items = json!({"items": [{"product_id": "mug", "quantity": 1}]});
    let order = Request::new("place-order", "POST", "/orders", &[]);
    order.by(token).key(key).json(items)
}

/// What each of these buyers was told, and the shop's digest.
fn sale(seed: u64, buyers: u64) -> (Vec<Reply>, String, Vec<String>) {
    run(seed, |world| async move {
        let local = LocalSet::new();
        local
            .run_until(async {
                let shop = Rc::new(Shop::open(world.clone(), &infra()).await);
                let staff = shop.person(Role::Staff, 1);
                shop.stock(&staff, "mug", 1, 1).await;
                world.set_faults(Faults::all());
                let buying: Vec<_> = (0..buyers)
                    .map(|number| {
                        let shop = shop.clone();
                        tokio::task::spawn_local(async move {
                            let buyer = shop.person(Role::Customer, number);
                            let order = one_mug(&buyer.token, "last-piece");
                            shop.call_until_answered(&order, 60).await
                        })
                    })
                    .collect();
                let mut replies = Vec::new();
                for one in buying {
                    replies.push(one.await.unwrap());
                }
                world.set_faults(Faults::none());
                tokio::time::sleep(std::time::Duration::from_secs(30)).await;
                let report = shop.audit().await;
                let findings = report.findings.iter().map(ToString::to_string);
                let findings = findings.filter(|finding| !finding.contains("movement"));
                (replies, world.journal().digest(), findings.collect())
            })
            .await
    })
}

#[test]
fn the_last_piece_is_sold_once_and_everybody_else_is_told_the_truth() {
    for buyers in [2, 10, 40] {
        for seed in 0..10 {
            let (replies, _, findings) = sale(seed, buyers);
            let with = |status| {
                replies
                    .iter()
                    .filter(|reply| reply.status == status)
                    .count()
            };
            assert_eq!(with(201), 1, "seed {seed}, {buyers} buyers: {replies:?}");
            assert_eq!(with(409) as u64, buyers - 1, "seed {seed}: {replies:?}");
            assert!(findings.is_empty(), "seed {seed}: {findings:#?}");
        }
    }
}

#[test]
fn a_run_can_be_had_again() {
    let (replies, digest, _) = sale(7, 10);
    let (again, digest_again, _) = sale(7, 10);
    let told = |replies: &[Reply]| replies.iter().map(|reply| reply.status).collect::<Vec<_>>();
    assert_eq!(told(&replies), told(&again));
    assert_eq!(digest, digest_again);
}
