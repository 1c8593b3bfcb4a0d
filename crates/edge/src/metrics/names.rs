//! Every metric there is, by the name that dashboards and alarms in `infra/` have for it.

macro_rules! metrics {
    ($($(#[$doc:meta])* $name:ident $unit:ident,)*) => {
        /// A metric, which CloudWatch keeps under this name in the namespace `Oxcart`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Metric {
            $($(#[$doc])* $name,)*
        }

        impl Metric {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// What its numbers are, as CloudWatch calls it.
            pub(super) fn unit(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($unit),)*
                }
            }
        }
    };
}

metrics! {
    /// Orders that were placed.
    OrdersPlaced Count,
    /// Refusals because there are not enough pieces.
    SoldOut Count,
    /// Answers that the store is busy.
    Contention Count,
    /// Answers that nobody knows whether it was done.
    OutcomeUnknown Count,
    /// Payments that the provider declined.
    PaymentsDeclined Count,
    /// Refusals because it was tried too often.
    TooManyAttempts Count,
    /// Log-ins with an unknown address or a wrong password.
    LogInFailures Count,
    /// How late the oldest work is that a round of `settle-orders` found due.
    WorkOverdue Seconds,
    /// 1 for an audit that was made to its end, 0 for one that was not.
    AuditFinished Count,
    /// Items that an audit names.
    AuditFindings Count,
    /// Orders that an audit looked at.
    AuditOrders Count,
    /// How late the oldest work is that an audit found due, in an index or not.
    AuditWorkOverdue Seconds,
}

/// A metric's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Which metric.
    pub metric: Metric,
    /// Its number.
    pub value: u64,
}

impl Metric {
    /// Its measure with this number.
    pub fn is(self, value: u64) -> Measure {
        let metric = self;
        Measure { metric, value }
    }
}
