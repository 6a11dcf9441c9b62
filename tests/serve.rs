//! The server of the `stamped` command, over a real socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_stamped"))
            .args(arguments)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").unwrap().trim_end_matches('/').to_owned();
        Server { process, address }
    }

    fn ask(&self, method: &str, path: &str, fields: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{fields}\r\n")
            .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        (head.to_ascii_lowercase(), body.to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn first_stylesheet(page: &str) -> &str {
    page.split('\'').find(|part| part.starts_with("/static/css/")).unwrap()
}

#[test]
fn the_page_names_stamped_assets_and_each_way_of_asking_gets_its_answer() {
    let server = Server::start(&["serve"]);
    let (head, page) = server.ask("GET", "/", "");
    assert!(head.starts_with("http/1.1 200") && head.contains("cache-control: no-cache"), "{head}");
    let exact = first_stylesheet(&page).to_owned();

    let (head, sheet) = server.ask("GET", &exact, "");
    assert!(head.contains("cache-control: max-age=31536000, immutable"), "{head}");
    assert!(head.contains("content-type: text/css; charset=utf-8"), "{head}");
    assert_eq!(sheet, include_str!("../assets/css/page.css"));
    let etag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();

    let (head, _) = server.ask("GET", "/static/css/page.css", "");
    assert!(head.contains("200") && head.contains("cache-control: no-cache"), "{head}");

    let (head, stale) = server.ask("GET", "/static/css/page.1.css", "");
    assert!(head.contains("200") && head.contains("cache-control: no-store"), "{head}");
    assert!(
        !head.contains("immutable") && head.contains(&format!("content-location: {exact}")),
        "{head}"
    );
    assert_eq!(stale, sheet);

    let (head, _) = server.ask("GET", "/static/css/no.css", "");
    assert!(head.starts_with("http/1.1 404") && head.contains("cache-control: no-store"), "{head}");

    let (head, body) = server.ask("HEAD", &exact, "");
    assert!(
        head.contains(&format!("content-length: {}", sheet.len())) && body.is_empty(),
        "{head}"
    );

    let (head, body) =
        server.ask("GET", &exact, &format!("If-None-Match: {}\r\n", etag_as_sent(&server, &exact)));
    assert!(head.starts_with("http/1.1 304") && head.contains(etag) && body.is_empty(), "{head}");

    let (head, _) = server.ask("POST", &exact, "");
    assert!(
        head.starts_with("http/1.1 405") && head.contains("allow: get, head, options"),
        "{head}"
    );
}

/// With its case, which matters in a tag.
fn etag_as_sent(server: &Server, path: &str) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    write!(stream, "HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned()
}

/// A folder of its own for one test.
fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("serve").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("docs")).unwrap();
    std::fs::write(folder.join("style.css"), "a{b:url(x.svg)}").unwrap();
    std::fs::write(folder.join("x.svg"), "<svg/>").unwrap();
    std::fs::write(folder.join("docs/index.html"), "<p>docs").unwrap();
    folder
}

#[test]
fn a_folder_is_served_under_stamped_urls_with_its_index_pages() {
    let folder = folder("built");
    let server =
        Server::start(&["serve", folder.to_str().unwrap(), "--mount", "/", "--stamp", "7"]);
    let (head, sheet) = server.ask("GET", "/style.7.css", "");
    assert!(head.starts_with("http/1.1 200") && head.contains("immutable"), "{head}");
    assert_eq!(sheet, "a{b:url(x.7.svg)}");
    let (head, page) = server.ask("GET", "/docs/", "");
    assert!(head.starts_with("http/1.1 200") && head.contains("cache-control: no-cache"), "{head}");
    assert_eq!(page, "<p>docs");
    let (head, _) = server.ask("GET", "/no.css", "");
    assert!(head.starts_with("http/1.1 404") && head.contains("cache-control: no-store"), "{head}");
}

#[test]
fn a_live_folder_shows_edits_at_once() {
    let folder = folder("live");
    let server = Server::start(&["serve", folder.to_str().unwrap(), "--live", "--stamp", "7"]);
    for text in ["a{}", "b{}"] {
        std::fs::write(folder.join("style.css"), text).unwrap();
        let (head, sheet) = server.ask("GET", "/static/style.7.css", "");
        assert!(head.contains("cache-control: no-store"), "{head}");
        assert_eq!(sheet, text);
    }
}

#[test]
fn a_folder_that_does_not_exist_is_told() {
    let output = Command::new(env!("CARGO_BIN_EXE_stamped"))
        .args(["serve", "no such folder"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("stamped: there is no folder `no such folder`"), "{said}");
}

#[test]
fn an_address_that_is_taken_is_told_with_the_way_out() {
    let server = Server::start(&["serve"]);
    let output = Command::new(env!("CARGO_BIN_EXE_stamped"))
        .args(["serve", "--listen", &server.address])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.starts_with(&format!("stamped: cannot listen on {}", server.address)), "{said}");
    assert!(said.contains("choose another with `--listen 127.0.0.1:0`"), "{said}");
}

#[test]
fn wrong_use_is_told_and_exits_with_2() {
    let output = Command::new(env!("CARGO_BIN_EXE_stamped")).args(["sreve"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("serve"));
}
