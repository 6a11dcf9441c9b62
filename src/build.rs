//! `stamped build`: the files for a web server.

use crate::config::{self, Wish};
use crate::options::Options;
use crate::progress::Bar;
use crate::values::{bytes, count, time};
use crate::{folder, output, words};
use clap::{Args, ValueHint};
use serde_json::json;
use stamped_build::Export;
use std::path::PathBuf;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  stamped build assets --out dist
  stamped build assets --out dist --stamp content --references import-map
  stamped build assets --out dist --keep 0 --keep-for 30d
  stamped build assets --out /srv/site --config nginx=/etc/nginx/stamped";

/// Writes stamped files, their encodings, a manifest and an import map
///
/// Below OUT and the mount, such as OUT/static, each asset has a file under its stamped path and one
/// under its name, and beside both their encodings (.br, .gz). OUT/manifest.json lists them all, and
/// OUT/importmap.json is for <script type=importmap>; both lie outside of what the server serves.
///
/// OUT itself stays, so it can be a mount point. Stamped files come first, then plain ones, the
/// manifest last: it always names files that are there. A build that fails leaves the old output, and
/// the next one finishes what a killed one has begun. Earlier versions of assets are kept for pages
/// that are still open.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Build {
    /// The folder with the assets
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: PathBuf,

    #[command(flatten)]
    options: Options,

    /// Write to this folder: a new one, or that of an earlier build
    #[arg(long, value_name = "OUT", value_hint = ValueHint::DirPath)]
    out: PathBuf,

    /// Keep this many earlier versions of each asset, however old
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = count)]
    keep: usize,

    /// Keep all versions that were replaced within this time, such as 12h or 7d
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = time)]
    keep_for: Duration,

    /// Keep no more bytes of earlier versions than this, such as 500k or 20m [default: no limit]
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    keep_bytes: Option<u64>,

    /// Write the rules for a server too: nginx, caddy or apache [default folder: OUT/config]
    ///
    /// Does what `stamped config SERVER OUT --out CONF` does after each build, and says what to do
    /// next. That command has more options.
    #[arg(long, value_name = "SERVER[=CONF]", value_hint = ValueHint::Other)]
    config: Option<Wish>,

    /// Print the summary in JSON
    #[arg(long)]
    json: bool,
}

impl Build {
    pub(crate) fn run(&self) -> Result<(), String> {
        let quiet = self.options.naming.quiet;
        let mut export =
            Export::new(folder::here(&self.out)?).keep(self.keep).keep_for(self.keep_for);
        if let Some(limit) = self.keep_bytes {
            export = export.keep_bytes(limit);
        }
        // Before the assets are compressed, which may take minutes.
        export.check(folder::existing(&self.dir)?).map_err(|error| words::error(&error))?;

        let earlier = export.earlier().map_err(|error| words::error(&error))?.unwrap_or_default();
        let bundle = self.options.bundle_after(&self.dir, true, &earlier)?;
        let bar = Bar::new(quiet);
        let exported = bundle.export(&export.progress(bar.listener()));
        drop(bar);
        let exported = exported.map_err(|error| words::error(&error))?;
        output::warn(exported.warnings(), quiet);

        let rules = self.config.as_ref().map(|wish| wish.fulfil(&self.out)).transpose()?;

        let manifest = exported.manifest();
        let (assets, files, written) = (exported.assets(), exported.files(), exported.written());
        let (kept, removed) = (exported.kept(), exported.removed());
        if self.json {
            return output::print_json(&json!({
                "manifest": manifest.to_string_lossy(),
                "assets": assets,
                "files": files,
                "written": written,
                "kept": kept,
                "removed": removed,
                "rules": rules.map(|rules| rules.folder.to_string_lossy().into_owned()),
            }));
        }
        output::print(&format!(
            "{}: {assets} assets in {files} files, {written} of them written; earlier versions: \
             {kept} kept, {removed} removed\n{}",
            manifest.display(),
            rules.map(|rules| config::next(&rules)).unwrap_or_default()
        ))
    }
}
