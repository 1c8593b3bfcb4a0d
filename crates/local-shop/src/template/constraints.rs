//! That a parameter takes the same values in every template that has it. The root hands parameters on, and what a nested
//! stack refused after the root had taken it would fail in the middle of a deployment.

use std::{collections::BTreeMap, path::Path};

use super::{
    scope::Scope,
    tests::{infra, shop},
    yaml::{Content, Node},
};

/// The most characters that Lambda takes for a function's name ("Function name" in the reference of `CreateFunction`).
const LONGEST_FUNCTION_NAME: usize = 64;

fn templates() -> Vec<Scope> {
    let files = std::fs::read_dir(infra()).unwrap();
    let files = files.map(|file| file.unwrap().path());
    files.map(|file| Scope::by_names(&file).unwrap()).collect()
}

/// What a node says, wherever it stands.
fn said(node: &Node) -> String {
    let content = match &node.content {
        Content::Nothing => String::new(),
        Content::Text(text) => format!("{text:?}"),
        Content::List(nodes) => {
            let nodes: Vec<String> = nodes.iter().map(said).collect();
            format!("[{}]", nodes.join(", "))
        }
        Content::Map(entries) => {
            let entries = entries.iter();
            let entries: Vec<String> = entries
                .map(|(name, node)| format!("{name}: {}", said(node)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    };
    match &node.tag {
        Some(tag) => format!("!{tag} {content}"),
        None => content,
    }
}

/// What a parameter says of its values, by the members that say it.
type Constraints<'n> = BTreeMap<&'n str, String>;

/// Everything that a parameter says of its values.
fn values(parameter: &Node) -> Constraints<'_> {
    let members = parameter.entries();
    let members = members.filter(|(name, _)| *name != "Description");
    members.map(|(name, node)| (name, said(node))).collect()
}

#[test]
fn a_parameter_takes_the_same_values_in_every_template() {
    let templates = templates();
    let mut declared: BTreeMap<&str, Vec<(&Path, Constraints)>> = BTreeMap::new();
    for scope in &templates {
        let parameters = scope.root.get("Parameters").into_iter();
        for (name, node) in parameters.flat_map(Node::entries) {
            let values = values(node);
            // One of the Parameter Store is a path, and what stands there is handed on.
            if !values["Type"].contains("AWS::SSM::") {
                let places = declared.entry(name).or_default();
                places.push((scope.file.as_path(), values));
            }
        }
    }
    let mut compared = 0;
    for (name, places) in &declared {
        for pair in places.windows(2) {
            let [(file, values), (other, of_other)] = pair else {
                unreachable!("a window of two has two");
            };
            let (file, other) = (file.display(), other.display());
            assert_eq!(values, of_other, "{name} in {file} and in {other}");
            compared += 1;
        }
    }
    assert!(compared > 30, "only {compared} are compared");
}

#[test]
fn what_a_service_refuses_the_root_refuses_first() {
    let root = Scope::by_names(&infra().join("template.yaml")).unwrap();
    let mut services = 0;
    for scope in templates() {
        let rules = scope.root.get("Rules").into_iter();
        for (name, rule) in rules.flat_map(Node::entries) {
            let of_root = root.root.at(&["Rules", name]).map(said);
            let file = scope.file.display();
            assert_eq!(of_root, Some(said(rule)), "{name} of {file}");
            services += usize::from(scope.file != root.file);
        }
    }
    assert!(services > 3, "only {services} rules are found");
}

#[test]
fn the_longest_name_of_a_shop_leaves_room_for_that_of_its_functions() {
    let root = Scope::by_names(&infra().join("template.yaml")).unwrap();
    let of_name = |what: &str| {
        let node = root.root.at(&["Parameters", "Shop", what]);
        node.and_then(Node::plain).unwrap()
    };
    let pattern = of_name("AllowedPattern");
    let after_first = pattern.strip_prefix("[a-z][a-z0-9-]{1,");
    let after_first = after_first.and_then(|it| it.strip_suffix('}')).unwrap();
    let longest = 1 + after_first.parse::<usize>().unwrap();
    let told = of_name("ConstraintDescription");
    assert!(
        told.starts_with(&format!("must be 2 to {longest} ")),
        "{told}"
    );
    for operation in shop().operations() {
        let name = format!("{}-{}", "a".repeat(longest), operation.name);
        assert!(name.len() <= LONGEST_FUNCTION_NAME, "{name} is too long");
    }
}
