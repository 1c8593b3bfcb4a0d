//! The route table of `cargo lambda watch` in the workspace's Cargo.toml.

use std::{collections::BTreeMap, fmt::Write};

use local_shop::Shop;

/// The table.
pub fn part(shop: &Shop) -> String {
    let mut paths: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for operation in shop.operations() {
        if let Some(route) = &operation.route {
            let target = format!(
                "{{ method = \"{}\", function = \"{}\" }}",
                route.method, operation.name
            );
            paths.entry(&route.path).or_default().push(target);
        }
    }
    let mut part = String::from("[workspace.metadata.lambda.watch]\n");
    // No `timeout`: it would end the functions' own wait for the next request, too, and lambda_runtime panics then.
    part.push_str("concurrency = 4 # instances a function; calls to a single one would queue\n\n");
    part.push_str("[workspace.metadata.lambda.watch.router]\n");
    for (path, targets) in paths {
        // Writing to a String can't fail.
        let _ = match targets.as_slice() {
            [target] => writeln!(part, "\"{path}\" = [{target}]"),
            targets => writeln!(part, "\"{path}\" = [\n    {},\n]", targets.join(",\n    ")),
        };
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    #[test]
    fn a_path_has_its_methods_and_each_method_its_function() {
        let keys = local_shop::Keys::generate().unwrap();
        let part = part(&Project::find().unwrap().shop(&keys).unwrap());
        for line in [
            "\"/orders/{order_id}/refund\" = [{ method = \"POST\", function = \"refund-order\" }]\n",
            "\"/orders\" = [\n    { method = \"POST\", function = \"place-order\" },\n",
        ] {
            assert!(part.contains(line), "{line} is missing in:\n{part}");
        }
        assert!(!part.contains("settle-orders"), "{part}");
    }
}
