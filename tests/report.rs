//! Runs `stamped report --html`, and checks its output and the file that it writes. `report_page.rs` tests
//! the page in a browser.

use serde_json::Value;
use stamped_test_support::Dir;
use std::fs;
use std::path::Path;
use std::process::Output;

/// A new folder with a style sheet that refers to a picture and to a missing one.
fn folder() -> Dir {
    let folder = Dir::new();
    let sheet = format!("a{{b:url(../a.svg)}}c{{d:url(gone.png)}}{}", " ".repeat(500));
    folder.write("assets/css/style.css", sheet);
    folder.write("assets/a.svg", "<svg/>");
    folder.write("assets/robots.txt", "");
    folder
}

fn report(folder: &Path, arguments: &[&str]) -> Output {
    stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"))
        .args(["report", "assets", "--stamp", "7"])
        .args(arguments)
        // It would be where relative paths start.
        .env_remove("CARGO_MANIFEST_DIR")
        .env_remove("SOURCE_DATE_EPOCH")
        .env_remove("STAMPED_CACHE")
        .current_dir(folder)
        .output()
        .unwrap()
}

#[track_caller]
fn said(output: &Output, status: i32) -> (String, String) {
    let [out, err] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert_eq!(output.status.code(), Some(status), "{err}");
    (out, err)
}

/// The report in a page.
#[track_caller]
fn data(html: &str) -> Value {
    let (_, data) = html.split_once("<script type='application/json' id=data>").unwrap();
    serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn the_page_holds_the_same_report_as_the_json() {
    let folder = folder();
    let (out, err) = said(&report(&folder, &["--html", "page.html"]), 0);
    assert!(out.starts_with("page.html: 3 assets, 2 of them stamped: 5"), "{out}");
    assert_eq!(out.lines().count(), 1);
    assert_eq!(err, "stamped: 1 warning; the page shows what they say\n");
    let html = fs::read_to_string(folder.join("page.html")).unwrap();
    assert!(html.contains("<title>assets: stamped assets</title>"));

    let (json, err) = said(&report(&folder, &["--json"]), 0);
    assert_eq!(err, "");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["mode"], "7");
    assert_eq!(data(&html), json);
}

#[test]
fn a_second_report_replaces_the_first_and_leaves_nothing_else() {
    let folder = folder();
    for size in ["<svg/>", "<svg></svg>"] {
        fs::write(folder.join("assets/a.svg"), size).unwrap();
        said(&report(&folder, &["--html", "page.html", "--quiet"]), 0);
        let html = fs::read_to_string(folder.join("page.html")).unwrap();
        assert_eq!(data(&html)["assets"][0]["size"], size.len());
    }
    let mut names: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["assets", "page.html"]);
}

#[test]
fn a_file_that_cannot_be_written_is_reported_with_the_way_out() {
    let folder = folder();
    for (file, told) in [
        ("no/page.html", "there is no folder `no`; make it"),
        ("assets", "it is a folder; name a file in it"),
        ("..", "it is a folder"),
    ] {
        let (out, err) = said(&report(&folder, &["--html", file]), 1);
        assert_eq!(out, "");
        assert!(err.starts_with(&format!("stamped: cannot write `{file}`: ")), "{err}");
        assert!(err.contains(told), "{err}");
    }
    said(&report(&folder, &["--html", "a", "--json"]), 2);
}

#[test]
fn a_warning_is_shown_once() {
    let folder = folder();
    for arguments in [&[] as &[&str], &["--json"]] {
        let (out, err) = said(&report(&folder, arguments), 0);
        assert_eq!(out.matches("names no asset").count(), 1, "{out}");
        assert_eq!(err, "");
    }
    let (out, err) = said(&report(&folder, &["--quiet"]), 0);
    assert!(!out.contains("Warnings"), "{out}");
    let (_, silent) = said(&report(&folder, &["--quiet", "--html", "page.html"]), 0);
    assert_eq!((err, silent), (String::new(), String::new()));
}

#[test]
fn a_kept_name_is_told_from_an_extension_that_was_not_asked_for() {
    let (out, _) = said(&report(&folder(), &["--only", "css"]), 0);
    assert!(out.contains("  a.svg: its extension is not in --only\n"), "{out}");
    assert!(out.contains("  robots.txt: its name is kept\n"), "{out}");
}

/// A file system that allows such names is needed.
#[cfg(unix)]
#[test]
fn names_of_files_cannot_become_markup() {
    let folder = folder();
    let name = "<img src=x onerror=alert(1)><!-- '\"\u{2028}\u{202e}gpj.css";
    fs::write(folder.join("assets").join(name), "a{}").unwrap();
    said(&report(&folder, &["--html", "page.html"]), 0);
    let html = fs::read_to_string(folder.join("page.html")).unwrap();
    for text in ["<img src=x", "<!--", "\u{2028}", "\u{202e}"] {
        assert!(!html.contains(text), "{text}");
    }
    assert_eq!(data(&html)["assets"][0]["name"], name);
}
