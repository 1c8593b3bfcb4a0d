//! `delete-user`: the account.

use serde_json::json;

use crate::support::{PASSWORD, TestShop, key, refresh_key};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_account_is_as_if_it_had_never_been() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    let ann = shop.registered("ann@example.com").await;
    let session = shop.session("ann@example.com").await;
    let one = json!({"quantity": 1});
    let put = |token: &str| shop.put("/cart/items/mug").bearer(token).json(&one);
    put(&ann.token).send().await.expect(200);
    shop.ordered(&ann, &[("mug", 1)]).await;
    let email = domain::Email::parse("ann@example.com").unwrap();
    let account = shop.users().account(&email).await.unwrap().unwrap();
    for token in [&session.access, &session.access, &ann.token] {
        let deleted = shop.delete_account(token).send().await;
        assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
        assert_eq!(deleted.header("cache-control"), "no-store");
    }
    let before = shop.snapshot().await;
    let change = shop.change_password(&ann.token, PASSWORD, "another long password");
    for call in [
        shop.get("/users/me").bearer(&ann.token),
        shop.get("/cart").bearer(&ann.token),
        put(&ann.token),
        change,
    ] {
        call.send().await.problem(401, "unauthenticated");
    }
    let log_in = shop.log_in("ann@example.com", PASSWORD).send().await;
    log_in.problem(401, "invalid-credentials");
    let unknown = shop.log_in("nobody@example.com", PASSWORD).send().await;
    assert_eq!(log_in.without_instance(), unknown.without_instance());
    shop.assert_ended(&session).await;
    shop.assert_unchanged(&before).await;
    // A log-in that had found the password right just before the deletion.
    let refresh_key = refresh_key(shop.keys());
    let family = refresh_key.family([7; 16]);
    shop.users().begin_session(&family, &account).await.unwrap();
    let late = shop.refresh(&refresh_key.token(&family, 1)).send().await;
    late.problem(401, "invalid-refresh-token");

    // Whoever has the address next is somebody else.
    let next = shop.registered("ann@example.com").await;
    assert_ne!(next.id, ann.id);
    assert_eq!(shop.orders_seen(&next).await, 0);
    let cart = shop.get("/cart").bearer(&next.token).send().await;
    assert_eq!(cart.expect(200)["items"], json!([]));
    shop.delete_account(&ann.token).send().await.expect(204);
    let profile = shop.get("/users/me").bearer(&next.token).send().await;
    assert_eq!(profile.expect(200)["id"], next.id);
    shop.assert_ended(&session).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_stays_while_an_order_is_paid_or_on_its_way() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    let staff = shop.staff();
    let ann = shop.registered("ann@example.com").await;
    let session = shop.session("ann@example.com").await;
    let (paid, shipped) = (
        shop.paid(&ann, &[("mug", 1)]).await,
        shop.paid(&ann, &[("mug", 1)]).await,
    );
    let unpaid = shop.ordered(&ann, &[("mug", 1)]).await;
    let parcel = json!({"carrier": "Ox"});
    shop.ship(&staff, &shipped, &parcel)
        .send()
        .await
        .expect(200);
    let open = async || {
        let before = shop.snapshot().await;
        let refused = shop.delete_account(&ann.token).send().await;
        let problem = refused.problem(409, "open-orders");
        shop.assert_unchanged(&before).await;
        let ids = problem["order_ids"].as_array().unwrap().iter();
        let mut ids: Vec<String> = ids.map(|id| id.as_str().unwrap().to_owned()).collect();
        ids.sort_unstable();
        ids
    };
    let mut both = vec![paid.clone(), shipped.clone()];
    both.sort_unstable();
    assert_eq!(open().await, both);
    shop.deliver(&staff, &shipped).send().await.expect(200);
    assert_eq!(open().await, std::slice::from_ref(&paid));
    let session = shop.refreshed(&session).await;
    let back = json!({"restock": true});
    shop.refund(&staff, &paid, &back).send().await.expect(200);
    shop.delete_account(&session.access)
        .send()
        .await
        .expect(204);
    for (order, status) in [
        (&paid, "refunded"),
        (&shipped, "delivered"),
        (&unpaid, "cancelled"),
    ] {
        let seen = shop.order_seen(&staff, order).await.expect(200);
        assert_eq!(seen["status"], status);
    }
    assert_eq!(shop.available("mug").await, 8);
    shop.settle().await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_became_staff_is_not_deleted_by_a_customers_session() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    let ann = shop.registered("ann@example.com").await;
    shop.ordered(&ann, &[("mug", 1)]).await;
    shop.grant_staff("ann@example.com").await;
    let before = shop.snapshot().await;
    let refused = shop.delete_account(&ann.token).send().await;
    refused.problem(403, "forbidden");
    shop.assert_unchanged(&before).await;
    shop.session("ann@example.com").await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_customers_token_places_no_order_and_pays_none() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    let ann = shop.registered("ann@example.com").await;
    let one = json!({"quantity": 1});
    let put = shop.put("/cart/items/mug").bearer(&ann.token).json(&one);
    let cart = put.send().await.expect(200);
    // Functions that know Ann and the mug already.
    let once = key();
    let body = json!({"items": [{"product_id": "mug", "quantity": 1}]});
    let placed = shop.place(&ann, &once, &body).send().await;
    let declined = placed.expect(201)["id"].as_str().unwrap().to_owned();
    shop.pay(&ann, &declined, &key(), "tok_declined")
        .send()
        .await
        .expect(402);
    shop.buy(&ann, &key(), "mug", &one).send().await.expect(201);
    shop.delete_account(&ann.token).send().await.expect(204);
    // An order that could be paid, if it were somebody else's.
    let record = shop.deletion_item(&ann.id).await;
    shop.delete("orders", &format!("DELETED#{}", ann.id)).await;
    let payable = shop.ordered(&ann, &[("mug", 1)]).await;
    shop.put_item("orders", record).await;

    let before = shop.snapshot().await;
    let of_cart = json!({"cart_version": cart["version"]});
    for call in [
        shop.place(&ann, &key(), &body),
        shop.place(&ann, &key(), &of_cart),
        shop.buy(&ann, &key(), "mug", &one),
        shop.pay(&ann, &payable, &key(), "tok_ok"),
        shop.pay(&ann, &declined, &key(), "tok_ok"),
    ] {
        let refused = call.send().await;
        refused.problem(401, "unauthenticated");
        assert_eq!(refused.header("www-authenticate"), "Bearer");
    }
    // What was placed before is answered by its record, and there is nothing to be refused.
    let again = shop.place(&ann, &once, &body).send().await;
    assert_eq!(
        (again.status, &again.text, again.is_replayed()),
        (201, &placed.text, true)
    );
    shop.assert_unchanged(&before).await;
    shop.last_look(&ann.id).await;
    shop.close().await;
}
