//! Products and stock, one operation a file.

mod service;
mod view;

pub use service::{Lists, Products, Purchases, Stream};

// >>> Written by `cargo shop sync` from infra/. Change the templates, not this.
mod adjust_stock;
mod buy_product;
mod get_product;
mod get_stock;
mod list_products;
mod list_stock_movements;
mod put_product;
mod record_stock_movements;

pub use adjust_stock::adjust_stock;
pub use buy_product::buy_product;
pub use get_product::get_product;
pub use get_stock::get_stock;
pub use list_products::list_products;
pub use list_stock_movements::list_stock_movements;
pub use put_product::put_product;
pub use record_stock_movements::record_stock_movements;
// <<<
