//! The graphs by service of the dashboard in `infra/operations.yaml`: for CloudWatch a function is of no service, so each
//! service's functions are listed.

use std::fmt::Write;

use local_shop::Shop;

use super::executables::identifier;

/// The template, from the clone's root on.
pub const FILE: &str = "infra/operations.yaml";

/// The values of the body's variables.
pub fn part(shop: &Shop) -> String {
    let requests = rows(shop, "Invocations");
    let errors = rows(shop, "Errors");
    format!("        - Requests: !Sub >-\n{requests}          Errors: !Sub >-\n{errors}")
}

/// A graph's rows: a metric of every function, unseen, and a sum of them for each service.
fn rows(shop: &Shop, metric: &str) -> String {
    let mut rows = Vec::new();
    for service in &shop.services {
        let id = identifier(&service.name);
        for (number, operation) in (1..).zip(&service.operations) {
            rows.push(format!(
                r#"["AWS/Lambda", "{metric}", "FunctionName", "${{Shop}}-{}", {{"id": "{id}_{number}", "visible": false}}]"#,
                operation.name
            ));
        }
    }
    for service in &shop.services {
        let (name, id) = (&service.name, identifier(&service.name));
        // The part of an id in quotes, which stands for every row that has it.
        let of_service = format!(r#"METRICS(\"{id}_\")"#);
        rows.push(format!(
            r#"[{{"expression": "SUM({of_service})", "label": "{name}", "id": "{id}"}}]"#
        ));
    }
    let mut text = String::new();
    for (number, row) in (1..).zip(&rows) {
        let comma = if number < rows.len() { "," } else { "" };
        // Writing to a String can't fail.
        let _ = writeln!(text, "            {row}{comma}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    #[test]
    fn each_function_is_in_the_sum_of_its_service() {
        let keys = local_shop::Keys::generate().unwrap();
        let part = part(&Project::find().unwrap().shop(&keys).unwrap());
        for row in [
            "        - Requests: !Sub >-\n            [\"AWS/Lambda\", \"Invocations\", ",
            "          Errors: !Sub >-\n            [\"AWS/Lambda\", \"Errors\", ",
            r#""Errors", "FunctionName", "${Shop}-place-order", {"id": "orders_1", "visible": false}],"#,
            r#"            [{"expression": "SUM(METRICS(\"orders_\"))", "label": "orders", "id": "orders"}],"#,
        ] {
            assert!(part.contains(row), "{row} is missing in:\n{part}");
        }
        assert!(part.ends_with("\"}]\n"), "{part}");
    }
}
