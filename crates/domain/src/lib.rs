//! What the shop knows: its types and rules, without I/O, async, AWS or HTTP.
//!
//! A value that exists is valid: each type is made by parsing, and says why when it refuses.
//!
//! - [`id`]: who and what is meant: users, products, orders.
//! - [`timestamp`], [`money`], [`text`], [`email`], [`password`], [`address`]: the values everything is made of.
//! - [`user`]: accounts and roles; [`secret`]: what must not be written down.
//! - [`product`]: what is sold and at which offer; [`stock`]: how many there are, in buckets; [`search`]: finding them.
//! - [`cart`]: what somebody means to buy; [`place_order`]: what clients send to buy it; [`new_order`]: what they want,
//!   compared with what the shop offers; [`order`]: what was bought; [`allocation`]: from which buckets it is taken.
//! - [`transition`]: the one table of order statuses.
//! - [`payment`]: attempts to charge and what is owed back.
//! - [`idempotency`]: keys and fingerprints, by which a repeated request is known.
//! - `schema`: what the OpenAPI document says of values that are texts.

pub mod address;
pub mod allocation;
pub mod cart;
pub mod email;
pub mod id;
pub mod idempotency;
pub mod money;
pub mod new_order;
pub mod order;
pub mod password;
pub mod payment;
pub mod place_order;
pub mod product;
mod schema;
pub mod search;
pub mod secret;
pub mod stock;
pub mod text;
pub mod timestamp;
pub mod transition;
pub mod user;

pub use address::Address;
pub use allocation::{Allocation, Allocations};
pub use cart::{Cart, CartLine};
pub use email::Email;
pub use id::{OrderId, ProductId, UserId};
pub use idempotency::{Fingerprint, IdempotencyKey};
pub use money::{Currency, Money};
pub use new_order::{NewOrder, PlaceOrderError};
pub use order::{LineItem, Order};
pub use password::{Password, PasswordHash};
pub use place_order::PlaceOrder;
pub use product::{Offer, Product, ProductDraft};
pub use secret::Secret;
pub use stock::{Adjustment, AdjustmentReason, Bucket, Cause, CauseKind, Movement};
pub use timestamp::Timestamp;
pub use transition::{OrderEvent, OrderStatus};
pub use user::{Caller, Role, User};
