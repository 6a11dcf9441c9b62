//! Writes files as `data:` URLs (RFC 2397).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use stamped::content_type;
use std::fmt::Write as _;

/// The URL of the contents of a file of this name, which can stand wherever a style sheet or a page
/// names a picture or a font, in any quotes or none.
pub(crate) fn of(name: &str, bytes: &[u8]) -> String {
    let essence = content_type::of(name);
    match essence {
        "image/svg+xml" => format!("data:{essence},{}", percent_encoded(bytes)),
        _ => format!("data:{essence};base64,{}", STANDARD.encode(bytes)),
    }
}

/// What means something to a URL, a style sheet or markup is encoded, and nothing else.
fn percent_encoded(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3 / 2);
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        let is_literal = match byte {
            b'%' | b'#' => false,
            b'"' | b'\'' | b'`' | b'(' | b')' | b'\\' => false,
            b'<' | b'>' | b'&' => false,
            // The URL of a candidate in `srcset` does not end in a comma.
            b',' => !after.is_empty(),
            byte => byte.is_ascii_graphic(),
        };
        match is_literal {
            true => text.push(char::from(byte)),
            false => write!(text, "%{byte:02X}")
                .unwrap_or_else(|_| unreachable!("a string takes all text")),
        }
        rest = after;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a browser takes from a `data:` URL (<https://fetch.spec.whatwg.org/#data-url-processor>).
    fn decoded(url: &str) -> (String, Vec<u8>) {
        let (head, body) = url.strip_prefix("data:").unwrap().split_once(',').unwrap();
        let mut bytes = Vec::new();
        let mut rest = body.as_bytes();
        while let [first, after @ ..] = rest {
            let (byte, after) = match (first, after) {
                (b'%', [high, low, after @ ..]) => {
                    let digits = [*high, *low];
                    let digits = std::str::from_utf8(&digits).unwrap();
                    (u8::from_str_radix(digits, 16).unwrap(), after)
                }
                _ => (*first, after),
            };
            bytes.push(byte);
            rest = after;
        }
        match head.strip_suffix(";base64") {
            Some(essence) => (essence.to_owned(), STANDARD.decode(bytes).unwrap()),
            None => (head.to_owned(), bytes),
        }
    }

    #[test]
    fn svg_stays_readable_and_everything_else_is_base64() {
        let svg =
            "<svg xmlns='http://www.w3.org/2000/svg'><path fill=\"#a0f\" d='M0,0 9,9Z'/>é</svg>\n";
        assert_eq!(
            of("icons/a.svg", svg.as_bytes()),
            "data:image/svg+xml,%3Csvg%20xmlns=%27http://www.w3.org/2000/svg%27%3E%3Cpath%20fill=%22%23a0f%22%20\
             d=%27M0,0%209,9Z%27/%3E%C3%A9%3C/svg%3E%0A"
        );
        assert_eq!(of("a.png", b"\x89PNG"), "data:image/png;base64,iVBORw==");
        assert_eq!(of("a.woff2", b"wOF2"), "data:font/woff2;base64,d09GMg==");
    }

    proptest! {
        #[test]
        fn a_browser_reads_the_same_bytes_whatever_is_around_the_url(
            bytes in prop_oneof![
                proptest::collection::vec(any::<u8>(), 1..99),
                r##"[ -~é\n]{1,99}"##.prop_map(String::into_bytes),
            ],
            name in prop_oneof![Just("a.svg"), Just("a.png"), Just("a.woff2"), Just("a.ico")],
        ) {
            let url = of(name, &bytes);
            let expected = (content_type::of(name).to_owned(), bytes);
            prop_assert_eq!(decoded(&url), expected);
            // Nothing in it ends a string, an unquoted `url()`, an attribute, an element or a candidate.
            let is_safe = |byte: u8| byte.is_ascii_graphic() && !b"\"'`()\\<>&#".contains(&byte);
            prop_assert!(url.bytes().all(is_safe), "{url}");
            prop_assert!(!url.ends_with(','), "{url}");
        }
    }
}
