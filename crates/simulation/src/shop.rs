//! A world with the shop's tables, keys and functions.

use std::{cell::Cell, path::Path, rc::Rc, sync::Arc};

use domain::{Caller, Role, Timestamp, UserId};
use edge::{Clock, Settings, SigningKey};
use local_shop::{Keys, tables};
use serde_json::json;
use store::{
    Db,
    audit::{Report, Tables, audit},
};

use crate::{Reply, Request, process::Processes};

/// The name of every simulated shop.
const NAME: &str = "sim";

/// What all processes share.
pub(crate) struct World {
    pub(crate) world: adversary::World,
    pub(crate) template: local_shop::Shop,
    keys: Keys,
}

/// The shop.
pub struct Shop {
    shared: Rc<World>,
    processes: Rc<Processes>,
    signing_key: SigningKey,
    requests: Cell<u64>,
}

/// Somebody with a session.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// Their access token, good for ten minutes from when it was made.
    pub token: String,
}

impl World {
    pub(crate) fn clock(&self) -> Clock {
        let clock = self.world.clock();
        Arc::new(move || {
            let since = clock.now().duration_since(std::time::UNIX_EPOCH);
            Timestamp::from_millis(0).plus(since.unwrap_or_default())
        })
    }
}

impl Shop {
    /// An empty shop in this world, with the templates of the folder `infra`.
    pub async fn open(world: adversary::World, infra: &Path) -> Self {
        let keys = Keys::generate().unwrap_or_else(|error| panic!("{error}"));
        let template = local_shop::Shop::load(infra, &keys.parameters(NAME));
        let template = template.unwrap_or_else(|error| panic!("{error}"));
        let client = world.client("tables");
        let made = tables::create(&client, template.tables()).await;
        made.unwrap_or_else(|error| panic!("{error}"));
        let settings = [
            ("TOKEN_SIGNING_KEY", keys.token_signing_key.as_str()),
            ("TOKEN_AUDIENCE", NAME),
        ];
        let signing_key = SigningKey::from_settings(&Settings::from_map(settings));
        let signing_key = signing_key.unwrap_or_else(|error| panic!("{error}"));
        let shared = Rc::new(World {
            world,
            template,
            keys,
        });
        Self {
            processes: Rc::new(Processes::new(shared.clone())),
            shared,
            signing_key,
            requests: Cell::default(),
        }
    }

    /// The world it is in.
    pub fn world(&self) -> &adversary::World {
        &self.shared.world
    }

    /// Somebody with this role and a fresh session. The same number is the same person.
    pub fn person(&self, role: Role, number: u64) -> Person {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        let id = match role {
            Role::Guest => UserId::guest(bytes),
            Role::Customer | Role::Staff => UserId::from_random(bytes),
        };
        let caller = Caller {
            id: id.clone(),
            role,
        };
        let token = self.signing_key.sign(&caller, (self.shared.clock())());
        let token = token.unwrap_or_else(|problem| panic!("{problem}")).token;
        Person { id, token }
    }

    /// Sends a request and gives the reply. Dropped in between, its process dies there.
    pub async fn call(&self, request: &Request) -> Reply {
        self.requests.set(self.requests.get() + 1);
        let event = request.event(&format!("request-{}", self.requests.get()));
        let process = self.processes.take(request.operation);
        let reply = process.answer(&event).await;
        self.processes.give_back(request.operation, process);
        reply
    }

    /// Sends a request until it is answered with something else than 503, at most `times` times.
    pub async fn call_until_answered(&self, request: &Request, times: u32) -> Reply {
        let mut reply = self.call(request).await;
        for _ in 1..times {
            if !reply.is_retryable() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            reply = self.call(request).await;
        }
        reply
    }

    /// Puts a product on sale, with this many pieces in that many buckets.
    pub async fn stock(&self, staff: &Person, product: &str, pieces: i64, buckets: u8) {
        let price = json!({"amount": 1200, "currency": "USD"});
        let body = json!({"title": product, "price": price, "stock_buckets": buckets});
        let path = format!("/products/{product}");
        let put = Request::new("put-product", "PUT", &path, &[("product_id", product)]);
        let put = put.by(&staff.token).json(body);
        let put = self.call_until_answered(&put, 20).await;
        assert!(matches!(put.status, 200 | 201), "{}", put.text);
        let path = format!("{path}/stock-adjustments");
        let adjust = Request::new("adjust-stock", "POST", &path, &[("product_id", product)]);
        let body = json!({"delta": pieces, "reason": "received"});
        let adjust = adjust.by(&staff.token).key("delivery").json(body);
        let adjusted = self.call_until_answered(&adjust, 20).await;
        assert_eq!(adjusted.status, 201, "{}", adjusted.text);
    }

    /// What the auditor says. It looks without any fault.
    pub async fn audit(&self) -> Report {
        let world = self.world();
        let config = store::Connection::local("http://dynamodb.invalid").config();
        let config = world.configure("auditor", config);
        let db = Db::new(
            aws_sdk_dynamodb::Client::from_conf(config.build()),
            world.clock(),
        );
        let tables = Tables {
            catalogue: format!("{NAME}-catalogue"),
            carts: format!("{NAME}-carts"),
            orders: format!("{NAME}-orders"),
            bus: None,
            provider: Some(format!("{NAME}-provider")),
        };
        let report = audit(&db, &tables).await;
        report.unwrap_or_else(|error| panic!("the audit: {error}"))
    }

    /// The keys of the shop.
    pub fn keys(&self) -> &Keys {
        &self.shared.keys
    }

    /// Forgets every process that is idle, as a deployment does: the next requests meet new ones.
    pub fn replace_processes(&self) {
        self.processes.replace_all();
    }
}
