//! Tests what becomes of files that other programs transform.

#![cfg(all(feature = "command", unix))]

use stamped_build::{Bundle, Pipeline};
use stamped_test_support::Dir;
use stamped_transform::{Command, command};

fn text(bundle: &Bundle, name: &str) -> String {
    String::from_utf8(bundle.get(name).unwrap().bytes().unwrap().into_owned()).unwrap()
}

fn process(dir: &Dir, command: Command) -> Result<Bundle, stamped_build::Error> {
    Pipeline::new(dir.path()).transform_with(command).process()
}

#[track_caller]
fn error(dir: &Dir, command: Command) -> String {
    let text = process(dir, command).unwrap_err().to_string();
    text.split_once(" failed: ").unwrap().1.to_owned()
}

#[test]
fn a_program_gets_the_file_and_gives_the_result_in_either_way() {
    let dir = Dir::new();
    // More than a pipe takes at once.
    let long = "a".repeat(1 << 20);
    dir.write("css/a.x.css", &long);
    let piped = command("*.x.css", ["tr", "a", "b"]).rename("x.css", "css");
    assert_eq!(text(&process(&dir, piped).unwrap(), "css/a.css"), long.replace('a', "b"));
    let script = "tr a c < \"$1\" > \"$2\"; echo cargo::error=nothing; echo \"$WORD\" >> \"$2\"";
    let files = command("*.x.css", ["sh", "-c", script, "sh", "{in}", "{out}"]).env("WORD", "end");
    let expected = long.replace('a', "c") + "end\n";
    assert_eq!(text(&process(&dir, files).unwrap(), "css/a.x.css"), expected);
}

#[test]
fn a_program_finds_the_file_where_it_is_unless_it_was_changed_before() {
    let dir = Dir::new();
    dir.write("a.css", "own");
    let path = || command("*.css", ["sh", "-c", "cat \"$1\"; echo \" $1\"", "sh", "{in}"]);
    let own = text(&process(&dir, path()).unwrap(), "a.css");
    assert_eq!(own, format!("own {}\n", dir.join("a.css").display()));
    let bundle = Pipeline::new(dir.path())
        .transform_with(command("*.css", ["tr", "o", "O"]))
        .transform_with(path())
        .process()
        .unwrap();
    let copy = text(&bundle, "a.css");
    let path = copy.trim_end().strip_prefix("Own ").unwrap();
    assert!(path.ends_with("/a.css") && !std::path::Path::new(path).exists(), "{copy}");
}

#[test]
fn what_a_failing_program_says_is_shown_whole() {
    let dir = Dir::new();
    dir.write("a.css", "");
    let script =
        "echo ignored; printf '\\033[31ma.css:1:\\033[0;1m no\\n' >&2; echo '  ^' >&2; exit 3";
    assert_eq!(
        error(&dir, command("*.css", ["sh", "-c", script])),
        format!(
            "`sh -c {script}` ended with exit status: 3
a.css:1: no
  ^
mend the file, or leave it out with `.exclude(…)`"
        )
    );
    assert_eq!(
        error(&dir, command("*.css", ["no-such-program", "-x"])),
        "the program `no-such-program` is not there: install it, or write its path relative to the package; mend the \
         file, or leave it out with `.exclude(…)`"
    );
    assert_eq!(
        error(&dir, command("*.css", ["true", "{out}"])),
        "`true {out}` succeeded, but wrote nothing to `{out}`; mend the file, or leave it out with `.exclude(…)`"
    );
}

#[test]
#[ignore = "needs a folder with `tailwindcss` and `@tailwindcss/cli` in node_modules, in STAMPED_TOOLS"]
fn tailwind_makes_the_classes_that_templates_have() {
    let folder = std::env::var("STAMPED_TOOLS").expect("STAMPED_TOOLS is set");
    let folder = std::path::Path::new(&folder);
    let write = |name: &str, text: &str| stamped_test_support::write(folder.join(name), text);
    write("templates/page.html", "<p class='text-red-500 p-[7px]'>");
    let process = |sheet| {
        write("assets/app.tw.css", sheet);
        let program = folder.join("node_modules/.bin/tailwindcss");
        let tailwind =
            command("*.tw.css", [program.to_str().unwrap(), "--input", "{in}", "--minify"]);
        let tailwind = tailwind.rename("tw.css", "css").reads(folder.join("templates"));
        Pipeline::new(folder.join("assets")).transform_with(tailwind).process()
    };
    let bundle = process("@import 'tailwindcss' source('../templates');").unwrap();
    let css = text(&bundle, "app.css");
    assert!(css.contains(".text-red-500{") && css.contains("padding:7px"), "{css}");
    assert!(!css.contains("text-blue-500"), "{css}");
    let error =
        process("@import 'tailwindcss'; p { @apply no-such-class; }").unwrap_err().to_string();
    assert!(
        error.contains("Error: Cannot apply unknown utility class `no-such-class`\n"),
        "{error}"
    );
}
