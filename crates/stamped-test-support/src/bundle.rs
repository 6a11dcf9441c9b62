use stamped::hash::hash;
use stamped::index::{Area, AssetEntry, DeltaEntry, EarlierEntry, RepresentationEntry, Writer};
use stamped::percent::Encoded;
use stamped::{Addressing, Assets, Coding, Data, Map, name};

/// A modification time, in seconds since 1970, and its HTTP date.
pub const MODIFIED: (u64, &str) = (1_452_929_749, "Sat, 16 Jan 2016 07:35:49 GMT");

/// A file of a [`bundle`].
#[derive(Clone, Debug)]
pub struct File {
    name: &'static str,
    stamp: Option<&'static str>,
    addressing: Addressing,
    at_root: bool,
    module: bool,
    content_type: &'static str,
    modified: Option<(u64, &'static str)>,
    bodies: Vec<(Coding, Vec<u8>)>,
    deltas: Vec<([u8; 32], Vec<u8>)>,
    references: Vec<&'static str>,
}

impl File {
    /// Makes a stamped file without a modification time.
    pub fn stamped(
        name: &'static str,
        content_type: &'static str,
        stamp: &'static str,
        bytes: impl AsRef<[u8]>,
    ) -> Self {
        File {
            name,
            stamp: Some(stamp),
            addressing: Addressing::Stamped,
            at_root: false,
            module: false,
            content_type,
            modified: None,
            bodies: vec![(Coding::Identity, bytes.as_ref().to_vec())],
            deltas: Vec::new(),
            references: Vec::new(),
        }
    }

    /// Makes a file that keeps its name.
    pub fn plain(name: &'static str, content_type: &'static str, bytes: impl AsRef<[u8]>) -> Self {
        let stamped = File::stamped(name, content_type, "", bytes);
        File { stamp: None, addressing: Addressing::Plain, ..stamped }
    }

    /// Treats the name as one that a bundler has stamped.
    #[must_use]
    pub fn prestamped(self) -> Self {
        File { addressing: Addressing::Prestamped, ..self }
    }

    /// Serves the file at the root of the site too.
    #[must_use]
    pub fn at_root(self) -> Self {
        File { at_root: true, ..self }
    }

    /// Makes the file a JavaScript module.
    #[must_use]
    pub fn module(self) -> Self {
        File { module: true, ..self }
    }

    /// Gives the file the modification time [`MODIFIED`].
    #[must_use]
    pub fn modified(self) -> Self {
        File { modified: Some(MODIFIED), ..self }
    }

    /// Adds a representation. The bytes need not be in that coding.
    #[must_use]
    pub fn coded(mut self, coding: Coding, bytes: impl AsRef<[u8]>) -> Self {
        self.bodies.push((coding, bytes.as_ref().to_vec()));
        self
    }

    /// Replaces all representations by this one.
    #[must_use]
    pub fn only_coded(mut self, coding: Coding, bytes: impl AsRef<[u8]>) -> Self {
        self.bodies = vec![(coding, bytes.as_ref().to_vec())];
        self
    }

    /// Adds a delta for the bytes of this hash. It need not be one. The bundle then offers dictionaries.
    #[must_use]
    pub fn delta(mut self, dictionary: [u8; 32], bytes: impl AsRef<[u8]>) -> Self {
        self.deltas.push((dictionary, bytes.as_ref().to_vec()));
        self
    }

    /// Leaves the contents out.
    #[must_use]
    pub fn without_contents(self) -> Self {
        File { bodies: Vec::new(), ..self }
    }

    /// Lets the file refer to others, by name.
    #[must_use]
    pub fn refers_to(self, references: &[&'static str]) -> Self {
        File { references: references.to_vec(), ..self }
    }

    /// The name of the file.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The representations: each coding with its bytes.
    pub fn bodies(&self) -> &[(Coding, Vec<u8>)] {
        &self.bodies
    }
}

/// Makes assets of these files, without `stamped-build`. They are never freed.
#[track_caller]
pub fn bundle(mount: &str, files: Vec<File>) -> Assets {
    bundle_with_versions(mount, files, Vec::new())
}

/// Makes assets of these files and earlier versions, those of one name side by side and the newest
/// first. They are never freed.
#[track_caller]
pub fn bundle_with_versions(mount: &str, mut files: Vec<File>, versions: Vec<File>) -> Assets {
    files.sort_by_key(|file| file.name);
    let mut areas = Areas::default();
    let packed = |file: &File, areas: &mut Areas| Packed::new(mount, file, areas);
    let current: Vec<Packed> = files.iter().map(|file| packed(file, &mut areas)).collect();
    let earlier: Vec<Packed> = versions.iter().map(|file| packed(file, &mut areas)).collect();
    let position = |name: &str| files.iter().position(|file| file.name == name);
    let references = |file: &File| -> Vec<(u32, bool)> {
        file.references.iter().map(|name| (position(name).unwrap() as u32, true)).collect()
    };
    let mut writer = Writer::default();
    for (file, packed) in files.iter().zip(&current) {
        let representations = packed.representations();
        writer.push(&packed.entry(file, &representations, &references(file))).unwrap();
    }
    let representations: Vec<_> = earlier.iter().map(Packed::representations).collect();
    let entries: Vec<_> = versions
        .iter()
        .zip(earlier.iter().zip(&representations))
        .map(|(file, (packed, representations))| EarlierEntry {
            entry: packed.entry(file, representations, &[]),
            current: position(file.name).map(|at| at as u32),
        })
        .collect();
    writer.push_earlier(&entries).unwrap();
    let deltas: Vec<DeltaEntry<'_>> = (0..)
        .zip(&current)
        .flat_map(|(asset, packed)| {
            packed.deltas.iter().map(move |(dictionary, body)| DeltaEntry {
                asset,
                dictionary: *dictionary,
                representation: body.entry(),
            })
        })
        .collect();
    if !deltas.is_empty() {
        writer.offer_dictionaries();
    }
    writer.push_deltas(&deltas).unwrap();
    let (index, strings) = writer.finish(mount, 0, "").unwrap();
    let hashes = files.iter().map(|file| hash(0, file.name.as_bytes()));
    let mut pairs: Vec<(u64, u32)> = hashes.zip(0..).collect();
    pairs.sort_unstable();
    let Areas { text, binary } = areas;
    Assets::new(Box::leak(Box::new(Data::new(
        index.leak(),
        strings.leak(),
        (stamped::Text::new(text.leak()), binary.leak()),
        Map::Sorted(pairs.leak()),
    ))))
}

#[derive(Default)]
struct Areas {
    text: String,
    binary: Vec<u8>,
}

/// A representation in its area.
struct Body {
    coding: Coding,
    area: Area,
    offset: u64,
    length: u64,
    etag: String,
}

impl Body {
    fn new(coding: Coding, bytes: &[u8], areas: &mut Areas) -> Self {
        let etag = format!("\"{:016x}-{}\"", hash(1, bytes), coding.token());
        let (area, end) = match std::str::from_utf8(bytes) {
            Ok(utf8) => {
                areas.text.push_str(utf8);
                (Area::Text, areas.text.len())
            }
            Err(_) => {
                areas.binary.extend(bytes);
                (Area::Binary, areas.binary.len())
            }
        };
        let (offset, length) = ((end - bytes.len()) as u64, bytes.len() as u64);
        Body { coding, area, offset, length, etag }
    }

    fn entry(&self) -> RepresentationEntry<'_> {
        let Body { coding, area, offset, length, ref etag } = *self;
        RepresentationEntry { coding, area, offset, length, etag }
    }
}

/// What is stored of a file.
struct Packed {
    path: String,
    url: String,
    bodies: Vec<Body>,
    deltas: Vec<([u8; 32], Body)>,
}

impl Packed {
    fn new(mount: &str, file: &File, areas: &mut Areas) -> Self {
        let path = match file.stamp {
            None => file.name.to_owned(),
            Some(stamp) => {
                let (stem, suffix) = name::split(file.name);
                format!("{stem}.{stamp}{suffix}")
            }
        };
        let bodies = file.bodies.iter().map(|(coding, bytes)| Body::new(*coding, bytes, areas));
        let bodies = bodies.collect();
        let deltas = file
            .deltas
            .iter()
            .map(|(dictionary, bytes)| (*dictionary, Body::new(Coding::Delta, bytes, areas)));
        let deltas = deltas.collect();
        Packed { url: format!("{mount}/{}", Encoded(&path)), path, bodies, deltas }
    }

    fn representations(&self) -> Vec<RepresentationEntry<'_>> {
        self.bodies.iter().map(Body::entry).collect()
    }

    fn entry<'a>(
        &'a self,
        file: &File,
        representations: &'a [RepresentationEntry<'a>],
        references: &'a [(u32, bool)],
    ) -> AssetEntry<'a> {
        AssetEntry {
            name: file.name,
            path: &self.path,
            url: &self.url,
            stamp: file.stamp.unwrap_or_default(),
            addressing: file.addressing,
            at_root: file.at_root,
            module: file.module,
            dimensions: None,
            content_type: file.content_type,
            integrity: "sha384-x",
            modified: file.modified,
            representations,
            references,
        }
    }
}
