//! What was sold at which offer, as the tables say, and whether that and what buyers were told is right.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use adversary::{Change, Commit, Shared};
use domain::{OrderId, Product};
use serde_json::Value;
use simulation::{Call, Shop};

use super::staff::Put;
use crate::{Tally, Violation, common::product_id, ensure};

/// For how long after its commit what a transaction wrote may not be seen yet: until then it isn't answered either.
const VEILED: Duration = Duration::from_millis(2);

/// Every order as it was placed, and every bucket as it is.
#[derive(Clone, Default)]
pub(super) struct Sales(Shared<Seen>);

#[derive(Default)]
struct Seen {
    sales: Vec<Sale>,
    /// By product and number: the version of the offer at which a bucket sells, and its price.
    buckets: BTreeMap<(String, String), (u64, u64)>,
}

struct Sale {
    at: Duration,
    /// The order, as it was answered.
    order: Value,
    /// The versions of the offers at which the buckets of each product sold.
    versions: BTreeMap<String, BTreeSet<u64>>,
}

impl Sales {
    /// Watches a shop from now on.
    pub(super) fn watch(shop: &Shop) -> Self {
        let sales = Self::default();
        let seen = sales.0.clone();
        shop.world()
            .watch(move |commit| seen.with(|seen| seen.note(commit)));
        sales
    }

    /// The price at which an order has its first line, if it was placed.
    pub(super) fn price_of(&self, order: &OrderId) -> Option<i64> {
        let price = |sale: &Sale| sale.order["items"][0]["unit_price"]["amount"].as_i64();
        self.0.with(|seen| {
            let sale = seen.sales.iter();
            sale.filter(|sale| sale.order["id"] == order.as_str())
                .find_map(price)
        })
    }

    /// The oldest offer at which a bucket of this product sells now.
    pub(super) fn oldest_offer(&self, product: &str) -> u64 {
        self.0.with(|seen| {
            let buckets = seen.buckets.iter();
            let of_product = buckets.filter(|((of, _), _)| of == product);
            let versions = of_product.map(|(_, (version, _))| *version);
            versions.min().unwrap_or_default()
        })
    }

    /// Every bucket sells at its product's offer.
    pub(super) fn all_rolled(&self, shop: &Shop) -> Result<(), Violation> {
        self.0.with(|seen| {
            for ((product, number), (version, price)) in &seen.buckets {
                let now = now(shop, product)?;
                ensure!(
                    (*version, *price) == (now.offer_version, now.price.amount.unsigned_abs()),
                    "{product} is at offer {} for {}, and bucket {number} sells at {version} for {price}",
                    now.offer_version,
                    now.price.amount
                );
            }
            Ok(())
        })
    }

    /// Every order was placed at one offer of each of its products, which no change had replaced that was answered by
    /// then; and the order says what that offer says.
    pub(super) fn agree_with(&self, shop: &Shop, puts: &[Put]) -> Result<Tally, Violation> {
        self.0.with(|seen| {
            for sale in &seen.sales {
                sale.agrees_with(shop, puts)?;
            }
            let last = puts.iter().map(|put| put.ended).max().unwrap_or_default();
            let after = seen.sales.iter().filter(|sale| sale.at > last).count();
            ensure!(after > 0, "nothing was sold after the last change");
            Ok(Tally::new()
                .with("orders", seen.sales.len() as u64)
                .with("orders after the last change", after as u64))
        })
    }
}

impl Seen {
    fn note(&mut self, commit: &Commit) {
        let mut versions: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        let mut placed = None;
        for Change { old, new, .. } in &commit.changes {
            let Some(new) = new else { continue };
            let key = new["pk"]["S"].as_str().unwrap_or_default();
            if key.starts_with("ORDER#") && old.is_none() {
                let answer = new["answer"]["S"].as_str().unwrap_or_default();
                placed = serde_json::from_str(answer).ok();
            } else if let (Some(rest), "BUCKET") = (
                key.strip_prefix("STOCK#"),
                new["sk"]["S"].as_str().unwrap_or_default(),
            ) {
                let (product, number) = rest.rsplit_once('#').unwrap_or_default();
                let (version, price) = (number_in(new, "offer_version"), number_in(new, "price"));
                versions
                    .entry(product.to_owned())
                    .or_default()
                    .insert(version);
                let key = (product.to_owned(), number.to_owned());
                self.buckets.insert(key, (version, price));
            }
        }
        self.sales.extend(placed.map(|order| Sale {
            at: commit.at,
            order,
            versions,
        }));
    }
}

impl Sale {
    fn agrees_with(&self, shop: &Shop, puts: &[Put]) -> Result<(), Violation> {
        let (id, at) = (&self.order["id"], self.at);
        for line in self.order["items"].as_array().into_iter().flatten() {
            let product = line["product_id"].as_str().unwrap_or_default();
            let versions = self.versions.get(product).cloned().unwrap_or_default();
            ensure!(
                versions.len() == 1,
                "{id} mixes the offers {versions:?} of {product}"
            );
            let version = versions.first().copied().unwrap_or_default();
            let offer = history(shop, product)
                .into_iter()
                .find(|(since, product)| product.offer_version == version && *since <= at);
            let Some((_, offer)) = offer else {
                return Err(Violation(format!(
                    "{id} is at offer {version} of {product}, which there was not yet"
                )));
            };
            ensure!(
                line["title"] == offer.title
                    && line["unit_price"]["amount"] == offer.price.amount
                    && offer.active,
                "{id} has the line {line}, and offer {version} is {offer:?}"
            );
            let replaced = puts
                .iter()
                .find(|put| put.product == product && put.ended < at && put.version > version);
            if let Some(put) = replaced {
                return Err(Violation(format!(
                    "{id} was placed after {at:?} at offer {version} of {product}; that it is {} was answered after {:?}",
                    put.version, put.ended
                )));
            }
        }
        Ok(())
    }
}

/// Whoever was refused was told the truth: of another price that the product had, or that it was not for sale.
pub(super) fn told_the_truth(shop: &Shop) -> Result<Tally, Violation> {
    let mut tally = Tally::new();
    for call in shop.calls() {
        let buys = ["place-order", "buy-product"].contains(&call.request.operation);
        if !buys || call.reply.is_success() || call.reply.is_to_be_repeated() {
            continue;
        }
        let (told, text) = (call.reply.json(), &call.reply.text);
        match call.reply.problem().as_str() {
            "price-changed" => {
                for item in told["items"].as_array().into_iter().flatten() {
                    let product = item["product_id"].as_str().unwrap_or_default();
                    let (quoted, current) = (&item["quoted"]["amount"], &item["current"]["amount"]);
                    let was = during(shop, product, &call);
                    ensure!(
                        quoted != current && was.iter().any(|it| *current == it.price.amount),
                        "{} was told {text}, and meanwhile the product was {was:?}",
                        call.request
                    );
                }
                tally.count("told of another price", 1);
            }
            "product-unavailable" | "product-not-found" => {
                let mut wanted = wanted(&call);
                wanted.retain(|product| during(shop, product, &call).iter().any(|it| !it.active));
                ensure!(!wanted.is_empty(), "{} was told {text}", call.request);
                tally.count("told that it is not for sale", 1);
            }
            _ => ensure!(false, "{} was told {text}", call.request),
        }
    }
    Ok(tally)
}

/// The products that somebody wants.
fn wanted(call: &Call) -> Vec<String> {
    let items = call.request.body()["items"]
        .as_array()
        .into_iter()
        .flatten();
    let wanted = items.filter_map(|item| Some(item["product_id"].as_str()?.to_owned()));
    let wanted: Vec<String> = wanted.collect();
    if wanted.is_empty() {
        return vec!["mug".to_owned()];
    }
    wanted
}

/// All that a product was while a request was under way.
fn during(shop: &Shop, product: &str, call: &Call) -> Vec<Product> {
    let history = history(shop, product);
    let until = |index: usize| history.get(index + 1).map_or(Duration::MAX, |next| next.0);
    let was = history.iter().enumerate().filter(|(index, (since, _))| {
        *since <= call.ended && until(*index).saturating_add(VEILED) >= call.began
    });
    was.map(|(_, (_, product))| product.clone()).collect()
}

/// What a product was, since when.
pub(super) fn history(shop: &Shop, product: &str) -> Vec<(Duration, Product)> {
    let id = product_id(product);
    shop.checked(|checker| checker.history_of(&id).to_vec())
}

/// What a product is.
pub(super) fn now(shop: &Shop, product: &str) -> Result<Product, Violation> {
    let last = history(shop, product).pop();
    let last = last.ok_or_else(|| Violation(format!("there is no {product}")))?;
    Ok(last.1)
}

/// What a product costs.
pub(super) fn price_now(shop: &Shop, product: &str) -> i64 {
    now(shop, product).map_or(0, |product| product.price.amount)
}

fn number_in(item: &Value, name: &str) -> u64 {
    let number = item[name]["N"].as_str().unwrap_or_default();
    number.parse().unwrap_or_default()
}
