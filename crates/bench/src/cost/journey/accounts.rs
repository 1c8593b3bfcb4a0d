//! Whose orders they are.

use serde_json::json;
use store::{links::Purpose, mail::built_in::Mailbox};

use super::Journey;
use crate::cost::{error::CostError, request::Request};

/// Everybody's. It is none of those that are refused.
const PASSWORD: &str = "kestrel-9-umbrella-17";

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Customer {
    email: String,
    address: String,
    /// Given at the first log-in, and shown at the next.
    device: Option<String>,
}

impl Journey<'_> {
    /// Whose order it is: somebody new, or one of those who were here before. Tells their place among the customers.
    pub(super) async fn customer(&mut self, order: u32) -> Result<usize, CostError> {
        if !order.is_multiple_of(self.story.orders_per_account) {
            return Ok(self.choice.usize(..self.customers.len()));
        }
        let [_, b, c, d] = order.to_be_bytes();
        let customer = Customer {
            email: format!("customer-{order:06}@example.com"),
            address: format!("10.{b}.{c}.{d}"),
            device: None,
        };
        let account = json!({"email": customer.email, "password": PASSWORD, "name": "A Customer"});
        let register = Request::new("register-user", "POST", "/users").at(&customer.address);
        self.ask(register.json(&account)).await?;
        let token = self.link_to(&customer.email).await?;
        let verify = Request::new("verify-email", "POST", "/email-verifications");
        self.ask(verify.json(&json!({ "token": token }))).await?;
        self.customers.push(customer);
        Ok(self.customers.len() - 1)
    }

    /// The token in the message that somebody got when they registered.
    async fn link_to(&self, email: &str) -> Result<String, CostError> {
        let mailbox = Mailbox::new(
            self.functions.uncounted(),
            self.functions.table("MailboxTable")?,
        );
        let sent = mailbox.read().await?;
        let mut messages = sent.iter().map(|sent| &sent.message);
        let message = messages.find(|message| message.to.as_str() == email);
        let message = message.ok_or_else(|| CostError::NoMessage(email.to_owned()))?;
        let token = self.link_key.token(Purpose::VerifyEmail, &message.id);
        Ok(token.expose().clone())
    }

    /// An access token of theirs.
    pub(super) async fn log_in(&mut self, customer: usize) -> Result<String, CostError> {
        let mut account = json!({"email": self.customers[customer].email, "password": PASSWORD});
        if let Some(device) = &self.customers[customer].device {
            account["device_token"] = json!(device);
        }
        let log_in = Request::new("log-in", "POST", "/sessions");
        let log_in = log_in.at(&self.customers[customer].address);
        let session = self.ask(log_in.json(&account)).await?;
        self.customers[customer].device = Some(session.text("log-in", "device_token")?);
        session.text("log-in", "access_token")
    }
}
