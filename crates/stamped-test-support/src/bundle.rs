use stamped::hash::hash;
use stamped::index::{Area, AssetEntry, RepresentationEntry, Writer};
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
pub fn bundle(mount: &str, mut files: Vec<File>) -> Assets {
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
                at_root: file.at_root,
                module: file.module,
                dimensions: None,
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
