use std::path::Path;

use local_shop::Workspace;

use super::*;

#[test]
fn routes_events_and_executables_are_in_step_with_infra() {
    let project = Project::find().unwrap();
    let wrong = wrong(&project, &shop(&project).unwrap()).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A clone of nothing but the templates and operations, with the files that are written in part, and nothing in those
/// parts.
fn bare(root: &Path) -> Project {
    let here = Project::find().unwrap().workspace;
    let put = |file: &str, text: String| {
        let file = root.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    };
    for template in std::fs::read_dir(here.infra()).unwrap() {
        let template = template.unwrap();
        let name = template.file_name().into_string().unwrap();
        put(
            &format!("infra/{name}"),
            std::fs::read_to_string(template.path()).unwrap(),
        );
    }
    let marked = |marks: Marks| format!("mine\n{}{}", marks.begin(), marks.end());
    put("Cargo.toml", marked(Marks::Toml));
    put("README.md", marked(Marks::Markdown));
    let project = Project {
        workspace: Workspace {
            root: root.to_owned(),
            target: root.join("target"),
            binaries: Vec::new(),
        },
    };
    for (package, operations) in packages(&shop(&project).unwrap()) {
        put(&format!("{package}/Cargo.toml"), marked(Marks::Toml));
        put(&format!("{package}/src/lib.rs"), marked(Marks::Rust));
        for operation in operations {
            let file = executables::identifier(&operation.name);
            put(&format!("{package}/src/{file}.rs"), "mine\n".into());
        }
    }
    project
}

#[test]
fn everything_that_follows_from_infra_is_written_and_then_in_step() {
    let folder = tempfile::tempdir().unwrap();
    let project = bare(folder.path());
    let shop = shop(&project).unwrap();
    wanted(&project, &shop).unwrap().write().unwrap();
    assert_eq!(wrong(&project, &shop).unwrap(), [""; 0]);
    for (file, expected) in [
        ("Cargo.toml", "function = \"get-order\""),
        ("README.md", "| `get-order` |"),
        ("infra/operations.yaml", "${Shop}-get-order"),
        ("functions/orders/Cargo.toml", "name = \"get-order\""),
        ("functions/orders/src/lib.rs", "mod get_order;"),
        ("functions/orders/src/bin/get-order.rs", "orders::get_order"),
        ("events/get-order.json", "GET /orders/{order_id}"),
    ] {
        let path = folder.path().join(file);
        let good = std::fs::read_to_string(&path).unwrap();
        assert!(good.contains(expected), "{file} has no {expected}: {good}");
        // Whatever is changed there by hand is told, and is put right.
        std::fs::write(&path, good.replace(expected, "nonsense")).unwrap();
        let told = format!("{file} is not what infra/ says; run `cargo shop sync`");
        let wrong = wrong(&project, &shop).unwrap();
        assert_eq!(wrong[0], told);
        // A module that lib.rs has lost is no module of the package, too.
        let alone = if file.ends_with("lib.rs") { 2 } else { 1 };
        assert_eq!(wrong.len(), alone, "{wrong:?}");
        wanted(&project, &shop).unwrap().write().unwrap();
        let after = std::fs::read_to_string(&path).unwrap();
        assert_eq!(after, good, "{file}");
    }
}

#[test]
fn what_has_no_place_is_told_and_the_rest_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let project = bare(folder.path());
    let shop = shop(&project).unwrap();
    std::fs::write(folder.path().join("README.md"), "mine\n").unwrap();
    std::fs::remove_dir_all(folder.path().join("functions/users")).unwrap();
    wanted(&project, &shop).unwrap().write().unwrap();
    let wrong = wrong(&project, &shop).unwrap();
    assert_eq!(wrong.len(), 2, "{}", wrong.join("\n"));
    assert!(
        wrong[0].starts_with("functions/users is no package yet"),
        "{}",
        wrong[0]
    );
    assert!(
        wrong[1].starts_with("README.md has no marks"),
        "{}",
        wrong[1]
    );
    assert!(!folder.path().join("functions/users").exists());
    assert!(folder.path().join("events/log-in.json").exists());
    let readme = std::fs::read_to_string(folder.path().join("README.md"));
    assert_eq!(readme.unwrap(), "mine\n");
}
