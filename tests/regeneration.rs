//! Checks that `cargo build` makes the assets again when, and only when, something has changed.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;
use support::{Project, url_of};

fn project(name: &str) -> Project {
    let project = Project::new(name);
    project.write_at(1_452_929_749, "assets/css/style.css", "a{}");
    project.write_at(1_452_929_750, "assets/app.js", "1");
    project
}

#[test]
fn nothing_changed_means_the_build_script_does_not_run_and_no_file_is_touched() {
    let project = project("unchanged");
    let first = project.run();
    assert_eq!(url_of(&first, "css/style.css"), "/static/css/style.1452929749.css");
    assert_eq!(project.runs(), 1);
    assert_eq!(project.run(), first);
    assert_eq!(project.runs(), 1);

    // Even where the script has to run, what it would write again is left alone.
    let files = ["assets.rs", "assets.index", "assets.strings", "assets.text", "assets.binary"];
    let times = || -> Vec<SystemTime> {
        files
            .map(|file| fs::metadata(project.generated(file)).unwrap().modified().unwrap())
            .to_vec()
    };
    let before = times();
    let touched = fs::File::options().write(true).open(project.path("build.rs")).unwrap();
    touched.set_modified(SystemTime::now()).unwrap();
    project.run();
    assert_eq!(project.runs(), 2);
    assert_eq!(times(), before);
}

#[test]
fn an_edited_file_gets_a_new_stamp_and_its_new_bytes() {
    let project = project("edited");
    let before = project.run();
    project.write("assets/css/style.css", "a{}\nb{}");
    let after = project.run();
    assert_ne!(url_of(&before, "css/style.css"), url_of(&after, "css/style.css"));
    assert!(
        after.lines().any(|line| line.starts_with("css/style.css ") && line.ends_with(" 7")),
        "{after}"
    );
    assert_eq!(url_of(&before, "app.js"), url_of(&after, "app.js"));
}

#[test]
fn added_removed_and_renamed_files_are_noticed() {
    let project = project("files");
    project.run();
    project.write("assets/css/new.css", "");
    assert!(project.run().contains("css/new.css "));
    fs::rename(project.path("assets/css/new.css"), project.path("assets/css/renamed.css")).unwrap();
    let renamed = project.run();
    assert!(renamed.contains("css/renamed.css ") && !renamed.contains("css/new.css "), "{renamed}");
    fs::remove_file(project.path("assets/css/renamed.css")).unwrap();
    assert!(!project.run().contains("renamed"));
    assert_eq!(project.runs(), 4);
}

#[test]
fn a_file_that_is_replaced_by_an_older_one_is_noticed() {
    let project = project("older");
    project.run();
    project.write_at(1_300_000_000, "older.css", "older");
    fs::rename(project.path("older.css"), project.path("assets/css/style.css")).unwrap();
    assert_eq!(url_of(&project.run(), "css/style.css"), "/static/css/style.1300000000.css");
}

#[test]
fn added_and_removed_folders_are_noticed() {
    let project = project("folders");
    project.run();
    project.write("assets/img/icons/a.svg", "<svg/>");
    assert!(project.run().contains("img/icons/a.svg "));
    fs::remove_dir_all(project.path("assets/img")).unwrap();
    assert!(!project.run().contains("img/"));
    fs::create_dir(project.path("assets/empty")).unwrap();
    project.run();
    assert_eq!(project.runs(), 4);
}

#[test]
fn a_folder_that_was_missing_is_noticed_when_it_appears() {
    let project = project("missing");
    project.build_script(
        "stamped_build::Pipeline::new(\"assets\").root_at(\"more\", \"later\").allow_missing(true).bake()",
    );
    assert!(!project.run().contains("more/"));
    project.write("later/a.css", "");
    assert!(project.run().contains("more/a.css "));
    let runs = project.runs();
    project.run();
    assert_eq!(project.runs(), runs);
}

#[test]
fn the_date_of_the_source_counts_and_its_change_is_noticed() {
    let mut project = project("epoch").environment("SOURCE_DATE_EPOCH", "1600000000");
    project.write_at(1_700_000_000, "assets/late.css", "");
    let before = project.run();
    assert_eq!(url_of(&before, "css/style.css"), "/static/css/style.1452929749.css");
    // Later than the source may be: stamped by content.
    assert_eq!(url_of(&before, "late.css").len(), "/static/late..css".len() + 20);
    assert_eq!((project.run(), project.runs()), (before, 1));
    project.set_environment("SOURCE_DATE_EPOCH", "1800000000");
    assert_eq!(url_of(&project.run(), "late.css"), "/static/late.1700000000.css");
    assert_eq!(project.runs(), 2);
    project.set_environment("SOURCE_DATE_EPOCH", "yesterday");
    let said = project.fails("build");
    assert!(
        said.contains("SOURCE_DATE_EPOCH is `yesterday`; set it to a number of seconds"),
        "{said}"
    );
}

/// The script has just written the folder, so cargo must not take its time as a change.
#[test]
fn a_folder_in_out_dir_does_not_make_the_script_run_each_time() {
    let project = project("made");
    project.build_script(
        r#"let made = std::path::Path::new(&std::env::var("OUT_DIR").unwrap()).join("css");
    std::fs::create_dir_all(&made).unwrap();
    std::fs::write(made.join("made.css"), "m{}").unwrap();
    stamped_build::Pipeline::new("assets").root_at("made", made).bake()"#,
    );
    let before = project.run();
    assert_eq!(url_of(&before, "made/made.css").len(), "/static/made/made..css".len() + 20);
    assert_eq!(project.run(), before);
    assert_eq!(project.runs(), 1);
    project.write("assets/css/style.css", "changed");
    assert_eq!(url_of(&project.run(), "made/made.css"), url_of(&before, "made/made.css"));
}

#[test]
fn a_commit_is_noticed_although_no_file_changes() {
    let project = project("commit");
    project.build_script(
        "stamped_build::Pipeline::new(\"assets\").stamp(stamped_build::Stamp::Committed).bake()",
    );
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .arg("-C")
            .arg(project.path(""))
            .args([
                "-c",
                "user.name=a",
                "-c",
                "user.email=a@example.com",
                "-c",
                "commit.gpgsign=false",
            ])
            .args(arguments)
            .env("GIT_COMMITTER_DATE", "1500000000 +0000")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "-q"]);
    git(&["add", "build.rs"]);
    git(&["commit", "-q", "-m", "x"]);
    assert_eq!(url_of(&project.run(), "app.js"), "/static/app.1452929750.js");
    git(&["add", "assets"]);
    git(&["commit", "-q", "-m", "x"]);
    assert_eq!(url_of(&project.run(), "app.js"), "/static/app.1500000000.js");
    let runs = project.runs();
    project.run();
    assert_eq!(project.runs(), runs);
}

/// As releases and the folders of some package managers are.
#[cfg(unix)]
#[test]
fn a_link_on_the_way_to_the_assets_that_leads_to_older_ones_is_noticed() {
    let project = Project::new("switched");
    for release in ["one", "two"] {
        project.write_at(1_400_000_000, &format!("releases/{release}/web/{release}.css"), release);
    }
    let switch = |release: &str| {
        let _ = fs::remove_file(project.path("current"));
        std::os::unix::fs::symlink(format!("releases/{release}"), project.path("current")).unwrap();
    };
    project.build_script("stamped_build::Pipeline::new(\"current/web\").bake()");
    switch("two");
    assert!(project.run().starts_with("two.css "));
    switch("one");
    assert!(project.run().starts_with("one.css "));
    let runs = project.runs();
    project.run();
    assert_eq!(project.runs(), runs);
}

/// Cargo compares times, and these are restored.
#[test]
fn a_script_that_runs_on_every_build_notices_what_escapes_cargo() {
    let project = Project::new("every");
    project.build_script("stamped_build::Pipeline::new(\"assets\").every_build(true).bake()");
    project.write_at(1_452_929_749, "assets/a.css", "1");
    project.run();
    project.write_at(1_400_000_000, "assets/a.css", "22");
    assert_eq!(project.run(), "a.css /static/a.1400000000.css 2\n");
}

/// Other reasons than assets make a build script run; the variable of the cache is one.
mod a_run_for_other_reasons {
    use super::*;

    fn rerun(project: &mut Project, cache: &str) -> String {
        let (output, told) = rerun_and_count(project, cache);
        assert_eq!(told, 1);
        output
    }

    /// What the program prints, and how many warnings there are.
    fn rerun_and_count(project: &mut Project, cache: &str) -> (String, usize) {
        let folder = project.root().join(cache);
        project.set_environment("STAMPED_CACHE", folder.to_str().unwrap());
        let runs = project.runs();
        let output = project.cargo(&["run"]);
        assert_eq!(project.runs(), runs + 1);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        println!("{said}");
        let told = said.lines().filter(|line| line.starts_with("warning:")).count();
        (String::from_utf8(output.stdout).unwrap(), told)
    }

    /// A file that is written only where files were read.
    fn trace(project: &Project) -> std::path::PathBuf {
        project.generated("assets.memo")
    }

    fn project(name: &str) -> Project {
        let project = Project::new(name);
        project.write_at(1_452_929_749, "assets/css/style.css", "a{b:url(missing.png)}");
        project
    }

    #[test]
    fn reads_no_file_and_tells_the_same() {
        let mut project = project("rerun");
        let first = rerun(&mut project, "one");
        fs::remove_file(trace(&project)).unwrap();
        assert_eq!(rerun(&mut project, "two"), first);
        assert!(!trace(&project).exists());
    }

    #[test]
    fn makes_what_was_lost_again() {
        let mut project = project("rerun-lost");
        let first = rerun(&mut project, "one");
        for file in ["assets.rs", "assets.index", "assets.strings", "assets.text", "assets.binary"]
        {
            fs::remove_file(project.generated(file)).unwrap();
            assert_eq!(rerun(&mut project, file), first);
        }
    }

    /// Which cargo does not see.
    #[cfg(unix)]
    #[test]
    fn sees_a_file_that_has_other_bytes_of_the_same_number_and_time() {
        let mut project = project("rerun-sly");
        rerun(&mut project, "one");
        project.write("src/main.rs", "mod assets { stamped::include_assets!(); }\nfn main() { print!(\"{}\", assets::asset!(\"css/style.css\").text().unwrap()); }");
        project.write_at(1_452_929_749, "assets/css/style.css", "b{b:url(missing.png)}");
        let (printed, told) = rerun_and_count(&mut project, "two");
        assert_eq!((&*printed, told), ("b{b:url(missing.png)}", 2));
    }

    /// Caches may hold the first version under the first URL.
    #[test]
    fn gives_other_bytes_of_the_same_time_another_stamp_and_keeps_it() {
        let mut project = project("rerun-second");
        let first = rerun(&mut project, "one");
        project.write_at(1_452_929_749, "assets/css/style.css", "a{b:url(missing.gif)}");
        let (second, told) = rerun_and_count(&mut project, "two");
        let (first, apart) = (url_of(&first, "css/style.css"), url_of(&second, "css/style.css"));
        assert_eq!((apart.len(), told), (first.len() + 6, 2), "{apart}");
        project.write_at(1_452_929_749, "assets/new.css", "");
        let third = rerun(&mut project, "three");
        assert_eq!(url_of(&third, "css/style.css"), apart);
    }

    #[cfg(unix)]
    #[test]
    fn tells_of_what_is_neither_file_nor_folder_since_then() {
        let mut project = project("rerun-fifo");
        let first = rerun(&mut project, "one");
        let made = Command::new("mkfifo").arg(project.path("assets/pipe")).status().unwrap();
        assert!(made.success());
        assert_eq!(rerun_and_count(&mut project, "two"), (first, 2));
    }

    #[test]
    fn runs_every_transformation() {
        let mut project = project("rerun-transform");
        project.write_at(1_452_929_749, "outside.txt", "1");
        project.build_script(
            r#"stamped_build::Pipeline::new("assets").transform("*.css", |draft| {
                let more = std::fs::read("outside.txt")?;
                draft.set_bytes([draft.bytes(), more.as_slice()].concat());
                Ok(())
            }).bake()"#,
        );
        assert!(rerun(&mut project, "one").ends_with(" 22\n"));
        project.write_at(1_452_929_749, "outside.txt", "333");
        assert!(rerun(&mut project, "two").ends_with(" 24\n"));
    }
}

/// A transformation whose results are kept. It puts the bytes of the file that a file names in the place of the name,
/// and notes each file that it is called for.
const KEPT: &str = r#"
    struct Include;
    impl stamped_build::Transform for Include {
        fn pattern(&self) -> &str { "*.inc" }
        fn fingerprint(&self) -> Option<String> { Some(std::fs::read_to_string("version.txt").unwrap()) }
        fn apply(&self, draft: &mut stamped_build::Draft) -> Result<(), stamped_build::BoxError> {
            let name = draft.name().to_owned();
            let mut called = std::fs::File::options().append(true).create(true).open("../called")?;
            writeln!(called, "{name}")?;
            let path = String::from_utf8(draft.bytes().to_owned())?;
            // What would come first if it were there.
            draft.reads(format!("first/{}", path.trim()))?;
            let path = match std::path::Path::new("first").join(path.trim()) {
                first if first.exists() => first,
                _ => path.trim().into(),
            };
            let bytes = draft.read(path)?;
            draft.set_bytes(bytes);
            draft.warn("it was included");
            Ok(())
        }
    }
    stamped_build::Pipeline::new("assets").transform_with(Include).bake()"#;

#[test]
fn only_what_depends_on_an_edit_is_transformed_again() {
    let project = Project::new("kept-results");
    project.build_script(KEPT);
    // An earlier run of this test has left its results.
    project.write("version.txt", format!("{:?}", SystemTime::now()));
    project.write("assets/a.inc", "one.txt");
    project.write("assets/b.inc", "one.txt");
    project.write("assets/c.inc", "two.txt");
    project.write("assets/d.css", "d{}");
    project.write("one.txt", "1");
    project.write("two.txt", "22");
    let called = || {
        let path = project.root().join("called");
        let mut names: Vec<String> =
            fs::read_to_string(&path).unwrap_or_default().lines().map(str::to_owned).collect();
        let _ = fs::remove_file(path);
        names.sort();
        names
    };
    // The lengths of the three files, and who was called.
    let build = || {
        let output = project.cargo(&["run"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        let text = String::from_utf8(output.stdout).unwrap();
        let lengths: Vec<String> = text
            .lines()
            .filter(|line| line.contains(".inc "))
            .map(|line| line.rsplit(' ').next().unwrap().to_owned())
            .collect();
        (lengths.join(" "), called(), said)
    };
    let (lengths, names, said) = build();
    assert_eq!((&*lengths, names), ("1 1 2", vec!["a.inc".into(), "b.inc".into(), "c.inc".into()]));
    assert!(said.contains("assets/a.inc`: it was included"), "{said}");
    assert_eq!((build().1, project.runs()), (Vec::<String>::new(), 1));

    // The script runs, but has nothing to do. Its warnings are told again.
    project.write("assets/d.css", "d{e:f}");
    let (lengths, names, said) = build();
    assert_eq!((&*lengths, names, project.runs()), ("1 1 2", vec![], 2));
    assert!(said.contains("assets/a.inc`: it was included"), "{said}");

    // Cargo watches what was read outside of the folder.
    project.write("one.txt", "333");
    let (lengths, names, _) = build();
    assert_eq!((&*lengths, names), ("3 3 2", vec!["a.inc".into(), "b.inc".into()]));
    // What was made once is found again.
    project.write("one.txt", "1");
    let (lengths, names, _) = build();
    assert_eq!((&*lengths, names), ("1 1 2", vec![]));

    // A file that would have been read instead is noticed by the next run, which cargo is not asked for.
    project.write("first/two.txt", "4444");
    project.write("assets/d.css", "d{g:h}");
    let (lengths, names, _) = build();
    assert_eq!((&*lengths, names), ("1 1 4", vec!["c.inc".into()]));

    // Another setting, and a script that was compiled again.
    project.write("assets/d.css", "d{i:j}");
    project.write("version.txt", format!("{:?}", SystemTime::now()));
    assert_eq!(build().1.len(), 3);
    project.build_script(&format!("let _ = 1; {KEPT}"));
    assert_eq!((build().1, project.runs()), (Vec::<String>::new(), 7));
}

#[test]
fn what_another_version_of_a_library_has_made_is_not_taken() {
    let project = Project::new("kept-library");
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/stamped-build");
    let compiler = |version: &str| {
        let manifest = |name: &str, version: &str, dependencies: &str| {
            format!(
                "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n[dependencies]\n{dependencies}"
            )
        };
        let library = "library = { path = \"../library\" }\n";
        let build = format!("stamped-build = {{ path = {build:?} }}\n");
        project.write("library/Cargo.toml", manifest("library", version, ""));
        project.write("library/src/lib.rs", format!("pub const TEXT: &str = {version:?};"));
        project.write(
            "compiler/Cargo.toml",
            manifest("compiler", "1.0.0", &(library.to_owned() + &build)),
        );
    };
    project.write(
        "compiler/src/lib.rs",
        r#"pub struct Compiler;
        impl stamped_build::Transform for Compiler {
            fn pattern(&self) -> &str { "*.css" }
            fn fingerprint(&self) -> Option<String> { Some(String::new()) }
            fn apply(&self, draft: &mut stamped_build::Draft) -> Result<(), stamped_build::BoxError> {
                Ok(draft.set_bytes(library::TEXT))
            }
        }"#,
    );
    project.manifest("", "[build-dependencies.compiler]\npath = \"compiler\"\n");
    project.build_script(
        "stamped_build::Pipeline::new(\"assets\").transform_with(compiler::Compiler).bake()",
    );
    project.write("assets/a.css", "");
    for (version, length) in [("1.0.0", 5), ("1.0.10", 6), ("1.0.0", 5)] {
        compiler(version);
        let said = project.run();
        assert!(said.ends_with(&format!(" {length}\n")), "{version}: {said}");
    }
}
