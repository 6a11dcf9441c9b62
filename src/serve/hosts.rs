//! Which hosts requests may name.

use http::uri::Authority;
use http::{HeaderValue, Request, Response, StatusCode, Version, header};
use hyper::body::Bytes;
use stamped::http::Body;
use std::net::Ipv4Addr;

/// The hosts that are answered.
#[derive(Clone)]
pub(super) enum Hosts {
    All,
    /// Those that are this machine's whatever a name server says, and these.
    ///
    /// A page anywhere could have its own name lead to this machine, and then read all that is
    /// answered under that name ("DNS rebinding"). A folder that is worked on is not for everyone.
    Local(Vec<String>),
}

impl Hosts {
    /// An answer to a request that names none of the hosts, or does not name just one (RFC 9112,
    /// section 3.2).
    pub(super) fn refusal<T>(&self, request: &Request<T>) -> Option<Response<Body>> {
        let mut fields = request.headers().get_all(header::HOST).iter();
        let host = match (fields.next(), fields.next()) {
            (None, _) if request.version() < Version::HTTP_11 => return None,
            (Some(field), None) => host(field),
            _ => None,
        };
        let Some(host) = host else {
            let why = "a request must have one field `Host`, which names the host\n";
            return Some(explained(StatusCode::BAD_REQUEST, why.to_owned()));
        };
        // A whole URL in the request line goes before the field.
        let host = request.uri().host().unwrap_or(&host);
        match self {
            Hosts::Local(names) if !is_local(host, names) => {
                let why = format!(
                    "in live mode only local names are answered, and `{host}` is another: a page that \
                     points its own name at this machine could read the folder. If the name is yours, \
                     start the server with `--allow-host {host}`\n"
                );
                Some(explained(StatusCode::MISDIRECTED_REQUEST, why))
            }
            _ => None,
        }
    }
}

/// The host in a field, without the port. `None` where the field is malformed; a host may be empty.
fn host(field: &HeaderValue) -> Option<String> {
    let text = field.to_str().ok()?;
    if text.is_empty() {
        return Some(String::new());
    }
    let authority: Authority = text.parse().ok().filter(|_| !text.contains('@'))?;
    Some(authority.host().to_owned())
}

fn is_local(host: &str, names: &[String]) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || host.starts_with('[')
        || host.parse::<Ipv4Addr>().is_ok()
        || names.iter().any(|name| name.eq_ignore_ascii_case(&host))
}

/// An answer that says what to do about it.
fn explained(status: StatusCode, why: String) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from(why)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine_and_those_that_were_allowed_are_local() {
        let names = ["box.lan".to_owned()];
        for host in [
            "localhost",
            "LocalHost.",
            "app.localhost",
            "127.0.0.1",
            "10.0.0.7",
            "[::1]",
            "BOX.lan",
        ] {
            assert!(is_local(host, &names), "{host}");
        }
        for host in
            ["", "example.com", "localhost.example.com", "notlocalhost", "127.0.0.1.nip.io", "box"]
        {
            assert!(!is_local(host, &names), "{host}");
        }
    }

    #[test]
    fn a_host_comes_without_its_port() {
        let host = |field| host(&HeaderValue::from_static(field));
        assert_eq!(host("[::1]:80").as_deref(), Some("[::1]"));
        assert_eq!(host("a.b:80").as_deref(), Some("a.b"));
        assert_eq!(host("").as_deref(), Some(""));
        for field in ["a b", "a/b", "user@a", "a,b c", "\t"] {
            assert_eq!(host(field), None, "{field}");
        }
    }
}
