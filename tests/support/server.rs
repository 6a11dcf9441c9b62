//! Starts servers as processes, and reads their answers over a socket.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A server in the foreground, until it is dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) port: u16,
}

impl Server {
    /// Starts the server and waits until it listens.
    #[track_caller]
    pub(crate) fn start(port: u16, command: &mut Command, log: &Path) -> Self {
        Self::try_start(port, command, log).unwrap_or_else(|said| panic!("{said}"))
    }

    /// The same; what the server said, if it ended or did not come to listen.
    pub(crate) fn try_start(port: u16, command: &mut Command, log: &Path) -> Result<Self, String> {
        let file = fs::File::create(log).unwrap();
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        let mut server = Server { process: command.spawn().unwrap(), port };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.process.try_wait().unwrap();
            if ended.is_some() || start.elapsed() > Duration::from_secs(60) {
                return Err(fs::read_to_string(log).unwrap());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends the signal of this name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        let _ = Command::new("kill").args(["-s", name, &id]).status();
    }

    pub(crate) fn ask(&self, method: &str, path: &str, fields: &str) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let head = "Host: localhost\r\nConnection: close";
        write!(stream, "{method} {path} HTTP/1.1\r\n{head}\r\n{fields}\r\n").unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer::parse(&bytes)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Servers with workers end them when they are asked to stop, not when they are killed.
        if let Ok(None) = self.process.try_wait() {
            self.signal("TERM");
        }
        let _ = self.process.wait();
    }
}

/// A free port, a different one each time. It is outside the range that the system gives to clients, because
/// a client could take such a port before the server listens, even the client that waits for it.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number =
            std::process::id().wrapping_mul(97).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(10_000 + number % 20_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let field = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        let fields = lines.map(field).collect();
        let mut answer = Answer { status, fields, body: bytes[end + 4..].to_vec() };
        if answer.field("transfer-encoding") == "chunked" {
            answer.body = unchunked(&answer.body);
        }
        answer
    }

    /// The values of a field, or a dash.
    pub(crate) fn field(&self, name: &str) -> String {
        let values: Vec<&str> =
            self.fields.iter().filter(|(key, _)| key == name).map(|(_, value)| &**value).collect();
        if values.is_empty() { "-".to_owned() } else { values.join(", ") }
    }

    /// What matters of the answer, in a line.
    pub(crate) fn summary(&self) -> String {
        let cache = match &*self.field("cache-control") {
            "max-age=31536000, immutable" => "forever".to_owned(),
            other => other.to_owned(),
        };
        let mut summary = format!("{} {cache}", self.status);
        match self.status {
            200 => {
                let (kind, coding) = (self.field("content-type"), self.field("content-encoding"));
                let _ = write!(summary, " {kind} {coding}");
                if self.field("vary").eq_ignore_ascii_case("accept-encoding") {
                    summary += " vary";
                }
            }
            204 | 405 => summary += &format!(" {}", self.field("allow")),
            206 => summary += &format!(" {}", self.field("content-range")),
            _ => {}
        }
        summary
    }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            break;
        }
        body.extend(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + 2 + size + 2..];
    }
    body
}
