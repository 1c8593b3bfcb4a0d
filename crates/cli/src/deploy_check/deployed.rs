//! A deployed shop, as its customers and its staff reach it through the gateway.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::Email;
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use store::{
    Connection, Db, Users,
    audit::{Tables, audit},
    mail::built_in::Mailbox,
};
use tokio::sync::oneshot;

use super::{
    accounts::{Account, checked, differs_at, log_in, register, send},
    emulator::Emulator,
};
use crate::{
    demo::{
        self, Scene, Style, Teller,
        client::{Call, Client},
        differs::Differs,
        random_name,
    },
    error::Failure,
};

/// How many want each last piece.
const BUYERS: usize = 8;
/// How many last pieces there are.
const PIECES: usize = 5;
const PRICE: i64 = 1200;
/// How long a letter may take to arrive: streams and the bus are asked every second or so.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often the mailbox is looked into.
const LOOK: Duration = Duration::from_millis(500);

/// A shop behind a gateway.
pub struct Deployed {
    shop: String,
    url: String,
    client: Client,
    connection: Connection,
    staff: Account,
    staff_token: String,
}

/// Orders that were placed while something else went on.
#[derive(Debug, Default)]
pub struct Placed {
    /// How many.
    pub orders: usize,
    /// How many of them only at a further try.
    pub retried: usize,
}

impl Deployed {
    /// The shop of this name behind this address, with a staff account of its own.
    pub async fn open(shop: &str, url: &str, connection: Connection) -> Result<Self, Failure> {
        let client = Client::new(url)?;
        let staff = register(&client, "staff").await?;
        let table = format!("{shop}-users");
        let users = Users::new(Arc::new(Db::connect(&connection)), table.clone());
        let granted = users.grant_staff(&Email::parse(&staff.email)?).await;
        granted.map_err(|source| Failure::Store {
            tables: table,
            place: url.to_owned(),
            source,
        })?;
        Ok(Self {
            shop: shop.to_owned(),
            url: url.to_owned(),
            staff_token: log_in(&client, &staff).await?,
            client,
            connection,
            staff,
        })
    }

    /// Tells the story of `cargo shop demo` with it, into a file.
    pub async fn hears_the_story(&self, file: &Path) -> Result<(), Failure> {
        let scene = Scene {
            url: self.url.clone(),
            staff_email: self.staff.email.clone(),
            staff_password: self.staff.password.clone(),
        };
        let out = std::fs::File::create(file).map_err(Failure::at(file))?;
        demo::run(&scene, &mut Teller::new(Box::new(out), Style::Plain)).await
    }

    /// A customer verifies an address by the link in a letter, orders, and is written to about the order: streams, the event bus
    /// and mail do their work.
    pub async fn writes_to_its_customers(&self) -> Result<(), Failure> {
        let account = register(&self.client, "reader").await?;
        let link = self
            .letter(&account, "Is this your e-mail address?")
            .await?;
        let token = link.split_once("this token:\n\n");
        let token = token.and_then(|(_, rest)| rest.lines().next());
        let body = json!({"token": token.unwrap_or_default()});
        let call = Call::post("/email-verifications").json(body);
        self.send(call, 204).await?;
        let product = self.product(1).await?;
        let buyer = log_in(&self.client, &account).await?;
        let call = self.order(&product, &buyer, &random_name::<8>()?);
        self.send(call, 201).await?;
        self.letter(&account, "We have your order").await.map(drop)
    }

    /// The text of the letter to this account whose subject begins like this, once it is there.
    async fn letter(&self, to: &Account, subject: &str) -> Result<String, Failure> {
        let table = format!("{}-mailbox", self.shop);
        let mailbox = Mailbox::new(Arc::new(Db::connect(&self.connection)), table.clone());
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let sent = mailbox.read().await;
            let sent = sent.map_err(|source| self.unread(&table, source))?;
            let mut messages = sent.into_iter().map(|sent| sent.message);
            let found = messages.find(|message| {
                message.to.as_str() == to.email && message.subject.starts_with(subject)
            });
            if let Some(message) = found {
                return Ok(message.text);
            }
            tokio::time::sleep(LOOK).await;
        }
        Err(Failure::DeployDiffers {
            what: format!("the letters to a customer after {} s", PATIENCE.as_secs()),
            found: "none".to_owned(),
            wanted: subject.to_owned(),
        })
    }

    fn unread(&self, tables: &str, source: store::Failure) -> Failure {
        Failure::Store {
            tables: tables.to_owned(),
            place: self.url.clone(),
            source,
        }
    }

    /// Several buyers want the last piece of a product at the same moment, several times over. Says how often.
    pub async fn sells_last_pieces_once(&self) -> Result<(usize, usize), Failure> {
        let buyers = self.customers(BUYERS).await?;
        for _ in 0..PIECES {
            let product = self.product(1).await?;
            let keys = (0..BUYERS).map(|_| random_name::<8>());
            let keys = keys.collect::<Result<Vec<_>, _>>()?;
            let orders = buyers.iter().zip(&keys);
            let orders = orders.map(|(buyer, key)| self.order(&product, buyer, key));
            let orders: Vec<Call> = orders.collect();
            let answers = try_join_all(orders.iter().map(|call| self.client.send(call))).await?;
            let won: Vec<usize> = (0..BUYERS)
                .filter(|at| answers[*at].status == 201)
                .collect();
            let [winner] = won[..] else {
                let differs = format!("{} of {BUYERS} got the last piece", won.len());
                return Err(differs_at(&orders[0], Differs(differs)));
            };
            for (call, answer) in orders.iter().zip(&answers) {
                if answer.status != 201 {
                    checked(call, answer.problem(409, "out-of-stock"))?;
                }
            }
            // Whoever did not hear the answer asks again, under the same key.
            let again = self.client.send(&orders[winner]).await?;
            checked(&orders[winner], again.repeats(&answers[winner]))?;
        }
        Ok((PIECES, BUYERS))
    }

    /// Places orders one after another until `done`, and fails if one is not placed.
    pub async fn goes_on_selling(
        &self,
        mut done: oneshot::Receiver<()>,
    ) -> Result<Placed, Failure> {
        let buyers = self.customers(1).await?;
        let product = self.product(1_000_000).await?;
        let mut placed = Placed::default();
        // At least one after it is done, too.
        let mut more = true;
        while more {
            more = matches!(done.try_recv(), Err(oneshot::error::TryRecvError::Empty));
            let call = self.order(&product, &buyers[0], &random_name::<8>()?);
            let answer = self.client.send(&call).await?;
            checked(&call, answer.is(201))?;
            placed.orders += 1;
            placed.retried += usize::from(answer.tries > 1);
        }
        Ok(placed)
    }

    /// The seconds for which everybody may keep the keys that prove tokens: a part of an answer that the check changes.
    pub async fn keeps_its_keys(&self) -> Result<String, Failure> {
        let answer = self
            .client
            .send(&Call::get("/.well-known/jwks.json"))
            .await?;
        let header = answer.headers.get("cache-control");
        let header = header.and_then(|value| value.to_str().ok());
        Ok(header.unwrap_or_default().to_owned())
    }

    /// Reads the shop's tables, once every event has been told, and fails if something does not agree. Says how many orders
    /// there are.
    pub async fn agrees(&self, built_in_bus: bool) -> Result<usize, Failure> {
        let name = |table: &str| format!("{}-{table}", self.shop);
        let tables = Tables {
            catalogue: name("catalogue"),
            carts: name("carts"),
            orders: name("orders"),
            bus: built_in_bus.then(|| name("bus")),
            provider: Some(name("provider")),
        };
        let db = Db::connect(&self.connection);
        let begun = Instant::now();
        loop {
            let report = audit(&db, &tables).await;
            let report = report.map_err(|source| self.unread(&self.shop, source))?;
            match report.findings.len() {
                0 => return Ok(report.orders),
                // What streams bring comes a little later.
                _ if begun.elapsed() < PATIENCE => tokio::time::sleep(LOOK).await,
                count => {
                    report.findings.iter().for_each(|it| eprintln!("✗ {it}"));
                    return Err(Failure::Findings(count));
                }
            }
        }
    }

    /// Tells people how it is called.
    pub fn greet(&self, emulator: &Emulator) {
        println!();
        println!(
            "The shop is deployed at {}. Ctrl-C ends it and the emulator.",
            self.url
        );
        println!("Staff      {} / {}", self.staff.email, self.staff.password);
        println!("Logs       {}", emulator.log().display());
        println!();
        println!("Try:");
        println!("  curl {}/products", self.url);
        println!(
            "  cargo shop demo --url {} --staff-email {} --staff-password {}",
            self.url, self.staff.email, self.staff.password
        );
        println!();
        println!("For the AWS CLI and the like:");
        for (name, value) in emulator.variables() {
            println!("  export {name}={value}");
        }
    }

    async fn customers(&self, number: usize) -> Result<Vec<String>, Failure> {
        let mut tokens = Vec::new();
        for _ in 0..number {
            let account = register(&self.client, "buyer").await?;
            tokens.push(log_in(&self.client, &account).await?);
        }
        Ok(tokens)
    }

    /// A new product with this many pieces.
    async fn product(&self, pieces: u32) -> Result<String, Failure> {
        let id = format!("check-{}", random_name::<4>()?);
        let price = json!({"amount": PRICE, "currency": "USD"});
        let body = json!({"title": "A last piece", "category": "check", "price": price});
        let call = Call::put("/products/{product_id}").of(&id);
        self.send(call.by(&self.staff_token).json(body), 201)
            .await?;
        let call = Call::post("/products/{product_id}/stock-adjustments").of(&id);
        let body = json!({"delta": pieces, "reason": "received"});
        let call = call.by(&self.staff_token).key("delivery").json(body);
        self.send(call, 201).await?;
        Ok(id)
    }

    fn order(&self, product: &str, buyer: &str, key: &str) -> Call {
        let price = json!({"amount": PRICE, "currency": "USD"});
        let item = json!({"product_id": product, "quantity": 1, "unit_price": price});
        let call = Call::post("/orders").by(buyer).key(key);
        call.json(json!({"items": [item]}))
    }

    async fn send(&self, call: Call, status: u16) -> Result<Value, Failure> {
        send(&self.client, call, status).await
    }
}
