//! Passwords and their hashes.

use std::fmt;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc},
};

/// A password as a user wrote it: 12 to 1024 characters. Its `Debug` hides it.
pub struct Password(String);

/// The password is too short or too long to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password must be 12 to 1024 characters long")]
pub struct WeakPassword;

impl Password {
    /// A password that may be set.
    pub fn parse(text: String) -> Result<Self, WeakPassword> {
        let characters = text.chars().take(1025).count();
        if (12..=1024).contains(&characters) {
            Ok(Self(text))
        } else {
            Err(WeakPassword)
        }
    }

    /// A password somebody tries to log in with, which may be anything.
    pub fn attempt(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
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
            argon2id()?.hash_password_with_salt(password.0.as_bytes(), &salt)?;
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
        argon2id().is_ok_and(|argon2| argon2.verify_password(password.0.as_bytes(), &hash).is_ok())
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

    #[test]
    fn only_the_hashed_password_matches() {
        let password = Password::parse("correct horse battery".into()).unwrap();
        let hash = PasswordHash::derive(&password, [7; 16]).unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hash.matches(&password));
        assert!(!hash.matches(&Password::attempt("correct horse".into())));
        assert_ne!(hash, PasswordHash::derive(&password, [8; 16]).unwrap());
    }

    #[test]
    fn the_dummy_is_a_readable_hash_with_the_same_parameters() {
        let dummy = PasswordHash::dummy();
        let read = phc::PasswordHash::new(dummy.as_str()).unwrap();
        assert_eq!(Params::try_from(&read).unwrap().m_cost(), 19 * 1024);
        assert!(!dummy.matches(&Password::attempt("anything".into())));
    }

    #[test]
    fn their_debug_hides_them() {
        let password = Password::attempt("correct horse battery".into());
        assert_eq!(format!("{password:?}"), "Password(…)");
        assert_eq!(format!("{:?}", PasswordHash::dummy()), "PasswordHash(…)");
    }

    #[test]
    fn length_is_limited_in_characters() {
        assert!(Password::parse("x".repeat(11)).is_err());
        assert!(Password::parse("ü".repeat(12)).is_ok());
        assert!(Password::parse("ü".repeat(1024)).is_ok());
        assert!(Password::parse("x".repeat(1025)).is_err());
    }
}
