//! Tokens by which a transaction that is sent again is known.

use std::{collections::BTreeMap, time::Duration};

use sha2::{Digest, Sha256};

/// For how long DynamoDB takes two transactions with one token for one ("TransactWriteItems", DynamoDB API reference).
const LIFE: Duration = Duration::from_secs(600);

/// The tokens that are known. dynoxide knows tokens by the real clock, so it is told another name for each life of one.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    /// When each life began, and how many there were before.
    known: BTreeMap<String, (Duration, u64)>,
    lives: u64,
}

impl Tokens {
    /// The name of a token at `now`: the same within a life, another in the next.
    pub(crate) fn name(&mut self, token: &str, now: Duration) -> String {
        let life = match self.known.get(token) {
            Some((began, life)) if now < *began + LIFE => *life,
            _ => {
                self.lives += 1;
                self.known.insert(token.to_owned(), (now, self.lives));
                self.lives
            }
        };
        let digest = Sha256::digest(format!("{life} {token}"));
        data_encoding::HEXLOWER.encode(&digest[..16])
    }

    /// Forgets them all.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_lives_for_ten_minutes_from_its_first_use() {
        let mut tokens = Tokens::default();
        let at = Duration::from_secs;
        let first = tokens.name("t", at(599));
        assert_eq!(tokens.name("t", at(1198)), first);
        let second = tokens.name("t", at(1199));
        assert_ne!(second, first);
        tokens.forget();
        assert_ne!(tokens.name("t", at(1199)), second);
    }
}
