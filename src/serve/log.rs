//! The access log: a line for each request, in the combined format that Apache introduced and log
//! tools read.

use crate::output;
use http::{HeaderName, Method, Request, Response, header};
use stamped::http::Body;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant, SystemTime};

/// How many lines wait to be written before further ones are dropped.
const LINES: usize = 1024;

/// How long the last lines may take when the server ends.
const PATIENCE: Duration = Duration::from_secs(1);

/// A log on stderr, written by a thread of its own: a reader that has stopped reading holds up that
/// thread and no answer. Lines that it cannot take are dropped and counted.
#[derive(Clone)]
pub(super) struct Log {
    queue: SyncSender<Entry>,
    dropped: Arc<AtomicU64>,
}

enum Entry {
    Line(String),
    /// Asks for an answer once all is written.
    Flush(SyncSender<()>),
}

impl Log {
    /// Starts the thread.
    pub(super) fn start() -> Self {
        let (queue, entries) = sync_channel(LINES);
        let dropped = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&dropped);
        std::thread::spawn(move || {
            for entry in entries {
                let lost = counter.swap(0, Ordering::Relaxed);
                if lost > 0 {
                    output::note(&format!(
                        "warning: {lost} lines of the log are left out here: they were not read in time"
                    ));
                }
                match entry {
                    // One write, so that lines never mix. A log without a reader is no error.
                    Entry::Line(line) => drop(io::stderr().lock().write_all(line.as_bytes())),
                    Entry::Flush(done) => drop(done.try_send(())),
                }
            }
        });
        Log { queue, dropped }
    }

    /// Logs a request and its answer.
    pub(super) fn answered<T>(
        &self,
        client: SocketAddr,
        request: &Request<T>,
        response: &Response<Body>,
    ) {
        self.push(line(client.ip(), SystemTime::now(), request, response));
    }

    /// Logs the answer to something that cannot be read as a request.
    pub(super) fn refused(&self, client: SocketAddr, status: u16) {
        let (client, time) = (client.ip().to_canonical(), time(SystemTime::now()));
        self.push(format!("{client} - - [{time}] \"-\" {status} - \"-\" \"-\"\n"));
    }

    fn push(&self, line: String) {
        if self.queue.try_send(Entry::Line(line)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until all lines are written, but not for a reader that does not read.
    pub(super) fn flush(&self) {
        let end = Instant::now() + PATIENCE;
        let (done, is_done) = sync_channel(1);
        while let Err(TrySendError::Full(_)) = self.queue.try_send(Entry::Flush(done.clone())) {
            if Instant::now() > end {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        is_done.recv_timeout(end.saturating_duration_since(Instant::now())).ok();
    }
}

fn line<T>(
    client: IpAddr,
    now: SystemTime,
    request: &Request<T>,
    response: &Response<Body>,
) -> String {
    let mut line = format!("{} - - [{}] \"", client.to_canonical(), time(now));
    push_escaped(&mut line, request.method().as_str().as_bytes());
    line.push(' ');
    push_escaped(&mut line, request.uri().to_string().as_bytes());
    // Writing to a string does not fail.
    let _ = write!(line, " {:?}\" {} ", request.version(), response.status().as_u16());
    let _ = match response.body().len() {
        length if length > 0 && request.method() != Method::HEAD => write!(line, "{length}"),
        _ => write!(line, "-"),
    };
    for name in [header::REFERER, header::USER_AGENT] {
        line.push_str(" \"");
        push_escaped(&mut line, field(request, &name));
        line.push('"');
    }
    line.push('\n');
    line
}

fn field<'a, T>(request: &'a Request<T>, name: &HeaderName) -> &'a [u8] {
    request.headers().get(name).map_or(b"-", |value| value.as_bytes())
}

/// Escapes as nginx and Apache do: no byte can end the line or its quotes, or control a terminal.
fn push_escaped(line: &mut String, text: &[u8]) {
    for &byte in text {
        match byte {
            b'"' | b'\\' | ..0x20 | 0x7f.. => {
                let _ = write!(line, "\\x{byte:02X}");
            }
            _ => line.push(char::from(byte)),
        }
    }
}

/// Formats a time as `10/Oct/2000:13:55:36 +0000`.
fn time(now: SystemTime) -> String {
    let date = httpdate::fmt_http_date(now);
    let mut parts = date.split(' ').skip(1);
    let mut part = || parts.next().unwrap_or_default();
    let (day, month, year, time) = (part(), part(), part(), part());
    format!("{day}/{month}/{year}:{time} +0000")
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::body::Bytes;
    use std::time::UNIX_EPOCH;

    #[test]
    fn nothing_in_a_request_leaves_its_place_in_the_line() {
        let request = Request::builder()
            .method("GET")
            .uri("/a%20\"b\"?c")
            .header("referer", "\t\"x\\")
            .header("user-agent", &b"\x80 1"[..])
            .body(())
            .unwrap();
        let response = Response::new(Body::from(Bytes::from_static(b"12345")));
        let now = UNIX_EPOCH + Duration::from_secs(971_186_136);
        let line = line([127, 0, 0, 1].into(), now, &request, &response);
        assert_eq!(
            line,
            "127.0.0.1 - - [10/Oct/2000:13:55:36 +0000] \"GET /a%20\\x22b\\x22?c HTTP/1.1\" \
             200 5 \"\\x09\\x22x\\x5C\" \"\\x80 1\"\n"
        );
    }
}
