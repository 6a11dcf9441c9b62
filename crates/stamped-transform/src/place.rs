//! Errors that show the line, as compilers do.

use std::fmt;

/// How many characters of a line are shown. Of a longer one, those around the place are.
const WIDTH: usize = 120;

/// An error at a place in a text.
#[derive(Debug)]
pub(crate) struct At {
    message: String,
    path: String,
    /// From 1.
    line: usize,
    /// In characters, from 1.
    column: usize,
    text: String,
    /// How many characters are marked, at least one.
    length: usize,
    help: Option<String>,
}

impl At {
    /// `text` is the whole line, and `length` the number of characters that the error is about.
    pub(crate) fn new(
        message: impl Into<String>,
        path: String,
        (line, column): (usize, usize),
        text: &str,
        length: usize,
    ) -> Self {
        let message = message.into().trim_end_matches('.').to_owned();
        let text = text.trim_end_matches(['\r', '\n']).to_owned();
        At { message, path, line, column, text, length, help: None }
    }

    #[cfg(any(feature = "js", feature = "sass"))]
    pub(crate) fn help(mut self, help: Option<impl Into<String>>) -> Self {
        self.help = help.map(Into::into);
        self
    }
}

impl std::error::Error for At {}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let At { message, path, line, column, text, length, help } = self;
        let skipped = match text.chars().count() > WIDTH {
            true => column.saturating_sub(WIDTH / 2),
            false => 0,
        };
        // Tabs would shift the mark.
        let one_wide = |c: char| if c.is_control() { ' ' } else { c };
        let shown: String = text.chars().skip(skipped).take(WIDTH).map(one_wide).collect();
        let before = column.saturating_sub(1 + skipped).min(WIDTH);
        let marks = (*length).clamp(1, (WIDTH - before).max(1));
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        writeln!(f, "{message}")?;
        writeln!(f, "{margin}--> {path}:{line}:{column}")?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{number} | {}", shown.trim_end())?;
        write!(f, "{margin} | {}{}", " ".repeat(before), "^".repeat(marks))?;
        match help {
            Some(help) => write!(f, "\n{margin} = help: {help}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_marked_in_its_line() {
        let text = "\ta { color red }\r\n";
        let error = At::new("expected a colon.", "css/a.css".into(), (12, 12), text, 3);
        let expected = "\
expected a colon
  --> css/a.css:12:12
   |
12 |  a { color red }
   |            ^^^";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn of_a_long_line_only_what_is_around_the_place_is_shown() {
        let text = format!("{}here{}", "x".repeat(5000), "y".repeat(5000));
        let error = At::new("no", "a.js".into(), (1, 5001), &text, 9999).to_string();
        let lines: Vec<&str> = error.lines().collect();
        let (shown, marks) = (lines[3], lines[4]);
        assert!(shown.len() < 140 && marks.len() <= shown.len(), "{error}");
        assert_eq!(shown.find("here"), marks.find('^'));
        // A place behind the end of the line is no panic.
        At::new("no", String::new(), (1, 900), "short", 0).to_string();
    }
}
