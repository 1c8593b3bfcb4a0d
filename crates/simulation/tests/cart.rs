//! Carts under every fault: two tabs and two keys make one order, and no line is lost or ordered twice.

#![allow(clippy::unwrap_used, missing_docs)]

use std::{path::Path, rc::Rc, time::Duration};

use adversary::{Faults, run};
use domain::Role;
use serde_json::{Value, json};
use simulation::{Person, Reply, Request, Shop};
use tokio::task::{LocalSet, spawn_local};

fn infra() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra")
}

fn put(who: &Person, product: &str) -> Request {
    let path = format!("/cart/items/{product}");
    let put = Request::new("put-cart-item", "PUT", path, &[("product_id", product)]);
    put.by(&who.token).json(json!({"quantity": 1}))
}

fn place(who: &Person, key: &str, version: &Value) -> Request {
    let place = Request::new("place-order", "POST", "/orders", &[]);
    let body = json!({"cart_version": version});
    place.by(&who.token).key(key).json(body)
}

fn products(reply: &Reply) -> Vec<String> {
    let body = reply.json();
    let items = body["items"].as_array().cloned().unwrap_or_default();
    let ids = items
        .iter()
        .map(|item| item["product_id"].as_str().unwrap_or_default().to_owned());
    let mut ids: Vec<String> = ids.collect();
    ids.sort();
    ids
}

#[test]
fn what_two_tabs_do_at_once_makes_one_order_and_loses_nothing() {
    let mut outcomes = std::collections::BTreeMap::new();
    for seed in 0..40 {
        let outcome = run(seed, |world| async move {
            let local = LocalSet::new();
            local
                .run_until(async {
                    let shop = Rc::new(Shop::open(world.clone(), &infra()).await);
                    let staff = shop.person(Role::Staff, 1);
                    for product in ["a", "b", "c"] {
                        shop.stock(&staff, product, 9, 2).await;
                    }
                    let ann = shop.person(Role::Customer, 2);
                    shop.call(&put(&ann, "a")).await;
                    let cart = shop.call(&put(&ann, "b")).await.json();
                    world.set_faults(Faults::all());
                    let version = &cart["version"];
                    let requests = [
                        place(&ann, "tab-1", version),
                        place(&ann, "tab-2", version),
                        put(&ann, "c"),
                    ];
                    let sent: Vec<_> = requests
                        .into_iter()
                        .map(|request| {
                            let shop = shop.clone();
                            spawn_local(async move { shop.call_until_answered(&request, 60).await })
                        })
                        .collect();
                    let mut replies = Vec::new();
                    for one in sent {
                        replies.push(one.await.unwrap());
                    }
                    world.set_faults(Faults::none());
                    tokio::time::sleep(Duration::from_secs(30)).await;
                    let get = Request::new("get-cart", "GET", "/cart", &[]).by(&ann.token);
                    let left = shop.call(&get).await;
                    let report = shop.audit().await;
                    let findings = report.findings.iter().map(ToString::to_string);
                    let findings: Vec<String> = findings
                        .filter(|finding| !finding.contains("movement"))
                        .collect();
                    assert!(findings.is_empty(), "seed {seed}: {findings:#?}");
                    (replies, left, report.orders)
                })
                .await
        });
        let (replies, left, orders) = outcome;
        let placed: Vec<&Reply> = replies[..2]
            .iter()
            .filter(|reply| reply.status == 201)
            .collect();
        assert!(placed.len() <= 1, "seed {seed}: {replies:?}");
        assert_eq!(orders, placed.len(), "seed {seed}");
        assert_eq!(replies[2].status, 200, "seed {seed}: {replies:?}");
        for lost in replies[..2].iter().filter(|reply| reply.status != 201) {
            assert_eq!(lost.problem(), "cart-changed", "seed {seed}: {replies:?}");
        }
        // Every line is in the order or in the cart, and in one of them only.
        let mut all = products(&left);
        let ordered = placed
            .first()
            .map(|order| products(order))
            .unwrap_or_default();
        all.extend(ordered.clone());
        all.sort();
        assert_eq!(all, ["a", "b", "c"], "seed {seed}: {replies:?} {left:?}");
        *outcomes.entry((ordered, products(&left))).or_insert(0) += 1;
        if let Some(order) = placed.first() {
            let told = replies[..2].iter().filter(|reply| reply.status != 201);
            for loser in told {
                let id = &loser.json()["order_id"];
                assert!(id.is_null() || *id == order.json()["id"], "seed {seed}");
            }
        }
    }
    println!("{outcomes:?}");
}
