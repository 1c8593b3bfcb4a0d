//! The orders as they are played: each step by the operation that does it in production, from its event to its answer.

mod accounts;

use std::time::Duration;

use domain::{Caller, Role, Timestamp, UserId};
use edge::{LinkKey, Settings, SigningKey};
use serde_json::json;

use accounts::Customer;

use super::{
    error::CostError,
    functions::{Functions, Ledger},
    request::{Reply, Request},
    story::{Share, Story},
    streams::Streams,
};
use crate::shop::NAME;

/// The pieces of each product: enough for any story.
const PIECES: u32 = 1_000_000;
/// Products of one category, which a list shows at once.
const OF_CATEGORY: u32 = 20;
/// How often orders are settled.
const MINUTE: Duration = Duration::from_secs(60);
/// The key of each order's payment: a key names one payment of one order.
const PAYMENT: &str = "00000000-0000-4000-9000-000000000000";
/// Plays orders.
pub struct Journey<'f> {
    functions: &'f Functions<'f>,
    streams: Streams,
    story: &'f Story,
    choice: fastrand::Rng,
    customers: Vec<Customer>,
    cancelled: Share,
    refunded: Share,
    next_round: Timestamp,
    signing_key: SigningKey,
    link_key: LinkKey,
}

impl<'f> Journey<'f> {
    /// Fills the shop with products, which nobody counts.
    pub async fn begin(functions: &'f Functions<'f>, story: &'f Story) -> Result<Self, CostError> {
        let keys = &functions.shop.keys;
        let settings = Settings::from_map([
            ("TOKEN_SIGNING_KEY", keys.token_signing_key.as_str()),
            ("TOKEN_AUDIENCE", NAME),
            ("LINK_KEY", keys.link_key.as_str()),
        ]);
        let mut journey = Self {
            functions,
            streams: Streams::of(functions),
            story,
            choice: fastrand::Rng::with_seed(story.seed),
            customers: Vec::new(),
            cancelled: Share::of(story.cancelled),
            refunded: Share::of(story.refunded),
            next_round: functions.clock.time().plus(MINUTE),
            signing_key: SigningKey::from_settings(&settings)?,
            link_key: LinkKey::from_settings(&settings)?,
        };
        for number in 0..story.products {
            journey.stock(number).await?;
        }
        journey.streams.drain(functions).await?;
        functions.take();
        Ok(journey)
    }

    /// Plays all orders and tells what they took. `played` hears how many there were so far.
    pub async fn play(mut self, played: impl Fn(u32)) -> Result<Ledger, CostError> {
        let pause = Duration::from_secs(86_400).div_f64(f64::from(self.story.orders_per_day));
        for order in 0..self.story.orders {
            self.look_around().await?;
            self.order(order).await?;
            self.let_pass(pause).await?;
            played(order + 1);
        }
        Ok(self.functions.take())
    }

    async fn stock(&mut self, number: u32) -> Result<(), CostError> {
        let (product, staff) = (product(number), self.staff()?);
        let path = format!("/products/{product}");
        let put = json!({
            "title": format!("Enamel Mug, Model {number:04}"),
            "description": "Steel under white enamel, 350 ml, with a blue rim and a handle that stays cool. For the \
                            table, the garden and the fire. Goes into the dishwasher; not into the microwave.",
            "category": category(number / OF_CATEGORY),
            "price": {"amount": 1450, "currency": "USD"},
            "image_url": format!("https://images.example.com/products/{product}/large.jpg"),
            "stock_buckets": self.story.buckets,
        });
        let request = Request::new("put-product", "PUT", path.as_str());
        let request = request.parameter("product_id", &product).by(&staff);
        self.ask(request.json(&put)).await?;
        let request = Request::new("adjust-stock", "POST", format!("{path}/stock-adjustments"));
        let request = request.parameter("product_id", &product).by(&staff);
        let received = json!({"delta": PIECES, "reason": "received"});
        self.ask(request.key("delivery").json(&received)).await?;
        Ok(())
    }

    /// Lists and products are looked at without a session.
    async fn look_around(&mut self) -> Result<(), CostError> {
        for _ in 0..self.story.lists {
            let categories = self.story.products.div_ceil(OF_CATEGORY);
            let category = category(self.choice.u32(..categories));
            let list = Request::new("list-products", "GET", "/products");
            self.ask(list.query(format!("category={category}&limit=20")))
                .await?;
        }
        for _ in 0..self.story.pages {
            let product = self.any_product();
            let page = Request::new("get-product", "GET", format!("/products/{product}"));
            self.ask(page.parameter("product_id", &product)).await?;
        }
        Ok(())
    }

    /// From the first product in a guest's cart to the parcel at the door.
    async fn order(&mut self, order: u32) -> Result<(), CostError> {
        let guest = self.fill_a_cart().await?;
        let customer = self.customer(order).await?;
        let token = self.log_in(customer).await?;
        let merge = Request::new("merge-cart", "POST", "/cart/merge").by(&token);
        self.ask(merge.json(&json!({ "guest_token": guest })))
            .await?;
        let id = self.place(order, &token).await?;
        if self.cancelled.takes(order) {
            let cancel = of_order("cancel-order", "cancellation", &id).by(&token);
            self.ask(cancel).await?;
            return self.look_at(&id, &token).await;
        }
        let pay = of_order("pay-order", "payment", &id)
            .by(&token)
            .key(PAYMENT);
        self.ask(pay.json(&json!({ "payment_token": "tok_ok" })))
            .await?;
        self.look_at(&id, &token).await?;
        let staff = self.staff()?;
        let parcel = json!({"carrier": "Ox Express", "tracking_number": format!("OX{order:010}")});
        let ship = of_order("ship-order", "shipment", &id).by(&staff);
        self.ask(ship.json(&parcel)).await?;
        self.ask(of_order("deliver-order", "delivery", &id).by(&staff))
            .await?;
        if self.refunded.takes(order) {
            let refund = json!({"restock": true, "reason": "does not fit"});
            let request = of_order("refund-order", "refund", &id).by(&staff);
            self.ask(request.json(&refund)).await?;
        }
        Ok(())
    }

    /// A guest puts products into a cart, and changes their minds about the first.
    async fn fill_a_cart(&mut self) -> Result<String, CostError> {
        let session = self
            .ask(Request::new("start-guest-session", "POST", "/guests"))
            .await?;
        let guest = session.text("start-guest-session", "access_token")?;
        let first = self.choice.u32(..self.story.products);
        for change in 0..self.story.cart_changes.max(self.story.lines) {
            let is_new = change < self.story.lines;
            let line = if is_new { change } else { 0 };
            let product = product((first + line) % self.story.products);
            let quantity = if is_new { 1 } else { 2 + change % 2 };
            let put = Request::new("put-cart-item", "PUT", format!("/cart/items/{product}"));
            let put = put.parameter("product_id", &product).by(&guest);
            self.ask(put.json(&json!({ "quantity": quantity }))).await?;
        }
        self.ask(Request::new("get-cart", "GET", "/cart").by(&guest))
            .await?;
        Ok(guest)
    }

    async fn place(&mut self, order: u32, token: &str) -> Result<String, CostError> {
        let cart = self
            .ask(Request::new("get-cart", "GET", "/cart").by(token))
            .await?;
        let body = json!({
            "cart_version": cart.member("get-cart", "version")?,
            "shipping_address": {
                "name": "A Customer", "line1": "1 Market Street", "city": "Springfield",
                "postal_code": "12345", "country": "US",
            },
        });
        let key = format!("00000000-0000-4000-8000-{order:012}");
        let place = Request::new("place-order", "POST", "/orders")
            .by(token)
            .key(&key);
        self.ask(place.json(&body)).await?.text("place-order", "id")
    }

    async fn look_at(&mut self, id: &str, token: &str) -> Result<(), CostError> {
        for _ in 0..self.story.polls {
            let look = Request::new("get-order", "GET", format!("/orders/{id}"));
            self.ask(look.parameter("order_id", id).by(token)).await?;
        }
        Ok(())
    }

    /// Lets time pass. Each minute orders are settled.
    async fn let_pass(&mut self, pause: Duration) -> Result<(), CostError> {
        let until = self.functions.clock.time().plus(pause);
        while self.next_round <= until {
            self.functions.clock.set(self.next_round);
            self.functions.deal("settle-orders", &json!({})).await?;
            self.streams.drain(self.functions).await?;
            self.next_round = self.next_round.plus(MINUTE);
        }
        self.functions.clock.set(until);
        Ok(())
    }

    /// Sends a request, and lets the streams bring on what it wrote.
    async fn ask(&mut self, request: Request) -> Result<Reply, CostError> {
        let reply = self.functions.ask(&request).await?;
        if request.may_write() {
            self.streams.drain(self.functions).await?;
        }
        Ok(reply)
    }

    /// An access token of the staff's, who are there all day.
    fn staff(&self) -> Result<String, CostError> {
        let staff = Caller {
            id: UserId::from_random([7; 16]),
            role: Role::Staff,
        };
        let now = self.functions.clock.time();
        Ok(self.signing_key.sign(&staff, now)?.token)
    }

    fn any_product(&mut self) -> String {
        product(self.choice.u32(..self.story.products))
    }
}

fn product(number: u32) -> String {
    format!("enamel-mug-{number:04}")
}

fn category(number: u32) -> String {
    format!("category-{number:03}")
}

fn of_order(operation: &'static str, part: &str, id: &str) -> Request {
    let request = Request::new(operation, "POST", format!("/orders/{id}/{part}"));
    request.parameter("order_id", id)
}
