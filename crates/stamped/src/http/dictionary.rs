//! Compression dictionaries (RFC 9842): the bytes of a stamped asset help to send those of the next version.
//!
//! An exact answer tells the client to keep its bytes for the next stamp of that name
//! (`Use-As-Dictionary`). A client that has some says which (`Available-Dictionary`), and gets the delta
//! that was made with just these bytes, if there is one.

use crate::asset::{Asset, Representation};
use crate::index::Addressing;
use crate::{name, percent};
use alloc::format;
use alloc::string::String;
use http::header::{ORIGIN, RANGE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

pub(super) const USE_AS_DICTIONARY: HeaderName = HeaderName::from_static("use-as-dictionary");
const AVAILABLE_DICTIONARY: HeaderName = HeaderName::from_static("available-dictionary");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Whether exact answers of this asset can be dictionaries: the next version has the same path, but for
/// its stamp.
pub(super) fn is_offered(asset: Asset) -> bool {
    asset.data().index().offers_dictionaries() && asset.addressing() == Addressing::Stamped
}

/// The value of `Use-As-Dictionary` (section 2.1) for the asset of this name: its URLs with any stamp.
///
/// The pattern is relative to the URL of the answer, so it holds too where a proxy has cut a prefix off the
/// path, or a CDN has put one before it.
#[must_use]
pub fn use_as_dictionary(name: &str) -> String {
    let (stem, suffix) = name::split(name);
    let stem = stem.rsplit('/').next().unwrap_or(stem);
    let mut value = String::from("match=\"");
    push_escaped(&mut value, stem);
    value.push_str(".*");
    push_escaped(&mut value, suffix);
    value.push('"');
    value
}

/// Adds a piece of a name as a pattern for URLs that stands for itself, in a quoted string.
fn push_escaped(value: &mut String, name: &str) {
    for character in format!("{}", percent::Encoded(name)).chars() {
        // Percent-encoding has left no other that means something in a pattern or in the string. The
        // first backslash escapes the second one in the string (RFC 9651, section 3.3.3).
        if matches!(character, '*' | '+' | ':') {
            value.push_str("\\\\");
        }
        value.push(character);
    }
}

/// The delta for the bytes that the client says it has.
///
/// A delta is not sent in parts: a client that asks for some gets them of an ordinary coding.
pub(super) fn delta(asset: Asset, head: super::Head<'_>, cors: bool) -> Option<Representation> {
    let headers = head.headers();
    let dictionary = available(headers)?;
    let wants_part = head.method() == Method::GET && headers.contains_key(RANGE);
    let delta = asset.delta(&dictionary)?;
    (!wants_part && is_readable(headers, cors)).then_some(delta)
}

/// The SHA-256 in `Available-Dictionary` (section 2.2), which has one at most.
fn available(headers: &HeaderMap) -> Option<[u8; 32]> {
    let mut fields = headers.get_all(AVAILABLE_DICTIONARY).iter();
    match (fields.next(), fields.next()) {
        (Some(field), None) => byte_sequence(field.as_bytes()),
        _ => None,
    }
}

/// The 32 bytes of a Byte Sequence (RFC 9651, section 3.3.5). As there, the padding may be missing.
fn byte_sequence(field: &[u8]) -> Option<[u8; 32]> {
    /// Without padding: three bytes of every four digits, and two of the last three.
    const DIGITS: usize = 43;
    let quoted = field.trim_ascii().strip_prefix(b":")?.strip_suffix(b":")?;
    let digits: &[u8; DIGITS] = quoted.strip_suffix(b"=").unwrap_or(quoted).try_into().ok()?;
    let mut bytes = [0; 32];
    for (group, place) in digits.chunks(4).zip(bytes.chunks_mut(3)) {
        let mut bits = 0;
        for &digit in group {
            bits = bits << 6 | sextet(digit)?;
        }
        bits <<= 6 * (4 - group.len());
        for (byte, value) in place.iter_mut().zip(bits.to_be_bytes().into_iter().skip(1)) {
            *byte = value;
        }
    }
    Some(bytes)
}

/// The value of a digit of base64 (RFC 4648, section 4).
fn sextet(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// Whether whoever asks may read the whole answer, as far as a browser says (section 9.3.2). Otherwise
/// the size of a delta would tell pages of other origins what the visitor has in the cache.
fn is_readable(headers: &HeaderMap, cors: bool) -> bool {
    let value = |name| headers.get(name).map(HeaderValue::as_bytes);
    match value(SEC_FETCH_MODE) {
        _ if value(SEC_FETCH_SITE) == Some(b"same-origin") => true,
        None | Some(b"navigate" | b"same-origin") => true,
        Some(b"cors") => cors && headers.contains_key(ORIGIN),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_32_bytes_in_base64_between_colons_are_a_dictionary() {
        // The example of RFC 9842, section 2.2.
        let example = b":pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4=:";
        let bytes = byte_sequence(example).unwrap();
        assert_eq!((&bytes[..3], bytes[31]), (&[0xa5, 0x91, 0xa6][..], 0x6e));
        assert_eq!(byte_sequence(b" :pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4: "), Some(bytes));
        assert_eq!(byte_sequence(&[b":", &[b'A'; 43][..], b"=:"].concat()), Some([0; 32]));
        for other in [
            &b""[..],
            b":",
            b"::",
            b"pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4=",
            b":pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4==:",
            b":pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG=:",
            b":pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4_:",
            b":pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4=",
            b":pZGm1Av0IEBKARczz7exkNYsZb8-zaMrV7J32a2fFG4=:",
            b"\"pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4=\"",
            b":pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4=:, :pZGm:",
            b":pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4=:;q=1",
        ] {
            assert_eq!(byte_sequence(other), None, "{:?}", str::from_utf8(other));
        }
    }
}
