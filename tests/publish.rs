//! Publishes exported folders to a folder, and with the feature `publish` to real object stores that the
//! tests start themselves.
#![cfg(unix)]

mod support;

use base64::Engine as _;
use serde_json::Value;
use stamped_test_support::Dir;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A folder with what was built, and a target beside it.
struct Site(Dir);

impl Site {
    fn new(name: &str) -> Self {
        Site(Dir::at(Path::new(env!("CARGO_TARGET_TMPDIR")).join("publish").join(name)))
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    /// Builds these files into `out`.
    fn build(&self, out: &str, files: &[(&str, &str)], arguments: &[&str]) {
        let assets = Dir::at(self.path("assets"));
        for (name, text) in files {
            assets.write_at(1_452_929_749, name, text);
        }
        let mut command = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
        command.arg("build").arg(assets.path()).arg("--out").arg(self.path(out)).arg("--quiet");
        command.args(["--stamp", "content"]).args(arguments).env_remove("SOURCE_DATE_EPOCH");
        succeeds(&command.output().unwrap());
    }

    /// The command that publishes `out` to `target`.
    fn command(&self, out: &str, target: &str, arguments: &[&str]) -> Command {
        let mut command = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
        command.arg("publish").arg(self.path(out)).arg(target).args(arguments);
        command.current_dir(&self.0);
        command
    }

    /// Publishes to the folder `target`, and returns the summary.
    #[track_caller]
    fn publish(&self, out: &str, arguments: &[&str]) -> Value {
        let output = self.command(out, "target", arguments).arg("--json").output().unwrap();
        succeeds(&output);
        serde_json::from_slice(&output.stdout).unwrap()
    }

    #[track_caller]
    fn fails(&self, out: &str, arguments: &[&str]) -> String {
        let output = self.command(out, "target", arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        said(&output)
    }

    /// Reads a key of the folder `target`.
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        fs::read(self.path("target").join(key)).ok()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn succeeds(output: &Output) {
    assert!(output.status.success(), "{}", said(output));
}

fn integrity(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA384, bytes);
    format!("sha384-{}", base64::engine::general_purpose::STANDARD.encode(digest))
}

/// Follows the manifest as a visitor does, and counts the files. What is missing or wrong is an error.
fn crawl(get: impl Fn(&str) -> Option<Vec<u8>>) -> Result<usize, String> {
    // There is none before the first publish has ended.
    let Some(manifest) = get(".stamped/manifest.json") else { return Ok(0) };
    let manifest: Value = serde_json::from_slice(&manifest).map_err(|error| error.to_string())?;
    let current = manifest["assets"].as_object().unwrap().values();
    let mut count = 0;
    for version in current.chain(manifest["retired"].as_array().unwrap()) {
        if version["stamp"].is_null() && version["prestamped"] != true {
            continue;
        }
        let key = format!("static/{}", version["path"].as_str().unwrap());
        let bytes = get(&key).ok_or_else(|| format!("`{key}` is missing"))?;
        if version["integrity"] != integrity(&bytes) {
            return Err(format!("`{key}` has other bytes than the manifest says"));
        }
        count += 1;
    }
    Ok(count)
}

/// One version of a site: a page, a sheet with a picture, names of many kinds.
fn files(version: &str) -> Vec<(String, String)> {
    let mut files = vec![
        ("index.html".into(), format!("<link rel=stylesheet href=css/style.css>{version}")),
        (
            "css/style.css".into(),
            format!("a{{background:url(../img/a.svg)}}/*{version}*/").repeat(40),
        ),
        ("img/a.svg".into(), format!("<svg><!--{version}--></svg>")),
        ("robots.txt".into(), format!("# {version}\n").repeat(200)),
        ("img/图 1 #2%20.svg".into(), "<svg/>".into()),
        ("empty.txt".into(), String::new()),
    ];
    files.extend(
        (0..12).map(|number| (format!("js/{number}.js"), format!("let a={number};//{version}"))),
    );
    files
}

fn built(site: &Site, out: &str, version: &str) {
    let files = files(version);
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    site.build(out, &files, &["--encodings", "gzip,br"]);
}

#[test]
fn each_file_gets_the_key_of_its_url_and_a_second_publish_changes_nothing() {
    let site = Site::new("keys");
    built(&site, "out", "1");
    let first = site.publish("out", &[]);
    assert_eq!((&first["unchanged"], &first["kept"]), (&0.into(), &0.into()));
    assert_eq!(crawl(|key| site.get(key)), Ok(16));
    let manifest = fs::read(site.path("out/manifest.json")).unwrap();
    assert_eq!(site.get(".stamped/manifest.json"), Some(manifest));
    let robots = fs::read(site.path("out/static/robots.txt")).unwrap();
    assert_eq!(site.get("robots.txt"), Some(robots.clone()));
    assert_eq!(site.get("static/robots.txt"), Some(robots));
    assert!(site.get("static/css/style.css").is_some() && site.get("static/index.html").is_some());
    // Only what has a URL: no encodings beside the files, and nothing of the work.
    assert_eq!(site.get("static/css/style.css.br"), None);
    assert!(!site.path("target/.stamped/new").exists());

    let second = site.publish("out", &[]);
    assert_eq!((&second["put"], &second["unchanged"]), (&0.into(), &first["put"]));
}

#[test]
fn the_root_of_a_site_can_be_the_mount() {
    let site = Site::new("root");
    site.build(
        "out",
        &[("a.css", "a{}"), ("robots.txt", "r"), ("manifest.json", "{}")],
        &["--mount", "/"],
    );
    site.publish("out", &[]);
    assert_eq!(site.get("a.css"), Some(b"a{}".to_vec()));
    assert_eq!(site.get("manifest.json"), Some(b"{}".to_vec()));
    assert_eq!(site.publish("out", &["--prune"])["put"], 0);
}

#[test]
fn what_others_have_put_there_is_reported_and_never_overwritten() {
    let site = Site::new("strangers");
    built(&site, "out", "1");
    let style = {
        let manifest = fs::read(site.path("out/manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        format!("static/{}", manifest["assets"]["css/style.css"]["path"].as_str().unwrap())
    };
    for (key, says) in [(style.as_str(), "other bytes"), ("static/index.html", "by a publish")] {
        site.0.write(format!("target/{key}"), "theirs");
        let said = site.fails("out", &[]);
        assert!(said.contains(key) && said.contains(says), "{said}");
        assert!(said.contains("nothing was changed"), "{said}");
        assert_eq!(site.get(key), Some(b"theirs".to_vec()));
        assert!(site.get("robots.txt").is_none() && site.get(".stamped/manifest.json").is_none());
        fs::remove_file(site.path("target").join(key)).unwrap();
    }
    // The same bytes are as good as ours.
    site.0.write("target/static/empty.txt", "");
    assert_eq!(site.publish("out", &[])["unchanged"], 1);
}

#[test]
fn earlier_versions_stay_and_are_listed_until_they_are_pruned() {
    let site = Site::new("versions");
    for version in ["1", "2", "3"] {
        fs::remove_dir_all(site.path("out")).ok();
        built(&site, "out", version);
        site.publish("out", &[]);
    }
    // A fresh checkout knows no earlier versions, and the target does. Two files never changed.
    assert_eq!(crawl(|key| site.get(key)), Ok(16 + 2 * 14));
    let keep = ["--prune", "--keep-for", "0s", "--keep"];
    let pruned = site.publish("out", &[&keep[..], &["1"]].concat());
    assert_eq!((&pruned["deleted"], &pruned["kept"]), (&14.into(), &14.into()));
    assert_eq!(crawl(|key| site.get(key)), Ok(16 + 14));
    site.build("out", &[("css/style.css", "a{}")], &[]);
    let all = ["--prune", "--keep-bytes"];
    let kept = |site: &Site| {
        let manifest: Value =
            serde_json::from_slice(&site.get(".stamped/manifest.json").unwrap()).unwrap();
        let retired = manifest["retired"].as_array().unwrap().iter();
        retired.map(|version| version["size"].as_u64().unwrap()).sum::<u64>()
    };
    site.publish("out", &[&all[..], &["1m"]].concat());
    assert!(kept(&site) > 4000);
    // Room for one of two style sheets, and for what is smaller.
    site.publish("out", &[&all[..], &["3k"]].concat());
    assert!((2000..=3000).contains(&kept(&site)), "{}", kept(&site));
    assert!(crawl(|key| site.get(key)).unwrap() > 1);
    let pruned = site.publish("out", &[&keep[..], &["0"]].concat());
    assert_eq!(pruned["kept"], 0);
    assert_eq!(crawl(|key| site.get(key)), Ok(1));
    let left = stamped_files(&site.path("target"));
    let own = [".stamped/importmap.json", ".stamped/lock", ".stamped/manifest.json"];
    assert!(own.iter().all(|own| left.contains(&(*own).to_owned())), "{left:?}");
    assert_eq!(left.len(), own.len() + 2, "{left:?}");
}

/// The paths of all files below a folder.
fn stamped_files(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(path).unwrap().map(Result::unwrap) {
            match entry.file_type().unwrap().is_dir() {
                true => open.push(entry.path()),
                false => {
                    files.push(entry.path().strip_prefix(folder).unwrap().to_str().unwrap().into())
                }
            }
        }
    }
    files.sort();
    files
}

/// A tool that knows nothing of stamped.
#[test]
fn another_tool_can_carry_the_plan_out() {
    let site = Site::new("plan");
    for version in ["1", "2"] {
        fs::remove_dir_all(site.path("out")).ok();
        built(&site, "out", version);
        let output = site.command("out", "target", &["--plan"]).output().unwrap();
        succeeds(&output);
        let mut phases = Vec::new();
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let step: Value = serde_json::from_str(line).unwrap();
            assert_eq!(step["do"], "put");
            let key = step["key"].as_str().unwrap();
            let bytes = match step["file"].as_str() {
                Some(file) => fs::read(site.path("out").join(file)).unwrap(),
                None => step["text"].as_str().unwrap().as_bytes().to_vec(),
            };
            assert_eq!(step["size"], bytes.len());
            let digest = format!("sha384-{}", step["metadata"]["stampedsha384"].as_str().unwrap());
            assert_eq!(digest, integrity(&bytes));
            let cache = step["headers"]["Cache-Control"].as_str().unwrap();
            let is_stamped = cache.contains("immutable");
            assert!(!is_stamped || step["if_none_match"] == "*");
            phases.push((!is_stamped, key == ".stamped/manifest.json"));
            site.0.write(format!("target/{key}"), bytes);
        }
        assert!(phases.is_sorted() && phases.last() == Some(&(true, true)));
        crawl(|key| site.get(key)).unwrap();
        assert_eq!(site.publish("out", &[])["put"], 0);
    }
}

#[cfg(not(feature = "publish"))]
#[test]
fn a_program_without_the_feature_plans_for_a_bucket_and_says_what_is_missing() {
    let site = Site::new("without");
    built(&site, "out", "1");
    let output =
        site.command("out", "s3://b/a b", &["--plan", "--encoding", "br"]).output().unwrap();
    succeeds(&output);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(said(&output).contains("not looked at") && text.lines().count() > 30);
    assert!(text.lines().all(|line| line.contains(r#""key":"a b/"#)), "{text}");
    assert!(text.contains(r#""Content-Encoding":"br""#));
    let output = site.command("out", "s3://b", &[]).output().unwrap();
    assert!(said(&output).contains("--features publish"), "{}", said(&output));
}

#[test]
fn a_file_that_changed_since_the_build_is_not_published() {
    let site = Site::new("damaged");
    built(&site, "out", "1");
    site.publish("out", &[]);
    let before = stamped_files(&site.path("target"));
    built(&site, "out", "2");
    site.0.write("out/static/js/3.js", "edited");
    let said = site.fails("out", &[]);
    assert!(said.contains("out/static/js/3.js") && said.contains("build again"), "{said}");
    assert!(said.contains("steps are done") && said.contains("run it again"), "{said}");
    assert_eq!(crawl(|key| site.get(key)), Ok(16));
    // The next build finishes what this one has begun.
    built(&site, "out", "2");
    site.publish("out", &["--prune", "--keep", "0", "--keep-for", "0s"]);
    assert_eq!(stamped_files(&site.path("target")).len(), before.len());
}

#[test]
fn only_one_publish_at_a_time_writes_to_a_folder() {
    let site = Site::new("at-once");
    for version in ["1", "2"] {
        built(&site, version, version);
    }
    let run = |out: &str| {
        site.command(out, "target", &[]).stdin(Stdio::null()).stderr(Stdio::piped()).spawn()
    };
    for _ in 0..8 {
        let both = ["1", "2"].map(|out| run(out).unwrap());
        for process in both {
            let output = process.wait_with_output().unwrap();
            assert!(
                output.status.success() || said(&output).contains("another publish"),
                "{}",
                said(&output)
            );
        }
        crawl(|key| site.get(key)).unwrap();
    }
}

/// Runs and kills publishes at random moments, while a reader follows the manifest all the time.
fn kills(
    site: &Site,
    get: impl Fn(&str) -> Option<Vec<u8>> + Sync,
    mut command: impl FnMut(&str) -> Command,
) {
    const KILLS: u32 = 50;
    let outs: Vec<String> = (0..6).map(|version| format!("out{version}")).collect();
    for out in &outs {
        built(site, out, out);
    }
    let start = Instant::now();
    succeeds(&command(&outs[0]).output().unwrap());
    let whole = start.elapsed();
    let (done, rounds) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (mut killed, mut random) = (0, u64::from(std::process::id()));
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                crawl(&get).unwrap();
                rounds.fetch_add(1, Ordering::Relaxed);
            }
        });
        for number in 1.. {
            let out = &outs[number % outs.len()];
            // Some come to their end, or the reader would see one manifest only.
            if number % 5 == 0 {
                succeeds(&command(out).output().unwrap());
                continue;
            }
            let mut process =
                command(out).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            std::thread::sleep(whole * u32::try_from(random >> 54).unwrap() / 800);
            killed += u32::from(process.try_wait().unwrap().is_none());
            process.kill().ok();
            process.wait().unwrap();
            // A slow store is not read often. A reader that has ended has found something wrong.
            let is_enough = killed >= KILLS && rounds.load(Ordering::Relaxed) > 10;
            if is_enough || reader.is_finished() {
                break;
            }
        }
        done.store(true, Ordering::Relaxed);
        reader.join().unwrap();
    });
    // The next one finishes the work.
    succeeds(&command(&outs[0]).output().unwrap());
    assert!(crawl(&get).unwrap() > 16);
    let index = fs::read(site.path("out0/static/index.html")).unwrap();
    assert_eq!(get("static/index.html"), Some(index));
}

#[test]
fn a_reader_finds_all_files_while_publishes_to_a_folder_are_killed() {
    let site = Site::new("kills");
    kills(&site, |key| site.get(key), |out| site.command(out, "target", &[]));
    assert!(!site.path("target/.stamped/new").exists());
    assert!(!site.path("target/.stamped/unfinished.json").exists());
}

/// Runs a command until `is_ready`, interrupts it as Ctrl-C does, and returns what it said.
fn interrupted(mut command: Command, is_ready: impl Fn() -> bool) -> String {
    let mut process: Child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while !is_ready() {
        assert!(start.elapsed() < Duration::from_secs(60), "it never came so far");
        assert_eq!(process.try_wait().unwrap(), None, "it ended before");
        std::thread::sleep(Duration::from_millis(20));
    }
    let id = process.id().to_string();
    assert!(Command::new("kill").args(["-s", "INT", &id]).status().unwrap().success());
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    said(&output)
}

#[test]
fn an_interrupt_says_what_is_done_and_the_next_publish_finishes_it() {
    let site = Site::new("interrupt");
    built(&site, "out", "1");
    site.publish("out", &[]);
    built(&site, "out", "2");
    // One file that never comes to its end, such as one on a disk that hangs.
    let script = site.path("out/static/js/3.js");
    let text = fs::read(&script).unwrap();
    fs::remove_file(&script).unwrap();
    assert!(Command::new("mkfifo").arg(&script).status().unwrap().success());
    let index = fs::read(site.path("out/static/index.html")).unwrap();
    let plain = || site.get("static/js/11.js").is_some_and(|text| text.ends_with(b"//2"));
    let said = interrupted(site.command("out", "target", &[]), plain);
    assert!(said.starts_with("stamped: interrupted; at least "), "{said}");
    assert!(
        said.contains("steps are done") && said.contains("the manifest is as it was"),
        "{said}"
    );
    assert!(said.ends_with("run it again to finish\n"), "{said}");
    assert_eq!(crawl(|key| site.get(key)), Ok(16));
    assert_ne!(site.get("static/index.html"), Some(index.clone()));

    fs::remove_file(&script).unwrap();
    fs::write(&script, text).unwrap();
    assert!(site.publish("out", &[])["unchanged"].as_u64().unwrap() > 14);
    assert_eq!(crawl(|key| site.get(key)), Ok(16 + 14));
    assert_eq!(site.get("static/index.html"), Some(index));
}

#[test]
#[ignore = "twenty thousand files: see tests/run"]
fn twenty_thousand_files_are_published() {
    let site = Site::new("many");
    let files: Vec<(String, String)> = (0..10_000)
        .map(|number| (format!("{}/{number}.js", number % 97), format!("let a={number}")))
        .collect();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    site.build("out", &files, &["--encodings", "none"]);
    assert_eq!(site.publish("out", &[])["put"], 20_002);
    assert_eq!(crawl(|key| site.get(key)), Ok(10_000));
    assert_eq!(site.publish("out", &[])["unchanged"], 20_002);
}

#[cfg(feature = "publish")]
#[path = "publish/buckets.rs"]
mod buckets;
#[cfg(feature = "publish")]
#[path = "publish/mistakes.rs"]
mod mistakes;
