//! Commands of `cargo shop`.

use cli::Failure;

use super::{NAME, TestShop};

/// Runs a command of `cargo shop` with the shop's tables.
pub async fn cargo_shop(shop: &TestShop, command: &[&str]) -> Result<(), Failure> {
    let tables = ["--endpoint", shop.dynamodb.endpoint(), "--shop", NAME];
    cli::run([&["cargo shop"], command, &tables].concat()).await
}
