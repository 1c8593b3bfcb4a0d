//! An order is placed exactly if it keeps every rule, and costs what its lines cost.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Address, Caller, Currency, IdempotencyKey, Money, NewOrder, Offer, PlaceOrder, PlaceOrderError,
    ProductId, Role, Timestamp, UserId,
    money::MoneyBody,
    new_order::{InvalidOrder, MAX_LINES, MAX_QUANTITY, WantedLine},
    place_order::{ItemBody, PlaceOrderBody, PurchaseBody},
    product::ProductBody,
};
use serde::de::DeserializeOwned;

use crate::gateway::with_body;

/// What a fuzzer hardly finds by itself.
pub const WORDS: &[&str] = &[
    r#"{"items":["#,
    r#",{"product_id":"mug","quantity":2,"unit_price":{"amount":0,"currency":"USD"}}"#,
    r#"{"product_id":"mug","quantity":1}"#,
    r#",{"product_id":"prd_pen","quantity":99}"#,
    r#""product_id":"#,
    r#""quantity":"#,
    r#","unit_price":{"amount":5,"currency":"USD"}"#,
    r#"{"cart_version":1}"#,
    r#""cart_version":"#,
    r#""amount":"#,
    r#""currency":"EUR""#,
    r#","shipping_address":{"name":"A","line1":"B","city":"C","postal_code":"D","country":"US"}"#,
    r#""line2":"#,
    r#""region":"#,
    r#""country":"DE""#,
    "100000000000",
    "null",
    "\\u0000",
];

/// The body of `place-order`, or anything else.
pub fn order(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    strictly::<PurchaseBody>(&text);
    strictly::<ProductBody>(&text);
    let Some(body) = strictly::<PlaceOrderBody>(&text) else {
        return false;
    };
    let placed = placed(&body);
    assert_eq!(placed.is_ok(), keeps_every_rule(&body), "{placed:?}");
    match placed {
        Ok(PlaceOrder::Items(order)) => {
            holds(&order, &body);
            in_any_order(&order, &body);
            costs_what_its_lines_cost(&order);
            true
        }
        Ok(PlaceOrder::Cart(order)) => {
            assert_eq!(Some(order.cart_version), body.cart_version);
            assert_eq!(order.shipping_address, body.shipping_address);
            true
        }
        Err(_) => false,
    }
}

/// What the edge takes for a body is one to serde too, and the same one. Serde takes more: see `edge`'s `Strict`.
fn strictly<T: DeserializeOwned + std::fmt::Debug>(text: &str) -> Option<T> {
    let body = edge::body(&with_body::<T>(text)).ok()?;
    let serdes: T = serde_json::from_str(text).expect("serde takes it too");
    assert_eq!(format!("{body:?}"), format!("{serdes:?}"));
    Some(body)
}

fn placed(body: &PlaceOrderBody) -> Result<PlaceOrder, PlaceOrderError> {
    let id = UserId::from_random([1; 16]);
    let role = Role::Customer;
    let key = IdempotencyKey::parse("a-key").expect("this can be a key");
    PlaceOrder::new(&Caller { id, role }, &key, body.clone())
}

/// The rules, each for itself.
fn keeps_every_rule(body: &PlaceOrderBody) -> bool {
    let address = |address: &Address| address.clone().validated().as_ref() == Ok(address);
    let delivered = body.shipping_address.as_ref().is_none_or(address);
    match (&body.items, body.cart_version) {
        (Some(items), None) => delivered && are_lines(items),
        (None, Some(_)) => delivered,
        _ => false,
    }
}

fn are_lines(items: &[ItemBody]) -> bool {
    let mut pieces: BTreeMap<&str, i128> = BTreeMap::new();
    let mut quotes: BTreeSet<(&str, i64, &str)> = BTreeSet::new();
    let mut quoted = BTreeSet::new();
    for item in items {
        let id = item.product_id.as_str();
        *pieces.entry(id).or_default() += i128::from(item.quantity);
        if let Some(price) = &item.unit_price {
            quotes.insert((id, price.amount, price.currency.as_str()));
            quoted.insert(id);
        }
    }
    let known = |item: &ItemBody| ProductId::parse(&item.product_id).is_some();
    let some = |item: &ItemBody| item.quantity > 0;
    let priced = |item: &ItemBody| item.unit_price.as_ref().is_none_or(|p| p.price().is_ok());
    let within = |pieces: &i128| *pieces <= i128::from(MAX_QUANTITY);
    (1..=MAX_LINES).contains(&pieces.len())
        && items
            .iter()
            .all(|item| known(item) && some(item) && priced(item))
        && pieces.values().all(within)
        && quotes.len() == quoted.len()
}

/// Every piece that was asked for is in one line, with the quote it was asked for at.
fn holds(order: &NewOrder, body: &PlaceOrderBody) {
    let items = body.items.as_deref().unwrap_or_default();
    assert_eq!(order.shipping_address, body.shipping_address);
    assert_eq!(order.cart_version, None);
    assert!((1..=MAX_LINES).contains(&order.lines.len()));
    let products: BTreeSet<_> = order.products().collect();
    assert_eq!(products.len(), order.lines.len());
    for line in &order.lines {
        assert!((1..=MAX_QUANTITY).contains(&line.quantity));
        let id = line.product_id.as_str();
        let of = || items.iter().filter(|item| item.product_id == id);
        let pieces: i64 = of().map(|item| item.quantity).sum();
        assert_eq!(i64::from(line.quantity), pieces);
        let quote = of().find_map(|item| item.unit_price.as_ref());
        assert_eq!(line.quote, quote.and_then(|quote| quote.price().ok()));
    }
}

/// The items told the other way round, or added up, are the same request.
fn in_any_order(order: &NewOrder, body: &PlaceOrderBody) {
    let mut reversed = body.clone();
    reversed.items.iter_mut().for_each(|items| items.reverse());
    let mut summed = body.clone();
    let item = |line: &WantedLine| ItemBody {
        product_id: line.product_id.to_string(),
        quantity: line.quantity.into(),
        unit_price: line.quote.map(|quote| MoneyBody {
            amount: quote.amount,
            currency: quote.currency.code().to_owned(),
        }),
    };
    summed.items = Some(order.lines.iter().map(item).collect());
    for same in [reversed, summed] {
        let Ok(PlaceOrder::Items(same)) = placed(&same) else {
            panic!("the same items are no order");
        };
        assert_eq!(same.fingerprint, order.fingerprint);
        assert_eq!(same.id, order.id);
    }
}

/// At offers as they were quoted, the total is the sum; at any other, each that differs is named.
fn costs_what_its_lines_cost(order: &NewOrder) {
    let now = Timestamp::from_millis(0);
    let usd = Currency::parse("USD").expect("dollars are a currency");
    let offer = |(line, amount): (&WantedLine, i64)| {
        let price = Money {
            amount,
            currency: usd,
        };
        let offer = Offer {
            product_id: line.product_id.clone(),
            title: "It".to_owned(),
            price: line.quote.unwrap_or(price),
            active: true,
            version: 1,
            buckets: 1,
            buckets_ever: 1,
        };
        (line.product_id.clone(), offer)
    };
    let mut offers: BTreeMap<_, _> = order.lines.iter().zip(1..).map(offer).collect();
    let currencies: BTreeSet<_> = offers.values().map(|o| o.price.currency.code()).collect();
    match order.at(&offers, now) {
        Ok(placed) => {
            assert_eq!(currencies.len(), 1);
            let cost = |line: &WantedLine| {
                i128::from(offers[&line.product_id].price.amount) * i128::from(line.quantity)
            };
            let total: i128 = order.lines.iter().map(cost).sum();
            assert_eq!(i128::from(placed.total.amount), total);
            assert_eq!(placed.items.len(), order.lines.len());
        }
        Err(error) => {
            assert_eq!(error, InvalidOrder::MixedCurrencies.into());
            assert!(currencies.len() > 1);
        }
    }
    offers
        .values_mut()
        .for_each(|offer| offer.price.amount += 1);
    let quoted = order.lines.iter().filter(|line| line.quote.is_some());
    match (order.at(&offers, now), quoted.count()) {
        (Err(PlaceOrderError::PriceChanged { items }), quoted) => assert_eq!(items.len(), quoted),
        (_, quoted) => assert_eq!(quoted, 0),
    }
    offers.clear();
    let missing = order.at(&offers, now);
    assert!(matches!(
        missing,
        Err(PlaceOrderError::ProductUnavailable { .. })
    ));
}
