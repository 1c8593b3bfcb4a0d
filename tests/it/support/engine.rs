//! Which DynamoDB the shops under test have. `docs/engines.md` says how those that were tried differ.

use std::sync::LazyLock;

use local_shop::{DynamoDb, dynamodb::Storage};

use super::door::Door;

/// The variable that names it.
const VARIABLE: &str = "OXCART_TEST_DYNAMODB";

/// A DynamoDB for tests.
#[derive(Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one: one in memory for each shop, inside this process.
    Embedded,
    /// One at this address for all shops, which somebody else has started.
    At(String),
}

static CHOSEN: LazyLock<Engine> = LazyLock::new(|| {
    let named = std::env::var_os(VARIABLE).unwrap_or_default();
    let named = named.to_string_lossy();
    Engine::parse(&named).unwrap_or_else(|| {
        panic!(
            "{VARIABLE} is {named:?}: say the address of a DynamoDB that runs, such as http://127.0.0.1:8000, or leave it \
             out for the embedded one. `.ci/second-engine` starts ministack's by itself. DynamoDB Local comes under \
             Amazon's own terms, so it is yours to fetch and start: docs/engines.md says how."
        )
    })
});

impl Engine {
    /// The one that `OXCART_TEST_DYNAMODB` names.
    pub fn chosen() -> &'static Self {
        &CHOSEN
    }

    fn parse(named: &str) -> Option<Self> {
        if named.is_empty() {
            return Some(Self::Embedded);
        }
        let address = named.trim_end_matches('/');
        let is_one = address.starts_with("http://");
        is_one.then(|| Self::At(address.to_owned()))
    }

    /// An empty DynamoDB, as far as a shop can see, and the door to it if it is not the shop's alone.
    pub async fn open(&self, client: &reqwest::Client) -> (DynamoDb, Option<Door>) {
        match self {
            Self::Embedded => (DynamoDb::start(Storage::Memory, 0).await.unwrap(), None),
            Self::At(address) => {
                let door = Door::to(address, client.clone()).await;
                (DynamoDb::at(door.endpoint()), Some(door))
            }
        }
    }
}

#[test]
fn an_engine_is_embedded_or_has_an_address() {
    let at = |address: &str| Some(Engine::At(address.to_owned()));
    for (named, expected) in [
        ("", Some(Engine::Embedded)),
        ("http://127.0.0.1:8000", at("http://127.0.0.1:8000")),
        ("http://127.0.0.1:8000/", at("http://127.0.0.1:8000")),
        ("http://", None),
        ("127.0.0.1:8000", None),
        ("dynamodb-local", None),
    ] {
        assert_eq!(Engine::parse(named), expected, "{named}");
    }
}
