//! `cargo shop keys`: a shop's keys, and other ones in their place.
//!
//! - [`steps`]: how they get into the Parameter Store of a shop on AWS.

mod steps;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use local_shop::{
    Keys,
    keys::{Renewable, TokenKey, before},
};

use crate::{
    error::Failure,
    out::print,
    project::{Project, Running},
};

/// The command's arguments.
#[derive(Args)]
pub struct KeysCommand {
    #[command(subcommand)]
    action: Option<Action>,
    /// A shop on AWS: its keys are kept in .shop/keys/<SHOP>, to be put into its Parameter Store [default: the local shop]
    #[arg(
        long = "for",
        visible_alias = "shop",
        value_name = "SHOP",
        global = true
    )]
    shop: Option<String>,
}

#[derive(Subcommand)]
enum Action {
    /// List the keys that prove access tokens (without a command, too)
    List,
    /// Make the first keys of a shop on AWS; the local shop's make themselves
    Make,
    /// Print the commands that put a shop's keys into its Parameter Store once more
    Commands,
    /// Put another key in place of the one that signs access tokens; those that it has signed stay good
    Rotate,
    /// Take out a key that no longer signs: what it has signed is no longer good
    Retire {
        /// The key's id
        kid: String,
    },
    /// Put another key in place of one of the others; nothing that it has made is good any more
    ///
    /// With refresh-token-key every session ends, with link-key every link that was sent by mail and not used yet, with
    /// cursor-key every cursor of a list. The keys as they were stay in keys.before.json until the next change.
    Renew {
        /// Which: refresh-token-key, link-key or cursor-key
        #[arg(value_name = "NAME", value_parser = Renewable::parse)]
        key: Renewable,
    },
}

impl KeysCommand {
    /// Does it, and says what came of it.
    pub async fn run(self) -> Result<(), Failure> {
        let project = Project::find()?;
        let state = project.workspace.state();
        print(&self.done(&state, project.running().as_ref())?)
    }

    /// Does it with the keys below this folder, and gives what is to be said of it.
    fn done(&self, state: &Path, running: Option<&Running>) -> Result<String, Failure> {
        let file = match &self.shop {
            None => state.join("keys.json"),
            Some(shop) => state.join("keys").join(name(shop)?).join("keys.json"),
        };
        self.must_fit(&file)?;
        let keys = Keys::load_or_make(&file)?;
        let changed = self.changed(&keys)?;
        let is_changed = changed != keys;
        if is_changed {
            changed.replace(&keys, &file)?;
        }
        let mut told = match &self.action {
            Some(Action::Renew { key }) => renewed(*key),
            None
            | Some(
                Action::List
                | Action::Make
                | Action::Commands
                | Action::Rotate
                | Action::Retire { .. },
            ) => listed(&changed),
        };
        let all = matches!(self.action, Some(Action::Make | Action::Commands));
        let since = (!all).then_some(&keys);
        match &self.shop {
            Some(shop) => told.push_str(&steps::steps(shop, since, &changed, &file)?),
            None if is_changed => told.push_str(&taken(running)),
            None => {}
        }
        if is_changed {
            told.push_str(&kept(&before(&file)));
        }
        Ok(told)
    }

    /// With new keys in place of those that are elsewhere, every session would end: so nothing but `make` makes them.
    fn must_fit(&self, file: &Path) -> Result<(), Failure> {
        let is_new = !file.exists();
        let makes = matches!(self.action, Some(Action::Make));
        let file = || PathBuf::from(file);
        match &self.shop {
            Some(shop) if is_new && !makes => Err(Failure::NoKeys {
                file: file(),
                shop: shop.clone(),
            }),
            Some(shop) if makes && !is_new => Err(Failure::KeysThere {
                file: file(),
                shop: shop.clone(),
            }),
            None if is_new && self.action.as_ref().is_some_and(Action::changes) => {
                Err(Failure::NoLocalKeys { file: file() })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn changed(&self, keys: &Keys) -> Result<Keys, Failure> {
        Ok(match &self.action {
            None | Some(Action::List | Action::Make | Action::Commands) => keys.clone(),
            Some(Action::Rotate) => keys.rotated()?,
            Some(Action::Retire { kid }) => keys.without(kid)?,
            Some(Action::Renew { key }) => keys.renewed(*key)?,
        })
    }
}

impl Action {
    fn changes(&self) -> bool {
        match self {
            Self::List | Self::Make | Self::Commands => false,
            Self::Rotate | Self::Retire { .. } | Self::Renew { .. } => true,
        }
    }
}

/// A shop's name as the templates take it, which is no way out of the folder either. A function's name has 64 characters at
/// most, and that of the longest operation leaves 37 of them.
fn name(shop: &str) -> Result<&str, Failure> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let good = (2..=37).contains(&shop.len())
        && shop.starts_with(|first: char| first.is_ascii_lowercase())
        && shop.bytes().all(fits);
    good.then_some(shop)
        .ok_or_else(|| Failure::NotAShop(shop.to_owned()))
}

/// The keys by which access tokens are known, a line each.
fn listed(keys: &Keys) -> String {
    let line = |TokenKey { kid, signs }| match signs {
        true => format!("{kid}  signs access tokens\n"),
        false => format!("{kid}  proves what it signed before\n"),
    };
    keys.token_keys().into_iter().map(line).collect()
}

/// What another one of these keys ends, once functions have it.
fn renewed(key: Renewable) -> String {
    let ends = match key {
        Renewable::RefreshToken => {
            "every session ends: whoever is logged in has to log in again when their access token has run out, ten \
             minutes later at most, and devices that logged in before are known no more. Guests keep their carts"
        }
        Renewable::Link => {
            "no link that was sent by mail before is good, to verify an address or to set a password: whoever waits for \
             one asks for another"
        }
        Renewable::Cursor => {
            "no cursor is good that a list gave before: whoever is going through one is told `invalid-cursor`, and \
             begins anew"
        }
    };
    format!(
        "There is another {}. As soon as functions have it, {ends}.\n",
        key.name()
    )
}

/// When the local shop takes its changed keys.
fn taken(running: Option<&Running>) -> String {
    match running.map(|running| running.command.as_str()) {
        None => "The local shop takes them at its next start.\n".to_owned(),
        Some("db") => {
            "`cargo shop db` runs here with the keys before. Start it again, and then `cargo lambda watch`, which has them \
             from .env.\n"
                .to_owned()
        }
        Some(command) => format!(
            "`cargo shop {command}` runs here with the keys before. Stop it with Ctrl-C in its terminal, and start it again.\n"
        ),
    }
}

/// How to go back.
fn kept(before: &Path) -> String {
    format!(
        "The keys as they were are in {} until the next change.\n",
        before.display()
    )
}

#[cfg(test)]
mod tests;
