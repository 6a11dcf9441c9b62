//! The settings of a build, and the order of its stages.

use crate::bundle::{Asset, Bundle, Entry};
use crate::bundlers::bundler::Bundled;
use crate::bundlers::manifest::{self, Built, EntryPoint};
use crate::cargo;
use crate::config::{AT_ROOT, Config, Embed, Missing, NEVER_STAMPED, References, Root, Stamp};
use crate::error::{Error, Problem};
use crate::kept::cache::{Cache, Wanted};
use crate::kept::memo::Memo;
use crate::kept::snapshot::Snapshot;
use crate::kept::transformed::Transformed;
use crate::kept::versions::Known;
use crate::names;
use crate::out::bake;
use crate::out::limit;
use crate::out::live;
use crate::out::place::Place;
use crate::progress::{Listener, Progress};
use crate::rules::Rules;
use crate::stages::earlier::History;
use crate::stages::encode::{Chosen, Encoding};
use crate::stages::stamp::Clock;
use crate::stages::transform::{BoxError, Draft, Step, Transform};
use crate::stages::walk::Walked;
use crate::stages::{
    commits, compressed, describe, encode, link, read, stamp, transform, unused, walk,
};
#[cfg(feature = "versions")]
use crate::versions::Versions;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Builds a bundle from folders of assets.
///
/// The setters choose which files to take, how to stamp them and where to serve them. They take and
/// return the pipeline by value. If an argument is wrong, [`bake`](Self::bake) or
/// [`process`](Self::process) returns the error. Relative folders are relative to the package
/// (`CARGO_MANIFEST_DIR`), or to the working directory outside of cargo.
///
/// A pattern of `include`, `transform`, `plain`, `prestamped`, `markup`, `verbatim` or `inline` that
/// matches no file is a warning, because it was meant to do something. One of `exclude` or
/// `allow_missing_references` is not: it may be there for files that come later.
///
/// ```no_run
/// use stamped_build::{Pipeline, Stamp};
///
/// # fn main() -> Result<(), stamped_build::Error> {
/// Pipeline::new("assets")
///     .mount("/static")
///     .root_at("vendor/bootstrap", "node_modules/bootstrap/dist")
///     .exclude("*.map")
///     .stamp(Stamp::Content)
///     .bake()
/// # }
/// ```
#[derive(Clone)]
pub struct Pipeline {
    config: Config,
    transforms: Vec<Step>,
    encodings: Option<Vec<Encoding>>,
    cache: Wanted,
    listener: Listener,
}

impl Pipeline {
    /// Creates a pipeline over the files in `folder` and its subfolders.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let config = Config {
            roots: vec![Root { prefix: String::new(), folder: folder.into() }],
            files: Vec::new(),
            mount: "/static".to_owned(),
            include: Vec::new(),
            exclude: Vec::new(),
            plain: NEVER_STAMPED.iter().map(|&pattern| pattern.to_owned()).collect(),
            at_root: AT_ROOT.iter().map(|&pattern| pattern.to_owned()).collect(),
            prestamped: Vec::new(),
            keep_bundler_names: None,
            bundled: Vec::new(),
            stamp: Stamp::default(),
            stamp_only: None,
            references: References::default(),
            markup: Vec::new(),
            verbatim: Vec::new(),
            inline: Vec::new(),
            missing_references: Missing::default(),
            allow_missing_references: Vec::new(),
            embed: Embed::default(),
            bundle_name: "assets".to_owned(),
            constants: false,
            allow_missing: false,
            every_build: false,
            follow_links: false,
            published: BTreeMap::new(),
            #[cfg(feature = "versions")]
            versions: None,
        };
        Pipeline {
            config,
            transforms: Vec::new(),
            encodings: None,
            cache: Wanted::Unless(None),
            listener: Listener::default(),
        }
    }

    /// Sets the URL prefix under which the assets are served. Default: `/static`.
    ///
    /// `/` serves them at the root.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("assets").mount("/app/static");
    /// ```
    #[must_use]
    pub fn mount(mut self, prefix: impl Into<String>) -> Self {
        self.config.mount = prefix.into();
        self
    }

    /// Adds a further folder, whose files get names below `prefix`. An empty prefix puts them
    /// beside those of the first folder. Default: none.
    ///
    /// The folder may lie outside the package. Files below `OUT_DIR`, which the build script itself
    /// writes, are stamped by content, because their times are those of the build. The build script
    /// must watch what it makes them from (`cargo::rerun-if-changed`).
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("assets").root_at("vendor/bootstrap", "node_modules/bootstrap/dist");
    /// ```
    #[must_use]
    pub fn root_at(mut self, prefix: impl Into<String>, folder: impl Into<PathBuf>) -> Self {
        let mut prefix = prefix.into();
        if !prefix.is_empty() && !prefix.ends_with('/') {
            prefix.push('/');
        }
        self.config.roots.push(Root { prefix, folder: folder.into() });
        self
    }

    /// Adds a file that the build script has made. It has no time of its own, so it is stamped by
    /// content. It is always an asset, whatever `include` and `exclude` say. Default: none.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("assets").file("js/version.js", "export default '1.2.3';");
    /// ```
    #[must_use]
    pub fn file(mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.config.files.push((name.into(), Arc::new(bytes.into())));
        self
    }

    /// Takes only files that match this or another `include` pattern. Default: all files.
    ///
    /// A file or folder whose name begins with a dot (except `.well-known`) is included only if the
    /// pattern itself spells the dot, as in `.nojekyll`.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("web").include("*.css").include("img/**");
    /// ```
    #[must_use]
    pub fn include(mut self, pattern: impl Into<String>) -> Self {
        self.config.include.push(pattern.into());
        self
    }

    /// Leaves out files and folders that match, even if they are included. Default: none. Dot files
    /// (except `.well-known`) and files that editors and desktops leave behind (`*~`, `Thumbs.db`,
    /// `desktop.ini`) are left out in any case.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("assets").exclude("*.map").exclude("/drafts");
    /// ```
    #[must_use]
    pub fn exclude(mut self, pattern: impl Into<String>) -> Self {
        self.config.exclude.push(pattern.into());
        self
    }

    /// Sets whether symbolic links may lead out of their folder, or to hidden files and folders in
    /// it. Default: `false`.
    ///
    /// A link to another place in the same folder is always an asset, or a folder of assets. A
    /// folder that is passed to [`new`](Self::new) or [`root_at`](Self::root_at) may itself be a
    /// link. Other links are left out with a warning, because `git -> .git` would publish files
    /// that were never meant to be public. Links to nothing and links back to a folder that holds
    /// them are always left out, with a warning.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("node_modules").include("**/dist/**").follow_links(true);
    /// ```
    #[must_use]
    pub fn follow_links(mut self, follow: bool) -> Self {
        self.config.follow_links = follow;
        self
    }

    /// Sets how stamps are made. Default: [`Stamp::Modified`].
    ///
    /// ```
    /// # use stamped_build::{Pipeline, Stamp};
    /// let pipeline = Pipeline::new("assets").stamp(Stamp::Content);
    /// ```
    #[must_use]
    pub fn stamp(mut self, stamp: Stamp) -> Self {
        self.config.stamp = stamp;
        self
    }

    /// Adds versions that were published before. Each is a stamped path below the mount and the
    /// value of its `integrity` attribute. Default: none, besides those of the last bake into the
    /// same `OUT_DIR`.
    ///
    /// A stamp that is a time, from [`Stamp::Modified`] or [`Stamp::Committed`], then never stands
    /// for other bytes than before. If two versions of a file have the same time, six digits of its
    /// content follow the seconds in the second stamp, and a warning names the file.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// # fn manifest_of_the_last_release() -> Vec<(String, String)> { Vec::new() }
    /// let pipeline = Pipeline::new("assets").published(manifest_of_the_last_release());
    /// ```
    #[must_use]
    pub fn published<P: Into<String>, I: Into<String>>(
        mut self,
        versions: impl IntoIterator<Item = (P, I)>,
    ) -> Self {
        let versions = versions.into_iter().map(|(path, hash)| (path.into(), hash.into()));
        self.config.published.extend(versions);
        self
    }

    /// Sets the folder of earlier versions, for which the program answers too: pages that are open while
    /// a new release is deployed, and other servers of the same site, find the exact bytes that they
    /// ask for. Default: none. With the feature `versions`.
    ///
    /// The folder is plain input. Cargo watches it, every file in it is compared with its hash, and one
    /// that is damaged is an error. Only a build with the environment variable `STAMPED_RECORD=1` writes
    /// it: [`bake`](Self::bake) then adds what it has made, and decides what stays (see [`Versions`]). Do
    /// that in the build that is deployed, and commit the folder, or hand it on to the next build in
    /// another way. While the folder does not exist, cargo runs the build script on every build.
    ///
    /// An earlier version is stored once however many URLs have its bytes, and in gzip where that is
    /// smaller and [`encodings`](Self::encodings) is not empty (with the feature `gzip`). What no asset has any more is answered for
    /// too. The versions count as [`published`](Self::published).
    ///
    /// ```
    /// # use stamped_build::{Pipeline, Versions};
    /// let pipeline = Pipeline::new("assets").versions("versions");
    /// let one_each = Pipeline::new("assets").versions(Versions::new("versions").keep(1));
    /// ```
    #[cfg(feature = "versions")]
    #[cfg_attr(docsrs, doc(cfg(feature = "versions")))]
    #[must_use]
    pub fn versions(mut self, versions: impl Into<Versions>) -> Self {
        self.config.versions = Some(versions.into());
        self
    }

    /// Stamps only files with one of these extensions; the others keep their names. An entry
    /// matches the part of the file name after its first dot, or the part after its last: `min.js`
    /// matches `app.min.js` only, and `js` matches `app.js` and `app.min.js`. An entry that matches
    /// no file is a warning. Default: all files.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("assets").stamp_only(["css", "js", "css.map"]);
    /// ```
    #[must_use]
    pub fn stamp_only<S: Into<String>>(mut self, extensions: impl IntoIterator<Item = S>) -> Self {
        self.config.stamp_only = Some(extensions.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the patterns of files that keep their names and are served under them. Default:
    /// [`NEVER_STAMPED`], which this replaces.
    ///
    /// ```
    /// # use stamped_build::{NEVER_STAMPED, Pipeline};
    /// let more = Pipeline::new("assets").plain(NEVER_STAMPED.iter().copied().chain(["widget.js"]));
    /// ```
    #[must_use]
    pub fn plain<S: Into<String>>(mut self, patterns: impl IntoIterator<Item = S>) -> Self {
        self.config.plain = patterns.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the patterns of files that are served at the root of the site too, where others look for
    /// them: `robots.txt` at `/robots.txt`, and not only at `/static/robots.txt`. Default:
    /// [`AT_ROOT`], which this replaces. An empty list leaves the root to the program.
    ///
    /// The path at the root is the whole name, so begin a pattern with a slash to match only at the
    /// top of the folder. Caches ask for the file again each time. URLs stay the same:
    /// `url!("robots.txt")` is below the mount. With the mount `/` there is nothing to do.
    ///
    /// A handler answers for these files only if the requests reach it: as a layer, as axum's router,
    /// or behind actix-web and Rocket. A service that is routed by the mount never gets them.
    ///
    /// ```
    /// # use stamped_build::{AT_ROOT, Pipeline};
    /// let more = Pipeline::new("assets").at_root(AT_ROOT.iter().copied().chain(["/llms.txt"]));
    /// let none = Pipeline::new("assets").at_root([""; 0]);
    /// ```
    #[must_use]
    pub fn at_root<S: Into<String>>(mut self, patterns: impl IntoIterator<Item = S>) -> Self {
        self.config.at_root = patterns.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a pattern of files whose names a bundler has stamped. They keep their names and bytes, and
    /// caches may keep them for ever. Default: none, besides those that
    /// [`keep_bundler_names`](Self::keep_bundler_names) recognises.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("dist").prestamped("assets/*-????????.*");
    /// ```
    #[must_use]
    pub fn prestamped(mut self, pattern: impl Into<String>) -> Self {
        self.config.prestamped.push(pattern.into());
        self
    }

    /// Sets whether files keep the names that a bundler has stamped, such as
    /// `assets/index-BxK3a9Qz.js`, so that caches may keep them for ever. Default: they do, and a
    /// warning says so. `true` silences the warning; with `false` they are stamped like other files.
    ///
    /// A name is taken for that of a bundler if it has a part that looks random, in the form that
    /// Vite, Rollup, webpack, esbuild, Parcel or Next.js write, and if either all scripts or all
    /// style sheets of its folder have such a part, or a page or the manifest of a bundler in the
    /// folder of assets names one beside it. Even then a file is stamped like others if
    ///
    /// - a reference in it is rewritten, because its bytes are then not those that the bundler
    ///   hashed;
    /// - a [transformation](Self::transform) has changed it;
    /// - an [earlier build](Self::published) had other bytes under this name, or has stamped it.
    ///
    /// A source map or licence beside such a file, such as `index-BxK3a9Qz.js.map`, keeps its name
    /// too, but browsers ask for it again each time: bundlers do not hash it.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("web/dist").keep_bundler_names(true);
    /// ```
    #[must_use]
    pub fn keep_bundler_names(mut self, keep: bool) -> Self {
        self.config.keep_bundler_names = Some(keep);
        self
    }

    /// Reads what a bundler says of its output in this pipeline's folder. A bundler writes a manifest if
    /// it is asked to: [`Bundler`](crate::Bundler) says how, and where it is looked for.
    ///
    /// - The files that the manifest lists keep the names that the bundler has stamped, on the terms of
    ///   [`keep_bundler_names`](Self::keep_bundler_names), which can still say no.
    /// - The program can ask for its entry points, each with its scripts, style sheets and preloads:
    ///   `entry!("src/main.tsx").tags()`, `ASSETS.entry("src/main.tsx")`.
    ///
    /// The manifest itself is not an asset. Several bundlers, or several of their manifests, are several
    /// calls.
    ///
    /// ```no_run
    /// # use stamped_build::{Bundler, Pipeline};
    /// # fn main() -> Result<(), stamped_build::Error> {
    /// // After `npx vite build --manifest`.
    /// Pipeline::new("web/dist").mount("/static").bundled_by(Bundler::Vite).bake()
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The build fails if the manifest is missing or damaged, or if it names a file that is not there,
    /// because it is of an earlier build.
    #[must_use]
    pub fn bundled_by(mut self, bundler: impl Into<Bundled>) -> Self {
        self.config.bundled.push(bundler.into());
        self
    }

    /// Compiles the patterns of this pipeline.
    #[cfg(test)]
    pub(crate) fn rules(&self) -> Result<Rules, Error> {
        Rules::new(&self.config)
    }

    /// Sets how references from one asset to another are handled. Default: [`References::Rewrite`].
    ///
    /// The stamp of a file whose references are rewritten covers everything that it refers to. With
    /// [`Stamp::Modified`] and [`Stamp::Committed`] it is the newest of all their times, followed
    /// by six digits of the file's final bytes.
    ///
    /// ```
    /// # use stamped_build::{Pipeline, References};
    /// let pipeline = Pipeline::new("assets").references(References::ImportMap);
    /// ```
    #[must_use]
    pub fn references(mut self, references: References) -> Self {
        self.config.references = references;
        self
    }

    /// Adds a pattern of SVG and web manifest files in which references are rewritten too, as in
    /// HTML pages. Default: none, because such files are often templates.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("site").markup("*.svg").markup("manifest.json");
    /// ```
    #[must_use]
    pub fn markup(mut self, pattern: impl Into<String>) -> Self {
        self.config.markup.push(pattern.into());
        self
    }

    /// Adds a pattern of files that keep their bytes: references in them stay as they are. Default:
    /// none.
    ///
    /// A module that such a file loads keeps its plain name in all other files too, because a
    /// browser evaluates a module once for each URL that loads it. A file whose `integrity` it states
    /// keeps its bytes, and so does one in its list for a service worker, with its plain name.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("site").verbatim("templates/**").verbatim("*.html");
    /// ```
    #[must_use]
    pub fn verbatim(mut self, pattern: impl Into<String>) -> Self {
        self.config.verbatim.push(pattern.into());
        self
    }

    /// Puts the contents of small pictures and fonts into the files that refer to them, as `data:` URLs, so
    /// that a browser need not ask for each: those that match a pattern and have at most this many bytes.
    /// Several calls add up. Default: none.
    ///
    /// This is for many small files that are needed at once, such as icons. What is shown later, or by few
    /// pages, is better left where it is: a style sheet shows nothing until all of it is there.
    ///
    /// | a reference | becomes |
    /// |---|---|
    /// | in a style sheet, a `<style>` or a `style` attribute: `url(…)`, `image-set(…)`, `src(…)` | the contents |
    /// | in a page: `<img src>`, `srcset`, `<input src>`, `<video poster>` | the contents |
    /// | with a fragment, such as `sprite.svg#menu` | the URL with the stamp |
    /// | anything else: `@import`, icons, links, scripts and their `new URL(…)`, web manifests | the URL with the stamp |
    ///
    /// - SVG is percent-encoded, which compresses better, and everything else is base64, with a third more
    ///   bytes. The number counts before both, and before references in an SVG file itself are rewritten.
    /// - The files remain assets with their own URLs. The stamp of a file that has their contents covers these.
    /// - A file that keeps its bytes ([`verbatim`](Self::verbatim), [`prestamped`](Self::prestamped)) has URLs as before, and
    ///   so has one that the picture refers to in turn.
    /// - A `Content-Security-Policy` has to allow it: `img-src 'self' data:`, and `font-src` for fonts.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("assets").inline("icons/*.svg", 2_048).inline("*.png", 256);
    /// ```
    #[must_use]
    pub fn inline(mut self, pattern: impl Into<String>, bytes: u64) -> Self {
        self.config.inline.push((pattern.into(), bytes));
        self
    }

    /// Sets how a reference is handled that leads below the mount but names no asset. Default:
    /// [`Missing::Warn`].
    ///
    /// ```
    /// # use stamped_build::{Missing, Pipeline};
    /// let strict = Pipeline::new("assets").missing_references(Missing::Deny);
    /// ```
    #[must_use]
    pub fn missing_references(mut self, missing: Missing) -> Self {
        self.config.missing_references = missing;
        self
    }

    /// Adds a pattern of files whose missing references are ignored, such as those of packages that
    /// are used in part. Default: none.
    ///
    /// ```
    /// # use stamped_build::{Missing, Pipeline};
    /// let pipeline = Pipeline::new("assets")
    ///     .missing_references(Missing::Deny)
    ///     .allow_missing_references("vendor/**");
    /// ```
    #[must_use]
    pub fn allow_missing_references(mut self, pattern: impl Into<String>) -> Self {
        self.config.allow_missing_references.push(pattern.into());
        self
    }

    /// Passes matching files through a function, such as a compiler or minifier, which may change
    /// their bytes and names. Transformations run in the order in which they were added, each over
    /// all files, and several files at a time. Default: none.
    ///
    /// A transformed file is stamped by its new bytes and its time, or that of the newest file that
    /// was read for it. A function reads other files by [`Draft::read`], or says which it reads with
    /// [`Draft::reads`], so that cargo and live mode watch them.
    ///
    /// The function is called for every file whenever the build script runs. The results of
    /// [`transform_with`](Self::transform_with) are kept.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("assets").transform("*.css", |draft| {
    ///     let text = std::str::from_utf8(draft.bytes())?;
    ///     let short = text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    ///     draft.set_bytes(short);
    ///     Ok(())
    /// });
    /// ```
    #[must_use]
    pub fn transform<F>(mut self, pattern: impl Into<String>, function: F) -> Self
    where
        F: Fn(&mut Draft) -> Result<(), BoxError> + Send + Sync + 'static,
    {
        self.transforms.push(Step::of_function(pattern.into(), function));
        self
    }

    /// Passes files through a compiler or minifier of another crate, such as `stamped-transform`, in
    /// one line with [`transform`](Self::transform). What it makes of a file is kept, and made again
    /// only when the file or anything else that it depends on changes: see [`Transform`].
    ///
    /// ```
    /// # use stamped_build::{BoxError, Draft, Pipeline, Transform};
    /// # struct Sass;
    /// # fn sass() -> Sass { Sass }
    /// # impl Transform for Sass {
    /// #     fn pattern(&self) -> &str { "*.scss" }
    /// #     fn fingerprint(&self) -> Option<String> { None }
    /// #     fn apply(&self, _: &mut Draft) -> Result<(), BoxError> { Ok(()) }
    /// # }
    /// // `sass` of `stamped-transform`.
    /// let pipeline = Pipeline::new("assets").transform_with(sass());
    /// ```
    #[must_use]
    pub fn transform_with(mut self, transform: impl Transform) -> Self {
        self.transforms.push(Step::of_transform(transform));
        self
    }

    /// Sets the content codings in which each asset is stored as well, so that a server need not
    /// compress. Default: brotli and gzip at their highest levels in a release build, and none in a
    /// debug build, where compressing would only delay the next look at a page. Cargo's `PROFILE`,
    /// the profile that the build's own inherits from, decides which of the two a build is. With
    /// [`Embed::Nothing`], and outside of a build script, the default is none. An empty list stores
    /// none.
    ///
    /// An encoding is stored if it saves at least 5 % of the bytes and more than its header fields
    /// cost. Files of a type that is already compressed, files whose names end in `.br`, `.gz`,
    /// `.svgz` or `.zst`, and files of more than 256 MiB are not compressed. Every encoding is decoded and compared with the
    /// original before it is used, and kept in the [`cache`](Self::cache).
    ///
    /// ```
    /// # use stamped_build::{Encoding, Pipeline};
    /// let everywhere = Pipeline::new("assets").encodings([Encoding::brotli(), Encoding::gzip()]);
    /// let nowhere = Pipeline::new("assets").encodings([]);
    /// ```
    #[must_use]
    pub fn encodings(mut self, encodings: impl IntoIterator<Item = Encoding>) -> Self {
        self.encodings = Some(encodings.into_iter().collect());
        self
    }

    /// Sets the folder in which encodings are kept, so that nothing is compressed twice. Default:
    /// `stamped-cache` in cargo's target folder; outside of a build script, none. What transformations
    /// made is always kept there, because it cannot be checked as an encoding can.
    ///
    /// The environment variable `STAMPED_CACHE` overrides it with a folder that is absolute or
    /// relative to the package. Several builds may use one folder at the same time. Entries that no
    /// build has used for 90 days are removed.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("assets").cache("/var/cache/stamped");
    /// ```
    #[must_use]
    pub fn cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = Wanted::Unless(Some(folder.into()));
        self
    }

    /// Sets the folder in which encodings are kept, or that none are kept, whatever
    /// `STAMPED_CACHE` says. For programs whose own options name a folder.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("assets").cache_only(None);
    /// ```
    #[must_use]
    pub fn cache_only(mut self, folder: Option<PathBuf>) -> Self {
        self.cache = Wanted::Only(folder);
        self
    }

    /// Calls a function with the progress of [`process`](Self::process), for programs whose users
    /// wait: at the beginning of each long stage, and after each part of it. The calls come from
    /// several threads, but never two at a time. Within a stage, `done` never falls. The build
    /// waits for each call to return. Default: no function.
    ///
    /// ```
    /// # use stamped_build::{Pipeline, Progress, Stage};
    /// let pipeline = Pipeline::new("assets").progress(|Progress { stage, done, total, .. }| {
    ///     if stage == Stage::Encode {
    ///         eprint!("\r{done} of {total} bytes compressed");
    ///     }
    /// });
    /// ```
    #[must_use]
    pub fn progress(mut self, function: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.listener = Listener::new(function);
        self
    }

    /// Sets where the contents go. Default: [`Embed::Auto`].
    ///
    /// ```
    /// # use stamped_build::{Embed, Pipeline};
    /// let pipeline = Pipeline::new("assets").embed(Embed::Nothing);
    /// ```
    #[must_use]
    pub fn embed(mut self, embed: Embed) -> Self {
        self.config.embed = embed;
        self
    }

    /// Sets the name of the bundle, by which `include_assets!("name")` finds it. Default: `assets`.
    ///
    /// A program with several bundles gives each a name of its own.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("admin/assets").bundle_name("admin");
    /// ```
    #[must_use]
    pub fn bundle_name(mut self, name: impl Into<String>) -> Self {
        self.config.bundle_name = name.into();
        self
    }

    /// Sets whether the program gets a constant for each asset too, so that an editor completes names:
    /// `assets::css::STYLE_CSS` is the same as `asset!("css/style.css")`, a `stamped::Asset`. Default:
    /// `false`, because a thousand names take the compiler a third of a second.
    ///
    /// A folder is a module in lower case, and a file a constant in upper case with its extension:
    ///
    /// | name | constant |
    /// |---|---|
    /// | `css/style.min.css` | `css::STYLE_MIN_CSS` |
    /// | `img/My Icons/图 (1).png` | `img::my_icons::图_1_PNG` |
    /// | `404.html` | `_404_HTML` |
    /// | `type/a.css` | `type_::A_CSS` |
    /// | `😀.png` | `U1F600_PNG` |
    ///
    /// Letters and digits stay, and what stands between them becomes one underscore; a symbol beyond
    /// ASCII becomes its number. What would begin with a digit gets an underscore before it, and a
    /// keyword one behind it, as do the folders `url` and `asset` and the file `assets`, because the
    /// module has these names already. Folders of one module share it. Two files of one constant are an
    /// error of [`bake`](Self::bake).
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("assets").constants(true);
    /// ```
    #[must_use]
    pub fn constants(mut self, constants: bool) -> Self {
        self.config.constants = constants;
        self
    }

    /// Sets whether a folder that does not exist counts as empty. Default: `false`, which makes it
    /// an error.
    ///
    /// While the folder does not exist, cargo runs the build script on every build.
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("web/dist").allow_missing(true);
    /// ```
    #[must_use]
    pub fn allow_missing(mut self, allow: bool) -> Self {
        self.config.allow_missing = allow;
        self
    }

    /// Sets whether the build script runs on every build, so that cargo misses no change. Default:
    /// `false`.
    ///
    /// Cargo runs a build script when a file, folder or link is newer than its last run. It misses
    /// files with an older time, such as those that `rsync -a`, `tar x` and `cp -p` write, and
    /// edits that restore the time. The script itself notices all of these when it runs: it
    /// compares names, sizes, times and file numbers with those of the last bake, and reads no file
    /// if they are the same. That takes a hundredth of a second with 1,000 files, and a twentieth
    /// with 10,000. But cargo then compiles the package again too.
    ///
    /// To check for such changes instead of building each time, see
    /// [`Bundle::differences`](crate::Bundle::differences).
    ///
    /// ```
    /// # use stamped_build::Pipeline;
    /// let pipeline = Pipeline::new("web/dist").every_build(true);
    /// ```
    #[must_use]
    pub fn every_build(mut self, every: bool) -> Self {
        self.config.every_build = every;
        self
    }

    /// Makes the bundle and writes it where `include_assets!` finds it. This is the last call of a
    /// build script. It also tells cargo when to run the script again.
    ///
    /// A debug build does not read files again whose size, times, inode and device are those of the last
    /// run; on systems other than Unix, and in a release build, it reads every file. The environment variable
    /// `STAMPED_READ_ALL`, set to anything, makes a debug build do so too.
    ///
    /// # Errors
    ///
    /// The errors of [`process`](Self::process), and of [`Bundle::bake`].
    pub fn bake(self) -> Result<(), Error> {
        let place = Place::of_this_build(&self.config.bundle_name)?;
        place.claim()?;
        let mut started = self.start()?;
        started.history.record_if_asked();
        if live::is_on() {
            // All answers of live mode are `no-store`: no client has a dictionary.
            started.encodings.delta = None;
        }
        started.walked.look();
        let Started { config, transforms, encodings, walked, .. } = &started;
        // The result of a function may depend on things that this crate cannot see.
        let snapshot = match &**transforms {
            [] => Snapshot::take(place.file("unchanged"), config, encodings, walked),
            _ => None,
        };
        if !started.history.records()
            && let Some(warnings) = snapshot.as_ref().and_then(Snapshot::warnings_of_last)
        {
            bake::tell_cargo(&place, &walked.watched, &warnings, config.embed);
            return Ok(());
        }
        // Before anything is read. A function may make small files of large ones.
        if transforms.is_empty() {
            limit::check(config.embed, walked.sizes())?;
        }
        let memo = Memo::load(place.file("memo"));
        let is_debug = std::env::var_os("PROFILE").is_some_and(|profile| profile == "debug");
        let memo = if is_debug { memo.trusting() } else { memo };
        let bundle = started
            .finish(&memo, Some(&place.file("versions")), false)
            .inspect_err(watch_what_failed)?;
        bake::tell_cargo(&place, bundle.watched(), bundle.warnings(), bundle.embed());
        if let kept @ 1.. = bundle.versions().len() {
            // Cargo shows this with `-vv`.
            println!("{kept} earlier versions add {} bytes to the program", bundle.versions_size());
        }
        if bundle.offers_dictionaries() {
            let deltas = bundle.assets().iter().map(|asset| asset.deltas().len()).sum::<usize>();
            println!("{deltas} deltas add {} bytes to the program", bundle.deltas_size());
        }
        let files = bundle.bake_into(&place, &memo)?;
        memo.save();
        if let Some(snapshot) = snapshot {
            snapshot.save(&files, bundle.warnings());
        }
        Ok(())
    }

    /// Makes the bundle in memory.
    ///
    /// # Errors
    ///
    /// - a folder that does not exist, unless [`allow_missing`](Self::allow_missing) is set;
    /// - a file or folder that cannot be read;
    /// - a folder that contains `OUT_DIR`;
    /// - a name that is not UTF-8 or cannot be part of a URL;
    /// - two sources for one name, or a stamped path that is another asset's name;
    /// - a pattern or mount that does not parse;
    /// - a transformation that fails;
    /// - a reference that names no asset, with [`Missing::Deny`];
    /// - a level that a coding does not have, a coding that is listed twice, and an encoding that
    ///   does not decode to the original;
    /// - a `SOURCE_DATE_EPOCH` that is not a number.
    pub fn process(self) -> Result<Bundle, Error> {
        // A build script that bakes the bundle later, and a test of that bundle, get the same
        // stamps as a bake.
        let place = Place::of_this_build(&self.config.bundle_name).ok();
        let versions = place.map(|place| place.file("versions"));
        self.start()?.finish(&Memo::default(), versions.as_deref(), false)
    }

    /// Makes the bundle for the process that answers with it, in the folder that this process was given:
    /// see `Handler::live_by_itself` of `stamped`. Large files that are not rewritten stay where they are. What the
    /// bundle depends on is printed, as for cargo.
    #[doc(hidden)]
    pub fn write_live(self, folder: &Path) -> Result<Bundle, Error> {
        let place = Place::below(folder, &self.config.bundle_name)?;
        let memo = Memo::load(place.file("memo")).trusting();
        let mut started = self.start()?;
        started.walked.look();
        let bundle = started.finish(&memo, None, true).inspect_err(watch_what_failed)?;
        live::write_beside_files(&bundle, &place)?;
        memo.save();
        bundle.watched().iter().for_each(|path| cargo::rerun_if_changed(path));
        Ok(bundle)
    }

    /// Checks the settings and walks the folders.
    fn start(self) -> Result<Started, Error> {
        let Pipeline { config, transforms, encodings, cache, listener } = self;
        let rules = Rules::new(&config)?;
        let mount = names::mount(&config.mount)?;
        let clock = Clock::from_environment()?;
        let encodings = encode::chosen(encodings, config.embed)?;
        #[cfg(feature = "versions")]
        if encodings.delta.is_some() && config.versions.is_none() {
            return Err(Problem::DeltasWithoutVersions.into());
        }
        let mut walked = walk::roots(&config, &rules)?;
        compressed::leave_out(&mut walked, &config);
        let built = manifest::read(&config, &mut walked)?;
        if config.every_build
            && let Ok(place) = Place::of_this_build(&config.bundle_name)
        {
            // This file never exists, and cargo takes a missing file as changed.
            walked.watched.push(place.file("every-build"));
        }
        let history = History::open(&config, &mut walked)?;
        if config.stamp == Stamp::Committed {
            commits::add_times(&mut walked);
        }
        Ok(Started {
            config,
            transforms,
            encodings,
            cache,
            listener,
            rules,
            mount,
            clock,
            walked,
            history,
            built,
        })
    }
}

/// A pipeline that has walked the folders, but has not read the files.
struct Started {
    config: Config,
    transforms: Vec<Step>,
    encodings: Chosen,
    cache: Wanted,
    listener: Listener,
    rules: Rules,
    mount: String,
    clock: Clock,
    walked: Walked,
    /// The earlier versions.
    history: History,
    built: Built,
}

impl Started {
    /// Runs the stages and makes the bundle. Contents are held where a stage needs them, and small ones
    /// in any case, unless `only_needed` is true.
    fn finish(
        self,
        memo: &Memo,
        versions: Option<&Path>,
        only_needed: bool,
    ) -> Result<Bundle, Error> {
        let Started {
            mut config,
            transforms,
            encodings,
            cache,
            listener,
            rules,
            mount,
            clock,
            walked,
            history,
            built,
        } = self;
        let Walked { entries, mut watched, seen, mut warnings, .. } = walked;
        let transformed = transform::patterns(&transforms)?;
        let is_needed = |name: &str| transformed.matches(name);
        let sources = read::all(entries, &config.files, is_needed, only_needed, memo)?;
        let out_dir = encode::script().map(|(_, out_dir)| out_dir);
        let kept = Transformed::new(Cache::of_transformed(&cache, out_dir.as_deref()));
        let done = transform::all(&transforms, sources, &config, &kept)?;
        let transform::Done { mut sources, idle, reads, warnings: more } = done;
        watched.extend(reads);
        warnings.extend(more);
        for source in &mut sources {
            source.bundled = built.files.contains(&source.name);
        }
        let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
        warnings.extend(unused::warnings(&config, &idle, &seen, &names)?);
        config.published.extend(history.published(&mount));
        let known = Known::new(versions, std::mem::take(&mut config.published));
        let graph = link::all(sources, &mount, &config, &rules, memo, &known, &mut warnings)?;
        let stamped = stamp::all(graph, config.stamp, &clock, &known, memo, &mut warnings)?;
        let described = describe::all(stamped, &mount, &rules, memo)?;
        let Chosen { whole, delta } = encodings;
        // Nothing that live mode answers may be kept.
        let delta = delta.filter(|_| !live::is_on());
        let assets = encode::all(described, &whole, &cache, &listener, &mut warnings)?;
        let how = (&*whole, &cache);
        let versions = history.versions(&config, &assets, &mount, how, memo, &mut warnings)?;
        let assets = encode::deltas(assets, &versions, delta, &cache, &listener, &mut warnings)?;
        let entries = entry_points(built, &assets)?;
        let earlier = (versions, delta.is_some());
        Ok(Bundle::new(config, mount, assets, earlier, entries, watched, warnings))
    }
}

/// Has live mode watch what may have to change before a build succeeds. Cargo runs a script that failed again
/// anyway, and shows all that it said.
fn watch_what_failed(error: &Error) {
    if live::is_on() {
        error.watched().iter().for_each(|path| cargo::rerun_if_changed(path));
    }
}

/// The entry points of bundlers, by the positions of their files.
fn entry_points(built: Built, assets: &[Asset]) -> Result<Vec<Entry>, Error> {
    let entry = |EntryPoint { name, files, is_by_vite }: EntryPoint| {
        let position = |file: &String| {
            let found = assets.binary_search_by(|asset| asset.name().cmp(file));
            // The files were there when the manifest was read.
            found.map_err(|_| Problem::EntryRenamed { name: name.clone(), file: file.clone() })
        };
        let files = files.iter().map(position).collect::<Result<_, _>>()?;
        Ok(Entry { name, files, is_by_vite })
    };
    built.entries.into_iter().map(entry).collect()
}

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pipeline").field("config", &self.config).finish_non_exhaustive()
    }
}
