//! `stamped resolve`: from the path of a request to its asset.

use crate::options::Options;
use crate::{output, words};
use clap::{Args, ValueHint};
use serde_json::json;
use stamped::Resolved;
use stamped_build::Bundle;
use std::path::PathBuf;

const EXAMPLE: &str = "\
Example:
  $ stamped resolve assets /static/css/style.1400000000.css
  stale css/style.css";

/// Prints what the path of a request means: exact, plain or stale
///
/// Prints what the path of a request means, and the name of its asset:
///
///   exact  the path has the stamp of these files, and may be cached for ever
///   plain  the path is a name without a stamp, which caches must ask for again each time
///   stale  the path has another stamp, and must never be cached
///
/// A path that belongs to no asset is an error.
#[derive(Args)]
#[command(after_long_help = EXAMPLE, verbatim_doc_comment)]
pub(crate) struct Resolve {
    /// The folder with the assets
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: PathBuf,

    /// The path, such as /static/css/style.1452929749.css
    #[arg(value_name = "PATH")]
    path: String,

    #[command(flatten)]
    options: Options,

    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Resolve {
    pub(crate) fn run(&self) -> Result<(), String> {
        let bundle = self.options.bundle(&self.dir, false)?;
        let path = &self.path;
        let assets = bundle.leak().map_err(|error| words::error(&error))?;
        let (how, asset) = match assets.resolve(path) {
            Resolved::Exact(asset) => ("exact", asset),
            Resolved::Plain(asset) => ("plain", asset),
            Resolved::Stale(asset) => ("stale", asset),
            Resolved::Unknown => return Err(no_asset(&bundle, path)),
        };
        match self.json {
            true => output::print_json(
                &json!({ "path": path, "is": how, "name": asset.name(), "url": asset.url() }),
            ),
            false => output::print(&format!("{how} {}\n", asset.name())),
        }
    }
}

fn no_asset(bundle: &Bundle, path: &str) -> String {
    let below = path.strip_prefix(bundle.mount()).unwrap_or(path);
    match bundle.nearest(below.trim_start_matches('/')) {
        Some(near) => {
            format!("the path `{path}` belongs to no asset; did you mean `{}`?", near.url())
        }
        None => format!(
            "the path `{path}` belongs to no asset; `stamped report` lists all {} assets",
            bundle.assets().len()
        ),
    }
}
