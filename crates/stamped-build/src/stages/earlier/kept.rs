//! Reads the earlier versions from their folder, describes them as the assets are, and compresses them.

use crate::bundle::{Asset, EarlierVersion};
use crate::cargo;
use crate::config::Config;
use crate::contents::Reader;
use crate::error::{Error, Problem, Warning, WarningKind};
use crate::kept::cache::Wanted;
use crate::kept::memo::Memo;
use crate::out::live;
use crate::progress::Listener;
use crate::rules::Unstamped;
use crate::stages::describe::{Described, dimensions_of, etag};
use crate::stages::encode::{self, Encoding};
use crate::stages::walk::{self, Walked};
use crate::versions::VARIABLE;
use crate::versions::folder::{Folder, Kept};
use stamped::content_type;
use stamped_scan::Scanner;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

/// The codings that every client takes.
const CODINGS: &[Encoding] = &[
    #[cfg(any(feature = "gzip", feature = "native"))]
    Encoding::gzip(),
];

/// The earlier versions that a build has to do with.
pub(crate) struct History {
    folder: Option<Folder>,
    /// Whether what is made is added to them.
    records: bool,
}

impl History {
    /// Reads which versions there are. The bundle depends on them from now on.
    pub(crate) fn open(config: &Config, walked: &mut Walked) -> Result<Self, Error> {
        let Some(versions) = &config.versions else {
            return Ok(History { folder: None, records: false });
        };
        let folder = versions.open()?;
        let above = walked.folders.iter().find(|&above| walk::is_below(&folder.path, above));
        if let Some(above) = above {
            let (path, out_dir) = (above.clone(), versions.named().to_owned());
            return Err(Problem::OwnOutput { path, out_dir }.into());
        }
        walked.watched.push(versions.named().to_owned());
        walked.others.extend(folder.files());
        Ok(History { folder: Some(folder), records: false })
    }

    /// Adds to the folder what is made, if whoever started the build script asks for that. What live
    /// mode makes is no release.
    pub(crate) fn record_if_asked(&mut self) {
        if self.folder.is_some() {
            cargo::rerun_if_env_changed(VARIABLE);
            let asked = std::env::var_os(VARIABLE);
            self.records =
                asked.is_some_and(|value| !value.is_empty() && value != "0") && !live::is_on();
        }
    }

    /// Whether what is made is added to the folder.
    pub(crate) fn records(&self) -> bool {
        self.records
    }

    /// The paths below the mount, and their values of `integrity`.
    pub(crate) fn published(&self, mount: &str) -> Vec<(String, String)> {
        self.folder.as_ref().map(|folder| folder.published(mount)).unwrap_or_default()
    }

    /// Records the assets, if that was asked for, and returns the versions that are not current.
    pub(crate) fn versions(
        self,
        config: &Config,
        assets: &[Asset],
        mount: &str,
        how: (&[Encoding], &Wanted),
        memo: &Memo,
        warnings: &mut Vec<Warning>,
    ) -> Result<Vec<EarlierVersion>, Error> {
        let (Some(settings), Some(mut folder)) = (&config.versions, self.folder) else {
            return Ok(Vec::new());
        };
        if self.records {
            let recorded = settings.add_assets(mount, assets)?;
            cargo::warning(&format!("recorded in `{}`: {recorded}", settings.named().display()));
            folder = settings.open()?;
        }
        all(&folder, (assets, mount), how, memo, warnings)
    }
}

/// Reads and checks all versions, and returns those that are not current.
fn all(
    folder: &Folder,
    (assets, mount): (&[Asset], &str),
    (encodings, cache): (&[Encoding], &Wanted),
    memo: &Memo,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<EarlierVersion>, Error> {
    let taken: HashSet<&str> =
        assets.iter().flat_map(|asset| [asset.path(), asset.name()]).collect();
    let reader = Reader::new(false);
    let mut found = Vec::new();
    let mut elsewhere: Vec<&str> = Vec::new();
    for kept in folder.versions() {
        let version = kept.version;
        let contents = folder.read(version, &reader)?;
        if version.mount() != mount {
            elsewhere.push(version.mount());
        } else if !taken.contains(version.path()) {
            let hash = contents.hash();
            let is_script = content_type::of(version.name()) == "text/javascript";
            let module = is_script && memo.scan(Scanner::JavaScript, &contents)?.module;
            let dimensions = dimensions_of(version.name(), &hash, &contents, memo)?;
            found.push(Described {
                name: version.name().to_owned(),
                path: version.path().to_owned(),
                url: version.url().to_owned(),
                stamp: version.stamp().map(str::to_owned),
                unstamped: version.stamp().is_none().then_some(Unstamped::Prestamped),
                at_root: false,
                content_type: version.content_type().to_owned(),
                integrity: version.integrity().to_owned(),
                etag: etag(&hash),
                modified: None,
                hash,
                contents,
                module,
                dimensions,
                references: Vec::new(),
            });
        }
    }
    warnings.extend(other_mounts(folder, mount, &elsewhere));
    // What an asset has too, is compressed already.
    let current: HashSet<_> = assets.iter().map(Asset::hash).collect();
    let (same, other): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|file| current.contains(&file.hash));
    let encodings = if encodings.is_empty() { &[] } else { CODINGS };
    let mut all = encode::all(other, encodings, cache, &Listener::default(), warnings)?;
    all.extend(same.into_iter().map(|file| Asset::new(file, Vec::new())));

    let here = folder.versions().filter(|kept| kept.version.mount() == mount);
    let kept: HashMap<&str, Kept<'_>> = here.map(|kept| (kept.version.path(), kept)).collect();
    // The newest first: those of the last release were not replaced before this build.
    let age = |asset: &Asset| Reverse(kept[asset.path()].since.unwrap_or(u64::MAX));
    all.sort_by(|a, b| (a.name(), age(a), a.path()).cmp(&(b.name(), age(b), b.path())));
    let earlier = |asset: Asset| {
        let kept = kept[asset.path()];
        EarlierVersion { since: kept.since, uses: folder.uses(kept), asset }
    };
    Ok(all.into_iter().map(earlier).collect())
}

fn other_mounts(folder: &Folder, mount: &str, elsewhere: &[&str]) -> Option<Warning> {
    let first = elsewhere.first()?;
    let or_root = |mount: &str| if mount.is_empty() { "/".to_owned() } else { mount.to_owned() };
    let message = format!(
        "{} versions in `{}` were recorded under another mount than `{}` (`{}`), and are not answered for",
        elsewhere.len(),
        folder.path.display(),
        or_root(mount),
        or_root(first)
    );
    let help =
        "remove them with `stamped versions remove`, or serve them with a bundle of that mount";
    Some(Warning::new(WarningKind::OtherMount, message, help))
}
