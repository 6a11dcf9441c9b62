//! Bundles made by hand, and requests to them.

#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use stamped::hash::hash;
use stamped::http::{Body, Handler};
use stamped::index::{Area, AssetEntry, RepresentationEntry, Writer};
use stamped::percent::Encoded;
use stamped::{Addressing, Assets, Coding, Data, Map, name};
use std::sync::LazyLock;

/// A time with its HTTP date, and those around it.
pub(crate) const MODIFIED: (u64, &str) = (1_452_929_749, "Sat, 16 Jan 2016 07:35:49 GMT");
pub(crate) const SECOND_BEFORE: &str = "Sat, 16 Jan 2016 07:35:48 GMT";
pub(crate) const SECOND_AFTER: &str = "Sat, 16 Jan 2016 07:35:50 GMT";

pub(crate) const FOR_EVER: &str = "max-age=31536000, immutable";

/// A file of a bundle.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) name: &'static str,
    stamp: Option<&'static str>,
    addressing: Addressing,
    content_type: &'static str,
    modified: Option<(u64, &'static str)>,
    pub(crate) bodies: Vec<(Coding, Vec<u8>)>,
    references: Vec<&'static str>,
}

impl File {
    /// A stamped file without a date.
    pub(crate) fn stamped(
        name: &'static str,
        content_type: &'static str,
        stamp: &'static str,
        bytes: impl AsRef<[u8]>,
    ) -> Self {
        File {
            name,
            stamp: Some(stamp),
            addressing: Addressing::Stamped,
            content_type,
            modified: None,
            bodies: vec![(Coding::Identity, bytes.as_ref().to_vec())],
            references: Vec::new(),
        }
    }

    /// A file that keeps its name.
    pub(crate) fn plain(
        name: &'static str,
        content_type: &'static str,
        bytes: impl AsRef<[u8]>,
    ) -> Self {
        let stamped = File::stamped(name, content_type, "", bytes);
        File { stamp: None, addressing: Addressing::Plain, ..stamped }
    }

    pub(crate) fn prestamped(self) -> Self {
        File { addressing: Addressing::Prestamped, ..self }
    }

    pub(crate) fn modified(self) -> Self {
        File { modified: Some(MODIFIED), ..self }
    }

    pub(crate) fn coded(mut self, coding: Coding, bytes: impl AsRef<[u8]>) -> Self {
        self.bodies.push((coding, bytes.as_ref().to_vec()));
        self
    }

    pub(crate) fn without_contents(self) -> Self {
        File { bodies: Vec::new(), ..self }
    }

    pub(crate) fn refers_to(self, references: &[&'static str]) -> Self {
        File { references: references.to_vec(), ..self }
    }
}

/// A bundle of these files.
pub(crate) fn bundle(mount: &str, mut files: Vec<File>) -> Assets {
    files.sort_by_key(|file| file.name);
    let mut writer = Writer::default();
    let mut text = String::new();
    let mut binary = Vec::new();
    for file in &files {
        let path = match file.stamp {
            None => file.name.to_owned(),
            Some(stamp) => {
                let (stem, suffix) = name::split(file.name);
                format!("{stem}.{stamp}{suffix}")
            }
        };
        let tags: Vec<String> = file
            .bodies
            .iter()
            .map(|(coding, bytes)| format!("\"{:016x}-{}\"", hash(1, bytes), coding.token()))
            .collect();
        let representations: Vec<_> = file
            .bodies
            .iter()
            .zip(&tags)
            .map(|((coding, bytes), etag)| {
                let (area, offset) = match std::str::from_utf8(bytes) {
                    Ok(utf8) => {
                        text.push_str(utf8);
                        (Area::Text, text.len() - bytes.len())
                    }
                    Err(_) => {
                        binary.extend(bytes);
                        (Area::Binary, binary.len() - bytes.len())
                    }
                };
                let (offset, length) = (offset as u64, bytes.len() as u64);
                RepresentationEntry { coding: *coding, area, offset, length, etag }
            })
            .collect();
        let position = |name: &&str| files.iter().position(|file| file.name == *name).unwrap();
        let references: Vec<(u32, bool)> =
            file.references.iter().map(|name| (position(name) as u32, true)).collect();
        writer
            .push(&AssetEntry {
                name: file.name,
                path: &path,
                url: &format!("{mount}/{}", Encoded(&path)),
                stamp: file.stamp.unwrap_or_default(),
                addressing: file.addressing,
                content_type: file.content_type,
                integrity: "sha384-x",
                modified: file.modified,
                representations: &representations,
                references: &references,
            })
            .unwrap();
    }
    let (index, strings) = writer.finish(mount, 0, "").unwrap();
    let hashes = files.iter().map(|file| hash(0, file.name.as_bytes()));
    let mut pairs: Vec<(u64, u32)> = hashes.zip(0..).collect();
    pairs.sort_unstable();
    Assets::new(Box::leak(Box::new(Data::new(
        index.leak(),
        strings.leak(),
        (stamped::Text::new(text.leak()), binary.leak()),
        Map::Sorted(pairs.leak()),
    ))))
}

pub(crate) const CSS: &str = "body { color: teal; background: silver; margin: 0 auto; }";
pub(crate) const DIGITS: &str = "0123456789";

/// The bundle of most tests.
pub(crate) fn sample() -> Assets {
    static SAMPLE: LazyLock<Assets> = LazyLock::new(make_sample);
    *SAMPLE
}

fn make_sample() -> Assets {
    bundle(
        "/static",
        vec![
            // In three codings, with a date. The bytes need not be what they say they are.
            File::stamped("css/style.css", "text/css; charset=utf-8", "1452929749", CSS)
                .coded(Coding::Gzip, b"\x1f\x8bgzip of style")
                .coded(Coding::Brotli, b"\xffbr of style")
                .modified(),
            // In one, without a date.
            File::stamped("img/dot.png", "image/png", "00000000000000000042", b"\x89PNG dot"),
            File::stamped("js/digits.js", "text/javascript; charset=utf-8", "7", DIGITS),
            File::stamped("empty.txt", "text/plain; charset=utf-8", "1", ""),
            File::plain("robots.txt", "text/plain; charset=utf-8", "User-agent: *\n"),
            File::plain("build/app-3f2a.js", "text/javascript; charset=utf-8", "app()")
                .prestamped(),
            File::stamped("video.mp4", "video/mp4", "9", "").without_contents(),
            File::plain("index.html", "text/html; charset=utf-8", "<title>root</title>"),
            File::plain("docs/index.html", "text/html; charset=utf-8", "<title>docs</title>")
                .coded(Coding::Gzip, b"\x1f\x8bdocs"),
        ],
    )
}

/// A request by method, path and header fields.
pub(crate) fn request(method: Method, path: &str, headers: &[(&str, &str)]) -> Request<()> {
    let mut builder = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(()).unwrap()
}

/// A response whose body is in one piece.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        Answer { status: parts.status, headers: parts.headers, body: body.into_bytes() }
    }

    /// The only line of a field.
    #[track_caller]
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next().map(|value| value.to_str().unwrap());
        assert!(values.next().is_none(), "{name} twice: {self:?}");
        value
    }

    /// Nobody may keep it.
    #[track_caller]
    pub(crate) fn has_no_store(self) -> Self {
        assert_eq!(self.field("cache-control"), Some("no-store"), "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn has_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn has(self, name: &str, value: &str) -> Self {
        assert_eq!(self.field(name), Some(value), "{name}: {self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn has_no(self, name: &str) -> Self {
        assert_eq!(self.field(name), None, "{name}: {self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn has_body(self, body: impl AsRef<[u8]>) -> Self {
        assert_eq!(self.body, body.as_ref(), "{self:?}");
        self
    }
}

/// What a handler answers.
pub(crate) fn ask(
    handler: &Handler,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> Answer {
    Answer::of(handler.respond_to(&request(method, path, headers)))
}

/// What a handler for the sample answers to `GET`.
pub(crate) fn get(path: &str, headers: &[(&str, &str)]) -> Answer {
    ask(&Handler::new(&sample()), Method::GET, path, headers)
}

/// The tag of a representation of the sample.
pub(crate) fn etag(name: &str, coding: Coding) -> &'static str {
    let asset = sample().get(name).unwrap();
    let found = asset.representations().find(|one| one.coding() == coding);
    found.unwrap().etag()
}
