//! What holds for every scanner and every file.

use crate::escape::{replace, segment};
use crate::types::{Context, Found};
use crate::{css, html, source_map, svg, web_manifest};
use proptest::prelude::*;

type Scan = fn(&[u8]) -> Found;

const SCANNERS: [Scan; 6] = [
    css::scan,
    html::scan,
    svg::scan,
    web_manifest::scan,
    source_map::scan_css,
    source_map::scan_javascript,
];

/// Spans lie inside the file and in order, segments inside their spans, and what is written back changes nothing.
fn check(scan: Scan, source: &[u8]) {
    let found = scan(source);
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
    let same: Vec<_> = found
        .references
        .iter()
        .map(|one| {
            Some((
                one.segment.clone(),
                String::from_utf8(source.get(one.segment.clone())?.to_vec()).ok()?,
            ))
        })
        .collect::<Option<_>>()
        .expect("segments are UTF-8");
    assert_eq!(replace(source, &same), source);
}

/// Names every segment anew; scanned again, each has that name and everything else is as it was.
fn rename(scan: Scan, source: &[u8], name: &str) {
    let before = scan(source);
    let edits: Vec<_> = before
        .references
        .iter()
        .map(|reference| (reference.segment.clone(), segment(reference.context, name)))
        .collect();
    let renamed = replace(source, &edits);
    let after = scan(&renamed);
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

/// Sequences of what matters to some scanner.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    const PARTS: &[&str] = &[
        "url(",
        "URL(",
        "\\75 rl(",
        "\\000075\r\nrl(",
        "u\\000052\r\nl(",
        "ur\\6c(",
        "\\sr\\c(",
        "src(",
        "image-set(",
        "type(",
        "@import ",
        "@namespace ",
        "@document ",
        "@charset \"",
        ")",
        "(",
        "{",
        "}",
        "[",
        "]",
        ";",
        ":",
        ",",
        "\"",
        "'",
        "`",
        "\\",
        "\\2f",
        "\\2fx",
        "&#47x",
        "&ampx",
        "\\3f ",
        "\\66 ",
        "\\\n",
        "\\\r\n",
        "/",
        "/*",
        "*/",
        "//",
        "//# sourceMappingURL=",
        "/*# sourceMappingURL=",
        " */",
        "#",
        "?",
        "a",
        "b.png",
        "data:",
        " ",
        "\n",
        "\r\n",
        "\x0C",
        "\t",
        "\0",
        "é",
        "\u{2028}",
        "\u{1F600}",
        "\u{FEFF}",
        "<!--",
        "-->",
        "--!>",
        "-",
        "<",
        ">",
        "=",
        "<img ",
        "<a ",
        "<svg>",
        "<svg ",
        "</svg>",
        "<style>",
        "</style>",
        "<p style=",
        "<script>",
        "</script>",
        "<base ",
        "<title>",
        "</title>",
        "<foreignObject>",
        "<![CDATA[",
        "]]>",
        "<?xml-stylesheet ",
        "?>",
        "<!DOCTYPE ",
        "src=",
        "srcset=",
        "href=",
        "xlink:href=",
        "fill=",
        "&",
        "&amp;",
        "&#47;",
        "&#x3f;",
        "&quot;",
        "&eacute;",
        "&copy",
        "1x",
        "{\"icons\":[{\"src\":\"",
        "\"}]}",
        "\\u002f",
        "\\ud83d",
    ];
    let part = prop_oneof![
        9 => proptest::sample::select(PARTS).prop_map(|part| part.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 1..3),
    ];
    proptest::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

/// Files with a place for a name, in every syntax.
const PLACES: &[(Scan, &str)] = &[
    (css::scan, "a{b:url(d/X);c:url(X)}"),
    (css::scan, "a{b:url( X )}"),
    (css::scan, "a{b:url(d/X?q#f);c:url(\\2f X\\3f)}"),
    (css::scan, "@import 'X';@import \"d/X?q\";a{b:image-set('X' 1x, \"X\" 2x)}"),
    (css::scan, "a{b:url('X"),
    (css::scan, "a{b:url(X"),
    (html::scan, "<img src=X><img src='d/X'><img src=\"X?y\"><a href=d/X></a>"),
    (html::scan, "<img srcset='X'><img srcset=\"X 1x, d/X 2x,X?q 3x\"><img srcset=X>"),
    (
        html::scan,
        "<p style='a:url(X)'><p style=\"a:url('d/X')\"><p style='a:url(\"X\")'><p style=a:url(X)>",
    ),
    (html::scan, "<p style=\"a:url(&quot;X&quot;)\"><style>a{b:url(X);c:url('X')}</style>"),
    (html::scan, "<svg><style>a{b:url(X);c:url('X')}</style><path fill='url(X)'/></svg>"),
    (
        svg::scan,
        "<?xml-stylesheet href='X'?><svg><a href='d/X#y'/><style>a{b:url(\"X\")}</style></svg>",
    ),
    (svg::scan, "<svg style='b:url(X)'><style><![CDATA[a{b:url(d/X)}]]></style></svg>"),
    (web_manifest::scan, "{\"icons\":[{\"src\":\"X\"},{\"src\":\"d\\/X?y\"}]}"),
    (source_map::scan_css, "a{}/*# sourceMappingURL=X*/"),
    (source_map::scan_css, "a{}/*# sourceMappingURL=d/X */"),
    (source_map::scan_javascript, "f()\n//# sourceMappingURL=X\n"),
    (source_map::scan_javascript, "f()\n//# sourceMappingURL=d/X"),
];

fn file_name() -> impl Strategy<Value = String> {
    let special = "[ -.0-~]{1,12}";
    let any = "[^/\0]{1,12}";
    prop_oneof![special, any, "[!$&'()*+,;=:@%.]{1,6}"]
        .prop_filter("no file has such a name", |name| name != "." && name != "..")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_scanned(source in proptest::collection::vec(any::<u8>(), 0..200)) {
        SCANNERS.iter().for_each(|scan| check(*scan, &source));
    }

    #[test]
    fn any_syntax_is_scanned(source in soup()) {
        SCANNERS.iter().for_each(|scan| check(*scan, &source));
    }

    #[test]
    fn any_syntax_can_be_renamed(source in soup(), name in "[a-z0-9]{1,3}\\.[a-z]{1,3}") {
        for scan in SCANNERS {
            rename(scan, &source, &name);
        }
    }

    #[test]
    fn any_name_can_stand_anywhere(name in file_name()) {
        for (scan, place) in PLACES {
            rename(*scan, place.replace('X', "x.png").as_bytes(), &name);
        }
    }

    /// The escapes that are decoded here mean what they mean to `cssparser`.
    #[test]
    fn css_is_decoded_as_its_parser_does(content in "[\\\\a-f0-9/ \"'\r\n\x0C\0éx()]{0,12}", quote in 0..3) {
        use cssparser::{Parser, Token};
        let source = match quote {
            0 => format!("url({content}"),
            1 => format!("url('{content}"),
            _ => format!("url(\"{content}"),
        };
        let mut parser = Parser::new(&source);
        let expected = match parser.next() {
            Ok(Token::UnquotedUrl(url)) => Some(url.to_string()),
            Ok(Token::Function(_)) => match Parser::new(source.strip_prefix("url(").unwrap_or_default()).next() {
                Ok(Token::QuotedString(url)) => Some(url.to_string()),
                _ => None,
            },
            _ => None,
        };
        let found = css::scan(source.as_bytes());
        let first = found.references.first().map(|one| one.url.clone());
        prop_assume!(found.skipped.is_empty());
        prop_assert_eq!(first.unwrap_or_default(), expected.unwrap_or_default());
    }

    /// A style sheet means the same to the flat walk and to the nested parsing of `cssparser`.
    #[test]
    fn css_is_nested_as_its_parser_does(source in soup()) {
        let source = String::from_utf8_lossy(&source);
        if !source.contains('@') && !source.starts_with('\u{FEFF}') {
            let mut expected = Vec::new();
            nested(&mut cssparser::Parser::new(&source), Strings::None, &mut expected);
            let found = css::scan(source.as_bytes());
            let urls: Vec<_> = found.references.into_iter().map(|one| one.url).collect();
            if found.skipped.is_empty() {
                prop_assert_eq!(urls, expected);
            }
        }
    }

    /// Attributes are the ones that another tokenizer of HTML finds.
    #[test]
    fn html_is_tokenized_as_another_tokenizer_does(source in soup()) {
        let source = String::from_utf8_lossy(&source).replace(['\r', '\0'], "");
        // Which content is markup depends on the tree, and which names have characters on a table.
        let tree = ["<svg", "<s", "<t", "<b", "<f", "<![", "&e", "&c", "style", "srcset", "xlink"];
        if !tree.iter().any(|part| source.to_ascii_lowercase().contains(part)) {
            let expected = attributes(&source);
            let found = html::scan(source.as_bytes());
            let urls: Vec<_> = found.references.into_iter().map(|one| one.url).collect();
            if found.skipped.is_empty() {
                prop_assert_eq!(urls, expected);
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Strings {
    None,
    First,
    All,
}

/// The references of a sheet without at-rules, by recursion.
fn nested(parser: &mut cssparser::Parser<'_>, strings: Strings, out: &mut Vec<String>) {
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
                nested(parser, inner, out);
                Ok::<(), ParseError<()>>(())
            });
        }
    }
}

/// `src` of `<img>` and `href` of `<a>`, as `html5gum` finds them.
fn attributes(source: &str) -> Vec<String> {
    use html5gum::{DefaultEmitter, Token, Tokenizer};
    let emitter = DefaultEmitter::<usize>::new_with_span();
    let mut out = Vec::new();
    for token in Tokenizer::new_with_emitter(source, emitter).flatten() {
        if let Token::StartTag(tag) = token {
            let name: &[u8] = &tag.name;
            let attribute: &[u8] = match name {
                b"img" => b"src",
                b"a" => b"href",
                _ => continue,
            };
            if let Some(value) = tag.attributes.get(attribute) {
                let value = String::from_utf8_lossy(&value.value);
                let url = value.trim_matches(|one: char| one.is_ascii_whitespace());
                if !url.is_empty() {
                    out.push(url.to_owned());
                }
            }
        }
    }
    out
}

/// Real style sheets: every `.css` below the folder that `STAMPED_PACKAGES` names.
#[test]
#[ignore = "needs packages of npm; see STAMPED_PACKAGES"]
fn real_sheets_are_scanned() {
    let root = std::env::var_os("STAMPED_PACKAGES").expect("STAMPED_PACKAGES names a folder");
    let mut folders = vec![std::path::PathBuf::from(root)];
    let (mut files, mut references) = (0, 0);
    let mut random = 1_u32;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("readable").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let scan: Scan = match path.extension().and_then(|extension| extension.to_str()) {
                Some("css") => css::scan,
                Some("svg") => svg::scan,
                Some("html") => html::scan,
                Some("js") => source_map::scan_javascript,
                _ => continue,
            };
            let source = std::fs::read(&path).expect("readable");
            check(scan, &source);
            let found = scan(&source);
            if path.extension().is_some_and(|extension| extension == "css") {
                assert_eq!(found.skipped, [], "{}", path.display());
            }
            rename(scan, &source, "my pic's (1).2.png");
            files += 1;
            references += found.references.len();
            // And cut off somewhere.
            if source.len() < 300_000 && source.len() > 1 {
                for _ in 0..4 {
                    random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    check(scan, &source[..random as usize % source.len()]);
                }
            }
        }
    }
    println!("{files} files, {references} references");
    assert!(files > 0);
}

#[test]
fn contexts_have_a_place_each() {
    let mut contexts = Vec::new();
    for (scan, place) in PLACES {
        for reference in scan(place.as_bytes()).references {
            if !contexts.contains(&reference.context) {
                contexts.push(reference.context);
            }
        }
    }
    for context in [
        Context::CssUrl,
        Context::CssString(b'"'),
        Context::CssString(b'\''),
        Context::Comment,
        Context::Attribute(None),
        Context::Attribute(Some(b'"')),
        Context::Attribute(Some(b'\'')),
        Context::Json,
    ] {
        assert!(contexts.contains(&context), "{context:?}");
    }
}
