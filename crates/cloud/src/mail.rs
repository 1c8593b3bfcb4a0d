//! Messages by the Simple Email Service.

use serde_json::{Value, json};
use store::{
    Connection,
    mail::{Mailer, Message, NotSent, Sending},
};

use crate::Service;

/// The Simple Email Service, version 2 of its API.
pub struct Ses {
    service: Service,
    /// The address that messages come from, which the service must have verified.
    from: String,
}

impl Ses {
    /// Sends from this address, by the service at `endpoint` or the Region's own.
    pub fn new(connection: &Connection, endpoint: Option<&str>, from: String) -> Self {
        Self {
            service: Service::new(connection, "ses", "email", endpoint),
            from,
        }
    }

    /// The request, as the action SendEmail takes it.
    fn request(&self, message: &Message) -> Value {
        let text = |data: &str| json!({"Data": data, "Charset": "UTF-8"});
        json!({
            "FromEmailAddress": self.from,
            "Destination": {"ToAddresses": [message.to.as_str()]},
            "Content": {"Simple": {"Subject": text(&message.subject), "Body": {"Text": text(&message.text)}}},
        })
    }
}

impl Mailer for Ses {
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(async move {
            let request = self.request(message);
            let sent = self
                .service
                .post("/v2/email/outbound-emails", &[], &request);
            match sent.await {
                Ok(_) => Ok(()),
                Err(error) if error.is_about_the_request() => Err(NotSent::Refused(error.into())),
                Err(error) => Err(NotSent::Later(error.into())),
            }
        })
    }
}
