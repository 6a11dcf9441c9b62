//! Vite's development server, which has the sources of entry points, and replaces modules in open pages.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use std::{env, eprintln};

/// The environment variable with the URL of the server.
const VARIABLE: &str = "VITE_DEV_SERVER";

/// How long it is waited for a connection. On one machine, it takes less than a millisecond.
const PATIENCE: Duration = Duration::from_millis(300);

/// How long it is waited for an answer. A server that has just started may have more urgent work.
const PATIENCE_FOR_ANSWERS: Duration = Duration::from_secs(2);

/// How long what is known of the server is taken to be true.
const FRESH: Duration = Duration::from_millis(500);

/// The longest head of an answer that is read.
const LONGEST_HEAD: u64 = 16 << 10;

/// A server that may come and go while the program runs.
#[derive(Debug)]
pub(super) struct DevServer {
    address: Address,
    /// What its paths may begin with, the likeliest first.
    bases: Vec<String>,
    state: Mutex<State>,
}

/// Where the server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Address {
    /// Host and port, as in the field `Host`.
    authority: String,
    host: String,
    port: u16,
}

#[derive(Debug, Default)]
struct State {
    looked: Option<Instant>,
    /// `None` while there is no server.
    found: Option<Arc<Sources>>,
    /// Whether it was said that there is none.
    is_missed: bool,
}

/// What a server has.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sources {
    /// Its URL with the base of the project, without a slash at the end.
    pub(crate) url: String,
    /// Whether its modules need the preamble of React's refresh.
    pub(crate) has_react: bool,
}

impl DevServer {
    /// The server that the environment names for the assets under a mount. Says on stderr whether it is
    /// there.
    pub(super) fn of_environment(mount: &str) -> Option<Self> {
        let url = env::var(VARIABLE).ok().filter(|url| !url.is_empty())?;
        match Self::new(&url, mount) {
            Some(server) => {
                server.sources();
                Some(server)
            }
            None => {
                eprintln!(
                    "stamped: {VARIABLE} must be a URL such as http://localhost:5173, so pages load what \
                     was built"
                );
                None
            }
        }
    }

    /// The server at a URL, which has no more than a host, a port, and perhaps the base of the project. A
    /// project that is built for a mount has that for its base, unless only builds have one.
    fn new(url: &str, mount: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%:[]/@".contains(&byte);
        let rest = url.strip_prefix("http://").filter(|rest| rest.bytes().all(is_plain))?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let bases = match path.trim_end_matches('/') {
            "" if mount.is_empty() => Vec::from([String::new()]),
            "" => Vec::from([mount.to_owned(), String::new()]),
            base => Vec::from([base.to_owned()]),
        };
        Some(DevServer { address: Address::new(authority)?, bases, state: Mutex::default() })
    }

    /// What the server has; `None` if it does not answer.
    pub(super) fn sources(&self) -> Option<Arc<Sources>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.looked.is_some_and(|looked| looked.elapsed() < FRESH) {
            return state.found.clone();
        }
        let known = state.found.take();
        let is_known = known.is_some();
        let found = self.address.connect().map(drop).and_then(|()| match known {
            // A server that is busy may be slow to answer, but takes connections.
            Some(known) => Ok(known),
            None => self.find().map(Arc::new),
        });
        let url = format!("http://{}", self.address.authority);
        match &found {
            Ok(found) if !is_known => {
                state.is_missed = false;
                eprintln!("stamped: pages load their sources from Vite's server at {}", found.url);
            }
            Err(error) if !state.is_missed => {
                state.is_missed = true;
                eprintln!(
                    "stamped: there is no development server of Vite at {url} ({error}), so pages load what \
                     was built"
                );
            }
            _ => {}
        }
        state.found = found.ok();
        state.looked = Some(Instant::now());
        state.found.clone()
    }

    fn find(&self) -> io::Result<Sources> {
        for base in &self.bases {
            if self.address.has_script(&format!("{base}/@vite/client"))? {
                let has_react = self.address.has_script(&format!("{base}/@react-refresh"))?;
                let url = format!("http://{}{base}", self.address.authority);
                return Ok(Sources { url, has_react });
            }
        }
        Err(io::Error::other("what answers there has no `/@vite/client`"))
    }
}

impl Address {
    fn new(authority: &str) -> Option<Self> {
        let (host, port) = match authority.rsplit_once(':') {
            // The colons of an address of IPv6 are in brackets.
            Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
            _ => (authority, 80),
        };
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let is_host = !host.is_empty() && !host.contains('@');
        is_host.then(|| Address { authority: authority.to_owned(), host: host.to_owned(), port })
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        // The name `localhost` may stand for two addresses, of which Node takes one.
        for address in (&*self.host, self.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Whether the server has a script at this path. A page there stands for unknown paths.
    fn has_script(&self, path: &str) -> io::Result<bool> {
        let mut stream = self.connect()?;
        stream.set_read_timeout(Some(PATIENCE_FOR_ANSWERS))?;
        stream.set_write_timeout(Some(PATIENCE_FOR_ANSWERS))?;
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: */*\r\nConnection: close\r\n\r\n",
            self.authority
        );
        stream.write_all(head.as_bytes())?;
        let mut head = Vec::new();
        let mut stream = stream.take(LONGEST_HEAD);
        let mut block = [0; 1024];
        while !head.windows(4).any(|four| four == b"\r\n\r\n") {
            match stream.read(&mut block)? {
                0 => break,
                read => head.extend_from_slice(&block[..read]),
            }
        }
        Ok(is_script(&head))
    }
}

/// Whether an answer is a script.
fn is_script(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer).to_ascii_lowercase();
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let mut lines = head.split("\r\n");
    let is_ok = lines.next().is_some_and(|line| line.split(' ').nth(1) == Some("200"));
    let is_script = |line: &str| line.starts_with("content-type:") && line.contains("javascript");
    is_ok && lines.any(is_script)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    /// Answers with scripts at these paths, until it has been asked so often, and returns its URL.
    fn serve(scripts: &'static [&'static str], answers: usize) -> (String, thread::JoinHandle<()>) {
        serve_at("127.0.0.1:0", scripts, answers)
    }

    fn serve_at(
        address: &str,
        scripts: &'static [&'static str],
        answers: usize,
    ) -> (String, thread::JoinHandle<()>) {
        let listener = TcpListener::bind(address).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let mut answered = 0;
            while answered < answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut block = [0; 1024];
                let length = stream.read(&mut block).unwrap();
                let text = core::str::from_utf8(&block[..length]).unwrap();
                // A look whether the server is there.
                let Some(path) = text.split(' ').nth(1) else { continue };
                answered += 1;
                let (status, kind) = match path {
                    "/broken/@vite/client" => ("500 No", "text/javascript"),
                    path if scripts.contains(&path) => ("200 OK", "text/javascript"),
                    _ => ("200 OK", "text/html"),
                };
                let head = format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n");
                stream.write_all(head.as_bytes()).unwrap();
            }
        });
        (url, server)
    }

    fn found(url: &str, mount: &str) -> Option<(String, bool)> {
        let sources = DevServer::new(url, mount).unwrap().sources()?;
        Some((sources.url.clone(), sources.has_react))
    }

    #[test]
    fn the_base_of_a_project_is_its_mount_or_none_or_that_of_the_url() {
        let (url, server) = serve(&["/static/@vite/client"], 2);
        assert_eq!(found(&url, "/static"), Some((format!("{url}/static"), false)));
        server.join().unwrap();
        let (url, server) = serve(&["/@vite/client", "/@react-refresh"], 3);
        assert_eq!(found(&url, "/static"), Some((url, true)));
        server.join().unwrap();
        let (url, server) = serve(&["/base/@vite/client", "/@vite/client"], 2);
        assert_eq!(found(&format!("{url}/base/"), "/static"), Some((format!("{url}/base"), false)));
        server.join().unwrap();
        let (url, server) = serve(&[], 1);
        assert_eq!(found(&format!("{url}/broken"), ""), None);
        server.join().unwrap();
    }

    #[test]
    fn a_server_may_come_and_go() {
        let (url, server) = serve(&["/@vite/client"], 2);
        let watched = DevServer::new(&url, "").unwrap();
        assert!(watched.sources().is_some());
        server.join().unwrap();
        thread::sleep(FRESH);
        assert!(watched.sources().is_none());
        let (_, server) = serve_at(&url["http://".len()..], &["/@vite/client"], 2);
        thread::sleep(FRESH);
        assert!(watched.sources().is_some());
        server.join().unwrap();
    }

    #[test]
    fn only_urls_of_servers_without_tls_are_taken() {
        let authority = |url: &str| {
            let server = DevServer::new(url, "")?;
            let Address { authority, host, port } = server.address;
            Some(format!("{authority} {host} {port}"))
        };
        for (url, expected) in [
            ("http://localhost:5173", Some("localhost:5173 localhost 5173")),
            ("http://[::1]:5173/", Some("[::1]:5173 ::1 5173")),
            ("http://[::1]", Some("[::1] ::1 80")),
            ("http://vite", Some("vite vite 80")),
            ("https://localhost:5173", None),
            ("localhost:5173", None),
            ("http://localhost:x", None),
            ("http://a@localhost", None),
            ("http://localhost/'", None),
            ("http://", None),
        ] {
            assert_eq!(authority(url).as_deref(), expected, "{url}");
        }
    }
}
