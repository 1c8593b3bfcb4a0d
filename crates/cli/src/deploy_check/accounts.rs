//! Accounts in a deployed shop, and calls whose answers must be as they should.

use serde_json::{Value, json};

use crate::{
    demo::{
        client::{Call, Client},
        differs::{Checked, Differs, text},
        random_name,
    },
    error::Failure,
};

/// An account.
pub struct Account {
    /// Its address.
    pub email: String,
    /// Its password.
    pub password: String,
}

/// A new account.
pub async fn register(client: &Client, who: &str) -> Result<Account, Failure> {
    let account = Account {
        email: format!("{who}-{}@example.com", random_name::<6>()?),
        password: random_name::<12>()?,
    };
    let body = json!({"email": account.email, "password": account.password});
    send(client, Call::post("/users").json(body), 201).await?;
    Ok(account)
}

/// An access token of this account.
pub async fn log_in(client: &Client, account: &Account) -> Result<String, Failure> {
    let call =
        Call::post("/sessions").json(json!({"email": account.email, "password": account.password}));
    let session = send(client, call.clone(), 201).await?;
    checked(&call, text(&session, "access_token"))
}

/// The body of the answer, which must have this status.
pub async fn send(client: &Client, call: Call, status: u16) -> Result<Value, Failure> {
    let answer = client.send(&call).await?;
    checked(&call, answer.is(status))
}

/// What was made of the answer to a call, if it is as it should be.
pub fn checked<T>(call: &Call, checked: Checked<T>) -> Result<T, Failure> {
    checked.map_err(|differs| differs_at(call, differs))
}

/// That the answer to a call differs.
pub fn differs_at(call: &Call, differs: Differs) -> Failure {
    Failure::Differs {
        call: call.to_string(),
        differs: differs.0,
    }
}
