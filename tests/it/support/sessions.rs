//! Sessions: how they begin, go on and end.

use domain::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, Call, PASSWORD, TestShop, now};

/// The two tokens of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
}

impl Tokens {
    /// The tokens in what a log-in or a refresh is answered with.
    #[track_caller]
    pub fn of(session: &Value) -> Self {
        let token = |name: &str| session[name].as_str().unwrap().to_owned();
        Self {
            access: token("access_token"),
            refresh: token("refresh_token"),
        }
    }

    /// The session's key in the users table.
    pub fn pk(&self) -> String {
        let family = self.refresh.split('.').next();
        format!("SESSION#{}", family.unwrap())
    }
}

impl TestShop {
    /// A log-in.
    pub fn log_in(&self, email: &str, password: &str) -> Call {
        let credentials = json!({"email": email, "password": password});
        self.post("/sessions").json(&credentials)
    }

    /// A new session of the account with this address.
    pub async fn session(&self, email: &str) -> Tokens {
        Tokens::of(&self.log_in(email, PASSWORD).send().await.expect(201))
    }

    /// Goes on with a session.
    pub fn refresh(&self, refresh_token: &str) -> Call {
        let body = json!({"refresh_token": refresh_token});
        self.post("/sessions/refresh").json(&body)
    }

    /// The tokens with which a session goes on.
    pub async fn refreshed(&self, tokens: &Tokens) -> Tokens {
        Tokens::of(&self.refresh(&tokens.refresh).send().await.expect(200))
    }

    /// That a refresh token is not good, or no longer.
    pub async fn assert_ended(&self, tokens: &Tokens) -> Answer {
        let refused = self.refresh(&tokens.refresh).send().await;
        refused.problem(401, "invalid-refresh-token");
        refused
    }

    /// Lets this time pass since a session was refreshed last.
    pub async fn let_age(&self, session: &Tokens, millis: i64) {
        let rotated = Timestamp::from_millis(now().as_millis() - millis);
        self.set_number("users", &session.pk(), "rotated_at", rotated.as_millis())
            .await;
    }

    /// Ends the session of this access token.
    pub fn log_out(&self, access_token: &str) -> Call {
        let call = self.call(Method::DELETE, "/sessions/current");
        call.bearer(access_token)
    }

    /// Sets another password.
    pub fn change_password(&self, access_token: &str, current: &str, new: &str) -> Call {
        let body = json!({"current_password": current, "new_password": new});
        let call = self.put("/users/me/password").bearer(access_token);
        call.json(&body)
    }

    /// Deletes the account behind this access token.
    pub fn delete_account(&self, access_token: &str) -> Call {
        let call = self.call(Method::DELETE, "/users/me");
        call.bearer(access_token)
    }
}
