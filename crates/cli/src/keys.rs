//! `cargo shop keys`: a shop's keys, and other ones in their place.

use std::path::Path;

use clap::{Args, Subcommand};
use domain::user::GUEST_SESSION_LIFE;
use local_shop::{
    Keys,
    keys::{TokenKey, write_private},
};

use crate::{error::Failure, project::Project};

/// The command's arguments.
#[derive(Args)]
pub struct KeysCommand {
    #[command(subcommand)]
    action: Option<Action>,
    /// A shop on AWS: its keys are kept in .shop/keys/<SHOP>, to be put into its Parameter Store [default: the local shop]
    #[arg(long = "for", value_name = "SHOP", global = true)]
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
}

impl KeysCommand {
    /// Does it.
    pub async fn run(self) -> Result<(), Failure> {
        let project = Project::find()?;
        let file = match &self.shop {
            None => project.state("keys.json"),
            Some(shop) => project.state("keys").join(name(shop)?).join("keys.json"),
        };
        let is_new = !file.exists();
        let makes = matches!(self.action, Some(Action::Make));
        // With new keys in place of those that are elsewhere, every session would end: so nothing else makes them.
        match &self.shop {
            Some(shop) if is_new && !makes => {
                let shop = shop.clone();
                return Err(Failure::NoKeys { file, shop });
            }
            Some(_) if makes && !is_new => return Err(Failure::KeysThere { file }),
            None if is_new && self.action.as_ref().is_some_and(Action::changes) => {
                return Err(Failure::NoLocalKeys { file });
            }
            _ => {}
        }
        let keys = Keys::load_or_make(&file)?;
        let changed = match &self.action {
            None | Some(Action::List | Action::Make | Action::Commands) => keys.clone(),
            Some(Action::Rotate) => keys.rotated()?,
            Some(Action::Retire { kid }) => keys.without(kid)?,
        };
        if changed != keys {
            changed.save(&file)?;
        }
        for TokenKey { kid, signs } in changed.token_keys() {
            let what = match signs {
                true => "signs access tokens",
                false => "proves what it signed before",
            };
            println!("{kid}  {what}");
        }
        let all = makes || matches!(self.action, Some(Action::Commands));
        let before = (!all).then_some(&keys);
        match &self.shop {
            Some(shop) => on_aws(shop, before, &changed, &file),
            None => {
                if changed != keys {
                    println!("The local shop takes them at its next start.");
                }
                Ok(())
            }
        }
    }
}

impl Action {
    fn changes(&self) -> bool {
        matches!(self, Self::Rotate | Self::Retire { .. })
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

/// Writes what has changed since `before` into files, and says how they get into the Parameter Store.
fn on_aws(shop: &str, before: Option<&Keys>, keys: &Keys, file: &Path) -> Result<(), Failure> {
    let folder = file.parent().unwrap_or(file);
    let put = |name: &str, kind: &str, value: &str| -> Result<(), Failure> {
        let file = folder.join(name);
        write_private(&file, value).map_err(Failure::at(&file))?;
        println!(
            "  aws ssm put-parameter --overwrite --type {kind} --name /{shop}/{name} --value file://{}",
            file.display()
        );
        Ok(())
    };
    // A shop that is not deployed yet finds all of it there when it is.
    let (deploy, anew) = match before {
        None => ("", ""),
        Some(_) => (
            ", and deploy with another SecretsVersion, so that every function knows them",
            " with another SecretsVersion again, which starts the functions anew",
        ),
    };
    if before.is_none_or(|before| before.token_public_keys != keys.token_public_keys) {
        println!("\nPut the public keys{deploy}:");
        put("token-public-keys", "String", &keys.token_public_keys)?;
    }
    let known = before.map(Keys::secrets);
    let is_new = |at: usize, value: &str| known.is_none_or(|known| known[at].1 != value);
    let secrets = keys.secrets().into_iter().enumerate();
    let new: Vec<_> = secrets
        .filter(|(at, (_, value))| is_new(*at, value))
        .collect();
    if !new.is_empty() {
        println!("\nThen put what is secret, and deploy{anew}:");
    }
    for (_, (name, value)) in new {
        put(name, "SecureString", value)?;
    }
    if keys.token_keys().len() > 1 {
        let days = GUEST_SESSION_LIFE.as_secs() / (24 * 3600);
        println!(
            "\nOnce no token of a key that signs no more is about, after {days} days:\n  cargo shop keys retire --for {shop} KID"
        );
    }
    println!(
        "\n{} has all of it; keep it where only you can read it. `cargo shop keys commands --for {shop}` prints how all of it is put in place.",
        folder.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        keys: KeysCommand,
    }

    #[test]
    fn a_shop_is_named_before_or_after_what_is_done() {
        for line in [
            &["keys", "--for", "oxcart-prod", "rotate"][..],
            &["keys", "rotate", "--for", "oxcart-prod"],
        ] {
            let line = Line::try_parse_from(line).ok().unwrap();
            assert_eq!(line.keys.shop.as_deref(), Some("oxcart-prod"));
            assert!(matches!(line.keys.action, Some(Action::Rotate)));
        }
        assert!(Line::try_parse_from(["keys", "retire"]).is_err());
    }

    #[test]
    fn keys_change_only_when_that_is_asked_for() {
        let kid = "k".to_owned();
        for changes in [Action::Rotate, Action::Retire { kid }] {
            assert!(changes.changes());
        }
        for stays in [Action::List, Action::Make, Action::Commands] {
            assert!(!stays.changes());
        }
    }

    #[test]
    fn what_is_no_shops_name_is_refused() {
        for good in ["ox", "oxcart-prod", &"a".repeat(37)] {
            assert!(name(good).is_ok(), "{good}");
        }
        for bad in ["", "x", "../prod", "Prod", "-prod", "a/b", &"a".repeat(38)] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }
}
