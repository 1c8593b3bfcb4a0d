//! A world with the shop's tables, keys and functions.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    path::Path,
    rc::Rc,
    sync::{Arc, OnceLock},
    time::{Duration, UNIX_EPOCH},
};

use adversary::{Faults, Shared};
use aws_smithy_async::time::SharedTimeSource;
use domain::{Caller, Role, Timestamp, UserId};
use edge::{Clock, Settings, SigningKey};
use local_shop::{Keys, tables};
use serde_json::Value;
use store::audit::{Pace, Report, Tables, audit, audit_in_use};
use tokio::task::LocalSet;

use crate::{Call, Checker, Request, process::Processes, stream::Streams};

/// The name of every simulated shop.
pub(crate) const NAME: &str = "sim";

/// The templates of the shop.
const INFRA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra");

/// The longest that a shop is open, in simulated time: what goes on for longer goes on for ever.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// For how long a client uses an access token, well within its life.
const FRESH: Duration = Duration::from_secs(60);

/// What all processes share.
pub(crate) struct World {
    pub(crate) world: adversary::World,
    pub(crate) template: &'static local_shop::Shop,
}

/// The shop.
pub struct Shop {
    pub(crate) shared: Rc<World>,
    pub(crate) processes: Processes,
    pub(crate) streams: Shared<Streams>,
    pub(crate) calls: RefCell<Vec<Call>>,
    pub(crate) requests: Cell<u64>,
    pub(crate) mortality: Cell<f64>,
    pub(crate) verified: Cell<bool>,
    tokens: RefCell<AccessTokens>,
    checked: Shared<Checker>,
    pub(crate) signing_key: SigningKey,
}

/// Access tokens by whose they are and their roles, and since when.
type AccessTokens = BTreeMap<(UserId, &'static str), (Duration, String)>;

/// Somebody with a session.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their id and role.
    pub caller: Caller,
}

/// What every simulated shop is made from. Reading the templates takes longer than most runs, so it is done once.
pub(crate) struct Blueprint {
    pub(crate) keys: Keys,
    template: local_shop::Shop,
}

pub(crate) fn blueprint() -> &'static Blueprint {
    static BLUEPRINT: OnceLock<Blueprint> = OnceLock::new();
    BLUEPRINT.get_or_init(|| {
        let keys = Keys::generate().unwrap_or_else(|error| panic!("{error}"));
        let template = local_shop::Shop::load(Path::new(INFRA), &keys.parameters(NAME));
        let template = template.unwrap_or_else(|error| panic!("{error}"));
        Blueprint { keys, template }
    })
}

/// A clock as the edge wants it.
pub(crate) fn as_clock(source: SharedTimeSource) -> Clock {
    Arc::new(move || {
        let since = source.now().duration_since(UNIX_EPOCH);
        Timestamp::from_millis(0).plus(since.unwrap_or_default())
    })
}

/// Opens an empty shop in a new world with this seed, and lets `scenario` happen in it, on one thread and in simulated
/// time. The same seed gives the same run.
pub fn run<T>(seed: u64, scenario: impl AsyncFnOnce(Rc<Shop>) -> T) -> T {
    run_told(seed, false, scenario)
}

/// As [`run`]; when `told`, everything that happens is noted in the world's journal.
pub fn run_told<T>(seed: u64, told: bool, scenario: impl AsyncFnOnce(Rc<Shop>) -> T) -> T {
    adversary::run(seed, async move |world: adversary::World| {
        if told {
            world.journal().begin();
        }
        let happening = async {
            let shop = Rc::new(Shop::open(world).await);
            scenario(shop).await
        };
        let local = LocalSet::new();
        let happened = local.run_until(tokio::time::timeout(LONGEST, happening));
        let happened = happened.await;
        happened.unwrap_or_else(|_| panic!("seed {seed} goes on for ever"))
    })
}

impl Shop {
    async fn open(world: adversary::World) -> Self {
        let Blueprint { keys, template } = blueprint();
        let client = world.client("tables");
        let made = tables::create(&client, template.tables()).await;
        made.unwrap_or_else(|error| panic!("{error}"));
        let settings = [
            ("TOKEN_SIGNING_KEY", keys.token_signing_key.as_str()),
            ("TOKEN_AUDIENCE", NAME),
        ];
        let signing_key = SigningKey::from_settings(&Settings::from_map(settings));
        let signing_key = signing_key.unwrap_or_else(|error| panic!("{error}"));
        let checked: Shared<Checker> = Shared::default();
        let streams = Shared::new(Streams::of(template));
        let (checks, records) = (checked.clone(), streams.clone());
        world.watch(move |commit| {
            checks.with(|checker| checker.check(commit));
            records.with(|streams| streams.note(commit));
        });
        let shared = Rc::new(World { world, template });
        Self {
            processes: Processes::new(shared.clone()),
            shared,
            streams,
            calls: RefCell::default(),
            requests: Cell::default(),
            mortality: Cell::default(),
            verified: Cell::default(),
            tokens: RefCell::default(),
            checked,
            signing_key,
        }
    }

    /// The world it is in.
    pub fn world(&self) -> &adversary::World {
        &self.shared.world
    }

    /// How long the shop has been open.
    pub fn elapsed(&self) -> Duration {
        self.world().elapsed()
    }

    /// The time, by a clock that is right.
    pub fn now(&self) -> Timestamp {
        as_clock(self.world().clock())()
    }

    /// Waits until it is that time.
    pub async fn sleep_until(&self, time: Timestamp) {
        let left = time.as_millis() - self.now().as_millis();
        let left = u64::try_from(left).unwrap_or_default();
        tokio::time::sleep(Duration::from_millis(left)).await;
    }

    /// From now on these go wrong.
    pub fn set_faults(&self, faults: Faults) {
        self.world().set_faults(faults);
    }

    /// From now on a process that serves a request dies with this chance, somewhere in between.
    pub fn set_mortality(&self, chance: f64) {
        self.mortality.set(chance);
    }

    /// Somebody with this role. The same number is the same person.
    pub fn person(&self, role: Role, number: u64) -> Person {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        let id = match role {
            Role::Guest => UserId::guest(bytes),
            Role::Customer | Role::Staff => UserId::from_random(bytes),
        };
        let caller = Caller { id, role };
        Person { caller }
    }

    /// A customer.
    pub fn customer(&self, number: u64) -> Person {
        self.person(Role::Customer, number)
    }

    /// One of the shop's people.
    pub fn staff(&self) -> Person {
        self.person(Role::Staff, u64::MAX)
    }

    /// An access token, a minute old at most.
    pub fn token(&self, person: &Person) -> String {
        let (caller, now) = (&person.caller, self.elapsed());
        let mut tokens = self.tokens.borrow_mut();
        let of_caller = tokens.entry((caller.id.clone(), caller.role.as_str()));
        let signed = || {
            let token = self.signing_key.sign(caller, self.now());
            token.unwrap_or_else(|problem| panic!("{problem}")).token
        };
        let (since, token) = of_caller.or_insert_with(|| (now, signed()));
        if now - *since > FRESH {
            (*since, *token) = (now, signed());
        }
        token.clone()
    }

    /// How long an invocation of an operation may take, by its template.
    pub fn timeout(&self, operation: &str) -> Duration {
        let operation = self.shared.template.operation(operation);
        operation.map_or(Duration::from_secs(10), |it| it.timeout)
    }

    /// How many processes of a function were started so far.
    pub fn started(&self, operation: &str) -> u64 {
        self.processes.started(operation)
    }

    /// Forgets every process that is idle, as a deployment does: the next requests meet new ones.
    pub fn replace_processes(&self) {
        self.processes.replace_all();
    }

    /// Looks at what was checked at every write.
    pub fn checked<T>(&self, look: impl FnOnce(&mut Checker) -> T) -> T {
        self.checked.with(look)
    }

    /// Brings everything to its end, with nothing going wrong any more: what was late has come, `settle-orders` has been
    /// by, the streams are drained. Tells everything that does not agree, by the checks at every write, by the auditor,
    /// and by what clients were told. Empty is well.
    pub async fn close(&self) -> Vec<String> {
        self.world().stop_meddling();
        self.set_faults(Faults::none());
        self.set_mortality(0.0);
        tokio::time::sleep(Duration::from_secs(60)).await;
        for _ in 0..2 {
            let settled = self.settle().await;
            tokio::time::sleep(Duration::from_secs(61)).await;
            if settled["due"] == 0 {
                // Nothing was owed, so nothing follows from it.
                break;
            }
        }
        self.drain_streams().await;
        let mut wrong = self.checked(|checker| checker.violations().to_vec());
        wrong.extend(self.world().broken());
        wrong.extend(self.audit().await.findings.iter().map(ToString::to_string));
        let calls = self.calls.borrow();
        let broken = calls
            .iter()
            .filter(|call| call.reply.problem() == "internal-error");
        wrong.extend(broken.map(|call| format!("{} was answered with 500", call.request)));
        wrong
    }

    /// Lets `settle-orders` come by once, and gives what it did.
    pub async fn settle(&self) -> Value {
        self.settle_with_life(None).await.0.unwrap_or_default()
    }

    /// What the auditor says of a shop at rest, whose streams were read to their end.
    pub async fn audit(&self) -> Report {
        let report = audit(&self.db("auditor"), &tables_audited()).await;
        report.unwrap_or_else(|error| panic!("the audit: {error}"))
    }

    /// What the auditor says while the shop sells.
    pub async fn audit_in_use(&self) -> Report {
        let report = audit_in_use(Pace::Gentle, &self.db("auditor"), &tables_audited()).await;
        report.unwrap_or_else(|error| panic!("the audit: {error}"))
    }

    /// Sends a request until it is answered for good, and gives the body. Panics unless that is a success.
    pub async fn must(&self, request: &Request) -> Value {
        let reply = self.ask(request).await;
        assert!(reply.is_success(), "{request}: {}", reply.text);
        reply.json()
    }
}

/// The tables that are audited.
fn tables_audited() -> Tables {
    Tables {
        catalogue: format!("{NAME}-catalogue"),
        carts: format!("{NAME}-carts"),
        orders: format!("{NAME}-orders"),
        bus: Some(format!("{NAME}-bus")),
        provider: Some(format!("{NAME}-provider")),
    }
}
