//! Finds the references in JSON: in web app manifests, import maps and the lists of Angular's service worker.
//!
//! In a web app manifest they are the images of [the standard](https://www.w3.org/TR/appmanifest/): `src` in `icons`, in
//! `screenshots`, and in the `icons` of `shortcuts`. Members that name a page (`start_url`, `scope`, `shortcuts[].url`)
//! stay as they are.
//!
//! In an [import map](https://html.spec.whatwg.org/multipage/webappapis.html#import-maps) they are the values of
//! `imports` and of each scope, and the keys of `integrity`. A value that ends in a slash is the beginning of many URLs,
//! and a key of `imports` that is itself a URL is one that modules must go on using.
//!
//! [Angular's service worker](https://angular.dev/ecosystem/service-workers/config) finds in `ngsw.json` which files to
//! fetch in advance, the `urls` of each of the `assetGroups`, and the SHA-1 of each, in `hashTable`.

use crate::decoded::Decoded;
use crate::types::{Context, Found, Integrity, Precached, ReferenceKind, Version};
use core::ops::Range;

/// Finds the references in a web app manifest. One that is not JSON is skipped as a whole.
pub(crate) fn web_manifest(source: &[u8]) -> Found {
    let start = if source.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    read(source, start, Role::Manifest).unwrap_or_else(|at| {
        let mut found = Found::default();
        found.skip(at, "this web app manifest is not JSON from here on, and is left as it is");
        found
    })
}

/// Finds the files that `ngsw.json` lists. One that is not JSON is skipped as a whole.
pub(crate) fn angular_worker(source: &[u8]) -> Found {
    let start = if source.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    read(source, start, Role::Worker).unwrap_or_else(|at| {
        let mut found = Found::default();
        found.skip(
            at,
            "this list of a service worker is not JSON from here on, and is left as it is",
        );
        found
    })
}

/// Finds the references in the import map at `range`. One that is not JSON is skipped as a whole.
pub(crate) fn import_map(source: &[u8], range: Range<usize>, found: &mut Found) {
    match read(&source[..range.end], range.start, Role::ImportMap) {
        Ok(map) => {
            found.references.extend(map.references);
            found.skipped.extend(map.skipped);
            found.partial.extend(map.partial);
            found.integrity.extend(map.integrity);
        }
        Err(at) => {
            found.skip(at, "this import map is not JSON from here on, and is left as it is");
        }
    }
}

/// Reads what begins at `start`, or says where it stops to be JSON.
fn read(source: &[u8], start: usize, role: Role) -> Result<Found, usize> {
    let mut reader = Reader { source, at: start, found: Found::default(), key: Key::default() };
    match core::str::from_utf8(&source[start..]) {
        Ok(_) => reader.document(role).map(|()| reader.found).ok_or(reader.at),
        Err(error) => Err(start + error.valid_up_to()),
    }
}

/// What a value of JSON is to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Manifest,
    /// A list of images.
    Images,
    Image,
    Shortcuts,
    Shortcut,
    /// The URL of an image.
    Source,
    ImportMap,
    Scopes,
    /// An object from module specifiers to URLs.
    Specifiers,
    /// The URL of a module.
    Module,
    /// An object from URLs to hashes, and one of its values.
    Integrities,
    Integrity,
    /// `ngsw.json`.
    Worker,
    AssetGroups,
    AssetGroup,
    /// A list of URLs, and one of them.
    Urls,
    Url,
    /// An object from URLs to hashes, and one of its values.
    HashTable,
    Sha1,
    Other,
}

impl Role {
    /// The role of a member of this, an object.
    fn member(self, key: &[u8]) -> Self {
        match (self, key) {
            (Self::Manifest, b"icons" | b"screenshots") | (Self::Shortcut, b"icons") => {
                Self::Images
            }
            (Self::Manifest, b"shortcuts") => Self::Shortcuts,
            (Self::Image, b"src") => Self::Source,
            (Self::ImportMap, b"imports") | (Self::Scopes, _) => Self::Specifiers,
            (Self::ImportMap, b"scopes") => Self::Scopes,
            (Self::Specifiers, _) => Self::Module,
            (Self::ImportMap, b"integrity") => Self::Integrities,
            (Self::Integrities, _) => Self::Integrity,
            (Self::Worker, b"assetGroups") => Self::AssetGroups,
            (Self::Worker, b"hashTable") => Self::HashTable,
            (Self::AssetGroup, b"urls") => Self::Urls,
            (Self::HashTable, _) => Self::Sha1,
            _ => Self::Other,
        }
    }

    /// The role of an element of this, an array.
    fn element(self) -> Self {
        match self {
            Self::Images => Self::Image,
            Self::Shortcuts => Self::Shortcut,
            Self::AssetGroups => Self::AssetGroup,
            Self::Urls => Self::Url,
            _ => Self::Other,
        }
    }
}

/// An array or object that is open.
enum Open {
    Array(Role),
    Object(Role),
}

/// Reads JSON ([RFC 8259](https://www.rfc-editor.org/rfc/rfc8259)) without recursion.
///
/// Its methods return `None` where the file is not JSON.
struct Reader<'a> {
    source: &'a [u8],
    at: usize,
    found: Found,
    /// The key before the value that is read next.
    key: Key,
}

/// A key, and where it stands with its quotes.
#[derive(Default)]
struct Key {
    text: Decoded,
    start: usize,
}

impl Reader<'_> {
    fn document(&mut self, mut role: Role) -> Option<()> {
        let mut open = Vec::new();
        loop {
            // Here a value begins.
            self.skip_blanks();
            match self.peek()? {
                b'{' => {
                    self.at += 1;
                    self.skip_blanks();
                    if self.peek()? != b'}' {
                        open.push(Open::Object(role));
                        role = self.key(role)?;
                        continue;
                    }
                    self.at += 1;
                }
                b'[' => {
                    self.at += 1;
                    self.skip_blanks();
                    if self.peek()? != b']' {
                        open.push(Open::Array(role));
                        role = role.element();
                        continue;
                    }
                    self.at += 1;
                }
                b'"' => {
                    let start = self.at;
                    let text = self.string()?;
                    let whole = 0..text.bytes().len();
                    let found = &mut self.found;
                    match role {
                        Role::Source => {
                            text.report(whole, ReferenceKind::Markup, Context::Json, found);
                        }
                        Role::Module if text.bytes().ends_with(b"/") => {
                            found.begins(start, String::from_utf8_lossy(text.bytes()));
                        }
                        Role::Module => {
                            text.report(whole, ReferenceKind::PageModule, Context::Json, found);
                        }
                        Role::Integrity => {
                            let url = String::from_utf8_lossy(self.key.text.bytes()).into_owned();
                            found.integrity.push(Integrity { url, value: start..self.at });
                        }
                        Role::Url => list(&text, start..self.at, None, found),
                        Role::Sha1 => {
                            let digits = start + 1..self.at - 1;
                            let version = sha1(&self.source[digits.clone()])
                                .map(|digest| Version::Sha1 { span: digits, digest });
                            list(&self.key.text, self.key.start..self.at, version, found);
                        }
                        _ => {}
                    }
                }
                _ => self.scalar()?,
            }
            // And here one has ended, and with it perhaps others that it is the last of.
            loop {
                self.skip_blanks();
                let Some(innermost) = open.last() else {
                    return self.source.get(self.at).is_none().then_some(());
                };
                match (innermost, self.peek()?) {
                    (Open::Array(outer), b',') => {
                        role = outer.element();
                        self.at += 1;
                        break;
                    }
                    (&Open::Object(outer), b',') => {
                        self.at += 1;
                        self.skip_blanks();
                        role = self.key(outer)?;
                        break;
                    }
                    (Open::Array(_), b']') | (Open::Object(_), b'}') => {
                        self.at += 1;
                        open.pop();
                    }
                    _ => return None,
                }
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.source.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Reads the key of a member and its colon; returns the role of the value.
    fn key(&mut self, object: Role) -> Option<Role> {
        let start = self.at;
        let key = self.string()?;
        let is_url = [&b"/"[..], b"./", b"../"].iter().any(|begin| key.bytes().starts_with(begin));
        if object == Role::Specifiers && is_url {
            self.found.begins(start, String::from_utf8_lossy(key.bytes()));
        }
        if object == Role::Integrities && is_url {
            let whole = 0..key.bytes().len();
            key.report(whole, ReferenceKind::PageModule, Context::Json, &mut self.found);
        }
        self.skip_blanks();
        (self.peek()? == b':').then_some(())?;
        self.at += 1;
        let role = object.member(key.bytes());
        self.key = Key { text: key, start };
        Some(role)
    }

    /// Reads a string (§ 7).
    fn string(&mut self) -> Option<Decoded> {
        (self.peek()? == b'"').then_some(())?;
        self.at += 1;
        let mut decoded = Decoded::default();
        decoded.mark(self.at);
        loop {
            let rest = &self.source[self.at..];
            let literal = |byte: &&u8| !matches!(**byte, b'"' | b'\\' | 0..=0x1F);
            let length = rest.iter().take_while(literal).count();
            decoded.push_verbatim(&rest[..length], self.at);
            self.at += length;
            match self.peek()? {
                b'"' => break,
                b'\\' => {
                    let start = self.at;
                    let character = self.escape()?;
                    decoded.push_char(character, start..self.at);
                }
                _ => return None,
            }
        }
        self.at += 1;
        Some(decoded)
    }

    /// Reads an escape. A surrogate without its other half becomes U+FFFD.
    fn escape(&mut self) -> Option<char> {
        let character = match self.source.get(self.at + 1)? {
            b'u' => return self.unicode_escape(),
            b'b' => '\x08',
            b'f' => '\x0C',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            byte @ (b'"' | b'\\' | b'/') => char::from(*byte),
            _ => return None,
        };
        self.at += 2;
        Some(character)
    }

    fn unicode_escape(&mut self) -> Option<char> {
        let first = self.code_unit(self.at)?;
        self.at += 6;
        if !(0xD800..0xDC00).contains(&first) {
            return Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Some(match self.code_unit(self.at) {
            Some(second @ 0xDC00..0xE000) => {
                self.at += 6;
                char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))?
            }
            _ => char::REPLACEMENT_CHARACTER,
        })
    }

    /// The number in the `\u0000` that stands at this place.
    fn code_unit(&self, at: usize) -> Option<u32> {
        let digits = self.source.get(at..at + 6)?.strip_prefix(b"\\u")?;
        digits
            .iter()
            .try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?))
    }

    /// Reads a number or a literal name (§ 3 and 6).
    fn scalar(&mut self) -> Option<()> {
        let rest = &self.source[self.at..];
        for name in ["true", "false", "null"] {
            if rest.starts_with(name.as_bytes()) {
                self.at += name.len();
                return Some(());
            }
        }
        self.skip(b"-");
        if !self.skip(b"0") {
            self.digits()?;
        }
        if self.skip(b".") {
            self.digits()?;
        }
        if self.skip(b"eE") {
            self.skip(b"+-");
            self.digits()?;
        }
        Some(())
    }

    /// Passes over one byte if it is one of these.
    fn skip(&mut self, bytes: &[u8]) -> bool {
        let is = self.peek().is_some_and(|byte| bytes.contains(&byte));
        self.at += usize::from(is);
        is
    }

    /// Passes over digits, of which there has to be one.
    fn digits(&mut self) -> Option<()> {
        self.peek()?.is_ascii_digit().then_some(())?;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Some(())
    }
}

/// Records a file that a service worker fetches in advance.
fn list(url: &Decoded, entry: Range<usize>, version: Option<Version>, found: &mut Found) {
    let mut one = Found::default();
    url.report(0..url.bytes().len(), ReferenceKind::Markup, Context::Json, &mut one);
    found.skipped.extend(one.skipped);
    let listed = one.references.into_iter();
    found.precached.extend(listed.map(|reference| Precached {
        entry: entry.clone(),
        reference,
        version: version.clone(),
    }));
}

/// The digest that 40 hexadecimal digits encode.
fn sha1(digits: &[u8]) -> Option<Vec<u8>> {
    let value =
        |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let pairs = digits.chunks_exact(2);
    let bytes = pairs.map(|pair| Some(value(pair[0])? << 4 | value(pair[1])?));
    bytes.collect::<Option<Vec<u8>>>().filter(|_| digits.len() == 40)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn the_files_of_angulars_worker_are_found_with_their_hashes() {
        let sha1 = "0123456789abcdefABCDEF0123456789abcdef01";
        let json = format!(
            r#"{{"configVersion":1,"index":"/index.html","assetGroups":[{{"name":"app","urls":["/a.js","/d\/b.css"],
            "patterns":["/c"]}},{{"urls":["/e?x"]}}],"urls":["/n"],"hashTable" : {{ "/a.js" : "{sha1}", "/b.css":"no"}}}}"#
        );
        let found = angular_worker(json.as_bytes());
        let shown: Vec<_> = found
            .precached
            .iter()
            .map(|one| {
                let version = one.version.as_ref().map_or("", |version| &json[version.span()]);
                (&one.reference.url[..], &json[one.entry.clone()], version)
            })
            .collect();
        let whole = format!("\"/a.js\" : \"{sha1}\"");
        assert_eq!(
            shown,
            [
                ("/a.js", "\"/a.js\"", ""),
                ("/d/b.css", "\"/d\\/b.css\"", ""),
                ("/e?x", "\"/e?x\"", ""),
                ("/a.js", whole.as_str(), sha1),
                ("/b.css", "\"/b.css\":\"no\"", ""),
            ]
        );
        assert_eq!((found.references.len(), found.skipped.len()), (0, 0));
        assert_eq!(angular_worker(b"{").skipped.len(), 1);
    }

    #[test]
    fn the_integrity_of_an_import_map_belongs_to_its_keys() {
        let map = r#"{"imports":{"a":"./a.js"},"integrity":{"./a.js":"sha384-x","a":"sha256-y","/b.js":1}}"#;
        let mut found = Found::default();
        import_map(map.as_bytes(), 0..map.len(), &mut found);
        let urls: Vec<_> = found.references.iter().map(|one| (one.kind, &*one.url)).collect();
        let module = ReferenceKind::PageModule;
        assert_eq!(urls, [(module, "./a.js"), (module, "./a.js"), (module, "/b.js")]);
        let integrity: Vec<_> =
            found.integrity.iter().map(|one| (&*one.url, &map[one.value.clone()])).collect();
        assert_eq!(integrity, [("./a.js", "\"sha384-x\""), ("a", "\"sha256-y\"")]);
        assert_eq!(found.partial, []);
    }

    /// The URLs that are found, each with its written segment if that is something else.
    fn shown(json: &str) -> Vec<String> {
        let found = web_manifest(json.as_bytes());
        assert_eq!(found.skipped, [], "{json}");
        let shown = found.references.iter().map(|reference| {
            let segment = &json[reference.segment.clone()];
            if segment == &reference.url[crate::decoded::path_and_segment(&reference.url).1] {
                reference.url.clone()
            } else {
                format!("{} <{segment}>", reference.url)
            }
        });
        shown.collect()
    }

    #[test]
    fn images_are_found() {
        let manifest = r#"{ "name": "x", "start_url": "/s", "scope": "/",
            "icons": [ { "src": "i/a.png", "sizes": "1x1" }, {"sizes": "", "src":"b.png"}, {}, [], 1 ],
            "screenshots" : [{"src":"c.png"}],
            "shortcuts": [{"url": "/u", "name": "y", "icons": [{"src": "d.png"}], "screenshots": [{"src": "n"}]}],
            "src": "n", "other": {"icons": [{"src": "n"}]}, "icon": [{"src": "n"}] }"#;
        assert_eq!(shown(manifest), ["i/a.png", "b.png", "c.png", "d.png"]);
    }

    #[test]
    fn escapes_are_decoded() {
        for (src, expected) in [
            (r"i\/a.png", "i/a.png"),
            (r"i\u002fa.png\u003Fb/c", "i/a.png?b/c"),
            (r"a\u0062.png", r"ab.png <a\u0062.png>"),
            (r"\ud83d\uDE00", "\u{1F600} <\\ud83d\\uDE00>"),
            (r"\ud83d\u0061\udE00", "\u{FFFD}a\u{FFFD} <\\ud83d\\u0061\\udE00>"),
            (r#"\"\\\b\f\n\r\t"#, "\"\\\x08\x0C\n\r\t <\\\"\\\\\\b\\f\\n\\r\\t>"),
        ] {
            assert_eq!(shown(&format!(r#"{{"icons":[{{"src":"{src}"}}]}}"#)), [expected]);
        }
        assert_eq!(shown(r#"{"\u0069cons":[{"s\u0072c":"a"}]}"#), ["a"]);
        assert_eq!(shown(r#"{"icons":[{"src":""},{"src":1},{"src":["a"]}]}"#), [] as [&str; 0]);
    }

    #[test]
    fn what_is_json_is_as_another_reader_says() {
        for json in [
            "{}",
            "[]",
            "\u{FEFF}{}",
            " 1 ",
            "-0",
            "0.10",
            "1e5",
            "1E+05",
            "-1.5e-3",
            "true",
            "null",
            "\"\"",
            "[1,[2,{}],{\"a\":[]}]",
            "",
            "{",
            "[",
            "[1",
            "[1,]",
            "[,1]",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "{1:1}",
            "[1 2]",
            "1 2",
            "{}{}",
            "01",
            "+1",
            "1.",
            ".5",
            "1e",
            "-",
            "--1",
            "tru",
            "nulll",
            "'a'",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"",
            "\"\\",
            "[}",
            "{]",
            "{\"a\":1]",
            "[1}",
            "]",
            "/**/{}",
            "NaN",
            "\"\u{7F}\"",
            "\"\\u00e\u{e9}\"",
            "{\"a\" :1 , \"b\": 2 }",
        ] {
            let valid = serde_json::from_str::<Value>(json.trim_start_matches('\u{FEFF}')).is_ok();
            let found = web_manifest(json.as_bytes());
            assert_eq!(found.skipped.is_empty(), valid, "{json:?}");
        }
        assert_eq!(web_manifest(b"{\"icons\":[{\"src\":\"a\"}],\xFF}").references, []);
    }

    #[test]
    fn depth_is_no_matter() {
        let depth = 500_000;
        assert_eq!(web_manifest("[".repeat(depth).as_bytes()).skipped[0].at, depth);
        let nested = format!("{}1{}", "[{\"a\":".repeat(depth), "}]".repeat(depth));
        assert_eq!(web_manifest(nested.as_bytes()), Found::default());
    }
}
