//! Somebody who sends canaries.

use reqwest::Method;
use serde_json::Value;

use crate::support::{Answer, Call, TestShop, Tokens};

/// Headers that nobody asked for.
const HEADERS: [(&str, &str); 9] = [
    ("user-agent", "canaryagent/1.0"),
    ("x-forwarded-for", "canaryforwarded"),
    ("forwarded", "for=canaryforwarded"),
    ("cookie", "canarycookie=canarycookievalue"),
    ("referer", "https://canaryreferer.example/?canaryreferer"),
    ("accept-language", "canarylanguage"),
    ("x-amzn-trace-id", "Root=canarytrace"),
    ("x-request-id", "canaryrequestid"),
    ("x-canaryheader", "canaryheadervalue"),
];

/// Somebody whose every request has canaries in its query and in its headers, and who keeps every answer and every secret
/// that comes with one.
pub struct Client<'s> {
    pub shop: &'s TestShop,
    pub answers: Vec<Answer>,
    /// Tokens and what makes them good, cursors, keys: whatever is a secret between the shop and somebody.
    pub secrets: Vec<String>,
    /// Tokens that went by mail, and what makes them good.
    pub mailed: Vec<String>,
}

impl<'s> Client<'s> {
    pub fn of(shop: &'s TestShop) -> Self {
        let keys = shop.keys();
        let signing_key: Value = serde_json::from_str(&keys.token_signing_key).unwrap();
        let private = signing_key["d"].as_str().unwrap();
        let keys = [
            private,
            &keys.refresh_token_key,
            &keys.link_key,
            &keys.cursor_key,
        ];
        Self {
            shop,
            answers: Vec::new(),
            secrets: keys.map(str::to_owned).into(),
            mailed: Vec::new(),
        }
    }

    pub fn call(&self, method: Method, path: &str) -> Call {
        let joint = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{joint}canaryparameter=canaryparametervalue");
        let call = self.shop.call(method, &path);
        let add = |call: Call, (name, value): &(&str, &str)| call.header(name, value);
        HEADERS.iter().fold(call, add)
    }

    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    pub fn put(&self, path: &str) -> Call {
        self.call(Method::PUT, path)
    }

    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    /// The body of the answer to a request, which must have this status.
    pub async fn send(&mut self, call: Call, status: u16) -> Value {
        let answer = call.send().await;
        let body = answer.expect(status);
        self.answers.push(answer);
        body
    }

    /// The answer to a request, whatever it is, but for our own fault.
    pub async fn try_to(&mut self, call: Call) -> Answer {
        let answer = call.send().await;
        assert!(answer.status < 500, "{}", answer.text);
        self.answers.push(answer.clone());
        answer
    }

    /// Keeps a secret, and the part of it that nobody can guess.
    pub fn keep(&mut self, secret: &str) {
        self.secrets.extend(with_its_mac(secret));
    }

    /// The next part of a list, behind the same path.
    pub async fn go_on(&mut self, path: &str, token: Option<&str>) {
        let list = |client: &Self, path: &str| match token {
            Some(token) => client.get(path).bearer(token),
            None => client.get(path),
        };
        let first = list(self, path);
        let first = self.send(first, 200).await;
        let cursor = first["next_cursor"].as_str().expect("there is more");
        self.keep(cursor);
        let next = list(self, &format!("{path}&cursor={cursor}"));
        self.send(next, 200).await;
    }

    /// The tokens of a session that begins or goes on by this answer.
    pub fn session(&mut self, answer: &Value) -> Tokens {
        for name in ["access_token", "refresh_token", "device_token"] {
            if let Some(token) = answer[name].as_str() {
                self.keep(token);
            }
        }
        Tokens::of(answer)
    }

    /// The token in the newest message to this address.
    pub async fn mailed(&mut self, email: &str) -> String {
        let token = self.shop.token_in_letter(email).await;
        self.mailed.extend(with_its_mac(&token));
        token
    }

    /// Bodies and headers of all answers that are problems, or of all others.
    pub fn answered(&self, problems: bool) -> String {
        let answers = self.answers.iter();
        let answers = answers.filter(|answer| (answer.status >= 400) == problems);
        let text = |answer: &Answer| format!("{} {:?}", answer.text, answer.headers);
        answers.map(text).collect::<Vec<_>>().join("\n")
    }
}

fn with_its_mac(token: &str) -> impl Iterator<Item = String> {
    let mac = token.rsplit_once('.').map(|(_, mac)| mac);
    [Some(token), mac].into_iter().flatten().map(str::to_owned)
}
