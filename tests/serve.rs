//! Tests the server of the `stamped` command over a real socket.

use stamped_test_support::Dir;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

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
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{fields}\r\n"
        )
        .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        (head.to_ascii_lowercase(), body.to_owned())
    }
}

#[cfg(unix)]
impl Server {
    fn interrupt(&self) {
        let interrupt = format!("kill -INT {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &interrupt]).status().unwrap().success());
    }

    /// A connection that has asked for this and reads nothing.
    fn stalled(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        stream
    }
}

/// The status of the answer to these bytes.
fn status(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// How long a machine that is busy may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until this is so, and panics where that takes too long.
#[cfg(unix)]
#[track_caller]
fn wait_until(mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "this takes too long");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn stamped(arguments: &[&str]) -> Command {
    let mut command = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
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
    write!(stream, "HEAD {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
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
    write!(stream, "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert!(stream.read(&mut [0; 512]).unwrap() > 0);
    server.interrupt();
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
fn what_is_no_http_is_refused_and_logged() {
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
    let (head, page) = server.ask("GET", "/", "");
    assert!(head.starts_with("http/1.1 200"), "{head}");
    server.interrupt();
    let mut said = String::new();
    server.process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let mut lines: Vec<_> = said.lines().map(|line| line.split_once("] ").unwrap().1).collect();
    lines.sort_unstable();
    let refused = r#""-" 400 - "-" "-""#;
    assert_eq!(
        lines,
        [refused, refused, &format!(r#""GET / HTTP/1.1" 200 {} "-" "-""#, page.len())],
        "{said}"
    );
}

/// What `--open` does, with a program of the name that desktops use.
#[cfg(target_os = "linux")]
mod open {
    use super::{PATIENCE, Server, stamped};
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

/// Puts a film of 200 MB into a folder. The disk allocates nothing of it.
#[cfg(unix)]
fn put_film(folder: &Dir) {
    folder.write("film.mp4", "");
    let film = std::fs::File::options().write(true).open(folder.join("film.mp4")).unwrap();
    film.set_len(200_000_000).unwrap();
}

#[cfg(unix)]
#[test]
fn clients_that_never_read_do_not_keep_others_out() {
    let folder = folder();
    let command = "ulimit -n 64; exec \"$0\" serve \"$1\" --live --timeout 1 --listen 127.0.0.1:0";
    let mut shell = Command::new("sh");
    stamped_test_support::own_cache(&mut shell, env!("CARGO_BIN_EXE_stamped"));
    shell.args(["-c", command, env!("CARGO_BIN_EXE_stamped")]).arg(folder.path());
    let server = Server::spawn(&mut shell);
    put_film(&folder);
    // More than there are descriptors.
    let stalled: Vec<_> = (0..80).map(|_| server.stalled("/static/film.mp4")).collect();
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let head = "Host: localhost\r\nConnection: close";
    write!(stream, "GET /static/x.svg HTTP/1.1\r\n{head}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("<svg/>"), "{answer}");
    // There was a descriptor for the file of each that was let in.
    for mut stream in stalled {
        let mut begin = [0; 12];
        stream.read_exact(&mut begin).unwrap();
        assert_eq!(&begin, b"HTTP/1.1 200");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn clients_that_never_read_hold_no_file_in_memory() {
    let folder = folder();
    let server = Server::start(&["serve", folder.to_str().unwrap(), "--live"]);
    put_film(&folder);
    let mut stalled: Vec<_> = (0..25).map(|_| server.stalled("/static/film.mp4")).collect();
    for stream in &mut stalled {
        stream.read_exact(&mut [0; 12]).unwrap();
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak < 100_000, "{peak} kB");
}

#[cfg(unix)]
#[test]
fn a_server_that_ends_takes_no_more_clients() {
    let folder = folder();
    let mut server = Server::start(&["serve", folder.to_str().unwrap(), "--live"]);
    put_film(&folder);
    // It waits a while for this one.
    let mut stalled = server.stalled("/static/film.mp4");
    stalled.read_exact(&mut [0; 12]).unwrap();
    server.interrupt();
    wait_until(|| TcpStream::connect(&server.address).is_err());
    assert!(server.process.try_wait().unwrap().is_none(), "the server has ended");
}

#[cfg(unix)]
#[test]
fn a_log_that_is_not_read_holds_up_no_answer_and_counts_what_it_drops() {
    const REQUESTS: usize = 4000;
    let mut command = stamped(&["serve", "--log", "--listen", "127.0.0.1:0"]);
    let mut server = Server::spawn(command.stderr(Stdio::piped()));
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap());
    for _ in 0..REQUESTS {
        stream.write_all(b"HEAD /no HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            assert!(answers.read_line(&mut line).unwrap() > 0);
        }
    }
    let mut log = BufReader::new(server.process.stderr.take().unwrap());
    server.interrupt();
    let mut said = String::new();
    log.read_to_string(&mut said).unwrap();
    let (lines, notes): (Vec<_>, Vec<_>) = said.lines().partition(|line| line.contains(" 404 "));
    let dropped = notes.iter().map(|note| {
        let count = note.strip_prefix("stamped: warning: ").unwrap().split(' ').next().unwrap();
        count.parse::<usize>().unwrap()
    });
    assert!(!notes.is_empty());
    assert_eq!(lines.len() + dropped.sum::<usize>(), REQUESTS);
}

#[test]
fn a_request_names_exactly_one_host() {
    let server = Server::start(&["serve"]);
    for (fields, expected) in [
        ("Host: a\r\n", "200"),
        ("Host: a:80\r\n", "200"),
        ("Host:\r\n", "200"),
        ("", "400"),
        ("Host: a\r\nHost: a\r\n", "400"),
        ("Host: a/b\r\n", "400"),
        ("Host: user@a\r\n", "400"),
    ] {
        let request = format!("GET / HTTP/1.1\r\nConnection: close\r\n{fields}\r\n");
        assert_eq!(status(&server, &request), expected, "{fields}");
    }
    assert_eq!(status(&server, "GET / HTTP/1.0\r\n\r\n"), "200");
}

#[cfg(unix)]
#[test]
fn links_out_of_a_live_folder_are_followed_where_that_is_asked_for() {
    let dir = Dir::new();
    dir.write("outside/a.css", "a{}");
    dir.mkdirp("site");
    dir.symlink("../outside", "site/lib");
    let site = dir.join("site");
    for (option, expected) in [(None, "404"), (Some("--follow-links"), "200")] {
        let arguments = ["serve", site.to_str().unwrap(), "--live", "--quiet"];
        let server = Server::start(&arguments.into_iter().chain(option).collect::<Vec<_>>());
        let (head, _) = server.ask("GET", "/static/lib/a.css", "");
        assert!(head.starts_with(&format!("http/1.1 {expected}")), "{option:?}: {head}");
    }
}

#[test]
fn a_live_folder_is_answered_under_local_names_only() {
    let folder = folder();
    let arguments = ["serve", folder.to_str().unwrap(), "--live", "--allow-host", "Box.lan"];
    let server = Server::start(&arguments);
    let ask = |target: &str, host: &str| {
        let head = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close");
        status(&server, &format!("{head}\r\n\r\n"))
    };
    for host in ["localhost", "app.localhost:80", "127.0.0.1:8080", "[::1]:1", "box.lan:9"] {
        assert_eq!(ask("/static/x.svg", host), "200", "{host}");
    }
    for host in ["", "evil.example", "localhost.evil.example"] {
        assert_eq!(ask("/static/x.svg", host), "421", "{host}");
    }
    assert_eq!(ask("http://evil.example/static/x.svg", "localhost"), "421");
    // What everyone may have anyway.
    let server = Server::start(&["serve", folder.to_str().unwrap()]);
    let head = "GET /static/x.svg HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n";
    assert_eq!(status(&server, head), "200");
}

#[test]
fn the_server_says_what_it_can_do() {
    let server = Server::start(&["serve"]);
    let (head, _) = server.ask("OPTIONS", "*", "");
    assert!(head.starts_with("http/1.1 204"), "{head}");
    assert!(head.contains("allow: get, head, options"), "{head}");
    assert!(server.ask("GET", "*", "").0.starts_with("http/1.1 404"));
}

#[test]
fn heads_that_are_too_large_are_refused_and_logged() {
    let mut command = stamped(&["serve", "--log", "--listen", "127.0.0.1:0"]);
    let mut server = Server::spawn(command.stderr(Stdio::piped()));
    let fields = "a: b\r\n".repeat(200);
    let request = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
    assert_eq!(status(&server, &request), "431");
    let mut log = BufReader::new(server.process.stderr.take().unwrap()).lines();
    let line = log.next().unwrap().unwrap();
    assert!(line.ends_with(r#"] "-" 431 - "-" "-""#), "{line}");
}

#[test]
fn wrong_use_is_reported_and_exits_with_2() {
    let output = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"))
        .args(["sreve"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("serve"));
}
