//! Prints tables of measurements as Markdown, and keeps them as lines of JSON for plots.

use serde_json::json;
use std::io::Write as _;

/// Names the file to which [`Table::print`] appends.
pub const VARIABLE: &str = "STAMPED_FIGURES";

/// Measurements of several contestants in several situations.
#[derive(Clone, Debug)]
pub struct Table {
    id: String,
    title: String,
    unit: String,
    columns: Vec<String>,
    rows: Vec<(String, Vec<Option<f64>>)>,
}

impl Table {
    /// A table known to plots as `id`, such as `lookups/url`.
    pub fn new<C: ToString>(id: &str, title: &str, unit: &str, columns: &[C]) -> Self {
        Table {
            id: id.to_owned(),
            title: title.to_owned(),
            unit: unit.to_owned(),
            columns: columns.iter().map(ToString::to_string).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds what one contestant needed, a number for each column; `None` where it cannot take part.
    pub fn row(&mut self, contestant: &str, values: impl IntoIterator<Item = Option<f64>>) {
        self.rows.push((contestant.to_owned(), values.into_iter().collect()));
    }

    /// Prints the table, and appends it to the file that [`VARIABLE`] names, a line per number.
    pub fn print(&self) {
        println!("\n{} ({})\n", self.title, self.unit);
        println!("| | {} |", self.columns.join(" | "));
        println!("|---|{}", "---:|".repeat(self.columns.len()));
        for (contestant, values) in &self.rows {
            let cells: Vec<String> = values.iter().copied().map(cell).collect();
            println!("| {contestant} | {} |", cells.join(" | "));
        }
        let Some(path) = std::env::var_os(VARIABLE) else { return };
        let mut file = std::fs::File::options().create(true).append(true).open(path).unwrap();
        for (contestant, values) in &self.rows {
            for (column, value) in self.columns.iter().zip(values) {
                let line = json!({
                    "table": self.id, "title": self.title, "unit": self.unit,
                    "row": contestant, "column": column, "value": value,
                });
                writeln!(file, "{line}").unwrap();
            }
        }
    }
}

/// Three digits that count.
fn cell(value: Option<f64>) -> String {
    match value {
        None => "–".to_owned(),
        Some(value) if value >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        Some(value) if value >= 10.0 => format!("{value:.1}"),
        Some(value) => format!("{value:.2}"),
    }
}

/// Lets contestants measure themselves in turns, so that a slow moment of the machine hits them
/// alike, and returns the median of each.
pub fn medians<'a>(rounds: usize, contestants: &mut [Box<dyn FnMut() -> f64 + 'a>]) -> Vec<f64> {
    let mut measured = vec![Vec::with_capacity(rounds); contestants.len()];
    for _ in 0..rounds {
        for (contestant, measured) in contestants.iter_mut().zip(&mut measured) {
            measured.push(contestant());
        }
    }
    measured.iter_mut().map(|measured| median(measured)).collect()
}

/// The value in the middle.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
