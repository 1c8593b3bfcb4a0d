//! The pages name the tests that show what they say, and the alarms that there are. When one that they name is renamed or
//! removed, a test here fails. And what a page has from a command is there, whole.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::support::pages::{codes, root, rows};

/// The files below a folder whose name has this extension.
fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path, extension));
        } else if path.extension().is_some_and(|it| it == extension) {
            files.push(path);
        }
    }
    files
}

/// Whether it names a test: four words or more, as nothing else that is code has.
fn is_test(code: &str) -> bool {
    let is_letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(is_letter);
    code.split('_').count() > 3 && code.split('_').all(is_word)
}

fn declares(source: &str, test: &str) -> bool {
    source.contains(&format!("fn {test}("))
}

#[test]
fn every_test_that_a_page_names_is_there() {
    let folders = ["crates", "functions", "tests"];
    let sources = folders.map(|folder| files_below(&root().join(folder), "rs"));
    let sources = sources.concat();
    let sources: String = sources
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let mut pages = files_below(&root().join("docs"), "md");
    pages.extend(["README.md", "CONTRIBUTING.md"].map(|page| root().join(page)));
    let mut named = 0;
    for page in &pages {
        let text = fs::read_to_string(page).unwrap();
        for test in text.lines().flat_map(codes).filter(|code| is_test(code)) {
            let page = page.display();
            assert!(declares(&sources, test), "{page} names {test}");
            named += 1;
        }
    }
    assert!(named > 100, "only {named} are found");
}

#[test]
fn the_page_about_security_names_each_test_behind_its_file() {
    let page = fs::read_to_string(root().join("docs/security.md")).unwrap();
    for paragraph in page.split("\n\n") {
        let mut source = None;
        for code in paragraph.lines().flat_map(codes) {
            if code.ends_with(".rs") {
                let read = fs::read_to_string(root().join(code));
                source = Some(read.unwrap_or_else(|error| panic!("{code}: {error}")));
            } else if is_test(code) {
                let source = source.as_deref().unwrap_or_default();
                assert!(declares(source, code), "{code} is not where it is said");
            }
        }
    }
}

/// The alarms that a template declares, by their names without the shop's.
fn alarms(template: &str) -> BTreeSet<String> {
    let named = template.lines().filter_map(|line| {
        let name = line.trim().strip_prefix("AlarmName: !Sub \"${Shop}-")?;
        name.strip_suffix('"').map(str::to_owned)
    });
    let named: BTreeSet<String> = named.collect();
    let lines = template.lines().map(str::trim);
    let all = lines.filter(|line| *line == "Type: AWS::CloudWatch::Alarm");
    assert_eq!(
        named.len(),
        all.count(),
        "each alarm has a name of its own, !Sub \"${{Shop}}-…\": {named:?}"
    );
    named
}

#[test]
fn every_alarm_has_its_section_in_the_page_about_operations() {
    let mut declared = BTreeSet::new();
    for file in files_below(&root().join("infra"), "yaml") {
        let template = fs::read_to_string(&file).unwrap();
        let names = alarms(&template);
        for name in &names {
            let pointer = format!(" docs/operations.md#{name}\n");
            let file = file.display();
            assert!(template.contains(&pointer), "{file}: {name} leads nowhere");
        }
        declared.extend(names);
    }
    let page = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let (_, rest) = page.split_once("\n## Alarms\n").unwrap();
    let section = rest.split("\n## ").next().unwrap();
    let titles = section.lines().filter_map(|line| line.strip_prefix("### "));
    let told: BTreeSet<String> = titles.map(str::to_owned).collect();
    assert_eq!(told, declared);
    assert!(declared.len() > 10, "only {declared:?} are found");
}

#[test]
fn the_page_about_costs_has_every_line_of_its_sums() {
    let page = fs::read_to_string(root().join("docs/costs.md")).unwrap();
    for (first, columns, least) in [("line", 5, 10), ("by the month", 4, 5)] {
        let rows = rows(&page, first);
        let Some((sum, lines)) = rows.split_last() else {
            panic!("the page lacks the table {first} that `cargo shop bench cost` prints");
        };
        let dollars = |row: &Vec<&str>| {
            assert_eq!(row.len(), columns + 2, "{row:?} is no line of a bill");
            row[4].parse::<f64>().unwrap()
        };
        assert_eq!(sum[1], "sum", "the end of {first} is missing");
        let added: f64 = lines.iter().map(dollars).sum();
        // Each is rounded by itself.
        let rounded = 0.000_05 * (lines.len() + 1) as f64;
        let whole = dollars(sum);
        let is_whole = (added - whole).abs() <= rounded + 1e-9;
        assert!(is_whole, "{first}: {added} {whole}");
        assert!(lines.len() > least, "only {} lines are there", lines.len());
    }
}

/// A page as one line, so that what is broken over two of them is found.
fn flowing(page: &Path) -> String {
    let text = fs::read_to_string(page).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Prod is on EventBridge: there is no log to audit, and events go to the bus with the shop's name.
#[test]
fn commands_for_prod_are_those_of_its_event_bus() {
    let stages = fs::read_to_string(root().join("samconfig.toml")).unwrap();
    let (_, prod) = stages.split_once("[prod.deploy.parameters]").unwrap();
    assert!(prod.contains("\"EventBus=eventbridge\""));
    let mut found = 0;
    for page in files_below(&root().join("docs"), "md") {
        let text = flowing(&page);
        let page = page.display();
        for (command, rest) in [
            ("cargo shop audit --shop oxcart-prod", " --no-bus"),
            (
                "cargo shop replay-events --shop oxcart-prod",
                " --event-bus oxcart-prod",
            ),
        ] {
            for (at, _) in text.match_indices(command) {
                let after = &text[at + command.len()..];
                assert!(after.starts_with(rest), "{page}: {command} lacks{rest}");
                found += 1;
            }
        }
    }
    assert!(found > 3, "only {found} are found");
}

/// The parameters that a template declares.
fn parameters(template: &str) -> BTreeSet<&str> {
    let (_, rest) = template.split_once("\nParameters:\n").unwrap();
    let section = rest
        .lines()
        .take_while(|it| it.is_empty() || it.starts_with(' '));
    let names = section.filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    names.filter(|name| !name.starts_with(' ')).collect()
}

#[test]
fn the_page_about_operations_names_every_parameter_of_a_service_alone() {
    // Told once for all, below the table, or by what they belong to.
    let told_elsewhere = [
        "Architecture",
        "Tracing",
        "SecretsVersion",
        "Canary",
        "DeletionProtection",
        "AlarmTopic",
        "MailFrom",
        "MailIdentity",
    ];
    let page = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let (_, section) = page.split_once("\n## A service alone\n").unwrap();
    let mut services = 0;
    for file in files_below(&root().join("infra"), "yaml") {
        let service = file.file_stem().unwrap().to_str().unwrap();
        let row = format!("| `{service}` |");
        let Some(row) = section.lines().find(|line| line.starts_with(&row)) else {
            assert_eq!(service, "template", "{service} has no row");
            continue;
        };
        let told: BTreeSet<&str> = codes(row).collect();
        let mut twice = told_elsewhere.iter().filter(|it| told.contains(*it));
        assert_eq!(twice.next(), None, "{service}: it is told elsewhere");
        let template = fs::read_to_string(&file).unwrap();
        let declared = parameters(&template);
        for name in declared.iter().filter(|it| !told_elsewhere.contains(it)) {
            assert!(told.contains(name), "the row of {service} lacks {name}");
        }
        let told = told.into_iter();
        let told = told.filter(|name| name.starts_with(|it: char| it.is_ascii_uppercase()));
        let unknown: Vec<&str> = told.filter(|name| !declared.contains(name)).collect();
        assert!(unknown.is_empty(), "{service} has no {unknown:?}");
        services += 1;
    }
    assert_eq!(services, 6);
}

#[test]
fn the_drawing_has_the_services_and_operations_of_the_templates_and_its_words_name_each_service() {
    let drawing = fs::read_to_string(root().join("docs/oxcart.svg")).unwrap();
    let page = fs::read_to_string(root().join("README.md")).unwrap();
    let instead = page
        .lines()
        .find(|line| line.ends_with("](docs/oxcart.svg)"));
    let instead = instead.unwrap();
    // A table may bear a service's name, but is set otherwise.
    let titles = texts(&drawing, r##"font-weight="700" fill="#24292f""##);
    let names = texts(&drawing, r##"font-weight="400" fill="#24292f""##);
    let parameters = local_shop::Keys::generate().unwrap().parameters("oxcart");
    let shop = local_shop::Shop::load(&root().join("infra"), &parameters).unwrap();
    let services: BTreeSet<&str> = shop.services.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(titles, services);
    let words: BTreeSet<&str> = instead.split(|it: char| !it.is_alphabetic()).collect();
    let untold: Vec<_> = services.difference(&words).collect();
    assert!(untold.is_empty(), "{untold:?} are not told");
    let operations: BTreeSet<&str> = shop.operations().map(|it| it.name.as_str()).collect();
    assert_eq!(names, operations);
}

/// What a drawing writes that is set like this.
fn texts<'d>(drawing: &'d str, set: &str) -> BTreeSet<&'d str> {
    let texts = drawing.lines().filter(|line| line.contains(set));
    let texts = texts.filter_map(|line| line.strip_suffix("</text>")?.rsplit_once('>'));
    texts.map(|(_, text)| text).collect()
}

#[test]
fn deleting_a_shop_deletes_every_parameter_that_its_keys_were_put_into() {
    let page = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let (_, section) = page.split_once("\n## Deleting a shop\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let keys = local_shop::Keys::generate().unwrap();
    let secrets = keys.secrets().map(|(name, _)| name);
    for name in secrets.into_iter().chain([local_shop::keys::PUBLIC_KEYS]) {
        let parameter = format!("/oxcart-dev/{name}");
        assert!(section.contains(&parameter), "{parameter} stays");
    }
}
