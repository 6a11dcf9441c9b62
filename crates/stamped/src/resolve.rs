//! The matcher: from the path of a request to an asset and what its stamp means.

use crate::asset::Asset;
use crate::assets::Assets;
use crate::index::Kind;
use crate::{name, percent};

/// How the path of a request met the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// The path names exactly these bytes, now and for ever: they may be cached for as long as
    /// anyone likes.
    Exact(Asset),
    /// The path is the plain name of this asset, whose contents change.
    Plain(Asset),
    /// The path is that of this asset with a stamp that is not known here: an older or a newer
    /// version than this program has. Its bytes must never be cached under that path.
    Stale(Asset),
    /// The path belongs to no asset.
    Unknown,
}

impl Resolved {
    /// The asset, however it was met.
    #[must_use]
    pub fn asset(self) -> Option<Asset> {
        match self {
            Resolved::Exact(asset) | Resolved::Plain(asset) | Resolved::Stale(asset) => Some(asset),
            Resolved::Unknown => None,
        }
    }
}

/// The longest path that is decoded, in bytes: that of Linux's `PATH_MAX`. The build refuses
/// names that would not fit.
pub const LONGEST_PATH: usize = 4096;

pub(crate) fn resolve(assets: Assets, path: &[u8]) -> Resolved {
    let index = assets.index();
    let mount = index.mount().as_bytes();
    let longest = mount.len() + 1 + index.longest();
    // Three bytes for each that is encoded: whatever is longer is nobody's path.
    if path.len() > 3 * longest {
        return Resolved::Unknown;
    }
    if !path.contains(&b'%') {
        return below(mount, path).map_or(Resolved::Unknown, |path| look_up(assets, path));
    }
    let mut buffer = [0; LONGEST_PATH];
    percent::decode(path, &mut buffer)
        .and_then(|path| below(mount, path))
        .map_or(Resolved::Unknown, |path| look_up(assets, path))
}

/// What follows the mount and its slash.
fn below<'a>(mount: &[u8], path: &'a [u8]) -> Option<&'a [u8]> {
    path.strip_prefix(mount)?.strip_prefix(b"/")
}

fn look_up(assets: Assets, path: &[u8]) -> Resolved {
    let stamp = name::stamp_range(path);
    // A plain name goes first, but hardly any looks stamped: then one probe is enough.
    if (stamp.is_none() || assets.index().has_names_that_look_stamped())
        && let Some(asset) = assets.find(path, &[])
    {
        return match asset.kind() {
            Kind::Prestamped => Resolved::Exact(asset),
            Kind::Stamped | Kind::Plain => Resolved::Plain(asset),
        };
    }
    stamp.map_or(Resolved::Unknown, |stamp| look_up_stamped(assets, path, stamp))
}

fn look_up_stamped(assets: Assets, path: &[u8], stamp: core::ops::Range<usize>) -> Resolved {
    let parts = (path.get(..stamp.start - 1), path.get(stamp.clone()), path.get(stamp.end..));
    let (Some(stem), Some(stamp), Some(suffix)) = parts else {
        return Resolved::Unknown;
    };
    let Some(current) = assets.find(stem, suffix).filter(|asset| asset.kind() == Kind::Stamped)
    else {
        return Resolved::Unknown;
    };
    let mut version = Some(current);
    while let Some(asset) = version {
        if asset.stamp().is_some_and(|known| known.as_bytes() == stamp) {
            return Resolved::Exact(asset);
        }
        version = asset.previous();
    }
    Resolved::Stale(current)
}
