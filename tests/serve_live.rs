//! Live mode of `stamped serve`: a folder that is made anew whenever a file changes.

#![cfg(unix)]

mod support;

use stamped_build::Pipeline;
use stamped_test_support::Dir;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use support::server::{Answer, Server, free_port};

fn stamped(arguments: &[&str], port: u16) -> Command {
    let mut command = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
    command.arg("serve").args(arguments).args(["--listen", &format!("127.0.0.1:{port}")]);
    command.env_remove("SOURCE_DATE_EPOCH");
    command
}

/// A server over `site` in this folder, whose stderr is in `log`.
fn start(dir: &Dir, arguments: &[&str], log: &str) -> Server {
    let port = free_port();
    let mut command = stamped(&[&["site"], arguments].concat(), port);
    Server::start(port, command.current_dir(dir.path()), &dir.join(log))
}

fn said(dir: &Dir) -> String {
    fs::read_to_string(dir.join("live.log")).unwrap()
}

const PAGE: &str = "<!doctype html><html lang=en><link rel=stylesheet href=css/page.css>\
    <script type=module src=js/app.js></script><img src='img/a b.svg' srcset='img/one.png 2x'>";

fn site() -> Dir {
    let dir = Dir::new();
    let write = |name: &str, bytes: &[u8]| drop(dir.write(format!("site/{name}"), bytes));
    write("index.html", PAGE.as_bytes());
    write("docs/index.html", b"<p>docs <a href=../index.html>up</a>");
    write("robots.txt", b"User-agent: *");
    write("css/page.css", b"@import 'base.css'; a { background: url(../img/one.png) }");
    write("css/base.css", b"p { background: url('../img/a b.svg') }");
    write("css/latin1.css", b"/* \xe9\xff */ a { background: url(../img/one.png) }");
    write("js/app.js", b"import { b } from './b.js'; b();\n//# sourceMappingURL=app.js.map");
    write("js/b.js", b"export const b = () => new URL('../img/one.png', import.meta.url);");
    write("js/app.js.map", b"{}");
    write("img/a b.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><image href='one.png'/></svg>");
    write("img/one.png", &[0x89; 3000]);
    write("img/large.bin", &[7; 200_000]);
    write("deep/er/\u{56fe}.txt", "\u{56fe}".as_bytes());
    write("empty.css", b"");
    write("LICENSE", b"free");
    write("drafts/secret.css", b"a{}");
    dir
}

/// What must be equal in both modes.
fn essence(answer: &Answer) -> (u16, Vec<(String, String)>, &[u8]) {
    let differs = ["date", "cache-control"];
    let fields = answer.fields.iter().filter(|(name, _)| !differs.contains(&&**name));
    (answer.status, fields.cloned().collect(), &answer.body)
}

/// Asserts that the live server answers as one that is started now. Returns how many paths it asked for.
fn assert_equal(
    dir: &Dir,
    live: &Server,
    arguments: &[&str],
    pipeline: impl Fn(Pipeline) -> Pipeline,
    what: &str,
) -> usize {
    let built = start(dir, &[arguments, &["--encodings", "none"]].concat(), "built.log");
    let bundle = pipeline(Pipeline::new(dir.join("site"))).encodings([]).process().unwrap();
    let mount = bundle.mount();
    let mut paths: Vec<String> =
        ["/", "/docs/", "/docs", "/no.css", "/robots.txt", "/drafts/secret.css"]
            .map(|path| format!("{mount}{path}"))
            .into();
    paths.extend(["/robots.txt".to_owned(), format!("{mount}/css/x/y/new.css")]);
    for asset in bundle.assets() {
        let (stem, suffix) = stamped::name::split(asset.name());
        let encoded = |name: &str| format!("{mount}/{}", stamped::percent::Encoded(name));
        let stale = encoded(&format!("{stem}.1{suffix}"));
        paths.extend([asset.url().to_owned(), encoded(asset.name()), stale]);
    }
    for path in &paths {
        for (method, field) in [
            ("GET", ""),
            ("GET", "Range: bytes=1-3\r\n"),
            ("GET", "If-None-Match: *\r\n"),
            ("HEAD", ""),
        ] {
            let field = format!("Sec-Fetch-Dest: empty\r\n{field}");
            let (one, other) = (live.ask(method, path, &field), built.ask(method, path, &field));
            assert!(essence(&one) == essence(&other), "{what}: {method} {path} {field}");
            assert!(
                one.field("cache-control") == "no-store" || one.status == 204,
                "{what}: {path}"
            );
        }
    }
    paths.len()
}

#[test]
fn answers_are_those_of_a_server_that_is_started_now_but_may_not_be_stored() {
    let dir = site();
    let arguments = ["--mount", "/", "--exclude", "/drafts", "--markup", "*.svg"];
    let pipeline = |pipeline: Pipeline| {
        let plain = stamped_build::NEVER_STAMPED.iter().copied();
        pipeline.mount("/").exclude("/drafts").markup("*.svg").plain(plain)
    };
    let live = start(&dir, &[&arguments[..], &["--live"]].concat(), "live.log");
    let same = |what: &str| assert_equal(&dir, &live, &arguments, pipeline, what);
    assert!(same("at first") > 40);
    dir.write("site/css/base.css", "p { background: url('../img/a b.svg') red }");
    same("an edit of an imported style sheet");
    dir.write("site/img/one.png", [0x88; 3000]);
    dir.write("site/img/large.bin", [8; 200_000]);
    same("edits of pictures, of equal lengths");
    dir.write("site/css/x/y/new.css", "@import '../../base.css';");
    same("new folders");
    fs::rename(dir.join("site/css/x"), dir.join("site/css/w")).unwrap();
    same("a folder with another name");
    fs::remove_dir_all(dir.join("site/css/w")).unwrap();
    fs::remove_file(dir.join("site/img/large.bin")).unwrap();
    same("a folder and a file that are gone");
    dir.write("site/css/.page.css.swp", "@import 'base.css'; b{}");
    fs::rename(dir.join("site/css/.page.css.swp"), dir.join("site/css/page.css")).unwrap();
    dir.write("site/empty.css", "now { it: is-not }");
    same("saved by renaming");
    dir.write("site/css/page.css", "a { background: url(../img/gone.png) }");
    assert!(same("a reference to nothing") > 40);
    let said = said(&dir);
    assert!(said.contains("stamped: warning: ") && said.contains("gone.png"), "{said}");
}

#[test]
fn all_options_apply() {
    let all = |pipeline: Pipeline| pipeline.exclude("/drafts");
    let plain = || stamped_build::NEVER_STAMPED.iter().copied().chain(["app.js"]);
    type Set = Box<dyn Fn(Pipeline) -> Pipeline>;
    let sets: [(&[&str], Set); 4] = [
        (
            &["--stamp", "content", "--references", "import-map", "--mount", "/a/b"],
            Box::new(move |pipeline| {
                let map = stamped_build::References::ImportMap;
                all(pipeline).stamp(stamped_build::Stamp::Content).references(map).mount("/a/b")
            }),
        ),
        (
            &["--references", "leave", "--only", "css,js"],
            Box::new(move |pipeline| {
                let leave = stamped_build::References::Leave;
                all(pipeline).references(leave).stamp_only(["css", "js"])
            }),
        ),
        (
            &["--stamp", "7", "--plain", "app.js", "--verbatim", "css/**"],
            Box::new(move |pipeline| {
                let seven = stamped_build::Stamp::Fixed(7);
                all(pipeline).stamp(seven).plain(plain()).verbatim("css/**")
            }),
        ),
        (
            &["--follow-links", "--prestamped", "css/*", "--no-cache"],
            Box::new(move |pipeline| all(pipeline).follow_links(true).prestamped("css/*")),
        ),
    ];
    for (arguments, pipeline) in sets {
        let dir = site();
        dir.write("outside/x.css", "x{}");
        dir.symlink("../outside", "site/lib");
        dir.symlink("deep", "site/inside");
        let arguments = [arguments, &["--exclude", "/drafts"]].concat();
        let live = start(&dir, &[&arguments[..], &["--live"]].concat(), "live.log");
        let same = |what: &str| assert_equal(&dir, &live, &arguments, &pipeline, what);
        same(&format!("{arguments:?}"));
        dir.write("site/css/base.css", "q { background: url('../img/a b.svg') red }");
        dir.write("site/lib/x.css", "y{}");
        same(&format!("{arguments:?} after an edit"));
    }
}

#[test]
fn pages_load_the_script_and_other_answers_stay_as_they_are() {
    let dir = site();
    let live = start(&dir, &["--live"], "live.log");
    let element = "<script src=\"/static/.stamped/live.js";
    for path in ["/static/", "/static/index.html", "/static/docs/"] {
        let answer = live.ask("GET", path, "Sec-Fetch-Dest: document\r\n");
        assert!(String::from_utf8(answer.body).unwrap().contains(element), "{path}");
        let answer = live.ask("GET", path, "Sec-Fetch-Dest: empty\r\n");
        assert!(!String::from_utf8(answer.body).unwrap().contains(element), "{path}");
    }
    let script = live.ask("GET", "/static/.stamped/live.js", "");
    assert_eq!(script.field("content-type"), "text/javascript; charset=utf-8");
    let plain = start(&dir, &[], "built.log");
    assert_eq!(plain.ask("GET", "/static/.stamped/live.js", "").status, 404);
    let page = plain.ask("GET", "/static/", "");
    assert!(!String::from_utf8(page.body).unwrap().contains("live.js"));
}

/// Listens to the events, and returns the next of this kind.
fn listen(live: &Server) -> impl FnMut(&str) -> Option<String> + use<> {
    let mut stream = TcpStream::connect(("127.0.0.1", live.port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "GET /static/.stamped/events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines();
    move |kind| {
        let (wanted, start) = (format!("event: {kind}"), Instant::now());
        lines
            .by_ref()
            .inspect(|_| assert!(start.elapsed() < Duration::from_secs(40), "no event `{kind}`"))
            .find(|line| line.as_ref().is_ok_and(|line| *line == wanted))?
            .unwrap();
        let data = lines.next()?.unwrap();
        Some(data.strip_prefix("data: ").unwrap().to_owned())
    }
}

/// A file in the folder whose name is not UTF-8, which is an error.
fn not_utf8(dir: &Dir) -> PathBuf {
    let path = dir.join("site").join(std::ffi::OsStr::from_bytes(b"a\xff.css"));
    fs::write(&path, "").unwrap();
    path
}

#[test]
fn an_error_is_told_to_pages_and_the_last_good_version_goes_on() {
    let dir = site();
    let live = start(&dir, &["--live"], "live.log");
    let mut next = listen(&live);
    next("hello").unwrap();
    let sheet = live.ask("GET", "/static/css/page.css", "").body;
    dir.write("site/css/page.css", "changed {}");
    let broken = not_utf8(&dir);
    let failure = next("failed").unwrap();
    let told = said(&dir);
    let line = told.lines().find(|line| line.contains(".css")).unwrap();
    assert!(line.starts_with("stamped: ") && line.contains("--exclude"), "{told} {failure}");
    assert!(!failure.contains("stamped: ") && failure.contains("--exclude"), "{failure}");
    assert_eq!(live.ask("GET", "/static/css/page.css", "").body, sheet);
    // Whoever opens a page now sees it, too.
    assert_eq!(listen(&live)("failed").unwrap(), failure);
    fs::remove_file(broken).unwrap();
    next("repaired").unwrap();
    assert!(next("changed").unwrap().contains("css/page."));
    assert_eq!(live.ask("GET", "/static/css/page.css", "").body, b"changed {}");
    // A folder that is gone is an error as well, until it is back.
    fs::rename(dir.join("site"), dir.join("moved")).unwrap();
    assert!(next("failed").unwrap().contains("there is no folder `site`"));
    assert_eq!(live.ask("GET", "/static/css/page.css", "").body, b"changed {}");
    fs::rename(dir.join("moved"), dir.join("site")).unwrap();
    next("repaired").unwrap();
    dir.write("site/css/page.css", "again {}");
    assert_eq!(live.ask("GET", "/static/css/page.css", "").body, b"again {}");
}

#[test]
fn a_folder_that_cannot_be_made_at_first_is_an_error_as_without_live_mode() {
    let dir = site();
    not_utf8(&dir);
    let run = |arguments: &[&str]| {
        let mut command = stamped(&[&["site"], arguments].concat(), 0);
        let mut process =
            command.current_dir(dir.path()).stderr(std::process::Stdio::piped()).spawn().unwrap();
        let start = Instant::now();
        while process.try_wait().unwrap().is_none() && start.elapsed() < Duration::from_secs(40) {
            std::thread::sleep(Duration::from_millis(10));
        }
        process.kill().ok();
        process.wait_with_output().unwrap()
    };
    let (live, plain) = (run(&["--live"]), run(&[]));
    assert_eq!(live.status.code(), Some(1));
    let text = String::from_utf8(live.stderr).unwrap();
    assert_eq!(text, String::from_utf8(plain.stderr).unwrap());
    assert_eq!(text.matches("stamped: ").count(), 1, "{text}");
}

#[test]
fn files_are_looked_at_where_the_system_cannot_watch_so_many_folders() {
    let limited = "echo 6 >/proc/sys/user/max_inotify_watches && exec \"$0\" \"$@\"";
    if !stamped_test_support::is_installed(&format!("unshare -Ur sh -c '{limited}' true")) {
        return;
    }
    let dir = site();
    let port = free_port();
    let serve = stamped(&["site", "--live"], port);
    let mut command = Command::new("unshare");
    stamped_test_support::own_cache(&mut command, env!("CARGO_BIN_EXE_stamped"));
    command.args(["-Ur", "sh", "-c", limited]).arg(serve.get_program()).args(serve.get_args());
    let live = Server::start(port, command.current_dir(dir.path()), &dir.join("live.log"));
    let mut next = listen(&live);
    next("hello").unwrap();
    let told = said(&dir);
    assert_eq!(told.matches("files are looked at every 500 ms").count(), 1, "{told}");
    assert!(told.contains("max_user_watches") && told.contains("STAMPED_POLL"), "{told}");
    for text in ["b{}", "c{}"] {
        dir.write("site/css/base.css", text);
        assert!(next("changed").unwrap().contains("css/base."));
        assert_eq!(live.ask("GET", "/static/css/base.css", "").body, text.as_bytes());
    }
    assert_eq!(said(&dir).matches("stamped: ").count(), 1);
}

#[test]
fn a_variable_chooses_how_often_files_are_looked_at() {
    let dir = site();
    let port = free_port();
    let mut command = stamped(&["site", "--live"], port);
    command.current_dir(dir.path()).env("STAMPED_POLL", "50");
    let live = Server::start(port, &mut command, &dir.join("live.log"));
    let mut next = listen(&live);
    next("hello").unwrap();
    dir.write("site/css/new/a.css", "b{}");
    assert!(next("changed").unwrap().contains("css/new/a."));
    // Left on the disk, and seen to be another when it is asked for.
    dir.write("site/img/large.bin", [9; 200_000]);
    assert!(live.ask("GET", "/static/img/large.bin", "").body == [9; 200_000]);
    let mut command = stamped(&["site", "--live"], 0);
    let output = command.current_dir(dir.path()).env("STAMPED_POLL", "often").output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("STAMPED_POLL must be a number of milliseconds"), "{told}");
}

/// Processor time of a process and of those that it has waited for, in hundredths of a second.
#[cfg(target_os = "linux")]
fn processor_time(process: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields = stat.rsplit_once(") ").unwrap().1.split(' ').skip(11).take(4);
    fields.map(|field| field.parse::<u64>().unwrap()).sum()
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_without_changes_takes_no_processor_time() {
    let dir = site();
    let live = start(&dir, &["--live"], "live.log");
    let mut next = listen(&live);
    next("hello").unwrap();
    live.ask("GET", "/static/", "");
    let before = processor_time(live.id());
    for neighbour in 0..30 {
        dir.write(format!("neighbour {neighbour}"), "a");
        dir.write("site/css/.page.css.swp", "as vim writes while somebody types");
        std::thread::sleep(Duration::from_millis(100));
    }
    // Thirty runs would take more.
    let taken = processor_time(live.id()) - before;
    assert!(taken <= 2, "{taken}");
    dir.write("site/css/page.css", "a{}");
    next("changed").unwrap();
}

#[test]
fn what_was_written_is_gone_once_the_server_has_ended() {
    let dir = site();
    let cache = dir.join("cache");
    let slots = || {
        let files = |folder: &Path| fs::read_dir(folder).map_or(0, Iterator::count);
        (0..16).filter(|slot| files(&cache.join(format!("live/{slot}/out"))) > 0).count()
    };
    for signal in ["KILL", "INT", "TERM"] {
        let one = start(&dir, &["--live", "--cache", "cache"], "live.log");
        let other = start(&dir, &["--live", "--cache", "cache"], "other.log");
        let mut next = listen(&one);
        next("hello").unwrap();
        listen(&other)("hello").unwrap();
        // What others have left is no more, and no two share one.
        assert_eq!(slots(), 2);
        one.signal(signal);
        // The connection ends at once, though the events never do.
        assert_eq!(next("changed"), None);
        drop((one, other));
        assert_eq!(slots(), usize::from(signal == "KILL"));
    }
}
