//! Finds hashes of files in texts, as they stand in `integrity` metadata.
//!
//! The language of the text does not matter. A caller who has a file with the digest that a text spells knows what the
//! text is about, because nothing else has that digest. So one search finds the `integrity` of pages and import maps, and
//! the tables from which scripts set it.

use crate::javascript::find;
use crate::types::{Algorithm, Hash};

/// Finds every hash in `source`.
pub(crate) fn scan(source: &[u8]) -> Vec<Hash> {
    let mut hashes = Vec::new();
    let mut from = 0;
    // By the dash, which is rare.
    while let Some(dash) = find(source, from, b'-') {
        from = dash + 1;
        // The last digit tells most other words with a dash apart.
        if dash < 6 || !matches!(source[dash - 1], b'6' | b'4' | b'2') {
            continue;
        }
        let algorithm = match source[dash - 6..dash].to_ascii_lowercase().as_slice() {
            b"sha256" => Algorithm::Sha256,
            b"sha384" => Algorithm::Sha384,
            b"sha512" => Algorithm::Sha512,
            _ => continue,
        };
        if dash > 6 && source[dash - 7].is_ascii_alphanumeric() {
            continue;
        }
        if let Some((digest, end)) = digest(source, from, algorithm.length()) {
            hashes.push(Hash { span: from..end, algorithm, digest });
            from = end;
        }
    }
    hashes
}

/// Decodes the base64 of `length` bytes that stands at `at`, in either alphabet, with or without padding. Returns the
/// bytes and where the text ends.
fn digest(source: &[u8], mut at: usize, length: usize) -> Option<(Vec<u8>, usize)> {
    let mut bytes = Vec::with_capacity(length);
    let (mut bits, mut count) = (0_u32, 0);
    for _ in 0..(length * 8).div_ceil(6) {
        let (character, end) = character(source, at)?;
        bits = bits << 6 | value(character)?;
        count += 6;
        at = end;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xFF) as u8);
        }
    }
    // What is left over is zero in what an encoder writes.
    if bits & ((1 << count) - 1) != 0 {
        return None;
    }
    for _ in 0..(3 - length % 3) % 3 {
        match character(source, at) {
            Some((b'=', end)) => at = end,
            _ => break,
        }
    }
    match character(source, at) {
        Some((more, _)) if more == b'=' || value(more).is_some() => None,
        _ => Some((bytes, at)),
    }
}

/// The character at `at` and where it ends. HTML, JSON and JavaScript can each escape those that are no letters or
/// digits, and some encoders do.
fn character(source: &[u8], at: usize) -> Option<(u8, usize)> {
    const ESCAPES: [(&[u8], u8); 13] = [
        (b"\\/", b'/'),
        (b"\\u002b", b'+'),
        (b"\\u002f", b'/'),
        (b"\\u003d", b'='),
        (b"\\x2b", b'+'),
        (b"\\x2f", b'/'),
        (b"\\x3d", b'='),
        (b"&#43;", b'+'),
        (b"&#47;", b'/'),
        (b"&#61;", b'='),
        (b"&#x2b;", b'+'),
        (b"&#x2f;", b'/'),
        (b"&#x3d;", b'='),
    ];
    let byte = *source.get(at)?;
    if matches!(byte, b'\\' | b'&') {
        let escape = ESCAPES.iter().find(|(written, _)| {
            let end = at + written.len();
            source.get(at..end).is_some_and(|text| text.eq_ignore_ascii_case(written))
        });
        if let Some((written, meant)) = escape {
            return Some((*meant, at + written.len()));
        }
    }
    Some((byte, at + 1))
}

fn value(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    fn base64(bytes: &[u8]) -> String {
        let mut text = String::new();
        for three in bytes.chunks(3) {
            let bits = three.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte));
            let bits = bits << (8 * (3 - three.len()));
            for at in 0..4 {
                let digit = ALPHABET[(bits >> (18 - 6 * at) & 63) as usize];
                text.push(if at > three.len() { '=' } else { char::from(digit) });
            }
        }
        text
    }

    fn hash() -> impl Strategy<Value = (Algorithm, Vec<u8>)> {
        let of = |algorithm: Algorithm| {
            proptest::collection::vec(any::<u8>(), algorithm.length())
                .prop_map(move |digest| (algorithm, digest))
        };
        prop_oneof![of(Algorithm::Sha256), of(Algorithm::Sha384), of(Algorithm::Sha512)]
    }

    fn name(algorithm: Algorithm) -> &'static str {
        match algorithm {
            Algorithm::Sha1 => "sha1",
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha384 => "sha384",
            Algorithm::Sha512 => "sha512",
        }
    }

    proptest! {
        #[test]
        fn hashes_are_found_in_every_spelling(
            hashes in proptest::collection::vec(hash(), 1..4),
            spelling in 0..7_usize,
            (before, between) in proptest::sample::select(vec![
                ("<script integrity='", " "), ("{\"1\":\"", "\",\"2\":\""), ("", "?a=b "), ("-sha256-x ", "\n"),
            ]),
        ) {
            let spell = |text: String| match spelling {
                0 => text,
                1 => text.trim_end_matches('=').to_owned(),
                2 => text.replace('+', "-").replace('/', "_"),
                3 => text.replace('/', "\\/"),
                4 => text.replace('+', "\\u002B").replace('/', "\\u002f").replace('=', "\\u003d"),
                5 => text.replace('+', "\\x2B").replace('=', "\\x3d"),
                _ => text.replace('+', "&#43;").replace('/', "&#x2F;").replace('=', "&#61;"),
            };
            let written: Vec<String> = hashes
                .iter()
                .map(|(algorithm, digest)| format!("{}-{}", name(*algorithm), spell(base64(digest))))
                .collect();
            let text = format!("{before}{}' and more", written.join(between));
            let found = scan(text.as_bytes());
            let digests: Vec<_> = found.iter().map(|one| (one.algorithm, one.digest.clone())).collect();
            prop_assert_eq!(&digests, &hashes, "{}", text);
            for (one, written) in found.iter().zip(&written) {
                let (_, base64) = written.split_once('-').unwrap();
                prop_assert_eq!(&text[one.span.clone()], base64);
            }
        }

        #[test]
        fn any_bytes_are_read_to_their_end(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            scan(&bytes);
        }
    }

    #[test]
    fn what_is_too_short_too_long_or_another_word_is_none() {
        let of = |length: usize| base64(&vec![255; length]);
        for text in [
            format!("sha256-{}", of(31)),
            format!("sha256-{}", of(33)),
            format!("sha384-{}", of(47)),
            format!("sha384-{}A", of(48)),
            format!("sha384-{}=", of(48)),
            format!("sha224-{}", of(28)),
            format!("xsha256-{}", of(32)),
            format!("sha256 {}", of(32)),
            "sha256-".to_owned(),
            // Its last digit has bits that belong to nothing.
            format!("sha256-{}", of(32).replace("8=", "9=")),
        ] {
            assert_eq!(scan(text.as_bytes()), [], "{text}");
        }
        assert_eq!(scan(format!("SHA256-{}", of(32)).as_bytes()).len(), 1);
    }
}
