//! The access log: a line for each request, in the combined format that Apache introduced and log
//! tools read.

use http::{HeaderName, Method, Request, Response, header};
use stamped::http::Body;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::time::SystemTime;

/// Writes a request and its answer to stderr, in one write so that lines never mix. A log without a
/// reader does not stop the server.
pub(super) fn write<T>(client: SocketAddr, request: &Request<T>, response: &Response<Body>) {
    let line = line(client.ip(), SystemTime::now(), request, response);
    io::stderr().lock().write_all(line.as_bytes()).ok();
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
    use std::time::{Duration, UNIX_EPOCH};

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
