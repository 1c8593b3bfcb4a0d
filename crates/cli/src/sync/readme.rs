//! The table of operations in the README.

use std::fmt::Write;

use local_shop::{Operation, Route, Shop, Who};

/// The table, for a shop of this name.
pub fn part(shop: &Shop, name: &str) -> String {
    let mut part =
        String::from("\n| function | route | who | idempotency key |\n|---|---|---|---|\n");
    for service in &shop.services {
        // Writing to a String can't fail.
        let _ = writeln!(part, "| **{}** | | | |", service.name);
        for operation in &service.operations {
            let _ = match &operation.route {
                Some(route) => writeln!(part, "| `{}` {}", operation.name, called(route)),
                None => writeln!(
                    part,
                    "| `{}` | {} | | |",
                    operation.name,
                    started(operation, name)
                ),
            };
        }
    }
    part.push('\n');
    part
}

fn called(route: &Route) -> String {
    let callers = &route.callers;
    let who = match callers.contains(&Who::Anyone) {
        true => Who::Anyone.to_string(),
        false => callers
            .iter()
            .map(Who::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    };
    let key = if route.needs_key { " required" } else { "" };
    format!("| `{} {}` | {who} |{key} |", route.method, route.path)
}

/// What starts an operation without a route.
fn started(operation: &Operation, shop: &str) -> String {
    match (&operation.stream, &operation.schedule) {
        (Some(source), _) => {
            let prefix = format!("{shop}-");
            let table = source.table.strip_prefix(&prefix).unwrap_or(&source.table);
            format!("stream of the {table} table")
        }
        (None, Some(schedule)) => every(schedule).unwrap_or_else(|| format!("`{schedule}`")),
        (None, None) => String::new(),
    }
}

/// `rate(1 minute)` in words.
fn every(schedule: &str) -> Option<String> {
    let rate = schedule.strip_prefix("rate(")?.strip_suffix(')')?;
    Some(match rate.strip_prefix("1 ") {
        Some(unit) => format!("every {unit}"),
        None => format!("every {rate}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Project, SHOP};

    #[test]
    fn a_row_tells_what_starts_an_operation_and_who_may() {
        let keys = local_shop::Keys::generate().unwrap();
        let shop = Project::find().unwrap().shop(&keys).unwrap();
        let table = part(&shop, SHOP);
        for row in [
            "| **users** | | | |\n| `register-user` | `POST /users` | anyone | |\n",
            "\n| `get-product` | `GET /products/{product_id}` | anyone | |\n",
            "\n| `get-order` | `GET /orders/{order_id}` | owner, staff | |\n",
            "\n| `pay-order` | `POST /orders/{order_id}/payment` | owner | required |\n",
            "\n| `record-stock-movements` | stream of the catalogue table | | |\n",
            "\n| `settle-orders` | every minute | | |\n",
        ] {
            assert!(table.contains(row), "{row} is missing in:\n{table}");
        }
    }

    #[test]
    fn a_schedule_is_told_in_words_where_there_are_some() {
        assert_eq!(every("rate(1 hour)").as_deref(), Some("every hour"));
        assert_eq!(every("rate(5 minutes)").as_deref(), Some("every 5 minutes"));
        assert_eq!(every("cron(0 3 * * ? *)"), None);
    }
}
