//! The one table of order statuses. Code, conditions, documents and tests read it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where an order is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OrderStatus {
    /// Stock is taken, payment is awaited.
    Placed,
    /// Paid, to be shipped.
    Paid,
    /// On its way.
    Shipped,
    /// Arrived.
    Delivered,
    /// Nobody paid in time.
    Expired,
    /// Called off.
    Cancelled,
    /// Paid back.
    Refunded,
}

/// What can happen to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderEvent {
    /// It is paid.
    Pay,
    /// Its time to be paid is over.
    Expire,
    /// Its owner or staff call it off.
    Cancel,
    /// Staff hand it to a carrier.
    Ship,
    /// It arrived.
    Deliver,
    /// Staff pay it back.
    Refund,
}

use OrderEvent::{Cancel, Deliver, Expire, Pay, Refund, Ship};
use OrderStatus::{Cancelled, Delivered, Expired, Paid, Placed, Refunded, Shipped};

/// Every move there is: from where, by what, to where. What is not here is refused.
pub const TRANSITIONS: [(OrderStatus, OrderEvent, OrderStatus); 9] = [
    (Placed, Pay, Paid),
    (Placed, Expire, Expired),
    (Placed, Cancel, Cancelled),
    (Paid, Cancel, Cancelled),
    (Paid, Ship, Shipped),
    (Shipped, Deliver, Delivered),
    (Paid, Refund, Refunded),
    (Shipped, Refund, Refunded),
    (Delivered, Refund, Refunded),
];

impl OrderStatus {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 7] = [
        Placed, Paid, Shipped, Delivered, Expired, Cancelled, Refunded,
    ];

    /// Where `event` leads from here, or `None` when it is refused.
    pub fn after(self, event: OrderEvent) -> Option<Self> {
        TRANSITIONS
            .iter()
            .find(|(from, by, _)| (*from, *by) == (self, event))
            .map(|(_, _, to)| *to)
    }

    /// Its name in items, queries and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Placed => "placed",
            Paid => "paid",
            Shipped => "shipped",
            Delivered => "delivered",
            Expired => "expired",
            Cancelled => "cancelled",
            Refunded => "refunded",
        }
    }

    /// The status with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

impl OrderEvent {
    /// All of them.
    pub const ALL: [Self; 6] = [Pay, Expire, Cancel, Ship, Deliver, Refund];

    /// Where this event leads, from wherever it is allowed.
    pub fn leads_to(self) -> OrderStatus {
        match self {
            Pay => Paid,
            Expire => Expired,
            Cancel => Cancelled,
            Ship => Shipped,
            Deliver => Delivered,
            Refund => Refunded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row a status, a column an event, as the contract draws it; `-` is refused.
    const TABLE: &str = "
                 pay   expire   cancel     ship     deliver    refund
        placed   paid  expired  cancelled  -        -          -
        paid     -     -        cancelled  shipped  -          refunded
        shipped  -     -        -          -        delivered  refunded
        delivered -    -        -          -        -          refunded
        expired  -     -        -          -        -          -
        cancelled -    -        -          -        -          -
        refunded -     -        -          -        -          -";

    #[test]
    fn every_status_meets_every_event_as_the_table_says() {
        let mut cells = 0;
        for row in TABLE.lines().skip(2) {
            let mut words = row.split_whitespace();
            let from = OrderStatus::parse(words.next().unwrap()).unwrap();
            for (event, to) in OrderEvent::ALL.into_iter().zip(words) {
                assert_eq!(
                    from.after(event),
                    OrderStatus::parse(to),
                    "{from:?} {event:?}"
                );
                cells += 1;
            }
        }
        assert_eq!(cells, 7 * 6);
    }

    #[test]
    fn an_event_always_leads_to_the_same_status() {
        for (_, event, to) in TRANSITIONS {
            assert_eq!(event.leads_to(), to);
        }
    }
}
