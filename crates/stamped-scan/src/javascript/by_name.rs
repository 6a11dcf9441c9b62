//! The files that a script knows by their plain names: workers, and the `<script>` or `<link>` of a page whose URL
//! it looks for.
//!
//! These are searched for in the bytes, without the lexer, because they only lead to warnings. Each search goes from
//! one rare byte to the next, which takes little time while nothing is optimised.

use super::literals::decode;
use super::skip::{exact_byte, find, literal};
use crate::{ByName, Found, Knowing};

/// How far before the search for an element its file name may stand. Scripts name themselves at their beginning.
const BEFORE: usize = 4096;

/// How far behind.
const BEHIND: usize = 500;

/// Adds the names that `source` knows.
pub(super) fn names(source: &[u8], found: &mut Found) {
    let mut by_name = Vec::new();
    each(source, b"Worker", 0, |at| worker(source, at, &mut by_name));
    each(source, b"importScripts", 6, |at| arguments(source, at + 13, at, &mut by_name));
    let mut searches = Vec::new();
    each(source, b"getElementsByTagName", 13, |at| {
        if literal(source, at + 21)
            .is_some_and(|(quote, close)| matches!(&source[quote + 1..close], b"script" | b"link"))
        {
            searches.push(at);
        }
    });
    each(source, b"currentScript", 7, |at| searches.push(at));
    each(source, b"script[src", 6, |at| searches.push(at));
    each(source, b"link[href", 4, |at| searches.push(at));
    searches.sort_unstable();
    let mut behind = 0;
    for at in searches.into_iter().filter(|&at| !is_comment(source, at)) {
        let start = at.saturating_sub(BEFORE).max(behind);
        let end = source.len().min(at + BEHIND);
        file_names(&source[start..end], |name| {
            by_name.push(ByName { at, name, knowing: Knowing::Element });
        });
        behind = end;
    }
    by_name.sort_by_key(|one| one.at);
    found.by_name = by_name;
}

/// Calls `use_it` with each place where `text` stands. Looks for the byte at `rare` in it.
fn each(source: &[u8], text: &[u8], rare: usize, mut use_it: impl FnMut(usize)) {
    let mut from = rare;
    while let Some(at) = find(source, from, text[rare]) {
        if source[at - rare..].starts_with(text) {
            use_it(at - rare);
        }
        from = at + 1;
    }
}

/// Whether the line before this place is that of a comment.
fn is_comment(source: &[u8], at: usize) -> bool {
    let before = &source[at.saturating_sub(200)..at];
    let line = before.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = line.trim_ascii_start();
    line.starts_with(b"*") || line.starts_with(b"/*") || line.windows(2).any(|two| two == b"//")
}

/// Adds the literal of `new Worker("…")` or `new SharedWorker("…")`.
fn worker(source: &[u8], at: usize, by_name: &mut Vec<ByName>) {
    let before = source[..at].trim_ascii_end();
    let before = source[..at].strip_suffix(b"Shared").unwrap_or(before).trim_ascii_end();
    if before.ends_with(b"new") {
        arguments(source, at + 6, at, by_name);
    }
}

/// Adds the literals in the parenthesis at `open`.
fn arguments(source: &[u8], open: usize, at: usize, by_name: &mut Vec<ByName>) {
    if is_comment(source, at) {
        return;
    }
    let mut next = exact_byte(source, open, b'(');
    while let Some((quote, close)) = next.and_then(|next| literal(source, next)) {
        let after = exact_byte(source, close + 1, b',');
        if after.is_none() && exact_byte(source, close + 1, b')').is_none() {
            return;
        }
        // What cannot be decoded names no file.
        if let Ok((name, _)) = decode(source, quote + 1..close, source[quote] == b'`')
            && !name.is_empty()
        {
            by_name.push(ByName { at, name, knowing: Knowing::Worker });
        }
        next = after;
    }
}

/// Calls `use_it` with the names of scripts and style sheets in a text, also in regular expressions such as
/// `/lib(\.min)?\.js/`.
fn file_names(text: &[u8], mut use_it: impl FnMut(String)) {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let text = String::from_utf8_lossy(text).replace('\\', "");
    let text = text.replace("(.min)?", "").replace("(?:.min)?", "");
    let mut seen: Vec<&str> = Vec::new();
    for word in text.split(|c: char| !c.is_ascii() || !is_part(c as u8)) {
        let stem = [".js", ".mjs", ".css"].iter().find_map(|end| word.strip_suffix(end));
        if stem.is_some_and(|stem| stem.len() > 1) && !seen.contains(&word) {
            seen.push(word);
            use_it(word.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scanner;
    use proptest::prelude::*;

    fn found(source: &str, knowing: Knowing) -> Vec<String> {
        let found = Scanner::JavaScript.scan(source.as_bytes()).by_name;
        found.into_iter().filter(|one| one.knowing == knowing).map(|one| one.name).collect()
    }

    #[test]
    fn workers_with_plain_names_are_found() {
        for (source, names) in [
            ("new Worker('w.js')", &["w.js"][..]),
            ("new Worker( \"/js/w.js\", { type: 'module' })", &["/js/w.js"]),
            ("let a=new SharedWorker(`w.js`)", &["w.js"]),
            ("importScripts('a.js', \"b.js\")", &["a.js", "b.js"]),
            ("importScripts(a, 'b.js')", &[]),
            ("new Worker(new URL('w.js', import.meta.url))", &[]),
            ("new Worker('./' + name)", &[]),
            ("// new Worker('w.js')", &[]),
            ("/**\n * new Worker('w.js')\n */", &[]),
            ("startWorker('w.js'); class Worker {}", &[]),
        ] {
            assert_eq!(found(source, Knowing::Worker), names, "{source}");
        }
    }

    #[test]
    fn names_beside_the_search_for_an_element_are_found() {
        for (source, names) in [
            ("document.querySelector('link[href$=\"leaflet.css\"]')", &["leaflet.css"][..]),
            (
                "[...document.getElementsByTagName('script')].find(s => /lib(\\.min)?\\.js($|\\?)/.test(s.src))",
                &["lib.js"],
            ),
            (
                "var name = 'loader.js', s = document.querySelector('script[src*=\"' + name + '\"]')",
                &["loader.js"],
            ),
            ("document.currentScript.src.replace('app.js', '')", &["app.js"]),
            ("document.getElementsByTagName('p'); 'app.js'", &[]),
            ("document.getElementsByTagName('script')[0].src", &[]),
        ] {
            assert_eq!(found(source, Knowing::Element), names, "{source}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_searched(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("new Worker("), Just("importScripts("), Just("'a.js'"), Just("currentScript"),
                    Just("script[src"), Just("getElementsByTagName('script')"), Just("\n"), Just("\u{e9}"),
                    Just(","), Just(")"), Just("/*"),
                ],
                0..12,
            )
        ) {
            let _ = Scanner::JavaScript.scan(parts.concat().as_bytes());
        }
    }
}
