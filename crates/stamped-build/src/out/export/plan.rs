//! Which files the output is to have.

use super::before::{Before, Present, above, below};
use super::work;
use crate::bundle::{Asset, Bundle, EarlierVersion};
use crate::contents::{self, Contents, OnDisk};
use crate::error::{Error, Problem, Warning, WarningKind};
use crate::manifest::{AssetVersion, IMPORT_MAP, MANIFEST, delta_path, encoded, tree};
use crate::parallel;
use crate::progress::Meter;
use stamped::{Addressing, Coding};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long the name of a file can be in the usual file systems.
const LONGEST_FILE_NAME: usize = 255;

/// The files of an output. Paths are relative to it.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    /// The paths of all files that stay or are made.
    pub(super) taken: BTreeSet<String>,
    assets: Vec<Files<'a>>,
}

/// The files of one asset.
#[derive(Debug)]
struct Files<'a> {
    time: Option<SystemTime>,
    contents: Content<'a>,
    encodings: Vec<Content<'a>>,
}

/// The bytes of a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bytes<'a> {
    Held(&'a [u8]),
    /// Those of a file in an asset folder.
    OnDisk(&'a OnDisk),
}

/// Files with the same bytes.
#[derive(Debug)]
struct Content<'a> {
    bytes: Bytes<'a>,
    places: Vec<Place>,
}

/// Where a file goes.
#[derive(Debug)]
struct Place {
    path: String,
    /// Whether the path stands for the bytes.
    immutable: bool,
}

/// Files to be made, with the same bytes.
#[derive(Debug)]
pub(super) struct Change<'a> {
    pub(super) bytes: Bytes<'a>,
    pub(super) time: SystemTime,
    pub(super) places: Vec<(&'a str, Turn)>,
}

/// When a file takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// First: no file has the path yet, and it is stamped, so that only the new manifest names it.
    New,
    /// Then those that replace another file or have a plain name.
    Replaced,
    /// Last: something has to be removed first.
    Blocked,
}

impl<'a> Plan<'a> {
    /// Plans the files of a bundle, and lists the versions that they are.
    pub(super) fn new(
        bundle: &'a Bundle,
        warnings: &mut Vec<Warning>,
    ) -> Result<(Self, Vec<AssetVersion>), Error> {
        let tree = tree(bundle.mount());
        check_tree(bundle.mount(), &tree)?;
        let own = [MANIFEST, IMPORT_MAP].map(str::to_owned);
        let mut plan = Plan { taken: own.into(), assets: Vec::new() };
        // First, because an asset's own file goes before an encoding of another.
        for asset in bundle.assets() {
            let places = places(&tree, asset);
            for place in &places {
                check_length(asset, &place.path)?;
            }
            plan.taken.extend(places.into_iter().map(|place| place.path));
        }
        let mut records = Vec::with_capacity(bundle.assets().len());
        let (mut refused, mut too_long) = (Vec::new(), Vec::new());
        for asset in bundle.assets() {
            let mut codings: Vec<Coding> = Vec::new();
            let mut encodings = Vec::new();
            for (coding, bytes) in asset.encodings() {
                let mut of_coding = Vec::new();
                let beside: Vec<Place> =
                    places(&tree, asset).into_iter().map(|place| place.encoded(coding)).collect();
                // Beside both or neither: the manifest has one list for the two.
                if let Some(place) = beside.iter().find(|place| is_too_long(&place.path)) {
                    too_long.push(place.path.clone());
                    continue;
                }
                for (at, place) in beside.into_iter().enumerate() {
                    if !plan.is_free(&place.path) {
                        refused.push(place.path);
                        continue;
                    }
                    if at == 0 {
                        codings.push(coding);
                    }
                    plan.taken.insert(place.path.clone());
                    of_coding.push(place);
                }
                if !of_coding.is_empty() {
                    let bytes = Bytes::Held(bytes);
                    encodings.push(Content { bytes, places: of_coding });
                }
            }
            let mut deltas = Vec::new();
            for (dictionary, bytes) in asset.deltas() {
                let path = delta_path(&format!("{tree}/{}", asset.path()), dictionary);
                if is_too_long(&path) {
                    too_long.push(path);
                } else if !plan.is_free(&path) {
                    refused.push(path);
                } else {
                    plan.taken.insert(path.clone());
                    deltas.push((dictionary, bytes.len() as u64));
                    let places = vec![Place { path, immutable: true }];
                    encodings.push(Content { bytes: Bytes::Held(bytes), places });
                }
            }
            let record = AssetVersion::new(bundle.assets(), asset, &codings);
            records.push(record.with_deltas(deltas));
            plan.assets.push(Files {
                // Times beyond what the system can tell are none.
                time: asset
                    .last_modified()
                    .and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds))),
                contents: Content {
                    bytes: Bytes::of(asset.contents()),
                    places: places(&tree, asset),
                },
                encodings,
            });
        }
        let more = |all: usize| match all {
            1 => String::new(),
            all => format!(", and so are {} more", all - 1),
        };
        if let Some(first) = refused.first() {
            let more = more(refused.len());
            warnings.push(Warning::new(
                WarningKind::EncodingPath,
                format!("`{first}` is an asset, so no encoding is stored there{more}"),
                "leave such assets out, and the encodings are made of the originals",
            ));
        }
        if let Some(first) = too_long.first() {
            let (length, more) = (file_name(first).len(), more(too_long.len()));
            warnings.push(Warning::new(
                WarningKind::EncodingPath,
                format!(
                    "`{first}` is too long for a file name ({length} bytes, and file systems take \
                     {LONGEST_FILE_NAME}), so this encoding is not stored{more}"
                ),
                "give the asset a shorter name",
            ));
        }
        Ok((plan, records))
    }

    /// Whether a file can be put there.
    pub(super) fn is_free(&self, path: &str) -> bool {
        let is_folder = below(&self.taken, path).next().is_some();
        let is_in_file = above(path).any(|folder| self.taken.contains(folder));
        !is_folder && !is_in_file && !self.taken.contains(path)
    }

    /// Plans the file of an earlier version that the bundle has, and those of its encodings. Returns
    /// how the manifest lists it, unless something else has its place.
    pub(super) fn add_earlier(&mut self, earlier: &'a EarlierVersion) -> Option<AssetVersion> {
        let asset = earlier.asset();
        let place = |path| Place { path, immutable: true };
        let location = AssetVersion::new(&[], asset, &[]).location();
        if !self.is_free(&location) || is_too_long(&location) {
            return None;
        }
        self.taken.insert(location.clone());
        let (mut codings, mut encodings) = (Vec::new(), Vec::new());
        for (coding, bytes) in asset.encodings() {
            let path = encoded(&location, coding);
            if self.is_free(&path) && !is_too_long(&path) {
                self.taken.insert(path.clone());
                codings.push(coding);
                encodings.push(Content { bytes: Bytes::Held(bytes), places: vec![place(path)] });
            }
        }
        let contents =
            Content { bytes: Bytes::of(asset.contents()), places: vec![place(location)] };
        self.assets.push(Files { time: None, contents, encodings });
        Some(AssetVersion::new(&[], asset, &codings))
    }

    /// Keeps a file of the old output.
    pub(super) fn keep(&mut self, path: String) {
        self.taken.insert(path);
    }

    /// Refuses to overwrite what others have put into the output.
    pub(super) fn check_foreign(
        &self,
        out: &Path,
        before: &Before,
        present: &Present,
    ) -> Result<(), Error> {
        match present.files.difference(&before.ours).find(|path| !self.is_free(path)) {
            Some(path) => {
                let why = format!("no export made `{path}` in it, and another file belongs there");
                let help = "move that file away";
                Err(Problem::BadOutput { path: out.to_owned(), why, help }.into())
            }
            None => Ok(()),
        }
    }

    /// How many files the assets have.
    pub(super) fn files(&self) -> usize {
        self.assets.iter().map(Files::count).sum()
    }

    /// The files that the output does not have yet as they are planned.
    pub(super) fn changes(&self, out: &Path, present: &Present, meter: &Meter) -> Vec<Change<'_>> {
        let now = SystemTime::now();
        let changes = |files| {
            let changes: Vec<Change> = Files::changes(files, out, present, now);
            let of_change = |change: &Change| change.places.len();
            let changed: usize = changes.iter().map(of_change).sum();
            meter.advance((files.count() - changed) as u64);
            changes
        };
        parallel::map(&self.assets, changes).into_iter().flatten().collect()
    }
}

/// Keeps what is served apart from our own files.
fn check_tree(mount: &str, tree: &str) -> Result<(), Error> {
    let why = match tree.split('/').next() {
        Some(MANIFEST) => "`manifest.json` lies beside what is served",
        Some(IMPORT_MAP) => "`importmap.json` lies beside what is served",
        Some(work::FOLDER) => "`.stamped` is the folder in which files are made",
        _ => return Ok(()),
    };
    Err(Problem::BadMount { mount: mount.to_owned(), why }.into())
}

fn check_length(asset: &Asset, path: &str) -> Result<(), Error> {
    if !is_too_long(path) {
        return Ok(());
    }
    let (name, file) = (asset.name().to_owned(), file_name(path).to_owned());
    Err(Problem::FileNameTooLong { name, file, longest: LONGEST_FILE_NAME }.into())
}

fn is_too_long(path: &str) -> bool {
    let file = file_name(path);
    let length = if cfg!(windows) { file.encode_utf16().count() } else { file.len() };
    length > LONGEST_FILE_NAME
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Where an asset goes: its path, and its name where that is another.
fn places(tree: &str, asset: &Asset) -> Vec<Place> {
    let immutable = asset.addressing() != Addressing::Plain;
    let mut places = vec![Place { path: format!("{tree}/{}", asset.path()), immutable }];
    if asset.path() != asset.name() {
        places.push(Place { path: format!("{tree}/{}", asset.name()), immutable: false });
    }
    places
}

impl<'a> Bytes<'a> {
    fn of(contents: &'a Contents) -> Self {
        match contents {
            Contents::Held(held) => Bytes::Held(held.bytes()),
            Contents::OnDisk(file) => Bytes::OnDisk(file),
            Contents::Edited(_) => {
                unreachable!("only a bundle that is baked takes edits for known")
            }
        }
    }

    fn len(self) -> u64 {
        match self {
            Bytes::Held(bytes) => bytes.len() as u64,
            Bytes::OnDisk(file) => file.len(),
        }
    }

    /// Whether the file at `path`, which is as long, has these bytes; `None` if it cannot be read.
    fn are_in(self, path: &Path) -> Option<bool> {
        match self {
            Bytes::Held(bytes) => Some(fs::read(path).ok()? == bytes),
            Bytes::OnDisk(file) => Some(contents::hash(path).ok()?? == *file.hash()),
        }
    }
}

impl Place {
    fn encoded(self, coding: Coding) -> Self {
        Place { path: encoded(&self.path, coding), ..self }
    }

    fn turn(&self, present: &Present) -> Turn {
        let path = &self.path;
        if present.folders.contains(path)
            || above(path).any(|folder| present.files.contains(folder))
        {
            Turn::Blocked
        } else if self.immutable && !present.files.contains(path) {
            Turn::New
        } else {
            Turn::Replaced
        }
    }
}

impl Files<'_> {
    fn count(&self) -> usize {
        let all = std::iter::once(&self.contents).chain(&self.encodings);
        all.map(|content| content.places.len()).sum()
    }

    fn changes(&self, out: &Path, present: &Present, now: SystemTime) -> Vec<Change<'_>> {
        let times = self.contents.times(out, present);
        // An asset without a time has that of its first file.
        let time = self.time.or_else(|| times.iter().copied().flatten().next()).unwrap_or(now);
        let identity = self.contents.change(&times, time, present);
        let encodings = self
            .encodings
            .iter()
            .filter_map(|encoding| encoding.change(&encoding.times(out, present), time, present));
        identity.into_iter().chain(encodings).collect()
    }
}

impl Content<'_> {
    /// The time of the file in each place, if it holds these bytes. They are compared, because
    /// people edit files, and what is left here is served for years.
    fn times(&self, out: &Path, present: &Present) -> Vec<Option<SystemTime>> {
        let time = |place: &Place| {
            if !present.files.contains(&place.path) {
                return None;
            }
            let path = out.join(&place.path);
            let metadata = fs::symlink_metadata(&path).ok()?;
            let is_same = metadata.is_file()
                && metadata.len() == self.bytes.len()
                && self.bytes.are_in(&path)?;
            is_same.then(|| metadata.modified().ok()).flatten()
        };
        self.places.iter().map(time).collect()
    }

    /// The places that do not have a file of these bytes and this time.
    fn change(
        &self,
        times: &[Option<SystemTime>],
        time: SystemTime,
        present: &Present,
    ) -> Option<Change<'_>> {
        let changed = self.places.iter().zip(times).filter(|&(_, old)| *old != Some(time));
        let places: Vec<_> =
            changed.map(|(place, _)| (place.path.as_str(), place.turn(present))).collect();
        (!places.is_empty()).then_some(Change { bytes: self.bytes, time, places })
    }
}
