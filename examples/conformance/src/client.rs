//! A client that sends what it is told and changes nothing.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// An answer as it came over the socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The fields with their names in lower case, in the order of names; without those that are
    /// about the connection or the time.
    pub fields: Vec<(String, String)>,
    /// All that follows the head, with the chunks put together where it is chunked.
    pub body: Vec<u8>,
}

impl Reply {
    /// The value of a field that is there once.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.fields.iter().filter(|(field, _)| field == name);
        let (_, value) = values.next()?;
        values.next().is_none().then_some(value)
    }
}

/// Asks over a connection of its own.
pub fn ask(
    address: &str,
    method: &str,
    target: &str,
    fields: &str,
    content: &str,
) -> io::Result<Reply> {
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{fields}\r\n{content}"
    );
    let answer = exchange(address, request.as_bytes())?;
    let (reply, rest) = parse(&answer, method == "HEAD", true)?;
    if rest.is_empty() { Ok(reply) } else { Err(io::Error::other("more than one answer")) }
}

/// Asks twice over one connection, the second time before the first answer.
pub fn ask_two(address: &str, targets: [&str; 2]) -> io::Result<[Reply; 2]> {
    let [one, two] = targets;
    let requests = format!(
        "GET {one} HTTP/1.1\r\nHost: x\r\n\r\nGET {two} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    );
    let answers = exchange(address, requests.as_bytes())?;
    let (first, rest) = parse(&answers, false, false)?;
    let (second, _) = parse(rest, false, true)?;
    Ok([first, second])
}

fn exchange(address: &str, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// The first answer, and what follows it. Of the last one everything counts as its body: no more
/// bytes than there should be must come unnoticed.
fn parse(answer: &[u8], is_head: bool, is_last: bool) -> io::Result<(Reply, &[u8])> {
    let malformed = || {
        let answer = String::from_utf8_lossy(answer.get(..200).unwrap_or(answer));
        io::Error::other(format!("malformed: {answer:?}"))
    };
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(malformed)?;
    let (head, rest) = (&answer[..end], &answer[end + 4..]);
    let head = str::from_utf8(head).map_err(|_| malformed())?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let status = status.ok_or_else(malformed)?;
    let mut fields = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(':').ok_or_else(malformed)?;
        fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    fields.sort();
    let mut reply = Reply { status, fields, body: Vec::new() };
    let rest = if is_head || matches!(status, 204 | 304) {
        if is_last {
            reply.body = rest.to_vec();
        }
        &[]
    } else if reply.field("transfer-encoding") == Some("chunked") {
        dechunk(rest, &mut reply.body).ok_or_else(malformed)?
    } else {
        let length = reply.field("content-length").and_then(|length| length.parse().ok());
        let length: usize = length.unwrap_or(rest.len());
        let (body, rest) = rest.split_at_checked(length).ok_or_else(malformed)?;
        reply.body = body.to_vec();
        rest
    };
    reply.fields.retain(|(name, _)| !matches!(&**name, "connection" | "date" | "keep-alive"));
    Ok((reply, rest))
}

fn dechunk<'a>(mut rest: &'a [u8], body: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        let (chunk, after) = rest.get(end + 2..)?.split_at_checked(size)?;
        body.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n")?;
        if size == 0 {
            return Some(rest);
        }
    }
}
