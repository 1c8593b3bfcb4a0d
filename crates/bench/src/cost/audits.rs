//! The scheduled audit, which no order brings about: it reads all that is kept, so that what was ordered once costs anew each
//! time.

use std::time::Duration;

use local_shop::{Action, Operation, Shop};

use super::{assumed::Assumed, error::CostError, time::gb_seconds};

/// The function.
const OPERATION: &str = "audit-shop";
/// What one unit reads, strongly consistent ("Read consistency", Amazon DynamoDB developer guide).
const PER_UNIT: f64 = 4096.0;
const MIB: f64 = 1024.0 * 1024.0;
/// A twelfth of a year.
const MONTH: Duration = Duration::from_secs(365 * 86_400 / 12);

/// The audits of a month.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Audits {
    memory_mib: u32,
    /// How often everything is read.
    looks: f64,
    /// Milliseconds for a MiB that is read.
    mib_ms: f64,
}

impl Audits {
    /// As often as the templates say, with the memory that they give.
    pub fn of(template: &Shop, assumed: &Assumed) -> Result<Self, CostError> {
        let operation = operation(template)?;
        let every = operation.every();
        let every = every.ok_or(CostError::NotDeclared("rate for audit-shop"))?;
        Ok(Self {
            memory_mib: operation.memory_mib,
            looks: MONTH.div_duration_f64(every) * assumed.audit_looks,
            mib_ms: assumed.audit_ms,
        })
    }

    /// The read units for so many bytes.
    pub fn read_units(&self, bytes: f64) -> f64 {
        bytes / PER_UNIT * self.looks
    }

    /// The GB-seconds for so many bytes.
    pub fn gb_seconds(&self, bytes: f64) -> f64 {
        gb_seconds(bytes / MIB * self.mib_ms * self.looks, self.memory_mib)
    }
}

/// The names of the tables that an audit reads.
pub fn audited(template: &Shop) -> Result<Vec<&str>, CostError> {
    let grants = operation(template)?.policy.grants();
    let scanned = grants.filter(|grant| grant.action == Action::Scan);
    Ok(scanned.map(|grant| grant.table.as_str()).collect())
}

fn operation(template: &Shop) -> Result<&Operation, CostError> {
    let operation = template.operation(OPERATION);
    operation.ok_or(CostError::NotDeclared(OPERATION))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Twice each day of a month, in 300 ms a MiB, with 2 GB.
    pub const DAILY: Audits = Audits {
        memory_mib: 2048,
        looks: 365.0 / 12.0 * 2.0,
        mib_ms: 300.0,
    };

    #[test]
    fn a_mib_is_256_units_and_the_time_that_it_takes() {
        let once = Audits {
            looks: 1.0,
            ..DAILY
        };
        assert_eq!(once.read_units(MIB), 256.0);
        assert!((once.gb_seconds(MIB) - 0.6).abs() < 1e-12);
    }
}
