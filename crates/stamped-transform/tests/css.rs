//! Tests what becomes of style sheets.

#![cfg(feature = "css")]

use parcel_sourcemap::{Mapping, SourceMap};
use stamped_build::{Bundle, Pipeline, Stamp};
use stamped_test_support::Dir;
use stamped_transform::css;

fn text(bundle: &Bundle, name: &str) -> String {
    String::from_utf8(bundle.get(name).unwrap().bytes().unwrap().into_owned()).unwrap()
}

#[test]
fn a_style_sheet_is_short_and_for_the_browsers_that_are_asked_for() {
    let dir = Dir::new();
    let sheet = "/*! licence */\n/* comment */\na { color: #ff0000; & b { user-select: none } }\n@tailwind base;\n";
    dir.write("a.css", sheet);
    dir.write("b.min.css", sheet);
    let made = |css| {
        let bundle = Pipeline::new(dir.path()).transform_with(css).process().unwrap();
        assert_eq!(text(&bundle, "b.min.css"), sheet);
        text(&bundle, "a.css")
    };
    let new = made(css().targets("chrome 120"));
    assert_eq!(
        new,
        "/*! licence */\na{color:red;& b{user-select:none}}@tailwind base;\n".trim_end()
    );
    let old = made(css().targets("safari 13"));
    assert_eq!(
        old,
        "/*! licence */\na{color:red}a b{-webkit-user-select:none;user-select:none}@tailwind base;"
    );
    dir.write("a.css", "\u{feff}@charset \"UTF-8\";/*! licence */ a { b: c }");
    assert_eq!(made(css()), "/*! licence */\na{b:c}");
    dir.write("a.css", sheet);
    assert!(made(css().minify(false)).contains("a {\n  color: red;\n"));
}

#[test]
fn an_error_shows_the_line() {
    let dir = Dir::new();
    dir.write("a.css", "a { color: red }\n/* ü𝄞 */ b { color red }\n");
    let process =
        |css| Pipeline::new(dir.path()).transform_with(css).process().unwrap_err().to_string();
    let text = process(css()).replace(dir.path().to_str().unwrap(), "DIR");
    assert_eq!(
        text,
        "\
the transformation of `a.css` (`DIR/a.css`) failed: Unexpected token Ident(\"red\")
 --> DIR/a.css:2:19
  |
2 | /* ü𝄞 */ b { color red }
  |                   ^
mend the file, or leave it out with `.exclude(…)`"
    );
    let text = process(css().targets("netscape 4"));
    assert!(
        text.contains("the targets `netscape 4` make no sense: unknown browser: 'netscape'"),
        "{text}"
    );
}

/// What is before the part in the text: the number of lines, and units of UTF-16 on the line of the part.
#[track_caller]
fn place(text: &str, part: &str) -> (u32, u32) {
    let before = &text[..text.find(part).expect(part)];
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() as u32, line.encode_utf16().count() as u32)
}

#[test]
fn a_source_map_leads_from_what_is_in_a_rule_to_the_place_of_the_rule() {
    // Each rule, and something in it.
    let rules = [
        ("#a", "content"),
        ("#b", "margin"),
        ("#c", "padding"),
        ("#d", "top"),
        ("#e", "left"),
        ("#f", "right"),
        ("& #g", "bottom"),
        ("#h", "width"),
    ];
    let source = "@charset \"UTF-8\";\n/*! 許可\n licence */\n/* 注 */ #a { content: \"日本𝄞\" } #b { margin: 0 }
@media print {\n  #c { padding: 0 }\n  /* 𝄞 */ #d { top: 0 }\n}
@supports (new\n \"日\") {\n  #e { left: 0 } #f { right: 0 }\n}
:new(x\n y) { & #g { bottom: 0 } }\n#h { width: 0 }\n";
    let dir = Dir::new();
    dir.write("css/my app.css", format!("\u{feff}{source}"));
    for (minify, targets) in [(true, "chrome 120"), (true, "safari 13"), (false, "chrome 120")] {
        let css = css().source_map(true).minify(minify).targets(targets);
        let pipeline = Pipeline::new(dir.path()).stamp(Stamp::Fixed(1)).transform_with(css);
        let bundle = pipeline.process().unwrap();
        let made = text(&bundle, "css/my app.css");
        let end = "}\n/*# sourceMappingURL=my%20app.1.css.map */\n";
        assert!(made.starts_with("/*! 許可\n licence */\n") && made.ends_with(end), "{made}");
        let json = text(&bundle, "css/my app.css.map");
        // The standard has strings there, or nothing.
        assert!(!json.contains("null"), "{json}");
        let map = SourceMap::from_json("/", &json).unwrap();
        assert_eq!(map.get_sources(), &["my app.css"]);
        assert_eq!(map.get_sources_content(), &[source]);
        for (rule, inside) in rules {
            let begin = |mapping: &Mapping| (mapping.generated_line, mapping.generated_column);
            let mut mappings = map.get_mappings();
            mappings.retain(|mapping| begin(mapping) <= place(&made, inside));
            let found = mappings.last().unwrap();
            let original = found.original.unwrap();
            let original = (original.original_line, original.original_column);
            assert_eq!(original, place(source, rule), "{rule} in {made}");
            if let Some(id) = rule.strip_prefix('#') {
                let begin = begin(found);
                assert_eq!(begin, place(&made, &format!("#{id}")), "{rule} in {made}");
            }
        }
    }
}

#[test]
#[cfg(feature = "sass")]
fn a_source_map_leads_to_what_sass_has_made() {
    let dir = Dir::new();
    dir.write("app.scss", "$c: red;\n\na { b { color: $c } }\n");
    let bundle = Pipeline::new(dir.path())
        .transform_with(stamped_transform::sass().minify(false))
        .transform_with(css().source_map(true))
        .process()
        .unwrap();
    let map = SourceMap::from_json("/", &text(&bundle, "app.css.map")).unwrap();
    assert_eq!(map.get_sources(), &["app.css"]);
    assert_eq!(map.get_sources_content(), &["a b {\n  color: red;\n}\n"]);
}
