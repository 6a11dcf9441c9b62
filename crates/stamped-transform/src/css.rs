//! Style sheets, by `lightningcss`.

use crate::paths::{file_name, shown};
use crate::place::At;
use crate::source_map;
use browserslist::Distrib;
use lightningcss::error::{Error, ErrorLocation};
use lightningcss::printer::Printer;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};
use lightningcss::targets::{Browsers, Targets};
use lightningcss::traits::ToCss as _;
use parcel_sourcemap::{Mapping, SourceMap, SourceMapError};
use stamped_build::{BoxError, Draft, Transform};
use std::borrow::Cow;
use std::fmt::{self, Display};

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
    source_map: bool,
}

/// Minifies style sheets: see [`Css`].
#[must_use]
pub fn css() -> Css {
    Css {
        pattern: "*.css".to_owned(),
        targets: "defaults".to_owned(),
        minify: true,
        source_map: false,
    }
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

    /// Sets whether each style sheet gets a source map, `app.css.map`, with the source in it. Default: `false`, because
    /// everybody can read it.
    ///
    /// It leads from each rule to the place of the rule in the file that this transformation gets. That is what `sass`
    /// has made of a file of Sass, because `grass` makes no source maps.
    ///
    /// Stamps in references shift what follows on the same line. A minified style sheet is one line, so its map is
    /// exact only up to the first reference.
    ///
    /// ```
    /// let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    /// let css = stamped_transform::css().minify(is_release).source_map(!is_release);
    /// ```
    #[must_use]
    pub fn source_map(mut self, source_map: bool) -> Self {
        self.source_map = source_map;
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
        Some(format!("{:?} {} {}", self.browsers().ok()?, self.minify, self.source_map))
    }

    fn apply(&self, draft: &mut Draft) -> Result<(), BoxError> {
        if draft.name().ends_with(".min.css") {
            return Ok(());
        }
        let targets = Targets::from(self.browsers()?);
        let text = str::from_utf8(draft.bytes()).map_err(|_| "it is not UTF-8")?;
        // To the parser, the mark is a part of the first selector.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let sheet = Sheet { text, path: shown(draft.path()), name: file_name(draft.name()) };
        let Made { mut code, map } = self.transform(&sheet, targets)?;
        if let Some(map) = map {
            let name = draft.name().to_owned();
            source_map::add(draft, &name, map, &mut code, ["/*", " */"]);
        }
        draft.set_bytes(code);
        Ok(())
    }
}

/// What is minified.
struct Sheet<'a> {
    text: &'a str,
    path: String,
    /// The last part of its name.
    name: &'a str,
}

struct Made {
    code: String,
    map: Option<String>,
}

impl Css {
    fn transform(&self, sheet: &Sheet<'_>, targets: Targets) -> Result<Made, BoxError> {
        let text = without_charset(sheet.text);
        let mut rules = StyleSheet::parse(&text, ParserOptions::default())
            .map_err(|error| sheet.located(error))?;
        let options = MinifyOptions { targets, ..MinifyOptions::default() };
        rules.minify(options).map_err(|error| sheet.located(error))?;
        let mut printed = Printed::new(&rules.license_comments);
        let mut map = self.source_map.then(|| SourceMap::new("/"));
        let options = PrinterOptions {
            minify: self.minify,
            targets,
            source_map: map.as_mut(),
            ..PrinterOptions::default()
        };
        let mut printer = Printer::new(&mut printed, options);
        let is_printed = rules.rules.to_css(&mut printer).and_then(|()| printer.newline());
        is_printed.map_err(|error| sheet.located(error))?;
        let map = map.map(|map| printed.map(&map, sheet)).transpose()?;
        Ok(Made { code: printed.code, map })
    }
}

/// The result, and where its lines begin as far as the printer knows. It does not look for ends of lines in what it
/// copies from the source, and it counts bytes.
struct Printed {
    code: String,
    lines: Vec<usize>,
}

impl Printed {
    fn new(licenses: &[impl AsRef<str>]) -> Self {
        let code: String = licenses.iter().map(|text| format!("/*{}*/\n", text.as_ref())).collect();
        Printed { lines: vec![code.len()], code }
    }

    /// The source map as JSON. In the standard, columns are in units of UTF-16.
    fn map(&self, printed: &SourceMap, sheet: &Sheet<'_>) -> Result<String, SourceMapError> {
        let mut map = SourceMap::new("/");
        let source = map.add_source(sheet.name);
        map.set_source_content(source as usize, sheet.text)?;
        let (mut at, mut line, mut column) = (0, 0, 0);
        for Mapping { generated_line, generated_column, original } in printed.get_mappings() {
            let Some(begin) = self.lines.get(generated_line as usize) else {
                unreachable!("the printer writes each end of a line that it counts as a character")
            };
            let place = begin + generated_column as usize;
            // From the last place on, because the whole result may be one line.
            let between = &self.code[at..place];
            let last = match between.rsplit_once('\n') {
                Some((lines, last)) => {
                    line += 1 + lines.matches('\n').count() as u32;
                    column = 0;
                    last
                }
                None => between,
            };
            column += last.encode_utf16().count() as u32;
            at = place;
            map.add_mapping(line, column, original);
        }
        map.to_json(Some(""))
    }
}

impl fmt::Write for Printed {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.code.push_str(text);
        Ok(())
    }

    fn write_char(&mut self, c: char) -> fmt::Result {
        self.code.push(c);
        if c == '\n' {
            self.lines.push(self.code.len());
        }
        Ok(())
    }
}

/// The text with blanks in the place of `@charset`, which says nothing of UTF-8, and would hide the licence behind it.
fn without_charset(text: &str) -> Cow<'_, str> {
    let rule = "@charset";
    let is_there = text.get(..rule.len()).is_some_and(|start| start.eq_ignore_ascii_case(rule));
    match text.find(';').filter(|_| is_there) {
        Some(end) => {
            let (rule, rest) = text.split_at(end + 1);
            // What follows keeps its place.
            let blank = |c: char| if c.is_whitespace() { c } else { ' ' };
            let blanks: String = rule.chars().map(blank).collect();
            (blanks + rest).into()
        }
        None => text.into(),
    }
}

impl Sheet<'_> {
    /// The error as compilers show it.
    fn located(&self, error: Error<impl Display>) -> BoxError {
        let Error { kind, loc } = error;
        let Some(ErrorLocation { filename: _, line, column }) = loc else {
            return kind.to_string().into();
        };
        let line_text = self.text.lines().nth(line as usize).unwrap_or_default();
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
        At::new(kind.to_string(), self.path.clone(), place, line_text, 1).into()
    }
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
