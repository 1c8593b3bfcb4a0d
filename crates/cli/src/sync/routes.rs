//! The route table of `cargo lambda watch` in the workspace's Cargo.toml.

use std::{collections::BTreeMap, fmt::Write};

use local_shop::Shop;

const BEGIN: &str =
    "# >>> Written by `cargo shop sync` from infra/. Change the templates, not this.\n";
const END: &str = "# <<<\n";

/// The manifest with the part between the marks, or a new part at its end, as the templates want it.
pub fn written(manifest: &str, shop: &Shop) -> String {
    let part = part(shop);
    let old = manifest.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    match old {
        Some((before, after)) => format!("{before}{part}{after}"),
        None => format!("{}\n\n{part}", manifest.trim_end()),
    }
}

fn part(shop: &Shop) -> String {
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
    let mut part = String::from(BEGIN);
    part.push_str("[workspace.metadata.lambda.watch]\n");
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
    part.push_str(END);
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    #[test]
    fn what_stands_around_the_part_stays() {
        let project = Project::find().unwrap();
        let shop = project
            .shop(&local_shop::Keys::generate().unwrap())
            .unwrap();
        let first = written("[workspace]\n# mine\n", &shop);
        assert!(first.starts_with("[workspace]\n# mine\n\n# >>>"), "{first}");
        assert!(
            first.contains("\"/users/me\" = [{ method = \"GET\", function = \"get-profile\" }]\n")
        );
        assert!(first.contains("    { method = \"POST\", function = \"place-order\" },\n"));
        let edited = first.replace("get-profile", "get-nothing") + "\n[after]\n";
        assert_eq!(written(&edited, &shop), first.clone() + "\n[after]\n");
        assert_eq!(written(&first, &shop), first);
    }
}
