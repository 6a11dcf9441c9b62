//! Resolves the references of an asset against its own URL (WHATWG URL, section 4.4), as far as they
//! can end at another asset.

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

/// What the relative URLs in a file are relative to.
#[derive(Clone, Debug)]
pub(crate) struct Base<'a> {
    mount: &'a str,
    /// The segments of a folder of this site; `None` for another site.
    folder: Option<Vec<String>>,
}

impl<'a> Base<'a> {
    /// That of the file `name`, whose URL is `mount`, a slash and the name.
    pub(crate) fn of(mount: &'a str, name: &str) -> Self {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        Base { mount, folder: Some(segments(mount).chain(segments(folder)).collect()) }
    }

    /// The same in a page with `<base href>`
    /// (<https://html.spec.whatwg.org/multipage/semantics.html#the-base-element>).
    pub(crate) fn with_href(self, href: &str) -> Self {
        if href.trim().is_empty() {
            return self;
        }
        let folder = self.join(href, ReferenceKind::Markup).map(|(mut path, end)| {
            if end == End::Name {
                path.pop();
            }
            path
        });
        Base { folder, ..self }
    }

    /// What `reference` names.
    pub(crate) fn resolve(&self, reference: &str, kind: ReferenceKind) -> Address {
        let named = || match self.join(reference, kind)? {
            (path, End::Name) => self.below_mount(&path.join("/")),
            (_, End::Folder) => None,
        };
        named().map_or(Address::Elsewhere, Address::Name)
    }

    /// The beginning of the names whose URLs begin with `url`; `None` where no asset's does.
    pub(crate) fn resolve_partial(&self, url: &str) -> Option<String> {
        let cut = url.rfind(is_slash).map_or(0, |slash| slash + 1);
        let (folder, rest) = url.split_at(cut);
        let folder = if folder.is_empty() { "./" } else { folder };
        let (path, _) = self.join(folder, ReferenceKind::Markup)?;
        // With a name behind it, so that the mount itself has something below it.
        let begin = self.below_mount(format!("{}/-", path.join("/")).trim_start_matches('/'))?;
        Some(format!("{}{}", begin.strip_suffix('-')?, decode(rest)?))
    }

    fn below_mount(&self, whole: &str) -> Option<String> {
        let mount = self.mount.strip_prefix('/').unwrap_or(self.mount);
        if mount.is_empty() {
            return Some(whole.to_owned());
        }
        whole.strip_prefix(mount)?.strip_prefix('/').map(str::to_owned)
    }

    /// The segments of the path that `reference` leads to, and what it ends with.
    fn join(&self, reference: &str, kind: ReferenceKind) -> Option<(Vec<String>, End)> {
        // The URL parser drops these before anything else.
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
        let is_absolute = path.starts_with(is_slash);
        if is_absolute && path.get(1..).is_some_and(|rest| rest.starts_with(is_slash)) {
            return None;
        }
        let is_bare = !["/", "./", "../"].iter().any(|start| path.starts_with(start));
        if kind.is_specifier() && is_bare {
            return None;
        }

        let folder = self.folder.as_ref()?;
        let mut joined: Vec<String> = match (is_absolute, kind) {
            (true, _) => Vec::new(),
            (false, ReferenceKind::VitePreload) if is_bare => segments(self.mount).collect(),
            (false, _) => folder.clone(),
        };
        let path = if is_absolute { path.get(1..)? } else { path };
        let mut end = End::Folder;
        for segment in path.split(is_slash) {
            let segment = decode(segment)?;
            end = End::Folder;
            match segment.as_str() {
                "." => {}
                // At the root of the site there is nothing above.
                ".." => drop(joined.pop()),
                _ => {
                    end = if segment.is_empty() { End::Folder } else { End::Name };
                    joined.push(segment);
                }
            }
        }
        // A slash at the end is followed by an empty segment.
        if path.is_empty() || path.ends_with(is_slash) {
            joined.pop();
        }
        Some((joined, end))
    }
}

/// What a path ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Name,
    Folder,
}

fn is_slash(c: char) -> bool {
    c == '/' || c == '\\'
}

fn segments(path: &str) -> impl Iterator<Item = String> {
    path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned)
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

    fn in_file(mount: &str, name: &str, reference: &str, kind: ReferenceKind) -> Option<String> {
        match Base::of(mount, name).resolve(reference, kind) {
            Address::Name(name) => Some(name),
            Address::Elsewhere => None,
        }
    }

    fn named(reference: &str) -> Option<String> {
        in_file("/static", "css/deep/style.css", reference, ReferenceKind::CssUrl)
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
        let of = |kind, reference| in_file("/static", "js/app.js", reference, kind);
        assert_eq!(of(ReferenceKind::StaticImport, "lodash"), None);
        assert_eq!(of(ReferenceKind::DynamicImport, "lodash/x.js"), None);
        assert_eq!(of(ReferenceKind::StaticImport, "./x.js").as_deref(), Some("js/x.js"));
        assert_eq!(of(ReferenceKind::StaticImport, "/static/x.js").as_deref(), Some("x.js"));
        assert_eq!(of(ReferenceKind::ImportMetaResolve, "x.js"), None);
        assert_eq!(of(ReferenceKind::ImportMetaUrl, "x.js").as_deref(), Some("js/x.js"));
    }

    #[test]
    fn a_mount_at_the_root_has_everything_under_it() {
        let of = |reference| in_file("", "a/b.css", reference, ReferenceKind::CssUrl);
        assert_eq!(of("/x/c.png").as_deref(), Some("x/c.png"));
        assert_eq!(of("../../../c.png").as_deref(), Some("c.png"));
    }

    #[test]
    fn a_base_moves_what_is_relative() {
        let of = |href: &str, reference| {
            let base = Base::of("/static", "docs/index.html").with_href(href);
            match base.resolve(reference, ReferenceKind::Markup) {
                Address::Name(name) => Some(name),
                Address::Elsewhere => None,
            }
        };
        for (href, reference, name) in [
            ("/static/", "a.js", Some("a.js")),
            ("/static/x/y", "a.js", Some("x/a.js")),
            ("..", "a.js", Some("a.js")),
            ("../img/", "./a.png", Some("img/a.png")),
            ("", "a.js", Some("docs/a.js")),
            (".", "a.js", Some("docs/a.js")),
            ("/static/x/", "/static/a.js", Some("a.js")),
            ("/", "static/a.js", Some("a.js")),
            ("/", "a.js", None),
            ("https://example.com/static/", "a.js", None),
            ("//example.com/static/", "/static/a.js", None),
        ] {
            assert_eq!(of(href, reference).as_deref(), name, "{href} {reference}");
        }
    }

    #[test]
    fn the_beginning_of_a_url_is_that_of_names() {
        let of = |url| Base::of("/static", "js/app.js").resolve_partial(url);
        for (url, begin) in [
            ("./", Some("js/")),
            ("./locale/", Some("js/locale/")),
            ("./locale/d", Some("js/locale/d")),
            ("../", Some("")),
            ("../v", Some("v")),
            ("/static/", Some("")),
            ("/static/x%20y", Some("x y")),
            ("/", None),
            ("../../", None),
            ("/other/", None),
            ("https://example.com/", None),
        ] {
            assert_eq!(of(url).as_deref(), begin, "{url}");
        }
        assert_eq!(Base::of("", "a.js").resolve_partial("./").as_deref(), Some(""));
        assert_eq!(Base::of("", "a.js").resolve_partial("/x/").as_deref(), Some("x/"));
    }

    #[test]
    fn what_vite_preloads_is_below_the_root_of_its_site() {
        let of = |name, reference| in_file("/static", name, reference, ReferenceKind::VitePreload);
        assert_eq!(of("assets/a.js", "assets/b.js").as_deref(), Some("assets/b.js"));
        assert_eq!(of("assets/a.js", "./b.js").as_deref(), Some("assets/b.js"));
        assert_eq!(of("assets/a.js", "/static/assets/b.js").as_deref(), Some("assets/b.js"));
    }
}
