//! The bugs: each is what somebody might believe who writes a shop, or what well-known samples do.

use super::Bug;

/// All of them.
pub const BUGS: &[Bug] = &[
    Bug {
        name: "stock-not-checked",
        meaning: "That there is enough was seen a moment ago, so the transaction need not check it.",
        file: "crates/store/src/catalogue/bucket.rs",
        find: r#"        .only_if("available", Is::AtLeast(quantity))
"#,
        plant: "",
        guarantee: "last-piece",
        runs: 60,
    },
    Bug {
        name: "conflict-read-as-sold-out",
        meaning: "The transaction was cancelled, so there is none left.",
        file: "crates/store/src/orders/place.rs",
        find: "            Err(NotCommitted::Failed(failure)) => Err(failure.into()),",
        plant: "            Err(NotCommitted::Failed(Failure::Busy(_))) => Err(StoreError::Refused(
                PlaceOrderError::OutOfStock { items: Vec::new() },
            )),
            Err(NotCommitted::Failed(failure)) => Err(failure.into()),",
        guarantee: "overload",
        runs: 1,
    },
    Bug {
        name: "sold-out-from-one-look",
        meaning: "A consistent read of all buckets says how many pieces there are.",
        file: "crates/store/src/orders/sight.rs",
        find: ".all(|short| self.buckets_of(&short.product_id).len() == 1)",
        plant: ".all(|short| !self.buckets_of(&short.product_id).is_empty())",
        guarantee: "never-oversold",
        runs: 40,
    },
    Bug {
        name: "stock-returned-to-another-bucket",
        meaning: "Pieces are pieces, so they may come back to the first bucket.",
        file: "crates/store/src/catalogue/bucket.rs",
        find: r#"        .raise("available", quantity)
        .raise("taken", -quantity)
        .only_if("taken", Is::AtLeast(quantity))"#,
        plant: r#"        .raise("available", quantity)
        .raise("received", quantity)"#,
        guarantee: "never-oversold",
        runs: 20,
    },
    Bug {
        name: "expired-order-keeps-its-stock",
        meaning: "An order that expires only changes its status.",
        file: "crates/store/src/orders/advance.rs",
        find: "            Self::Expire => Some(CauseKind::Expiry),
",
        plant: "            Self::Expire => None,
",
        guarantee: "never-oversold",
        runs: 40,
    },
    Bug {
        name: "order-put-unconditionally",
        meaning: "The id is derived from the key, so putting the order again writes the same order.",
        file: "crates/store/src/orders/place.rs",
        find: "let order = Write::create(&self.orders.table, record.item());",
        plant: "let order = Write::put(&self.orders.table, record.item());",
        guarantee: "exactly-once",
        runs: 60,
    },
    Bug {
        name: "control-fresh-order-id",
        meaning: "Negative control, as a well-known sample does: every request gets an order id of its own.",
        file: "crates/domain/src/id.rs",
        find: "        hash.update(key.as_str());
        let digest = hash.finalize();",
        plant: "        hash.update(key.as_str());
        static REQUESTS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let request = REQUESTS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        hash.update(request.to_be_bytes());
        let digest = hash.finalize();",
        guarantee: "duplicates",
        runs: 60,
    },
    Bug {
        name: "control-cart-emptied-first",
        meaning: "Negative control, as a well-known sample does: the cart is emptied, and then its order is placed.",
        file: "crates/store/src/orders/cart.rs",
        find: "        let looking = Looking {
            shop: self,
            carts: Some(carts),",
        plant: "        let emptied = carts.placing(&new.customer, new.cart_version.unwrap_or_default(), &new.id);
        if let Err(crate::db::NotWritten::Failed(failure)) = self.db().write(emptied).await {
            return Err(failure.into());
        }
        let looking = Looking {
            shop: self,
            carts: None,",
        guarantee: "cart",
        runs: 100,
    },
    Bug {
        name: "fingerprint-not-compared",
        meaning: "Who sends the same key sends the same request.",
        file: "crates/store/src/orders/place.rs",
        find: "    if found.fingerprint != *fingerprint {",
        plant: "    if found.fingerprint != *fingerprint && found.answer.is_empty() {",
        guarantee: "duplicates",
        runs: 60,
    },
    Bug {
        name: "refused-before-the-record-was-read",
        meaning: "What the cart, the price or the stock say now is the answer.",
        file: "crates/store/src/orders/place.rs",
        find: "        match self.orders.find(id).await? {
            Some(record) => replay(&record, fingerprint),
            None => Err(StoreError::Refused(refusal)),
        }",
        plant: "        let _ = (id, fingerprint);
        Err(StoreError::Refused(refusal))",
        guarantee: "late-landing",
        runs: 400,
    },
    Bug {
        name: "busy-after-a-lost-reply",
        meaning: "The last attempt was cancelled, so nothing was written.",
        file: "crates/store/src/persist.rs",
        find: "            NotCommitted::Failed(if lost.any() {",
        plant: "            NotCommitted::Failed(if lost.any() && ATTEMPTS == 0 {",
        guarantee: "late-landing",
        runs: 400,
    },
    Bug {
        name: "old-offer-sells-on",
        meaning: "The price was right when the order was priced, so the transaction need not check the offer.",
        file: "crates/store/src/catalogue/bucket.rs",
        find: r#"        .only_if("offer_version", Is::Number(offer.version))
"#,
        plant: "",
        guarantee: "offers",
        runs: 40,
    },
    Bug {
        name: "cart-sold-at-any-price",
        meaning: "Whoever orders a cart wants what is in it, at whatever it costs by now.",
        file: "crates/domain/src/place_order.rs",
        find: "            quote: Some(line.offer.price),",
        plant: "            quote: None,",
        guarantee: "offers",
        runs: 20,
    },
    Bug {
        name: "offer-not-carried-to-the-buckets",
        meaning: "The stream carries the new offer to the buckets soon enough.",
        file: "crates/store/src/catalogue/put.rs",
        find: "                self.finish_offer(&after.id).await.map_err(begun)?;",
        plant: "                let _ = begun;",
        guarantee: "offers",
        runs: 40,
    },
    Bug {
        name: "charge-before-intent",
        meaning: "What is to be charged is written down when it was charged.",
        file: "crates/store/src/orders/pay.rs",
        find: "            match self.db.write(write).await {
                Ok(_) => {",
        plant: "            let _ = write;
            match Ok::<_, NotWritten>(()) {
                Ok(_) => {",
        guarantee: "money",
        runs: 300,
    },
    Bug {
        name: "late-charge-kept",
        meaning: "The customer paid, so the money is the shop's.",
        file: "crates/store/src/orders/charge.rs",
        find: "            // Charged, but the order has left: it is given back.
            after.steps.owe_everything_back(now);
",
        plant: "",
        guarantee: "money",
        runs: 300,
    },
    Bug {
        name: "version-not-compared",
        meaning: "The status says all that a change of an order depends on.",
        file: "crates/store/src/orders/record.rs",
        find: r#"            .only_if("status", Is::Text(self.order.status.as_str().to_owned()))
            .only_if("version", Is::Number(self.order.version))"#,
        plant: r#"            .only_if("status", Is::Text(self.order.status.as_str().to_owned()))"#,
        guarantee: "money",
        runs: 600,
    },
    Bug {
        name: "merged-over-what-was-put-meanwhile",
        meaning: "Nobody fills a cart while it is merged.",
        file: "crates/store/src/carts/mod.rs",
        find: "            Some(found) => found.if_unchanged(Write::put(&self.table, item)),",
        plant: "            Some(_) => Write::put(&self.table, item),",
        guarantee: "cart",
        runs: 300,
    },
    Bug {
        name: "owed-steps-not-taken",
        meaning: "Whoever began a charge finishes it.",
        file: "crates/store/src/orders/settle.rs",
        find: "        for step in record.due_steps(now) {",
        plant: "        for step in record.due_steps(now).filter(|_| record.order.version == 0) {",
        guarantee: "crash-anywhere",
        runs: 1_000,
    },
    Bug {
        name: "events-told-past-a-failure",
        meaning: "An event that can't be published is left out, and the stream goes on.",
        file: "functions/orders/src/publish_order_events.rs",
        find: "        Err(unpublished) => Some((sequences[unpublished.at].clone(), unpublished.source)),",
        plant: "        Err(unpublished) => {
            let _ = (&sequences, unpublished.at);
            unreadable
        }",
        guarantee: "events",
        runs: 60,
    },
    Bug {
        name: "letters-about-what-is-over",
        meaning: "What happened to an order has happened, so its customer may be told of it at any time.",
        file: "functions/orders/src/send_order_mail.rs",
        find: "    let is_told = told_of(&history) == Some(event);",
        plant: "    let is_told = told_of(&history).is_some();",
        guarantee: "events",
        runs: 20,
    },
    Bug {
        name: "no-letter-once-arrived",
        meaning: "Whoever has the parcel need not be told of it.",
        file: "functions/orders/src/send_order_mail.rs",
        find: "    latest.find(|event| event.status != OrderStatus::Delivered)",
        plant: "    latest.next().filter(|event| event.status != OrderStatus::Delivered)",
        guarantee: "events",
        runs: 20,
    },
    Bug {
        name: "adjusted-again",
        meaning: "Staff send a delivery once.",
        file: "crates/store/src/catalogue/adjust.rs",
        find: "let mut writes = vec![Write::create(&self.table, remembered.item(record.clone()))];",
        plant: "let mut writes = vec![Write::put(&self.table, remembered.item(record.clone()))];",
        guarantee: "exactly-once",
        runs: 100,
    },
    Bug {
        name: "conflict-beside-a-failed-condition",
        meaning: "A condition failed, so the transaction is refused, whatever else was wrong.",
        file: "crates/store/src/cancellation.rs",
        find: "    } else if reasons.contains(&Reason::Transient) {",
        plant: "    } else if reasons.contains(&Reason::Transient)
        && !reasons.iter().any(|it| matches!(it, Reason::ConditionFailed(_)))
    {",
        guarantee: "cancellations",
        runs: 37,
    },
    Bug {
        name: "sold-out-not-remembered",
        meaning: "Whoever comes too late finds that out from the transaction.",
        file: "crates/store/src/orders/memory.rs",
        find: "            remembered.sold_out.extend(products);",
        plant: "            remembered.sold_out.extend(products.filter(|_| false));",
        guarantee: "hot-product",
        runs: 2,
    },
    Bug {
        name: "given-back-again",
        meaning: "What was charged for an order that is gone is owed back, whenever that is looked at.",
        file: "crates/domain/src/payment.rs",
        find: "            .filter(|number| !returned(*number))
",
        plant: "            .filter(|number| !returned(*number) || *number > 0)
",
        guarantee: "transitions",
        runs: 3,
    },
    Bug {
        name: "last-write-wins",
        meaning: "Who writes an order last knows best what it is.",
        file: "crates/store/src/orders/record.rs",
        find: r#"
            .only_if("status", Is::Text(self.order.status.as_str().to_owned()))
            .only_if("version", Is::Number(self.order.version))"#,
        plant: "",
        guarantee: "pay-or-expire",
        runs: 200,
    },
    Bug {
        name: "stale-reads",
        meaning: "What was written is there to be read.",
        file: "crates/store/src/db.rs",
        find: "            .consistent_read(consistent);",
        plant: "            .consistent_read(consistent && table.is_empty());",
        guarantee: "histories",
        runs: 60,
    },
    Bug {
        name: "schedule-runs-out-of-time",
        meaning: "Looking for what is due takes no time worth speaking of.",
        file: "crates/store/src/orders/settle.rs",
        find: "            if Instant::now() >= until {
                settled.left += 1;",
        plant: "            if settled.left > usize::from(keys::DUE_SHARDS) {
                settled.left += 1;",
        guarantee: "overload",
        runs: 3,
    },
];
