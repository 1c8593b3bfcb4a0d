//! What clients were told of their money, against what became of it.

use domain::IdempotencyKey;
use serde_json::Value;
use simulation::{Call, Item, Items, Shop};

use super::trouble::Trouble;
use crate::{Violation, ensure, ledger::Watch};

/// Every answer that spoke of an order's money was true, then and ever after.
pub(super) fn the_truth(
    shop: &Shop,
    items: &Items,
    watch: &Watch,
    trouble: Trouble,
) -> Result<(), Violation> {
    for call in shop.calls() {
        let id = call.request.parameter("order_id");
        let Some(order) = items.get("orders", &format!("ORDER#{id}")) else {
            continue;
        };
        let told = Told {
            call: &call,
            order: &order,
            watch,
            trouble,
        };
        told.is_true()?;
    }
    Ok(())
}

struct Told<'a> {
    call: &'a Call,
    order: &'a Item,
    watch: &'a Watch,
    trouble: Trouble,
}

impl Told<'_> {
    fn is_true(&self) -> Result<(), Violation> {
        let reply = &self.call.reply;
        let problem = reply.problem();
        match (self.call.request.operation, reply.status) {
            ("pay-order", 200) => self.that_it_is_paid(),
            ("pay-order", 402) => self.that_it_was_declined(),
            ("pay-order", 410) => self.that_it_expired(),
            ("cancel-order", 200) => self.that_it_became("cancelled"),
            ("refund-order", 200) => self.that_it_became("refunded"),
            ("ship-order", 200) => self.that_it_became("shipped"),
            // The account is deleted.
            ("pay-order", 401) => {
                let called_off = ["cancelled", "expired"].contains(&self.order.text("status"));
                self.holds(called_off, "was said of an order that goes on")
            }
            (_, 409) if problem == "invalid-transition" => self.that_it_was_somewhere_else(),
            (operation, 409) => self.holds(
                operation == "pay-order" && problem == "payment-pending",
                "is no refusal of this operation",
            ),
            (_, status) => self.holds(status == 503 || status == 500, "was not to be expected"),
        }
    }

    fn holds(&self, holds: bool, why: &str) -> Result<(), Violation> {
        let Call { request, reply, .. } = self.call;
        ensure!(
            holds,
            "{request} was told {} {}, which {why}; the order is {}, {}",
            reply.status,
            reply.text,
            self.order.text("status"),
            self.order.text("steps")
        );
        Ok(())
    }

    fn became(&self, status: &str) -> bool {
        let history = self.order.json("history");
        let entries = history.as_array().into_iter().flatten();
        entries.into_iter().any(|entry| entry["status"] == status)
    }

    fn that_it_became(&self, status: &str) -> Result<(), Violation> {
        self.holds(self.became(status), "never came about")
    }

    fn that_it_is_paid(&self) -> Result<(), Violation> {
        let told = self.call.reply.json();
        self.holds(self.became("paid"), "never came about")?;
        let payment = self.order.json("payment");
        let same = told["payment"] == payment && payment["amount"] == told["total"];
        self.holds(same, "is another payment than the order's")
    }

    /// Nothing was charged by this key, and nothing ever is.
    fn that_it_was_declined(&self) -> Result<(), Violation> {
        let steps = self.steps_of_this_key();
        let charged = steps.iter().any(|step| step["state"]["done"].is_object());
        self.holds(!charged, "is not so: this key was charged")?;
        let declined = steps.iter().any(|step| step["state"] == "declined");
        self.holds(declined, "is not so: this key was not declined")
    }

    fn steps_of_this_key(&self) -> Vec<Value> {
        let key = IdempotencyKey::parse(self.call.request.idempotency_key());
        let key = key.map(|key| key.digest()).unwrap_or_default();
        let steps = self.order.json("steps");
        let steps = steps.as_array().into_iter().flatten();
        let of_key = |step: &&Value| step["kind"]["charge"]["key"] == key.as_str();
        steps.filter(of_key).cloned().collect()
    }

    /// Nobody pays it any more, but for a moment in which processes' clocks may disagree.
    fn that_it_expired(&self) -> Result<(), Violation> {
        let paid = self.watch.paid_at(self.call.request.parameter("order_id"));
        let later = paid.is_some_and(|at| at > self.call.ended + self.trouble.disagreement());
        self.holds(!later, "was true, and then somebody paid it")
    }

    fn that_it_was_somewhere_else(&self) -> Result<(), Violation> {
        let told = self.call.reply.json();
        let status = told["order_status"].as_str().unwrap_or_default();
        // Every order is placed at first, and shown as expired before the schedule comes by.
        let was = status == "placed" || self.became(status);
        self.holds(was, "it never was")
    }
}
