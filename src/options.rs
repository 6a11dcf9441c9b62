//! The options that the commands over a folder share.

use crate::progress::Bar;
use crate::{cache, folder, output, values, words};
use clap::{Args, ValueEnum};
use stamped_build::{Bundle, Encoding, Manifest, NEVER_STAMPED, Pipeline, References, Stamp};
use std::path::{Path, PathBuf};

const DEFAULT_MOUNT: &str = "/static";

const ASSETS: &str = "Assets and their URLs";
const STAMPS: &str = "Stamps";
pub(crate) const CONTENTS: &str = "Contents";

/// What becomes of a folder.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) naming: Naming,
    #[command(flatten)]
    contents: Contents,
}

/// Which files are assets, and what URLs they have. The options that decide it are empty where they
/// were not given, so that a command can tell.
#[derive(Args, Debug)]
pub(crate) struct Naming {
    /// Show neither warnings nor progress
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Begin all URLs with this path [default: /static]
    ///
    /// `/` puts the assets at the root of the site.
    #[arg(long, value_name = "PATH", help_heading = ASSETS)]
    mount: Option<String>,

    /// Leave out these files and folders
    ///
    /// A pattern without a slash matches in every folder, as *.map does; a pattern with a slash
    /// matches the whole name, as vendor/** or /drafts do. Give the option again for another pattern,
    /// as with all options that take one.
    #[arg(long, value_name = "GLOB", help_heading = ASSETS)]
    exclude: Vec<String>,

    /// Take what links lead to outside of the folder, and behind hidden names
    #[arg(long, help_heading = ASSETS)]
    follow_links: bool,

    /// How to stamp: modified, committed, content, or a number [default: modified]
    ///
    /// `modified` takes the seconds of the modification time; `committed` those of the last git commit
    /// that changed the file; `content` a hash of the bytes, which is the same on every machine. A
    /// number, such as that of a release, is the stamp of every file.
    #[arg(long, value_name = "MODE", value_parser = stamp, help_heading = STAMPS)]
    stamp: Option<Stamp>,

    /// Stamp only files with these extensions, such as css,min.js
    #[arg(long, value_name = "EXT,…", value_delimiter = ',', help_heading = STAMPS)]
    only: Vec<String>,

    /// Keep the names of these files too
    ///
    /// The names of robots.txt, favicon.ico, *.html, sw.js and others that browsers look for are
    /// always kept.
    #[arg(long, value_name = "GLOB", help_heading = STAMPS)]
    plain: Vec<String>,

    /// Keep these names, which hold the stamp of a bundler already
    #[arg(long, value_name = "GLOB", help_heading = STAMPS)]
    prestamped: Vec<String>,

    /// What to do about other names that a bundler has stamped
    ///
    /// Names such as index-BxK3a9Qz.js are recognised if a whole folder has them, or if a page or the
    /// manifest of a bundler lists them. Files in which references are rewritten are stamped in any
    /// case. [default: keep, and say so]
    #[arg(long, value_name = "HOW", help_heading = STAMPS)]
    bundler_names: Option<BundlerNames>,
}

/// The values of `--bundler-names`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BundlerNames {
    /// Keep them, so that caches may keep these files for ever
    Keep,
    /// Stamp these files like others
    Stamp,
}

#[derive(Args, Debug)]
struct Contents {
    /// What to do about references from one asset to another
    #[arg(long, value_name = "HOW", default_value = "rewrite", help_heading = CONTENTS)]
    references: Rewriting,

    /// Rewrite references in these SVG and web manifest files too
    ///
    /// Rewrites references in these SVG and web manifest files, as in style sheets, modules and HTML
    /// pages. With `--references leave`, the only files that are rewritten.
    #[arg(long, value_name = "GLOB", help_heading = CONTENTS)]
    markup: Vec<String>,

    /// Leave the bytes of these files as they are
    ///
    /// Leaves the bytes of these files as they are, such as pages that are templates. The modules that
    /// they load keep their plain names in all other files too, and files whose `integrity` they state
    /// keep their bytes.
    #[arg(long, value_name = "GLOB", help_heading = CONTENTS)]
    verbatim: Vec<String>,

    /// Put small pictures and fonts into the files that refer to them
    ///
    /// Puts pictures and fonts that match the pattern and have at most this many bytes into the style
    /// sheets and pages that refer to them, as `data:` URLs: --inline 'icons/*.svg=2k'
    #[arg(
        long, value_name = "GLOB=BYTES", value_parser = values::small_files,
        help_heading = CONTENTS
    )]
    inline: Vec<(String, u64)>,

    /// A folder of earlier versions, which are answered for too
    ///
    /// `stamped record` and STAMPED_RECORD=1 cargo build write it. One that does not exist is empty.
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath, help_heading = CONTENTS)]
    versions: Option<PathBuf>,

    /// Content codings to store beside the files
    #[arg(
        long, value_name = "CODING,…", value_delimiter = ',', default_value = "br,gzip",
        help_heading = CONTENTS
    )]
    encodings: Vec<Coding>,

    /// Where to keep what was compressed, for the next run
    ///
    /// Default: the folder that STAMPED_CACHE names, or else `stamped` in the user's folder for caches,
    /// which is $XDG_CACHE_HOME or ~/.cache, ~/Library/Caches on macOS, and %LOCALAPPDATA% on Windows.
    /// What no run has used for 90 days is removed.
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath, help_heading = CONTENTS)]
    cache: Option<PathBuf>,

    /// Keep nothing of what was compressed, and take nothing from earlier runs
    #[arg(long, conflicts_with = "cache", help_heading = CONTENTS)]
    no_cache: bool,
}

/// The values of `--references`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rewriting {
    /// Make style sheets and JavaScript modules name stamped paths
    Rewrite,
    /// Leave JavaScript as it is, and write an import map from plain to stamped URLs
    ImportMap,
    /// Keep the bytes of every file
    Leave,
}

/// The values of `--encodings`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Coding {
    Br,
    Gzip,
    /// The difference to each earlier version (`dcz`), with --versions
    #[cfg(feature = "deltas")]
    Delta,
    None,
}

impl Options {
    /// The bundle that the options ask for, encoded unless `encoded` is false. Prints its warnings.
    pub(crate) fn bundle(&self, typed: &Path, encoded: bool) -> Result<Bundle, String> {
        self.bundle_after(typed, encoded, &Manifest::default())
    }

    /// The same after the versions that a manifest lists, whose stamps are not given to other bytes.
    pub(crate) fn bundle_after(
        &self,
        typed: &Path,
        encoded: bool,
        earlier: &Manifest,
    ) -> Result<Bundle, String> {
        let bundle = self.process(typed, encoded, earlier)?;
        output::warn(bundle.warnings(), self.naming.quiet);
        Ok(bundle)
    }

    /// The bundle that the options ask for, with its warnings left to the caller.
    pub(crate) fn silent_bundle(&self, typed: &Path, encoded: bool) -> Result<Bundle, String> {
        self.process(typed, encoded, &Manifest::default())
    }

    /// Makes the bundle for the process that answers with it, in the folder that it has given to this
    /// one, and tells it what it is made of. Nothing is encoded.
    pub(crate) fn write_live(&self, typed: &Path, folder: &Path) -> Result<(), String> {
        let pipeline = self.pipeline(typed, false, &Manifest::default())?;
        let bundle = pipeline.write_live(folder).map_err(|error| words::error(&error))?;
        output::tell(bundle.warnings(), self.naming.quiet)
    }

    fn process(&self, typed: &Path, encoded: bool, earlier: &Manifest) -> Result<Bundle, String> {
        self.naming.process(self.pipeline(typed, encoded, earlier)?)
    }

    fn pipeline(
        &self,
        typed: &Path,
        encoded: bool,
        earlier: &Manifest,
    ) -> Result<Pipeline, String> {
        let Contents { references, markup, verbatim, inline, versions, encodings, .. } =
            &self.contents;
        let encodings = encodings.iter().filter(|_| encoded).filter_map(|coding| match coding {
            Coding::Br => Some(Encoding::brotli()),
            Coding::Gzip => Some(Encoding::gzip()),
            #[cfg(feature = "deltas")]
            Coding::Delta => Some(Encoding::delta()),
            Coding::None => None,
        });
        let pipeline = self.naming.pipeline(typed)?.published(earlier.published());
        let pipeline = pipeline.references(match references {
            Rewriting::Rewrite => References::Rewrite,
            Rewriting::ImportMap => References::ImportMap,
            Rewriting::Leave => References::Leave,
        });
        let pipeline = match versions {
            Some(typed) => {
                if !typed.exists() && !self.naming.quiet {
                    let typed = typed.display();
                    output::note(&format!("note: there is no folder `{typed}` yet"));
                }
                pipeline.versions(folder::here(typed)?)
            }
            None => pipeline,
        };
        let pipeline = pipeline.cache_only(self.cache()?);
        let pipeline = verbatim.iter().fold(pipeline, Pipeline::verbatim);
        let pipeline = inline
            .iter()
            .fold(pipeline, |pipeline, (pattern, bytes)| pipeline.inline(pattern, *bytes));
        Ok(markup.iter().fold(pipeline, Pipeline::markup).encodings(encodings))
    }

    /// Where things are kept for the next run, if they are.
    pub(crate) fn cache(&self) -> Result<Option<PathBuf>, String> {
        let Contents { cache, no_cache, .. } = &self.contents;
        match (no_cache, cache) {
            (true, _) => Ok(None),
            (false, Some(typed)) => folder::here(typed).map(Some),
            (false, None) => cache::folder().map(|named| folder::here(&named)).transpose(),
        }
    }
}

impl Naming {
    /// A bundle of the files as they are. Prints its warnings.
    pub(crate) fn untouched_bundle(&self, typed: &Path) -> Result<Bundle, String> {
        let pipeline = self.pipeline(typed)?.references(References::Leave).encodings([]);
        let bundle = self.process(pipeline)?;
        output::warn(bundle.warnings(), self.quiet);
        Ok(bundle)
    }

    /// What stamps are made of, in the words of `--stamp`.
    pub(crate) fn mode(&self) -> String {
        match self.stamp {
            None | Some(Stamp::Modified) => "modified".to_owned(),
            Some(Stamp::Committed) => "committed".to_owned(),
            Some(Stamp::Content) => "content".to_owned(),
            Some(Stamp::Fixed(number)) => number.to_string(),
            Some(other) => unreachable!("`--stamp` has no name for {other:?}"),
        }
    }

    /// An option that was given and decides URLs.
    pub(crate) fn given(&self) -> Option<&'static str> {
        [
            ("mount", self.mount.is_some()),
            ("stamp", self.stamp.is_some()),
            ("only", !self.only.is_empty()),
            ("plain", !self.plain.is_empty()),
            ("prestamped", !self.prestamped.is_empty()),
            ("bundler-names", self.bundler_names.is_some()),
            ("exclude", !self.exclude.is_empty()),
            ("follow-links", self.follow_links),
        ]
        .into_iter()
        .find_map(|(option, given)| given.then_some(option))
    }

    fn pipeline(&self, typed: &Path) -> Result<Pipeline, String> {
        let plain = NEVER_STAMPED.iter().copied().chain(self.plain.iter().map(String::as_str));
        let mut pipeline = Pipeline::new(folder::existing(typed)?)
            .mount(self.mount.as_deref().unwrap_or(DEFAULT_MOUNT))
            .follow_links(self.follow_links)
            .stamp(self.stamp.unwrap_or(Stamp::Modified))
            .plain(plain);
        if !self.only.is_empty() {
            pipeline = pipeline.stamp_only(&self.only);
        }
        pipeline = self.prestamped.iter().fold(pipeline, Pipeline::prestamped);
        if let Some(names) = self.bundler_names {
            pipeline = pipeline.keep_bundler_names(names == BundlerNames::Keep);
        }
        Ok(self.exclude.iter().fold(pipeline, Pipeline::exclude))
    }

    fn process(&self, pipeline: Pipeline) -> Result<Bundle, String> {
        let bar = Bar::new(self.quiet);
        let bundle = pipeline.progress(bar.listener()).process();
        drop(bar);
        bundle.map_err(|error| words::error(&error))
    }
}

fn stamp(mode: &str) -> Result<Stamp, String> {
    match mode {
        "modified" => Ok(Stamp::Modified),
        "committed" => Ok(Stamp::Committed),
        "content" => Ok(Stamp::Content),
        number => match number.parse() {
            Ok(number) => Ok(Stamp::Fixed(number)),
            Err(_) => Err("expected modified, committed, content, or a number".to_owned()),
        },
    }
}
