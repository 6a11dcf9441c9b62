//! Content types from file names.

use alloc::borrow::Cow;
use alloc::format;

/// Types that a browser is strict about, or that the general list has wrong or old, and those of which
/// sites have most, for which the general list takes a hundred times as long.
const WEB: &[(&str, &str)] = &[
    ("atom", "application/atom+xml"),
    ("avif", "image/avif"),
    ("cjs", "text/javascript"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("gif", "image/gif"),
    ("gltf", "model/gltf+json"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ico", "image/x-icon"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("jsonld", "application/ld+json"),
    ("jxl", "image/jxl"),
    ("map", "application/json"),
    ("md", "text/markdown"),
    ("mjs", "text/javascript"),
    ("mts", "text/plain"),
    ("otf", "font/otf"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("rss", "application/rss+xml"),
    ("scss", "text/plain"),
    ("svg", "image/svg+xml"),
    ("ts", "text/plain"),
    ("ttf", "font/ttf"),
    ("tsx", "text/plain"),
    ("txt", "text/plain"),
    ("vtt", "text/vtt"),
    ("wasm", "application/wasm"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xhtml", "application/xhtml+xml"),
    ("xml", "application/xml"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
];

/// Files that are known by their whole name.
const NAMED: &[(&str, &str)] = &[
    ("license", "text/plain"),
    ("readme", "text/plain"),
    ("changelog", "text/plain"),
    ("authors", "text/plain"),
    ("copying", "text/plain"),
    ("notice", "text/plain"),
];

/// What a file is when nothing is known of its name (RFC 9110, section 8.3).
const UNKNOWN: &str = "application/octet-stream";

/// The content type of a file, from the last extension of its `name`, without parameters.
///
/// ```
/// use stamped::content_type;
///
/// assert_eq!(content_type::of("js/app.min.mjs"), "text/javascript");
/// assert_eq!(content_type::of("unheard.of"), "application/octet-stream");
/// ```
#[must_use]
pub fn of(name: &str) -> &'static str {
    // Build scripts are not optimised and ask for each file, so this is without iterators.
    let bytes = name.as_bytes();
    let mut begin = bytes.len();
    while begin > 0 && bytes[begin - 1] != b'.' && bytes[begin - 1] != b'/' {
        begin -= 1;
    }
    let list = if begin > 0 && bytes[begin - 1] == b'.' { WEB } else { NAMED };
    let essence = find(list, &bytes[begin..]).or_else(|| {
        let file = name.rsplit('/').next().unwrap_or(name);
        mime_guess::from_path(file).first_raw()
    });
    essence.unwrap_or(UNKNOWN)
}

fn find(list: &[(&str, &'static str)], key: &[u8]) -> Option<&'static str> {
    let first = key.first()?.to_ascii_lowercase();
    let mut at = 0;
    while at < list.len() {
        let (known, essence) = list[at];
        let known = known.as_bytes();
        if known[0] == first && known.len() == key.len() && known.eq_ignore_ascii_case(key) {
            return Some(essence);
        }
        at += 1;
    }
    None
}

/// The value of `Content-Type` for a file of this `name` with these `bytes`: text that is UTF-8 says
/// so. Other text names no charset, so that a byte order mark or the file's own declaration decides.
///
/// ```
/// use stamped::content_type;
///
/// assert_eq!(content_type::of_file("a.css", b"a{}"), "text/css; charset=utf-8");
/// assert_eq!(content_type::of_file("a.css", b"\xff"), "text/css");
/// assert_eq!(content_type::of_file("a.png", b""), "image/png");
/// ```
#[must_use]
pub fn of_file(name: &str, bytes: &[u8]) -> Cow<'static, str> {
    of_text(name, || core::str::from_utf8(bytes).is_ok())
}

/// The same for a file whose bytes are elsewhere. Whether they are UTF-8 is asked only where the type
/// depends on it.
#[doc(hidden)]
#[must_use]
pub fn of_text(name: &str, is_utf8: impl FnOnce() -> bool) -> Cow<'static, str> {
    let essence = of(name);
    match takes_charset(essence) && is_utf8() {
        true => format!("{essence}; charset=utf-8").into(),
        false => essence.into(),
    }
}

/// Whether the `charset` parameter means something for this type and it is not always UTF-8.
///
/// JSON and WebAssembly have no such parameter; for XML it overrules the declaration in the file.
fn takes_charset(essence: &str) -> bool {
    essence.starts_with("text/")
        || essence.ends_with("+xml")
        || matches!(essence, "application/xml" | "application/manifest+json")
}

/// Whether compressing such a file again is worth trying: text, and binary formats that are not
/// compressed in themselves.
#[must_use]
pub fn is_compressible(essence: &str) -> bool {
    takes_charset(essence)
        || essence.ends_with("+json")
        || matches!(
            essence,
            "application/json"
                | "application/yaml"
                | "application/wasm"
                | "application/javascript"
                | "application/octet-stream"
                | "application/rtf"
                | "application/x-tar"
                | "application/vnd.ms-fontobject"
                | "font/otf"
                | "font/ttf"
                | "image/bmp"
                | "image/x-icon"
                | "model/gltf-binary"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_known_in_any_case() {
        assert_eq!(of("IMG/A.PNG"), "image/png");
        assert_eq!(of("a.MJS"), "text/javascript");
    }

    #[test]
    fn common_types_are_those_of_the_general_list() {
        for extension in ["gif", "jpeg", "jpg", "pdf", "png", "txt"] {
            let general = mime_guess::from_ext(extension).first_raw();
            assert_eq!(general, Some(of(&format!("a.{extension}"))));
        }
        assert!(WEB.iter().chain(NAMED).all(|(key, _)| *key == key.to_ascii_lowercase()));
    }

    #[test]
    fn only_the_last_extension_counts() {
        assert_eq!(of("style.css.map"), "application/json");
        assert_eq!(of("js.d/data"), UNKNOWN);
        assert_eq!(of("LICENSE"), "text/plain");
    }

    #[test]
    fn what_is_compressed_already_is_left_alone() {
        for name in ["a.png", "a.woff2", "a.jpg", "a.mp4", "a.zip", "a.gz", "a.webp"] {
            assert!(!is_compressible(of(name)), "{name}");
        }
        for name in ["a.css", "a.js", "a.svg", "a.json", "a.wasm", "a.ttf", "LICENSE"] {
            assert!(is_compressible(of(name)), "{name}");
        }
    }
}
