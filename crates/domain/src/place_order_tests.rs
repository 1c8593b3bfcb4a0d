use super::*;
use crate::{Currency, Money, Offer, Order, OrderStatus, Role, Timestamp, new_order::PriceChange};

fn caller() -> Caller {
    Caller {
        id: UserId::from_random([1; 16]),
        role: Role::Customer,
    }
}

fn key() -> IdempotencyKey {
    IdempotencyKey::parse("key").unwrap()
}

fn placed(body: &str) -> Result<PlaceOrder, PlaceOrderError> {
    PlaceOrder::new(&caller(), &key(), serde_json::from_str(body).unwrap())
}

fn new_order(body: &str) -> Result<NewOrder, PlaceOrderError> {
    placed(body).map(of_items)
}

fn of_items(order: PlaceOrder) -> NewOrder {
    match order {
        PlaceOrder::Items(order) => order,
        PlaceOrder::Cart(_) => panic!("an order of a cart"),
    }
}

fn items(items: &str) -> Result<NewOrder, PlaceOrderError> {
    new_order(&format!(r#"{{"items":[{items}]}}"#))
}

fn money(amount: i64, currency: &str) -> Money {
    Money {
        amount,
        currency: Currency::parse(currency).unwrap(),
    }
}

fn offer(id: &str, price: Money) -> (ProductId, Offer) {
    let product_id = ProductId::parse(id).unwrap();
    let offer = Offer {
        product_id: product_id.clone(),
        title: id.to_uppercase(),
        price,
        active: true,
        version: 1,
        buckets: 1,
        buckets_ever: 1,
    };
    (product_id, offer)
}

const NOW: i64 = 1_795_388_221_000;

fn at(order: &NewOrder, offers: &[(ProductId, Offer)]) -> Result<Order, PlaceOrderError> {
    order.at(
        &offers.iter().cloned().collect(),
        Timestamp::from_millis(NOW),
    )
}

#[test]
fn lines_of_one_product_are_one_line() {
    let order = items(r#"{"product_id":"mug","quantity":2},{"product_id":"pen","quantity":1},{"product_id":"mug","quantity":3}"#).unwrap();
    let lines: Vec<_> = order
        .lines
        .iter()
        .map(|l| (l.product_id.as_str(), l.quantity))
        .collect();
    assert_eq!(lines, [("mug", 5), ("pen", 1)]);
    let products: Vec<_> = order.products().map(ProductId::as_str).collect();
    assert_eq!(products, ["mug", "pen"]);
}

#[test]
fn the_limit_of_a_line_holds_after_summing() {
    let refused = items(r#"{"product_id":"mug","quantity":50},{"product_id":"mug","quantity":50}"#);
    let product_id = ProductId::parse("mug").unwrap();
    assert_eq!(refused, Err(InvalidOrder::Quantity { product_id }.into()));
    let most = items(r#"{"product_id":"mug","quantity":49},{"product_id":"mug","quantity":50}"#);
    assert_eq!(most.unwrap().lines[0].quantity, 99);
}

#[test]
fn an_order_goes_to_an_address_that_can_be_one() {
    let to = |country: &str| {
        let item = r#"{"product_id":"mug","quantity":1}"#;
        let address = format!(
            r#"{{"name":"Ann","line1":"1 Road","city":"Town","postal_code":"1","country":"{country}"}}"#
        );
        new_order(&format!(
            r#"{{"items":[{item}],"shipping_address":{address}}}"#
        ))
    };
    let address = to("DE").unwrap().shipping_address.unwrap();
    assert_eq!(address.city, "Town");
    assert!(matches!(to("XX"), Err(PlaceOrderError::Invalid(_))));
}

#[test]
fn quantities_outside_1_to_99_are_refused() {
    for quantity in ["0", "-1", "100", "4294967297", "-9223372036854775808"] {
        let refused = items(&format!(r#"{{"product_id":"mug","quantity":{quantity}}}"#));
        assert!(
            matches!(
                refused,
                Err(PlaceOrderError::Invalid(InvalidOrder::Quantity { .. }))
            ),
            "{quantity}"
        );
    }
}

#[test]
fn two_quotes_for_one_product_contradict_each_other() {
    let line = |amount| {
        format!(
            r#"{{"product_id":"mug","quantity":1,"unit_price":{{"amount":{amount},"currency":"USD"}}}}"#
        )
    };
    let refused = items(&format!("{},{}", line(1), line(2)));
    assert!(matches!(
        refused,
        Err(PlaceOrderError::Invalid(InvalidOrder::TwoQuotes { .. }))
    ));
    assert_eq!(
        items(&format!("{},{}", line(1), line(1))).unwrap().lines[0].quantity,
        2
    );
}

#[test]
fn the_order_of_lines_makes_no_other_request_but_everything_else_does() {
    let one =
        items(r#"{"product_id":"mug","quantity":1},{"product_id":"pen","quantity":2}"#).unwrap();
    let two =
        items(r#"{"product_id":"pen","quantity":2},{"product_id":"mug","quantity":1}"#).unwrap();
    assert_eq!(one.fingerprint, two.fingerprint);
    let other =
        items(r#"{"product_id":"pen","quantity":1},{"product_id":"mug","quantity":1}"#).unwrap();
    assert_ne!(one.fingerprint, other.fingerprint);
    let null = new_order(r#"{"items":[{"product_id":"mug","quantity":1,"unit_price":null},{"product_id":"pen","quantity":2}],"shipping_address":null}"#).unwrap();
    assert_eq!(one.fingerprint, null.fingerprint);
}

#[test]
fn a_purchase_is_another_request_than_an_order_of_the_same() {
    let order = items(r#"{"product_id":"mug","quantity":2}"#).unwrap();
    let body = || serde_json::from_str(r#"{"quantity":2}"#).unwrap();
    let purchase = PlaceOrder::purchase(&caller(), &key(), "mug", body()).unwrap();
    assert_eq!((&purchase.id, &purchase.lines), (&order.id, &order.lines));
    assert_ne!(purchase.fingerprint, order.fingerprint);
}

#[test]
fn an_order_is_of_items_or_of_a_cart() {
    for body in [
        "{}",
        r#"{"items":[{"product_id":"mug","quantity":1}],"cart_version":1}"#,
        r#"{"items":null,"cart_version":null}"#,
    ] {
        assert_eq!(
            placed(body),
            Err(InvalidOrder::ItemsOrCart.into()),
            "{body}"
        );
    }
    let of_cart = |body| match placed(body) {
        Ok(PlaceOrder::Cart(order)) => order,
        other => panic!("{other:?}"),
    };
    let order = of_cart(r#"{"cart_version":3}"#);
    assert_eq!(
        order,
        of_cart(r#"{"shipping_address":null,"cart_version":3}"#)
    );
    let other = of_cart(r#"{"cart_version":4}"#);
    assert_ne!(order.fingerprint, other.fingerprint);
    assert_eq!(order.id, other.id);
}

#[test]
fn what_is_in_a_cart_is_ordered_at_the_price_the_shopper_saw_there() {
    let (product_id, offer) = offer("mug", money(500, "USD"));
    let line = CartLine {
        offer,
        quantity: 2,
        added_at: Timestamp::from_millis(0),
    };
    let cart = Cart::of(3, vec![line]);
    let Ok(PlaceOrder::Cart(order)) = placed(r#"{"cart_version":3}"#) else {
        panic!("no order of a cart");
    };
    let order = order.of(&cart);
    assert_eq!(order.cart_version, Some(3));
    let now = self::offer("mug", money(600, "USD"));
    let change = PriceChange {
        product_id,
        quoted: money(500, "USD"),
        current: money(600, "USD"),
    };
    let items = vec![change];
    assert_eq!(
        at(&order, &[now]),
        Err(PlaceOrderError::PriceChanged { items })
    );
}

#[test]
fn more_than_50_products_are_too_many() {
    let all = |n: usize| {
        (0..n)
            .map(|i| format!(r#"{{"product_id":"p{i}","quantity":1}}"#))
            .collect::<Vec<_>>()
            .join(",")
    };
    assert!(items(&all(50)).is_ok());
    assert_eq!(items(&all(51)), Err(InvalidOrder::TooManyProducts.into()));
    assert_eq!(items(""), Err(InvalidOrder::NoItems.into()));
}

#[test]
fn an_impossible_product_id_names_no_product() {
    let refused = items(r#"{"product_id":"NOT AN ID","quantity":1}"#);
    assert_eq!(
        refused,
        Err(PlaceOrderError::ProductUnavailable {
            product_ids: vec!["NOT AN ID".into()]
        })
    );
}

#[test]
fn the_shop_prices_the_order_and_not_the_client() {
    let order =
        items(r#"{"product_id":"mug","quantity":2},{"product_id":"pen","quantity":1}"#).unwrap();
    let placed = at(
        &order,
        &[
            offer("mug", money(1200, "USD")),
            offer("pen", money(99, "USD")),
        ],
    )
    .unwrap();
    assert_eq!(placed.total, money(2499, "USD"));
    assert_eq!(
        placed.expires_at.as_millis() - placed.created_at.as_millis(),
        900_000
    );
}

#[test]
fn an_unpaid_order_past_its_time_is_shown_as_expired() {
    let order = items(r#"{"product_id":"mug","quantity":1}"#).unwrap();
    let order = at(&order, &[offer("mug", money(1200, "USD"))]).unwrap();
    let status = |order: &Order, after| {
        order
            .clone()
            .shown_at(Timestamp::from_millis(NOW + after))
            .status
    };
    assert_eq!(status(&order, 899_999), OrderStatus::Placed);
    assert_eq!(status(&order, 900_000), OrderStatus::Expired);
    let paid = Order {
        status: OrderStatus::Paid,
        ..order
    };
    assert_eq!(status(&paid, 900_000), OrderStatus::Paid);
}

#[test]
fn every_changed_price_and_every_missing_product_is_listed() {
    let quoted = |id, amount| {
        format!(
            r#"{{"product_id":"{id}","quantity":1,"unit_price":{{"amount":{amount},"currency":"USD"}}}}"#
        )
    };
    let order = items(&[quoted("a", 1), quoted("b", 2), quoted("c", 3)].join(",")).unwrap();
    let [a, b, c] = ["a", "b", "c"].map(|id| offer(id, money(2, "USD")));
    let Err(PlaceOrderError::PriceChanged { items }) = at(&order, &[a.clone(), b, c]) else {
        panic!()
    };
    let changed: Vec<_> = items
        .iter()
        .map(|i| (i.product_id.as_str(), i.quoted.amount, i.current.amount))
        .collect();
    assert_eq!(changed, [("a", 1, 2), ("c", 3, 2)]);
    let refused = at(&order, &[a]);
    assert_eq!(
        refused,
        Err(PlaceOrderError::ProductUnavailable {
            product_ids: vec!["b".into(), "c".into()]
        })
    );
}

#[test]
fn one_order_has_one_currency_and_a_total_that_can_be_written() {
    let order =
        items(r#"{"product_id":"a","quantity":99},{"product_id":"b","quantity":1}"#).unwrap();
    let mixed = at(
        &order,
        &[offer("a", money(1, "USD")), offer("b", money(1, "EUR"))],
    );
    assert_eq!(mixed, Err(InvalidOrder::MixedCurrencies.into()));
    let large = at(
        &order,
        &[
            offer("a", money(i64::MAX, "USD")),
            offer("b", money(1, "USD")),
        ],
    );
    assert_eq!(large, Err(InvalidOrder::TotalTooLarge.into()));
}
