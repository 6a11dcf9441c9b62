//! A path names the same asset however much of it is percent-encoded.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::fmt::Write as _;

fuzz_target!(|path: &str| {
    let path = format!("{}/{path}", stamped_fuzz::assets().mount());
    let encoded = encode(&path);
    let [plain, encoded] = [path, encoded]
        .map(|path| stamped_fuzz::assets().resolve(&path).asset().map(|asset| asset.name()));
    assert_eq!(plain, encoded);
});

/// The path with every byte encoded that may be: no slash, and nothing that is an escape already.
fn encode(path: &str) -> String {
    let mut encoded = String::new();
    let mut bytes = path.as_bytes().iter();
    while let Some(&byte) = bytes.next() {
        let escape = if byte == b'%' { bytes.as_slice().first_chunk::<2>() } else { None };
        match escape {
            _ if byte == b'/' => encoded.push('/'),
            Some([high, low]) if high.is_ascii() && low.is_ascii() => {
                encoded.extend(['%', char::from(*high), char::from(*low)]);
                bytes.nth(1);
            }
            _ => write!(encoded, "%{byte:02X}").expect("a string takes everything"),
        }
    }
    encoded
}
