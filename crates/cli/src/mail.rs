//! `cargo shop mail`: what the built-in mailbox holds. It only reads.

use std::{
    io::{ErrorKind, Write},
    sync::Arc,
};

use clap::Args;
use store::{
    Db,
    mail::built_in::{Mailbox, Sent},
};

use crate::{error::Failure, target::Target};

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
        let mut out = std::io::stdout().lock();
        match print(&sent[from..], self.to.as_deref(), &mut out) {
            // Whoever reads it has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            printed => printed.map_err(Failure::at("standard output")),
        }
    }
}

fn print(sent: &[Sent], to: Option<&str>, out: &mut impl Write) -> std::io::Result<()> {
    if sent.is_empty() {
        let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
        return writeln!(out, "No message was sent{to} yet.");
    }
    for Sent { message, at } in sent {
        let at = serde_json::to_string(at).unwrap_or_default();
        let at = at.trim_matches('"');
        writeln!(
            out,
            "{at}  to {}  {}\n",
            message.to.as_str(),
            message.subject
        )?;
        for line in message.text.lines() {
            writeln!(out, "    {line}")?;
        }
        writeln!(out)?;
    }
    Ok(())
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
        let mut out = Vec::new();
        print(&[sent], None, &mut out).unwrap();
        let text = "2026-11-22T22:57:01Z  to ann@example.com  Hello\n\n    One\n    \n    Two\n\n";
        assert_eq!(String::from_utf8(out).unwrap(), text);
        let mut out = Vec::new();
        print(&[], Some("ben@example.com"), &mut out).unwrap();
        assert_eq!(out, b"No message was sent to ben@example.com yet.\n");
    }
}
