//! People with accounts, tokens of every kind, and addresses to call from.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use domain::{Email, PasswordHash, Role, Timestamp, UserId};
use edge::{RefreshKey, Settings, SigningKey};
use local_shop::Keys;
use reqwest::Method;
use serde_json::json;
use store::{Db, Users};

use super::{Call, Caller, TestShop};

/// The password of everybody who registers in tests.
pub const PASSWORD: &str = "correct horse battery";

impl TestShop {
    /// A request from this address of the loopback network, which is another source address to the gateway.
    pub fn call_from(&self, address: Ipv4Addr, method: Method, path: &str) -> Call {
        let client = reqwest::Client::builder().local_address(IpAddr::V4(address));
        let url = format!("{}{path}", self.lambda.url());
        Call::new(&client.build().unwrap(), method, url)
    }

    /// Somebody who registered with this address and logged in.
    pub async fn registered(&self, email: &str) -> Caller {
        let credentials = json!({"email": email, "password": PASSWORD});
        let user = self.post("/users").json(&credentials).send().await;
        let id = user.expect(201)["id"].as_str().unwrap().to_owned();
        let token = self.logged_in(email).await;
        Caller { id, token }
    }

    /// Somebody who registered with this address, showed that it is theirs, and logged in.
    pub async fn verified(&self, email: &str) -> Caller {
        let caller = self.registered(email).await;
        let token = self.token_in_letter(email).await;
        self.verify(&token).await.expect(204);
        caller
    }

    /// One of the staff, with an account.
    pub async fn registered_staff(&self, email: &str) -> Caller {
        let Caller { id, .. } = self.registered(email).await;
        self.grant_staff(email).await;
        let token = self.logged_in(email).await;
        Caller { id, token }
    }

    /// Makes the account with this address staff.
    pub async fn grant_staff(&self, email: &str) {
        let email = Email::parse(email).unwrap();
        assert!(self.users().grant_staff(&email).await.unwrap());
    }

    /// A fresh access token of the account with this address.
    pub async fn logged_in(&self, email: &str) -> String {
        let credentials = json!({"email": email, "password": PASSWORD});
        let session = self.post("/sessions").json(&credentials).send().await;
        let session = session.expect(201);
        session["access_token"].as_str().unwrap().to_owned()
    }

    /// That many refresh tokens, of as many sessions of one account that nobody else uses.
    pub async fn refresh_tokens(&self, count: u8) -> Vec<String> {
        let key = refresh_key(self.keys());
        let users = self.users();
        let email = Email::parse("refreshing@example.com").unwrap();
        let id = UserId::from_random(edge::random_bytes().unwrap());
        let hash = PasswordHash::dummy();
        users.register(id, &email, None, &hash, None).await.unwrap();
        let account = users.account(&email).await.unwrap().unwrap();
        let mut tokens = Vec::new();
        for number in 0..count {
            let family = key.family([number; 16]);
            users.begin_session(&family, &account).await.unwrap();
            tokens.push(key.token(&family, 1));
        }
        tokens
    }

    /// The users table, as functions find it.
    pub fn users(&self) -> Users {
        let db = Arc::new(Db::connect(&self.dynamodb.connection()));
        Users::new(db, self.table("UsersTable"))
    }

    /// A token that the shop's key signed at this time for this audience.
    pub fn token(&self, role: Role, audience: &str, at: Timestamp) -> String {
        signed(&self.keys().token_signing_key, role, audience, at)
    }

    /// The name of the table with this logical id.
    pub fn table(&self, logical_id: &str) -> String {
        self.template.table(logical_id).unwrap().name.clone()
    }
}

/// The key that makes refresh tokens, of a shop with these keys.
pub fn refresh_key(keys: &Keys) -> RefreshKey {
    let settings = [("REFRESH_TOKEN_KEY", keys.refresh_token_key.as_str())];
    RefreshKey::from_settings(&Settings::from_map(settings)).unwrap()
}

/// A token that this key signed.
pub fn signed(key: &str, role: Role, audience: &str, at: Timestamp) -> String {
    let settings = [("TOKEN_SIGNING_KEY", key), ("TOKEN_AUDIENCE", audience)];
    let key = SigningKey::from_settings(&Settings::from_map(settings)).unwrap();
    let id = UserId::from_random(edge::random_bytes().unwrap());
    key.sign(&domain::Caller { id, role }, at).unwrap().token
}
