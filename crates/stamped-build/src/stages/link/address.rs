//! Resolves a reference against the URL of the asset that it is in (WHATWG URL, section 4.4), as
//! far as it can lead to another asset.

use stamped_scan::ReferenceKind;

/// What a reference names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// A path below the mount, percent-decoded. It names an asset if there is one of that name.
    Name(String),
    /// Something that is never an asset: another site, another scheme, a place in the same file, a
    /// folder, a path outside the mount, a bare module specifier.
    Elsewhere,
}

/// Resolves `reference`, found in the asset `name`, whose URL is `mount`, a slash and the name.
pub(crate) fn resolve(mount: &str, name: &str, reference: &str, kind: ReferenceKind) -> Address {
    named(mount, name, reference, kind).map_or(Address::Elsewhere, Address::Name)
}

fn named(mount: &str, name: &str, reference: &str, kind: ReferenceKind) -> Option<String> {
    // A URL parser drops these first.
    let reference = reference.trim_matches(|c: char| c <= ' ');
    let cleaned: String;
    let reference = if reference.contains(['\t', '\n', '\r']) {
        cleaned = reference.replace(['\t', '\n', '\r'], "");
        &cleaned
    } else {
        reference
    };
    let path = reference.split(['?', '#']).next().unwrap_or_default();
    if path.is_empty() || has_scheme(reference) {
        return None;
    }
    let is_slash = |c: char| c == '/' || c == '\\';
    let is_absolute = path.starts_with(is_slash);
    if is_absolute && path.get(1..).is_some_and(|rest| rest.starts_with(is_slash)) {
        return None;
    }
    if kind.is_specifier() && !["/", "./", "../"].iter().any(|start| path.starts_with(start)) {
        return None;
    }

    let mut segments: Vec<String> = Vec::new();
    if !is_absolute {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let base = mount.split('/').chain(folder.split('/'));
        segments.extend(base.filter(|segment| !segment.is_empty()).map(str::to_owned));
    }
    let path = if is_absolute { path.get(1..)? } else { path };
    let mut ends_with_name = false;
    for segment in path.split(is_slash) {
        let segment = decode(segment)?;
        ends_with_name = false;
        match segment.as_str() {
            "." => {}
            // The root of the site is its own parent.
            ".." => drop(segments.pop()),
            _ => {
                ends_with_name = !segment.is_empty();
                segments.push(segment);
            }
        }
    }
    if !ends_with_name {
        return None;
    }
    let whole = segments.join("/");
    let mount = mount.strip_prefix('/').unwrap_or(mount);
    if mount.is_empty() {
        return Some(whole);
    }
    whole.strip_prefix(mount)?.strip_prefix('/').map(str::to_owned)
}

/// Whether an absolute URL begins here (RFC 3986, section 3.1).
fn has_scheme(reference: &str) -> bool {
    let Some((scheme, _)) = reference.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// A segment, percent-decoded. `None` where no name can be meant: an encoded slash, or bytes that
/// are not UTF-8. A `%` that begins no escape stands for itself.
fn decode(segment: &str) -> Option<String> {
    if !segment.contains('%') {
        return Some(segment.to_owned());
    }
    let mut decoded = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        let escaped = (first == b'%').then(|| after.first_chunk().copied().and_then(hex)).flatten();
        match escaped {
            Some(b'/') => return None,
            Some(byte) => {
                decoded.push(byte);
                rest = after.get(2..)?;
            }
            None => decoded.push(first),
        }
    }
    String::from_utf8(decoded).ok()
}

fn hex([high, low]: [u8; 2]) -> Option<u8> {
    let value = |digit: u8| char::from(digit).to_digit(16);
    u8::try_from(value(high)? << 4 | value(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(reference: &str) -> Option<String> {
        super::named("/static", "css/deep/style.css", reference, ReferenceKind::CssUrl)
    }

    #[test]
    fn references_are_resolved_like_urls() {
        for (reference, name) in [
            ("a.png", "css/deep/a.png"),
            ("./a.png", "css/deep/a.png"),
            ("../a.png", "css/a.png"),
            ("../../img/a.png", "img/a.png"),
            ("x/../a.png", "css/deep/a.png"),
            ("x/./a.png", "css/deep/x/a.png"),
            ("/static/img/a.png", "img/a.png"),
            ("/static/x/../img/a.png", "img/a.png"),
            ("/other/../static/a.png", "a.png"),
            ("../../../static/a.png", "a.png"),
            // The root of the site is its own parent.
            ("../../../../../static/a.png", "a.png"),
            ("a.png?v=1#x", "css/deep/a.png"),
            ("a.eot?#iefix", "css/deep/a.eot"),
            ("a%20b%c3%bc.png", "css/deep/a bü.png"),
            ("50%.png", "css/deep/50%.png"),
            ("%2e%2E/a.png", "css/a.png"),
            ("%2e/a.png", "css/deep/a.png"),
            (" a.png\n", "css/deep/a.png"),
            ("a\n.png", "css/deep/a.png"),
            ("..\\a.png", "css/a.png"),
            ("\\static\\a.png", "a.png"),
            ("a:b/../c.png?x:y", "css/deep/c.png"),
            ("./a:b.png", "css/deep/a:b.png"),
        ] {
            let expected = if reference.starts_with("a:b") { None } else { Some(name) };
            assert_eq!(named(reference).as_deref(), expected, "{reference:?}");
        }
    }

    #[test]
    fn what_is_elsewhere_is_no_asset() {
        for reference in [
            "",
            "#a",
            "?a",
            "#a.png/b",
            "data:image/png;base64,AAAA",
            "https://example.com/static/a.png",
            "HTTP:a.png",
            "about:blank",
            "//example.com/static/a.png",
            "\\\\example.com/a.png",
            "/\\example.com/a.png",
            "/img/a.png",
            "/staticimg/a.png",
            "/static",
            "/static/",
            "../../../a.png",
            "img/",
            ".",
            "..",
            "./",
            "img/..",
            "a%2fb.png",
            "a%ff.png",
        ] {
            assert_eq!(named(reference), None, "{reference:?}");
        }
    }

    #[test]
    fn a_bare_specifier_is_no_path_but_a_bare_url_is_one() {
        let of = |kind, reference| super::named("/static", "js/app.js", reference, kind);
        assert_eq!(of(ReferenceKind::StaticImport, "lodash"), None);
        assert_eq!(of(ReferenceKind::DynamicImport, "lodash/x.js"), None);
        assert_eq!(of(ReferenceKind::StaticImport, "./x.js").as_deref(), Some("js/x.js"));
        assert_eq!(of(ReferenceKind::StaticImport, "/static/x.js").as_deref(), Some("x.js"));
        assert_eq!(of(ReferenceKind::ImportMetaResolve, "x.js"), None);
        assert_eq!(of(ReferenceKind::ImportMetaUrl, "x.js").as_deref(), Some("js/x.js"));
    }

    #[test]
    fn a_mount_at_the_root_has_everything_under_it() {
        let of = |reference| super::named("", "a/b.css", reference, ReferenceKind::CssUrl);
        assert_eq!(of("/x/c.png").as_deref(), Some("x/c.png"));
        assert_eq!(of("../../../c.png").as_deref(), Some("c.png"));
    }
}
