//! What leaves the shop by mail.

use std::{collections::BTreeMap, sync::Arc};

use domain::{Email, UserId};
use edge::{LinkKey, Settings, session::link_id};
use serde_json::json;
use store::{
    Db,
    links::Purpose,
    mail::{Message, built_in::Mailbox},
};

use super::{Answer, TestShop};

impl TestShop {
    /// The messages to this address so far, oldest first.
    pub async fn letters(&self, email: &str) -> Vec<Message> {
        self.drain_stream().await;
        let db = Arc::new(Db::connect(&self.dynamodb.connection()));
        let mailbox = Mailbox::new(db, self.table("MailboxTable"));
        let sent = mailbox.read().await.unwrap().into_iter();
        let letters = sent.map(|sent| sent.message);
        letters
            .filter(|message| message.to.as_str() == email)
            .collect()
    }

    /// The token in the newest message to this address.
    pub async fn token_in_letter(&self, email: &str) -> String {
        let letters = self.letters(email).await;
        let in_letter = |letter: &Message| {
            let (_, rest) = letter.text.split_once("this token:\n\n")?;
            Some(rest.lines().next()?.to_owned())
        };
        letters.iter().rev().find_map(in_letter).unwrap()
    }

    /// The messages to this address about orders so far, by the events that they tell of.
    pub async fn order_letters(&self, email: &str) -> BTreeMap<String, Message> {
        let letters = self.letters(email).await.into_iter();
        let of_orders = letters.filter(|letter| letter.id.starts_with("ord_"));
        of_orders
            .map(|letter| (letter.id.clone(), letter))
            .collect()
    }

    /// Verifies an address by the token of a link.
    pub async fn verify(&self, token: &str) -> Answer {
        let call = self.post("/email-verifications");
        call.json(&json!({ "token": token })).send().await
    }

    /// Asks for a link by which a password can be set.
    pub async fn ask_for_reset(&self, email: &str) -> Answer {
        let call = self.post("/password-resets");
        call.json(&json!({ "email": email })).send().await
    }

    /// Sets a password by the token of a link.
    pub async fn reset(&self, token: &str, password: &str) -> Answer {
        let call = self.post("/password-resets/completion");
        let body = json!({"token": token, "new_password": password});
        call.json(&body).send().await
    }

    /// The token of a link that was never sent, for whoever has an account.
    pub async fn link_to(&self, purpose: Purpose, email: &str) -> String {
        let users = self.users();
        let id = link_id(edge::random_bytes().unwrap());
        let email = Email::parse(email).unwrap();
        match purpose {
            Purpose::ResetPassword => users.send_reset(&id, &email).await.unwrap(),
            Purpose::VerifyEmail => {
                let account = users.account(&email).await.unwrap().unwrap();
                users.send_verification(&id, &account).await.unwrap();
            }
        }
        self.link_token(purpose, &id)
    }

    /// The token of the link with this id.
    pub fn link_token(&self, purpose: Purpose, id: &str) -> String {
        let settings = [("LINK_KEY", self.keys().link_key.as_str())];
        let key = LinkKey::from_settings(&Settings::from_map(settings)).unwrap();
        key.token(purpose, id).expose().clone()
    }

    /// Whether the address of this user is verified.
    pub async fn is_verified(&self, id: &str) -> bool {
        let user = self.users().profile(&UserId::parse(id).unwrap()).await;
        user.unwrap().unwrap().email_verified
    }
}
