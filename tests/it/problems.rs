//! The page that explains the problems.

use std::{collections::BTreeSet, path::Path};

use edge::Slug;

#[test]
fn every_problem_has_a_section_in_its_page_and_every_section_a_problem() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/problems.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut sections = BTreeSet::new();
    for section in page.split("\n## ").skip(1) {
        let (slug, text) = section.split_once('\n').unwrap();
        assert!(!text.trim().is_empty(), "{slug} is not explained");
        assert!(sections.insert(slug.trim()), "{slug} has two sections");
    }
    let slugs: BTreeSet<&str> = Slug::ALL.iter().map(|slug| slug.as_str()).collect();
    assert_eq!(sections, slugs);
}
