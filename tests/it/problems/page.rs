//! The page that explains the problems.

use std::{collections::BTreeSet, path::Path};

use edge::Slug;

/// The slugs of the page's sections.
pub(super) fn sections() -> BTreeSet<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/problems.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut sections = BTreeSet::new();
    for section in page.split("\n## ").skip(1) {
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
