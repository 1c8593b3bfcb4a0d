//! Accounts and sessions.

use std::{rc::Rc, time::Duration};

use domain::Role;
use serde_json::json;
use simulation::{
    Item, Items, Shop,
    account::{PASSWORD, email},
    ask,
};
use store::links::Purpose;

use super::deed::{Deed, Scene};
use crate::ensure;

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "register-user",
        set: |shop| Box::pin(registering(shop)),
    },
    Scene {
        name: "log-in",
        set: |shop| Box::pin(logging_in(shop)),
    },
    Scene {
        name: "refresh-session",
        set: |shop| Box::pin(refreshing(shop)),
    },
    Scene {
        name: "change-password",
        set: |shop| Box::pin(changing_the_password(shop)),
    },
    Scene {
        name: "log-out of a customer",
        set: |shop| Box::pin(logging_out(shop)),
    },
    Scene {
        name: "log-out of a guest",
        set: |shop| Box::pin(a_guest_leaving(shop)),
    },
    Scene {
        name: "request-email-verification",
        set: |shop| Box::pin(asking_for_a_link(shop, Purpose::VerifyEmail)),
    },
    Scene {
        name: "request-password-reset",
        set: |shop| Box::pin(asking_for_a_link(shop, Purpose::ResetPassword)),
    },
    Scene {
        name: "verify-email",
        set: |shop| Box::pin(verifying(shop)),
    },
    Scene {
        name: "reset-password",
        set: |shop| Box::pin(resetting(shop)),
    },
    Scene {
        name: "delete-user",
        set: |shop| Box::pin(deleting(shop)),
    },
];

async fn registering(_: Rc<Shop>) -> Deed {
    let register = ask::register("ann@example.com", PASSWORD);
    let deed = Deed::request(register, &[201], |items| {
        let accounts = items.all("users", "USER#").len();
        let claims = items.all("users", "EMAIL#").len();
        ensure!(
            accounts == claims,
            "{accounts} accounts, {claims} addresses"
        );
        Ok(accounts as u64)
    });
    // There is no key by which to know one's own account again.
    deed.or_refused("email-taken", Duration::ZERO)
}

async fn logging_in(shop: Rc<Shop>) -> Deed {
    let ann = shop.customer(1);
    shop.register(&ann).await;
    let log_in = ask::log_in(&email(&ann), PASSWORD);
    // Whoever logs in again begins another session; one whose answer was lost is used by nobody.
    Deed::request(log_in, &[201], |items| {
        Ok(items.all("users", "SESSION#").len().min(1) as u64)
    })
}

async fn refreshing(shop: Rc<Shop>) -> Deed {
    let ann = shop.customer(1);
    shop.register(&ann).await;
    let tokens = shop.begin_session(&ann, "family").await;
    let deed = Deed::request(ask::refresh(&tokens.refresh), &[200], |items| {
        let session = items.get("users", "SESSION#family");
        let generation = session.and_then(|session| session.number("generation"));
        Ok(generation.unwrap_or_default().abs_diff(1))
    });
    // The same again gets the same for ten seconds, by clocks that may differ by three.
    deed.or_refused("invalid-refresh-token", Duration::from_secs(7))
}

async fn changing_the_password(shop: Rc<Shop>) -> Deed {
    let ann = shop.customer(1);
    shop.register(&ann).await;
    let tokens = shop.begin_session(&ann, "mine").await;
    shop.begin_session(&ann, "stolen").await;
    let change = ask::change_password(&tokens.access, PASSWORD, "another long password");
    let user = format!("USER#{}", ann.caller.id);
    Deed::request(change, &[204], move |items| {
        let epoch = |key: &str| items.get("users", key)?.number("session_epoch");
        let (account, mine, stolen) =
            (epoch(&user), epoch("SESSION#mine"), epoch("SESSION#stolen"));
        ensure!(mine == account, "the session it was changed in has ended");
        ensure!(stolen == Some(0), "another session goes on");
        Ok(account.unwrap_or_default().unsigned_abs())
    })
}

async fn logging_out(shop: Rc<Shop>) -> Deed {
    let ann = shop.customer(1);
    shop.register(&ann).await;
    let tokens = shop.begin_session(&ann, "family").await;
    Deed::request(ask::log_out(&tokens.access), &[204], |items| {
        let session = items.get("users", "SESSION#family");
        Ok(session.is_some_and(|it| it.truth("revoked")).into())
    })
}

async fn a_guest_leaving(shop: Rc<Shop>) -> Deed {
    let guest = shop.person(Role::Guest, 1);
    shop.stock("mug", 5, 1).await;
    shop.must(&ask::put_item(&guest, "mug", 1)).await;
    let cart = format!("CART#{}", guest.caller.id);
    Deed::request(ask::log_out(&shop.token(&guest)), &[204], move |items| {
        let cart = items.get("carts", &cart);
        Ok(cart.is_some_and(|it| it.text("state") == "closed").into())
    })
}

async fn asking_for_a_link(shop: Rc<Shop>, purpose: Purpose) -> Deed {
    let ann = shop.customer(1);
    shop.register(&ann).await;
    let request = match purpose {
        Purpose::VerifyEmail => ask::request_email_verification(&shop.token(&ann)),
        Purpose::ResetPassword => ask::request_password_reset(&email(&ann)),
    };
    // Whoever asks again gets another link.
    Deed::request(request, &[202], |items| {
        Ok(items.all("users", "LINK#").len().min(1) as u64)
    })
}

async fn verifying(shop: Rc<Shop>) -> Deed {
    let ann = shop.customer(1);
    shop.register(&ann).await;
    let token = shop.link(&ann, Purpose::VerifyEmail).await;
    let user = format!("USER#{}", ann.caller.id);
    Deed::request(ask::verify_email(&token), &[204], move |items| {
        let user = items.get("users", &user);
        Ok(user.is_some_and(|it| it.truth("email_verified")).into())
    })
}

async fn resetting(shop: Rc<Shop>) -> Deed {
    let ann = shop.customer(1);
    shop.register(&ann).await;
    let token = shop.link(&ann, Purpose::ResetPassword).await;
    let user = format!("USER#{}", ann.caller.id);
    let reset = ask::reset_password(&token, "another long password");
    Deed::request(reset, &[200], move |items| {
        let epoch = items
            .get("users", &user)
            .and_then(|it| it.number("session_epoch"));
        let link = items.get("users", "LINK#reset-password");
        let used = link.is_some_and(|it| it.has("used_at"));
        ensure!(
            used == (epoch == Some(1)),
            "the link is used: {used}, and the account at its epoch {epoch:?}"
        );
        Ok(epoch.unwrap_or_default().unsigned_abs())
    })
}

async fn deleting(shop: Rc<Shop>) -> Deed {
    let deed = an_account_with_orders(&shop).await;
    shop.stock("pen", 1, 1).await;
    deed
}

/// Somebody with an account, a cart and two orders, of which one is unpaid, who deletes the account.
pub(super) async fn an_account_with_orders(shop: &Shop) -> Deed {
    let ann = shop.customer(1);
    shop.register(&ann).await;
    shop.stock("mug", 9, 1).await;
    shop.must(&ask::put_item(&ann, "mug", 1)).await;
    for key in ["unpaid", "over"] {
        let place = ask::place(&ann, key, &[("mug", 2)]);
        let address = json!({
            "name": "Ann", "line1": "1 Ox Lane", "city": "Bern", "postal_code": "3000", "country": "CH",
        });
        let mut body = place.body().clone();
        body["shipping_address"] = address;
        let placed = shop.must(&place.json(body)).await;
        if key == "over" {
            let order = placed["id"].as_str().unwrap_or_default();
            shop.must(&ask::cancel(&ann, order)).await;
        }
    }
    let id = ann.caller.id.to_string();
    Deed::request(ask::delete_user(&ann), &[204], move |items| {
        is_deleted(items, &id)
    })
}

fn is_deleted(items: &Items, id: &str) -> Result<u64, crate::Violation> {
    let is_there = |key: &str| items.get("users", &format!("{key}#{id}")).is_some();
    let deleted = !is_there("USER");
    let claimed = !items.all("users", "EMAIL#").is_empty();
    let cart = items.get("carts", &format!("CART#{id}"));
    let closed = cart.is_some_and(|it| it.text("state") == "closed");
    ensure!(claimed != deleted, "the account and its address disagree");
    ensure!(closed == deleted, "the account and its cart disagree");
    let orders = items.all("orders", "ORDER#");
    let named = |order: &&Item| order.text("answer").contains("Ox Lane");
    let (placed, named) = (
        orders
            .iter()
            .filter(|it| it.text("status") == "placed")
            .count(),
        orders.iter().filter(named).count(),
    );
    let expected = if deleted { (0, 0) } else { (1, 2) };
    ensure!(
        (placed, named) == expected,
        "the account is deleted: {deleted}; {placed} orders are placed, {named} have an address"
    );
    Ok(deleted.into())
}
