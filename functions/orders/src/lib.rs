//! Orders and payments, one operation a file.

mod advance;
mod letters;
mod service;

pub use service::{
    Checkouts, Events, OrderLists, OrderMail, OrderPlacing, Orders, Payments, Settling,
};

// >>> Written by `cargo shop sync` from infra/. Change the templates, not this.
mod cancel_order;
mod deliver_order;
mod get_order;
mod list_orders;
mod pay_order;
mod place_order;
mod publish_order_events;
mod refund_order;
mod send_order_mail;
mod settle_orders;
mod ship_order;

pub use cancel_order::cancel_order;
pub use deliver_order::deliver_order;
pub use get_order::get_order;
pub use list_orders::list_orders;
pub use pay_order::pay_order;
pub use place_order::place_order;
pub use publish_order_events::publish_order_events;
pub use refund_order::refund_order;
pub use send_order_mail::send_order_mail;
pub use settle_orders::settle_orders;
pub use ship_order::ship_order;
// <<<
