//! A whole shop: the functions' processes behind a gateway, an empty DynamoDB, keys of its own.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, LazyLock},
};

use domain::{Role, Timestamp, UserId};
use edge::{Settings, SigningKey};
use local_lambda::{Function, InvokeError, LocalLambda, Route};
use local_shop::{
    DynamoDb, Functions, Keys, Operation, Pump, Shop, Workspace, functions::Progress, tables,
};
use reqwest::Method;
use serde_json::{Value, json};
use store::{
    Db,
    audit::{Report, Tables, audit},
};

use super::{Call, door::Door, engine::Engine, key, wire::Wire};

/// The name of every shop under test.
pub const NAME: &str = "oxcart-test";
/// Tests register and ask from one address.
const MANY_FROM_ONE_ADDRESS: &str = "registrations-per-address=off,messages-per-address=off";
/// Instances a function may have at a time.
const INSTANCES: usize = 8;

/// The templates and the functions' executables, built once for all tests.
static BUILT: LazyLock<(Workspace, Functions)> = LazyLock::new(|| {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let names: Vec<String> = workspace
        .binaries
        .iter()
        .filter(|b| b.package.starts_with("functions/"))
        .map(|b| b.name.clone())
        .collect();
    let functions = Functions::build(
        &workspace,
        names.iter().map(String::as_str),
        Progress::Quiet,
    );
    let functions = functions.unwrap_or_else(|error| panic!("{error}"));
    (workspace, functions)
});

/// The clone, and its functions' executables.
pub fn built() -> &'static (Workspace, Functions) {
    &BUILT
}

/// A shop.
pub struct TestShop {
    /// Its functions.
    pub lambda: LocalLambda,
    /// What is between them and its tables. It tells what was called, and loses or refuses calls when told to.
    pub wire: Wire,
    /// Its tables.
    pub dynamodb: DynamoDb,
    /// Between everything and its tables, if they are in a DynamoDB that tests share.
    _door: Option<Door>,
    /// As its templates describe it.
    pub template: Shop,
    keys: Keys,
    signing_key: SigningKey,
    client: reqwest::Client,
    /// By the function that each brings its stream to.
    pumps: tokio::sync::Mutex<Vec<(String, Pump)>>,
}

/// Somebody with a session.
#[derive(Clone, Debug)]
pub struct Caller {
    pub id: String,
    pub token: String,
}

impl TestShop {
    /// Opens an empty shop.
    pub async fn open() -> Self {
        Self::open_with(MANY_FROM_ONE_ADDRESS).await
    }

    /// Opens a shop that sells this, at a price in cents and so many pieces.
    pub async fn selling(product: &str, price: i64, pieces: i64) -> Self {
        let shop = Self::open().await;
        shop.product(product, price, pieces).await;
        shop
    }

    /// Opens an empty shop with these limits.
    pub async fn open_with(limits: &str) -> Self {
        Self::opened(&[("Limits", limits)], Wire::environment).await
    }

    /// Opens an empty shop with these parameters of the template. Its functions find what they find on AWS, and say in
    /// their logs where they call DynamoDB from.
    pub async fn open_recorded(parameters: &[(&str, &str)]) -> Self {
        Self::opened(parameters, Wire::recorded_environment).await
    }

    async fn opened(
        with: &[(&str, &str)],
        environment: fn(&Wire, &Operation) -> BTreeMap<String, String>,
    ) -> Self {
        let (workspace, functions) = &*BUILT;
        let client = reqwest::Client::new();
        let (dynamodb, door) = Engine::chosen().open(&client).await;
        let keys = Keys::generate().unwrap();
        let mut parameters = keys.parameters(NAME);
        let with = with.iter();
        parameters.extend(with.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let template = Shop::load(&workspace.infra(), &parameters).unwrap();
        let made = tables::create(&dynamodb.client(), template.tables()).await;
        assert_eq!(
            made.unwrap().len(),
            template.tables().count(),
            "tables of another shop are there: this DynamoDB must keep a database for each access key and Region"
        );
        let wire = Wire::to(&dynamodb, &template, parameters, client.clone()).await;
        let function = |operation: &Operation| Function {
            name: operation.name.clone(),
            binary: functions.executable(&operation.name).unwrap().to_owned(),
            environment: environment(&wire, operation),
            max_instances: INSTANCES,
            timeout: operation.timeout,
            memory_mib: operation.memory_mib,
        };
        let route = |operation: &Operation| {
            let route = operation.route.as_ref()?;
            Some(Route::new(
                route.method.parse().unwrap(),
                &route.path,
                &operation.name,
            ))
        };
        let lambda = LocalLambda::start(
            template.operations().map(function),
            template.operations().filter_map(route),
        );
        let lambda = lambda.await.unwrap();
        let pumps = template.operations().filter_map(|operation| {
            let source = operation.stream.as_ref()?;
            Some((operation.name.clone(), Pump::new(&dynamodb, source, None)))
        });
        let pumps = tokio::sync::Mutex::new(pumps.collect());
        let settings = [
            ("TOKEN_SIGNING_KEY", keys.token_signing_key.as_str()),
            ("TOKEN_AUDIENCE", NAME),
        ];
        let signing_key = SigningKey::from_settings(&Settings::from_map(settings)).unwrap();
        Self {
            lambda,
            wire,
            dynamodb,
            _door: door,
            template,
            keys,
            signing_key,
            client,
            pumps,
        }
    }

    /// A request to a path of the shop.
    pub fn call(&self, method: Method, path: &str) -> Call {
        Call::new(&self.client, method, format!("{}{path}", self.lambda.url()))
    }

    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    pub fn put(&self, path: &str) -> Call {
        self.call(Method::PUT, path)
    }

    /// A customer with a fresh session and no account behind it, which few operations ask for.
    pub fn customer(&self) -> Caller {
        self.caller(Role::Customer)
    }

    /// One of the shop's people.
    pub fn staff(&self) -> Caller {
        self.caller(Role::Staff)
    }

    /// Somebody with a guest's session.
    pub fn guest(&self) -> Caller {
        self.caller(Role::Guest)
    }

    fn caller(&self, role: Role) -> Caller {
        let random = edge::random_bytes().unwrap();
        let id = match role {
            Role::Guest => UserId::guest(random),
            Role::Customer | Role::Staff => UserId::from_random(random),
        };
        let mut caller = Caller {
            id: id.to_string(),
            token: String::new(),
        };
        caller.token = self.token_at(&caller, role, now());
        caller
    }

    /// A token of this caller that was signed at this time.
    pub fn token_at(&self, caller: &Caller, role: Role, at: Timestamp) -> String {
        let id = UserId::parse(&caller.id).unwrap();
        let caller = domain::Caller { id, role };
        self.signing_key.sign(&caller, at).unwrap().token
    }

    /// Puts a product with this price in cents and this many pieces, in one bucket.
    pub async fn product(&self, id: &str, price: i64, pieces: i64) {
        self.product_in_buckets(id, price, pieces, 1).await;
    }

    /// Puts a product whose pieces are spread over buckets.
    pub async fn product_in_buckets(&self, id: &str, price: i64, pieces: i64, buckets: u8) {
        let staff = self.staff();
        let body = json!({
            "title": format!("The {id}"), "category": "things", "price": usd(price), "stock_buckets": buckets,
        });
        let put = self
            .put(&format!("/products/{id}"))
            .bearer(&staff.token)
            .json(&body)
            .send()
            .await;
        assert!(matches!(put.status, 200 | 201), "{}", put.text);
        if pieces > 0 {
            self.receive(id, pieces).await;
        }
    }

    /// Takes a delivery in.
    pub async fn receive(&self, id: &str, pieces: i64) {
        let path = format!("/products/{id}/stock-adjustments");
        let body = json!({"delta": pieces, "reason": "received"});
        let adjust = self
            .post(&path)
            .bearer(&self.staff().token)
            .key(&key())
            .json(&body);
        adjust.send().await.expect(201);
    }

    /// A product's stock, exactly.
    pub async fn stock(&self, id: &str) -> Value {
        let path = format!("/products/{id}/stock");
        self.get(&path)
            .bearer(&self.staff().token)
            .send()
            .await
            .expect(200)
    }

    /// Places an order of these products and quantities.
    pub fn order(&self, caller: &Caller, key: &str, items: &[(&str, i64)]) -> Call {
        let items: Vec<Value> = items
            .iter()
            .map(|(id, quantity)| json!({"product_id": id, "quantity": quantity}))
            .collect();
        self.post("/orders")
            .bearer(&caller.token)
            .key(key)
            .json(&json!({"items": items}))
    }

    /// Pays an order by this token of the test provider.
    pub fn pay(&self, caller: &Caller, order: &str, key: &str, token: &str) -> Call {
        let path = format!("/orders/{order}/payment");
        self.post(&path)
            .bearer(&caller.token)
            .key(key)
            .json(&json!({"payment_token": token}))
    }

    /// Runs the schedule once.
    pub async fn settle(&self) -> Value {
        self.lambda
            .invoke("settle-orders", json!({}))
            .await
            .unwrap()
    }

    /// Has the shop's own auditor come by once: what it says, if it comes to its end.
    pub async fn audit_shop(&self) -> Result<Value, InvokeError> {
        self.lambda.invoke("audit-shop", json!({})).await
    }

    /// Brings everything in the tables' streams to their functions, and what these write to such a table, until nothing is
    /// left.
    pub async fn drain_stream(&self) {
        let mut pumps = self.pumps.lock().await;
        loop {
            let mut delivered = 0;
            for (name, pump) in pumps.iter_mut() {
                let function = async |event| self.lambda.invoke(name, event).await;
                delivered += pump.drain(function).await.unwrap();
            }
            if delivered == 0 {
                return;
            }
        }
    }

    /// Changes an item by hand, to bring about what only time does: `SET name = value`.
    pub async fn set_number(&self, table: &str, pk: &str, name: &str, value: i64) {
        use aws_sdk_dynamodb::types::AttributeValue;
        let update = self
            .dynamodb
            .client()
            .update_item()
            .table_name(format!("{NAME}-{table}"));
        let update = update
            .key("pk", AttributeValue::S(pk.to_owned()))
            .update_expression("SET #n = :v")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#n", name)
            .expression_attribute_values(":v", AttributeValue::N(value.to_string()));
        update.send().await.unwrap();
    }

    /// Lets an order's time to be paid be over.
    pub async fn let_expire(&self, order: &str) {
        let pk = format!("ORDER#{order}");
        let past = now().as_millis() - 1000;
        self.set_number("orders", &pk, "expires_at", past).await;
        self.set_number("orders", &pk, "next_action_at", past).await;
    }

    /// The keys a function might be given by mistake.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// What the auditor says once the stream is drained.
    pub async fn audited(&self) -> Report {
        self.drain_stream().await;
        let db = Arc::new(Db::connect(&self.dynamodb.connection()));
        // There is none where something else than what is built in does its work.
        let built_in = |logical_id| Some(self.template.table(logical_id)?.name.clone());
        let tables = Tables {
            catalogue: format!("{NAME}-catalogue"),
            carts: format!("{NAME}-carts"),
            orders: format!("{NAME}-orders"),
            bus: built_in("BusTable"),
            provider: built_in("ProviderTable"),
        };
        audit(&db, &tables).await.unwrap()
    }

    /// Ends a test: every item must agree with the others, each event be as the schema says, and no function may have wanted
    /// more than its policy allows.
    pub async fn close(self) {
        let report = self.audited().await;
        assert!(report.findings.is_empty(), "{:#?}", report.findings);
        self.hold_events().await;
        let denied = self.wire.denied();
        assert!(denied.is_empty(), "calls were denied: {denied:#?}");
        self.lambda.shutdown().await;
        self.dynamodb.stop().await;
    }
}

/// The system's time.
pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    Timestamp::from_millis(since.as_millis() as i64)
}

/// An amount of cents.
pub fn usd(cents: i64) -> Value {
    json!({"amount": cents, "currency": "USD"})
}
