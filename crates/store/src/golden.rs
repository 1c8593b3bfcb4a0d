//! Whole items, as they are kept: a change here is a change of what every deployed table holds.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Allocation, Allocations, Caller, Cart, CartLine, Currency, Fingerprint, IdempotencyKey, Money,
    Offer, PlaceOrder, Product, ProductId, Role, Timestamp, UserId,
    cart::{Adjusted, AdjustedReason},
    place_order::PlaceOrderBody,
};
use serde_json::{Value, json};

use crate::{
    answer::Remembered,
    carts::item::{self, CartRecord, CartState, LastOrder},
    catalogue::{bucket, history::Gap, product},
    item::Item,
    keys,
    orders::{OrderChange, record::OrderRecord},
};

fn attributes(item: &Item) -> Value {
    let attribute = |value: &AttributeValue| match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(digits) => json!({ "N": digits }),
        AttributeValue::Bool(truth) => json!({ "BOOL": truth }),
        AttributeValue::B(bytes) => json!({ "B": bytes.as_ref().len() }),
        other => panic!("{other:?} is not used"),
    };
    item.0
        .iter()
        .map(|(name, value)| (name.clone(), attribute(value)))
        .collect()
}

/// The size that DynamoDB charges for (its developer guide, "Item sizes and formats"): names and texts by their bytes,
/// numbers by about half their digits and one more.
fn size(item: &Item) -> usize {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len().div_ceil(2) + 1,
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        _ => 1,
    };
    item.0
        .iter()
        .map(|(name, attribute)| name.len() + value(attribute))
        .sum()
}

fn id(text: &str) -> ProductId {
    ProductId::parse(text).unwrap()
}

fn usd(amount: i64) -> Money {
    Money {
        amount,
        currency: Currency::parse("USD").unwrap(),
    }
}

fn offer(text: &str) -> Offer {
    Offer {
        product_id: id(text),
        title: format!("A rather fine {text}"),
        price: usd(1999),
        active: true,
        version: 3,
        buckets: 2,
        buckets_ever: 4,
    }
}

/// An order of two products, just placed.
pub(crate) fn order() -> OrderRecord {
    let caller = Caller {
        id: UserId::from_random([1; 16]),
        role: Role::Customer,
    };
    let body = r#"{"items":[{"product_id":"mug","quantity":2},{"product_id":"pen","quantity":1}]}"#;
    let body: PlaceOrderBody = serde_json::from_str(body).unwrap();
    let key = IdempotencyKey::parse("key-1").unwrap();
    let PlaceOrder::Items(new) = PlaceOrder::new(&caller, &key, body).unwrap() else {
        panic!("an order of a cart");
    };
    let offers = ["mug", "pen"].map(|text| (id(text), offer(text))).into();
    let order = new
        .at(&offers, Timestamp::from_millis(1_795_388_221_123))
        .unwrap();
    let allocations = [(0, 1, 2), (1, 0, 1)].map(|(line, bucket, quantity)| Allocation {
        line,
        bucket,
        quantity,
    });
    OrderRecord::placed(
        order,
        new.customer,
        new.fingerprint,
        Allocations(allocations.into()),
        None,
    )
}

#[test]
fn an_order_is_the_record_of_its_placing() {
    let record = order();
    let answer = r#"{"id":"ord_6f5zwwrlrbro5wtx5wmhnga5ra","status":"placed","items":[{"product_id":"mug","title":"A rather fine mug","quantity":2,"unit_price":{"amount":1999,"currency":"USD"},"line_total":{"amount":3998,"currency":"USD"}},{"product_id":"pen","title":"A rather fine pen","quantity":1,"unit_price":{"amount":1999,"currency":"USD"},"line_total":{"amount":1999,"currency":"USD"}}],"total":{"amount":5997,"currency":"USD"},"created_at":"2026-11-22T22:57:01Z","expires_at":"2026-11-22T23:12:01Z","version":1,"history":[{"status":"placed","at":"2026-11-22T22:57:01Z","by":"customer"}]}"#;
    assert_eq!(
        attributes(&record.item()),
        json!({
            "pk": {"S": "ORDER#ord_6f5zwwrlrbro5wtx5wmhnga5ra"},
            "answer": {"S": answer},
            "fingerprint": {"B": 32},
            "allocations": {"S": "0:1:2,1:0:1"},
            "customer": {"S": "usr_aeaqcaibaeaqcaibaeaqcaibae"},
            "status": {"S": "placed"},
            "version": {"N": "1"},
            "created_at": {"N": "1795388221123"},
            "expires_at": {"N": "1795389121123"},
            "day": {"S": "DAY#20779#3"},
            "day_status": {"S": "DAY#20779#3#placed"},
            "due": {"S": "DUE#15"},
            "next_action_at": {"N": "1795389121123"},
        })
    );
    assert_eq!(OrderRecord::read(&record.item()).unwrap(), record);
}

#[test]
fn an_order_of_two_lines_fits_one_write_unit() {
    assert!(
        size(&order().item()) <= 1024,
        "{} bytes",
        size(&order().item())
    );
}

#[test]
fn a_bucket_carries_its_offer_and_its_level() {
    assert_eq!(
        attributes(&bucket::empty(&offer("mug"), 3)),
        json!({
            "pk": {"S": "STOCK#mug#3"},
            "sk": {"S": "BUCKET"},
            "available": {"N": "0"},
            "taken": {"N": "0"},
            "received": {"N": "0"},
            "price": {"N": "1999"},
            "active": {"BOOL": true},
            "offer_version": {"N": "3"},
            "version": {"N": "0"},
        })
    );
}

#[test]
fn a_product_holds_what_lists_show() {
    let product = Product {
        id: id("mug"),
        title: "Mug".into(),
        description: None,
        category: Some("kitchen".into()),
        price: usd(1999),
        image_url: None,
        active: true,
        offer_version: 1,
        buckets: 2,
        buckets_ever: 2,
        available: 0,
        created_at: Timestamp::from_millis(1_795_388_221_000),
        updated_at: Timestamp::from_millis(1_795_388_221_000),
    };
    let item = product::item(&product);
    assert_eq!(
        attributes(&item),
        json!({
            "pk": {"S": "PRODUCT#mug"},
            "sk": {"S": "PRODUCT"},
            "shard": {"S": "ALL#1"},
            "title": {"S": "Mug"},
            "category": {"S": "kitchen"},
            "price": {"N": "1999"},
            "currency": {"S": "USD"},
            "active": {"BOOL": true},
            "offer_version": {"N": "1"},
            "buckets": {"N": "2"},
            "buckets_ever": {"N": "2"},
            "available": {"N": "0"},
            "in_stock": {"BOOL": false},
            "created_at": {"N": "1795388221000"},
            "updated_at": {"N": "1795388221000"},
        })
    );
    assert_eq!(product::read(&item).unwrap(), product);
}

#[test]
fn that_movements_are_missing_is_kept_for_a_month_by_the_last_of_them() {
    let gap = Gap {
        product_id: id("mug"),
        bucket: 3,
        first: 5,
        last: 7,
        before: 4,
        after: 2,
        by: None,
    };
    assert_eq!(
        attributes(&gap.missed(Timestamp::from_millis(1_795_388_221_123))),
        json!({
            "pk": {"S": "MISSED#mug"},
            "sk": {"S": "SEEN#03#0000000000000007"},
            "version": {"N": "7"},
            "at": {"N": "1795388221123"},
            "expires": {"N": "1797980221"},
        })
    );
}

fn cart() -> Cart {
    let line = CartLine {
        offer: offer("mug"),
        quantity: 2,
        added_at: Timestamp::from_millis(1_795_388_221_000),
    };
    Cart::of(7, vec![line])
}

#[test]
fn a_cart_holds_a_line_an_attribute_and_the_offer_the_shopper_saw() {
    let customer = UserId::from_random([1; 16]);
    let last_order = LastOrder {
        id: order().order.id,
        version: 5,
    };
    let now = Timestamp::from_millis(1_795_388_221_123);
    let item = item::open(&customer, &cart(), Some(&last_order), now);
    let line = r#"{"quantity":2,"title":"A rather fine mug","price":1999,"currency":"USD","offer_version":3,"buckets":2,"buckets_ever":4,"added_at":1795388221000,"version":7}"#;
    assert_eq!(
        attributes(&item),
        json!({
            "pk": {"S": "CART#usr_aeaqcaibaeaqcaibaeaqcaibae"},
            "state": {"S": "open"},
            "version": {"N": "7"},
            "count": {"N": "1"},
            "left": {"N": "7"},
            "expires": {"N": "1803164221"},
            "last_order": {"S": "ord_6f5zwwrlrbro5wtx5wmhnga5ra"},
            "placed_version": {"N": "5"},
            "line:mug": {"S": line},
        })
    );
    let record = CartRecord {
        subject: customer,
        state: CartState::Open,
        cart: cart(),
        texts: [(id("mug"), line.to_owned())].into(),
        count: 1,
        left: 7,
        last_order: Some(last_order),
    };
    assert_eq!(CartRecord::read(&item).unwrap(), record);
}

#[test]
fn a_merged_cart_knows_where_it_went_and_what_did_not_fit() {
    let (guest, customer) = (UserId::guest([2; 16]), UserId::from_random([1; 16]));
    let adjusted = Adjusted {
        product_id: id("mug"),
        wanted: 120,
        kept: 99,
        reason: AdjustedReason::MaxQuantity,
    };
    let now = Timestamp::from_millis(1_795_388_221_123);
    let item = item::merged(&guest, &customer, std::slice::from_ref(&adjusted), now);
    assert_eq!(
        attributes(&item),
        json!({
            "pk": {"S": "CART#gst_aibaeaqcaibaeaqcaibaeaqcai"},
            "state": {"S": "merged"},
            "merged_into": {"S": "usr_aeaqcaibaeaqcaibaeaqcaibae"},
            "adjusted": {"S": r#"[{"product_id":"mug","wanted":120,"kept":99,"reason":"max-quantity"}]"#},
            "expires": {"N": "1797980221"},
        })
    );
    let state = CartState::Merged {
        into: customer,
        adjusted: vec![adjusted],
    };
    assert_eq!(CartRecord::read(&item).unwrap().state, state);
}

#[test]
fn an_event_tells_a_change_of_status_by_ids_and_a_sum() {
    let mut record = order();
    let placed = record.item();
    let told = OrderChange::between(None, &placed).unwrap().unwrap();
    assert_eq!(
        serde_json::to_value(&told).unwrap(),
        json!({
            "id": "ord_6f5zwwrlrbro5wtx5wmhnga5ra#1",
            "type": "order.placed",
            "at": "2026-11-22T22:57:01Z",
            "order_id": "ord_6f5zwwrlrbro5wtx5wmhnga5ra",
            "customer_id": "usr_aeaqcaibaeaqcaibaeaqcaibae",
            "status": "placed",
            "version": 1,
            "total": {"amount": 5997, "currency": "USD"},
        })
    );
    // While it is being paid its version rises and its status stays: that is told to nobody.
    record.order.version = 2;
    let charged = record.item();
    assert_eq!(OrderChange::between(Some(&placed), &charged).unwrap(), None);
}

#[test]
fn an_answer_is_remembered_with_the_request_it_was_for() {
    let order = order().order.id;
    let remembered = Remembered {
        fingerprint: Fingerprint::from_bytes([7; 32]),
        status: 200,
        body: "{}".into(),
    };
    let item = remembered.item(keys::payment(&order, "digest"));
    assert_eq!(
        attributes(&item),
        json!({
            "pk": {"S": "IDEM#pay-order#ord_6f5zwwrlrbro5wtx5wmhnga5ra#digest"},
            "fingerprint": {"B": 32},
            "status": {"N": "200"},
            "answer": {"S": "{}"},
        })
    );
    let other = Fingerprint::from_bytes([8; 32]);
    assert_eq!(Remembered::read(&item).unwrap().answer(&other), None);
}
