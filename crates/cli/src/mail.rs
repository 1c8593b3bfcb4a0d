//! `cargo shop mail`: what the built-in mailbox holds. It only reads.

use std::sync::Arc;

use clap::Args;
use store::{
    Db,
    mail::built_in::{Mailbox, Sent},
};

use crate::{error::Failure, out::print, target::Target};

/// The command's arguments.
#[derive(Args)]
pub struct Mail {
    #[command(flatten)]
    target: Target,
    /// The table of the built-in mailbox, by its whole name [default: <shop>-mailbox]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["shop", "url"])]
    mailbox_table: Option<String>,
    /// Only what was sent to this address
    #[arg(long, value_name = "EMAIL")]
    to: Option<String>,
    /// Only the newest message
    #[arg(long)]
    last: bool,
}

impl Mail {
    /// Prints the messages, oldest first.
    pub async fn run(self) -> Result<(), Failure> {
        let found = self.target.find(self.mailbox_table.is_some())?;
        let table = self
            .mailbox_table
            .unwrap_or_else(|| format!("{}-mailbox", found.shop));
        let mailbox = Mailbox::new(Arc::new(Db::connect(&found.connection)), table.clone());
        let sent = mailbox.read().await;
        let mut sent = sent.map_err(|source| Failure::of_store(&table, &found.place, source))?;
        if let Some(to) = &self.to {
            let to = domain::Email::parse(to)?;
            sent.retain(|sent| sent.message.to == to);
        }
        let from = if self.last {
            sent.len().saturating_sub(1)
        } else {
            0
        };
        print(&told(&sent[from..], self.to.as_deref()))
    }
}

/// The messages for people, or that there are none.
fn told(sent: &[Sent], to: Option<&str>) -> String {
    if sent.is_empty() {
        let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
        return format!("No message was sent{to} yet.\n");
    }
    sent.iter().map(one).collect()
}

/// A message: when it was sent, to whom and about what, then its text.
fn one(Sent { message, at }: &Sent) -> String {
    let at = at.rfc_3339().unwrap_or_default();
    let lines = message.text.lines();
    let text: String = lines.map(|line| format!("    {line}\n")).collect();
    let to = message.to.as_str();
    format!("{at}  to {to}  {}\n\n{text}\n", message.subject)
}

#[cfg(test)]
mod tests {
    use domain::{Email, Timestamp};
    use store::mail::Message;

    use super::*;

    #[test]
    fn a_message_is_printed_with_when_to_whom_and_about_what() {
        let sent = Sent {
            message: Message {
                id: "id".into(),
                to: Email::parse("ann@example.com").unwrap(),
                subject: "Hello".into(),
                text: "One\n\nTwo\n".into(),
            },
            at: Timestamp::from_millis(1_795_388_221_000),
        };
        let text = "2026-11-22T22:57:01Z  to ann@example.com  Hello\n\n    One\n    \n    Two\n\n";
        assert_eq!(told(&[sent], None), text);
        let none = told(&[], Some("ben@example.com"));
        assert_eq!(none, "No message was sent to ben@example.com yet.\n");
    }
}
