//! What functions do beyond what a good request to each brings about. A permission that nothing else needs has its scene
//! here, and so has a call of the store that nothing else makes.

use std::sync::Arc;

use serde_json::json;
use store::{Db, bus::built_in::BuiltIn};

use crate::support::{PASSWORD, TestShop, World, cancelled, cargo_shop, key, usd};

/// A hash of [`PASSWORD`] by Argon2id with 8 KiB and one pass, as nobody makes any more.
const OUTDATED: &str =
    "$argon2id$v=19$m=8,t=1,p=1$YW4tb2xkZXItc2FsdC0xNg$M4MW0WOZx1C+OmXyXeWMl+EZNgoi2m0hPqotHxr5H8E";

/// Lists by the indexes that a good request has no need of.
pub async fn lists(world: &World) {
    let (shop, staff) = (&world.shop, &world.staff);
    for path in [
        "/products?category=things",
        "/orders",
        "/orders?status=placed",
    ] {
        let list = shop.get(path).bearer(&staff.token);
        list.send().await.expect(200);
    }
}

/// Something is put into no cart, taken out, put into the cart that is there, and ordered.
pub async fn a_cart_is_ordered(world: &World) {
    let (shop, ben) = (&world.shop, &world.stranger);
    shop.fill(ben, &[("mug", 1)]).await;
    shop.take_out(ben, "mug").send().await.expect(200);
    let version = shop.fill(ben, &[("mug", 2)]).await;
    let order = shop.order_cart(ben, &key(), version);
    order.send().await.expect(201);
}

/// A guest's cart goes into Ben's, and the same again changes nothing.
pub async fn a_guests_cart_comes_along(world: &World) {
    let (shop, ben) = (&world.shop, &world.stranger);
    let guest = shop.guest();
    shop.fill(&guest, &[("mug", 1)]).await;
    for _ in 0..2 {
        shop.merge(ben, &guest.token).send().await.expect(200);
    }
}

/// A product is sold at another price; more pieces are to be lost than there are; pieces lie in more buckets than an order
/// of all of them has room for.
pub async fn the_shelf_is_changed(world: &World) {
    let (shop, staff) = (&world.shop, &world.staff);
    shop.product("cup", 300, 2).await;
    shop.change("cup", json!({"price": usd(400)})).await;
    let lose = shop.post("/products/cup/stock-adjustments");
    let lose = lose.bearer(&staff.token).key(&key());
    let lose = lose.json(&json!({"delta": -3, "reason": "lost"}));
    lose.send().await.problem(409, "insufficient-stock");
    for id in ["hat", "pen"] {
        shop.product_in_buckets(id, 100, 64, 64).await;
    }
    let all = [("hat", 64), ("pen", 64)];
    shop.ordered(&world.stranger, &all).await;
}

/// Nobody is refused before the record of their own order was looked at.
pub async fn orders_are_refused(world: &World) {
    let (shop, ben) = (&world.shop, &world.stranger);
    let one = json!({"quantity": 1});
    let buy = shop.buy(ben, &key(), "nothing", &one).send().await;
    buy.problem(404, "product-not-found");
    let order = shop.order(ben, &key(), &[("nothing", 1)]).send().await;
    order.problem(409, "product-unavailable");
}

/// By a request that came twice, of which the second finds that the first has written down what became of it; and by another
/// one.
pub async fn an_order_is_paid_again(world: &World) {
    let (shop, ben) = (&world.shop, &world.stranger);
    let order = shop.ordered(ben, &[("mug", 1)]).await;
    let done = cancelled(&["ConditionalCheckFailed", "None", "None"]);
    shop.wire.belie("TransactWriteItems", &done);
    for _ in 0..2 {
        let pay = shop.pay(ben, &order, &key(), "tok_ok");
        pay.send().await.expect(200);
    }
}

/// One that nobody paid for in time, one whose charge nobody heard of, and one that was paid back.
pub async fn the_schedule_settles_orders(world: &World) {
    let (shop, ben) = (&world.shop, &world.stranger);
    let late = shop.ordered(ben, &[("mug", 1)]).await;
    shop.let_expire(&late).await;
    let charged = shop.ordered(ben, &[("mug", 1)]).await;
    shop.wire.lose_answers_of("provider");
    let lost = shop.pay(ben, &charged, &key(), "tok_ok").send().await;
    lost.problem(503, "outcome-unknown");
    shop.wire.mend();
    shop.abandon_charge(&charged).await;
    let refunded = shop.paid(ben, &[("mug", 1)]).await;
    let refund = shop.refund(&world.staff, &refunded, &json!({"restock": true}));
    refund.send().await.expect(200);
    let settled = shop.settle().await;
    assert_eq!(
        (&settled["expired"], &settled["charges"]),
        (&json!(1), &json!(1))
    );
    assert_ne!(settled["given_back"], 0);
    assert_eq!(settled["left"], 0);
    for (order, status) in [(&late, "expired"), (&charged, "paid")] {
        let seen = shop.order_seen(ben, order).await.expect(200);
        assert_eq!(seen["status"], status);
    }
}

/// Ben's hash is made anew when he logs in, and a session that has ended sets his password.
pub async fn a_password_is_kept_up(world: &World) {
    let (shop, ben) = (&world.shop, &world.stranger);
    let pk = format!("USER#{}", ben.id);
    shop.set_text("users", &pk, "password_hash", OUTDATED).await;
    let session = shop.session("stranger@example.com").await;
    shop.log_out(&session.access).send().await.expect(204);
    let change = shop.change_password(&session.access, PASSWORD, PASSWORD);
    change.send().await.expect(204);
}

/// Ann has mail sent, ends a session as a customer and one as a guest, and deletes her account, with an order unpaid and one
/// sent back that has her address.
pub async fn ann_comes_and_goes(world: &World) {
    let shop = &world.shop;
    let ann = shop.registered("ann@example.com").await;
    let ask = shop.post("/users/me/email-verification");
    ask.bearer(&ann.token).send().await.expect(202);
    shop.drain_stream().await;
    for leaving in [shop.guest(), ann.clone()] {
        shop.log_out(&leaving.token).send().await.expect(204);
    }
    shop.ordered(&ann, &[("mug", 1)]).await;
    let parcel = json!({
        "items": [{"product_id": "mug", "quantity": 1}],
        "shipping_address": {
            "name": "Ann", "line1": "17 Heron Lane", "city": "Otterville", "postal_code": "1", "country": "GB",
        },
    });
    let order = shop.place(&ann, &key(), &parcel).send().await.expect(201);
    let order = order["id"].as_str().unwrap();
    let pay = shop.pay(&ann, order, &key(), "tok_ok");
    pay.send().await.expect(200);
    let refund = shop.refund(&world.staff, order, &json!({"restock": true}));
    refund.send().await.expect(200);
    shop.delete_account(&ann.token).send().await.expect(204);
    shop.last_look(&ann.id).await;
}

/// What is done in the tables by `cargo shop`: mail and events are read, somebody is made staff and a customer again, events and
/// movements are told again, and all is audited.
pub async fn the_owner_looks_after_the_shop(shop: &TestShop) {
    assert!(!shop.letters("ann@example.com").await.is_empty());
    let db = Arc::new(Db::connect(&shop.dynamodb.connection()));
    let bus = BuiltIn::new(db, shop.table("BusTable"));
    assert!(!bus.read(None).await.unwrap().is_empty());
    shop.grant_staff("resetting@example.com").await;
    let revoke = ["revoke-staff", "resetting@example.com"];
    cargo_shop(shop, &revoke).await.unwrap();
    cargo_shop(shop, &["replay-events"]).await.unwrap();
    cargo_shop(shop, &["replay-movements"]).await.unwrap();
    let report = shop.audited().await;
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
}
