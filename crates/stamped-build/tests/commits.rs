//! Tests stamps by git commit.

use stamped_build::{Bundle, Pipeline, Stamp};
use stamped_test_support::Dir;
use std::fs;
use std::path::Path;
use std::process::Command;

fn git(folder: &Path, seconds: u64, arguments: &[&str]) {
    let date = format!("{seconds} +0000");
    let status = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.com",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(["-c", "commit.gpgsign=false"])
        .args(arguments)
        .env("GIT_COMMITTER_DATE", &date)
        .env("GIT_AUTHOR_DATE", &date)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(
        status.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&status.stderr)
    );
}

fn commit(folder: &Path, seconds: u64) {
    git(folder, seconds, &["add", "-A", "-f"]);
    git(folder, seconds, &["commit", "-q", "-m", "x"]);
}

fn bundle(folder: &Path) -> Bundle {
    Pipeline::new(folder).stamp(Stamp::Committed).process().unwrap()
}

#[test]
fn a_committed_file_has_the_time_of_its_last_commit_and_another_its_own() {
    let dir = Dir::new();
    let repository = dir.path();
    git(repository, 1_000_000_000, &["init", "-q"]);
    dir.write("web/assets/old.css", "1");
    dir.write("web/assets/sub/图 a.css", "1");
    commit(repository, 1_000_000_001);
    dir.write("web/assets/new.css", "1");
    dir.write("web/assets/edited.css", "1");
    commit(repository, 1_000_000_002);
    dir.write("elsewhere", "1");
    commit(repository, 1_000_000_003);
    dir.write_at(1_500_000_001, "web/assets/edited.css", "2");
    dir.write_at(1_500_000_002, "web/assets/untracked/a.css", "2");
    fs::write(repository.join(".gitignore"), "ignored/").unwrap();
    dir.write_at(1_500_000_003, "web/assets/ignored/a.css", "2");

    let bundle = bundle(&dir.join("web/assets"));
    let stamp = |name: &str| bundle.get(name).unwrap().stamp().unwrap().to_owned();
    assert_eq!(stamp("old.css"), "1000000001");
    assert_eq!(stamp("sub/图 a.css"), "1000000001");
    assert_eq!(stamp("new.css"), "1000000002");
    assert_eq!(stamp("edited.css"), "1500000001");
    assert_eq!(stamp("untracked/a.css"), "1500000002");
    // Its time is that of an installation, so its content makes the stamp, which is said once.
    assert_eq!(stamp("ignored/a.css").len(), 20);
    let [warning] = bundle.warnings() else { panic!("{:?}", bundle.warnings()) };
    let said = "git ignores `ignored/a.css` in `";
    assert!(warning.message().starts_with(said), "{warning}");
    assert!(warning.message().ends_with("which is stamped by content"), "{warning}");
    assert_eq!(bundle.get("old.css").unwrap().last_modified(), Some(1_000_000_001));
}

#[test]
fn a_folder_in_one_that_git_ignores_is_stamped_by_content() {
    let dir = Dir::new();
    git(dir.path(), 1_000_000_000, &["init", "-q"]);
    dir.write(".gitignore", "node_modules");
    commit(dir.path(), 1_000_000_001);
    for file in ["a.js", "b.js", "sub/c.js"] {
        dir.write_at(1_500_000_003, format!("node_modules/x/dist/{file}"), file);
    }
    let bundle = bundle(&dir.join("node_modules/x/dist"));
    assert!(bundle.assets().iter().all(|asset| asset.stamp().unwrap().len() == 20));
    let [warning] = bundle.warnings() else { panic!("{:?}", bundle.warnings()) };
    assert!(warning.message().contains("`a.js` and 2 more files in `"), "{warning}");
}

#[test]
fn a_shallow_clone_is_a_warning_with_the_way_to_a_whole_one() {
    let dir = Dir::new();
    let repository = dir.mkdirp("whole");
    git(&repository, 1_000_000_000, &["init", "-q"]);
    dir.write("whole/a.css", "1");
    commit(&repository, 1_000_000_001);
    dir.write("whole/b.css", "1");
    commit(&repository, 1_000_000_002);
    let url = format!("file://{}", repository.display());
    git(&dir, 1_000_000_003, &["clone", "-q", "--depth", "1", &url, "shallow"]);
    let bundle = bundle(&dir.join("shallow"));
    assert_eq!(bundle.get("a.css").unwrap().stamp(), Some("1000000002"));
    let [warning] = bundle.warnings() else { panic!("{:?}", bundle.warnings()) };
    for part in ["shallow` is shallow", "the time of its first commit", "`fetch-depth: 0`"] {
        assert!(warning.to_string().contains(part), "{warning}");
    }
}

/// A merged branch may bring a commit that is older than the last on the main line. The stamp must change all
/// the same, so it is the time of the merge.
#[test]
fn a_merge_gives_what_it_brings_its_own_time() {
    let dir = Dir::new();
    let repository = dir.path();
    git(repository, 1_000_000_000, &["init", "-q"]);
    dir.write("a.css", "base");
    commit(repository, 1_000_000_001);
    git(repository, 1_000_000_000, &["checkout", "-q", "-b", "topic"]);
    dir.write("a.css", "topic");
    commit(repository, 1_000_000_002);
    git(repository, 1_000_000_000, &["checkout", "-q", "main"]);
    dir.write("b.css", "main");
    commit(repository, 1_000_000_009);
    git(repository, 1_000_000_010, &["merge", "-q", "--no-ff", "-m", "x", "topic"]);
    let bundle = bundle(repository);
    assert_eq!(bundle.get("a.css").unwrap().stamp(), Some("1000000010"));
    assert_eq!(bundle.get("b.css").unwrap().stamp(), Some("1000000009"));
}

#[test]
fn outside_of_git_the_modification_time_counts_and_a_warning_says_so() {
    let dir = Dir::new();
    dir.write("a.css", "");
    let bundle = bundle(&dir);
    assert_eq!(bundle.get("a.css").unwrap().stamp().unwrap().len(), 10);
    assert_eq!(bundle.warnings().len(), 1);
    assert!(
        bundle.warnings()[0].to_string().contains("modification times are used instead"),
        "{:?}",
        bundle.warnings()
    );
}
