//! Products and their stock.

mod adjust_stock;
mod cursors;
mod get_product;
mod list_products;
mod put_product;
mod stock_movements;
mod stream;
