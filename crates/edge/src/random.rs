//! Random bytes.

use ring::rand::{SecureRandom, SystemRandom};

use crate::{Problem, session::NoRandomness};

/// Bytes that nobody can guess, from the system.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Problem::internal(NoRandomness))?;
    Ok(bytes)
}
