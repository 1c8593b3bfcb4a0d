//! What most guarantees say.

use std::time::Duration;

use domain::ProductId;
use simulation::Shop;
use tokio::task::JoinHandle;

use crate::{Violation, ensure};

/// Longer than an order waits to be paid, and than the schedule looks after what a deleted account leaves behind.
pub(crate) const UNTIL_ALL_IS_OVER: Duration = Duration::from_secs(16 * 60);

/// Brings everything in a shop to its end; then all must agree.
pub(crate) async fn closes(shop: &Shop) -> Result<(), Violation> {
    let wrong = shop.close().await;
    ensure!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

/// What came of a task. A panic in it goes on here.
pub(crate) async fn joined<T>(task: JoinHandle<T>) -> T {
    task.await.unwrap_or_else(|error| panic!("{error}"))
}

/// The product with this id.
pub(crate) fn product_id(id: &str) -> ProductId {
    ProductId::parse(id).unwrap_or_else(|| unreachable!("{id} is no id"))
}
