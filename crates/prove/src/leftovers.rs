//! What is left to do when all is over: nothing.

use simulation::Items;

use crate::{Violation, ensure, ledger};

/// Whether something can't be over yet: an order waits to be paid until it expires, a deleted account for a last look.
pub(crate) fn waits_for_its_time(items: &Items) -> bool {
    let orders = items.all("orders", "ORDER#");
    let waits = orders.iter().any(|order| order.text("status") == "placed");
    waits || !items.all("orders", "DELETED#").is_empty()
}

/// When all is over nothing waits for anybody: no order to be paid, no step with the provider, no bucket to be rolled,
/// and nothing lies in the index of work.
pub(crate) fn none(items: &Items) -> Result<(), Violation> {
    for order in items.all("orders", "ORDER#") {
        let (key, status) = (order.text("pk"), order.text("status"));
        ensure!(status != "placed", "{key} is still placed");
        ensure!(!order.has("due"), "{key} is still listed as work to do");
        let steps = order.json("steps");
        let pending = steps.as_array().into_iter().flatten();
        let pending = pending.filter(|step| step["state"] == "pending").count();
        ensure!(pending == 0, "{key} still has steps to be taken: {steps}");
    }
    for deleted in items.all("orders", "DELETED#") {
        ensure!(false, "{} is still looked after", deleted.text("pk"));
    }
    for product in items.all("catalogue", "PRODUCT#") {
        let (key, version) = (product.text("pk"), product.number("offer_version"));
        ensure!(!product.truth("rolling"), "{key} is still being changed");
        let buckets = key.replacen("PRODUCT#", "STOCK#", 1) + "#";
        for bucket in items.all("catalogue", &buckets) {
            let (key, of_bucket) = (bucket.text("pk"), bucket.number("offer_version"));
            ensure!(of_bucket == version, "{key} still sells at an older offer");
        }
    }
    let wrong = ledger::disagreements(items);
    ensure!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}
