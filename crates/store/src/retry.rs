//! How often and how soon a cancelled write is tried again.

use std::{sync::Mutex, time::Duration};

/// The most attempts at one write.
pub const ATTEMPTS: u32 = 6;

const BASE: Duration = Duration::from_millis(25);
const CAP: Duration = Duration::from_millis(400);

/// Retries a process may still spend. A storm starts new processes, so each begins with one retry only and earns one for
/// each success: as much as a product needs that is sold as fast as its buckets allow, and when most attempts fail,
/// retries end with the successes that pay for them.
#[derive(Debug)]
pub struct RetryBudget(Mutex<u32>);

impl Default for RetryBudget {
    fn default() -> Self {
        Self(Mutex::new(1))
    }
}

impl RetryBudget {
    const MOST: u32 = 10;

    /// Notes a success.
    pub fn earn(&self) {
        if let Ok(mut left) = self.0.lock() {
            *left = (*left + 1).min(Self::MOST);
        }
    }

    /// Takes one retry, if one is left.
    pub fn spend(&self) -> bool {
        let Ok(mut left) = self.0.lock() else {
            return false;
        };
        let enough = *left > 0;
        *left = left.saturating_sub(1);
        enough
    }
}

/// A random time to wait before the retry after `attempt` (from 0): full jitter, doubling from 25 ms to at most 400 ms.
pub fn backoff(attempt: u32) -> Duration {
    let most = BASE.saturating_mul(1 << attempt.min(8)).min(CAP);
    most.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_process_has_one_retry_and_earns_one_a_success() {
        let budget = RetryBudget::default();
        assert!(budget.spend());
        assert!(!budget.spend());
        budget.earn();
        assert!(budget.spend());
        assert!(!budget.spend());
        (0..40).for_each(|_| budget.earn());
        assert_eq!(
            (0..40).filter(|_| budget.spend()).count(),
            10,
            "it saves ten"
        );
    }

    #[test]
    fn waiting_stays_below_the_cap() {
        for attempt in 0..40 {
            assert!(backoff(attempt) <= CAP);
        }
        assert!(backoff(0) <= BASE);
    }
}
