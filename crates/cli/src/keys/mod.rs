//! `cargo shop keys`: a shop's keys, and other ones in their place.
//!
//! - [`steps`]: how they get into the Parameter Store of a shop on AWS.

mod steps;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use local_shop::{
    Keys,
    keys::{Lock, Renewable, TokenKey, previous_file},
};

use crate::{
    error::Failure,
    out::print,
    project::{Project, Running},
};
use steps::Put;

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
    /// Print the commands that put all of a shop's keys into its Parameter Store once more
    ///
    /// Whichever of them it has, in whatever state a command was left that was cut short.
    Commands,
    /// Put another key in place of the one that signs access tokens; those that it has signed stay good
    Rotate,
    /// Take out a key that no longer signs: what it has signed is no longer good
    Retire {
        /// The key's id
        // Ids are made of base64url, which may begin with a hyphen.
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
    /// Put another key in place of one of the others; nothing that it has made is good any more
    ///
    /// With refresh-token-key every session ends, with link-key every link that was sent by mail and not used yet, with
    /// cursor-key every cursor of a list. The keys as they were stay in keys.before.json until the next change, and `keys back`
    /// goes back to them.
    Renew {
        /// Which: refresh-token-key, link-key or cursor-key
        #[arg(value_name = "NAME", value_parser = Renewable::parse)]
        key: Renewable,
    },
    /// Go back to the keys before the last change
    ///
    /// A key that signed since then signs no more, but goes on proving what it signed, until it is retired.
    Back,
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
        // First, so that a shop without keys gets no folder by being named; and again, since others may have made some.
        self.must_fit(&file)?;
        let _lock = Lock::take(&file)?;
        self.must_fit(&file)?;
        let keys = Keys::load_or_make(&file)?;
        let changed = self.changed(&keys, &file)?;
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
                | Action::Retire { .. }
                | Action::Back,
            ) => listed(&changed),
        };
        match &self.shop {
            Some(shop) => told.push_str(&steps::steps(shop, self.put(&keys), &changed, &file)?),
            None if is_changed => told.push_str(&taken(running)),
            None => {}
        }
        if is_changed {
            told.push_str(&kept(&previous_file(&file), self.shop.as_deref()));
        }
        Ok(told)
    }

    /// What is put in place of a shop that may have these keys.
    fn put<'k>(&self, keys: &'k Keys) -> Put<'k> {
        match &self.action {
            Some(Action::Make) => Put::First,
            // How far the change came that is taken back nobody knows.
            Some(Action::Commands | Action::Back) => Put::All,
            None
            | Some(Action::List | Action::Rotate | Action::Retire { .. } | Action::Renew { .. }) => {
                Put::Since(keys)
            }
        }
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

    /// What becomes of these keys, which are in `file`.
    fn changed(&self, keys: &Keys, file: &Path) -> Result<Keys, Failure> {
        Ok(match &self.action {
            None | Some(Action::List | Action::Make | Action::Commands) => keys.clone(),
            Some(Action::Rotate) => keys.rotated()?,
            Some(Action::Retire { kid }) => keys.without(kid)?,
            Some(Action::Renew { key }) => keys.renewed(*key)?,
            Some(Action::Back) => {
                let file = previous_file(file);
                let before = Keys::load(&file)?;
                keys.back_to(&before.ok_or(Failure::NoKeysBefore { file })?)
            }
        })
    }
}

impl Action {
    fn changes(&self) -> bool {
        match self {
            Self::List | Self::Make | Self::Commands => false,
            Self::Rotate | Self::Retire { .. } | Self::Renew { .. } | Self::Back => true,
        }
    }
}

/// A shop's name as the templates take it, which is no way out of the folder either. A function's name has 64 characters at
/// most, and that of the longest operation leaves 37 of them.
pub(crate) fn name(shop: &str) -> Result<&str, Failure> {
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
fn kept(previous: &Path, shop: Option<&str>) -> String {
    let of_shop = shop.map(|shop| format!(" --for {shop}"));
    format!(
        "The keys as they were are in {} until the next change; `cargo shop keys back{}` goes back to them.\n",
        previous.display(),
        of_shop.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests;
