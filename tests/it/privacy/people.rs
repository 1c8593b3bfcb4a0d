//! Ann's account, from the first request to the last.

use serde_json::{Value, json};

use super::client::Client;
use crate::support::Tokens;

pub const EMAIL: &str = "canaryemail@example.com";
const PASSWORD: &str = "lantern canarypassword gravel 7";
const CHANGED: &str = "marble canarychanged thistle 4";
const RESET: &str = "harbor canaryreset violin 9";

/// Not long enough to be set.
const WEAK: &str = "canaryweak";
/// Not made by the shop, as any of its tokens.
const FORGED: &str = "canaryforged.1.canarymac";

/// Ann.
pub struct Ann {
    pub id: String,
    /// The session that she uses.
    pub session: Tokens,
    /// One that she began before, on the same device.
    pub first: Tokens,
}

fn credentials(email: &str, password: &str, device: &str) -> Value {
    json!({"email": email, "password": password, "device_token": device})
}

/// Ann makes an account, logs in twice, and goes on with her session.
pub async fn arrives(client: &mut Client<'_>) -> Ann {
    let account = |email: &str, password: &str, name: &str| json!({"email": email, "password": password, "name": name});
    for (account, status) in [
        (account("canarynoaddress", PASSWORD, "canaryname"), 422),
        (account(EMAIL, WEAK, "canaryname"), 422),
        (account(EMAIL, EMAIL, "canaryname"), 422),
        (account(EMAIL, PASSWORD, "canary\nname"), 400),
    ] {
        let refused = client.post("/users").json(&account);
        client.send(refused, status).await;
    }
    let account = account(EMAIL, PASSWORD, "canaryname");
    let register = client.post("/users").json(&account);
    let user = client.send(register, 201).await;
    let again = client.post("/users").json(&account);
    client.send(again, 409).await;

    for (email, password) in [
        (EMAIL, "canarywrongpassword"),
        ("canarynobody@example.com", PASSWORD),
        ("canarynoaddress", PASSWORD),
    ] {
        let refused = client.post("/sessions");
        let refused = refused.json(&credentials(email, password, FORGED));
        client.send(refused, 401).await;
    }
    let log_in = client.post("/sessions");
    let log_in = log_in.json(&credentials(EMAIL, PASSWORD, FORGED));
    let first = client.send(log_in, 201).await;
    let device = first["device_token"].as_str().unwrap();
    let log_in = client.post("/sessions");
    let log_in = log_in.json(&credentials(EMAIL, PASSWORD, device));
    let second = client.send(log_in, 201).await;
    let (first, second) = (client.session(&first), client.session(&second));

    let refresh = |client: &Client<'_>, token: &str| {
        let call = client.post("/sessions/refresh");
        call.json(&json!({"refresh_token": token}))
    };
    let forged = refresh(client, FORGED);
    client.send(forged, 401).await;
    let refresh = refresh(client, &second.refresh);
    let answer = client.send(refresh, 200).await;
    Ann {
        id: user["id"].as_str().unwrap().to_owned(),
        session: client.session(&answer),
        first,
    }
}

/// Ann shows that the address is hers, changes her password, and forgets it.
pub async fn shows_who_she_is(client: &mut Client<'_>, ann: &mut Ann) {
    let access = ann.session.access.clone();
    let profile = client.get("/users/me").bearer(&access);
    client.send(profile, 200).await;
    let ask = client.post("/users/me/email-verification").bearer(&access);
    client.send(ask, 202).await;
    let link = client.mailed(EMAIL).await;
    for (token, status) in [(FORGED, 422), (link.as_str(), 204)] {
        let verify = client.post("/email-verifications");
        let verify = verify.json(&json!({"token": token}));
        client.send(verify, status).await;
    }

    for (current, new, status) in [
        ("canarywrongpassword", CHANGED, 401),
        (PASSWORD, WEAK, 422),
        (PASSWORD, CHANGED, 204),
    ] {
        let change = client.put("/users/me/password").bearer(&access);
        let change = change.json(&json!({"current_password": current, "new_password": new}));
        client.send(change, status).await;
    }

    for (email, status) in [
        ("canarynobody@example.com", 202),
        ("canarynoaddress", 422),
        (EMAIL, 202),
    ] {
        let ask = client.post("/password-resets");
        let ask = ask.json(&json!({"email": email}));
        client.send(ask, status).await;
    }
    let link = client.mailed(EMAIL).await;
    for (token, password) in [(FORGED, RESET), (link.as_str(), WEAK)] {
        let refused = client.post("/password-resets/completion");
        let refused = refused.json(&json!({"token": token, "new_password": password}));
        client.send(refused, 422).await;
    }
    let reset = client.post("/password-resets/completion");
    let reset = reset.json(&json!({"token": link, "new_password": RESET}));
    let answer = client.send(reset, 200).await;
    ann.session = client.session(&answer);
}

/// Ann logs out where she was before, and deletes her account.
pub async fn leaves(client: &mut Client<'_>, ann: &Ann) {
    let log_out = client.delete("/sessions/current");
    client.send(log_out.bearer(&ann.first.access), 204).await;
    let delete = client.delete("/users/me").bearer(&ann.session.access);
    client.send(delete, 204).await;
    let log_in = client.post("/sessions");
    let log_in = log_in.json(&credentials(EMAIL, RESET, FORGED));
    client.send(log_in, 401).await;
}
