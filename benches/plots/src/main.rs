//! Draws the tables that grow with the number of assets.
//!
//!     cargo run --release --manifest-path benches/Cargo.toml -p plots -- FIGURES.jsonl FOLDER

mod plot;

use plot::{Plot, Series};
use serde_json::Value;
use std::path::Path;

/// The tables that are drawn, and the files that show them.
const PLOTS: [(&str, &str); 6] = [
    ("lookups/url-hit", "lookup-url.svg"),
    ("lookups/resolve-exact", "lookup-resolve.svg"),
    ("builds/release-cold-time", "build-release.svg"),
    ("builds/debug-changed-time", "build-changed.svg"),
    ("builds/release-cold-memory", "build-memory.svg"),
    ("script/time", "script.svg"),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [figures, folder] = &*arguments else {
        eprintln!("usage: plots FIGURES.jsonl FOLDER");
        std::process::exit(2);
    };
    let lines = std::fs::read_to_string(figures).unwrap();
    let figures: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    std::fs::create_dir_all(folder).unwrap();
    for (table, file) in PLOTS {
        match read(&figures, table) {
            Some(plot) => plot.draw(&Path::new(folder).join(file)),
            None => eprintln!("no figures for {table}"),
        }
    }
}

/// The plot of a table whose columns begin with a number. A number that was measured twice counts as
/// it was the last time.
fn read(figures: &[Value], table: &str) -> Option<Plot> {
    let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
    let mut plot: Option<Plot> = None;
    for line in figures.iter().filter(|line| line["table"] == table) {
        let plot = plot.get_or_insert_with(|| Plot {
            title: format!("{} ({})", text(line, "title").replace('`', ""), text(line, "unit")),
            series: Vec::new(),
        });
        let column = text(line, "column");
        let digits: String = column.chars().take_while(char::is_ascii_digit).collect();
        let (Ok(x), Some(y)) = (digits.parse(), line["value"].as_f64()) else { continue };
        let name = text(line, "row").replace('`', "");
        let at = plot.series.iter().position(|series| series.name == name).unwrap_or_else(|| {
            plot.series.push(Series { name, points: Vec::new() });
            plot.series.len() - 1
        });
        let points = &mut plot.series[at].points;
        points.retain(|&(known, _)| known != x);
        points.push((x, y));
    }
    plot
}
