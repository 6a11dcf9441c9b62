//! Requests of any method and path, with any fields.

#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|request: (&[u8], &str, Vec<(&[u8], &[u8])>)| {
    let (method, path, fields) = request;
    let Ok(method) = Method::from_bytes(method) else { return };
    let mut headers = HeaderMap::new();
    for (name, value) in fields.into_iter().take(64) {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        {
            headers.append(name, value);
        }
    }
    stamped_fuzz::respond(&method, path, &headers);
});
