//! A proxy that records all requests, so that a test can see what a browser has asked for.
//!
//! The browser always sees the same origin, whichever server is behind it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request, and what was answered.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) path: String,
    pub(crate) status: String,
    /// The value of `Cache-Control`.
    pub(crate) cache: String,
}

struct State {
    server: u16,
    record: Vec<Exchange>,
}

pub(crate) struct Recorder {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Recorder {
    /// Stands in front of the server at this port.
    pub(crate) fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State { server, record: Vec::new() }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for browser in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                // A browser may leave at any time.
                std::thread::spawn(move || exchange(browser, &state).ok());
            }
        });
        Recorder { address, state }
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// From now on, requests go to another server.
    pub(crate) fn switch_to(&self, server: u16) {
        self.state.lock().unwrap().server = server;
    }

    /// The requests since the last call.
    pub(crate) fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.state.lock().unwrap().record)
    }
}

/// Hands one request on. It is in the record before the browser has the answer.
fn exchange(mut browser: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    let (request, _) = head(&mut browser)?;
    let port = state.lock().unwrap().server;
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    let line_end = request.find("\r\n").unwrap_or_default();
    // One request for each connection: then the answer ends where the connection does.
    let fields = request[line_end..].replace("\r\nConnection: keep-alive", "");
    write!(server, "{}\r\nConnection: close{fields}", &request[..line_end])?;
    let (answer, body) = head(&mut server)?;
    let field = |name: &str| {
        let mut fields = answer.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let word = |text: &str| text.split(' ').nth(1).unwrap_or_default().to_owned();
    state.lock().unwrap().record.push(Exchange {
        path: word(&request),
        status: word(&answer),
        cache: field("cache-control").unwrap_or_default().to_owned(),
    });
    browser.write_all(answer.as_bytes())?;
    browser.write_all(&body)?;
    io::copy(&mut server, &mut browser)?;
    browser.shutdown(Shutdown::Write)
}

/// The head of a message with the empty line, and what was read beyond it.
fn head(stream: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend(&buffer[..count]);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let body = bytes.split_off(end + 4);
            let head = String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData)?;
            return Ok((head, body));
        }
    }
}
