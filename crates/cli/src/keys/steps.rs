//! How a shop's keys get into its Parameter Store: each in a file of its own, and the commands that put them there.

use std::path::Path;

use domain::user::GUEST_SESSION_LIFE;
use local_shop::{Keys, keys::write_private};

use crate::error::Failure;

/// Writes what has changed since `before` into files beside that of the keys, or all of it, and says how it is put in place.
pub fn steps(
    shop: &str,
    before: Option<&Keys>,
    keys: &Keys,
    file: &Path,
) -> Result<String, Failure> {
    let folder = file.parent().unwrap_or(file);
    let put = |name: &str, kind: &str, value: &str| -> Result<String, Failure> {
        let file = folder.join(name);
        write_private(&file, value).map_err(Failure::at(&file))?;
        Ok(format!(
            "  aws ssm put-parameter --overwrite --type {kind} --name /{shop}/{name} --value file://{}\n",
            file.display()
        ))
    };
    let is_public_new =
        before.is_none_or(|before| before.token_public_keys != keys.token_public_keys);
    let is_new = |secret: &(&str, &str)| before.is_none_or(|it| !it.secrets().contains(secret));
    let new: Vec<_> = keys.secrets().into_iter().filter(is_new).collect();
    let mut told = String::new();
    if is_public_new {
        told.push_str(match before {
            // A shop that is not deployed yet finds all of it there when it is.
            None => "\nPut the public keys:\n",
            Some(_) => {
                "\nPut the public keys, and deploy with another SecretsVersion, so that every function knows them:\n"
            }
        });
        told.push_str(&put(
            "token-public-keys",
            "String",
            &keys.token_public_keys,
        )?);
    }
    if !new.is_empty() {
        told.push_str(match (before, is_public_new) {
            (None, _) => "\nThen put what is secret:\n",
            (Some(_), true) => {
                "\nThen put what is secret, and deploy with another SecretsVersion again, which starts the functions anew:\n"
            }
            (Some(_), false) => {
                "\nPut it, and at once deploy with another SecretsVersion, which starts the functions anew. Until that is done, \
                 some have the one key and some the other, and refuse what the others have made:\n"
            }
        });
    }
    for (name, value) in &new {
        told.push_str(&put(name, "SecureString", value)?);
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
