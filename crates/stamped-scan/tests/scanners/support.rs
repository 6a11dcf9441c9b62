//! What must hold for everything that a scanner reports.

use stamped_scan::{Found, Scanner, replace, segment};

/// Spans lie inside the file and in order, segments inside their spans, and what is written back changes nothing.
pub(crate) fn check(scanner: Scanner, source: &[u8]) {
    let found = scanner.scan(source);
    let mut end = 0;
    for reference in &found.references {
        assert!(!reference.url.is_empty());
        assert!(end <= reference.span.start, "{reference:?} begins before {end}");
        assert!(reference.span.start <= reference.segment.start);
        assert!(reference.segment.start <= reference.segment.end);
        assert!(reference.segment.end <= reference.span.end);
        end = reference.span.end;
    }
    assert!(end <= source.len());
    assert!(found.skipped.iter().all(|skipped| skipped.at <= source.len()));
    assert!(found.skipped.is_sorted_by_key(|skipped| skipped.at));
    // All that may be replaced: the parts of an entry instead of the whole, because hashes may stand between them.
    let listed = found.precached.iter().flat_map(|one| {
        assert!(std::str::from_utf8(&source[one.entry.clone()]).is_ok(), "{one:?}");
        [Some(one.reference.segment.clone()), one.version.as_ref().map(|version| version.span())]
    });
    let segments = found.references.iter().map(|one| one.segment.clone());
    let hashes = found.hashes.iter().map(|hash| hash.span.clone());
    let mut parts: Vec<_> = segments.chain(hashes).chain(listed.flatten()).collect();
    parts.sort_by_key(|part| (part.start, part.end));
    let same: Vec<_> = parts
        .into_iter()
        .map(|part| Some((part.clone(), String::from_utf8(source.get(part)?.to_vec()).ok()?)))
        .collect::<Option<_>>()
        .expect("what may be replaced is UTF-8");
    assert_eq!(replace(source, &same), source);
}

/// Replaces every file name. A second scan finds the new name everywhere, and nothing else has changed.
pub(crate) fn rename(scanner: Scanner, source: &[u8], name: &str) {
    let before = scanner.scan(source);
    let edits: Vec<_> = before
        .references
        .iter()
        .map(|reference| (reference.segment.clone(), segment(reference.context, name)))
        .collect();
    let renamed = replace(source, &edits);
    let after = scanner.scan(&renamed);
    let shown = || {
        format!("{:?}\n{:?}", source.escape_ascii().to_string(), renamed.escape_ascii().to_string())
    };
    assert_eq!(after.skipped.len(), before.skipped.len(), "{}", shown());
    assert_eq!(after.references.len(), before.references.len(), "{}", shown());
    for (old, new) in before.references.iter().zip(&after.references) {
        assert_eq!((old.kind, old.context), (new.kind, new.context));
        let (directory, old_rest) = parts(&old.url);
        let (new_directory, new_rest) = parts(&new.url);
        let new_directory = new_directory.strip_suffix("./").unwrap_or(&new_directory);
        assert_eq!(
            directory.strip_suffix("./").unwrap_or(&directory),
            new_directory,
            "{}",
            shown()
        );
        assert_eq!(old_rest.1, new_rest.1, "{}", shown());
        assert_eq!(percent_decoded(&new_rest.0), name.as_bytes(), "{}", shown());
        assert!(new_rest.0.is_ascii());
    }
    // Whatever is outside of the segments is what it was.
    let outside = |source: &[u8], found: &Found| {
        let edits: Vec<_> =
            found.references.iter().map(|one| (one.segment.clone(), String::new())).collect();
        replace(source, &edits)
    };
    let unprefixed: Vec<u8> = outside(&renamed, &after);
    if name.contains([':', ',']) {
        assert!(unprefixed.len() >= outside(source, &before).len());
    } else {
        assert_eq!(unprefixed, outside(source, &before), "{}", shown());
    }
}

/// What is before the last segment, the segment, and what is behind it.
fn parts(url: &str) -> (String, (String, String)) {
    let path = url.find(['?', '#']).unwrap_or(url.len());
    let segment = url[..path].rfind('/').map_or(0, |slash| slash + 1);
    (url[..segment].to_owned(), (url[segment..path].to_owned(), url[path..].to_owned()))
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let digits = behind.get(..2).and_then(|digits| core::str::from_utf8(digits).ok());
        match (first, digits.and_then(|digits| u8::from_str_radix(digits, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                rest = &behind[2..];
            }
            _ => {
                out.push(*first);
                rest = behind;
            }
        }
    }
    out
}

/// Which strings are URLs.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Strings {
    None,
    First,
    All,
}

/// The references of a sheet without at-rules, by recursion.
pub(crate) fn css_urls(
    parser: &mut cssparser::Parser<'_>,
    strings: Strings,
    out: &mut Vec<String>,
) {
    use cssparser::{ParseError, Token};
    let mut strings = strings;
    let push = |url: &str, out: &mut Vec<String>| {
        if !url.is_empty() {
            out.push(url.to_owned());
        }
    };
    while let Ok(token) = parser.next().cloned() {
        let inner = match &token {
            Token::QuotedString(url) => {
                if strings != Strings::None {
                    push(url, out);
                }
                None
            }
            Token::UnquotedUrl(url) => {
                push(url, out);
                None
            }
            Token::Function(name)
                if ["url", "src"].iter().any(|one| name.eq_ignore_ascii_case(one)) =>
            {
                Some(Strings::First)
            }
            Token::Function(name) if name.eq_ignore_ascii_case("image-set") => Some(Strings::All),
            Token::Function(_)
            | Token::ParenthesisBlock
            | Token::SquareBracketBlock
            | Token::CurlyBracketBlock => Some(Strings::None),
            _ => None,
        };
        if strings == Strings::First {
            strings = Strings::None;
        }
        if let Some(inner) = inner {
            let _ = parser.parse_nested_block(|parser| {
                css_urls(parser, inner, out);
                Ok::<(), ParseError<()>>(())
            });
        }
    }
}
