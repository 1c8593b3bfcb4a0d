//! A part of a file that is written, between two marks. What stands around it is by hand and stays.

/// Two lines that are comments in their kind of file.
#[derive(Clone, Copy)]
pub enum Marks {
    Toml,
    Yaml,
    Rust,
    Markdown,
}

impl Marks {
    /// The text with this part between its marks; `None` if it has no marks.
    pub fn fill(self, text: &str, part: &str) -> Option<String> {
        let (begin, end) = (self.begin(), self.end());
        let (before, rest) = text.split_once(&begin)?;
        let (_, after) = rest.split_once(&end)?;
        Some(format!("{before}{begin}{part}{end}{after}"))
    }

    /// The line before the part.
    pub fn begin(self) -> String {
        self.comment(
            ">>> Written by `cargo shop sync` from infra/. Change the templates, not this.",
        )
    }

    /// The line behind it.
    pub fn end(self) -> String {
        self.comment("<<<")
    }

    fn comment(self, text: &str) -> String {
        match self {
            Self::Toml | Self::Yaml => format!("# {text}\n"),
            Self::Rust => format!("// {text}\n"),
            Self::Markdown => format!("<!-- {text} -->\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_the_part_stays() {
        for marks in [Marks::Toml, Marks::Yaml, Marks::Rust, Marks::Markdown] {
            let (begin, end) = (marks.begin(), marks.end());
            let before = format!("mine\n{begin}old\n{end}mine too\n");
            let after = marks.fill(&before, "new\n").unwrap();
            assert_eq!(after, format!("mine\n{begin}new\n{end}mine too\n"));
            assert_eq!(marks.fill(&after, "new\n"), Some(after));
        }
    }

    #[test]
    fn without_both_marks_there_is_no_place() {
        let (begin, end) = (Marks::Rust.begin(), Marks::Rust.end());
        for text in [String::new(), begin.clone(), end.clone(), end + &begin] {
            assert_eq!(Marks::Rust.fill(&text, "new\n"), None, "{text}");
        }
    }
}
