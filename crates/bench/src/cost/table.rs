//! Tables for people, in Markdown, so that a page can have them as they are printed.

use std::fmt;

/// A table whose first column is text and whose others are numbers.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub fn with(columns: &[&str]) -> Self {
        let head = columns.iter().map(|&column| column.to_owned());
        Self {
            rows: vec![head.collect()],
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The widest cell of a column.
    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, row) in self.rows.iter().enumerate() {
            for (column, cell) in row.iter().enumerate() {
                let width = self.width(column);
                if column == 0 {
                    write!(f, "| {cell:<width$} ")?;
                } else {
                    write!(f, "| {cell:>width$} ")?;
                }
            }
            writeln!(f, "|")?;
            if number == 0 {
                for column in 0..row.len() {
                    let line = "-".repeat(self.width(column));
                    let colon = if column == 0 { "-" } else { ":" };
                    write!(f, "|-{line}{colon}")?;
                }
                writeln!(f, "|")?;
            }
        }
        Ok(())
    }
}

/// A number as people read it: three digits that matter, or as many as it has before the point.
pub fn number(number: f64) -> String {
    match number {
        0.0 => "0".to_owned(),
        n if n >= 99.5 => format!("{n:.0}"),
        n if n >= 9.95 => format!("{n:.1}"),
        n if n >= 0.1 => format!("{n:.2}"),
        n => format!("{n:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::with(&["line", "$"]);
        table.row(["requests".to_owned(), "0.62".to_owned()]);
        table.row(["€".to_owned(), "12".to_owned()]);
        let expected = "\
            | line     |    $ |\n\
            |----------|-----:|\n\
            | requests | 0.62 |\n\
            | €        |   12 |\n";
        assert_eq!(table.to_string(), expected);
    }

    #[test]
    fn numbers_have_the_digits_that_matter() {
        let expected = [
            (0.0, "0"),
            (0.000_13, "0.0001"),
            (0.25, "0.25"),
            (1.444, "1.44"),
            (12.34, "12.3"),
            (99.6, "100"),
            (1234.4, "1234"),
        ];
        for (is, shown) in expected {
            assert_eq!(number(is), shown);
        }
    }
}
