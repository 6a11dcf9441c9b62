//! `stamped report`: what becomes of a folder.

use crate::build::say;
use crate::options;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use stamped_build::{Asset, Bundle, Coding, Kind};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

pub(crate) fn command() -> Command {
    let about = "Tells stamps, sizes, encodings and references of all assets";
    options::add(Command::new("report").about(about)).arg(
        Arg::new("json")
            .long("json")
            .action(ArgAction::SetTrue)
            .help("Report in JSON, sizes in bytes"),
    )
}

/// Prints the report.
pub(crate) fn run(arguments: &ArgMatches) -> Result<(), String> {
    let bundle = options::bundle(arguments, true)?;
    let only = arguments.get_many::<String>("only").is_some();
    say(&if arguments.get_flag("json") { json(&bundle, only) } else { table(&bundle, only) })
}

/// Why an asset has no stamp.
fn unstamped(asset: &Asset, only: bool) -> Option<&'static str> {
    match asset.kind() {
        Kind::Stamped => None,
        Kind::Prestamped => Some("a bundler has stamped it"),
        Kind::Plain if only => Some("its name is kept, or its extension is not in --only"),
        Kind::Plain => Some("its name is kept"),
    }
}

/// How many bytes a visitor downloads, at best.
fn smallest(asset: &Asset) -> usize {
    asset.encodings().map(|(_, bytes)| bytes.len()).min().unwrap_or(asset.bytes().len())
}

fn json(bundle: &Bundle, only: bool) -> String {
    let assets = bundle.assets();
    let rows: Vec<_> = assets
        .iter()
        .map(|asset| {
            let encodings: serde_json::Map<_, _> = asset
                .encodings()
                .map(|(coding, bytes)| (coding.token().to_owned(), bytes.len().into()))
                .collect();
            json!({
                "name": asset.name(),
                "url": asset.url(),
                "stamp": asset.stamp(),
                "unstamped": unstamped(asset, only),
                "type": asset.content_type(),
                "size": asset.bytes().len(),
                "encodings": encodings,
                "references": bundle.references(asset).map(Asset::name).collect::<Vec<_>>(),
            })
        })
        .collect();
    let report = json!({
        "mount": if bundle.mount().is_empty() { "/" } else { bundle.mount() },
        "assets": rows,
        "total": {
            "assets": assets.len(),
            "stamped": assets.iter().filter(|asset| asset.stamp().is_some()).count(),
            "size": assets.iter().map(|asset| asset.bytes().len()).sum::<usize>(),
            "smallest": assets.iter().map(smallest).sum::<usize>(),
        },
        "warnings": bundle.warnings(),
    });
    format!("{report}\n")
}

fn table(bundle: &Bundle, only: bool) -> String {
    let assets = bundle.assets();
    let mut codings: Vec<Coding> =
        assets.iter().flat_map(|asset| asset.encodings().map(|(coding, _)| coding)).collect();
    codings.sort_unstable_by_key(|coding| coding.token());
    codings.dedup();

    let mut head = vec!["NAME".to_owned(), "STAMP".to_owned(), "SIZE".to_owned()];
    head.extend(codings.iter().map(|coding| coding.token().to_uppercase()));
    head.push("REFS".to_owned());
    let mut rows = vec![head];
    for asset in assets {
        let size = asset.bytes().len();
        let mut row =
            vec![visible(asset.name()), asset.stamp().unwrap_or("-").to_owned(), grouped(size)];
        row.extend(codings.iter().map(|&wanted| {
            let encoded = asset.encodings().find(|&(coding, _)| coding == wanted);
            encoded.map_or_else(|| "-".to_owned(), |(_, bytes)| saved(bytes.len(), size))
        }));
        row.push(bundle.references(asset).count().to_string());
        rows.push(row);
    }
    let mut text = aligned(&rows);

    let reasons: Vec<(&Asset, &str)> =
        assets.iter().filter_map(|asset| Some((asset, unstamped(asset, only)?))).collect();
    if !reasons.is_empty() {
        text.push_str("\nNot stamped:\n");
    }
    for &(asset, reason) in &reasons {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {}: {reason}", visible(asset.name()));
    }
    if !bundle.warnings().is_empty() {
        text.push_str("\nWarnings:\n");
    }
    for warning in bundle.warnings() {
        let _ = writeln!(text, "  {}", visible(warning));
    }

    let size = assets.iter().map(|asset| asset.bytes().len()).sum();
    let smallest = assets.iter().map(smallest).sum();
    let _ = writeln!(
        text,
        "\n{} assets, {} of them stamped: {} bytes, compressed {}",
        assets.len(),
        assets.len() - reasons.len(),
        grouped(size),
        saved(smallest, size),
    );
    text
}

/// Columns, two spaces apart: the first to the left, the others to the right. Widths are those of a
/// terminal, where many characters take two places.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let space = " ".repeat(width.saturating_sub(cell.width()));
            // Writing to a string does not fail.
            let _ = match column {
                0 => write!(text, "{cell}{space}"),
                _ => write!(text, "  {space}{cell}"),
            };
        }
        text.push('\n');
    }
    text
}

/// A length and how much smaller it is: `400 -68%`. The share is rounded down, so that nothing is
/// praised too much.
fn saved(length: usize, of: usize) -> String {
    let percent = of.saturating_sub(length).saturating_mul(100).checked_div(of).unwrap_or(0);
    format!("{} {:>4}", grouped(length), format!("-{percent}%"))
}

/// `1234567` as `1,234,567`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Without characters that would move the cursor or turn the text around.
fn visible(text: &str) -> String {
    let is_invisible = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if is_invisible(c) => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_names_do_not_break_the_alignment() {
        let rows = [["NAME", "SIZE"], ["图片.png", "1"], ["a.png", "1,000"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        let text = aligned(&rows);
        assert_eq!(text, "NAME       SIZE\n图片.png      1\na.png     1,000\n");
        let widths: Vec<usize> = text.lines().map(UnicodeWidthStr::width).collect();
        assert_eq!(widths, [15, 15, 15]);
    }

    #[test]
    fn numbers_are_grouped_and_savings_rounded_down() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(saved(400, 1234), "400 -67%");
        assert_eq!(saved(0, 0), "0  -0%");
        assert_eq!(saved(9, 1000), "9 -99%");
    }

    #[test]
    fn a_name_cannot_move_the_cursor() {
        assert_eq!(visible("a\n\u{1b}[2J\u{202e}空"), r"a\n\u{1b}[2J\u{202e}空");
    }
}
