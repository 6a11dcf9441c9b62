//! Tests what becomes of Sass.

#![cfg(feature = "sass")]

use stamped_build::{Bundle, Pipeline};
use stamped_test_support::Dir;
use stamped_transform::sass;

fn text(bundle: &Bundle, name: &str) -> String {
    String::from_utf8(bundle.get(name).unwrap().bytes().unwrap().into_owned()).unwrap()
}

fn names(bundle: &Bundle) -> Vec<&str> {
    bundle.assets().iter().map(|asset| asset.name()).collect()
}

#[test]
fn both_syntaxes_become_style_sheets_and_partials_nothing() {
    let dir = Dir::new();
    dir.write("css/app.scss", "@use 'theme'; a { b { color: theme.$main; content: 'ü' } }");
    dir.write("css/_theme.sass", "$main: red\n");
    dir.write("css/old.sass", "@import 'theme'\np\n  color: $main\n");
    dir.write("page.html", "<link rel=stylesheet href=css/app.scss>");
    let bundle = Pipeline::new(dir.path())
        .stamp(stamped_build::Stamp::Fixed(1))
        .transform_with(sass())
        .process()
        .unwrap();
    assert_eq!(names(&bundle), ["css/app.css", "css/old.css", "page.html"]);
    assert_eq!(text(&bundle, "css/app.css"), "a b{color:red;content:\"ü\"}");
    assert_eq!(text(&bundle, "css/old.css"), "p{color:red}");
    assert_eq!(text(&bundle, "page.html"), "<link rel=stylesheet href=css/app.1.css>");
    assert_eq!(bundle.warnings(), []);
    let long = Pipeline::new(dir.path()).transform_with(sass().minify(false)).process().unwrap();
    assert_eq!(text(&long, "css/app.css"), "a b {\n  color: red;\n  content: \"ü\";\n}\n");
}

#[test]
fn files_are_found_in_all_folders_of_the_pipeline_by_their_names() {
    let (own, vendor, more, modules) = (Dir::new(), Dir::new(), Dir::new(), Dir::new());
    vendor.write("scss/_lib.scss", "@use 'sub/part'; $lib: part.$part;");
    vendor.write("scss/sub/_part.scss", "$part: 1px;");
    more.write("base/_index.scss", "$base: 2px;");
    modules.write("package/_all.scss", "$all: 3px;");
    own.write(
        "css/app.scss",
        "@use 'vendor/scss/lib'; @use '../vendor/scss/sub/part'; @use 'base'; @use 'package/all';
         a { b: lib.$lib part.$part base.$base all.$all; }",
    );
    let bundle = Pipeline::new(own.path())
        .root_at("vendor", vendor.path())
        .root_at("", more.path())
        .transform_with(sass().load_path(modules.path()))
        .process()
        .unwrap();
    assert_eq!(names(&bundle), ["css/app.css"]);
    assert_eq!(text(&bundle, "css/app.css"), "a{b:1px 1px 2px 3px}");
}

#[test]
fn a_file_of_the_build_script_is_compiled_as_if_it_lay_in_the_first_folder() {
    let dir = Dir::new();
    dir.write("css/_theme.scss", "$main: blue;");
    let bundle = Pipeline::new(dir.path())
        .file("css/made.scss", "@use 'theme'; @warn 'careful'; a { color: theme.$main }")
        .transform_with(sass())
        .process()
        .unwrap();
    assert_eq!(text(&bundle, "css/made.css"), "a{color:blue}");
    let [warning] = bundle.warnings() else { panic!("{:?}", bundle.warnings()) };
    assert!(warning.to_string().ends_with("css/made.scss:1: careful"), "{warning}");
}

/// The message without what stands before the error of the compiler, and with `DIR` for the folder.
#[track_caller]
fn error(dir: &Dir) -> String {
    let error = Pipeline::new(dir.path()).transform_with(sass()).process().unwrap_err();
    let text = error.to_string().replace(dir.path().to_str().unwrap(), "DIR");
    let (before, error) = text.split_once(" failed: ").unwrap();
    assert_eq!(before, "the transformation of `css/app.scss` (`DIR/css/app.scss`)");
    error.to_owned()
}

#[test]
fn an_error_shows_the_line_of_the_file_that_has_it() {
    let dir = Dir::new();
    dir.write("css/app.scss", "@use 'theme';\n");
    dir.write("css/_theme.scss", "$a: 1px;\n\nb {\n\tcolor red;\n}\n");
    assert_eq!(
        error(&dir),
        "\
expected \"{\"
 --> DIR/css/_theme.scss:4:11
  |
4 |  color red;
  |           ^
mend the file, or leave it out with `.exclude(…)`"
    );
    dir.write("css/_theme.scss", "b { width: 1px + 1s; }");
    assert_eq!(
        error(&dir),
        "\
Incompatible units s and px
 --> DIR/css/_theme.scss:1:12
  |
1 | b { width: 1px + 1s; }
  |            ^^^^^^^^
mend the file, or leave it out with `.exclude(…)`"
    );
    dir.write("css/app.scss", "@use 'nowhere/x.scss';\n");
    assert_eq!(
        error(&dir),
        "\
Can't find stylesheet to import
 --> DIR/css/app.scss:1:1
  |
1 | @use 'nowhere/x.scss';
  | ^^^^^^^^^^^^^^^^^^^^^
  = help: in other folders, files are found by names without an extension
mend the file, or leave it out with `.exclude(…)`"
    );
    dir.write("css/app.scss", b"a { content: \"\xff\" }");
    assert_eq!(
        error(&dir),
        "it, or a file that it uses, is not UTF-8; mend the file, or leave it out with `.exclude(…)`"
    );
}

#[test]
fn an_extension_of_another_module_is_not_lost_without_a_word() {
    let dir = Dir::new();
    dir.write("_a.scss", "%p { color: red } .own { @extend %p; }");
    dir.write(
        "by-use.scss",
        "@use 'sass:math';\n@use 'a';\n.y { @extend %p; } %q { b: c } .z { @extend %q; }",
    );
    dir.write("by-import.scss", "@use 'sass:math';\n@import 'a'; .y { @extend %p; }");
    let bundle = Pipeline::new(dir.path()).transform_with(sass()).process().unwrap();
    assert_eq!(text(&bundle, "by-import.css"), ".y,.own{color:red}");
    let [warning] = bundle.warnings() else { panic!("{:?}", bundle.warnings()) };
    assert!(warning.to_string().contains("by-use.scss:3: `@extend %p` is lost"), "{warning}");
    // If it is not lost any more, the warning can go.
    assert!(!text(&bundle, "by-use.css").contains(".y"));
}
