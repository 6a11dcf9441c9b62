//! Tests what becomes of scripts.

#![cfg(feature = "js")]

use stamped_build::{Bundle, Pipeline, References, Stamp};
use stamped_test_support::Dir;
use stamped_transform::{Js, js};

fn text(bundle: &Bundle, name: &str) -> String {
    String::from_utf8(bundle.get(name).unwrap().bytes().unwrap().into_owned()).unwrap()
}

fn names(bundle: &Bundle) -> Vec<&str> {
    bundle.assets().iter().map(|asset| asset.name()).collect()
}

fn made(js: Js, name: &str, source: &str) -> String {
    let dir = Dir::new();
    dir.write(name, source);
    let pipeline = Pipeline::new(dir.path()).references(References::Leave).transform_with(js);
    let bundle = pipeline.process().unwrap();
    text(&bundle, &name.replace(".ts", ".js"))
}

#[test]
fn typescript_becomes_javascript_and_references_follow() {
    let dir = Dir::new();
    dir.write("app.ts", "import { type A, b } from './lib/util.ts';\nconst a: A = { b };\nconsole.log(a as unknown);\n");
    dir.write(
        "lib/util.ts",
        "export interface A { b: number }\nexport enum E { One = 1 }\nexport const b = E.One;\n",
    );
    dir.write("lib/types.d.ts", "declare const x: number;");
    dir.write("page.html", "<script type=module src=app.ts></script>");
    for references in [References::Rewrite, References::ImportMap] {
        let bundle = Pipeline::new(dir.path())
            .stamp(Stamp::Fixed(1))
            .references(references)
            .transform_with(js().minify(false))
            .process()
            .unwrap();
        assert_eq!(names(&bundle), ["app.js", "lib/util.js", "page.html"]);
        let util = match references {
            References::Rewrite => "./lib/util.1.js",
            _ => "./lib/util.js",
        };
        assert_eq!(
            text(&bundle, "app.js"),
            format!("import {{ b }} from \"{util}\";\nconst a = {{ b }};\nconsole.log(a);\n")
        );
        assert_eq!(text(&bundle, "page.html"), "<script type=module src=app.1.js></script>");
        assert_eq!(bundle.warnings(), []);
    }
}

#[test]
fn names_at_the_top_level_stay_only_where_other_scripts_may_use_them() {
    let body = "function add(first, second) { return first + second }\nlet unused = add(1, 2);\n";
    assert_eq!(made(js(), "a.js", body), "function add(e,t){return e+t}let unused=add(1,2);");
    let module = format!("{body} export let sum = add(unused, unused);");
    let module = made(js(), "a.mjs", &module);
    assert!(!module.contains("unused") && module.contains("sum"), "{module}");
    // Only a module can wait.
    assert_eq!(made(js(), "a.js", "await fetch('/');"), "await fetch(`/`);");
}

#[test]
fn licences_stay_and_what_is_minified_is_left_alone() {
    assert_eq!(made(js(), "a.js", "/*! licence */\n// comment\nf();"), "/*! licence */\nf();");
    let minified = "/* kept */ f( );";
    assert_eq!(made(js(), "a.min.js", minified), minified);
}

#[test]
fn syntax_is_as_old_as_asked_for() {
    let source = "a.b ??= c?.d;";
    assert_eq!(made(js(), "a.js", source), "a.b??=c?.d;");
    let old = made(js().target("es2019").minify(false), "a.js", source);
    assert!(!old.contains("?.") && !old.contains("??"), "{old}");
}

#[test]
fn a_source_map_is_an_asset_beside_its_script() {
    let dir = Dir::new();
    dir.write("js/app.ts", "const a: number = 1;\nconsole.log(a);\n");
    let pipeline = Pipeline::new(dir.path()).stamp(Stamp::Fixed(1));
    let bundle = pipeline.transform_with(js().source_map(true).minify(false)).process().unwrap();
    assert_eq!(names(&bundle), ["js/app.js", "js/app.js.map"]);
    assert!(text(&bundle, "js/app.js").ends_with("\n//# sourceMappingURL=app.1.js.map\n"));
    let map = text(&bundle, "js/app.js.map");
    assert!(map.contains(r#""sources":["app.ts"]"#) && map.contains("const a: number"), "{map}");
}

#[track_caller]
fn error(js: Js, source: &str) -> String {
    let dir = Dir::new();
    dir.write("app.ts", source);
    let error = Pipeline::new(dir.path()).transform_with(js).process().unwrap_err();
    let text = error.to_string().replace(dir.path().to_str().unwrap(), "DIR");
    text.strip_prefix("the transformation of `app.ts` (`DIR/app.ts`) failed: ").unwrap().to_owned()
}

#[test]
fn an_error_shows_the_line() {
    assert_eq!(
        error(js(), "let a = 1;\nlet ü = 'x' a;\n"),
        "\
Expected a semicolon or an implicit semicolon after a statement, but found none
 --> DIR/app.ts:2:12
  |
2 | let ü = 'x' a;
  |            ^
  = help: Try inserting a semicolon here
mend the file, or leave it out with `.exclude(…)`"
    );
    assert_eq!(
        error(js(), "let a = 1;\nlet a = 2;\n"),
        "\
Identifier `a` has already been declared
 --> DIR/app.ts:1:5
  |
1 | let a = 1;
  |     ^
mend the file, or leave it out with `.exclude(…)`"
    );
    let decorated = error(js(), "declare const d: any; @d class A {}");
    assert!(
        decorated.starts_with("for the target `es2022` it needs the helper function `decorate`"),
        "{decorated}"
    );
    let target = error(js().target("es1"), "");
    assert!(target.starts_with("the target `es1` makes no sense: "), "{target}");
}
