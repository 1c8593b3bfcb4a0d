use serde::de::IgnoredAny;
use std::convert::Infallible;

use store::orders::settle::Settled;

use crate::Settling;

/// Every minute: expires orders nobody paid for, finds out what became of charges, gives back what is owed, and finishes
/// what deleted accounts leave to do.
pub async fn settle_orders(shop: &Settling, _: IgnoredAny) -> Result<Settled, Infallible> {
    Ok(shop.checkout.settle(shop.provider.as_ref()).await)
}
