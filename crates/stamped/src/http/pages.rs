//! Paths that lead to a page although no asset has them.

use super::head::Head;
use super::negotiation;
use crate::LONGEST_PATH;
use crate::percent::{self, Encoded};
use alloc::{borrow::Cow, format, string::String, vec::Vec};
use http::Method;

/// The pages of a handler, by their names.
#[derive(Clone, Debug)]
pub(super) struct Pages {
    pub(super) index: Option<Cow<'static, str>>,
    /// The longest prefix first.
    fallbacks: Vec<Fallback>,
}

/// The page that stands for the unknown paths at and below a prefix.
#[derive(Clone, Debug)]
struct Fallback {
    /// Without a slash at its end; empty for all paths.
    prefix: String,
    name: Cow<'static, str>,
}

/// What a path leads to.
#[derive(Clone, Debug)]
pub(super) enum Page<A> {
    /// The index file of this folder.
    Index(A),
    /// The path lacks its last slash, without which the links of the page would lead elsewhere. This
    /// is the folder's URL.
    Folder(String),
    /// The page that stands for all that a program in the browser makes up.
    Fallback(A),
}

impl Pages {
    pub(super) const NONE: Self = Pages { index: None, fallbacks: Vec::new() };

    /// Makes the asset of this name stand for unknown paths at and below a prefix.
    pub(super) fn fall_back(&mut self, prefix: &str, name: Cow<'static, str>) {
        let prefix = match prefix.trim_matches('/') {
            "" => String::new(),
            prefix => format!("/{prefix}"),
        };
        self.fallbacks.retain(|other| other.prefix != prefix);
        self.fallbacks.push(Fallback { prefix, name });
        self.fallbacks.sort_by_key(|fallback| core::cmp::Reverse(fallback.prefix.len()));
    }

    /// The prefixes that have a page for unknown paths; empty for all paths.
    #[cfg(feature = "axum")]
    pub(super) fn prefixes(&self) -> impl Iterator<Item = &str> {
        self.fallbacks.iter().map(|fallback| &*fallback.prefix)
    }

    /// The page for a path below `mount` or, if it is the fallback, for any. `get` finds the asset
    /// whose name is that of a folder, empty or with its slash, and a file name behind it.
    pub(super) fn find<A>(
        &self,
        mount: &str,
        head: Head<'_>,
        get: impl Fn(&str, &str) -> Option<A>,
    ) -> Option<Page<A>> {
        if self.index.is_none() && self.fallbacks.is_empty() {
            return None;
        }
        let mut buffer = [0; LONGEST_PATH];
        let path = percent::decode(head.path().as_bytes(), &mut buffer)?;
        let path = core::str::from_utf8(path).ok().filter(|path| is_ordinary(path))?;
        self.index(mount, path, &get).or_else(|| self.fallback(path, head, &get))
    }

    fn index<A>(
        &self,
        mount: &str,
        path: &str,
        get: impl Fn(&str, &str) -> Option<A>,
    ) -> Option<Page<A>> {
        let index = self.index.as_deref()?;
        let below = path.strip_prefix(mount)?;
        let folder = match below.strip_prefix('/') {
            None if below.is_empty() => String::new(),
            None => return None,
            Some(folder) if folder.is_empty() || folder.ends_with('/') => {
                return get(folder, index).map(Page::Index);
            }
            Some(folder) => format!("{folder}/"),
        };
        get(&folder, index).map(|_| Page::Folder(format!("{mount}/{}", Encoded(&folder))))
    }

    fn fallback<A>(
        &self,
        path: &str,
        head: Head<'_>,
        get: impl Fn(&str, &str) -> Option<A>,
    ) -> Option<Page<A>> {
        let asks = matches!(*head.method(), Method::GET | Method::HEAD)
            && !is_asset_like(path)
            && negotiation::names_html(head.headers());
        if !asks {
            return None;
        }
        let mut fallbacks = self.fallbacks.iter().filter(|fallback| fallback.is_for(path));
        fallbacks.find_map(|fallback| get("", &fallback.name).map(Page::Fallback))
    }
}

impl Fallback {
    fn is_for(&self, path: &str) -> bool {
        path.strip_prefix(&*self.prefix)
            .is_some_and(|below| below.is_empty() || below.starts_with('/'))
    }
}

/// Whether a decoded path is one that a page could link to: without anything that a server could take
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
