//! The pages of the documentation, as tests hold them against what is.

use std::path::{Path, PathBuf};

/// The root of the clone.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What a line of a page, or a cell of a table, sets as code.
pub fn codes(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The cells of a line of a table, between what stands before its first bar and after its last.
fn cells(line: &str) -> Vec<&str> {
    line.split('|').map(str::trim).collect()
}

/// The rows of the table whose first column is called so, without its head and the rule beneath.
pub fn rows<'p>(page: &'p str, first: &str) -> Vec<Vec<&'p str>> {
    let from_head = page.lines().map(cells);
    let from_head = from_head.skip_while(|row| row.get(1) != Some(&first));
    from_head.take_while(|row| row.len() > 2).skip(2).collect()
}
