//! Conditions, ranges and codings of requests for assets that exist.

#![no_main]

use http::header::{
    ACCEPT_ENCODING, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE,
    RANGE,
};
use http::{HeaderMap, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|request: (u8, [Option<&[u8]>; 7])| {
    let (asset, values) = request;
    let fields = [
        ACCEPT_ENCODING,
        RANGE,
        IF_RANGE,
        IF_NONE_MATCH,
        IF_MATCH,
        IF_MODIFIED_SINCE,
        IF_UNMODIFIED_SINCE,
    ];
    let mut headers = HeaderMap::new();
    for (field, value) in fields.into_iter().zip(values) {
        if let Some(value) = value.and_then(|value| HeaderValue::from_bytes(value).ok()) {
            headers.insert(field, value);
        }
    }
    let assets = stamped_fuzz::assets();
    let asset = assets.iter().nth(usize::from(asset) % assets.len()).expect("one of them");
    for method in [Method::GET, Method::HEAD] {
        stamped_fuzz::respond(&method, asset.url(), &headers);
    }
});
