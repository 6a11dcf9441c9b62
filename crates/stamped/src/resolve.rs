//! The matcher, which leads from the path of a request to an asset and says what its stamp means.

use crate::asset::Asset;
use crate::data::{Data, LONGEST_PATH};
use crate::index::Addressing;
use crate::{name, percent};

/// What the path of a request leads to: see [`Assets::resolve`](crate::Assets::resolve).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resolved {
    /// The path names exactly these bytes, now and for ever: an answer may be cached without limit. The
    /// asset may be an earlier version ([`Asset::is_current`]), also of a name that no asset has any more.
    Exact(Asset),
    /// The path is the plain name of this asset, below the mount or at the root of the site
    /// ([`Asset::is_at_root`]). Its contents may change, so an answer must be revalidated.
    Plain(Asset),
    /// The path has a stamp of this asset that the program does not know: that of an older version that
    /// is not kept, or of a newer one. The bytes of this version must never be cached under that path.
    Stale(Asset),
    /// The path belongs to no asset.
    Unknown,
}

impl Resolved {
    /// The asset, if the path belongs to one.
    #[must_use]
    pub fn asset(self) -> Option<Asset> {
        match self {
            Resolved::Exact(asset) | Resolved::Plain(asset) | Resolved::Stale(asset) => Some(asset),
            Resolved::Unknown => None,
        }
    }
}

/// Longer paths take longer to be decoded.
const USUAL_PATH: usize = 256;

pub(crate) fn resolve(data: &'static Data, path: &[u8]) -> Resolved {
    let index = data.index();
    // A stamp that is stale may have more digits than any of this bundle.
    let longest = index.mount().len() + 1 + index.longest() + name::STAMP_DIGITS;
    // Encoding makes three bytes of one, so a longer path belongs to no asset.
    if path.len() > 3 * longest {
        return Resolved::Unknown;
    }
    // Hardly any path needs decoding. Where no name has a percent sign, one that is found as it is
    // has none either, and need not be searched for one.
    if !index.has_names_with_percent() || !path.contains(&b'%') {
        let resolved = look_up(data, path);
        if resolved != Resolved::Unknown || !path.contains(&b'%') {
            return resolved;
        }
    }
    decode_and_look_up(data, path)
}

/// A function of its own, so that only these paths pay for its buffer.
#[inline(never)]
fn decode_and_look_up(data: &'static Data, path: &[u8]) -> Resolved {
    // Clearing the buffer for the longest path takes longer than all the rest.
    if path.len() > USUAL_PATH {
        return decode_long_and_look_up(data, path);
    }
    let mut buffer = [0; USUAL_PATH];
    percent::decode(path, &mut buffer).map_or(Resolved::Unknown, |path| look_up(data, path))
}

#[inline(never)]
fn decode_long_and_look_up(data: &'static Data, path: &[u8]) -> Resolved {
    let mut buffer = [0; LONGEST_PATH];
    percent::decode(path, &mut buffer).map_or(Resolved::Unknown, |path| look_up(data, path))
}

#[inline]
fn look_up(data: &'static Data, path: &[u8]) -> Resolved {
    let index = data.index();
    let below = path.strip_prefix(index.mount().as_bytes());
    let Some(path) = below.and_then(|path| path.strip_prefix(b"/")) else {
        return look_up_at_root(data, path);
    };
    let candidate = name::candidate(path);
    let cut = candidate.as_ref().map(|stamp| stamp.start - 1..stamp.end);
    let guess = cut.as_ref().and_then(|cut| data.guess_without(path, cut));
    // First, because most requests are for it, and no asset is named as another is stamped. Its name
    // need not be compared then.
    if let Some(id) = guess
        && data.record(id).has_path(path)
        && data.record(id).addressing() == Addressing::Stamped
    {
        return Resolved::Exact(Asset::new(data, id));
    }
    let stamp = candidate.filter(|stamp| name::is_stamp_at(path, stamp));
    // A plain name. Where none looks stamped, this one cannot either.
    if (stamp.is_none() || index.has_names_that_look_stamped())
        && let Some(id) = data.find(path)
    {
        let asset = Asset::new(data, id);
        return match asset.addressing() {
            Addressing::Prestamped => Resolved::Exact(asset),
            Addressing::Stamped | Addressing::Plain => Resolved::Plain(asset),
        };
    }
    if index.has_earlier()
        && let Some(id) = data.find_earlier(path)
    {
        return Resolved::Exact(Asset::new(data, id));
    }
    match (guess, &cut, stamp) {
        (Some(id), Some(cut), Some(_))
            if data.record(id).has_name_without(path, cut)
                && data.record(id).addressing() == Addressing::Stamped =>
        {
            Resolved::Stale(Asset::new(data, id))
        }
        _ => Resolved::Unknown,
    }
}

/// Finds the asset that is served at the root of the site under this path. A function of its own, so
/// that no other path pays for it.
#[inline(never)]
fn look_up_at_root(data: &'static Data, path: &[u8]) -> Resolved {
    if !data.index().has_files_at_root() {
        return Resolved::Unknown;
    }
    let id = path.strip_prefix(b"/").and_then(|name| data.find(name));
    match id.filter(|&id| data.record(id).is_at_root()) {
        Some(id) => Resolved::Plain(Asset::new(data, id)),
        None => Resolved::Unknown,
    }
}
