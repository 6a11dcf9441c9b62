//! Patterns of asset names, in the grammar of `stamped-build`.
//!
//! `stamped-build` compiles its patterns with a library that is too large for a program, so the
//! program has this matcher. Tests there hold one against the other.

use alloc::borrow::ToOwned as _;
use alloc::{format, string::String, vec, vec::Vec};
use core::fmt;
use core::iter::Peekable;
use core::str::Chars;

/// The most patterns that the alternatives in one may stand for.
const MOST_ALTERNATIVES: usize = 1024;

/// The pattern as one for whole names: a pattern without a slash, but for that of `/**` at its end,
/// matches in every folder, and a slash at its start keeps it to the top.
#[must_use]
pub fn anchored(pattern: &str) -> String {
    match pattern.strip_prefix('/') {
        Some(anchored) => anchored.to_owned(),
        None if pattern.trim_end_matches("/**").contains('/') => pattern.to_owned(),
        None => format!("**/{pattern}"),
    }
}

/// A pattern that is ready to be matched.
#[derive(Clone, Debug)]
pub struct Glob {
    /// One is enough for a match.
    alternatives: Vec<Vec<Segment>>,
}

#[derive(Clone, Debug)]
enum Segment {
    /// `**`: any number of folders.
    Folders,
    Name(Vec<Token>),
}

#[derive(Clone, Debug)]
enum Token {
    /// `*`
    Any,
    /// `?`
    One,
    /// `[a-z]`, `[!a-z]`
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
    Char(char),
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
            BadGlob::TooMany => "the alternatives in `{…}` have more than 1024 combinations",
        })
    }
}

impl Glob {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// When brackets or braces do not match, and when there are too many alternatives.
    pub fn new(pattern: &str) -> Result<Self, BadGlob> {
        let patterns = alternatives(&mut anchored(pattern).chars().peekable(), 0)?;
        let alternatives = patterns.iter().map(|pattern| segments(pattern));
        Ok(Glob { alternatives: alternatives.collect::<Result<_, _>>()? })
    }

    /// Whether the pattern matches the name.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let is_folders = |segment: &Segment| matches!(segment, Segment::Folders);
        self.alternatives
            .iter()
            .any(|segments| matches(segments.iter(), name.split('/'), is_folders, Segment::matches))
    }
}

impl Segment {
    fn matches(&self, segment: &str) -> bool {
        let Segment::Name(tokens) = self else { return false };
        let is_any = |token: &Token| matches!(token, Token::Any);
        matches(tokens.iter(), segment.chars(), is_any, Token::matches)
    }
}

impl Token {
    fn matches(&self, c: char) -> bool {
        match self {
            Token::Any => false,
            Token::One => true,
            Token::Class { negated, ranges } => {
                ranges.iter().any(|&(first, last)| (first..=last).contains(&c)) != *negated
            }
            Token::Char(char) => *char == c,
        }
    }
}

/// Reads up to the end, or below the top to the brace that closes, and writes out all combinations
/// of alternatives as patterns without braces.
fn alternatives(chars: &mut Peekable<Chars<'_>>, depth: u32) -> Result<Vec<String>, BadGlob> {
    let mut done = Vec::new();
    let mut current = vec![String::new()];
    loop {
        match chars.next() {
            None if depth > 0 => return Err(BadGlob::OpenBrace),
            None => return Ok(current),
            Some('}') if depth == 0 => return Err(BadGlob::ClosedBrace),
            Some('}') => {
                done.append(&mut current);
                done.retain(|one| !one.is_empty());
                if done.is_empty() {
                    done.push(String::new());
                }
                return Ok(done);
            }
            Some(',') if depth > 0 => {
                done.append(&mut current);
                current.push(String::new());
            }
            Some('{') => {
                let inner = alternatives(chars, depth + 1)?;
                if inner.len() * current.len() + done.len() > MOST_ALTERNATIVES {
                    return Err(BadGlob::TooMany);
                }
                let with = |before: String| inner.iter().map(move |one| before.clone() + one);
                current = current.into_iter().flat_map(with).collect();
            }
            Some('\\') => {
                let escaped = chars.next().ok_or(BadGlob::Escape)?;
                current.iter_mut().for_each(|one| one.extend(['\\', escaped]));
            }
            Some('[') => {
                let class = class_text(chars)?;
                current.iter_mut().for_each(|one| one.push_str(&class));
            }
            Some(c) => current.iter_mut().for_each(|one| one.push(c)),
        }
    }
}

/// A class as it is written. A bracket that comes first is one of its characters.
fn class_text(chars: &mut Peekable<Chars<'_>>) -> Result<String, BadGlob> {
    let mut class = String::from("[");
    class.extend(chars.next_if(|c| matches!(c, '!' | '^')));
    class.extend(chars.next_if_eq(&']'));
    loop {
        let c = chars.next().ok_or(BadGlob::OpenClass)?;
        class.push(c);
        if c == ']' {
            return Ok(class);
        }
    }
}

/// Reads a pattern without braces.
fn segments(pattern: &str) -> Result<Vec<Segment>, BadGlob> {
    let mut segments = Vec::new();
    let mut tokens = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' => segments.push(segment(core::mem::take(&mut tokens))),
            '*' => tokens.push(Token::Any),
            '?' => tokens.push(Token::One),
            '[' => tokens.push(class(&mut chars)?),
            '\\' => tokens.push(Token::Char(chars.next().ok_or(BadGlob::Escape)?)),
            c => tokens.push(Token::Char(c)),
        }
    }
    let last = segment(tokens);
    // At the end `**` stands for whatever is in a folder, and not for the folder itself.
    let is_open = matches!(last, Segment::Folders);
    segments.push(last);
    if is_open {
        segments.push(Segment::Name(vec![Token::Any]));
    }
    Ok(segments)
}

fn segment(tokens: Vec<Token>) -> Segment {
    match *tokens {
        [Token::Any, Token::Any] => Segment::Folders,
        _ => Segment::Name(tokens),
    }
}

/// Reads a class behind its first bracket.
fn class(chars: &mut Peekable<Chars<'_>>) -> Result<Token, BadGlob> {
    let negated = chars.next_if(|c| matches!(c, '!' | '^')).is_some();
    let mut ranges = Vec::new();
    let mut is_first = true;
    loop {
        let first = chars.next().ok_or(BadGlob::OpenClass)?;
        if first == ']' && !is_first {
            return Ok(Token::Class { negated, ranges });
        }
        is_first = false;
        // A hyphen at the end is one of the characters.
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

/// Whether `pattern` matches all of `text`, where a wildcard stands for any number of items. Only
/// the last wildcard is ever reconsidered, so the time is at most the product of the lengths.
fn matches<P: Copy, T>(
    mut pattern: impl Iterator<Item = P> + Clone,
    mut text: impl Iterator<Item = T> + Clone,
    is_wildcard: impl Fn(P) -> bool,
    is_match: impl Fn(P, T) -> bool,
) -> bool {
    let mut last_wildcard = None;
    loop {
        let rest = text.clone();
        let agrees = match (pattern.next(), text.next()) {
            (None, None) => return true,
            (Some(part), _) if is_wildcard(part) => {
                text = rest;
                last_wildcard = Some((pattern.clone(), text.clone()));
                true
            }
            (Some(part), Some(item)) => is_match(part, item),
            _ => false,
        };
        if !agrees {
            // The wildcard takes one more.
            let Some((after, rest)) = &mut last_wildcard else { return false };
            if rest.next().is_none() {
                return false;
            }
            (pattern, text) = (after.clone(), rest.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BadGlob, Glob};
    use proptest::prelude::*;

    fn glob(pattern: &str) -> Glob {
        Glob::new(pattern).unwrap()
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
        ] {
            assert_eq!(Glob::new(pattern).unwrap_err(), why, "{pattern}");
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
        fn no_pattern_takes_for_ever(pattern in r"[a*/?{},\[\]!\\-]{0,64}", name in "[a/]{0,64}") {
            let _ = Glob::new(&pattern).map(|glob| glob.matches(&name));
        }
    }
}
