//! Paths that are no asset's own and lead to a page all the same.

use super::head::Head;
use super::negotiation;
use crate::asset::Asset;
use crate::assets::Assets;
use crate::percent;
use crate::resolve::LONGEST_PATH;
use alloc::format;
use http::Method;

/// The pages of a handler, by their names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pages {
    pub(super) index: Option<&'static str>,
    pub(super) fallback: Option<&'static str>,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Page {
    /// The index file of this folder.
    Index(Asset),
    /// The path lacks its last slash, without which the links of the page would lead elsewhere. This
    /// is the folder's URL.
    Folder(&'static str),
    /// The page that stands for all that a program in the browser makes up.
    Fallback(Asset),
}

impl Pages {
    pub(super) const NONE: Self = Pages { index: None, fallback: None };

    pub(super) fn find(self, assets: Assets, head: Head<'_>) -> Option<Page> {
        if self.index.is_none() && self.fallback.is_none() {
            return None;
        }
        let mut buffer = [0; LONGEST_PATH];
        let path = percent::decode(head.path().as_bytes(), &mut buffer)?;
        let path = core::str::from_utf8(path).ok().filter(|path| is_ordinary(path))?;
        self.index(assets, path).or_else(|| self.fallback(assets, path, head))
    }

    fn index(self, assets: Assets, path: &str) -> Option<Page> {
        let index = self.index?;
        let below = path.strip_prefix(assets.mount())?;
        let (asset, has_slash) = match below.strip_prefix('/') {
            None if below.is_empty() => (assets.get(index)?, false),
            None => return None,
            Some(folder) if folder.is_empty() || folder.ends_with('/') => {
                (assets.find(folder.as_bytes(), index.as_bytes())?, true)
            }
            Some(folder) => (assets.get(&format!("{folder}/{index}"))?, false),
        };
        if has_slash {
            return Some(Page::Index(asset));
        }
        let url = asset.url();
        url.get(..=url.rfind('/')?).map(Page::Folder)
    }

    fn fallback(self, assets: Assets, path: &str, head: Head<'_>) -> Option<Page> {
        let asset = assets.get(self.fallback?)?;
        let asks = matches!(*head.method(), Method::GET | Method::HEAD)
            && !is_asset_like(path)
            && negotiation::names_html(head.headers());
        asks.then_some(Page::Fallback(asset))
    }
}

/// Whether a decoded path is one that a page could link to: nothing in it that a server could take
/// for another path.
fn is_ordinary(path: &str) -> bool {
    let Some(below) = path.strip_prefix('/') else { return false };
    let below = below.strip_suffix('/').unwrap_or(below);
    let is_segment = |part: &str| !matches!(part, "" | "." | "..");
    (below.is_empty() && path == "/" || below.split('/').all(is_segment))
        && !path.contains(|c: char| c.is_control() || c == '\\')
}

/// Whether a path looks like that of a file: there is a dot behind the last slash, as in every name
/// with an extension and in every stamped path.
fn is_asset_like(path: &str) -> bool {
    path.trim_end_matches('/').rsplit('/').next().is_some_and(|last| last.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_could_be_taken_for_others_are_not_ordinary() {
        for path in ["/", "/a", "/a/", "/a/b", "/a b/é", "/.a", "/..a/b"] {
            assert!(is_ordinary(path), "{path}");
        }
        for path in [
            "", "a", "*", "//", "//a", "/a//", "/a//b", "/.", "/../a", "/a/..", "/a/./b", "/a\0",
            "/a\\b",
        ] {
            assert!(!is_ordinary(path), "{path}");
        }
    }

    #[test]
    fn a_dot_behind_the_last_slash_makes_a_path_like_an_assets() {
        for path in ["/a.css", "/x/a.1.css", "/LICENSE.12", "/a.css/", "/.a"] {
            assert!(is_asset_like(path), "{path}");
        }
        for path in ["/", "/a", "/v1.2/a", "/a/"] {
            assert!(!is_asset_like(path), "{path}");
        }
    }
}
