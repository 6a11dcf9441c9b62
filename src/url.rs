//! `stamped url`: from a name to its URL.

use crate::options::Options;
use crate::output;
use clap::{Args, ValueHint};
use serde_json::json;
use stamped_build::Bundle;
use std::path::PathBuf;

const EXAMPLE: &str = "\
Example:
  $ stamped url assets css/style.css
  /static/css/style.1452929749.css

`stamped build` and `stamped serve` use this URL if they are given the same options.";

/// Prints the URL of an asset
#[derive(Args)]
#[command(after_long_help = EXAMPLE)]
pub(crate) struct Url {
    /// The folder with the assets
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: PathBuf,

    /// The name, such as css/style.css
    #[arg(value_name = "NAME")]
    name: String,

    #[command(flatten)]
    options: Options,

    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Url {
    pub(crate) fn run(&self) -> Result<(), String> {
        let bundle = self.options.bundle(&self.dir, false)?;
        let name = &self.name;
        let asset = bundle.get(name).ok_or_else(|| no_asset(&bundle, name))?;
        match self.json {
            true => output::print_json(&json!({ "name": name, "url": asset.url() })),
            false => output::print(&format!("{}\n", asset.url())),
        }
    }
}

fn no_asset(bundle: &Bundle, name: &str) -> String {
    match bundle.nearest(name) {
        Some(near) => format!("no asset is named `{name}`; did you mean `{}`?", near.name()),
        None => format!(
            "no asset is named `{name}`; `stamped report` lists the names of all {}",
            bundle.assets().len()
        ),
    }
}
