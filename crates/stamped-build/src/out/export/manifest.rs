//! The manifest: what an output consists of, and which earlier versions are kept in it.

use super::{IMPORT_MAP, MANIFEST};
use crate::bundle::{Asset, Bundle};
use crate::error::{Error, Problem};
use crate::names;
use serde_json::{Map, Value};
use stamped::percent::Encoded;
use stamped::{Addressing, Coding};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

const VERSION: u64 = 1;

/// The folder of the served tree where the mount is `/`: the manifest lies beside it as well.
const ROOT_TREE: &str = "root";

const CODINGS: [Coding; 3] = [Coding::Brotli, Coding::Gzip, Coding::Zstd];

/// An output, as its manifest tells it.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    /// As [`Bundle::mount`]: empty for `/`.
    pub(super) mount: String,
    /// By name.
    pub(super) assets: Vec<Record>,
    /// By name, the newest first.
    pub(super) retired: Vec<Retired>,
}

/// One version of an asset.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) name: String,
    pub(super) path: String,
    url: String,
    pub(super) stamp: Option<String>,
    pub(super) prestamped: bool,
    content_type: String,
    pub(super) size: u64,
    pub(super) integrity: String,
    /// With the length of each.
    pub(super) encodings: Vec<(Coding, u64)>,
    references: Vec<String>,
    /// The folder in the output that `path` is relative to.
    tree: String,
}

/// A version whose place another has taken.
#[derive(Clone, Debug)]
pub(super) struct Retired {
    pub(super) record: Record,
    /// Seconds since 1970.
    pub(super) since: u64,
}

impl Record {
    pub(super) fn new(bundle: &Bundle, asset: &Asset, codings: &[Coding]) -> Self {
        let encodings = asset.encodings().filter(|(coding, _)| codings.contains(coding));
        let mut encodings: Vec<(Coding, u64)> =
            encodings.map(|(coding, bytes)| (coding, bytes.len() as u64)).collect();
        encodings.sort_unstable_by_key(|(coding, _)| coding.token());
        Record {
            name: asset.name().to_owned(),
            path: asset.path().to_owned(),
            url: asset.url().to_owned(),
            stamp: asset.stamp().map(str::to_owned),
            prestamped: asset.addressing() == Addressing::Prestamped,
            content_type: asset.content_type().to_owned(),
            size: asset.bytes().len() as u64,
            integrity: asset.integrity().to_owned(),
            encodings,
            references: bundle.references(asset).map(|asset| asset.name().to_owned()).collect(),
            tree: tree(bundle.mount()),
        }
    }

    /// Whether other bytes have another path.
    pub(super) fn is_version(&self) -> bool {
        self.stamp.is_some() || self.prestamped
    }

    /// The path in the output.
    pub(super) fn location(&self) -> String {
        format!("{}/{}", self.tree, self.path)
    }

    /// The path of the plain name in the output: the same, where the name is kept.
    pub(super) fn plain_location(&self) -> String {
        format!("{}/{}", self.tree, self.name)
    }

    fn write(&self, json: &mut String) {
        let text = |text: &str| Value::from(text).to_string();
        let encodings: Vec<String> = self
            .encodings
            .iter()
            .map(|(coding, length)| format!("\"{}\":{length}", coding.token()))
            .collect();
        let references: Vec<String> = self.references.iter().map(|name| text(name)).collect();
        // Writing to a string does not fail.
        let _ = write!(
            json,
            "\"path\":{},\"url\":{},\"stamp\":{},{}\"type\":{},\"size\":{},\"integrity\":{},\
             \"encodings\":{{{}}},\"references\":[{}]",
            text(&self.path),
            text(&self.url),
            self.stamp.as_deref().map_or_else(|| "null".to_owned(), text),
            if self.prestamped { "\"prestamped\":true," } else { "" },
            text(&self.content_type),
            self.size,
            text(&self.integrity),
            encodings.join(","),
            references.join(","),
        );
    }

    /// `None` if this is not what [`write`](Self::write) writes. Paths are looked at with care:
    /// files are linked by them.
    fn parse(name: &str, value: &Map<String, Value>) -> Option<Self> {
        let text = |key: &str| value.get(key)?.as_str().map(str::to_owned);
        let is_path = |path: &str| names::check(path, Path::new("")).is_ok();
        let (path, url) = (text("path")?, text("url")?);
        let mount = url.strip_suffix(&format!("/{}", Encoded(&path)))?;
        let is_mount = mount.is_empty() || names::mount(mount).is_ok();
        if !is_path(name) || !is_path(&path) || !is_mount {
            return None;
        }
        let mut encodings = Vec::new();
        for (token, length) in value.get("encodings")?.as_object()? {
            let coding = CODINGS.into_iter().find(|coding| coding.token() == token)?;
            encodings.push((coding, length.as_u64()?));
        }
        let references = value.get("references")?.as_array()?;
        Some(Record {
            name: name.to_owned(),
            stamp: text("stamp"),
            prestamped: value.get("prestamped").and_then(Value::as_bool).unwrap_or_default(),
            content_type: text("type")?,
            size: value.get("size")?.as_u64()?,
            integrity: text("integrity")?,
            encodings,
            references: references.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            tree: tree(mount),
            path,
            url,
        })
    }
}

impl Manifest {
    /// One line for each version, so that a person and `diff` can read it.
    pub(super) fn json(&self) -> String {
        let text = |text: &str| Value::from(text).to_string();
        let mount = if self.mount.is_empty() { "/" } else { &self.mount };
        let mut json = format!("{{\"version\":{VERSION},\"mount\":{},\"assets\":{{", text(mount));
        let mut separator = "\n";
        // Writing to a string does not fail.
        for record in &self.assets {
            let _ = write!(json, "{separator}{}:{{", text(&record.name));
            record.write(&mut json);
            json.push('}');
            separator = ",\n";
        }
        json.push_str("\n},\"retired\":[");
        separator = "\n";
        for Retired { record, since } in &self.retired {
            let _ = write!(json, "{separator}{{\"name\":{},", text(&record.name));
            record.write(&mut json);
            let _ = write!(json, ",\"retired\":{since}}}");
            separator = ",\n";
        }
        json.push_str("\n]}\n");
        json
    }

    fn parse(value: &Value) -> Option<Self> {
        let mount = names::mount(value.get("mount")?.as_str()?).ok()?;
        let assets = value.get("assets")?.as_object()?.iter();
        let retired = value.get("retired")?.as_array()?.iter();
        Some(Manifest {
            mount,
            assets: assets
                .map(|(name, value)| Record::parse(name, value.as_object()?))
                .collect::<Option<_>>()?,
            retired: retired
                .map(|value| {
                    let value = value.as_object()?;
                    let record = Record::parse(value.get("name")?.as_str()?, value)?;
                    Some(Retired { record, since: value.get("retired")?.as_u64()? })
                })
                .collect::<Option<_>>()?,
        })
    }

    /// All files that the export has made, by their paths in the output.
    pub(super) fn locations(&self) -> impl Iterator<Item = String> {
        let both = |record: &Record| [record.location(), record.plain_location()];
        let assets =
            self.assets.iter().flat_map(move |record| with_encodings(record, both(record)));
        let retired = self.retired.iter().map(|retired| &retired.record);
        let retired = retired.flat_map(|record| with_encodings(record, [record.location()]));
        let own = [MANIFEST, IMPORT_MAP].map(str::to_owned);
        assets.chain(retired).chain(own)
    }
}

fn with_encodings<const N: usize>(record: &Record, paths: [String; N]) -> Vec<String> {
    let mut all = Vec::new();
    for path in paths {
        all.extend(record.encodings.iter().map(|&(coding, _)| encoded(&path, coding)));
        all.push(path);
    }
    all
}

/// The folder in the output that holds what is served under a mount.
pub(super) fn tree(mount: &str) -> String {
    match mount.strip_prefix('/') {
        Some(tree) => tree.to_owned(),
        None => ROOT_TREE.to_owned(),
    }
}

/// The path of an encoding of the file at `path`, as web servers look for it.
pub(super) fn encoded(path: &str, coding: Coding) -> String {
    let extension = match coding {
        Coding::Gzip => "gz",
        Coding::Zstd => "zst",
        other => other.token(),
    };
    format!("{path}.{extension}")
}

/// The manifest of the output in this folder; `None` where there is nothing yet.
pub(super) fn of_output(out: &Path) -> Result<Option<Manifest>, Error> {
    let bad = |why: String| Err(Problem::BadOutput { path: out.to_owned(), why }.into());
    let unreadable = |path: &Path, source| Problem::Unreadable { path: path.to_owned(), source };
    let mut entries = match fs::read_dir(out) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return bad("it is no folder; choose another".to_owned());
        }
        Err(error) => return Err(unreadable(out, error).into()),
    };
    if entries.next().is_none() {
        return Ok(None);
    }
    let foreign = "it holds files, but no manifest of an earlier export; choose another folder, or \
                   empty it if nothing in it is needed";
    let path = out.join(MANIFEST);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return bad(foreign.to_owned()),
        Err(error) => return Err(unreadable(&path, error).into()),
    };
    let value: Value = serde_json::from_slice(&text).unwrap_or_default();
    // Others have files of this name too, some with a version in them.
    let is_ours = value.get("mount").is_some() && value.get("assets").is_some();
    match value.get("version") {
        Some(version) if is_ours && version.as_u64() != Some(VERSION) => bad(format!(
            "its manifest.json has version {version}, and this program knows only version {VERSION}; \
             use the program that has made it, or choose another folder"
        )),
        _ => match Manifest::parse(&value) {
            Some(manifest) => Ok(Some(manifest)),
            None => bad(foreign.to_owned()),
        },
    }
}
