//! A state of the model: what the tables and the provider hold, and what is under way.

use std::{
    collections::BTreeMap,
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use domain::{
    Allocation, Allocations, Currency, Fingerprint, IdempotencyKey, LineItem, Money, Order,
    OrderId, OrderStatus, ProductId, Timestamp, UserId,
    order::{HistoryEntry, Party, TIME_TO_PAY},
    payment::Steps,
};
use store::{orders::OrderRecord, payment::Charge};

/// A buyer, who is also the number of their order.
pub(super) type Buyer = usize;

/// What each buyer wants of both products. There is one piece of each.
pub(super) const WANTED: [[i64; 2]; 3] = [[1, 0], [1, 1], [0, 1]];

/// While orders can be paid.
pub(super) const EARLY: Timestamp = Timestamp::from_millis(1_000);

/// When all that was placed early has expired, and whatever was begun early has been left for long enough.
pub(super) fn late() -> Timestamp {
    EARLY.plus(TIME_TO_PAY + Duration::from_secs(60))
}

/// Everything there is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    /// The orders that were placed.
    pub(super) orders: Vec<Option<Row>>,
    /// Pieces of each product: those that can be ordered, and those that are taken.
    pub(super) stock: [(i64, i64); 2],
    /// What the provider did, by order and step.
    pub(super) ledger: BTreeMap<(Buyer, u32), Entry>,
    /// Requests that are being served.
    pub(super) processes: Vec<(Buyer, At)>,
    /// A write that has been sent and will arrive some time: late, or for the second time.
    pub(super) landing: Option<Write>,
    /// Whether the time to pay is over.
    pub(super) late: bool,
}

/// A line of the provider's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Entry {
    /// The step was carried out.
    Charged,
    /// It was refused.
    Declined,
    /// It never will be.
    Closed,
    /// This charge was given back.
    GaveBack(u32),
}

impl Entry {
    /// What it tells whoever asks for the charge.
    pub(super) fn told(self) -> Charge {
        match self {
            Self::Charged => Charge::Made("ch".to_owned()),
            Self::Declined => Charge::Declined,
            Self::Closed | Self::GaveBack(_) => Charge::NotMade,
        }
    }
}

/// Where a request is that is being served: what it does next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum At {
    /// Writes an order that it has read and decided about; afterwards it is done, or charges.
    Writes(Write, Option<u32>),
    /// Asks the provider for a charge.
    Charges(u32),
    /// Asks the provider what became of a charge, which is never made from then on.
    Closes(u32),
    /// Asks the provider to give a charge back.
    GivesBack { step: u32, charge: u32 },
    /// Has the provider's answer, which is yet to be written on the order.
    Knows(u32, Entry),
}

/// A write of one order, which happens only if the order is as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Write {
    pub(super) order: Buyer,
    pub(super) before: Row,
    pub(super) after: Row,
    pub(super) returns_stock: bool,
}

/// An order's record. Two are equal if nothing that can be decided by them differs.
#[derive(Clone)]
pub(super) struct Row(Arc<Known>);

struct Known {
    record: OrderRecord,
    /// All that can be decided by.
    text: String,
    /// A digest of that, since every state's rows are compared with all others'.
    digest: u64,
}

impl Row {
    pub(super) fn of(record: OrderRecord) -> Self {
        let order = &record.order;
        let history: Vec<OrderStatus> = order.history.iter().map(|entry| entry.status).collect();
        let steps = record.steps.0.iter();
        let steps: Vec<_> = steps
            .map(|step| (step.number, step.at.as_millis(), &step.kind, &step.state))
            .collect();
        let refund = record.refund.as_ref().map(|refund| refund.restock);
        let text = format!("{history:?} v{} {steps:?} {refund:?}", order.version);
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let digest = hasher.finish();
        Self(Arc::new(Known {
            record,
            text,
            digest,
        }))
    }

    pub(super) fn record(&self) -> &OrderRecord {
        &self.0.record
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for Row {}

impl Hash for Row {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.digest.hash(state);
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

/// The record of a buyer's order as it is placed.
pub(super) fn placed(buyer: Buyer) -> Row {
    let customer = customer(buyer);
    let key = IdempotencyKey::parse("model").unwrap_or_else(|| unreachable!("a key"));
    let price = Money {
        amount: 1200,
        currency: Currency::parse("USD").unwrap_or_else(|| unreachable!("a currency")),
    };
    let products = WANTED[buyer].iter().enumerate();
    let items: Vec<LineItem> = products
        .filter(|(_, quantity)| **quantity > 0)
        .map(|(product, quantity)| LineItem {
            product_id: ProductId::parse(["mug", "pen"][product])
                .unwrap_or_else(|| unreachable!("an id")),
            title: String::new(),
            quantity: *quantity as u32,
            unit_price: price,
            line_total: price,
        })
        .collect();
    let taken = |line| Allocation {
        line,
        bucket: 0,
        quantity: 1,
    };
    let amount = price.amount * items.len() as i64;
    let order = Order {
        id: OrderId::of(&customer, &key),
        status: OrderStatus::Placed,
        total: Money { amount, ..price },
        shipping_address: None,
        created_at: EARLY,
        expires_at: EARLY.plus(TIME_TO_PAY),
        version: 1,
        history: vec![HistoryEntry {
            status: OrderStatus::Placed,
            at: EARLY,
            by: Party::Customer,
        }],
        payment: None,
        shipment: None,
        items,
    };
    Row::of(OrderRecord {
        answer: String::new(),
        allocations: Allocations((0..).take(order.items.len()).map(taken).collect()),
        reached: vec![order.version],
        order,
        customer,
        fingerprint: Fingerprint::from_bytes([0; 32]),
        cart_version: None,
        steps: Steps::default(),
        refund: None,
        paid_again_by: Vec::new(),
    })
}

/// Who a buyer is.
pub(super) fn customer(buyer: Buyer) -> UserId {
    UserId::from_random([buyer as u8; 16])
}
