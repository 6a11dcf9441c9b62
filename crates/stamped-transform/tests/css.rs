//! Tests what becomes of style sheets.

#![cfg(feature = "css")]

use stamped_build::{Bundle, Pipeline};
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
