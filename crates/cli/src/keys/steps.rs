//! How a shop's keys get into its Parameter Store: each in a file of its own, and the commands that put them there.

use std::path::Path;

use domain::user::GUEST_SESSION_LIFE;
use local_shop::{
    Keys,
    keys::{PUBLIC_KEYS, write_private},
};

use crate::error::Failure;

/// Which keys are put in place.
#[derive(Clone, Copy)]
pub enum Put<'k> {
    /// All, before the first deployment: it finds them there.
    First,
    /// All, in a shop that runs with others or with some of these.
    All,
    /// What has changed since these.
    Since(&'k Keys),
}

impl Put<'_> {
    fn has_public(self, keys: &Keys) -> bool {
        match self {
            Self::First | Self::All => true,
            Self::Since(before) => before.token_public_keys != keys.token_public_keys,
        }
    }

    fn has_secret(self, secret: &(&str, &str)) -> bool {
        match self {
            Self::First | Self::All => true,
            Self::Since(before) => !before.secrets().contains(secret),
        }
    }

    /// The option by which a parameter takes the place of one that is there. The first keys must not: a shop that has some may
    /// run with them.
    fn over(self) -> &'static str {
        match self {
            Self::First => "",
            Self::All | Self::Since(_) => " --overwrite",
        }
    }

    /// What is done with the public keys.
    fn public(self) -> &'static str {
        match self {
            Self::First => {
                "Put the public keys. AWS refuses where the shop has some, and then these are of no use to it:"
            }
            Self::All | Self::Since(_) => {
                "Put the public keys, and deploy with another SecretsVersion, so that every function knows them:"
            }
        }
    }

    /// What is done with what is secret, after the public keys or alone.
    fn secret(self, is_second: bool) -> &'static str {
        match (self, is_second) {
            (Self::First, _) => "Then put what is secret:",
            // Of what nobody knows whether functions have it, they may have another.
            (Self::All, _) => {
                "Then put what is secret, and at once deploy with another SecretsVersion again, which starts the functions \
                 anew. Until that is done, some may have one key and some another, and refuse what the others have made:"
            }
            (Self::Since(_), true) => {
                "Then put what is secret, and deploy with another SecretsVersion again, which starts the functions anew:"
            }
            (Self::Since(_), false) => {
                "Put it, and at once deploy with another SecretsVersion, which starts the functions anew. Until that is done, \
                 some have the one key and some the other, and refuse what the others have made:"
            }
        }
    }
}

/// Writes what is put in place into files beside that of the keys, and says how that is done.
pub fn steps(shop: &str, which: Put<'_>, keys: &Keys, file: &Path) -> Result<String, Failure> {
    let folder = file.parent().unwrap_or(file);
    let put = |name: &str, kind: &str, value: &str| -> Result<String, Failure> {
        let file = folder.join(name);
        write_private(&file, value).map_err(Failure::at(&file))?;
        Ok(format!(
            "  aws ssm put-parameter{} --type {kind} --name /{shop}/{name} --value file://{}\n",
            which.over(),
            file.display()
        ))
    };
    let is_public_new = which.has_public(keys);
    let secrets = keys.secrets().into_iter();
    let new: Vec<_> = secrets.filter(|secret| which.has_secret(secret)).collect();
    let mut told = String::new();
    if is_public_new {
        told.push_str(&format!("\n{}\n", which.public()));
        told.push_str(&put(PUBLIC_KEYS, "String", &keys.token_public_keys)?);
    }
    if !new.is_empty() {
        told.push_str(&format!("\n{}\n", which.secret(is_public_new)));
    }
    for (name, value) in &new {
        told.push_str(&put(name, "SecureString", value)?);
    }
    if matches!(which, Put::All) {
        told.push_str(
            "\nA shop that was never deployed is deployed once, when all of them are put.\n",
        );
    }
    // Not beside a key that has nothing to do with it.
    if keys.token_keys().len() > 1 && (is_public_new || new.is_empty()) {
        let days = GUEST_SESSION_LIFE.as_secs() / (24 * 3600);
        told.push_str(&format!(
            "\nOnce no token of a key that signs no more is about, after {days} days:\n  cargo shop keys retire --for {shop} KID\n"
        ));
    }
    told.push_str(&format!(
        "\n{} has all of it; keep it where only you can read it. `cargo shop keys commands --for {shop}` prints how all of it \
         is put in place.\n",
        folder.display()
    ));
    Ok(told)
}
