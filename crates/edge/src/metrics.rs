//! What is counted: orders placed, sold out, contention, payments declined, failed log-ins, work that is late, what an audit
//! finds.
//!
//! A request that counts leaves one more line, in CloudWatch's embedded metric format ("Specification: Embedded metric
//! format", Amazon CloudWatch user guide). CloudWatch makes metrics of such lines by itself, so a function needs no call
//! and no permission for it. It may take a line twice. Lambda takes a line without a level for one of INFO ("Log-level
//! filtering", AWS Lambda developer guide), so a function must not be set to log less than that.
//!
//! - `names`: every metric there is.
//! - `events`: what is counted of an event without a request.

mod events;
mod names;

use std::sync::OnceLock;

use domain::Timestamp;
use lambda_http::http::StatusCode;
use serde_json::{Value, json};

pub use events::Counted;
pub(crate) use events::event;
pub use names::{Measure, Metric};

use crate::{HttpResponse, Problem, Slug, log, response::is_replayed, system_time};

/// Where CloudWatch keeps the metrics.
const NAMESPACE: &str = "Oxcart";

/// The shop of a function that is called by its operation alone, as every local stand-in for Lambda calls it.
const LOCAL: &str = "local";

/// The shop whose requests are counted. There is none until a function starts, so that handlers which run without one, in
/// simulated time or under test, print nothing.
static SHOP: OnceLock<String> = OnceLock::new();

/// From now on requests are counted, for the shop that this function is of.
pub(crate) fn start(function: &str, operation: &str) {
    start_for(shop(function, operation));
}

/// From now on requests are counted, for this shop.
pub(crate) fn start_for(shop: &str) {
    // Nothing else starts in a function's process.
    let _ = SHOP.set(shop.to_owned());
}

/// The shop of a function, which `infra/` names `<shop>-<operation>`.
fn shop<'f>(function: &'f str, operation: &str) -> &'f str {
    function
        .strip_suffix(operation)
        .and_then(|rest| rest.strip_suffix('-'))
        .filter(|shop| !shop.is_empty())
        .unwrap_or(LOCAL)
}

/// Counts a request, if it is one that counts.
pub(crate) fn request(operation: &str, result: &Result<HttpResponse, Problem>) {
    if let Some(counter) = counter(operation, result) {
        write(operation, &[counter.is(1)]);
    }
}

/// Leaves a line with these measures, if there are any.
fn write(operation: &str, measures: &[Measure]) {
    let Some(shop) = SHOP.get() else {
        return;
    };
    if !measures.is_empty() {
        log::print(&(line(shop, operation, measures, system_time()) + "\n"));
    }
}

/// The counter of a request: the whole table. `Contention` is every 503 `busy`: whatever the reason, nothing was changed and
/// the client is to come again. A refusal that is repeated counts again, since clients are told it again.
fn counter(operation: &str, result: &Result<HttpResponse, Problem>) -> Option<Metric> {
    let counter = match (operation, result.as_ref().map_err(Problem::slug)) {
        ("place-order" | "buy-product", Ok(answer)) if is_new(answer) => Metric::OrdersPlaced,
        (_, Err(Slug::OutOfStock)) => Metric::SoldOut,
        (_, Err(Slug::Busy)) => Metric::Contention,
        (_, Err(Slug::OutcomeUnknown)) => Metric::OutcomeUnknown,
        (_, Err(Slug::PaymentDeclined)) => Metric::PaymentsDeclined,
        // Or log-ins would seem to fail less often once there are too many of them.
        (_, Err(Slug::TooManyAttempts)) => Metric::TooManyAttempts,
        ("log-in", Err(Slug::InvalidCredentials)) => Metric::LogInFailures,
        _ => return None,
    };
    Some(counter)
}

/// Whether this made something, and not only says again that it did.
fn is_new(answer: &HttpResponse) -> bool {
    answer.status() == StatusCode::CREATED && !is_replayed(answer)
}

/// The line that has these measures. Its only dimension is the shop: each further value of a dimension is one more metric to
/// pay for. The operation stands beside it, for who searches the log.
fn line(shop: &str, operation: &str, measures: &[Measure], at: Timestamp) -> String {
    let named = |it: &Measure| json!({"Name": it.metric.as_str(), "Unit": it.metric.unit()});
    let metrics: Vec<Value> = measures.iter().map(named).collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": at.as_millis(),
            "CloudWatchMetrics": [
                {"Namespace": NAMESPACE, "Dimensions": [["Shop"]], "Metrics": metrics},
            ],
        },
        "Shop": shop,
        "Operation": operation,
    });
    for Measure { metric, value } in measures {
        line[metric.as_str()] = json!(value);
    }
    line.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Response, created, no_content, ok};

    type Answered = Result<HttpResponse, Problem>;

    fn refused(slug: Slug) -> Answered {
        Err(Problem::new(slug))
    }

    fn made() -> Answered {
        created(&1).map(Into::into)
    }

    #[test]
    fn an_order_counts_when_it_is_placed_and_not_when_it_is_told_again() {
        for operation in ["place-order", "buy-product"] {
            assert_eq!(counter(operation, &made()), Some(Metric::OrdersPlaced));
            let again = created(&1).map(Response::replayed).map(Into::into);
            assert_eq!(counter(operation, &again), None);
            assert_eq!(counter(operation, &ok(&1).map(Into::into)), None);
        }
    }

    #[test]
    fn what_is_created_or_answered_elsewhere_is_no_order() {
        for operation in ["log-in", "register-user", "adjust-stock", "pay-order", ""] {
            assert_eq!(counter(operation, &made()), None, "{operation}");
            assert_eq!(
                counter(operation, &Ok(no_content().into())),
                None,
                "{operation}"
            );
        }
    }

    #[test]
    fn each_slug_counts_as_the_table_says_and_most_do_not() {
        for &slug in Slug::ALL {
            let expected = match slug.as_str() {
                "out-of-stock" => Some(Metric::SoldOut),
                "busy" => Some(Metric::Contention),
                "outcome-unknown" => Some(Metric::OutcomeUnknown),
                "payment-declined" => Some(Metric::PaymentsDeclined),
                "too-many-attempts" => Some(Metric::TooManyAttempts),
                _ => None,
            };
            for operation in ["place-order", "pay-order", "change-password"] {
                assert_eq!(counter(operation, &refused(slug)), expected, "{slug:?}");
            }
        }
        let failed = refused(Slug::InvalidCredentials);
        assert_eq!(counter("log-in", &failed), Some(Metric::LogInFailures));
    }

    #[test]
    fn a_line_is_what_cloudwatch_makes_a_metric_of() {
        let at = Timestamp::from_millis(1_795_388_221_007);
        let line = line(
            "oxcart-dev",
            "place-order",
            &[Metric::OrdersPlaced.is(1)],
            at,
        );
        assert!(!line.contains('\n'), "{line}");
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            read,
            json!({
                "_aws": {
                    "Timestamp": 1_795_388_221_007_i64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Oxcart",
                        "Dimensions": [["Shop"]],
                        "Metrics": [{"Name": "OrdersPlaced", "Unit": "Count"}],
                    }],
                },
                "Shop": "oxcart-dev",
                "Operation": "place-order",
                "OrdersPlaced": 1,
            })
        );
    }

    #[test]
    fn a_line_may_have_several_measures_each_with_its_unit() {
        let measures = [Metric::AuditFindings.is(2), Metric::WorkOverdue.is(61)];
        let line = line("local", "audit-shop", &measures, Timestamp::from_millis(7));
        let read: Value = serde_json::from_str(&line).unwrap();
        let metrics = &read["_aws"]["CloudWatchMetrics"][0]["Metrics"];
        let named = json!([
            {"Name": "AuditFindings", "Unit": "Count"},
            {"Name": "WorkOverdue", "Unit": "Seconds"},
        ]);
        assert_eq!(*metrics, named);
        assert_eq!(
            (&read["AuditFindings"], &read["WorkOverdue"]),
            (&json!(2), &json!(61))
        );
    }

    #[test]
    fn a_function_is_of_the_shop_that_its_name_begins_with() {
        let of = |function| shop(function, "log-in");
        assert_eq!(of("oxcart-dev-log-in"), "oxcart-dev");
        for function in ["log-in", "-log-in", "oxcart-dev", "oxcart-devlog-in", ""] {
            assert_eq!(of(function), "local", "{function}");
        }
    }
}
