//! One good request for every route of the template.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use reqwest::Method;
use serde_json::{Value, json};

use super::{Call, Caller, PASSWORD, TestShop, key, usd};

/// A shop with a product, people and an order in every status that an operation wants.
pub struct World {
    pub shop: TestShop,
    /// Who owns the orders.
    pub owner: Caller,
    /// Another customer.
    pub stranger: Caller,
    pub staff: Caller,
    /// By the operation that they are for.
    orders: BTreeMap<&'static str, String>,
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
        let shop = TestShop::open().await;
        shop.product("mug", 1200, 500).await;
        let owner = shop.registered("owner@example.com").await;
        let stranger = shop.registered("stranger@example.com").await;
        let staff = shop.registered_staff("staff@example.com").await;
        let mut orders = BTreeMap::new();
        for operation in [
            "get-order",
            "pay-order",
            "cancel-order",
            "ship-order",
            "deliver-order",
        ] {
            let placed = shop.order(&owner, &key(), &[("mug", 2)]).send().await;
            let id = placed.expect(201)["id"].as_str().unwrap().to_owned();
            if matches!(operation, "ship-order" | "deliver-order") {
                let paid = shop.pay(&owner, &id, &key(), "tok_ok").send().await;
                paid.expect(200);
            }
            if operation == "deliver-order" {
                let ship = shop.post(&format!("/orders/{id}/shipment"));
                let ship = ship.bearer(&staff.token).json(&json!({"carrier": "Ox"}));
                ship.send().await.expect(200);
            }
            orders.insert(operation, id);
        }
        shop.drain_stream().await;
        Self {
            shop,
            owner,
            stranger,
            staff,
            orders,
        }
    }

    /// A good request to every route of the template.
    pub fn samples(&self) -> Vec<Sample> {
        let operations = self.shop.template.operations();
        let routed = operations.filter(|operation| operation.route.is_some());
        routed
            .map(|operation| self.sample(&operation.name))
            .collect()
    }

    /// A good request to this operation.
    pub fn sample(&self, operation: &str) -> Sample {
        let (caller, success, body) = self.row(operation);
        let declared = self.shop.template.operation(operation).unwrap();
        let route = declared.route.as_ref().unwrap();
        let values = [
            ("product_id", Some("mug")),
            ("order_id", self.orders.get(operation).map(String::as_str)),
        ];
        let used = values
            .iter()
            .filter(|(name, _)| route.path.contains(&format!("{{{name}}}")));
        let needs_key = ["adjust-stock", "buy-product", "place-order", "pay-order"];
        Sample {
            operation: operation.to_owned(),
            method: route.method.parse().unwrap(),
            route: route.path.clone(),
            parameters: used
                .map(|(name, value)| ((*name).to_owned(), value.unwrap().to_owned()))
                .collect(),
            token: caller.map(|caller| caller.token.clone()),
            key: needs_key
                .contains(&operation)
                .then(|| format!("sample-{operation}")),
            body,
            success,
        }
    }

    /// Who may make the request, what is answered, and with which body it is made.
    fn row(&self, operation: &str) -> (Option<&Caller>, u16, Option<Value>) {
        let (owner, staff) = (Some(&self.owner), Some(&self.staff));
        match operation {
            "register-user" => (
                None,
                201,
                Some(json!({"email": fresh_email(), "password": PASSWORD})),
            ),
            "log-in" => (
                None,
                201,
                Some(json!({"email": "owner@example.com", "password": PASSWORD})),
            ),
            "get-profile" | "list-orders" | "get-order" => (owner, 200, None),
            "list-products" | "get-product" => (None, 200, None),
            "put-product" => (
                staff,
                200,
                Some(json!({"title": "The mug", "price": usd(1200)})),
            ),
            "get-stock" | "list-stock-movements" => (staff, 200, None),
            "adjust-stock" => (staff, 201, Some(json!({"delta": 3, "reason": "received"}))),
            "buy-product" => (owner, 201, Some(json!({"quantity": 1}))),
            "place-order" => (
                owner,
                201,
                Some(json!({"items": [{"product_id": "mug", "quantity": 1}]})),
            ),
            "pay-order" => (owner, 200, Some(json!({"payment_token": "tok_ok"}))),
            "cancel-order" => (owner, 200, None),
            "ship-order" => (staff, 200, Some(json!({"carrier": "Ox"}))),
            "deliver-order" => (staff, 200, None),
            other => panic!("{other} has no good request here: add one"),
        }
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

    /// The request.
    pub fn call(&self, shop: &TestShop) -> Call {
        let call = self.call_without_body(shop);
        match &self.body {
            Some(body) => call.json(body),
            None => call,
        }
    }

    /// The request up to its body.
    pub fn call_without_body(&self, shop: &TestShop) -> Call {
        let mut call = shop.call(self.method.clone(), &self.path());
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
