//! `stamped record`: adds a release to a folder of earlier versions.

#[cfg(feature = "record-url")]
mod live;
#[cfg(not(feature = "record-url"))]
#[path = "no_live.rs"]
mod live;

use crate::values::{bytes, count, time};
use crate::{folder, output, words};
use clap::{Args, ValueHint};
use live::Live;
use serde_json::json;
use stamped_build::{Manifest, Recorded, Versions};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  stamped record dist                                   what `stamped build` wrote to dist
  stamped record https://example.com/manifest.json      what is deployed
  stamped record dist --into web/versions --keep 2 --keep-for 30d

A Rust program names the folder with `Pipeline::versions(\"versions\")`, and
STAMPED_RECORD=1 cargo build --release records what that build makes.";

/// Adds a release to the earlier versions that the next builds answer for
///
/// Copies each stamped file of the release, without encodings, into a folder, and decides which of the
/// versions before it stay. The folder is input for later builds: `stamped build --versions`, or
/// Pipeline::versions in a build script. What is not exactly as its manifest says is not recorded.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Record {
    /// The folder that `stamped build` wrote, or the URL of its manifest.json
    ///
    /// A URL needs a command that was installed with `--features record-url`.
    #[arg(value_name = "DIR|URL", value_hint = ValueHint::DirPath)]
    from: String,

    /// The folder of earlier versions
    #[arg(long, value_name = "DIR", default_value = "versions", value_hint = ValueHint::DirPath)]
    into: PathBuf,

    /// Load the files from this origin instead of that of the manifest, such as https://cdn.example
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    base: Option<String>,

    /// Keep this many earlier contents of each asset, however old
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = count)]
    keep: usize,

    /// Keep all versions that were replaced within this time, such as 12h or 7d
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = time)]
    keep_for: Duration,

    /// Keep no more bytes of earlier versions than this, such as 500k or 20m [default: no limit]
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    keep_bytes: Option<u64>,

    /// Print the summary in JSON
    #[arg(long)]
    json: bool,
}

impl Record {
    pub(crate) fn run(&self) -> Result<(), String> {
        let mut versions =
            Versions::new(folder::here(&self.into)?).keep(self.keep).keep_for(self.keep_for);
        if let Some(limit) = self.keep_bytes {
            versions = versions.keep_bytes(limit);
        }
        let recorded = match Live::of(&self.from, self.base.as_deref())? {
            Some(live) => versions.record(live.manifest()?, |version| live.read(version)),
            None => {
                let dir = folder::existing(Path::new(&self.from))?;
                let manifest = Manifest::read(dir.join("manifest.json"));
                let manifest = manifest.map_err(|error| words::error(&error))?;
                versions.record(manifest, |version| Ok(fs::read(dir.join(version.location()))?))
            }
        };
        let recorded = recorded.map_err(|error| words::error(&error))?;
        let into = self.into.display();
        if !self.json {
            return output::print(&format!("{into}: {recorded}\n"));
        }
        let Recorded { assets, added, kept, removed, bytes, .. } = recorded;
        output::print_json(&json!({
            "folder": into.to_string(),
            "assets": assets,
            "added": added,
            "kept": kept,
            "removed": removed,
            "bytes": bytes,
        }))
    }
}
