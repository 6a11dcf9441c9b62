//! Style sheets, by `lightningcss`.

use crate::paths::shown;
use crate::place::At;
use browserslist::Distrib;
use lightningcss::error::{Error, ErrorLocation};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};
use lightningcss::targets::{Browsers, Targets};
use stamped_build::{BoxError, Draft, Transform};
use std::borrow::Cow;
use std::fmt::Display;
use std::path::Path;

/// Minifies style sheets, and writes what is too new for some browsers in an older way, with prefixes where they
/// are needed.
///
/// What cannot be parsed is an error: a browser would skip it without a word. Rules that are not known, such as
/// `@tailwind`, stay as they are. Comments that begin with `/*!` stay at the top of the file, and `*.min.css` keeps its
/// bytes.
///
/// ```
/// use stamped_build::Pipeline;
/// use stamped_transform::css;
///
/// let pipeline = Pipeline::new("assets").transform_with(css().targets("safari >= 15, chrome >= 100"));
/// ```
#[derive(Clone, Debug)]
pub struct Css {
    pattern: String,
    targets: String,
    minify: bool,
}

/// Minifies style sheets: see [`Css`].
#[must_use]
pub fn css() -> Css {
    Css { pattern: "*.css".to_owned(), targets: "defaults".to_owned(), minify: true }
}

impl Css {
    /// Sets the pattern of the files that are minified. Default: `*.css`.
    ///
    /// ```
    /// let css = stamped_transform::css().files("css/**");
    /// ```
    #[must_use]
    pub fn files(mut self, pattern: impl Into<String>) -> Self {
        self.pattern = pattern.into();
        self
    }

    /// Sets the browsers that have to understand the result, as a query of
    /// [browserslist](https://browsersl.ist). Default: `defaults`, which is every browser with half a percent of
    /// users, the last two versions of each, and Firefox ESR, as they were when this crate was compiled.
    ///
    /// ```
    /// let css = stamped_transform::css().targets("last 2 versions, not dead");
    /// ```
    #[must_use]
    pub fn targets(mut self, query: impl Into<String>) -> Self {
        self.targets = query.into();
        self
    }

    /// Sets whether the output has as little white space as possible. Default: `true`.
    ///
    /// ```
    /// let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    /// let css = stamped_transform::css().minify(is_release);
    /// ```
    #[must_use]
    pub fn minify(mut self, minify: bool) -> Self {
        self.minify = minify;
        self
    }

    fn browsers(&self) -> Result<Browsers, BoxError> {
        let browsers = browserslist::resolve([&self.targets], &browserslist::Opts::default());
        match browsers {
            Ok(browsers) => Ok(oldest(&browsers)),
            Err(error) => {
                Err(format!("the targets `{}` make no sense: {error}", self.targets).into())
            }
        }
    }
}

impl Transform for Css {
    fn pattern(&self) -> &str {
        &self.pattern
    }

    fn fingerprint(&self) -> Option<String> {
        // What a query means depends on the day.
        Some(format!("{:?} {}", self.browsers().ok()?, self.minify))
    }

    fn apply(&self, draft: &mut Draft) -> Result<(), BoxError> {
        if draft.name().ends_with(".min.css") {
            return Ok(());
        }
        let targets = Targets::from(self.browsers()?);
        let text = str::from_utf8(draft.bytes()).map_err(|_| "it is not UTF-8")?;
        // To the parser, the mark is a part of the first selector.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let path = shown(draft.path());
        let css = self.transform(&without_charset(text), &path, targets)?;
        draft.set_bytes(css);
        Ok(())
    }
}

impl Css {
    fn transform(&self, text: &str, path: &str, targets: Targets) -> Result<String, BoxError> {
        let options = ParserOptions { filename: path.to_owned(), ..ParserOptions::default() };
        let mut sheet = StyleSheet::parse(text, options).map_err(|error| located(error, text))?;
        let options = MinifyOptions { targets, ..MinifyOptions::default() };
        sheet.minify(options).map_err(|error| located(error, text))?;
        let options = PrinterOptions { minify: self.minify, targets, ..PrinterOptions::default() };
        Ok(sheet.to_css(options).map_err(|error| located(error, text))?.code)
    }
}

/// The text with blanks in the place of `@charset`, which says nothing of UTF-8, and would hide the licence behind it.
fn without_charset(text: &str) -> Cow<'_, str> {
    let rule = "@charset";
    let is_there = text.get(..rule.len()).is_some_and(|start| start.eq_ignore_ascii_case(rule));
    match text.find(';').filter(|_| is_there) {
        Some(end) => format!("{}{}", " ".repeat(end + 1), &text[end + 1..]).into(),
        None => text.into(),
    }
}

/// The error as compilers show it.
fn located(error: Error<impl Display>, text: &str) -> BoxError {
    let Error { kind, loc } = error;
    let Some(ErrorLocation { filename, line, column }) = loc else {
        return kind.to_string().into();
    };
    let line_text = text.lines().nth(line as usize).unwrap_or_default();
    // The parser counts units of UTF-16.
    let mut units = column.saturating_sub(1) as usize;
    let before = line_text.chars().take_while(|c| match units.checked_sub(c.len_utf16()) {
        Some(left) => {
            units = left;
            true
        }
        None => false,
    });
    let place = (line as usize + 1, before.count() + 1);
    At::new(kind.to_string(), shown(Path::new(&filename)), place, line_text, 1).into()
}

/// The oldest version of each browser.
fn oldest(browsers: &[Distrib]) -> Browsers {
    let mut oldest = Browsers::default();
    for browser in browsers {
        let place = match browser.name() {
            "android" => &mut oldest.android,
            "chrome" | "and_chr" => &mut oldest.chrome,
            "edge" => &mut oldest.edge,
            "firefox" | "and_ff" => &mut oldest.firefox,
            "ie" => &mut oldest.ie,
            "ios_saf" => &mut oldest.ios_saf,
            "opera" | "op_mob" => &mut oldest.opera,
            "safari" => &mut oldest.safari,
            "samsung" => &mut oldest.samsung,
            // The others are of these families, or `lightningcss` does not know them.
            _ => continue,
        };
        let Some(version) = version(browser.version()) else { continue };
        *place = Some(place.map_or(version, |known| known.min(version)));
    }
    oldest
}

/// A version such as `15.2-15.3`, of which the first counts, as `lightningcss` writes it: a byte each for major,
/// minor and patch. `None` for names, such as that of a preview.
fn version(text: &str) -> Option<u32> {
    let mut parts = text.split('-').next()?.split('.').map(|part| part.parse::<u8>().ok());
    let major = parts.next()??;
    let mut rest = || parts.next().flatten().unwrap_or_default();
    Some(u32::from_be_bytes([0, major, rest(), rest()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_browser_the_oldest_version_counts() {
        let browsers = css().targets(
            "safari 15.4, safari 16.0, ios_saf 15.2-15.3, and_chr 150, chrome 100, safari TP",
        );
        let expected = Browsers {
            safari: Some(15 << 16 | 4 << 8),
            ios_saf: Some(15 << 16 | 2 << 8),
            chrome: Some(100 << 16),
            ..Browsers::default()
        };
        match browsers.browsers() {
            Ok(found) => assert_eq!(found, expected),
            // The version of a phone's Chrome is that of the day.
            Err(error) => assert!(error.to_string().contains("and_chr"), "{error}"),
        }
        let error = css().targets("netscape 4").browsers().unwrap_err().to_string();
        assert_eq!(error, "the targets `netscape 4` make no sense: unknown browser: 'netscape'");
    }
}
