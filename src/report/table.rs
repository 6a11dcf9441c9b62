//! The report as a table, for a terminal.

use super::model::{Report, Row, Total};
use stamped::Coding;
use stamped::files::visible;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

pub(crate) fn of(report: &Report<'_>) -> String {
    let mut codings: Vec<Coding> = report
        .rows
        .iter()
        .flat_map(|row| row.encodings.iter().map(|&(coding, _)| coding))
        .collect();
    codings.sort_unstable_by_key(|coding| coding.token());
    codings.dedup();

    let mut head = vec!["NAME".to_owned(), "STAMP".to_owned(), "SIZE".to_owned()];
    head.extend(codings.iter().map(|coding| coding.token().to_uppercase()));
    head.push("REFS".to_owned());
    let mut lines = vec![head];
    for row in &report.rows {
        let mut line = vec![
            visible(row.name).into_owned(),
            row.stamp.unwrap_or("-").to_owned(),
            grouped(row.size),
        ];
        line.extend(codings.iter().map(|&wanted| {
            let encoded = row.encodings.iter().find(|&&(coding, _)| coding == wanted);
            encoded.map_or_else(|| "-".to_owned(), |&(_, size)| saved(size, row.size))
        }));
        line.push(row.references.len().to_string());
        lines.push(line);
    }
    let mut text = aligned(&lines);

    let reasons: Vec<(&Row<'_>, &str)> =
        report.rows.iter().filter_map(|row| Some((row, row.unstamped?))).collect();
    if !reasons.is_empty() {
        text.push_str("\nNot stamped:\n");
    }
    for (row, reason) in reasons {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {}: {reason}", visible(row.name));
    }
    if !report.warnings.is_empty() {
        text.push_str("\nWarnings:\n");
    }
    for warning in report.warnings {
        let _ = writeln!(text, "  {}", visible(warning));
    }
    let _ = writeln!(text, "\n{}", totals(&report.total()));
    for (what, counted) in [("earlier versions", report.versions), ("deltas", report.deltas)] {
        if let (count @ 1.., size) = counted {
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            let _ = writeln!(text, "{} {what}: {} bytes", grouped(count), grouped(size));
        }
    }
    text
}

/// The totals in one line.
pub(crate) fn totals(total: &Total) -> String {
    format!(
        "{} assets, {} of them stamped: {} bytes, compressed {}",
        grouped(total.assets),
        grouped(total.stamped),
        grouped(total.size),
        saved(total.smallest, total.size),
    )
}

/// Aligns columns, two spaces apart: the first to the left, the others to the right. Widths are those of
/// a terminal, where many characters take two cells.
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

/// A length and what it saves: `400 -68%`.
fn saved(length: usize, of: usize) -> String {
    let saving = match percent(length, of) {
        0 => "0%".to_owned(),
        percent => format!("-{percent}%"),
    };
    format!("{} {saving:>4}", grouped(length))
}

/// What a length saves, in percent, rounded down so that the report never claims too much.
pub(crate) fn percent(length: usize, of: usize) -> usize {
    of.saturating_sub(length).saturating_mul(100).checked_div(of).unwrap_or(0)
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(number: usize) -> String {
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
        assert_eq!(saved(0, 0), "0   0%");
        assert_eq!(saved(999, 1000), "999   0%");
        assert_eq!(saved(9, 1000), "9 -99%");
    }

    #[test]
    fn a_name_cannot_move_the_cursor() {
        assert_eq!(visible("a\n\u{1b}[2J\u{202e}空"), r"a\n\u{1b}[2J\u{202e}空");
    }
}
