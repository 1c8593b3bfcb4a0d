//! What Lambda bills for the time of an invocation: computing, which takes the longer the less memory a function has, and
//! waiting.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

use super::error::CostError;

/// The memory with which a function has one whole vCPU, in MiB. With less it has that share of one ("Configure Lambda
/// function memory", AWS Lambda developer guide).
pub const ONE_VCPU: u32 = 1769;

/// For how long this thread has computed so far. What it waits, for the database or for a processor, is not in it.
pub fn computed() -> Result<Duration, CostError> {
    Ok(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?.into())
}

/// How many milliseconds `cpu` takes with this much memory, if a whole vCPU takes `factor` times as long as this machine. A
/// function has one thread, so more than one vCPU does not make it faster.
pub fn computing_ms(cpu: Duration, memory_mib: u32, factor: f64) -> f64 {
    let share = (f64::from(memory_mib) / f64::from(ONE_VCPU)).min(1.0);
    cpu.as_secs_f64() * 1000.0 * factor / share
}

/// The milliseconds that are billed: begun ones are whole ("AWS Lambda pricing": rounded up to the nearest 1 ms).
pub fn billed_ms(computing: f64, waiting: f64) -> f64 {
    // To the microsecond first, or a sum of fractions that is a hair above a whole number would be one more.
    let micros = ((computing + waiting) * 1000.0).round();
    (micros / 1000.0).ceil().max(1.0)
}

/// The GB-seconds of milliseconds with this much memory. Lambda's GB has 1,024 MB.
pub fn gb_seconds(ms: f64, memory_mib: u32) -> f64 {
    ms / 1000.0 * f64::from(memory_mib) / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seventh_of_a_vcpu_takes_seven_times_as_long() {
        let cpu = Duration::from_micros(1000);
        assert_eq!(computing_ms(cpu, 1769, 1.0), 1.0);
        assert_eq!(computing_ms(cpu, 3538, 1.0), 1.0, "one thread");
        assert!((computing_ms(cpu, 256, 1.0) - 6.910).abs() < 0.001);
        assert!((computing_ms(cpu, 256, 2.0) - 13.820).abs() < 0.001);
    }

    #[test]
    fn a_millisecond_that_was_begun_is_a_whole_one() {
        assert_eq!(billed_ms(1.2, 5.0), 7.0);
        assert_eq!(billed_ms(1.0, 5.0), 6.0);
        assert_eq!(billed_ms(0.1 + 0.2, 4.7), 5.0, "a hair above five");
        assert_eq!(billed_ms(0.0, 0.0), 1.0);
    }

    #[test]
    fn a_gb_second_is_a_gb_for_a_second() {
        assert_eq!(gb_seconds(1000.0, 1024), 1.0);
        assert_eq!(gb_seconds(8.0, 256), 0.002);
    }
}
