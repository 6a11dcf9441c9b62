//! What holds for every scanner and every file.

use crate::support::{Strings, check, css_urls, rename};
use proptest::prelude::*;
use stamped_scan::{Context, ReferenceKind, Scanner};

const SCANNERS: [Scanner; 7] = [
    Scanner::Css,
    Scanner::JavaScript,
    Scanner::Html,
    Scanner::Svg,
    Scanner::WebManifest,
    Scanner::AngularWorker,
    Scanner::Hashes,
];

/// Pieces of the lists of service workers, and of what they may stand in.
const LISTS: &[&str] = &[
    "[",
    "]",
    "{",
    "}",
    ",",
    "url:",
    "\"url\":",
    "'a.js'",
    "\"d/b.css\"",
    "revision:",
    "\"revision\":",
    "null",
    "\"1\"",
    "integrity:",
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'\u{e9}'",
    "{url:'a.js',revision:null}",
    "[{url:'a.js',revision:null,integrity:'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='}]",
    "precacheAndRoute(",
    ";import('",
    "import 'x.js#sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "/*# sourceMappingURL=",
    "\n//# sourceMappingURL=",
    "*/",
    "{\"assetGroups\":[{\"urls\":[",
    "\"hashTable\":{",
    "\"/a.js\":\"da39a3ee5e6b4b0d3255bfef95601890afd80709\"",
];

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

/// Pieces of style sheets and scripts with source map comments between them.
const SOURCE_MAPS: &[&str] = &[
    "/*# sourceMappingURL=a.map */",
    "//# sourceMappingURL=b.map\n",
    "a{b:url(c.png)}",
    "@import 'd.css';",
    "import './e.js';",
    "@import '",
    "\n",
    "`",
    "'",
    "/*",
    "*/",
    "f();",
];

/// Files with a place for a name, in every syntax.
const PLACES: &[(Scanner, &str)] = &[
    (Scanner::Css, "a{b:url(d/X);c:url(X)}"),
    (Scanner::Css, "a{b:url( X )}"),
    (Scanner::Css, "a{b:url(d/X?q#f);c:url(\\2f X\\3f)}"),
    (Scanner::Css, "@import 'X';@import \"d/X?q\";a{b:image-set('X' 1x, \"X\" 2x)}"),
    (Scanner::Css, "a{b:url('X"),
    (Scanner::Css, "a{b:url(X"),
    (Scanner::Html, "<img src=X><img src='d/X'><img src=\"X?y\"><a href=d/X></a>"),
    (Scanner::Html, "<img srcset='X'><img srcset=\"X 1x, d/X 2x,X?q 3x\"><img srcset=X>"),
    (
        Scanner::Html,
        "<p style='a:url(X)'><p style=\"a:url('d/X')\"><p style='a:url(\"X\")'><p style=a:url(X)>",
    ),
    (Scanner::Html, "<p style=\"a:url(&quot;X&quot;)\"><style>a{b:url(X);c:url('X')}</style>"),
    (Scanner::Html, "<svg><style>a{b:url(X);c:url('X')}</style><path fill='url(X)'/></svg>"),
    (
        Scanner::Svg,
        "<?xml-stylesheet href='X'?><svg><a href='d/X#y'/><style>a{b:url(\"X\")}</style></svg>",
    ),
    (Scanner::Svg, "<svg style='b:url(X)'><style><![CDATA[a{b:url(d/X)}]]></style></svg>"),
    (Scanner::WebManifest, "{\"icons\":[{\"src\":\"X\"},{\"src\":\"d\\/X?y\"}]}"),
    (Scanner::Css, "a{}/*# sourceMappingURL=X*/"),
    (Scanner::Css, "a{}/*# sourceMappingURL=d/X */"),
    (Scanner::JavaScript, "f()\n//# sourceMappingURL=X\n"),
    (Scanner::JavaScript, "f()\n//# sourceMappingURL=d/X"),
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
        SCANNERS.iter().for_each(|scanner| check(*scanner, &source));
    }

    #[test]
    fn any_syntax_is_scanned(source in soup()) {
        SCANNERS.iter().for_each(|scanner| check(*scanner, &source));
    }

    #[test]
    fn source_maps_come_behind_all_other_references(
        scraps in proptest::collection::vec(proptest::sample::select(SOURCE_MAPS), 0..12)
    ) {
        let source = scraps.concat();
        check(Scanner::Css, source.as_bytes());
        check(Scanner::JavaScript, source.as_bytes());
    }

    #[test]
    fn lists_and_hashes_keep_apart_from_references(
        scraps in proptest::collection::vec(proptest::sample::select(LISTS), 0..16)
    ) {
        SCANNERS.iter().for_each(|scanner| check(*scanner, scraps.concat().as_bytes()));
    }

    #[test]
    fn any_syntax_can_be_renamed(source in soup(), name in "[a-z0-9]{1,3}\\.[a-z]{1,3}") {
        // Without the word, a script goes by unread, and it may stand in nothing but a name that is replaced.
        let script = [b"/*import*/", &*source].concat();
        for scanner in SCANNERS {
            let source = if scanner == Scanner::JavaScript { &script } else { &source };
            rename(scanner, source, &name);
        }
    }

    #[test]
    fn any_name_can_stand_anywhere(name in file_name()) {
        for (scanner, place) in PLACES {
            rename(*scanner, place.replace('X', "x.png").as_bytes(), &name);
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
        let found = Scanner::Css.scan(source.as_bytes());
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
            css_urls(&mut cssparser::Parser::new(&source), Strings::None, &mut expected);
            let found = Scanner::Css.scan(source.as_bytes());
            let code = found.references.into_iter().filter(|one| one.kind != ReferenceKind::SourceMap);
            let urls: Vec<_> = code.map(|one| one.url).collect();
            if found.skipped.is_empty() {
                prop_assert_eq!(urls, expected);
            }
        }
    }
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
            let scanner: Scanner = match path.extension().and_then(|extension| extension.to_str()) {
                Some("css") => Scanner::Css,
                Some("svg") => Scanner::Svg,
                Some("html") => Scanner::Html,
                Some("js") => Scanner::JavaScript,
                _ => continue,
            };
            let source = std::fs::read(&path).expect("readable");
            check(scanner, &source);
            let found = scanner.scan(&source);
            if path.extension().is_some_and(|extension| extension == "css") {
                assert_eq!(found.skipped, [], "{}", path.display());
            }
            rename(scanner, &source, "my pic's (1).2.png");
            files += 1;
            references += found.references.len();
            // And cut off somewhere.
            if source.len() < 300_000 && source.len() > 1 {
                for _ in 0..4 {
                    random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    check(scanner, &source[..random as usize % source.len()]);
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
    for (scanner, place) in PLACES {
        for reference in scanner.scan(place.as_bytes()).references {
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
