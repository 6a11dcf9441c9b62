//! Builds programs whose contents the linker places.

mod support;

use std::fs;
use std::time::SystemTime;
use support::Project;

const BUILD: &str =
    "stamped_build::Pipeline::new(\"assets\").embed(stamped_build::Embed::Linked).bake()";

/// Compares every asset with its file.
const COMPARE: &str = r#"
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unreachable_pub, clippy::all)]
//! A program.
mod assets { stamped::include_assets!(); }

const EMPTY: stamped::Asset = assets::asset!("empty.css");

fn main() {
    assert_eq!(EMPTY.text(), Some(""));
    for asset in assets::ASSETS {
        let file = std::fs::read(format!("{}/assets/{}", env!("CARGO_MANIFEST_DIR"), asset.name())).unwrap();
        assert!(asset.bytes() == file, "{asset}");
        assert_eq!(asset.text(), std::str::from_utf8(&file).ok(), "{asset}");
    }
    println!("{}", assets::asset!("a.txt").text().unwrap());
}
"#;

fn project(name: &str) -> Project {
    let project = Project::new(name).build_features(&["linked"]);
    project.build_script(BUILD);
    project.write("assets/a.txt", "one");
    project.write("assets/empty.css", "");
    project.write("assets/\u{56fe}.txt", "\u{56fe}");
    project.write("assets/b.png", (0..=255).cycle().take(70_000).collect::<Vec<u8>>());
    project.write("src/main.rs", COMPARE);
    project
}

/// A time for an edit: of two contents of one second, the build warns.
fn seconds_from_now(seconds: u64) -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    now.as_secs() + 1 + seconds
}

/// The files that the compiler or the linker takes, by extension.
fn baked(project: &Project) -> Vec<String> {
    let folder = project.generated("");
    let mut extensions: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().extension().unwrap().to_str().unwrap().to_owned())
        .filter(|extension| !["memo", "unchanged", "versions"].contains(&extension.as_str()))
        .collect();
    extensions.sort_unstable();
    extensions
}

#[test]
fn linked_contents_are_those_of_the_files_after_every_change() {
    let project = project("linked");
    for (text, seconds) in ["one", "two", "a longer one", ""].into_iter().zip(0..) {
        project.write_at(seconds_from_now(seconds), "assets/a.txt", text);
        assert_eq!(project.run(), format!("{text}\n"));
    }
    let output = project.cargo(&["run", "--release"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    project.build_script(&BUILD.replace("Linked", "Include"));
    assert_eq!(project.run(), "\n");
    assert_eq!(baked(&project), ["binary", "index", "rs", "run", "strings", "text"]);
}

#[test]
fn there_is_one_library_and_no_second_copy_of_the_contents() {
    let project = project("linked-once");
    project.run();
    project.write_at(seconds_from_now(1), "assets/a.txt", "two");
    project.run();
    let library = if cfg!(all(windows, target_env = "msvc")) { "lib" } else { "a" };
    assert_eq!(baked(&project), [library, "index", "rs", "run", "strings"]);
}

/// All crates of one package find the library, each by itself: its library, its programs and its
/// tests; and a program may hold the same contents twice.
#[test]
fn a_library_its_program_and_their_tests_share_linked_contents() {
    let project = project("linked-shared");
    project.write(
        "src/lib.rs",
        "//! A library.\nmod assets { stamped::include_assets!(); }\n/// Text.\n///\n\
         /// ```\n/// assert_eq!(linked_shared::text(), \"one\");\n/// ```\npub fn text() -> &'static str \
         { assets::asset!(\"a.txt\").text().unwrap() }\n",
    );
    project.write(
        "src/main.rs",
        "mod assets { stamped::include_assets!(); }\nfn main() {\n    \
         println!(\"{} {}\", linked_shared::text(), assets::asset!(\"a.txt\").text().unwrap());\n    \
         println!(\"{}\", assets::asset!(\"b.png\").bytes().len());\n}\n",
    );
    project.write(
        "tests/all.rs",
        "mod assets { stamped::include_assets!(); }\n#[test]\nfn same() {\n    \
         assert_eq!(linked_shared::text(), assets::asset!(\"a.txt\").text().unwrap());\n}\n",
    );
    assert_eq!(project.run(), "one one\n70000\n");
    let output = project.cargo(&["test"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.matches(" 1 passed").count(), 2, "{said}");
}
