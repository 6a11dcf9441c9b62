//! What came out, framework by question.

use std::fmt;

/// A cell per question and framework.
#[derive(Debug, Default)]
pub struct Table {
    columns: Vec<&'static str>,
    rows: Vec<(String, Vec<String>)>,
}

impl Table {
    /// Begins the column of a framework.
    pub fn column(&mut self, name: &'static str) {
        self.columns.push(name);
    }

    /// Adds a cell to the last column.
    pub fn cell(&mut self, question: &str, cell: String) {
        match self.rows.iter_mut().find(|(name, _)| name == question) {
            Some((_, cells)) => cells.push(cell),
            None => self.rows.push((question.to_owned(), vec![cell])),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        write!(f, "{:first$}", "")?;
        for column in &self.columns {
            write!(f, "  {column:10}")?;
        }
        for (name, cells) in &self.rows {
            write!(f, "\n{name:first$}")?;
            for cell in cells {
                write!(f, "  {cell:10}")?;
            }
        }
        writeln!(f)
    }
}
