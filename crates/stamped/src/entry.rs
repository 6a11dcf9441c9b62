//! The entry points that a bundler has made.

use crate::asset::Asset;
use crate::assets::Assets;
use core::fmt;

/// An entry point of a bundler, with the scripts and style sheets that a page has to load for it:
/// `entry!("src/main.tsx")`, or [`Assets::entry`].
///
/// A small handle, which is cheap to copy. `Pipeline::bundled_by` in `stamped-build` makes entry points
/// known.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Entry {
    assets: Assets,
    id: u32,
}

impl Assets {
    /// The entry point of this name: the path of its source file as the bundler's configuration has it
    /// (Vite, esbuild, Parcel), such as `src/main.tsx`, or the name that it has there (webpack, Rspack),
    /// such as `main`.
    ///
    /// For a name that is known when the program is written, use `entry!`: the compiler notices a misspelt
    /// name.
    ///
    /// ```
    /// # fn example(assets: stamped::Assets) {
    /// let tags = assets.entry("src/main.tsx").map(|entry| entry.tags().to_string());
    /// # }
    /// ```
    #[must_use]
    pub fn entry(self, name: &str) -> Option<Entry> {
        self.data().index().entry(name).map(|id| Entry { assets: self, id })
    }

    /// All entry points, in the order of their names.
    pub fn entries(self) -> impl ExactSizeIterator<Item = Entry> + Clone {
        (0..self.data().index().entries()).map(move |id| Entry { assets: self, id })
    }

    /// The entry point at a position in the order of names.
    #[doc(hidden)]
    #[must_use]
    pub const fn entry_at(self, id: u32) -> Entry {
        Entry { assets: self, id }
    }
}

impl Entry {
    /// The name, by which [`Assets::entry`] finds it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.assets.data().index().entry_name(self.id)
    }

    /// The scripts and style sheets, in the order in which a page has to load each kind. What modules
    /// import by themselves is not among them.
    pub fn files(self) -> impl ExactSizeIterator<Item = Asset> + Clone {
        let assets = self.assets;
        assets.data().index().entry_files(self.id).map(move |id| assets.asset(id))
    }

    /// Whether Vite has made it.
    #[cfg(feature = "live")]
    pub(crate) fn is_by_vite(self) -> bool {
        self.assets.data().index().is_entry_by_vite(self.id)
    }

    /// What Vite's development server has of its source. `None` if it does not answer, or the entry point is
    /// not one that it has: a page is not a module.
    #[cfg(all(feature = "live", feature = "std"))]
    pub(crate) fn sources(self) -> Option<alloc::sync::Arc<crate::live::Sources>> {
        let name = self.name();
        // The server has no path for what is outside of its folder.
        let is_there = self.is_by_vite() && !name.ends_with(".html") && !name.starts_with("../");
        if is_there { self.assets.data().sources() } else { None }
    }

    /// What a page can load at the same time as [`files`](Self::files): the modules that they import, those
    /// that these import, and so on, each once and nearer ones first; see [`Asset::preloads`]. Modules that
    /// are imported on demand are not among them.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn preloads(self) -> std::vec::Vec<Asset> {
        crate::asset::preloads(self.files())
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("name", &self.name()).finish_non_exhaustive()
    }
}
