//! What holds of every input, valid or not.

use crate::support::{check, rename};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use stamped_scan::{ReferenceKind, Scanner};

/// Scraps that make up most of what the lexer tells apart.
const SCRAPS: &[&str] = &[
    "import",
    "export",
    "import('a/b')",
    "import './a'\n",
    "export * from 'a'\n",
    "import.meta",
    "new URL('a', import.meta.url)",
    "from",
    "as",
    "with",
    "'",
    "\"",
    "`",
    "${",
    "}",
    "{",
    "(",
    ")",
    "[",
    "]",
    "/",
    "//",
    "/*",
    "*/",
    "\\",
    "\n",
    "\r\n",
    "\u{2028}",
    "\u{feff}",
    " ",
    "<!--",
    "import('a\\\nb')",
    "'\\\n'",
    "import(`a\nb`)",
    "-->",
    "#!",
    "#",
    "@",
    "?",
    "?.",
    "??",
    ":",
    ";",
    ",",
    ".",
    "...",
    "=>",
    "=",
    "++",
    "--",
    "*",
    "<",
    "a",
    "1.",
    "0x1n",
    "return",
    "yield",
    "await",
    "async",
    "function",
    "class",
    "extends",
    "static",
    "get",
    "let",
    "of",
    "for",
    "if",
    "while",
    "do",
    "else",
    "case",
    "default",
    "in",
    "\\u{61}",
    "\\x2f",
    "\\ud83d",
    "\u{e9}",
    "\0",
];

/// A script of every kind of code, to be cut off anywhere.
const SCRIPT: &str = include_str!("scripts/everything.js");

fn assert_sound(source: &[u8]) {
    check(Scanner::JavaScript, source);
    for reference in Scanner::JavaScript.scan(source).references {
        if reference.kind == ReferenceKind::SourceMap {
            continue;
        }
        let span = reference.span;
        assert_eq!(source[span.start - 1], source[span.end], "quotes around");
        let written = &source[reference.segment];
        assert!(!written.contains(&b'/') && !written.contains(&b'#') && !written.contains(&b'?'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn bytes_do_no_harm(mut source in vec(any::<u8>(), 0..200)) {
        assert_sound(&source);
        // Most bytes hold no word that makes the lexer look at them.
        source.extend_from_slice(b" import");
        assert_sound(&source);
    }

    #[test]
    fn scraps_do_no_harm(scraps in vec(select(SCRAPS), 0..60)) {
        let source = scraps.concat().into_bytes();
        assert_sound(&source);
    }

    #[test]
    fn scraps_can_be_renamed(scraps in vec(select(SCRAPS), 0..30), name in "[a-z0-9]{1,3}\\.js") {
        rename(Scanner::JavaScript, &scraps.concat().into_bytes(), &name);
    }

    #[test]
    fn a_cut_does_no_harm(start in 0..SCRIPT.len(), length in 0..SCRIPT.len()) {
        let source = &SCRIPT.as_bytes()[start..];
        let source = &source[..length.min(source.len())];
        assert_sound(source);
    }

    #[test]
    fn a_stray_byte_does_no_harm(at in 0..SCRIPT.len(), byte in any::<u8>()) {
        let mut source = SCRIPT.as_bytes().to_vec();
        source[at] = byte;
        assert_sound(&source);
    }

    #[test]
    fn what_stands_before_does_not_matter(scraps in vec(select(SCRAPS), 0..60)) {
        // As a comment, whatever it is.
        let comment = scraps.concat().replace('*', "");
        let source = format!("/*{comment}*/ import('a')");
        let found = Scanner::JavaScript.scan(source.as_bytes());
        prop_assert_eq!(found.references.len(), 1);
    }
}

#[test]
fn every_cut_of_the_script_is_sound() {
    for end in 0..=SCRIPT.len() {
        let source = &SCRIPT.as_bytes()[..end];
        assert_sound(source);
    }
}

#[test]
fn the_script_has_its_references() {
    let found = Scanner::JavaScript.scan(SCRIPT.as_bytes());
    assert_eq!(found.skipped, []);
    let urls: Vec<_> = found.references.iter().map(|it| &it.url[..]).collect();
    let expected: Vec<_> = (1..=urls.len()).map(|number| format!("./{number}.js")).collect();
    assert_eq!(urls, expected);
    assert_eq!(urls.len(), 12);
}
