//! One good request for every route of the template.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::OrderStatus;
use local_shop::{Route, Who};
use reqwest::Method;
use serde_json::{Value, json};
use store::links::Purpose;

use super::{Call, Caller, PASSWORD, TestShop, key, usd};

/// A shop with a product, people and an order in every status that an operation wants.
pub struct World {
    pub shop: TestShop,
    /// Who owns the orders.
    pub owner: Caller,
    /// Another customer.
    pub stranger: Caller,
    pub staff: Caller,
    /// Refresh tokens that nobody has used yet.
    refresh_tokens: Mutex<Vec<String>>,
    /// Tokens of links: one verifies an address, one sets the password of an account that nobody else uses.
    verifying: String,
    resetting: String,
    /// By the operation that they are for.
    orders: BTreeMap<String, String>,
}

/// What an operation wants of a good request, and has not in its template.
struct Good {
    /// The status of its answer.
    success: u16,
    /// Only the members that are required.
    body: Option<Value>,
    /// What became of the order in its path before.
    order: OrderStatus,
}

/// A request that succeeds, as often as it is sent.
#[derive(Clone, Debug)]
pub struct Sample {
    pub operation: String,
    pub method: Method,
    /// The route's path, and what stands for its variables.
    pub route: String,
    pub parameters: BTreeMap<String, String>,
    pub token: Option<String>,
    pub key: Option<String>,
    /// Only the members that are required.
    pub body: Option<Value>,
    /// The status of its answer.
    pub success: u16,
}

impl World {
    /// Opens a shop and fills it.
    pub async fn open() -> Self {
        Self::of(TestShop::open().await).await
    }

    /// Fills an empty shop.
    pub async fn of(shop: TestShop) -> Self {
        shop.product("mug", 1200, 500).await;
        let owner = shop.registered("owner@example.com").await;
        let stranger = shop.registered("stranger@example.com").await;
        let staff = shop.registered_staff("staff@example.com").await;
        let refresh_tokens = Mutex::new(shop.refresh_tokens(250).await);
        // So that nothing is sent to them, which is done so often and no more.
        for email in [
            "owner@example.com",
            "stranger@example.com",
            "staff@example.com",
        ] {
            let link = shop.link_to(Purpose::VerifyEmail, email).await;
            shop.verify(&link).await.expect(204);
        }
        let verifying = shop.link_to(Purpose::VerifyEmail, "owner@example.com");
        let verifying = verifying.await;
        shop.registered("resetting@example.com").await;
        let resetting = shop.link_to(Purpose::ResetPassword, "resetting@example.com");
        let resetting = resetting.await;
        let mut world = Self {
            shop,
            refresh_tokens,
            verifying,
            resetting,
            owner,
            stranger,
            staff,
            orders: BTreeMap::new(),
        };
        for (operation, route) in world.routes() {
            if route.path.contains("{order_id}") {
                let id = world.order(world.good(&operation).order).await;
                world.orders.insert(operation, id);
            }
        }
        world.shop.drain_stream().await;
        world
    }

    /// A fresh order of the owner's in this status.
    async fn order(&self, status: OrderStatus) -> String {
        let shop = &self.shop;
        let placed = shop.order(&self.owner, &key(), &[("mug", 2)]).send().await;
        let id = placed.expect(201)["id"].as_str().unwrap().to_owned();
        if matches!(status, OrderStatus::Paid | OrderStatus::Shipped) {
            let pay = shop.pay(&self.owner, &id, &key(), "tok_ok");
            pay.send().await.expect(200);
        }
        if status == OrderStatus::Shipped {
            let ship = shop.post(&format!("/orders/{id}/shipment"));
            let ship = ship.bearer(&self.staff.token);
            let ship = ship.json(&json!({"carrier": "Ox"}));
            ship.send().await.expect(200);
        }
        let order = shop.get(&format!("/orders/{id}"));
        let order = order.bearer(&self.owner.token).send().await.expect(200);
        assert_eq!(order["status"], status.as_str());
        id
    }

    /// The operations with a route, in the templates' order.
    pub fn routes(&self) -> Vec<(String, Route)> {
        let operations = self.shop.template.operations();
        let routed = operations
            .filter_map(|operation| Some((operation.name.clone(), operation.route.clone()?)));
        routed.collect()
    }

    /// A good request to every route of the template.
    pub fn samples(&self) -> Vec<Sample> {
        let operations = self.routes().into_iter();
        operations.map(|(name, _)| self.sample(&name)).collect()
    }

    /// A good request to this operation, by one of those whom its template lets in.
    pub fn sample(&self, operation: &str) -> Sample {
        let Good { success, body, .. } = self.good(operation);
        let declared = self.shop.template.operation(operation).unwrap();
        let route = declared.route.as_ref().unwrap();
        let values = [
            ("product_id", Some("mug")),
            ("order_id", self.orders.get(operation).map(String::as_str)),
        ];
        let used = values
            .iter()
            .filter(|(name, _)| route.path.contains(&format!("{{{name}}}")));
        let expendable = self.shop.customer();
        let may = |who: &[Who]| who.iter().any(|who| route.callers.contains(who));
        let caller = if may(&[Who::Anyone]) {
            None
        } else if self.ends_its_caller(operation) {
            Some(&expendable)
        } else if may(&[Who::Customer, Who::Owner]) {
            Some(&self.owner)
        } else {
            Some(&self.staff)
        };
        Sample {
            operation: operation.to_owned(),
            method: route.method.parse().unwrap(),
            route: route.path.clone(),
            parameters: used
                .map(|(name, value)| ((*name).to_owned(), value.unwrap().to_owned()))
                .collect(),
            token: caller.map(|caller| caller.token.clone()),
            key: route.needs_key.then(|| format!("sample-{operation}")),
            body,
            success,
        }
    }

    /// Whether a request that succeeds is its caller's last.
    pub fn ends_its_caller(&self, operation: &str) -> bool {
        ["delete-user", "log-out"].contains(&operation)
    }

    fn refresh_token(&self) -> String {
        let token = self.refresh_tokens.lock().unwrap().pop();
        token.expect("more samples of refresh-session than refresh tokens: make more")
    }

    /// The table of good requests. Method, path, caller and key follow from the template.
    fn good(&self, operation: &str) -> Good {
        match operation {
            "register-user" => {
                good(201).with(json!({"email": fresh_email(), "password": PASSWORD}))
            }
            "log-in" => good(201).with(json!({"email": "owner@example.com", "password": PASSWORD})),
            "refresh-session" => good(200).with(json!({"refresh_token": self.refresh_token()})),
            "start-guest-session" => good(201),
            "log-out" | "delete-user" => good(204),
            "change-password" => {
                good(204).with(json!({"current_password": PASSWORD, "new_password": PASSWORD}))
            }
            "request-email-verification" => good(202),
            "verify-email" => good(204).with(json!({"token": self.verifying})),
            "request-password-reset" => good(202).with(json!({"email": fresh_email()})),
            "reset-password" => {
                good(200).with(json!({"token": self.resetting, "new_password": PASSWORD}))
            }
            "get-profile" | "get-jwks" | "get-openapi" | "list-products" | "get-product" => {
                good(200)
            }
            "get-cart" | "remove-cart-item" => good(200),
            "put-cart-item" => good(200).with(json!({"quantity": 2})),
            "merge-cart" => good(200).with(json!({"guest_token": self.shop.guest().token})),
            "put-product" => good(200).with(json!({"title": "The mug", "price": usd(1200)})),
            "get-stock" | "list-stock-movements" => good(200),
            "adjust-stock" => good(201).with(json!({"delta": 3, "reason": "received"})),
            "buy-product" => good(201).with(json!({"quantity": 1})),
            "place-order" => {
                good(201).with(json!({"items": [{"product_id": "mug", "quantity": 1}]}))
            }
            "get-order" | "list-orders" | "cancel-order" => good(200),
            "pay-order" => good(200).with(json!({"payment_token": "tok_ok"})),
            "ship-order" => good(200)
                .with(json!({"carrier": "Ox"}))
                .of(OrderStatus::Paid),
            "refund-order" => good(200)
                .with(json!({"restock": true}))
                .of(OrderStatus::Paid),
            "deliver-order" => good(200).of(OrderStatus::Shipped),
            other => panic!("{other} has no good request here: add one"),
        }
    }
}

/// A request that is answered with this status; if it is about an order, then about a placed one.
fn good(success: u16) -> Good {
    Good {
        success,
        body: None,
        order: OrderStatus::Placed,
    }
}

impl Good {
    fn with(self, body: Value) -> Self {
        let body = Some(body);
        Self { body, ..self }
    }

    fn of(self, order: OrderStatus) -> Self {
        Self { order, ..self }
    }
}

impl Sample {
    /// The path, its variables filled in.
    pub fn path(&self) -> String {
        let fill = |path: String, (name, value): (&String, &String)| {
            path.replace(&format!("{{{name}}}"), value)
        };
        self.parameters.iter().fold(self.route.clone(), fill)
    }

    /// The request to this shop.
    pub fn call(&self, shop: &TestShop) -> Call {
        self.call_by(|method, path| shop.call(method, path))
    }

    /// The request to this shop up to its body.
    pub fn call_without_body(&self, shop: &TestShop) -> Call {
        self.call_without_body_by(|method, path| shop.call(method, path))
    }

    /// The request as a client makes it that begins a call in this way.
    pub fn call_by(&self, begin: impl FnOnce(Method, &str) -> Call) -> Call {
        let call = self.call_without_body_by(begin);
        match &self.body {
            Some(body) => call.json(body),
            None => call,
        }
    }

    /// The same up to its body.
    pub fn call_without_body_by(&self, begin: impl FnOnce(Method, &str) -> Call) -> Call {
        let mut call = begin(self.method.clone(), &self.path());
        if let Some(token) = &self.token {
            call = call.bearer(token);
        }
        if let Some(key) = &self.key {
            call = call.key(key);
        }
        call
    }

    /// The request as API Gateway's event, for what can't be sent by a client that keeps the rules.
    pub fn event(&self) -> Value {
        let mut headers = json!({"content-type": "application/json", "host": "shop.example.com"});
        if let Some(token) = &self.token {
            headers["authorization"] = json!(format!("Bearer {token}"));
        }
        if let Some(key) = &self.key {
            headers["idempotency-key"] = json!(key);
        }
        let path = self.path();
        json!({
            "version": "2.0",
            "routeKey": format!("{} {}", self.method, self.route),
            "rawPath": path,
            "rawQueryString": "",
            "headers": headers,
            "pathParameters": self.parameters,
            "requestContext": {
                "requestId": "event-1",
                "http": {"method": self.method.as_str(), "path": path, "sourceIp": "192.0.2.7"},
            },
            "body": self.body.as_ref().map(Value::to_string),
            "isBase64Encoded": false,
        })
    }
}

fn fresh_email() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!(
        "sample-{}@example.com",
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}
