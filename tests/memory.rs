//! Measures how much memory the command takes for a folder that is larger than it should ever hold.

#![cfg(target_os = "linux")]

use stamped_test_support::Dir;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// What a process may take, in KiB. The folder has four times as much.
const MOST: u64 = 150 << 10;

const FILM: u64 = 256 << 20;
const MIB: usize = 1 << 20;

/// A folder with a film that takes no room on the disk, large pictures, and more small files than are
/// held.
fn site(name: &str) -> Folder {
    let dir = Dir::at(Path::new(env!("CARGO_TARGET_TMPDIR")).join("memory").join(name));
    let write = |name: String, length: usize| {
        dir.write_at(1_700_000_000, format!("assets/{name}"), name.repeat(length / name.len()));
    };
    for number in 100..140 {
        write(format!("img/{number}.png"), 4 * MIB);
    }
    for number in 1000..4000 {
        write(format!("small/{number}.gif"), 40_000);
    }
    for number in 100..110 {
        write(format!("js/{number}.js"), 4 * MIB);
    }
    dir.write_at(1_700_000_000, "assets/film.mp4", "");
    let film = File::options().write(true).open(dir.join("assets/film.mp4")).unwrap();
    film.set_len(FILM).unwrap();
    Folder(dir)
}

/// A folder that is too large to be left behind.
struct Folder(Dir);

impl Folder {
    fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(self.0.path()).ok();
    }
}

fn stamped(arguments: &[&str]) -> Command {
    let mut command = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
    command.args(arguments).args(["--quiet", "--encodings", "none"]);
    command.env_remove("SOURCE_DATE_EPOCH").env_remove("STAMPED_CACHE");
    command
}

/// The most memory that a process has had so far, in KiB; `None` once it has ended.
fn peak(process: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[test]
fn a_build_holds_a_fraction_of_its_folder() {
    let site = site("build");
    let (assets, out) = (site.path("assets"), site.path("out"));
    let arguments = ["build", assets.to_str().unwrap(), "--out", out.to_str().unwrap()];
    // The second one compares what is there, and the third makes all of it earlier versions.
    for further in [&[][..], &[], &["--stamp", "7"]] {
        let mut process = stamped(&arguments).args(further).stdout(Stdio::null()).spawn().unwrap();
        let mut most = 0;
        let status = loop {
            most = peak(&process).map_or(most, |now| now.max(most));
            if let Some(status) = process.try_wait().unwrap() {
                break status;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        assert!(status.success() && most > 0);
        assert!(most < MOST, "{most} KiB {further:?}");
    }
    assert_eq!(fs::metadata(out.join("static/film.7.mp4")).unwrap().len(), FILM);
    let picture = fs::read(out.join("static/img/139.7.png")).unwrap();
    assert!(picture == fs::read(site.path("assets/img/139.png")).unwrap());
}

/// A server and the part of its address behind `http://`.
struct Server(Child, String);

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut command = stamped(arguments);
        command.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").unwrap().trim_end_matches('/');
        Server(process, address.to_owned())
    }

    /// Asks for a path, and reads the head of the answer.
    fn ask(&self, path: &str, fields: &str) -> (String, BufReader<TcpStream>) {
        let mut stream = TcpStream::connect(&self.1).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let common = "Host: localhost\r\nConnection: close";
        write!(stream, "GET {path} HTTP/1.1\r\n{common}\r\n{fields}\r\n").unwrap();
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(
                stream.read_line(&mut head).unwrap() > 0,
                "the answer ends in its head: {head}"
            );
        }
        (head.to_ascii_lowercase(), stream)
    }

    /// The head of an answer, and the length of what came behind it.
    fn length(&self, path: &str, fields: &str) -> (String, u64) {
        let (head, mut body) = self.ask(path, fields);
        let length = std::io::copy(&mut body, &mut std::io::sink()).unwrap();
        (head, length)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn has(head: &str, line: &str) -> bool {
    head.lines().any(|one| one == line)
}

#[test]
fn a_server_holds_a_fraction_of_its_folder_and_sends_all_of_it() {
    let site = site("serve");
    let assets = site.path("assets");
    for live in [false, true] {
        let arguments = ["serve", assets.to_str().unwrap(), "--stamp", "7"];
        let live_option = live.then_some("--live");
        let server = Server::start(&arguments.into_iter().chain(live_option).collect::<Vec<_>>());
        let (head, length) = server.length("/static/film.7.mp4", "");
        assert!(has(&head, &format!("content-length: {FILM}")) && length == FILM, "{head}");
        assert_eq!(has(&head, "cache-control: max-age=31536000, immutable"), !live, "{head}");
        let range = "Range: bytes=268435454-\r\n";
        let (head, length) = server.length("/static/film.mp4", range);
        assert!(has(&head, "content-range: bytes 268435454-268435455/268435456"), "{head}");
        assert_eq!(length, 2);
        for number in [1000, 3999] {
            let (_, mut body) = server.ask(&format!("/static/small/{number}.gif"), "");
            let mut bytes = Vec::new();
            body.read_to_end(&mut bytes).unwrap();
            let file = fs::read(site.path(&format!("assets/small/{number}.gif"))).unwrap();
            assert!(bytes == file, "{number}");
        }
        let most = peak(&server.0).unwrap();
        assert!(most < MOST, "{most} KiB, live {live}");
    }
}

/// Without a change of its length and time, which a build does not see either.
#[test]
fn a_server_never_sends_other_bytes_under_a_tag_that_it_gave() {
    let dir = Dir::new();
    let time = 1_700_000_000;
    dir.write_at(time, "a.png", "a".repeat(300_000));
    let server = Server::start(&["serve", dir.path().to_str().unwrap(), "--stamp", "7"]);
    let whole = || server.length("/static/a.7.png", "");
    let (head, length) = whole();
    assert!(head.starts_with("http/1.1 200") && length == 300_000, "{head}");

    // Touched and written again, but with the same bytes.
    dir.write_at(time + 9, "a.png", "a".repeat(300_000));
    assert!(whole().0.starts_with("http/1.1 200"));

    dir.write_at(time, "a.png", "b".repeat(300_000));
    for path in ["/static/a.7.png", "/static/a.png"] {
        let (head, mut body) = server.ask(path, "");
        assert!(
            head.starts_with("http/1.1 500") && has(&head, "cache-control: no-store"),
            "{head}"
        );
        let mut why = String::new();
        body.read_to_string(&mut why).unwrap();
        assert!(why.contains("`a.png`") && why.contains("changed since it was stamped"), "{why}");
    }
    fs::remove_file(dir.join("a.png")).unwrap();
    assert!(whole().0.starts_with("http/1.1 500"));
    dir.write_at(time, "a.png", "a".repeat(300_000));
    assert!(whole().0.starts_with("http/1.1 200"));
}

#[test]
fn an_answer_ends_early_when_its_file_changes() {
    let dir = Dir::new();
    dir.write_at(1_700_000_000, "a.png", "a".repeat(64 * MIB));
    let server = Server::start(&["serve", dir.path().to_str().unwrap(), "--stamp", "7"]);
    let (head, mut body) = server.ask("/static/a.7.png", "");
    assert!(has(&head, &format!("content-length: {}", 64 * MIB)), "{head}");
    let mut first = vec![0; MIB];
    body.read_exact(&mut first).unwrap();
    dir.write_at(1_700_000_000, "a.png", "b".repeat(64 * MIB));
    let mut rest = Vec::new();
    // The connection is reset, or just ends.
    let _ = body.read_to_end(&mut rest);
    assert!(first.len() + rest.len() < 64 * MIB, "the answer was sent to its end");
    assert!(!rest.contains(&b'b'), "bytes of two files in one answer");
}
