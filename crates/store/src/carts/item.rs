//! A cart as an item.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    Cart, CartLine, Currency, Money, Offer, OrderId, ProductId, Timestamp, UserId, cart::Adjusted,
    new_order::MAX_QUANTITY, user::GUEST_SESSION_LIFE,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::Corrupt,
    item::{Item, json},
    keys,
    write::{Is, Write},
};

/// How long a customer's cart is kept after its last change.
const CUSTOMER_LIFE: Duration = Duration::from_secs(90 * 24 * 3600);

/// What the name of a line's attribute begins with; the product's id follows.
const LINE: &str = "line:";

/// The states as items hold them.
pub(crate) const OPEN: &str = "open";
pub(crate) const PLACED: &str = "placed";
pub(crate) const MERGED: &str = "merged";
pub(crate) const CLOSED: &str = "closed";

/// A cart and everything kept with it.
#[derive(Clone, Debug, PartialEq)]
pub struct CartRecord {
    /// Whose it is.
    pub subject: UserId,
    /// Where it is in its life.
    pub state: CartState,
    /// Its lines and version; of a placed cart those that were ordered.
    pub cart: Cart,
    /// Its lines as they are kept.
    pub texts: BTreeMap<ProductId, String>,
    /// How many lines it says it has.
    pub count: u64,
    /// How often lines left it: were taken out, or ordered.
    pub removals: u64,
    /// The last order that was placed from it.
    pub last_order: Option<LastOrder>,
}

/// Where a cart is in its life.
#[derive(Clone, Debug, PartialEq)]
pub enum CartState {
    /// It is being filled.
    Open,
    /// All of it was ordered.
    Placed,
    /// It was a guest's and went into an account's.
    Merged {
        /// Whose cart it went into.
        into: UserId,
        /// What did not fit.
        adjusted: Vec<Adjusted>,
    },
    /// The session or the account it belonged to has ended.
    Closed,
}

/// An order that was placed from a cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastOrder {
    /// The order.
    pub id: OrderId,
    /// The version of the cart that it ordered.
    pub version: u64,
}

/// A line as JSON.
#[derive(Serialize, Deserialize)]
struct Line {
    quantity: u32,
    title: String,
    price: i64,
    currency: Currency,
    offer_version: u64,
    buckets: u8,
    buckets_ever: u8,
    added_at: i64,
    /// Later than the version of the cart that whoever put it saw, so that no line ever reads as one before it.
    put_at_version: u64,
}

impl CartRecord {
    /// The record that an item holds.
    pub fn read(item: &Item) -> Result<Self, Corrupt> {
        let state = match item.text("state")? {
            OPEN => CartState::Open,
            PLACED => CartState::Placed,
            MERGED => CartState::Merged {
                into: item.parsed("merged_into", UserId::parse)?,
                adjusted: item.json("adjusted")?.unwrap_or_default(),
            },
            CLOSED => CartState::Closed,
            _ => return Err(item.corrupt("state")),
        };
        let last_order = match item.text_if_any("last_order")? {
            None => None,
            Some(_) => Some(LastOrder {
                id: item.parsed("last_order", OrderId::parse)?,
                version: item.number("placed_version")?,
            }),
        };
        let mut lines = Vec::new();
        let mut texts = BTreeMap::new();
        for (name, value) in &item.0 {
            let Some(id) = name.strip_prefix(LINE) else {
                continue;
            };
            let read = value.as_s().ok().and_then(|text| {
                let line = read_line(id, text)?;
                Some((line, text.to_owned()))
            });
            let (line, text) = read.ok_or_else(|| item.corrupt("line"))?;
            texts.insert(line.offer.product_id.clone(), text);
            lines.push(line);
        }
        Ok(Self {
            subject: keys::cart_of(item)?,
            state,
            cart: Cart::of(item.number_if_any("version")?.unwrap_or_default(), lines),
            texts,
            count: item.number_if_any("count")?.unwrap_or_default(),
            removals: item.number_if_any("removals")?.unwrap_or_default(),
            last_order,
        })
    }

    /// `write`, if the cart is as it was found here.
    pub(crate) fn if_unchanged(&self, write: Write) -> Write {
        write
            .only_if("version", Is::Number(self.cart.version))
            .only_if("state", Is::Text(self.state.as_str().into()))
    }
}

impl CartState {
    fn as_str(&self) -> &'static str {
        match self {
            Self::Open => OPEN,
            Self::Placed => PLACED,
            Self::Merged { .. } => MERGED,
            Self::Closed => CLOSED,
        }
    }
}

/// The item of a cart that is opened in place of the one that was found.
pub(crate) fn open(
    subject: &UserId,
    cart: &Cart,
    found: Option<&CartRecord>,
    now: Timestamp,
) -> Item {
    let last_order = found.and_then(|found| found.last_order.as_ref());
    let item = keys::cart(subject)
        .with("state", OPEN)
        .with("version", cart.version)
        .with("count", cart.lines.len() as u64)
        .with("removals", found.map_or(0, |found| found.removals + 1))
        .with("expires", expires(subject, now))
        .with_some("last_order", last_order.map(|order| order.id.as_str()))
        .with_some("placed_version", last_order.map(|order| order.version));
    cart.lines.iter().fold(item, |item, line| {
        item.with(
            &line_name(&line.offer.product_id),
            self::line(line, cart.version),
        )
    })
}

/// The item of a guest's cart that went into a customer's.
pub(crate) fn merged(guest: &UserId, into: &UserId, adjusted: &[Adjusted], now: Timestamp) -> Item {
    keys::cart(guest)
        .with("state", MERGED)
        .with("merged_into", into.as_str())
        .with("adjusted", json(&adjusted))
        .with("expires", expires(guest, now))
}

/// When a cart that is changed now is forgotten, in seconds. A guest's outlives the session it belongs to.
pub(crate) fn expires(subject: &UserId, now: Timestamp) -> i64 {
    let life = if subject.is_guest() {
        GUEST_SESSION_LIFE
    } else {
        CUSTOMER_LIFE
    };
    now.plus(life).as_seconds()
}

/// The name of the attribute with a product's line.
pub(crate) fn line_name(product: &ProductId) -> String {
    format!("{LINE}{product}")
}

/// A line as its attribute holds it, put at this version of the cart or a later one.
pub(crate) fn line(line: &CartLine, version: u64) -> String {
    json(&Line {
        quantity: line.quantity,
        title: line.offer.title.clone(),
        price: line.offer.price.amount,
        currency: line.offer.price.currency,
        offer_version: line.offer.version,
        buckets: line.offer.buckets,
        buckets_ever: line.offer.buckets_ever,
        added_at: line.added_at.as_millis(),
        put_at_version: version,
    })
}

fn read_line(id: &str, text: &str) -> Option<CartLine> {
    let line: Line = serde_json::from_str(text).ok()?;
    let fits =
        (1..=MAX_QUANTITY).contains(&line.quantity) && (0..=Money::MAX_PRICE).contains(&line.price);
    if !fits {
        return None;
    }
    let offer = Offer {
        product_id: ProductId::parse(id)?,
        title: line.title,
        price: Money {
            amount: line.price,
            currency: line.currency,
        },
        // What is put into a cart is for sale.
        active: true,
        version: line.offer_version,
        buckets: line.buckets,
        buckets_ever: line.buckets_ever,
    };
    Some(CartLine {
        offer,
        quantity: line.quantity,
        added_at: Timestamp::from_millis(line.added_at),
    })
}
