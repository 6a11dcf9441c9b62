//! Decides what an answer says of each file: its URL, content type, digest and entity tag.

use super::dimensions;
use super::read::Source;
use super::stamp::Stamped;
use crate::contents::Contents;
use crate::digest::Hash;
use crate::error::{Error, Problem};
use crate::kept::memo::Memo;
use crate::parallel;
use crate::rules::{Rules, Unstamped};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use stamped::percent::Encoded;
use stamped::{content_type, name};
use stamped_scan::ReferenceKind;

/// A stamped file with all that an answer says about it.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) name: String,
    /// The path below the mount, with the stamp in it.
    pub(crate) path: String,
    /// Mount and path, percent-encoded.
    pub(crate) url: String,
    pub(crate) stamp: Option<String>,
    pub(crate) unstamped: Option<Unstamped>,
    /// Whether its name is a path of the site too, without the mount.
    pub(crate) at_root: bool,
    pub(crate) content_type: String,
    pub(crate) integrity: String,
    pub(crate) etag: String,
    /// When these bytes were last changed, in seconds since 1970, if that is known.
    pub(crate) modified: Option<u64>,
    /// Of the bytes.
    pub(crate) hash: Hash,
    pub(crate) contents: Contents,
    pub(crate) module: bool,
    /// The width and height of a picture, in pixels, if they are known.
    pub(crate) dimensions: Option<(u32, u32)>,
    /// The positions of the files that this one refers to, each once per kind.
    pub(crate) references: Vec<(usize, ReferenceKind)>,
}

/// Describes all files, and makes sure that each path leads to one file only.
pub(crate) fn all(
    stamped: Vec<Stamped>,
    mount: &str,
    rules: &Rules,
    memo: &Memo,
) -> Result<Vec<Described>, Error> {
    check_paths(&stamped)?;
    parallel::try_map(stamped, |stamped| one(stamped, mount, rules, memo))
}

/// The entity tag of bytes with this hash.
pub(crate) fn etag(hash: &Hash) -> String {
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&hash.as_bytes()[..16]))
}

/// The width and height of the picture of this name, which has these contents.
pub(crate) fn dimensions_of(
    name: &str,
    hash: &Hash,
    contents: &Contents,
    memo: &Memo,
) -> Result<Option<(u32, u32)>, Error> {
    let essence = content_type::of(name);
    match dimensions::has_some(essence) {
        true => memo.dimensions(essence, hash, || dimensions::of(essence, contents)),
        false => Ok(None),
    }
}

/// Makes sure that no stamped path is the name of another file, because a request would then mean
/// both.
fn check_paths(stamped: &[Stamped]) -> Result<(), Error> {
    for taken in stamped {
        let Some(parts) = name::unstamp(&taken.source.name) else { continue };
        let name = format!("{}{}", parts.stem, parts.suffix);
        let found = stamped.binary_search_by(|stamped| stamped.source.name.cmp(&name));
        let Some(other) = found.ok().and_then(|at| stamped.get(at)) else { continue };
        if other.stamp.as_deref() == Some(parts.stamp) {
            return Err(Problem::PathTaken { name, path: other.path.clone() }.into());
        }
    }
    Ok(())
}

fn one(stamped: Stamped, mount: &str, rules: &Rules, memo: &Memo) -> Result<Described, Error> {
    let Stamped { source, unstamped, stamp, path, hash, modified, module, references } = stamped;
    let Source { name, contents, .. } = source;
    let dimensions = dimensions_of(&name, &hash, &contents, memo)?;
    Ok(Described {
        url: format!("{mount}/{}", Encoded(&path)),
        path,
        stamp,
        unstamped,
        // Where the mount is the root, every asset is there.
        at_root: !mount.is_empty() && rules.is_at_root(&name),
        content_type: content_type::of_text(&name, || contents.is_utf8()).into_owned(),
        integrity: hash.integrity(),
        etag: etag(&hash),
        modified,
        hash,
        name,
        contents,
        module,
        dimensions,
        references,
    })
}
