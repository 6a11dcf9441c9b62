//! Tests what a transformation can make of a file. `tests/regeneration.rs` of the workspace tests what is kept.

use stamped_build::{BoxError, Bundle, Draft, ErrorKind, Pipeline, References, Stamp, Transform};
use stamped_test_support::Dir;

fn text(bundle: &Bundle, name: &str) -> String {
    String::from_utf8(bundle.get(name).unwrap().bytes().unwrap().into_owned()).unwrap()
}

/// Puts the text of `shared.txt` in the place of `$shared`.
struct Shared(std::path::PathBuf);

impl Transform for Shared {
    fn pattern(&self) -> &str {
        "*.in.css"
    }

    fn fingerprint(&self) -> Option<String> {
        Some(String::new())
    }

    fn apply(&self, draft: &mut Draft) -> Result<(), BoxError> {
        let shared = String::from_utf8(draft.read(&self.0)?)?;
        let text = str::from_utf8(draft.bytes())?.replace("$shared", &shared);
        draft.set_bytes(text);
        draft.set_name(draft.name().replace(".in.css", ".css"));
        Ok(())
    }
}

#[test]
fn a_file_can_be_left_out_and_others_added() {
    let dir = Dir::new();
    dir.write("_part.txt", "");
    dir.write("app.txt", "app");
    let bundle = Pipeline::new(dir.path())
        .transform("*.txt", |draft| {
            if draft.name().starts_with('_') {
                draft.leave_out();
            } else {
                draft.add("app.txt.map", "the map");
                draft.warn("watch out");
            }
            Ok(())
        })
        // What was added is there for the next.
        .transform("*.map", |draft| {
            draft.set_bytes(draft.bytes().to_ascii_uppercase());
            Ok(())
        })
        .process()
        .unwrap();
    let names: Vec<_> = bundle.assets().iter().map(|asset| asset.name()).collect();
    assert_eq!(names, ["app.txt", "app.txt.map"]);
    assert_eq!(
        (text(&bundle, "app.txt"), text(&bundle, "app.txt.map")),
        ("app".into(), "THE MAP".into())
    );
    let warnings: Vec<_> = bundle.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(warnings, [format!("`{}`: watch out", dir.join("app.txt").display())]);
}

#[test]
fn what_is_read_decides_the_time_of_what_is_made() {
    let dir = Dir::new();
    dir.write_at(1_452_929_749, "assets/a.in.css", "a { b: $shared }");
    dir.write_at(1_452_929_749, "assets/same.in.css", "a{}");
    dir.write_at(1_500_000_000, "shared.txt", "red");
    let shared = Shared(dir.join("shared.txt"));
    let bundle = Pipeline::new(dir.join("assets")).transform_with(shared).process().unwrap();
    assert_eq!(text(&bundle, "a.css"), "a { b: red }");
    let stamp = |name| bundle.get(name).unwrap().stamp().unwrap().to_owned();
    assert!(stamp("a.css").starts_with("1500000000") && stamp("a.css").len() == 16);
    // Nothing of what was read is in it.
    assert_eq!(stamp("same.css"), "1452929749");
}

#[test]
fn references_to_the_name_before_lead_to_the_name_after() {
    let dir = Dir::new();
    dir.write("page.html", "<link rel=stylesheet href=css/app.in.css><script src=sw.ts></script>");
    dir.write("css/app.in.css", "@import 'part.in.css';");
    dir.write("css/part.in.css", "a{}");
    dir.write("sw.ts", "1");
    let pipeline = || {
        Pipeline::new(dir.path()).stamp(Stamp::Fixed(7)).transform("*.{in.css,ts}", |draft| {
            let name = draft.name().replace(".in.css", ".css").replace(".ts", ".js");
            draft.set_name(name);
            Ok(())
        })
    };
    let bundle = pipeline().process().unwrap();
    // A service worker is not stamped, but its name is another.
    assert_eq!(
        text(&bundle, "page.html"),
        "<link rel=stylesheet href=css/app.7.css><script src=sw.js></script>"
    );
    assert_eq!(text(&bundle, "css/app.css"), "@import 'part.7.css';");
    assert_eq!(bundle.warnings(), []);
    let left = pipeline().references(References::Leave).process().unwrap();
    assert_eq!(text(&left, "css/app.css"), "@import 'part.in.css';");
}

#[test]
fn two_results_of_one_name_are_an_error_that_names_both_files() {
    let dir = Dir::new();
    dir.write("app.css", "");
    dir.write("app.in.css", "");
    dir.write("shared.txt", "");
    let pipeline = Pipeline::new(dir.path()).transform_with(Shared(dir.join("shared.txt")));
    let error = pipeline.process().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DuplicateName);
    let (first, second) = (dir.join("app.css"), dir.join("app.in.css"));
    assert_eq!(
        error.message(),
        format!(
            "two sources for the asset `app.css`: `{}` and `{}`",
            first.display(),
            second.display()
        )
    );
}

#[test]
fn what_cannot_be_read_is_named_in_the_error() {
    let dir = Dir::new();
    dir.write("a.in.css", "");
    let missing = dir.join("missing.txt");
    let error =
        Pipeline::new(dir.path()).transform_with(Shared(missing.clone())).process().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transform);
    assert!(error.message().contains(&format!("failed: `{}`: ", missing.display())), "{error}");
}

#[test]
fn an_error_of_several_lines_has_the_way_out_below() {
    let dir = Dir::new();
    dir.write("a.css", "");
    let pipeline =
        Pipeline::new(dir.path()).transform("*.css", |_| Err("no\n --> a.css:1:1".into()));
    let error = pipeline.process().unwrap_err().to_string();
    let lines: Vec<&str> = error.lines().collect();
    assert!(lines[0].ends_with("failed: no"), "{error}");
    assert_eq!(lines[1..], [" --> a.css:1:1", "mend the file, or leave it out with `.exclude(…)`"]);
}
