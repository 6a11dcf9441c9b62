//! The manifest: lists the files of an export or of a folder of versions, and the earlier versions there.

use crate::bundle::{Asset, references};
#[cfg(feature = "export")]
use crate::digest::hexadecimal;
use crate::error::{Error, Problem};
use crate::names;
#[cfg(feature = "export")]
use crate::versions::keep::Keep;
#[cfg(feature = "export")]
use crate::versions::policy::Current;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use stamped::percent::Encoded;
use stamped::{Addressing, Coding};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const VERSION: u64 = 1;

/// The name of its file.
pub(crate) const MANIFEST: &str = "manifest.json";

/// The name of the file beside it with the import map.
#[cfg(feature = "export")]
pub(crate) const IMPORT_MAP: &str = "importmap.json";

/// The folder of the served files if the mount is `/`, so that the manifest lies beside it too.
const ROOT_TREE: &str = "root";

/// The `manifest.json` of an exported folder or of a folder of versions, which lists its files. With the
/// feature `versions` or `export`.
///
/// `Bundle::export` writes it and documents its format; [`Versions`](crate::Versions) are kept with it
/// too. A program beside the exported files reads
/// it to find the URL of a name:
///
/// ```
/// use stamped_build::Manifest;
///
/// # fn main() -> Result<(), stamped_build::Error> {
/// let manifest = Manifest::parse(br#"{"version":1,"mount":"/static","assets":{
///     "style.css":{"path":"style.1452929749.css","url":"/static/style.1452929749.css",
///     "stamp":"1452929749","type":"text/css; charset=utf-8","size":1234,"integrity":"sha384-AA",
///     "encodings":{"br":400},"references":[]}},"retired":[]}"#)?;
/// let style = manifest.get("style.css").expect("the manifest lists it");
/// assert_eq!(style.url(), "/static/style.1452929749.css");
/// assert!(style.is_immutable());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    pub(crate) mount: String,
    /// Sorted by name.
    pub(crate) assets: Vec<AssetVersion>,
    /// Sorted by name, the newest first.
    pub(crate) retired: Vec<Retired>,
    pub(crate) dictionaries: bool,
}

/// One version of an asset, as a [`Manifest`] lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetVersion {
    name: String,
    fields: Fields,
}

/// An earlier version of an asset, which an export keeps for pages that are still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retired {
    pub(crate) version: AssetVersion,
    pub(crate) since: u64,
    /// The paths of the versions that it refers to; `None` where that was not written down.
    pub(crate) uses: Option<Vec<String>>,
}

/// The fields of a manifest of version 1.
#[derive(Deserialize)]
struct Body {
    mount: String,
    #[serde(default)]
    dictionaries: bool,
    assets: BTreeMap<String, Fields>,
    #[serde(default)]
    retired: Vec<RetiredFields>,
}

/// A version without its name, which is in two places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Fields {
    path: String,
    url: String,
    stamp: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    prestamped: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    at_root: bool,
    #[serde(rename = "type")]
    content_type: String,
    size: u64,
    integrity: String,
    /// The codings, with the length of each.
    #[serde(with = "by_token")]
    encodings: Vec<(Coding, u64)>,
    /// The length of each delta, by the SHA-256 of its dictionary in base64.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    deltas: BTreeMap<String, u64>,
    references: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct RetiredFields {
    name: String,
    #[serde(flatten)]
    fields: Fields,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uses: Option<Vec<String>>,
    retired: u64,
}

/// What every manifest has, whatever its version.
#[derive(Deserialize)]
struct Head {
    version: Option<u64>,
    mount: Option<IgnoredAny>,
    assets: Option<IgnoredAny>,
}

impl Manifest {
    /// Reads the file at `path`, relative to the working directory.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unreadable`](crate::ErrorKind::Unreadable) for an unreadable file, and the errors of [`parse`](Self::parse).
    ///
    /// ```
    /// # use stamped_build::{ErrorKind, Manifest};
    /// let error = Manifest::read("no/manifest.json").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Unreadable);
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let json = fs::read(path)
            .map_err(|source| Problem::Unreadable { path: path.to_owned(), source })?;
        Self::of_json(path, &json)
    }

    /// Parses the text of a manifest.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::ForeignManifest`](crate::ErrorKind::ForeignManifest): the text is something else, such as a web app manifest,
    ///   which often has the same file name;
    /// - [`ErrorKind::ManifestVersion`](crate::ErrorKind::ManifestVersion): a later version of this crate wrote it;
    /// - [`ErrorKind::DamagedManifest`](crate::ErrorKind::DamagedManifest): a field is missing, or a path leads out of the folder.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        Self::of_json(Path::new(MANIFEST), json)
    }

    pub(crate) fn of_json(path: &Path, json: &[u8]) -> Result<Self, Error> {
        let path = path.to_owned();
        // Web app manifests have this file name too, and some have a version.
        let version = match serde_json::from_slice(json) {
            Ok(Head { version: Some(version), mount: Some(_), assets: Some(_) }) => version,
            _ => return Err(Problem::ForeignManifest { path }.into()),
        };
        if version != VERSION {
            return Err(Problem::ManifestVersion { path, version, known: VERSION }.into());
        }
        let manifest = serde_json::from_slice(json).map_err(|error| error.to_string());
        Ok(manifest
            .and_then(Self::of_body)
            .map_err(|why| Problem::DamagedManifest { path, why })?)
    }

    fn of_body(body: Body) -> Result<Self, String> {
        let mount = names::mount(&body.mount).map_err(|error| error.message())?;
        let assets = body.assets.into_iter().map(|(name, fields)| fields.checked(name));
        let retired =
            body.retired.into_iter().map(|RetiredFields { name, fields, retired, uses }| {
                Ok(Retired { version: fields.checked(name)?, since: retired, uses })
            });
        let assets = assets.collect::<Result<Vec<_>, String>>()?;
        let retired = retired.collect::<Result<_, String>>()?;
        Ok(Manifest { mount, assets, retired, dictionaries: body.dictionaries })
    }

    /// The manifest as JSON, exactly as an export writes it: one line for each version, so that
    /// people and `diff` can read it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mount = if self.mount.is_empty() { "/" } else { &self.mount };
        let assets: Vec<String> = self
            .assets
            .iter()
            .map(|asset| format!("\n{}:{}", json(&asset.name), json(&asset.fields)))
            .collect();
        let retired: Vec<String> =
            self.retired.iter().map(|retired| format!("\n{}", json(&retired.fields()))).collect();
        let dictionaries = if self.dictionaries { ",\"dictionaries\":true" } else { "" };
        format!(
            "{{\"version\":{VERSION},\"mount\":{}{dictionaries},\"assets\":{{{}\n}},\"retired\":[{}\n]}}\n",
            json(mount),
            assets.join(","),
            retired.join(",")
        )
    }

    /// The path that the URLs of all assets begin with, without a slash at its end: `/static`. Empty
    /// for assets at the root.
    #[must_use]
    pub fn mount(&self) -> &str {
        &self.mount
    }

    /// Whether a server asks clients to keep stamped files as dictionaries (`Use-As-Dictionary`, RFC 9842),
    /// for the [deltas](AssetVersion::deltas) of a later release.
    #[must_use]
    pub fn offers_dictionaries(&self) -> bool {
        self.dictionaries
    }

    /// The current version of each asset, sorted by name.
    #[must_use]
    pub fn assets(&self) -> &[AssetVersion] {
        &self.assets
    }

    /// The current version of the asset of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&AssetVersion> {
        let at = self.assets.binary_search_by(|asset| asset.name.as_str().cmp(name)).ok()?;
        self.assets.get(at)
    }

    /// The earlier versions that are kept, sorted by name, the newest of each name first.
    #[must_use]
    pub fn retired(&self) -> &[Retired] {
        &self.retired
    }

    /// The path and the integrity of each version that caches may keep for ever, for
    /// [`Pipeline::published`](crate::Pipeline::published).
    ///
    /// ```
    /// # use stamped_build::Manifest;
    /// assert_eq!(Manifest::default().published().count(), 0);
    /// ```
    pub fn published(&self) -> impl Iterator<Item = (&str, &str)> {
        let retired = self.retired.iter().map(Retired::version);
        // The current version of a path counts.
        let versions = retired.chain(&self.assets).filter(|version| version.is_immutable());
        versions.map(|version| (version.path(), version.integrity()))
    }

    /// The manifest of these assets, without encodings.
    pub(crate) fn of(mount: &str, assets: &[Asset]) -> Self {
        let versions = assets.iter().map(|asset| AssetVersion::new(assets, asset, &[]));
        let (mount, retired) = (mount.to_owned(), Vec::new());
        Manifest { mount, assets: versions.collect(), retired, dictionaries: false }
    }

    /// The same without the earlier versions.
    #[must_use]
    pub fn without_retired(mut self) -> Self {
        self.retired.clear();
        self
    }

    pub(crate) fn without_encodings(mut self) -> Self {
        let retired = self.retired.iter_mut().map(|retired| &mut retired.version);
        for version in self.assets.iter_mut().chain(retired) {
            version.fields.encodings.clear();
            version.fields.deltas.clear();
        }
        self
    }

    /// The current version of an asset as one that is replaced at this time. Nobody who has an earlier
    /// one still needs it.
    pub(crate) fn retire(&self, version: &AssetVersion, since: u64) -> Retired {
        let uses = Some(self.uses(version));
        let version = version.clone().with_deltas([]);
        Retired { version, since, uses }
    }

    /// The paths of the immutable versions that a current one refers to.
    pub(crate) fn uses(&self, version: &AssetVersion) -> Vec<String> {
        let used = version.references().filter_map(|name| self.get(name));
        used.filter(|used| used.is_immutable()).map(|used| used.path().to_owned()).collect()
    }

    /// This manifest where it takes the place of an `earlier` one: with the versions that both list as
    /// retired and those that it replaces, as far as they are kept. The second part of the result has the
    /// versions that are not.
    ///
    /// Where nothing was replaced, the result is equal to a manifest that was made in the same way before.
    ///
    /// ```
    /// # use stamped_build::{Keep, Manifest};
    /// let keep = Keep::default().versions(2);
    /// let (manifest, gone) = Manifest::default().following(Manifest::default(), keep);
    /// assert!(manifest == Manifest::default() && gone.is_empty());
    /// ```
    #[cfg(feature = "export")]
    #[must_use]
    pub fn following(self, earlier: Manifest, keep: Keep) -> (Self, Vec<Retired>) {
        let Manifest { mount, assets, retired, dictionaries } = self;
        // A name that a bundler had stamped may be a plain one now.
        let locations = assets.iter().flat_map(|asset| [asset.location(), asset.plain_location()]);
        let current = Current {
            locations: locations.collect(),
            contents: assets.iter().map(|asset| asset.integrity().to_owned()).collect(),
        };
        let policy = keep.now();
        let replaced = earlier.assets.iter().map(|version| earlier.retire(version, policy.now));
        let all: Vec<Retired> =
            replaced.chain(earlier.retired.iter().cloned()).chain(retired).collect();
        let kept = policy.choose(all.clone(), &current);
        let mut seen = current.locations;
        seen.extend(kept.iter().map(|retired| retired.version.location()));
        let mut gone = all;
        gone.retain(|Retired { version, .. }| {
            version.is_immutable() && seen.insert(version.location())
        });
        (Manifest { mount, assets, retired: kept, dictionaries }, gone)
    }

    /// Drops the versions, current or retired, for which `keeps` does not say to keep them: those whose
    /// files are no longer there.
    ///
    /// ```
    /// # let mut manifest = stamped_build::Manifest::default();
    /// manifest.retain(|version| std::fs::exists(version.location()).unwrap_or(true));
    /// ```
    pub fn retain(&mut self, mut keeps: impl FnMut(&AssetVersion) -> bool) {
        self.assets.retain(&mut keeps);
        self.retired.retain(|retired| keeps(&retired.version));
    }

    /// All files of the export, by their paths in the output.
    #[cfg(feature = "export")]
    pub(crate) fn locations(&self) -> impl Iterator<Item = String> {
        let assets = self
            .assets
            .iter()
            .flat_map(|asset| asset.with_encodings([asset.location(), asset.plain_location()]));
        let retired = self.retired.iter().map(Retired::version);
        let retired = retired.flat_map(|version| version.with_encodings([version.location()]));
        let deltas = self.assets.iter().flat_map(|asset| {
            asset.deltas().filter_map(|(dictionary, _)| asset.delta_location(dictionary))
        });
        let own = [MANIFEST, IMPORT_MAP].map(str::to_owned);
        assets.chain(deltas).chain(retired).chain(own)
    }
}

impl AssetVersion {
    /// A version of an asset, which is one of `all`.
    pub(crate) fn new(all: &[Asset], asset: &Asset, codings: &[Coding]) -> Self {
        let encodings = asset.encodings().filter(|(coding, _)| codings.contains(coding));
        let fields = Fields {
            path: asset.path().to_owned(),
            url: asset.url().to_owned(),
            stamp: asset.stamp().map(str::to_owned),
            prestamped: asset.addressing() == Addressing::Prestamped,
            at_root: asset.is_at_root(),
            content_type: asset.content_type().to_owned(),
            size: asset.size(),
            integrity: asset.integrity().to_owned(),
            encodings: encodings.map(|(coding, bytes)| (coding, bytes.len() as u64)).collect(),
            deltas: BTreeMap::new(),
            references: references(all, asset).map(|asset| asset.name().to_owned()).collect(),
        };
        AssetVersion { name: asset.name().to_owned(), fields }
    }

    /// The same with these deltas only: the SHA-256 of each dictionary, and the length.
    pub(crate) fn with_deltas<'a>(
        mut self,
        deltas: impl IntoIterator<Item = (&'a [u8; 32], u64)>,
    ) -> Self {
        let deltas = deltas.into_iter();
        let in_base64 = |(dictionary, length)| (STANDARD.encode(dictionary), length);
        self.fields.deltas = deltas.map(in_base64).collect();
        self
    }

    /// The name of the asset: `css/style.css`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path below the mount, not percent-encoded: `css/style.1452929749.css`, or the name, if
    /// the asset is not stamped.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.fields.path
    }

    /// The URL path: `/static/css/style.1452929749.css`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.fields.url
    }

    /// The mount in the [URL](Self::url) of this version. For an earlier version, it may differ
    /// from the mount of the manifest.
    #[must_use]
    pub fn mount(&self) -> &str {
        // The encoded path, and the slash before it: `checked` saw both.
        let length = Encoded(&self.fields.path).to_string().len() + 1;
        self.fields.url.get(..self.fields.url.len() - length).unwrap_or_default()
    }

    /// The digits of the stamp, if the asset is stamped.
    #[must_use]
    pub fn stamp(&self) -> Option<&str> {
        self.fields.stamp.as_deref()
    }

    /// Whether a bundler stamped the name of the asset.
    #[must_use]
    pub fn is_prestamped(&self) -> bool {
        self.fields.prestamped
    }

    /// Whether the asset is to be served at the root of the site too, under its
    /// [`name`](Self::name): see [`Pipeline::at_root`](crate::Pipeline::at_root).
    #[must_use]
    pub fn is_at_root(&self) -> bool {
        self.fields.at_root
    }

    /// Whether the path always stands for these bytes, because it has a stamp, ours or a bundler's.
    /// Caches may then keep them for ever.
    #[must_use]
    pub fn is_immutable(&self) -> bool {
        self.fields.stamp.is_some() || self.fields.prestamped
    }

    /// The value of `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.fields.content_type
    }

    /// The size in bytes, without an encoding.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.fields.size
    }

    /// The hash for an `integrity` attribute: `sha384-…`.
    #[must_use]
    pub fn integrity(&self) -> &str {
        &self.fields.integrity
    }

    /// The codings of the files beside this one, with the length of each.
    pub fn encodings(&self) -> impl Iterator<Item = (Coding, u64)> {
        self.fields.encodings.iter().copied()
    }

    /// The deltas beside the stamped file (`dcz`, RFC 9842), for clients that have an earlier version: the
    /// SHA-256 of that version in base64, as it stands between the colons of `Available-Dictionary`, and the
    /// length of the delta.
    pub fn deltas(&self) -> impl Iterator<Item = (&str, u64)> {
        self.fields.deltas.iter().map(|(dictionary, &length)| (dictionary.as_str(), length))
    }

    /// The path of the delta for clients that have this dictionary, if there is one:
    /// `static/css/style.1452929749.css.dcz-a591a6d40bf42040.css`. Its extension is that of the asset, by
    /// which servers know its type.
    #[cfg(feature = "export")]
    #[must_use]
    pub fn delta_location(&self, dictionary: &str) -> Option<String> {
        let dictionary =
            sha256(dictionary).filter(|_| self.fields.deltas.contains_key(dictionary))?;
        Some(delta_path(&self.location(), &dictionary))
    }

    /// The names of the assets that it refers to.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        self.fields.references.iter().map(String::as_str)
    }

    /// Keeps the encodings for which `keeps` says so.
    #[cfg(feature = "export")]
    pub(crate) fn retain_encodings(&mut self, mut keeps: impl FnMut(Coding, u64) -> bool) {
        self.fields.encodings.retain(|&(coding, length)| keeps(coding, length));
    }

    /// The path of the file in the folder with the manifest: `static/css/style.1452929749.css`.
    #[must_use]
    pub fn location(&self) -> String {
        format!("{}/{}", tree(self.mount()), self.fields.path)
    }

    /// The path of the file under its [`name`](Self::name) in the output: the same, if the name is kept.
    #[must_use]
    pub fn plain_location(&self) -> String {
        format!("{}/{}", tree(self.mount()), self.name)
    }

    /// The path of the encoding beside a file of this version, if there is one: `location` with an ending.
    #[cfg(feature = "export")]
    #[must_use]
    pub fn encoded_location(&self, location: &str, coding: Coding) -> Option<String> {
        let has = self.encodings().any(|(stored, _)| stored == coding);
        has.then(|| encoded(location, coding))
    }

    #[cfg(feature = "export")]
    fn with_encodings<const N: usize>(&self, paths: [String; N]) -> Vec<String> {
        let mut all = Vec::new();
        for path in paths {
            all.extend(self.fields.encodings.iter().map(|&(coding, _)| encoded(&path, coding)));
            all.push(path);
        }
        all
    }
}

impl Fields {
    /// The version of this name, if it is safe to link files by it: its paths stay in the output,
    /// and its URL belongs to its path.
    fn checked(self, name: String) -> Result<AssetVersion, String> {
        for path in [&name, &self.path] {
            names::check(path, Path::new(MANIFEST)).map_err(|error| error.message())?;
        }
        if let Some(dictionary) = self.deltas.keys().find(|dictionary| sha256(dictionary).is_none())
        {
            return Err(format!("`{name}` has a delta from {dictionary:?}"));
        }
        if !is_content_type(&self.content_type) {
            return Err(format!("`{name}` has the type {:?}", self.content_type));
        }
        match self.mount() {
            Some(mount) if mount.is_empty() || names::mount(mount).is_ok() => {
                Ok(AssetVersion { name, fields: self })
            }
            _ => Err(format!("the URL `{}` of `{name}` does not end in its path", self.url)),
        }
    }

    fn mount(&self) -> Option<&str> {
        self.url.strip_suffix(&Encoded(&self.path).to_string())?.strip_suffix('/')
    }
}

/// Whether this is a type and a subtype, and perhaps parameters, of characters that mean nothing in
/// the configuration of a server.
fn is_content_type(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/;= !#&^_.+-".contains(&byte);
    let mut parts = text.split(';');
    let is_pair = |part: &str, between| {
        part.trim_start().split_once(between).is_some_and(|(a, b)| {
            let is_word = |word: &str| !word.is_empty() && !word.contains(['/', '=', ' ']);
            is_word(a) && is_word(b)
        })
    };
    text.bytes().all(is_plain)
        && parts.next().is_some_and(|kind| is_pair(kind, '/'))
        && parts.all(|parameter| is_pair(parameter, '='))
}

impl Retired {
    fn fields(&self) -> RetiredFields {
        let AssetVersion { name, fields } = self.version.clone();
        let uses = self.uses.clone();
        RetiredFields { name, fields, retired: self.since, uses }
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> &AssetVersion {
        &self.version
    }

    /// When another version replaced it, in seconds since 1970.
    #[must_use]
    pub fn since(&self) -> u64 {
        self.since
    }
}

/// The encodings as an object from coding to length, sorted by the names of the codings.
mod by_token {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use stamped::Coding;
    use std::collections::BTreeMap;

    const CODINGS: [Coding; 3] = [Coding::Brotli, Coding::Gzip, Coding::Zstd];

    pub(super) fn serialize<S: Serializer>(
        encodings: &[(Coding, u64)],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let sorted: BTreeMap<&str, u64> =
            encodings.iter().map(|&(coding, length)| (coding.token(), length)).collect();
        sorted.serialize(serializer)
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(
        deserializer: D,
    ) -> Result<Vec<(Coding, u64)>, D::Error> {
        let coding = |(token, length): (String, u64)| {
            let coding = CODINGS.into_iter().find(|coding| coding.token() == token);
            let coding =
                coding.ok_or_else(|| Error::custom(format!("unknown coding `{token}`")))?;
            Ok((coding, length))
        };
        BTreeMap::<String, u64>::deserialize(deserializer)?.into_iter().map(coding).collect()
    }
}

#[expect(clippy::expect_used, reason = "text and numbers under names are always JSON")]
fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("a manifest can be written as JSON")
}

/// The folder in the output with the files that are served under a mount.
pub(crate) fn tree(mount: &str) -> String {
    match mount.strip_prefix('/') {
        Some(tree) => tree.to_owned(),
        None => ROOT_TREE.to_owned(),
    }
}

/// The SHA-256 in base64.
fn sha256(text: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// The path of a delta of the file at `path`, from the bytes with this SHA-256.
#[cfg(feature = "export")]
pub(crate) fn delta_path(path: &str, dictionary: &[u8; 32]) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    let extension = file.rfind('.').and_then(|at| file.get(at..)).unwrap_or_default();
    format!("{path}.dcz-{}{extension}", hexadecimal(&dictionary[..8]))
}

/// The path of an encoding of the file at `path`, as web servers look for it.
#[cfg(feature = "export")]
pub(crate) fn encoded(path: &str, coding: Coding) -> String {
    let extension = match coding {
        Coding::Gzip => "gz",
        Coding::Zstd => "zst",
        other => other.token(),
    };
    format!("{path}.{extension}")
}

#[cfg(all(test, feature = "export"))]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    const ASSET: &str = r#""path":"a.7.css","url":"/static/a.7.css","stamp":"7","type":"text/css","size":9,"integrity":"sha384-A","encodings":{"br":4,"gzip":5},"references":["\u0000\"b"]"#;

    fn manifest(name: &str, asset: &str) -> String {
        format!(
            "{{\"version\":1,\"mount\":\"/static\",\"assets\":{{\n\"{name}\":{{{asset}}},\n\
             \"z.js\":{{\"path\":\"z.js\",\"url\":\"/static/z.js\",\"stamp\":null,\"prestamped\":true,\
             \"type\":\"text/x\",\"size\":0,\"integrity\":\"\",\"encodings\":{{}},\"references\":[]}}\n}},\
             \"retired\":[\n{{\"name\":\"{name}\",{asset},\"retired\":1452929749}}\n]}}\n"
        )
    }

    #[test]
    fn what_is_written_is_what_was_read() {
        let text = manifest("a.css", ASSET);
        let manifest = Manifest::parse(text.as_bytes()).unwrap();
        assert_eq!(manifest.to_json(), text);
        let asset = manifest.get("a.css").unwrap();
        assert_eq!((asset.mount(), asset.location()), ("/static", "static/a.7.css".to_owned()));
        assert!(asset.encodings().eq([(Coding::Brotli, 4), (Coding::Gzip, 5)]));
        assert_eq!(manifest.retired()[0].version(), asset);
        let empty = Manifest::default().to_json();
        assert_eq!(empty, "{\"version\":1,\"mount\":\"/\",\"assets\":{\n},\"retired\":[\n]}\n");
        assert_eq!(Manifest::parse(empty.as_bytes()).unwrap(), Manifest::default());
    }

    #[test]
    fn a_manifest_that_follows_another_lists_what_it_replaces_until_that_is_not_kept() {
        let of = |stamp: &str| {
            let asset = ASSET.replace("a.7.css", &format!("a.{stamp}.css"));
            let text = manifest("a.css", &asset.replace("\"7\"", &format!("\"{stamp}\"")));
            let mut manifest = Manifest::parse(text.as_bytes()).unwrap();
            manifest.retired.clear();
            manifest
        };
        let paths = |manifest: &Manifest| {
            let retired = manifest.retired().iter().map(|retired| retired.version().path());
            retired.map(str::to_owned).collect::<Vec<_>>()
        };
        let (second, gone) = of("8").following(of("7"), Keep::ALL);
        assert_eq!((paths(&second), gone.len()), (vec!["a.7.css".to_owned()], 0));
        // Again, from a folder that knows no earlier version: equal to the last byte.
        let again = of("8").following(second.clone(), Keep::ALL).0;
        assert_eq!(again.to_json(), second.to_json());
        let (third, _) = of("9").following(second.clone(), Keep::ALL);
        assert_eq!(third.retired().len(), 2);
        let one = Keep::ALL.versions(1).time(std::time::Duration::ZERO);
        let (third, gone) = of("9").following(second, one);
        assert_eq!((third.retired().len(), gone.len()), (1, 1));
        // A version that comes back is current, and no longer retired.
        assert!(paths(&of("7").following(of("7"), Keep::ALL).0).is_empty());

        let mut kept = third.clone();
        kept.retain(|version| version.name() != "a.css");
        assert_eq!((kept.assets().len(), kept.retired().len()), (1, 0));
    }

    #[test]
    fn a_manifest_of_something_else_of_another_version_or_damaged_is_told_apart() {
        let kind = |text: &str| Manifest::parse(text.as_bytes()).unwrap_err().kind();
        for text in [r#"{"name":"App","version":1}"#, "{", "[]", "", r#"{"version":"1"}"#] {
            assert_eq!(kind(text), ErrorKind::ForeignManifest, "{text}");
        }
        let later = r#"{"version":2,"mount":7,"assets":[]}"#;
        assert_eq!(kind(later), ErrorKind::ManifestVersion);
        for (from, to) in [
            ("\"size\":9", "\"size\":-1"),
            ("\"type\":\"text/css\",", ""),
            ("text/css", ""),
            ("text/css", "text/css; }"),
            ("text/css", "text/css\\nx: y"),
            ("\"br\"", "\"lzma\""),
            ("/static/a.7.css", "/static/b.7.css"),
            ("a.7.css", "../a.7.css"),
            (
                "\"path\":\"a.7.css\",\"url\":\"/static/a.7.css\"",
                "\"path\":\"\",\"url\":\"/static/\"",
            ),
        ] {
            assert!(ASSET.contains(from));
            let text = manifest("a.css", &ASSET.replace(from, to));
            assert_eq!(kind(&text), ErrorKind::DamagedManifest, "{text}");
        }
        for name in ["../a.css", "a//b.css", "", "a/./b.css", "/a.css"] {
            assert_eq!(kind(&manifest(name, ASSET)), ErrorKind::DamagedManifest, "{name}");
        }
    }
}
