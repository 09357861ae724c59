//! Tables for people.

use std::fmt;

use comfy_table::{CellAlignment, Table as Grid, presets};

/// A column: its heading, and on which side its cells stand.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    /// Text.
    Left(&'static str),
    /// Numbers.
    Right(&'static str),
}

/// Rows under headings.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    columns: &'static [Column],
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub(crate) fn new(columns: &'static [Column]) -> Self {
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    /// Appends a row, a cell for each column.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut grid = Grid::new();
        grid.load_preset(presets::NOTHING);
        grid.set_header(self.columns.iter().map(|column| match column {
            Column::Left(name) | Column::Right(name) => *name,
        }));
        for row in &self.rows {
            grid.add_row(row.iter().map(|cell| plain(cell)));
        }
        for (at, column) in self.columns.iter().enumerate() {
            if let Some(target) = grid.column_mut(at) {
                // Two blanks between columns, none before the first.
                target.set_padding((0, 2));
                target.set_cell_alignment(match column {
                    Column::Left(_) => CellAlignment::Left,
                    Column::Right(_) => CellAlignment::Right,
                });
            }
        }
        for line in grid.to_string().lines() {
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Names with their values, one below the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pairs(pub(crate) Vec<(&'static str, String)>);

impl fmt::Display for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in &self.0 {
            writeln!(
                f,
                "{}",
                format!("{name:<width$}  {}", plain(value)).trim_end()
            )?;
        }
        Ok(())
    }
}

/// Text of others must not move the cursor or colour the screen.
fn plain(text: &str) -> String {
    if text.chars().any(char::is_control) {
        text.escape_debug().to_string()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align() {
        let mut table = Table::new(&[Column::Left("name"), Column::Right("amount")]);
        table.row(["a".to_owned(), "1.00".to_owned()]);
        table.row(["longer name".to_owned(), "1,000.00".to_owned()]);
        table.row(["\u{1b}[31m".to_owned(), String::new()]);
        assert_eq!(
            table.to_string(),
            "name           amount\n\
             a                1.00\n\
             longer name  1,000.00\n\
             \\u{1b}[31m\n"
        );
    }

    #[test]
    fn pairs_align() {
        let pairs = Pairs(vec![("a", "1".to_owned()), ("name", String::new())]);
        assert_eq!(pairs.to_string(), "a     1\nname\n");
    }
}
