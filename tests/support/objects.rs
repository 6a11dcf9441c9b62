//! Object stores that tests start, and a proxy in front of them that fails on purpose.

use super::server::{Server, free_port};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The Python environment of the tests, which `tests/run` fills.
pub(crate) fn python() -> PathBuf {
    let venv = std::env::var_os("STAMPED_VENV").map(PathBuf::from);
    venv.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv"))
        .join("bin/python")
}

/// moto's S3 with one bucket, `site`.
pub(crate) struct S3 {
    server: Server,
}

impl S3 {
    pub(crate) fn start(folder: &Path) -> Self {
        let port = free_port();
        let mut command = Command::new(python());
        command.args(["-c", SERVE, &port.to_string()]);
        let s3 = S3 { server: Server::start(port, &mut command, &folder.join("moto.log")) };
        let made = s3.server.ask("PUT", "/site", "Content-Length: 0\r\n");
        assert_eq!(made.status, 200, "{}", String::from_utf8_lossy(&made.body));
        Self::put_at(port, "?policy", "", PUBLIC);
        s3
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.port
    }

    /// What it has under a key: the status and the fields, and the bytes.
    pub(crate) fn get(&self, key: &str) -> super::server::Answer {
        self.server.ask("GET", &format!("/site/{key}"), "")
    }

    /// Puts an object as somebody else would.
    pub(crate) fn put(&self, key: &str, fields: &str, body: &str) {
        Self::put_at(self.port(), &format!("/{key}"), fields, body);
    }

    /// The same for the store at a port.
    pub(crate) fn put_at(port: u16, key: &str, fields: &str, body: &str) {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let head = "Host: localhost\r\nConnection: close";
        let length = body.len();
        write!(
            stream,
            "PUT /site{key} HTTP/1.1\r\n{head}\r\n{SIGNED}{fields}Content-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
    }

    pub(crate) fn delete(&self, key: &str) {
        assert_eq!(self.server.ask("DELETE", &format!("/site/{key}"), SIGNED).status, 204);
    }
}

/// An owner's request. moto looks who signed it, and not at the signature.
const SIGNED: &str = "Authorization: AWS4-HMAC-SHA256 Credential=test/20261130/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\n";

/// Everybody may read, as visitors do.
const PUBLIC: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::site/*"}]}"#;

/// A server without a log of requests, with a thread for each, and without access rules.
const SERVE: &str = "
import sys, logging
logging.getLogger('werkzeug').setLevel(logging.ERROR)
from werkzeug.serving import run_simple
from moto.server import DomainDispatcherApplication, create_backend_app
run_simple('127.0.0.1', int(sys.argv[1]), DomainDispatcherApplication(create_backend_app), threaded=True)
";

/// The variables with which a command finds the store at this port.
pub(crate) fn s3_environment(command: &mut Command, port: u16) {
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    command
        .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "false");
}

/// The server `s3s-fs` with one bucket, `site`.
pub(crate) struct S3s {
    server: Server,
}

impl S3s {
    pub(crate) fn start(folder: &Path) -> Self {
        let buckets = folder.join("buckets");
        std::fs::create_dir_all(buckets.join("site")).unwrap();
        let port = free_port();
        let mut command = Command::new("s3s-fs");
        command.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
        command.args(["--access-key", "test", "--secret-key", "test"]).arg(buckets);
        S3s { server: Server::start(port, &mut command, &folder.join("s3s-fs.log")) }
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.port
    }
}

/// azurite, Microsoft's own emulator of its blob store, with one container, `site`.
pub(crate) struct Azure {
    server: Server,
}

impl Azure {
    /// `None` where it is not installed: `tests/run` says so.
    pub(crate) fn start(folder: &Path) -> Option<Self> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("target/azurite/node_modules/azurite/dist/src/blob/main.js");
        if !program.exists() {
            stamped_test_support::skip("azurite is not installed");
            return None;
        }
        let port = free_port();
        let mut command = Command::new("node");
        command.arg(program).args(["--silent", "--skipApiVersionCheck", "--inMemoryPersistence"]);
        command.args(["--blobHost", "127.0.0.1", "--blobPort", &port.to_string()]);
        command.args(["--disableTelemetry"]).current_dir(folder);
        let azure =
            Azure { server: Server::start(port, &mut command, &folder.join("azurite.log")) };
        azure.make_container();
        Some(azure)
    }

    /// The variables with which a command finds it, with the account and the key that all emulators have.
    pub(crate) fn environment(&self, command: &mut Command) {
        command
            .env("AZURE_STORAGE_USE_EMULATOR", "true")
            .env("AZURITE_BLOB_STORAGE_URL", format!("http://127.0.0.1:{}", self.server.port))
            .env("AZURE_STORAGE_ACCOUNT_NAME", "devstoreaccount1")
            .env("AZURE_STORAGE_ACCOUNT_KEY", AZURE_KEY);
    }

    /// Signed as "Authorize with Shared Key" of Azure's documentation says.
    fn make_container(&self) {
        use base64::Engine as _;
        let standard = base64::engine::general_purpose::STANDARD;
        let date = httpdate::fmt_http_date(std::time::SystemTime::now());
        let (date_line, version) = (format!("x-ms-date:{date}"), "x-ms-version:2021-08-06");
        let account = "devstoreaccount1";
        let resource = format!("/{account}/{account}/site\nrestype:container");
        let text = format!("PUT{}{date_line}\n{version}\n{resource}", "\n".repeat(12));
        let key =
            ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &standard.decode(AZURE_KEY).unwrap());
        let signature = standard.encode(ring::hmac::sign(&key, text.as_bytes()));
        let fields = format!(
            "Content-Length: 0\r\n{date_line}\r\n{version}\r\nAuthorization: SharedKey {account}:{signature}\r\n"
        );
        let made = self.server.ask("PUT", &format!("/{account}/site?restype=container"), &fields);
        assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
    }
}

/// The key that is in the documentation of all emulators.
const AZURE_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// What a proxy does with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// An error of the store, which did not do what was asked.
    Status(&'static str),
    /// The store does what was asked, and its answer is lost.
    LostAnswer,
    /// No answer at all.
    Silence,
}

/// Starts a proxy to `port`, for one request per connection. `faults` gets the number of each request and
/// its line. Its threads end with the process.
pub(crate) fn faulty(
    port: u16,
    faults: impl Fn(usize, &str) -> Fault + Send + Sync + 'static,
) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let (counted, faults) = (count.clone(), Arc::new(faults));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (counted, faults) = (counted.clone(), faults.clone());
            std::thread::spawn(move || {
                let number = || counted.fetch_add(1, Ordering::Relaxed);
                // What fails here fails in the command, which says so.
                let _ = relay(stream, port, number, &*faults);
            });
        }
    });
    (own, count)
}

fn relay(
    mut client: TcpStream,
    port: u16,
    number: impl Fn() -> usize,
    faults: &dyn Fn(usize, &str) -> Fault,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 65536];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        match client.read(&mut buffer)? {
            0 => return Ok(()),
            count => bytes.extend(&buffer[..count]),
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    while bytes.len() < end + length.unwrap_or(0) {
        match client.read(&mut buffer)? {
            0 => return Ok(()),
            count => bytes.extend(&buffer[..count]),
        }
    }
    let fault = faults(number(), head.lines().next().unwrap_or_default());
    match fault {
        Fault::Status(status) => {
            let body = "<Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>";
            write!(
                client,
                "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )?;
            return client.shutdown(Shutdown::Write);
        }
        Fault::Silence => {
            std::thread::sleep(Duration::from_secs(30));
            return Ok(());
        }
        Fault::None | Fault::LostAnswer => {}
    }
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    let line = head.lines().next().unwrap_or_default();
    write!(server, "{line}\r\nConnection: close\r\n")?;
    let fields =
        head.lines().skip(1).filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    for field in fields.filter(|line| !line.is_empty()) {
        write!(server, "{field}\r\n")?;
    }
    write!(server, "\r\n")?;
    server.write_all(&bytes[end..])?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    if fault == Fault::LostAnswer {
        return client.shutdown(Shutdown::Both);
    }
    // One request for each connection.
    let at = answer.windows(2).position(|two| two == b"\r\n").unwrap_or_default() + 2;
    client.write_all(&answer[..at])?;
    client.write_all(b"X-Relayed: 1\r\n")?;
    client.write_all(&answer[at..])?;
    client.shutdown(Shutdown::Write)
}

/// Starts a server that answers every request with this status and this body, until the process ends.
pub(crate) fn answering(status: String, body: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (status, body) = (status.clone(), body.clone());
            std::thread::spawn(move || {
                let length = body.len();
                let fields = format!("Connection: close\r\nContent-Length: {length}");
                // What fails here fails in the command, which says so.
                let _ = stream.read(&mut [0; 65536]);
                let _ = write!(stream, "HTTP/1.1 {status}\r\n{fields}\r\n\r\n{body}");
            });
        }
    });
    port
}
