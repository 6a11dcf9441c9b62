//! Measures what a day of edits in live mode leaves in memory and on the disk.

#![cfg(target_os = "linux")]

mod support;

use stamped_test_support::Dir;
use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use support::live::{project, start_anywhere};
use support::server::{Server, free_port};

/// 200 edits left 34 MB. Fewer show the same, and take less of everybody's time.
const EDITS: usize = 60;

/// What they may leave, in KiB.
const MOST: u64 = 30 << 10;

const KIB: usize = 1 << 10;

/// Writes 20 MB: pictures, scripts, and style sheets that name pictures.
fn fill(assets: &Path) {
    let write = |name: String, bytes: String| stamped_test_support::write(assets.join(name), bytes);
    for number in 0..250 {
        write(format!("many/{number}.png"), format!("{number} ").repeat(12 * KIB));
    }
    for number in 0..75 {
        write(format!("many/{number}.js"), format!("let a{number};\n").repeat(4 * KIB));
        write(format!("many/{number}.css"), sheet(number, "0"));
    }
}

fn sheet(number: usize, edit: &str) -> String {
    format!("a {{ background: url({number}.png); margin: {edit}px }}\n").repeat(KIB)
}

/// What a process has in memory now, in KiB.
fn memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

/// Edits files, asks for each, and returns by how many KiB the memory of the server has grown.
fn growth(server: &Server, assets: &Path) -> u64 {
    let mut before = 0;
    for edit in 0..EDITS + 5 {
        // Once what is needed in any case is there.
        if edit == 5 {
            before = memory(server.id());
        }
        let (name, text) = match edit % 3 {
            0 => (format!("many/{edit}.png"), format!("picture {edit} ").repeat(4 * KIB)),
            1 => (format!("many/{}.js", edit % 75), format!("let b{edit};\n").repeat(4 * KIB)),
            _ => (format!("many/{}.css", edit % 75), sheet(edit % 75, &edit.to_string())),
        };
        stamped_test_support::write(assets.join(&name), &text);
        let answer = server.ask("GET", &format!("/static/{name}"), "Sec-Fetch-Dest: empty\r\n");
        assert_eq!(answer.status, 200, "{name}");
        let body = String::from_utf8(answer.body).unwrap();
        match name.ends_with("css") {
            true => assert!(body.contains(&format!("margin: {edit}px")), "{name}"),
            false => assert!(body == text, "{name}"),
        }
    }
    memory(server.id()).saturating_sub(before)
}

/// Waits for the first run, which reads all files, however long it takes.
fn wait_for(server: &Server) {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    let head = "Host: localhost\r\nConnection: close\r\n\r\n";
    write!(stream, "HEAD /static/many/0.css HTTP/1.1\r\n{head}").unwrap();
    assert!(std::io::copy(&mut stream, &mut std::io::sink()).unwrap() > 0);
}

/// How many small files a large site has.
const MANY: usize = 10_000;

/// How often one of them is edited. Tables of their own for each edit would take 70 MB.
const EDITS_OF_MANY: usize = 25;

/// What that may leave, in KiB.
const MOST_OF_MANY: u64 = 10 << 10;

#[test]
#[ignore = "takes a minute"]
fn edits_among_ten_thousand_files_leave_tables_for_what_changed() {
    let dir = Dir::new();
    let write = |name: String, text: String| dir.write(format!("site/{name}"), text);
    for number in 0..MANY {
        write(format!("{}/{number}.txt", number % 100), format!("{number}"));
    }
    let port = free_port();
    let mut command = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
    let listen = format!("127.0.0.1:{port}");
    command.args(["serve", "site", "--live", "--cache", "cache", "--listen", &listen]);
    let server = Server::start(port, command.current_dir(dir.path()), &dir.join("live.log"));
    let mut before = 0;
    for edit in 0..EDITS_OF_MANY + 5 {
        if edit == 5 {
            before = memory(server.id());
        }
        // In a file that is new, every other time.
        let number = edit * 331 + MANY * (edit % 2);
        let name = format!("{}/{number}.txt", number % 100);
        write(name.clone(), format!("edit {edit}"));
        let answer = server.ask("GET", &format!("/static/{name}"), "Sec-Fetch-Dest: empty\r\n");
        assert_eq!(String::from_utf8(answer.body).unwrap(), format!("edit {edit}"));
    }
    let growth = memory(server.id()).saturating_sub(before);
    println!("{growth} KiB more in memory after {EDITS_OF_MANY} edits among {MANY} files");
    assert!(growth < MOST_OF_MANY, "{growth} KiB");
}

fn length(path: PathBuf) -> u64 {
    path.metadata().unwrap().len()
}

#[test]
#[ignore = "takes a minute"]
fn edits_of_a_served_folder_leave_little_behind() {
    let dir = Dir::new();
    fill(&dir.join("site"));
    let port = free_port();
    let mut command = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
    let listen = format!("127.0.0.1:{port}");
    command.args(["serve", "site", "--live", "--cache", "cache", "--listen", &listen]);
    let server = Server::start(port, command.current_dir(dir.path()), &dir.join("live.log"));
    wait_for(&server);
    let growth = growth(&server, &dir.join("site"));
    println!("{growth} KiB more in memory after {EDITS} edits");
    assert!(growth < MOST, "{growth} KiB");
    let area = length(dir.join("cache/live/0/out/stamped/assets.area"));
    println!("{area} bytes on the disk");
    assert!(area < 128 << 20, "{area} bytes on the disk");
}

#[test]
#[ignore = "takes a minute"]
fn edits_of_the_assets_of_a_program_leave_little_behind() {
    let project = project("live-memory");
    let assets = project.path("assets");
    fill(&assets);
    assert!(project.cargo(&["build"]).status.success());
    let server = start_anywhere(&project, true);
    wait_for(&server);
    let growth = growth(&server, &assets);
    println!("{growth} KiB more in memory after {EDITS} edits");
    assert!(growth < MOST, "{growth} KiB");
}
