//! One request for every problem there is, and no problem that no request is answered with.

use std::collections::BTreeSet;

use edge::Slug;
use serde_json::{Value, json};

use crate::support::{Answer, Call, Caller, PASSWORD, TestShop, key};

/// Where problems are provoked.
struct Scene {
    shop: TestShop,
    /// With an account and an order that is paid.
    ann: Caller,
    /// A customer like any other.
    ben: Caller,
    staff: Caller,
}

impl Scene {
    async fn open() -> Self {
        let shop = TestShop::open().await;
        shop.product("mug", 1200, 20).await;
        let ann = shop.registered("ann@example.com").await;
        shop.paid(&ann, &[("mug", 1)]).await;
        let (ben, staff) = (shop.customer(), shop.staff());
        Self {
            shop,
            ann,
            ben,
            staff,
        }
    }

    /// The answer that is this problem.
    async fn provoke(&self, slug: Slug) -> Answer {
        let (shop, ben) = (&self.shop, &self.ben);
        let call = match slug {
            // The request as such
            Slug::InvalidBody => shop.post("/users").body("application/json", "{"),
            Slug::BodyTooLarge => {
                let large = format!("{{\"email\": \"{}\"}}", "a".repeat(64 * 1024));
                shop.post("/users").body("application/json", large)
            }
            Slug::UnsupportedMediaType => shop.post("/users").body("text/plain", "{}"),
            Slug::InvalidParameter => shop.get("/products?limit=0"),
            Slug::InvalidCursor => shop.get("/products?cursor=x"),
            Slug::IdempotencyKeyMissing => self.by(ben, shop.post("/orders")).json(&one_mug()),
            Slug::InvalidIdempotencyKey => shop.place(ben, "a b", &one_mug()),
            Slug::IdempotencyKeyReused => {
                shop.order(ben, "reused", &[("mug", 1)])
                    .send()
                    .await
                    .expect(201);
                shop.order(ben, "reused", &[("mug", 2)])
            }
            // Who is asking
            Slug::Unauthenticated => shop.get("/users/me"),
            Slug::Forbidden => self.by(ben, shop.get("/products/mug/stock")),
            // Users
            Slug::EmailTaken => shop
                .post("/users")
                .json(&credentials("ann@example.com", PASSWORD)),
            Slug::InvalidEmail => shop.post("/users").json(&credentials("ann", PASSWORD)),
            Slug::WeakPassword => shop
                .post("/users")
                .json(&credentials("cy@example.com", "short")),
            Slug::InvalidCredentials => log_in(shop, "nobody@example.com"),
            Slug::InvalidRefreshToken => {
                let call = shop.post("/sessions/refresh");
                call.json(&json!({"refresh_token": "x"}))
            }
            Slug::InvalidLink => {
                let call = shop.post("/email-verifications");
                call.json(&json!({"token": "x"}))
            }
            Slug::OpenOrders => {
                let call = shop.call(reqwest::Method::DELETE, "/users/me");
                self.by(&self.ann, call)
            }
            Slug::TooManyAttempts => {
                for _ in 0..10 {
                    log_in(shop, "guessed@example.com").send().await.expect(401);
                }
                log_in(shop, "guessed@example.com")
            }
            // Catalogue
            Slug::ProductNotFound => shop.get("/products/no-such-product"),
            Slug::InvalidProduct => {
                let body = json!({"title": "", "price": crate::support::usd(1)});
                self.by(&self.staff, shop.put("/products/mug")).json(&body)
            }
            Slug::InsufficientStock => {
                let call = shop.post("/products/mug/stock-adjustments").key(&key());
                let body = json!({"delta": -1000, "reason": "lost"});
                self.by(&self.staff, call).json(&body)
            }
            // Cart
            Slug::CartFull => {
                let guest = shop.guest();
                for number in 0..50 {
                    let id = format!("thing-{number}");
                    shop.product(&id, 100, 0).await;
                    self.put(&guest, &id).send().await.expect(200);
                }
                self.put(&guest, "mug")
            }
            Slug::InvalidGuestToken => {
                let body = json!({"guest_token": ben.token});
                self.by(ben, shop.post("/cart/merge")).json(&body)
            }
            Slug::CartChanged => {
                self.put(ben, "mug").send().await.expect(200);
                shop.place(ben, &key(), &json!({"cart_version": 99}))
            }
            Slug::EmptyCart => shop.place(&shop.customer(), &key(), &json!({"cart_version": 0})),
            // Orders
            Slug::InvalidQuantity => shop.buy(ben, &key(), "mug", &json!({"quantity": 100})),
            Slug::OutOfStock => shop.order(ben, &key(), &[("mug", 99)]),
            Slug::PriceChanged => {
                let price = crate::support::usd(1);
                let item = json!({"product_id": "mug", "quantity": 1, "unit_price": price});
                shop.place(ben, &key(), &json!({"items": [item]}))
            }
            Slug::ProductUnavailable => shop.order(ben, &key(), &[("no-such-product", 1)]),
            Slug::InvalidOrder => shop.place(ben, &key(), &json!({"items": []})),
            Slug::OrderNotFound => self.by(ben, shop.get("/orders/none")),
            Slug::PaymentDeclined => self.pay("tok_declined").await,
            Slug::InvalidTransition => {
                let order = shop.ordered(ben, &[("mug", 1)]).await;
                shop.deliver(&self.staff, &order)
            }
            Slug::PaymentPending => {
                let order = shop.ordered(ben, &[("mug", 1)]).await;
                shop.wire.lose_answers_of("provider");
                let lost = shop.pay(ben, &order, &key(), "tok_ok").send().await;
                lost.problem(503, "outcome-unknown");
                shop.wire.mend();
                shop.pay(ben, &order, &key(), "tok_ok")
            }
            Slug::OrderExpired => {
                let order = shop.ordered(ben, &[("mug", 1)]).await;
                shop.let_expire(&order).await;
                shop.pay(ben, &order, &key(), "tok_ok")
            }
            // Our side
            Slug::Busy => self.pay("tok_unreachable").await,
            Slug::OutcomeUnknown => {
                shop.wire.lose_answers_to(&["TransactWriteItems"], "users");
                let account = credentials("cy@example.com", PASSWORD);
                let answer = shop.post("/users").json(&account).send().await;
                shop.wire.mend();
                return answer;
            }
            Slug::InternalError => {
                let rejected = json!({"__type": "com.amazon.coral.validate#ValidationException", "message": "no"});
                shop.wire.refuse("GetItem", 1, &rejected);
                self.by(&self.ann, shop.get("/users/me"))
            }
        };
        call.send().await
    }

    fn by(&self, who: &Caller, call: Call) -> Call {
        call.bearer(&who.token)
    }

    fn put(&self, who: &Caller, product: &str) -> Call {
        let call = self.shop.put(&format!("/cart/items/{product}"));
        self.by(who, call).json(&json!({"quantity": 1}))
    }

    async fn pay(&self, token: &str) -> Call {
        let order = self.shop.ordered(&self.ben, &[("mug", 1)]).await;
        self.shop.pay(&self.ben, &order, &key(), token)
    }
}

fn one_mug() -> Value {
    json!({"items": [{"product_id": "mug", "quantity": 1}]})
}

fn credentials(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password})
}

fn log_in(shop: &TestShop, email: &str) -> Call {
    shop.post("/sessions").json(&credentials(email, PASSWORD))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_problem_that_the_page_explains_is_an_answer_to_some_request() {
    let scene = Scene::open().await;
    let mut provoked = BTreeSet::new();
    for slug in Slug::ALL {
        let answer = scene.provoke(*slug).await;
        answer.problem(slug.status().as_u16(), slug.as_str());
        provoked.insert(slug.as_str().to_owned());
    }
    assert_eq!(provoked, super::page::sections());
    println!("{} problems provoked: {provoked:?}", provoked.len());
    scene.shop.close().await;
}
