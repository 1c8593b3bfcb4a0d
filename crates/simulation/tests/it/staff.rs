//! That nobody stays in who is staff no more, whatever happens to the account meanwhile.

use std::{rc::Rc, time::Duration};

use adversary::Shared;
use domain::{Email, PasswordHash, Role};
use simulation::{Item, Person, Reply, Shop, account::email, ask};
use tokio::time::sleep;

/// The process that takes the role back.
const REVOKES: &str = "revoke-staff";

/// Waits for less than this many milliseconds.
async fn pause(shop: &Shop, end: u64) {
    sleep(Duration::from_millis(shop.world().below(end))).await;
}

async fn revoke(shop: &Shop, address: &Email) {
    pause(shop, 10).await;
    let revoked = shop.users(REVOKES).revoke_staff(address).await;
    revoked.unwrap();
}

/// Changes the password in the session of this family, as `change-password` does. Instead of hashing it waits.
async fn change(shop: &Shop, person: &Person, family: &str) -> bool {
    let users = shop.users("change-password");
    let account = users.account_of(&person.caller.id).await.unwrap().unwrap();
    pause(shop, 25).await;
    let new = PasswordHash::from_stored("another".to_owned());
    let changed = users.change_password(&account, Some(family), &new).await;
    changed.unwrap()
}

async fn refresh(shop: &Shop, token: &str) -> Reply {
    pause(shop, 20).await;
    shop.ask(&ask::refresh(token)).await
}

/// What happens to an account from now on, in order: that the write is sent which takes its role back, and which role and epoch
/// each write gives it.
fn happening(shop: &Shop, person: &Person) -> Shared<Vec<String>> {
    let happened: Shared<Vec<String>> = Shared::default();
    let (sent, written) = (happened.clone(), happened.clone());
    shop.world().meddle(move |request| {
        if request.process == REVOKES && request.operation == "UpdateItem" {
            sent.with(|happened| happened.push("revoking".to_owned()));
        }
        None
    });
    let key = format!("USER#{}", person.caller.id);
    shop.world().watch(move |commit| {
        let new = commit
            .changes
            .iter()
            .filter_map(|change| change.new.as_ref());
        for item in new.map(Item::from) {
            if item.text("pk") == key {
                let epoch = item.number("session_epoch").unwrap_or_default();
                let state = format!("{} {epoch}", item.text("role"));
                written.with(|happened| happened.push(state));
            }
        }
    });
    happened
}

/// Takes a role back while the account's password is changed in one session, and another session is refreshed. Tells whether the
/// change came between the look at the account and the write that takes the role.
fn changes_in_between(seed: u64) -> bool {
    simulation::run(seed, async |shop: Rc<Shop>| {
        let ann = shop.customer(1);
        shop.register(&ann).await;
        let address = Email::parse(&email(&ann)).unwrap();
        assert!(shop.users(REVOKES).grant_staff(&address).await.unwrap());
        let changing = shop.begin_session(&ann, "changing").await;
        let refreshing = shop.begin_session(&ann, "refreshing").await;
        let happened = happening(&shop, &ann);
        let ((), changed, refreshed) = tokio::join!(
            revoke(&shop, &address),
            change(&shop, &ann, "changing"),
            refresh(&shop, &refreshing.refresh),
        );
        let mut tokens = vec![changing.refresh, refreshing.refresh];
        if refreshed.is_success() {
            let body = refreshed.json();
            tokens.push(body["refresh_token"].as_str().unwrap().to_owned());
        } else {
            assert_eq!(refreshed.problem(), "invalid-refresh-token");
        }
        for token in &tokens {
            let reply = shop.ask(&ask::refresh(token)).await;
            assert_eq!(reply.problem(), "invalid-refresh-token", "seed {seed}");
        }
        let account = shop.users(REVOKES).account_of(&ann.caller.id).await;
        let account = account.unwrap().unwrap();
        assert_eq!(account.user.role, Role::Customer, "seed {seed}");
        let epoch = 1 + u64::from(changed);
        assert_eq!(account.session_epoch, epoch, "seed {seed}");
        assert_eq!(shop.world().broken(), None);
        happened.with(|happened| {
            let order = ["revoking", "staff 1", "customer 2"];
            let at = order.map(|what| happened.iter().position(|it| it == what));
            at.iter().all(Option::is_some) && at.is_sorted()
        })
    })
}

#[test]
fn neither_a_refresh_nor_another_password_meanwhile_saves_a_session_of_the_staff() {
    let between = (0..100).filter(|seed| changes_in_between(*seed)).count();
    // Else the runs show nothing of the race.
    assert!(between > 5, "the password changes in between in {between}");
}
