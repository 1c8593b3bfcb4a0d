//! What functions do beyond what a good request to each brings about. A permission that nothing else needs has its scene
//! here.

use serde_json::json;

use crate::support::{TestShop, World, key};

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

/// Nobody is refused before the record of their own order was looked at.
pub async fn orders_are_refused(world: &World) {
    let (shop, ben) = (&world.shop, &world.stranger);
    let one = json!({"quantity": 1});
    let buy = shop.buy(ben, &key(), "nothing", &one).send().await;
    buy.problem(404, "product-not-found");
    let order = shop.order(ben, &key(), &[("nothing", 1)]).send().await;
    order.problem(409, "product-unavailable");
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

/// Ann has mail sent, ends a session as a customer and one as a guest, and deletes her account with an order unpaid.
pub async fn ann_comes_and_goes(shop: &TestShop) {
    let ann = shop.registered("ann@example.com").await;
    let ask = shop.post("/users/me/email-verification");
    ask.bearer(&ann.token).send().await.expect(202);
    shop.drain_stream().await;
    for leaving in [shop.guest(), ann.clone()] {
        shop.log_out(&leaving.token).send().await.expect(204);
    }
    shop.ordered(&ann, &[("mug", 1)]).await;
    shop.delete_account(&ann.token).send().await.expect(204);
    shop.last_look(&ann.id).await;
}
