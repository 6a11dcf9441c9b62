//! A debug build, and a run of live mode, read only what changed since the last one, and miss no change.
#![cfg(unix)]

use stamped_build::{Embed, Pipeline};
use stamped_test_support::{Dir, touch_at, write_at};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

const TIME: u64 = 1_767_261_600;

/// So long after a change, every other change has another time.
const SETTLED: Duration = Duration::from_millis(4_100);

/// The variable that makes a test of this file a build script.
const SCRIPT: &str = "STAMPED_TEST_BUILD_SCRIPT";

/// A package whose build script is the test of this name.
struct Package {
    dir: Dir,
    test: &'static str,
}

impl Package {
    fn new(test: &'static str) -> Self {
        Package { dir: Dir::new(), test }
    }

    fn asset(&self, name: &str) -> std::path::PathBuf {
        self.dir.join("assets").join(name)
    }

    /// Runs the build script, and returns how many bytes it has read, if the system counts them.
    fn bake(&self, out: &str, variables: &[(&str, &str)]) -> Option<u64> {
        let out_dir = self.dir.mkdirp(out);
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([self.test, "--exact", "--nocapture"]);
        command.env(SCRIPT, "1").env("CARGO_MANIFEST_DIR", self.dir.path());
        command.env("OUT_DIR", out_dir).env("PROFILE", "debug").env_remove("SOURCE_DATE_EPOCH");
        command.env_remove("STAMPED_READ_ALL").envs(variables.iter().copied());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).unwrap();
        let count = said.lines().find_map(|line| line.strip_prefix("read "));
        count.map(|count| count.parse().unwrap())
    }

    /// Builds with what the last build has left, and builds while reading every file. Both must be the same.
    #[track_caller]
    fn both(&self) {
        self.bake("out", &[]);
        self.bake("all", &[("STAMPED_READ_ALL", "1")]);
        for extension in ["rs", "index", "strings", "text", "binary", "versions"] {
            let file =
                |out| fs::read(self.dir.join(out).join("stamped/assets").with_extension(extension));
            assert!(file("out").unwrap() == file("all").unwrap(), "{extension}");
        }
    }
}

/// What a test does when it is run as a build script. Returns whether it is.
fn is_script(make: impl FnOnce(Pipeline)) -> bool {
    if std::env::var_os(SCRIPT).is_none() {
        return false;
    }
    make(Pipeline::new("assets"));
    if let Ok(counts) = fs::read_to_string("/proc/self/io") {
        let read = counts.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap();
        println!("read {read}");
    }
    true
}

#[test]
fn a_change_that_sizes_and_modification_times_do_not_show_is_seen() {
    if is_script(|pipeline| pipeline.embed(Embed::Include).bake().unwrap()) {
        return;
    }
    let package = Package::new("a_change_that_sizes_and_modification_times_do_not_show_is_seen");
    let asset = |name: &str| package.asset(name);
    for name in
        ["rewritten.css", "renamed.css", "future.css", "ancient.css", "twice.css", "kept.css"]
    {
        write_at(TIME, asset(name), "a { order: 1 }");
    }
    write_at(4_000_000_000, asset("future.css"), "a { order: 1 }");
    write_at(7, asset("ancient.css"), "a { order: 1 }");
    // Both targets of each link are there from the beginning, with one size and time.
    for number in ["1", "2"] {
        write_at(
            TIME,
            package.dir.join(format!("other/{number}.css")),
            format!("a {{ order: {number} }}"),
        );
        write_at(TIME, asset(&format!("targets/{number}.css")), format!("a {{ order: {number} }}"));
        write_at(
            TIME,
            asset(&format!("folders/{number}/a.css")),
            format!("a {{ order: {number} }}"),
        );
    }
    package.dir.symlink("targets/1.css", "assets/link.css");
    package.dir.symlink("folders/1", "assets/folder");
    sleep(SETTLED);
    package.both();
    package.both();

    for (name, time) in [("rewritten.css", TIME), ("future.css", 4_000_000_000), ("ancient.css", 7)]
    {
        write_at(time, asset(name), "a { order: 2 }");
    }
    fs::rename(package.dir.join("other/2.css"), asset("renamed.css")).unwrap();
    for (link, target) in [("link.css", "targets/2.css"), ("folder", "folders/2")] {
        fs::remove_file(asset(link)).unwrap();
        package.dir.symlink(target, Path::new("assets").join(link));
    }
    package.both();
    let text = fs::read_to_string(package.dir.join("out/stamped/assets.text")).unwrap();
    // Equal contents are stored once.
    assert!(text.contains("order: 2"), "{text}");

    // In the same tick of the clock, as far as that can be had: the time is put back before it goes on.
    for order in 3..9 {
        write_at(TIME, asset("twice.css"), format!("a {{ order: {order} }}"));
        package.bake("out", &[]);
        write_at(TIME, asset("twice.css"), format!("a {{ order: {} }}", order + 1));
        touch_at(TIME, asset("twice.css"));
        package.both();
    }

    // Others come and go, and the rest is found all the same.
    fs::remove_file(asset("kept.css")).unwrap();
    write_at(TIME, asset("added/first.css"), "b {}");
    package.both();
}

#[cfg(target_os = "linux")]
#[test]
fn a_debug_build_after_an_edit_does_not_read_the_rest() {
    if is_script(|pipeline| pipeline.embed(Embed::Nothing).bake().unwrap()) {
        return;
    }
    let read_all = [[("STAMPED_READ_ALL", "1")], [("PROFILE", "release")]];
    reads_what_changed("a_debug_build_after_an_edit_does_not_read_the_rest", &read_all);
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_over_a_served_folder_after_an_edit_does_not_read_the_rest() {
    if is_script(|pipeline| {
        let folder = std::env::var_os("OUT_DIR").unwrap();
        drop(pipeline.write_live(Path::new(&folder)).unwrap());
    }) {
        return;
    }
    let read_all = [[("STAMPED_READ_ALL", "1")]];
    reads_what_changed(
        "a_run_over_a_served_folder_after_an_edit_does_not_read_the_rest",
        &read_all,
    );
}

/// Asserts that the second run of a script reads an edited file, but not the others, and that it reads all
/// of them with these variables.
#[cfg(target_os = "linux")]
#[track_caller]
fn reads_what_changed(test: &'static str, read_all: &[[(&str, &str); 1]]) {
    const FILES: usize = 40;
    const EACH: usize = 100_000;
    let package = Package::new(test);
    for number in 0..FILES {
        write_at(TIME, package.asset(&format!("{number}.bin")), vec![number as u8; EACH]);
    }
    sleep(SETTLED);
    let all = (FILES * EACH) as u64;
    let first = package.bake("out", &[]).unwrap();
    assert!(first > all, "{first}");
    write_at(TIME + 1, package.asset("7.bin"), b"edited");
    let second = package.bake("out", &[]).unwrap();
    // Its own program and libraries are among what it reads.
    assert!(second < first - all / 2, "{second} after {first}");
    for variables in read_all {
        write_at(TIME + 2, package.asset("7.bin"), b"edited");
        let read = package.bake("out", variables).unwrap();
        assert!(read > all - EACH as u64, "{read} with {variables:?}");
    }
}
