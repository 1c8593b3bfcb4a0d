//! Times of the same thing, done often.

use std::{fmt, time::Duration};

/// Times, sorted.
pub struct Times(Vec<Duration>);

impl From<Vec<Duration>> for Times {
    fn from(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }
}

impl Times {
    /// The time that so many of a hundred stay below; zero if there are none.
    pub fn percentile(&self, percent: usize) -> Duration {
        let last = self.0.len().saturating_sub(1);
        self.0
            .get(last * percent / 100)
            .copied()
            .unwrap_or_default()
    }

    /// The median.
    pub fn median(&self) -> Duration {
        self.percentile(50)
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |percent| self.percentile(percent).as_secs_f64() * 1000.0;
        let (low, median, high) = (millis(10), millis(50), millis(90));
        write!(
            f,
            "median {median:.3} ms (10 % below {low:.3}, 10 % above {high:.3})"
        )
    }
}
