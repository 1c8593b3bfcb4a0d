//! The page that explains the problems.

use std::{collections::BTreeSet, path::Path};

use edge::Slug;

fn page() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/problems.md");
    std::fs::read_to_string(page).unwrap()
}

/// The slugs of the page's sections.
pub(super) fn sections() -> BTreeSet<String> {
    let mut sections = BTreeSet::new();
    // Sections stand in groups, whose headings are one level higher.
    for section in page()
        .split("\n## ")
        .flat_map(|group| group.split("\n### ").skip(1))
    {
        let (slug, text) = section.split_once('\n').unwrap();
        assert!(!text.trim().is_empty(), "{slug} is not explained");
        let is_new = sections.insert(slug.trim().to_owned());
        assert!(is_new, "{slug} has two sections");
    }
    sections
}

#[test]
fn every_problem_has_a_section_in_its_page_and_every_section_a_problem() {
    let slugs = Slug::ALL.iter().map(|slug| slug.as_str().to_owned());
    assert_eq!(sections(), slugs.collect());
}

#[test]
fn the_pages_table_and_its_sections_have_every_problem_in_order_with_its_status() {
    let page = page();
    let rows = page.lines().filter(|line| line.starts_with("| [`"));
    let row = |slug: &Slug| {
        let (slug, status) = (slug.as_str(), slug.status().as_u16());
        format!("| [`{slug}`](#{slug}) | {status} |")
    };
    let wanted: Vec<String> = Slug::ALL.iter().map(row).collect();
    assert_eq!(rows.collect::<Vec<_>>(), wanted);
    let mut at = 0;
    for slug in Slug::ALL {
        let section = format!("\n### {}\n\n**{}", slug.as_str(), slug.status().as_u16());
        let found = page[at..].find(&section);
        at += found.unwrap_or_else(|| panic!("{section} is not there, or too early"));
    }
}
