//! The list of files that a service worker of Workbox fetches in advance.
//!
//! Workbox writes it into the script as an array of objects, mostly after a minifier has given the function that takes
//! it another name. The shape of the objects tells it apart:
//!
//! ```text
//! e.precacheAndRoute([{url:"index.html",revision:"1872c5…"},{url:"assets/a-B3x.js",revision:null}],{})
//! ```

use super::literals::decode;
use super::skip::{exact_byte, find, string_end, trivia_end, word_end};
use crate::types::{Context, Found, Precached, Reference, ReferenceKind, Version};

/// Finds the entries of all such lists.
pub(crate) fn lists(source: &[u8], found: &mut Found) {
    const KEY: &[u8] = b"revision";
    let (mut from, mut done) = (0, 0);
    // By a rare letter of the word that every list has.
    while let Some(at) = find(source, from, b'v') {
        from = at + 1;
        if at < 2 || !source[at - 2..].starts_with(KEY) {
            continue;
        }
        let Some(start) = list_before(source, done, at - 2) else { continue };
        match list(source, start) {
            Ok((entries, end)) => {
                found.precached.extend(entries);
                (from, done) = (end, end);
            }
            Err(_) if !is_precached(source, start) => {}
            Err(place) => {
                found.skip(
                    place,
                    "this list of files for offline use is left as it is, because not all of it is literal; \
                     where pages ask for stamped names of these files, keep the plain ones by `plain`",
                );
                (from, done) = (place.max(from), place);
            }
        }
    }
}

/// The `[`, at or behind `from`, of the list whose first object has the key at `key`.
fn list_before(source: &[u8], from: usize, key: usize) -> Option<usize> {
    // Before the key there is at most one URL.
    let near = source.get(from.max(key.saturating_sub(4096))..key)?;
    let brace = key - near.len() + near.iter().rposition(|&byte| byte == b'{')?;
    let blanks = source[..brace].iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    let bracket = brace.checked_sub(blanks + 1)?;
    (bracket >= from && source[bracket] == b'[').then_some(bracket)
}

/// Whether the list at `start` is the argument of a function of Workbox that has its own name.
fn is_precached(source: &[u8], start: usize) -> bool {
    let names = [&b"precacheAndRoute("[..], b"precache(", b"addToCacheList("];
    names.iter().any(|name| source[..start].trim_ascii_end().ends_with(name))
}

/// Reads the list whose `[` is at `start`. Returns its entries and where it ends, or where it is none.
fn list(source: &[u8], start: usize) -> Result<(Vec<Precached>, usize), usize> {
    let mut entries = Vec::new();
    let mut at = start + 1;
    loop {
        if let Some(end) = exact_byte(source, at, b']') {
            return Ok((entries, end));
        }
        let begin = trivia_end(source, at).ok_or(at)?;
        let entry = entry(source, begin).ok_or(begin)?;
        at = entry.entry.end;
        entries.push(entry);
        at = match exact_byte(source, at, b',') {
            Some(next) => next,
            None => return Ok((entries, exact_byte(source, at, b']').ok_or(at)?)),
        };
    }
}

/// Reads the object at `begin`, which has a `url`, a `revision` and perhaps an `integrity`, each a literal.
fn entry(source: &[u8], begin: usize) -> Option<Precached> {
    let mut at = exact_byte(source, begin, b'{')?;
    let (mut url, mut version) = (None, None);
    let end = loop {
        if let Some(end) = exact_byte(source, at, b'}') {
            break end;
        }
        let start = trivia_end(source, at)?;
        let (key, colon) = match source.get(start)? {
            b'"' | b'\'' => {
                let close = string_end(source, start)?;
                (&source[start + 1..close], close + 1)
            }
            _ => {
                let end = word_end(source, start);
                (&source[start..end], end)
            }
        };
        let value = trivia_end(source, exact_byte(source, colon, b':')?)?;
        let value_end = match source.get(value)? {
            b'"' | b'\'' => string_end(source, value)? + 1,
            _ => word_end(source, value),
        };
        let is_string = matches!(source[value], b'"' | b'\'');
        match key {
            b"url" if is_string && url.is_none() => {
                let text = value + 1..value_end - 1;
                let (decoded, segment) = decode(source, text.clone(), false).ok()?;
                url = Some(Reference {
                    url: decoded,
                    span: text,
                    segment,
                    kind: ReferenceKind::Markup,
                    context: Context::JsString(source[value]),
                });
            }
            b"revision" if is_string => version = Some(Version::Revision(value..value_end)),
            b"revision" if &source[value..value_end] == b"null" => {
                version = Some(Version::Unversioned(value..value_end));
            }
            b"integrity" if is_string => {}
            _ => return None,
        }
        at = match exact_byte(source, value_end, b',') {
            Some(next) => next,
            None => break exact_byte(source, value_end, b'}')?,
        };
    };
    core::str::from_utf8(&source[begin..end]).ok()?;
    let reference = url.filter(|url| !url.url.is_empty())?;
    Some(Precached { entry: begin..end, reference, version: Some(version?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Found {
        let mut found = Found::default();
        lists(source.as_bytes(), &mut found);
        found
    }

    /// The entries of each list: the whole, the URL, and what says something of the bytes.
    fn shown(source: &str) -> Vec<[&str; 3]> {
        let found = found(source);
        assert_eq!(found.skipped, [], "{source}");
        let shown = found.precached.iter().map(|one| {
            let version = one.version.as_ref().unwrap().span();
            [&source[one.entry.clone()], &source[one.reference.span.clone()], &source[version]]
        });
        shown.collect()
    }

    #[test]
    fn lists_are_known_by_their_shape_under_any_name() {
        for source in [
            r#"e.precacheAndRoute([{url:"a/b.js",revision:null},{url:"i.html",revision:"1f"}],{})"#,
            r#"x=P([{url:"a/b.js",revision:null},{url:"i.html",revision:"1f"}]||[])"#,
            r#"const list = [ {url:"a/b.js",revision:null}, /* a */ {url:"i.html",revision:"1f"}, ]; // b"#,
        ] {
            assert_eq!(
                shown(source),
                [
                    [r#"{url:"a/b.js",revision:null}"#, "a/b.js", "null"],
                    [r#"{url:"i.html",revision:"1f"}"#, "i.html", r#""1f""#],
                ]
            );
        }
        assert_eq!(
            shown(
                "self.precache([\n  {\n    'revision': '1' , \"url\" : '/a{.js', integrity: 'sha256-x',\n  }\n]);\
                 f([{\"revision\":null,\"url\":\"b\"}])"
            ),
            [
                [
                    "{\n    'revision': '1' , \"url\" : '/a{.js', integrity: 'sha256-x',\n  }",
                    "/a{.js",
                    "'1'"
                ],
                ["{\"revision\":null,\"url\":\"b\"}", "b", "null"],
            ]
        );
        assert_eq!(
            shown("[{url:'a',revision:null}]; revision; [{url:'b',revision:null}] {revision").len(),
            2
        );
        let escaped = found(r#"[{url:"d\/a\u0062.js?x",revision:null}]"#);
        assert_eq!(escaped.precached[0].reference.url, "d/ab.js?x");
    }

    #[test]
    fn what_has_another_shape_is_none() {
        for source in [
            r#"[{url:"a",revision:b}]"#,
            r#"[{url:"a",revision:1}]"#,
            r#"[{url:a,revision:null}]"#,
            r#"[{url:"a"+b,revision:null}]"#,
            r#"[{url:"",revision:null}]"#,
            r#"[{url:"a",revision:null,size:1}]"#,
            r#"[{url:"a",revision:null}"#,
            r#"[{revision:null}]"#,
            r#"{url:"a",revision:null}"#,
            r#"[...a,{url:"a",revision:null}]"#,
            "revision",
            "[{revision",
            "{revision",
        ] {
            assert_eq!(found(source), Found::default(), "{source}");
        }
    }

    #[test]
    fn a_list_that_is_not_literal_is_told() {
        for source in [
            r#"e.precacheAndRoute([{url:"a",revision:null},{url:b,revision:null}])"#,
            r#"precacheAndRoute([{url:"a",revision:"1"},...more])"#,
        ] {
            let found = found(source);
            assert_eq!((found.precached.len(), found.skipped.len()), (0, 1), "{source}");
        }
    }
}
