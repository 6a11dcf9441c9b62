//! Tests the server of the `stamped` command over a real socket.

use stamped_test_support::Dir;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        Self::spawn(stamped(arguments).args(["--listen", "127.0.0.1:0"]))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
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

fn stamped(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stamped"));
    command.args(arguments);
    command
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
fn folder() -> Dir {
    let folder = Dir::new();
    folder.write("style.css", "a{b:url(x.svg)}");
    folder.write("x.svg", "<svg/>");
    folder.write("docs/index.html", "<p>docs");
    folder
}

#[test]
fn a_folder_is_served_under_stamped_urls_with_its_index_pages() {
    let folder = folder();
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
    let folder = folder();
    let server = Server::start(&["serve", folder.to_str().unwrap(), "--live", "--stamp", "7"]);
    for text in ["a{}", "b{}"] {
        std::fs::write(folder.join("style.css"), text).unwrap();
        let (head, sheet) = server.ask("GET", "/static/style.7.css", "");
        assert!(head.contains("cache-control: no-store"), "{head}");
        assert_eq!(sheet, text);
    }
}

#[test]
fn a_folder_that_does_not_exist_is_an_error() {
    let output = stamped(&["serve", "no such folder"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("stamped: there is no folder `no such folder`"), "{said}");
}

#[test]
fn an_address_that_cannot_be_had_is_reported_with_the_way_out() {
    let server = Server::start(&["serve"]);
    // The second is set aside for documentation (RFC 5737), so no machine has it.
    for (address, way_out) in [
        (&*server.address, "end the program that listens there, or choose another port"),
        ("203.0.113.1:0", "choose an address of this machine"),
    ] {
        let output = stamped(&["serve", "--listen", address]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(said.starts_with(&format!("stamped: cannot listen on {address}: ")), "{said}");
        assert!(said.contains(way_out) && said.contains("with `--listen"), "{said}");
    }
}

#[test]
fn without_a_command_the_advice_for_a_port_that_is_taken_works() {
    // The port is taken, whichever process holds it.
    let _taken = std::net::TcpListener::bind("127.0.0.1:8080");
    let output = stamped(&[]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let (_, advice) = said.split_once("with `stamped ").unwrap();
    let (advice, _) = advice.split_once('`').unwrap();
    let server = Server::spawn(&mut stamped(&advice.split(' ').collect::<Vec<_>>()));
    assert!(server.ask("GET", "/", "").0.starts_with("http/1.1 200"));
}

#[cfg(unix)]
#[test]
fn a_server_that_was_interrupted_can_be_started_again_at_once() {
    let mut server = Server::start(&["serve"]);
    // This connection the server is the one to close, and its end keeps the port for a minute.
    let mut stream = TcpStream::connect(&server.address).unwrap();
    write!(stream, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert!(stream.read(&mut [0; 512]).unwrap() > 0);
    let interrupt = format!("kill -INT {}", server.process.id());
    assert!(Command::new("sh").args(["-c", &interrupt]).status().unwrap().success());
    assert!(server.process.wait().unwrap().success());
    let again = Server::spawn(&mut stamped(&["serve", "--listen", &server.address]));
    assert_eq!(again.address, server.address);
    assert!(again.ask("GET", "/", "").0.starts_with("http/1.1 200"));
}

#[test]
fn each_request_is_a_line_of_the_log_as_it_is_answered() {
    let folder = folder();
    for live in [&[][..], &["--live"]] {
        let arguments = [&["serve", folder.to_str().unwrap(), "--log", "--stamp", "7"], live];
        let mut command = stamped(&arguments.concat());
        command.args(["--listen", "127.0.0.1:0"]).stderr(Stdio::piped());
        let mut server = Server::spawn(&mut command);
        let mut log = BufReader::new(server.process.stderr.take().unwrap()).lines();
        for (method, path, fields, expected) in [
            ("GET", "/static/x.7.svg", "", r#""GET /static/x.7.svg HTTP/1.1" 200 6 "-" "-""#),
            ("HEAD", "/static/x.svg?a=1", "", r#""HEAD /static/x.svg?a=1 HTTP/1.1" 200 - "-" "-""#),
            (
                "DELETE",
                "/static/x.svg",
                "Referer: http://x/\r\nUser-Agent: a\"b\\c\u{9b}\td\r\n",
                r#""DELETE /static/x.svg HTTP/1.1" 405 - "http://x/" "a\x22b\x5Cc\xC2\x9B\x09d""#,
            ),
        ] {
            server.ask(method, path, fields);
            let line = log.next().unwrap().unwrap();
            let (client, rest) = line.split_once(" - - [").unwrap();
            let (time, rest) = rest.split_once("] ").unwrap();
            assert_eq!((client, rest), ("127.0.0.1", expected));
            assert!(time.len() == 26 && time.ends_with(" +0000"), "{time}");
        }
    }
}

#[test]
fn what_is_no_http_is_refused_without_a_word() {
    let mut command = stamped(&["serve", "--log", "--listen", "127.0.0.1:0"]);
    let mut server = Server::spawn(command.stderr(Stdio::piped()));
    for request in ["\u{16}\u{3}\u{1}\r\n\r\n", "GET /\u{1b}[2J HTTP/1.1\r\n\r\n", "GET"] {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        assert!(response.is_empty() || response.starts_with("HTTP/1.1 400 "), "{response}");
    }
    assert!(server.ask("GET", "/", "").0.starts_with("http/1.1 200"));
    server.process.kill().unwrap();
    let mut said = String::new();
    server.process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("\"GET / HTTP/1.1\" 200") && said.lines().count() == 1, "{said}");
}

/// What `--open` does, with a program of the name that desktops use.
#[cfg(target_os = "linux")]
mod open {
    use super::{Server, stamped};
    use stamped_test_support::Dir;
    use std::fs::{self, Permissions};
    use std::io::{BufRead, BufReader};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    /// A folder with a program of the name by which desktops open URLs.
    fn desktop(script: &str) -> Dir {
        let folder = super::folder();
        let program = folder.join("xdg-open");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        folder
    }

    /// How long a desktop may take on a machine that is busy.
    const PATIENCE: Duration = Duration::from_secs(20);

    fn opened(desktop: &Path) -> Server {
        let mut command = stamped(&["serve", "--open", "--listen", "127.0.0.1:0"]);
        command.env("PATH", desktop);
        Server::spawn(command.stderr(Stdio::piped()))
    }

    #[test]
    fn the_browser_gets_the_url_once_the_server_listens() {
        let desktop = desktop("echo \"$1\" >\"$0.new\"; /bin/mv \"$0.new\" \"$0.told\"");
        let told = desktop.join("xdg-open.told");
        let server = opened(&desktop);
        let began = Instant::now();
        while !told.exists() && began.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(5));
        }
        let url = fs::read_to_string(told).unwrap();
        assert_eq!(url, format!("http://{}/\n", server.address));
    }

    #[test]
    fn a_browser_that_does_not_open_is_a_warning_and_the_server_stays() {
        let desktop = desktop("exit 3");
        let mut server = opened(&desktop);
        let mut lines = BufReader::new(server.process.stderr.take().unwrap()).lines();
        let (sender, said) = std::sync::mpsc::channel();
        std::thread::spawn(move || sender.send(lines.next().unwrap().unwrap()));
        let said = said.recv_timeout(PATIENCE).unwrap();
        let expected = format!("stamped: warning: http://{}/ cannot be opened", server.address);
        assert!(said.starts_with(&expected) && said.ends_with("; open it by hand"), "{said}");
        assert!(server.ask("GET", "/", "").0.starts_with("http/1.1 200"));
    }
}

#[test]
fn wrong_use_is_reported_and_exits_with_2() {
    let output = Command::new(env!("CARGO_BIN_EXE_stamped")).args(["sreve"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("serve"));
}
