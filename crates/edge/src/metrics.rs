//! What is counted: orders placed, sold out, contention, payments declined, failed log-ins.
//!
//! A request that counts leaves one more line, in CloudWatch's embedded metric format ("Specification: Embedded metric
//! format", Amazon CloudWatch user guide). CloudWatch makes metrics of such lines by itself, so a function needs no call
//! and no permission for it. It may take a line twice. Lambda takes a line without a level for one of INFO ("Log-level
//! filtering", AWS Lambda developer guide), so a function must not be set to log less than that.

use std::{
    io::{self, Write},
    sync::OnceLock,
};

use domain::Timestamp;
use lambda_http::http::StatusCode;
use serde_json::json;

use crate::{HttpResponse, Problem, Slug, response::is_replayed, system_time};

/// Where CloudWatch keeps the metrics.
const NAMESPACE: &str = "Oxcart";

/// The shop of a function that is called by its operation alone, as every local stand-in for Lambda calls it.
const LOCAL: &str = "local";

/// The shop whose requests are counted. There is none until a function starts, so that handlers which run without one, in
/// simulated time or under test, print nothing.
static SHOP: OnceLock<String> = OnceLock::new();

/// From now on requests are counted, for the shop that this function is of.
pub(crate) fn start(function: &str, operation: &str) {
    // Nothing else starts in a function's process.
    let _ = SHOP.set(shop(function, operation).to_owned());
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
    let Some(shop) = SHOP.get() else {
        return;
    };
    if let Some(counter) = counter(operation, result) {
        let line = line(shop, operation, counter, system_time()) + "\n";
        // At once, so that it stays a line of its own. There is nobody to tell that standard output is closed.
        let _ = io::stdout().write_all(line.as_bytes());
    }
}

/// The counter of a request: the whole table. `Contention` is every 503 `busy`: whatever the reason, nothing was changed and
/// the client is to come again. A refusal that is repeated counts again, since clients are told it again.
fn counter(operation: &str, result: &Result<HttpResponse, Problem>) -> Option<&'static str> {
    let counter = match (operation, result.as_ref().map_err(Problem::slug)) {
        ("place-order" | "buy-product", Ok(answer)) if is_new(answer) => "OrdersPlaced",
        (_, Err(Slug::OutOfStock)) => "SoldOut",
        (_, Err(Slug::Busy)) => "Contention",
        (_, Err(Slug::OutcomeUnknown)) => "OutcomeUnknown",
        (_, Err(Slug::PaymentDeclined)) => "PaymentsDeclined",
        // Or log-ins would seem to fail less often once there are too many of them.
        (_, Err(Slug::TooManyAttempts)) => "TooManyAttempts",
        ("log-in", Err(Slug::InvalidCredentials)) => "LogInFailures",
        _ => return None,
    };
    Some(counter)
}

/// Whether this made something, and not only says again that it did.
fn is_new(answer: &HttpResponse) -> bool {
    answer.status() == StatusCode::CREATED && !is_replayed(answer)
}

/// The line that counts one. Its only dimension is the shop: each further value of a dimension is one more metric to pay
/// for. The operation stands beside it, for who searches the log.
fn line(shop: &str, operation: &str, counter: &str, at: Timestamp) -> String {
    let metrics = json!([{"Name": counter, "Unit": "Count"}]);
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
    line[counter] = json!(1);
    line.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

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
            assert_eq!(counter(operation, &made()), Some("OrdersPlaced"));
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
                "out-of-stock" => Some("SoldOut"),
                "busy" => Some("Contention"),
                "outcome-unknown" => Some("OutcomeUnknown"),
                "payment-declined" => Some("PaymentsDeclined"),
                "too-many-attempts" => Some("TooManyAttempts"),
                _ => None,
            };
            for operation in ["place-order", "pay-order", "change-password"] {
                assert_eq!(counter(operation, &refused(slug)), expected, "{slug:?}");
            }
        }
        let failed = refused(Slug::InvalidCredentials);
        assert_eq!(counter("log-in", &failed), Some("LogInFailures"));
    }

    #[test]
    fn a_line_is_what_cloudwatch_makes_a_metric_of() {
        let at = Timestamp::from_millis(1_795_388_221_007);
        let line = line("oxcart-dev", "place-order", "OrdersPlaced", at);
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
    fn a_function_is_of_the_shop_that_its_name_begins_with() {
        let of = |function| shop(function, "log-in");
        assert_eq!(of("oxcart-dev-log-in"), "oxcart-dev");
        for function in ["log-in", "-log-in", "oxcart-dev", "oxcart-devlog-in", ""] {
            assert_eq!(of(function), "local", "{function}");
        }
    }
}
