//! Which changes of files make a script run, and how often.

#![cfg(unix)]

use super::script::Script;
use super::session::Session;
use super::watch::Happened;
use crate::files::Run;
use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::{format, vec::Vec};
use core::time::Duration;
use stamped_test_support::Dir;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// A script that counts its runs, and depends on a folder and a file.
struct Project {
    dir: Dir,
    session: Arc<Session>,
    interval: Option<Duration>,
}

impl Project {
    fn new() -> Self {
        Self::over(Dir::new(), None)
    }

    fn over(dir: Dir, interval: Option<Duration>) -> Self {
        dir.write("package/assets/css/a.css", "a{}");
        dir.write("package/assets/img/deep/one.svg", "<svg/>");
        dir.write("package/version.txt", "1");
        let script = "echo >>runs; echo cargo::rerun-if-changed=package/assets
            echo cargo::rerun-if-changed=package/version.txt
            echo cargo::rerun-if-changed=package/missing/folder";
        let program = dir.write("script.sh", format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let text = |path: &Path| path.to_str().unwrap().to_string();
        let run = Run { program: text(&program), folder: text(dir.path()), variables: Vec::new() };
        let script = Script::with(run, dir.join("target"));
        let session = Session::start(script.unwrap(), interval).unwrap();
        session.heed(&Happened::Change);
        let project = Project { dir, session, interval };
        // The first run tells what to watch, which is why another one follows.
        project.settle();
        project.settle();
        project
    }

    /// Waits until no change is left that no run has seen.
    fn settle(&self) {
        if let Some(interval) = self.interval {
            // Twice, because a look may have begun before the change.
            std::thread::sleep(interval * 4);
        }
        self.session.current("unknown");
    }

    /// How often the script runs because of this.
    fn runs(&self, change: impl FnOnce(&Assets)) -> usize {
        let count = || fs::read(self.dir.join("runs")).unwrap().len();
        let before = count();
        change(&Assets(self.dir.join("package/assets")));
        self.settle();
        count() - before
    }
}

impl Project {
    /// Asserts that this makes the script run once. It may be more where this process was not let on for
    /// longer than it is waited for quiet, so that is tried again.
    #[track_caller]
    fn runs_once(&self, what: &str, change: impl Fn(&Assets)) {
        let runs: Vec<_> =
            (0..5).map(|_| self.runs(&change)).take_while(|runs| *runs != 1).collect();
        assert!(runs.len() < 5 && !runs.contains(&0), "{what}: {runs:?}");
    }
}

/// The folder that the script depends on.
struct Assets(PathBuf);

impl Assets {
    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.at(name).parent().unwrap()).unwrap();
        fs::write(self.at(name), text).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.at(from), self.at(to)).unwrap();
    }
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(folder).args(["-c", "user.name=a", "-c", "user.email=a@a"]).args(arguments);
    let output = git.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn each_way_of_saving_a_file_is_one_run() {
    let project = Project::new();
    let saved = |how: &str, save: &dyn Fn(&Assets)| project.runs_once(how, save);
    for _ in 0..3 {
        saved("in place", &|assets| assets.write("css/a.css", "b{}"));
        saved("a new file under the old name", &|assets| {
            assets.write("css/a.css.tmp", "c{}");
            assets.rename("css/a.css.tmp", "css/a.css");
        });
        // With `backupcopy=no`.
        saved("vim", &|assets| {
            assets.write("css/4913", "");
            fs::remove_file(assets.at("css/4913")).unwrap();
            assets.rename("css/a.css", "css/a.css~");
            assets.write("css/a.css", "d{}");
            fs::remove_file(assets.at("css/a.css~")).unwrap();
        });
        saved("JetBrains", &|assets| {
            assets.write("css/a.css___jb_tmp___", "e{}");
            assets.rename("css/a.css", "css/a.css___jb_old___");
            assets.rename("css/a.css___jb_tmp___", "css/a.css");
            fs::remove_file(assets.at("css/a.css___jb_old___")).unwrap();
        });
        saved("another time", &|assets| {
            let touched = Command::new("touch").arg(assets.at("css/a.css")).status();
            assert!(touched.unwrap().success());
        });
        saved("another name", &|assets| {
            assets.rename("css/a.css", "css/b.css");
            assets.rename("css/b.css", "css/a.css");
        });
    }
    assert_eq!(project.runs(|assets| drop(fs::read(assets.at("css/a.css")))), 0);
}

#[test]
fn a_checkout_of_a_thousand_files_is_one_run() {
    let dir = Dir::new();
    for number in 0..1000 {
        dir.write(format!("package/assets/many/{number}.css"), "a{}");
    }
    let assets = dir.join("package/assets");
    git(&assets, &["init", "--quiet"]);
    git(&assets, &["add", "."]);
    git(&assets, &["commit", "--quiet", "--message", "one"]);
    git(&assets, &["checkout", "--quiet", "-b", "two"]);
    for number in 0..1000 {
        dir.write(format!("package/assets/many/{number}.css"), "another{}");
    }
    git(&assets, &["commit", "--quiet", "--all", "--message", "two"]);
    let project = Project::over(dir, None);
    for branch in ["HEAD~1", "two", "HEAD~1"] {
        let runs = project.runs(|assets| git(&assets.0, &["checkout", "--quiet", branch]));
        assert_eq!(runs, 1, "{branch}");
    }
}

#[test]
fn what_is_new_is_watched_wherever_it_lies() {
    let project = Project::new();
    let seen = |what: &str, change: &dyn Fn(&Assets)| {
        assert!(project.runs(change) >= 1, "{what}");
    };
    seen("folders in folders", &|assets| assets.write("x/y/z/new.css", "a{}"));
    seen("a file in there", &|assets| assets.write("x/y/z/new.css", "b{}"));
    seen("a folder with another name", &|assets| assets.rename("x", "w"));
    seen("a file in there", &|assets| assets.write("w/y/z/new.css", "c{}"));
    seen("a folder that is gone", &|assets| fs::remove_dir_all(assets.at("w/y")).unwrap());
    seen("one that is back", &|assets| assets.write("w/y/z/new.css", "d{}"));
    seen("a file in there", &|assets| assets.write("w/y/z/new.css", "e{}"));
    let missing = |path: &str| project.dir.join("package/missing").join(path);
    seen("what was not there", &|_| fs::create_dir_all(missing("folder")).unwrap());
    seen("a file in there", &|_| fs::write(missing("folder/a"), "").unwrap());
}

#[test]
fn a_folder_that_is_made_anew_is_watched_however_fast_that_was() {
    let project = Project::new();
    let seen = |what: &str, change: &dyn Fn(&Assets)| {
        assert!(project.runs(change) >= 1, "{what}");
    };
    for round in 0..3 {
        for pause in [0, 60] {
            seen("gone and back", &|assets| {
                fs::remove_dir_all(&assets.0).unwrap();
                std::thread::sleep(Duration::from_millis(pause));
                assets.write("css/a.css", "a{}");
            });
            seen("an edit in the new one", &|assets| assets.write("css/a.css", "b{}"));
            seen("the folder around it, too", &|assets| {
                fs::remove_dir_all(assets.0.parent().unwrap()).unwrap();
                std::thread::sleep(Duration::from_millis(pause));
                assets.write("css/a.css", "c{}");
            });
            seen("an edit in the new one", &|assets| assets.write("css/a.css", "d{}"));
            let text = round.to_string();
            seen("the file beside it", &|assets| assets.write("../version.txt", &text));
        }
        seen("another folder in its place", &|assets| {
            assets.write("../other/css/a.css", "e{}");
            fs::rename(&assets.0, project.dir.join("package/old")).unwrap();
            fs::rename(project.dir.join("package/other"), &assets.0).unwrap();
        });
        seen("an edit in there", &|assets| assets.write("css/a.css", "f{}"));
        assert_eq!(project.runs(|assets| assets.write("../old/css/a.css", "g{}")), 0);
        fs::remove_dir_all(project.dir.join("package/old")).unwrap();
    }
}

#[test]
fn links_are_followed_to_what_they_lead_to_now() {
    let dir = Dir::new();
    dir.write("one/a.css", "a{}");
    dir.write("two/a.css", "a{}");
    dir.write("elsewhere/b.css", "b{}");
    dir.mkdirp("package");
    dir.symlink("../one", "package/assets");
    let project = Project::over(dir, None);
    let write = |path: &str, text: &str| fs::write(project.dir.join(path), text).unwrap();
    project.runs_once("the first", |_| write("one/a.css", "b{}"));
    let turned = project.runs(|assets| {
        project.dir.symlink("../two", "package/new");
        fs::rename(project.dir.join("package/new"), &assets.0).unwrap();
    });
    assert!(turned >= 1);
    project.runs_once("the next", |_| write("two/a.css", "c{}"));
    assert_eq!(project.runs(|_| write("one/a.css", "c{}")), 0);
    let linked = project.runs(|assets| {
        std::os::unix::fs::symlink("../elsewhere", assets.at("lib")).unwrap();
    });
    assert!(linked >= 1);
    project.runs_once("behind a new one", |_| write("elsewhere/b.css", "c{}"));
}

#[test]
fn what_a_failed_run_names_for_the_first_time_is_watched_until_one_succeeds() {
    let project = Project::new();
    let script = |ends: &str| {
        let said = "echo >>runs; echo cargo::rerun-if-changed=package/assets";
        project.dir.write("script.sh", format!("#!/bin/sh\n{said}\n{ends}\n"));
    };
    script("echo cargo::rerun-if-changed=partial/one.scss; exit 1");
    let edit = |assets: &Assets| assets.write("css/a.css", "b{}");
    assert!(project.runs(edit) >= 1);
    project.runs_once("what was not there", |assets| assets.write("../../partial/one.scss", "1"));
    project.runs_once("and is edited", |assets| assets.write("../../partial/one.scss", "2"));
    project.runs_once("what the last good run named", |assets| assets.write("../version.txt", "2"));
    script("");
    assert!(project.runs(edit) >= 1);
    assert_eq!(project.runs(|assets| assets.write("../../partial/one.scss", "3")), 0);
    assert_eq!(project.runs(|assets| assets.write("../version.txt", "3")), 0);
}

#[test]
fn neighbours_of_what_is_watched_start_no_run() {
    let project = Project::new();
    let runs = project.runs(|assets| {
        for name in ["../neighbour.txt", "../assets2/a.css", "../version.txt.bak", "../src/main.rs"]
        {
            assets.write(name, "1");
            assets.write(name, "2");
        }
        fs::rename(assets.at("../neighbour.txt"), assets.at("../other.txt")).unwrap();
        fs::remove_dir_all(assets.at("../assets2")).unwrap();
    });
    assert_eq!(runs, 0);
    project.runs_once("an edit", |assets| assets.write("../version.txt", "2"));
    project.runs_once("another file in its place", |assets| {
        assets.write("../version.new", "3");
        assets.rename("../version.new", "../version.txt");
    });
    assert_eq!(project.runs(|assets| fs::remove_file(assets.at("../version.txt")).unwrap()), 1);
    project.runs_once("one that is back", |assets| assets.write("../version.txt", "4"));
}

#[test]
fn a_request_right_behind_a_change_waits_for_the_run() {
    let project = Project::new();
    for round in 0..100 {
        let runs = project.runs(|assets| assets.write("css/a.css", &round.to_string()));
        assert!(runs >= 1, "{round}");
    }
}

#[test]
fn files_are_looked_at_where_the_system_does_not_tell() {
    let project = Project::over(Dir::new(), Some(Duration::from_millis(50)));
    let idle = project.runs(|_| std::thread::sleep(Duration::from_millis(300)));
    assert_eq!(idle, 0);
    for change in [
        &(|assets: &Assets| assets.write("css/a.css", "b{}")) as &dyn Fn(&Assets),
        &|assets| assets.write("css/a.css", "c{}"),
        &|assets| assets.write("new/b.css", "b{}"),
        &|assets| assets.rename("new", "renamed"),
        &|assets| fs::remove_dir_all(assets.at("renamed")).unwrap(),
        &|assets| {
            fs::remove_dir_all(&assets.0).unwrap();
            assets.write("css/a.css", "d{}");
        },
        &|assets| assets.write("../version.txt", "2"),
        &|assets| assets.write("../missing/folder/a", "2"),
    ] {
        assert!(project.runs(change) >= 1);
    }
    assert_eq!(project.runs(|assets| assets.write("../neighbour.txt", "1")), 0);
}

#[test]
fn a_session_that_ends_keeps_nobody_waiting() {
    let project = Project::new();
    project.dir.write("script.sh", "#!/bin/sh\nsleep 2\n");
    project.dir.write("package/assets/css/a.css", "b{}");
    let (session, start) = (Arc::clone(&project.session), Instant::now());
    let waits = std::thread::spawn(move || session.current("unknown"));
    std::thread::sleep(Duration::from_millis(100));
    project.session.end();
    waits.join().unwrap();
    assert!(start.elapsed() < Duration::from_secs(15));
}
