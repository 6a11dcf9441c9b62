//! Listening, and what to do where that fails.

use std::io::{Error, ErrorKind};
use tokio::net::TcpListener;

/// Binds the address. The error names `option` as the way to another address. On Unix, connections of a
/// server that has just ended do not block the port.
pub(super) async fn listen(address: &str, option: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| {
        format!("cannot listen on {address}: {error}; {}", way_out(&error, option))
    })
}

/// A host and a port, as `--listen` takes them.
pub(super) fn address(text: &str) -> Result<String, String> {
    let is_address = text.rsplit_once(':').is_some_and(|(host, port)| {
        let is_bare_v6 = host.contains(':') && !host.starts_with('[');
        !host.is_empty() && !is_bare_v6 && port.parse::<u16>().is_ok()
    });
    match is_address {
        true => Ok(text.to_owned()),
        false => Err("expected a host and a port, such as 127.0.0.1:8080 or [::1]:0".to_owned()),
    }
}

fn way_out(error: &Error, option: &str) -> String {
    let free = format!("`{option} 127.0.0.1:0`, where 0 picks a free one");
    match error.kind() {
        ErrorKind::AddrInUse => {
            format!("end the program that listens there, or choose another port with {free}")
        }
        ErrorKind::PermissionDenied => {
            format!("ports below 1024 are for the administrator; choose another with {free}")
        }
        _ => format!(
            "choose an address of this machine with `{option}`: 127.0.0.1:8080 for programs on it, \
             0.0.0.0:8080 for others too"
        ),
    }
}
