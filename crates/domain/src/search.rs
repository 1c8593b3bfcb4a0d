//! Finding products by words.

/// Words somebody looks for: each must begin a word of a product's title or category, letter case ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchWords(Vec<String>);

impl SearchWords {
    /// The words of `query`. A query without a letter or digit looks for nothing and matches all.
    pub fn parse(query: &str) -> Self {
        Self(words(query).collect())
    }

    /// Whether every word is found.
    pub fn match_product(&self, title: &str, category: Option<&str>) -> bool {
        self.0.iter().all(|wanted| {
            words(title)
                .chain(words(category.unwrap_or_default()))
                .any(|word| word.starts_with(wanted.as_str()))
        })
    }
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_matches_by_prefix_ignoring_case() {
        let found =
            |query| SearchWords::parse(query).match_product("Blue Coffee-Mug", Some("kitchen"));
        assert!(found("mug"));
        assert!(found("COF blu"));
        assert!(found("kit mug"));
        assert!(found(""));
        assert!(found("--"));
        assert!(!found("mug red"));
        assert!(!found("ug"));
    }
}
