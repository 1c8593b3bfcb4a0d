//! Who may call what: every route of the template with every kind of caller.

use std::{collections::BTreeMap, time::Duration};

use domain::{Role, Timestamp};
use local_shop::{Keys, Route, Who};

use crate::support::{Answer, NAME, TestShop, World, now, signed};

/// Somebody who sends a good request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sender {
    /// Without a session.
    Nobody,
    /// With what the shop's key never signed, or not as it is sent.
    Pretender,
    /// With a staff session that ran out.
    Expired,
    /// With a staff session of another shop.
    Elsewhere,
    /// Who has a session and no account.
    Guest,
    /// A customer whom the order in the path isn't.
    Stranger,
    /// The customer whose it is.
    Owner,
    Staff,
}

/// Everybody but a pretender, of whom there are many kinds: those are [`bad_sessions`].
const KNOWN: [Sender; 7] = [
    Sender::Nobody,
    Sender::Expired,
    Sender::Elsewhere,
    Sender::Guest,
    Sender::Stranger,
    Sender::Owner,
    Sender::Staff,
];

impl Sender {
    /// Their token. Of an operation that ends its caller's session or account each has another caller, so that the others
    /// find theirs.
    fn token(self, world: &World, operation: &str) -> Option<String> {
        let expendable = world.ends_its_caller(operation);
        let caller = match self {
            Self::Nobody | Self::Pretender => return None,
            Self::Expired => return Some(expired(&world.shop)),
            Self::Elsewhere => return Some(elsewhere(&world.shop)),
            Self::Guest => &world.shop.guest(),
            Self::Stranger | Self::Owner if expendable => &world.shop.customer(),
            Self::Stranger => &world.stranger,
            Self::Owner => &world.owner,
            Self::Staff => &world.staff,
        };
        Some(caller.token.clone())
    }
}

/// What a sender of a good request is answered by the words of the template. That it is so is the code's doing, which
/// never sees the template.
fn expected(route: &Route, success: u16, sender: Sender) -> u16 {
    let may = |who| route.callers.contains(&who);
    if !route.looks_at_sessions() {
        return success;
    }
    let (let_in, otherwise) = match sender {
        Sender::Nobody => (may(Who::Anyone), 401),
        Sender::Pretender | Sender::Expired | Sender::Elsewhere => (false, 401),
        Sender::Guest => (may(Who::Guest), 403),
        Sender::Stranger if may(Who::Owner) => (may(Who::Customer), 404),
        Sender::Stranger => (may(Who::Customer), 403),
        Sender::Owner => (may(Who::Customer) || may(Who::Owner), 403),
        Sender::Staff => (may(Who::Staff), 403),
    };
    if let_in { success } else { otherwise }
}

fn expired(shop: &TestShop) -> String {
    let long_ago = Timestamp::from_millis(now().as_millis() - 601_000);
    shop.token(Role::Staff, NAME, long_ago)
}

fn elsewhere(shop: &TestShop) -> String {
    shop.token(Role::Staff, "oxcart-prod", now())
}

/// `Authorization` headers of a pretender, and why they prove nothing.
fn bad_sessions(shop: &TestShop) -> Vec<(&'static str, String)> {
    let good = shop.token(Role::Staff, NAME, now());
    let stranger = Keys::generate().unwrap().token_signing_key;
    let (header, rest) = good.split_once('.').unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    let other = shop.token(Role::Customer, NAME, now().plus(Duration::from_secs(1)));
    let mixed = other.rsplit_once('.').unwrap().1;
    // {"alg":"none","typ":"at+jwt"}
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0";
    let bearer = |token: &str| format!("Bearer {token}");
    vec![
        (
            "signed by another key",
            bearer(&signed(&stranger, Role::Staff, NAME, now())),
        ),
        ("garbage", bearer("garbage")),
        ("dots", bearer("..")),
        ("nothing", "Bearer".into()),
        ("nothing but a space", "Bearer ".into()),
        ("cut short", bearer(&good[..good.len() - 1])),
        ("not signed", bearer(&format!("{header}.{claims}."))),
        ("by no algorithm", bearer(&format!("{none}.{claims}."))),
        (
            "signed for another",
            bearer(&format!("{header}.{claims}.{mixed}")),
        ),
        ("behind two spaces", format!("Bearer  {good}")),
        ("of another scheme", format!("Basic {good}")),
        ("of no scheme", good.clone()),
        ("two at once", format!("Bearer {good}, Bearer {good}")),
        (
            "very long",
            bearer(&format!("{header}.{}.{signature}", "a".repeat(6000))),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_lets_in_whom_its_template_names_and_nobody_else() {
    let world = World::open().await;
    let before = world.shop.snapshot().await;
    let mut matrix = Matrix::default();
    // First whoever is refused, then whoever is not, so that every refusal can be shown to change nothing.
    for refused in [true, false] {
        for (operation, route) in world.routes() {
            for sender in KNOWN {
                let mut sample = world.sample(&operation);
                let status = expected(&route, sample.success, sender);
                if (status >= 400) != refused {
                    continue;
                }
                sample.token = sender.token(&world, &operation);
                let answer = sample.call(&world.shop).send().await;
                assert_answer(&format!("{operation} for {sender:?}"), &answer, status);
                matrix.add(&operation, &route, sender, answer.status);
            }
        }
        if refused {
            world.shop.assert_unchanged(&before).await;
        }
    }
    for (row, statuses) in &matrix.0 {
        assert_eq!(statuses.len(), KNOWN.len(), "{row}");
    }
    assert_eq!(matrix.0.len(), world.routes().len());
    matrix.print();
    world.shop.close().await;
}

/// What everybody was answered: the statuses by route and sender. `cargo test --test it every_route -- --nocapture` shows
/// it.
#[derive(Default)]
struct Matrix(BTreeMap<String, BTreeMap<Sender, u16>>);

impl Matrix {
    fn add(&mut self, operation: &str, route: &Route, sender: Sender, status: u16) {
        let row = format!("{operation:27}{:7}{:42}", route.method, route.path);
        self.0.entry(row).or_default().insert(sender, status);
    }

    fn print(&self) {
        let senders = KNOWN.map(|sender| format!("{:>11}", format!("{sender:?}")));
        println!("{:76}{}", "", senders.concat());
        for (row, statuses) in &self.0 {
            let statuses = KNOWN.map(|sender| format!("{:>11}", statuses[&sender]));
            println!("{row}{}", statuses.concat());
        }
        let routes = self.0.len();
        println!("{routes} routes × {} kinds of callers", KNOWN.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_session_is_refused_by_every_route_that_looks_at_sessions() {
    let world = World::open().await;
    let bad = bad_sessions(&world.shop);
    let before = world.shop.snapshot().await;
    for refused in [true, false] {
        for (operation, route) in world.routes() {
            // Where sessions play no part, one bad one is as good as all.
            let bad = if refused { &bad[..] } else { &bad[..1] };
            for (what, authorization) in bad {
                let mut sample = world.sample(&operation);
                let status = expected(&route, sample.success, Sender::Pretender);
                if (status >= 400) != refused {
                    continue;
                }
                sample.token = None;
                let call = sample.call(&world.shop);
                let call = call.header("authorization", authorization);
                let answer = call.send().await;
                assert_answer(&format!("{operation}, a token {what}"), &answer, status);
            }
        }
        if refused {
            world.shop.assert_unchanged(&before).await;
        }
    }
    world.shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_scheme_is_known_in_any_letter_case() {
    let world = World::open().await;
    for scheme in ["bearer", "BEARER", "bEaReR"] {
        let call = world.shop.get("/users/me");
        let call = call.header("authorization", &format!("{scheme} {}", world.owner.token));
        assert_eq!(call.send().await.expect(200)["id"], world.owner.id);
    }
    world.shop.close().await;
}

fn assert_answer(what: &str, answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text);
    let slug = match status {
        401 => "unauthenticated",
        403 => "forbidden",
        404 => "order-not-found",
        _ => return,
    };
    answer.problem(status, slug);
    let challenge = if status == 401 { "Bearer" } else { "" };
    assert_eq!(answer.header("www-authenticate"), challenge, "{what}");
}
