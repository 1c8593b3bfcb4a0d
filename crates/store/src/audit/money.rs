//! Rules of money: totals are sums, and the provider's ledger agrees with the orders.

use domain::{
    OrderStatus,
    payment::{Step, StepKind, StepState, Steps},
};

use super::{Finding, books::Books, finding};
use crate::orders::OrderRecord;

pub(super) fn findings(books: &Books) -> Vec<Finding> {
    let mut findings = Vec::new();
    for record in books.orders.values() {
        findings.extend(total(record));
        findings.extend(kept(record));
        if books.has_ledger {
            findings.extend(in_ledger(books, record));
        }
    }
    let step_of = |key: &str| {
        let (id, number) = key.rsplit_once('#')?;
        let record = books.orders.get(&domain::OrderId::parse(id)?)?;
        record
            .steps
            .0
            .iter()
            .find(|step| step.number.to_string() == number)
    };
    let unknown = |key: &String, is_charge: bool| match step_of(key) {
        // A step whose outcome is not known yet may well have been taken.
        Some(step) => {
            matches!(step.kind, StepKind::Charge { .. }) != is_charge
                || !matches!(step.state, StepState::Done { .. } | StepState::Pending)
        }
        None => true,
    };
    let charges = books.charges.keys().map(|key| (key, true));
    let refunds = books.refunds.keys().map(|key| (key, false));
    for (key, _) in charges.chain(refunds).filter(|(key, is)| unknown(key, *is)) {
        findings.push(finding(
            key,
            "what the provider did is on the order",
            "it is not",
        ));
    }
    findings
}

fn total(record: &OrderRecord) -> Option<Finding> {
    let order = &record.order;
    let lines: i64 = order
        .items
        .iter()
        .map(|item| item.unit_price.amount * i64::from(item.quantity))
        .sum();
    (lines != order.total.amount).then(|| {
        let detail = format!("lines {lines}, total {}", order.total.amount);
        finding(
            order.id.as_str(),
            "the total is the sum of the lines",
            detail,
        )
    })
}

/// An order that is paid keeps one charge; any other keeps none.
fn kept(record: &OrderRecord) -> Option<Finding> {
    let paid = matches!(
        record.order.status,
        OrderStatus::Paid | OrderStatus::Shipped | OrderStatus::Delivered
    );
    let kept = record.steps.kept_charges().len();
    (kept != usize::from(paid)).then(|| {
        let detail = format!("{} keeps {kept}", record.order.status.as_str());
        finding(
            record.order.id.as_str(),
            "only a paid order keeps a charge, and one",
            detail,
        )
    })
}

fn in_ledger(books: &Books, record: &OrderRecord) -> Vec<Finding> {
    let mut findings = Vec::new();
    for step in &record.steps.0 {
        if !matches!(step.state, StepState::Done { .. }) {
            continue;
        }
        let key = Steps::provider_key(&record.order.id, step.number);
        let entry = match step.kind {
            StepKind::Charge { .. } => books.charges.get(&key),
            StepKind::GiveBack { .. } => books.refunds.get(&key),
        };
        match entry {
            None => findings.push(finding(
                &key,
                "what is on the order the provider did",
                "it did not",
            )),
            Some(entry) if entry.charge != returned(record, step) => {
                let detail = format!("it gave back {:?}", entry.charge);
                findings.push(finding(
                    &key,
                    "the provider gave back the charge that was meant",
                    detail,
                ));
            }
            Some(entry) if entry.amount != record.order.total.amount => {
                let detail = format!("{} instead of {}", entry.amount, record.order.total.amount);
                findings.push(finding(
                    &key,
                    "the provider moved the order's total",
                    detail,
                ));
            }
            Some(_) => {}
        }
    }
    findings
}

/// The provider's key of the charge that a step gives back.
fn returned(record: &OrderRecord, step: &Step) -> Option<String> {
    match step.kind {
        StepKind::Charge { .. } => None,
        StepKind::GiveBack { charge } => Some(Steps::provider_key(&record.order.id, charge)),
    }
}
