//! The bundlers that a build script can name.

use std::path::PathBuf;

/// A bundler whose manifest is read: see [`Pipeline::bundled_by`](crate::Pipeline::bundled_by).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Bundler {
    /// [Vite](https://vite.dev/guide/backend-integration), with `build.manifest`. The manifest is at
    /// `.vite/manifest.json`, or at `manifest.json` up to Vite 4. An entry point is named by its source
    /// file: `src/main.tsx`, or `index.html`.
    Vite,
    /// [esbuild](https://esbuild.github.io/api/#metafile), with `--metafile`. The metafile is at
    /// `meta.json`. An entry point is named by its source file: `src/main.tsx`.
    Esbuild,
    /// webpack or Rspack with `webpack-manifest-plugin`, `webpack-assets-manifest` (and its
    /// `entrypoints`), `rspack-manifest-plugin`, or the manifest of Rsbuild or Create React App; or
    /// webpack's own statistics (`webpack --json`). The manifest is at `manifest.json`,
    /// `asset-manifest.json` or `assets-manifest.json`. An entry point has the name that it has in the
    /// configuration: `main`. A manifest that lists files alone says of no entry point that it needs more
    /// than the script and the style sheet of its name; where chunks are split, have `entrypoints` written.
    Webpack,
    /// [Parcel](https://parceljs.org), with `@parcel/reporter-bundle-manifest`. The manifest is at
    /// `parcel-manifest.json`. An entry point is named by its source file, and is that file alone.
    Parcel,
}

impl Bundler {
    /// The bundler with a manifest at another place. A relative path starts where that of the asset
    /// folder does.
    ///
    /// ```
    /// # use stamped_build::{Bundler, Pipeline};
    /// // esbuild src/main.tsx --bundle --outdir=web/dist --entry-names=[name]-[hash] --metafile=web/meta.json
    /// let pipeline = Pipeline::new("web/dist").bundled_by(Bundler::Esbuild.manifest("web/meta.json"));
    /// ```
    #[must_use]
    pub fn manifest(self, path: impl Into<PathBuf>) -> Bundled {
        Bundled { bundler: self, manifest: Some(path.into()) }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Bundler::Vite => "Vite",
            Bundler::Esbuild => "esbuild",
            Bundler::Webpack => "webpack",
            Bundler::Parcel => "Parcel",
        }
    }

    /// Where the manifest is below the asset folder, the likeliest place first.
    pub(super) fn places(self) -> &'static [&'static str] {
        match self {
            Bundler::Vite => &[".vite/manifest.json", "manifest.json"],
            Bundler::Esbuild => &["meta.json"],
            Bundler::Webpack => &["manifest.json", "asset-manifest.json", "assets-manifest.json"],
            Bundler::Parcel => &["parcel-manifest.json"],
        }
    }

    /// How a person makes the manifest.
    pub(super) fn command(self) -> &'static str {
        match self {
            Bundler::Vite => {
                "`npx vite build --manifest`, or `npm run build` with `build: { manifest: true }` in \
                 vite.config"
            }
            Bundler::Esbuild => "`npx esbuild …` with `--metafile=` and the path of that file",
            Bundler::Webpack => {
                "`npx webpack` with `webpack-assets-manifest` (option `entrypoints`) or \
                 `webpack-manifest-plugin` in its configuration"
            }
            Bundler::Parcel => {
                "`npx parcel build` with `@parcel/reporter-bundle-manifest` among the reporters of \
                 .parcelrc"
            }
        }
    }
}

/// A bundler and, perhaps, where its manifest is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundled {
    pub(super) bundler: Bundler,
    pub(super) manifest: Option<PathBuf>,
}

impl From<Bundler> for Bundled {
    fn from(bundler: Bundler) -> Self {
        Bundled { bundler, manifest: None }
    }
}
