//! Passwords and their hashes.

use std::fmt;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc},
};
use zxcvbn::{Score, zxcvbn};

use crate::{Email, Secret};

/// A password as a user wrote it.
#[derive(Debug)]
pub struct Password(Secret<String>);

/// The password can't be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// It is too short or too long.
    #[error("the password must be 12 to 1024 characters long")]
    Length,
    /// It is among those that are tried first.
    #[error(
        "the password is too easy to guess: take several words that have nothing to do with each other, or let a password manager make one"
    )]
    Common,
}

/// How many characters of a password are looked at when its strength is estimated, which takes time that grows much
/// faster than its length: what is common is common by then.
const ESTIMATED: usize = 32;

impl Password {
    /// A password that may be set for the account with this address: 12 to 1024 characters, and not one that would be
    /// guessed within a hundred million tries, which takes a thief of the hashes hours.
    pub fn parse(text: Secret<String>, email: &Email) -> Result<Self, WeakPassword> {
        let characters = text.expose().chars().take(1025).count();
        if !(12..=1024).contains(&characters) {
            return Err(WeakPassword::Length);
        }
        let beginning: String = text.expose().chars().take(ESTIMATED).collect();
        let own = [email.as_str(), email.name(), "oxcart"];
        // Letter case and what stands around it make a known word no secret.
        if zxcvbn(&beginning, &own).score() < Score::Three {
            return Err(WeakPassword::Common);
        }
        Ok(Self(text))
    }

    /// A password somebody tries to log in with, which may be anything.
    pub fn attempt(text: Secret<String>) -> Self {
        Self(text)
    }

    fn bytes(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}

/// An Argon2id hash in PHC format (`$argon2id$v=19$m=19456,t=2,p=1$…`). Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// The password could not be hashed.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct HashError(#[from] argon2::password_hash::Error);

/// The parameters OWASP names as the least for Argon2id: 19 MiB, 2 passes, 1 lane.
fn argon2id() -> Result<Argon2<'static>, argon2::password_hash::Error> {
    let params = Params::new(19 * 1024, 2, 1, Some(32))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl PasswordHash {
    /// Hashes `password` with 16 random bytes of salt.
    pub fn derive(password: &Password, salt: [u8; 16]) -> Result<Self, HashError> {
        let hash: phc::PasswordHash =
            argon2id()?.hash_password_with_salt(password.bytes(), &salt)?;
        Ok(Self(hash.to_string()))
    }

    /// A hash that no password is meant to match, made with today's parameters: verifying against it
    /// takes as long as against a real one, so that a log-in does not tell whether an account exists.
    pub fn dummy() -> Self {
        Self("$argon2id$v=19$m=19456,t=2,p=1$b3hjYXJ0LW5vLWFjY291bnQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into())
    }

    /// The hash as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The hash in PHC format, to be stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `password` is the one that was hashed. A hash that can't be read matches nothing.
    pub fn matches(&self, password: &Password) -> bool {
        let Ok(hash) = phc::PasswordHash::new(&self.0) else {
            return false;
        };
        argon2id().is_ok_and(|argon2| argon2.verify_password(password.bytes(), &hash).is_ok())
    }

    /// Whether it was made with other parameters than today's, so that it is to be made anew when its password is known.
    pub fn is_outdated(&self) -> bool {
        let today = argon2id().map(|argon2| argon2.params().clone());
        let read = |hash: &phc::PasswordHash| Params::try_from(hash).ok();
        let made_with = phc::PasswordHash::new(&self.0).ok();
        let made_with = made_with.as_ref().and_then(read);
        !matches!((made_with, today), (Some(made_with), Ok(today)) if made_with == today)
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Password, WeakPassword> {
        let email = Email::parse("ann.obrien@example.com").unwrap();
        Password::parse(Secret::new(text.to_owned()), &email)
    }

    fn attempt(text: &str) -> Password {
        Password::attempt(Secret::new(text.to_owned()))
    }

    #[test]
    fn only_the_hashed_password_matches() {
        let password = parse("correct horse battery").unwrap();
        let hash = PasswordHash::derive(&password, [7; 16]).unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hash.matches(&password));
        assert!(!hash.matches(&attempt("correct horse")));
        assert_ne!(hash, PasswordHash::derive(&password, [8; 16]).unwrap());
    }

    #[test]
    fn the_dummy_is_a_readable_hash_with_the_same_parameters() {
        let dummy = PasswordHash::dummy();
        let read = phc::PasswordHash::new(dummy.as_str()).unwrap();
        assert_eq!(Params::try_from(&read).unwrap().m_cost(), 19 * 1024);
        assert!(!dummy.is_outdated());
        assert!(!dummy.matches(&attempt("anything")));
    }

    #[test]
    fn a_hash_with_other_parameters_is_outdated_and_still_matches() {
        let less = Params::new(8 * 1024, 1, 1, Some(32)).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, less);
        let hash: phc::PasswordHash = argon2
            .hash_password_with_salt(b"correct horse battery", &[7; 16])
            .unwrap();
        let hash = PasswordHash::from_stored(hash.to_string());
        assert!(hash.is_outdated() && hash.matches(&attempt("correct horse battery")));
        let today = PasswordHash::derive(&attempt("x"), [7; 16]).unwrap();
        assert!(!today.is_outdated());
        assert!(PasswordHash::from_stored("nonsense".into()).is_outdated());
    }

    #[test]
    fn their_debug_hides_them() {
        let password = attempt("correct horse battery");
        assert_eq!(format!("{password:?}"), "Password(Secret(…))");
        assert_eq!(format!("{:?}", PasswordHash::dummy()), "PasswordHash(…)");
    }

    #[test]
    fn length_is_limited_in_characters() {
        let long = |count| {
            let words = "wolken über dem kanal, ".repeat(50);
            words.chars().take(count).collect::<String>()
        };
        assert_eq!(parse("xq7 rü;vP9&").unwrap_err(), WeakPassword::Length);
        assert!(parse("xq7 rü;vP9&1").is_ok());
        assert!(parse(&long(1024)).is_ok());
        assert_eq!(parse(&long(1025)).unwrap_err(), WeakPassword::Length);
    }

    #[test]
    fn what_is_tried_first_is_refused_however_it_is_written() {
        for text in [
            "password1234",
            "P@ssw0rd1234",
            "qwertyuiop12",
            "123456789012",
            "aaaaaaaaaaaaaaaaaaaa",
            "iloveyou2026",
            "letmeinletmein",
            "ann.obrien@example.com",
            "ann.obrien12",
            "Oxcart123456",
        ] {
            assert_eq!(parse(text).unwrap_err(), WeakPassword::Common, "{text}");
        }
        for text in [
            "correct horse battery",
            "another long password",
            "VK!9s(2mDpQ4",
            "wolken über dem kanal",
            "ひつじがいっぴきにひきさんびき",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
    }
}
