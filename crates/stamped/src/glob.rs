//! Patterns of asset names: the one language of pipelines and handlers.
//!
//! `stamped-build` documents it. Where it says nothing, it is that of the crate `globset` with
//! `literal_separator`, but for what only bytes explain: here `?` and a class stand for one character,
//! and neither for a slash. Tests there hold the two against each other.
//!
//! Build scripts run unoptimised and match each name with each pattern, so most names are refused by
//! one comparison of their ends.

use alloc::borrow::ToOwned as _;
use alloc::{collections::BTreeSet, format, string::String, vec, vec::Vec};
use core::fmt;
use core::iter::Peekable;
use core::str::Chars;

/// The most patterns that the alternatives in one may stand for.
const MOST_ALTERNATIVES: usize = 1024;

/// A pattern that is ready to be matched.
#[derive(Clone, Debug)]
pub struct Glob {
    /// One is enough for a match.
    alternatives: Vec<Vec<Token>>,
}

/// A part of a pattern without braces.
#[derive(Clone, Debug)]
enum Token {
    /// The text itself, which may have slashes.
    Text(String),
    /// `*`: any number of characters, but no slash.
    Any,
    /// `?`: one character, but no slash.
    One,
    /// `[a-z]`, `[!a-z]`: one such character.
    Class(Class),
    /// `**/`: any number of folders.
    Folders,
    /// `**` at the end: whatever is in a folder.
    Everything,
}

#[derive(Clone, Debug)]
struct Class {
    negated: bool,
    ranges: Vec<(char, char)>,
}

/// Why a pattern cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadGlob {
    /// `[` without `]`.
    OpenClass,
    /// A range such as `[z-a]`.
    EmptyRange,
    /// `{` without `}`.
    OpenBrace,
    /// `}` without `{`.
    ClosedBrace,
    /// A backslash at the end.
    Escape,
    /// More than a thousand combinations of alternatives.
    TooMany,
}

impl fmt::Display for BadGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadGlob::OpenClass => "`[` is not closed; `\\[` stands for the character itself",
            BadGlob::EmptyRange => "a range in `[…]` ends before it begins",
            BadGlob::OpenBrace => "`{` is not closed; `\\{` stands for the character itself",
            BadGlob::ClosedBrace => "`}` closes nothing; `\\}` stands for the character itself",
            BadGlob::Escape => "it ends with a backslash; `\\\\` stands for the character itself",
            BadGlob::TooMany => {
                "the alternatives in `{…}` have more than 1024 combinations; several patterns can say \
                 the same"
            }
        })
    }
}

impl Glob {
    /// Reads a pattern. Without a slash, but for that of `/**` at its end, it matches in every folder,
    /// and a slash at its start keeps it to the top.
    ///
    /// # Errors
    ///
    /// When brackets or braces do not match, and when there are too many alternatives.
    pub fn new(pattern: &str) -> Result<Self, BadGlob> {
        let alternatives = alternatives(&anchored(pattern))?;
        Ok(Glob { alternatives: alternatives.into_iter().map(tokens).collect() })
    }

    /// Whether the pattern matches the name.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.alternatives.iter().any(|tokens| matches(tokens, name))
    }
}

/// Patterns of which one is enough for a match. Thousands of those that are names cost no more than a few.
#[derive(Clone, Debug, Default)]
pub struct Globs {
    /// Whole names.
    names: BTreeSet<String>,
    /// Names of files in any folder.
    files: BTreeSet<String>,
    others: Vec<Vec<Token>>,
}

impl Globs {
    /// Adds a pattern.
    pub fn add(&mut self, glob: Glob) {
        for tokens in glob.alternatives {
            match &*tokens {
                [Token::Text(name)] => {
                    self.names.insert(name.clone());
                }
                [Token::Folders, Token::Text(file)] if !file.contains('/') => {
                    self.files.insert(file.clone());
                }
                _ => self.others.push(tokens),
            }
        }
    }

    /// Whether there is no pattern.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.files.is_empty() && self.others.is_empty()
    }

    /// Whether one of the patterns matches the name.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let file = name.rsplit_once('/').map_or(name, |(_, file)| file);
        self.names.contains(name)
            || self.files.contains(file)
            || self.others.iter().any(|tokens| matches(tokens, name))
    }
}

impl Class {
    fn has(&self, c: char) -> bool {
        self.ranges.iter().any(|&(first, last)| first <= c && c <= last) != self.negated
    }
}

/// The pattern as one for whole names.
fn anchored(pattern: &str) -> String {
    match pattern.strip_prefix('/') {
        Some(anchored) => anchored.to_owned(),
        None if pattern.trim_end_matches("/**").contains('/') => pattern.to_owned(),
        None => format!("**/{pattern}"),
    }
}

fn matches(tokens: &[Token], name: &str) -> bool {
    ends_as(tokens, name) && run(tokens, name).0
}

/// Whether the name ends with the text that the pattern ends with.
fn ends_as(tokens: &[Token], name: &str) -> bool {
    match tokens {
        [.., Token::Text(text)] => name.as_bytes().ends_with(text.as_bytes()),
        _ => true,
    }
}

/// Whether the tokens match the whole name, and how many steps it took to know.
///
/// A wildcard first takes as little as it can. Only the last `*` and the last `**` are reconsidered,
/// because what follows another one does not depend on more than where it begins. So the steps are at
/// most the product of the lengths and the number of folders, and mostly a few.
fn run(pattern: &[Token], name: &str) -> (bool, usize) {
    let (mut tokens, mut rest) = (pattern, name);
    // What follows the last wildcard of each kind, and what the wildcard has left for that.
    let mut any: Option<(&[Token], &str)> = None;
    let mut folders: Option<(&[Token], &str)> = None;
    let mut steps = 0;
    loop {
        steps += 1;
        let mut next = match tokens {
            [] if rest.is_empty() => return (true, steps),
            [] => None,
            [Token::Everything, ..] => return (true, steps),
            [Token::Text(text), after @ ..] => {
                rest.strip_prefix(text.as_str()).map(|rest| (after, rest))
            }
            [Token::One, after @ ..] => behind(rest, |_| true).map(|rest| (after, rest)),
            [Token::Class(class), after @ ..] => {
                behind(rest, |c| class.has(c)).map(|rest| (after, rest))
            }
            // At the end there is only one length that it can have.
            [Token::Any] => match is_within_folder(rest) {
                true => return (true, steps),
                false => None,
            },
            [Token::Any, Token::Text(text)] => match rest.strip_suffix(text.as_str()) {
                Some(rest) if is_within_folder(rest) => return (true, steps),
                _ => None,
            },
            [Token::Any, after @ ..] => {
                any = Some((after, rest));
                any
            }
            [Token::Folders, after @ ..] => {
                any = None;
                folders = Some((after, rest));
                folders
            }
        };
        if next.is_none()
            && let Some((after, rest)) = any
        {
            any = behind(rest, |_| true).map(|rest| (after, rest));
            next = any;
        }
        if next.is_none()
            && let Some((after, rest)) = folders
        {
            folders = rest.split_once('/').map(|(_, below)| (after, below));
            next = folders;
        }
        match next {
            Some(next) => (tokens, rest) = next,
            None => return (false, steps),
        }
    }
}

fn is_within_folder(text: &str) -> bool {
    !text.as_bytes().contains(&b'/')
}

/// What is behind the first character, if that is such a one and no slash.
fn behind(text: &str, is_such: impl Fn(char) -> bool) -> Option<&str> {
    let mut chars = text.chars();
    let first = chars.next()?;
    (first != '/' && is_such(first)).then_some(chars.as_str())
}

/// What a pattern is made of, once its braces are gone.
#[derive(Clone, Debug)]
enum Piece {
    Slash,
    Char(char),
    Any,
    /// `**`, side by side in the pattern as it is written.
    Stars,
    One,
    Class(Class),
}

/// A brace that is open.
struct Brace {
    /// What stands before it.
    before: Vec<Vec<Piece>>,
    /// Its alternatives so far.
    done: Vec<Vec<Piece>>,
}

/// Reads a pattern, and writes out all combinations of the alternatives in its braces. Those that are
/// empty are left out.
fn alternatives(pattern: &str) -> Result<Vec<Vec<Piece>>, BadGlob> {
    let mut braces: Vec<Brace> = Vec::new();
    let mut current = vec![Vec::new()];
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        let piece = match (c, braces.last_mut()) {
            ('{', _) => {
                let before = core::mem::replace(&mut current, vec![Vec::new()]);
                braces.push(Brace { before, done: Vec::new() });
                continue;
            }
            (',', Some(brace)) => {
                brace.done.append(&mut current);
                current.push(Vec::new());
                continue;
            }
            ('}', _) => {
                let Brace { before, mut done } = braces.pop().ok_or(BadGlob::ClosedBrace)?;
                done.append(&mut current);
                done.retain(|one| !one.is_empty());
                current = match done.is_empty() {
                    true => before,
                    false => combinations(&before, &done)?,
                };
                continue;
            }
            ('*', _) if chars.next_if_eq(&'*').is_some() => Piece::Stars,
            ('*', _) => Piece::Any,
            ('?', _) => Piece::One,
            ('[', _) => Piece::Class(class(&mut chars)?),
            ('\\', _) => literal(chars.next().ok_or(BadGlob::Escape)?),
            (c, _) => literal(c),
        };
        current.iter_mut().for_each(|one| one.push(piece.clone()));
    }
    if braces.is_empty() { Ok(current) } else { Err(BadGlob::OpenBrace) }
}

fn literal(c: char) -> Piece {
    if c == '/' { Piece::Slash } else { Piece::Char(c) }
}

fn combinations(before: &[Vec<Piece>], done: &[Vec<Piece>]) -> Result<Vec<Vec<Piece>>, BadGlob> {
    if before.len() * done.len() > MOST_ALTERNATIVES {
        return Err(BadGlob::TooMany);
    }
    let with = |before: &Vec<Piece>| {
        let before = before.clone();
        done.iter().map(move |one| [before.as_slice(), one.as_slice()].concat())
    };
    Ok(before.iter().flat_map(with).collect())
}

/// Puts the pieces of a pattern together.
fn tokens(pieces: Vec<Piece>) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut segments = pieces.split(|piece| matches!(piece, Piece::Slash)).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            [Piece::Stars] if is_last => tokens.push(Token::Everything),
            [Piece::Stars] => tokens.push(Token::Folders),
            _ => {
                segment.iter().for_each(|piece| push(&mut tokens, piece));
                if !is_last {
                    push_char(&mut tokens, '/');
                }
            }
        }
    }
    tokens
}

fn push(tokens: &mut Vec<Token>, piece: &Piece) {
    match piece {
        // Beside something else, two are as one.
        Piece::Any | Piece::Stars => tokens.push(Token::Any),
        Piece::One => tokens.push(Token::One),
        Piece::Class(class) => tokens.push(Token::Class(class.clone())),
        Piece::Char(c) => push_char(tokens, *c),
        Piece::Slash => push_char(tokens, '/'),
    }
}

fn push_char(tokens: &mut Vec<Token>, c: char) {
    match tokens.last_mut() {
        Some(Token::Text(text)) => text.push(c),
        _ => tokens.push(Token::Text(c.into())),
    }
}

/// Reads a class behind its first bracket. A bracket that comes first is one of its characters, and so
/// is a hyphen that comes first or last.
fn class(chars: &mut Peekable<Chars<'_>>) -> Result<Class, BadGlob> {
    let negated = chars.next_if(|c| matches!(c, '!' | '^')).is_some();
    let mut ranges = Vec::new();
    loop {
        let first = chars.next().ok_or(BadGlob::OpenClass)?;
        if first == ']' && !ranges.is_empty() {
            return Ok(Class { negated, ranges });
        }
        let mut ahead = chars.clone();
        let last = match (ahead.next(), ahead.next()) {
            (Some('-'), Some(last)) if last != ']' => {
                *chars = ahead;
                last
            }
            _ => first,
        };
        if last < first {
            return Err(BadGlob::EmptyRange);
        }
        ranges.push((first, last));
    }
}

#[cfg(test)]
mod tests {
    use super::{BadGlob, Glob, run};
    use proptest::prelude::*;

    fn glob(pattern: &str) -> Glob {
        Glob::new(pattern).unwrap()
    }

    /// How many steps it takes at most to know whether the pattern matches the name, and whether it does.
    fn steps(pattern: &str, name: &str) -> (bool, usize) {
        let glob = glob(pattern);
        let all = glob.alternatives.iter().map(|tokens| run(tokens, name));
        all.fold((false, 0), |(any, most), (one, steps)| (any || one, most.max(steps)))
    }

    #[test]
    fn patterns_match_as_the_build_reads_them() {
        for (pattern, name) in [
            ("*.css", "a.css"),
            ("*.css", "css/deep/a.css"),
            ("/*.css", "a.css"),
            ("css/*.css", "css/a.css"),
            ("css/**", "css/a/b.css"),
            ("css/**", "x/css/b.css"),
            ("/css/**", "css/b.css"),
            ("**/img/*.png", "img/a.png"),
            ("**/img/*.png", "x/y/img/a.png"),
            ("a/**/b", "a/b"),
            ("a/**/b", "a/x/y/b"),
            ("?.js", "é.js"),
            ("*a*b*", "xxaxxbxx"),
            ("*", "x/y"),
            ("**", "x/y"),
            ("a**b.css", "axxb.css"),
            (r"\[a\].css", "[a].css"),
            ("*.{woff,woff2}", "fonts/a.woff2"),
            ("{css/*,js}.x", "css/a.x"),
            ("a{b,c{d,e}}", "ace"),
            ("a{,b}", "ab"),
            ("[a-c][!a-c]", "bd"),
            ("[]-]", "-"),
            ("[^é]", "図"),
            ("{**/a,b}/*", "x/y/a/z"),
            ("x/{**,y}", "x/y/z"),
            ("x/{a/**,b}/c", "x/a/c"),
            ("{a/,}*b/x", "a/bb/x"),
            (r"{a\,b,c\}}", "c}"),
            (r"a\/b", "a/b"),
            ("a/**/*b*/c", "a/xb/x/bx/c"),
        ] {
            assert!(glob(pattern).matches(name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("*.css", "a.css.map"),
            ("/*.css", "css/a.css"),
            ("css/*.css", "css/deep/a.css"),
            ("css/*.css", "x/css/a.css"),
            ("css/**", "css"),
            ("/css/**", "x/css/b.css"),
            ("a/**/b", "a/xb"),
            ("?.js", ".js"),
            ("?.js", "ab.js"),
            ("*a*b*", "xxbxxaxx"),
            ("", "a"),
            ("/", "a"),
            ("[a].css", "[a].css"),
            ("*.{woff,woff2}", "a.woff3"),
            ("{css/*,js}.x", "x/js.x"),
            ("a{,b}", "a"),
            ("[a-c][!a-c]", "bc"),
            ("a[!b]c", "a/c"),
            ("a[+-9]c", "a/c"),
            ("a?c", "a/c"),
            ("*.css", "A.CSS"),
            // Stars of different braces are two of them.
            ("x{*,y}*/z", "x/y/z"),
            ("a/**/b*/c", "a/b/x/c"),
        ] {
            assert!(!glob(pattern).matches(name), "{pattern} {name}");
        }
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        for (pattern, why) in [
            ("img/[a.png", BadGlob::OpenClass),
            ("[]", BadGlob::OpenClass),
            ("[b-a]", BadGlob::EmptyRange),
            ("{a,b", BadGlob::OpenBrace),
            ("a}", BadGlob::ClosedBrace),
            (r"a\", BadGlob::Escape),
            (&"{a,b}".repeat(11), BadGlob::TooMany),
            (&"{".repeat(100_000), BadGlob::OpenBrace),
            (&"}".repeat(100_000), BadGlob::ClosedBrace),
            (&"{,a".repeat(100_000), BadGlob::OpenBrace),
        ] {
            assert_eq!(Glob::new(pattern).unwrap_err(), why, "{pattern:.20}");
        }
        assert!(Glob::new(&"{a,b}".repeat(10)).is_ok());
    }

    proptest! {
        #[test]
        fn a_name_matches_itself_and_its_folder(folder in "[a-z.]{1,4}", file in "[a-z.]{1,4}") {
            let name = std::format!("{folder}/{file}");
            for pattern in [
                name.clone(),
                file.clone(),
                std::format!("{folder}/**"),
                std::format!("{folder}/*"),
                std::format!("*/{file}"),
            ] {
                prop_assert!(glob(&pattern).matches(&name), "{pattern} {name}");
            }
        }

        #[test]
        fn no_pattern_takes_for_ever(pattern in r"([a*/?]|\*\*/|\[!b\]){0,32}", name in "(a|a/|b){0,64}") {
            let (_, steps) = steps(&pattern, &name);
            let folders = name.split('/').count();
            prop_assert!(steps <= 2 * (pattern.len() + 4) * folders * (name.len() + 1), "{steps}");
        }
    }

    #[test]
    fn the_steps_grow_with_the_product_of_the_lengths_and_not_by_powers() {
        let many = |part: &str, end| part.repeat(1_000) + end;
        for (pattern, name) in [
            ("**/**/**/a*a*a*b", many("a", "")),
            ("**/**/**/a*a*a*b", many("a/", "a")),
            ("**/a/**/a/**/a/**/b", many("a/", "a")),
            ("**/a*/a*/a*/b", many("aa/", "a")),
            ("*a*a*a*a*a*a*a*a*b", many("a", "")),
            ("[!b]*?[!b]*?[!b]*?b", many("a", "")),
        ] {
            let (matches, steps) = steps(pattern, &name);
            assert!(!matches && steps < 10 * name.len(), "{pattern} {steps}");
        }
        // Most names are refused by their ends alone, before a step.
        assert!(!super::ends_as(&glob("**/*.map").alternatives[0], "js/app.js"));
    }
}
