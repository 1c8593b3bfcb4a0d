//! Random bytes.

use std::{fmt, sync::Arc};

use ring::rand::{SecureRandom, SystemRandom};

use crate::{Problem, session::NoRandomness};

type Source = dyn Fn(&mut [u8]) -> Result<(), NoRandomness> + Send + Sync;

/// Where a function has its random bytes from: the system, but in simulated time the simulation.
#[derive(Clone)]
pub struct Random(Arc<Source>);

impl Random {
    /// From the system, which nobody can guess.
    pub fn system() -> Self {
        let system = SystemRandom::new();
        Self(Arc::new(move |bytes| {
            system.fill(bytes).map_err(|_| NoRandomness)
        }))
    }

    /// From a simulation, so that they are the same again. For nothing that is to be kept secret.
    pub fn simulated(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |bytes| {
            fill(bytes);
            Ok(())
        }))
    }

    /// So many bytes.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], Problem> {
        let mut bytes = [0; N];
        (self.0)(&mut bytes).map_err(Problem::internal)?;
        Ok(bytes)
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random(…)")
    }
}

/// Bytes from the system, which nobody can guess.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], Problem> {
    Random::system().bytes()
}
