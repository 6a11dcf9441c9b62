//! `stamped versions`: looks after a folder of earlier versions.

use crate::{folder, output, words};
use clap::{Args, Subcommand, ValueHint};
use serde_json::{Value, json};
use stamped_build::{AssetVersion, Versions as Settings};
use std::fmt::Write as _;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  stamped versions list
  stamped versions check --folder web/versions
  stamped versions remove css/style.1452929749.css      one version
  stamped versions remove css/style.css                 all versions of this name";

/// Lists, checks and removes earlier versions
///
/// A folder of earlier versions is written by `stamped record`, or by STAMPED_RECORD=1 cargo build.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Versions {
    #[command(subcommand)]
    command: Command,

    /// The folder of earlier versions
    #[arg(
        long, global = true, value_name = "DIR", default_value = "versions",
        value_hint = ValueHint::DirPath
    )]
    folder: PathBuf,

    /// Answer in JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Lists the release that was recorded last, and the versions before it
    List,
    /// Compares each file with its hash, and names files that belong to no version
    Check,
    /// Removes versions, and those that refer to them
    Remove {
        /// Names of assets or stamped paths, as `list` shows them
        #[arg(value_name = "NAME|PATH", required = true)]
        versions: Vec<String>,
    },
}

impl Versions {
    pub(crate) fn run(&self) -> Result<(), String> {
        folder::existing(&self.folder)?;
        let settings = Settings::new(folder::here(&self.folder)?);
        match &self.command {
            Command::List => self.list(&settings),
            Command::Check => self.check(&settings),
            Command::Remove { versions } => self.remove(&settings, versions),
        }
    }

    fn list(&self, settings: &Settings) -> Result<(), String> {
        let manifest = settings.manifest().map_err(|error| words::error(&error))?;
        let current = manifest.assets().iter().filter(|version| version.is_immutable());
        let current = current.map(|version| (version, None));
        let earlier = manifest.retired().iter();
        let earlier = earlier.map(|retired| (retired.version(), Some(retired.since())));
        let mut all: Vec<(&AssetVersion, Option<u64>)> = current.chain(earlier).collect();
        // By name, the newest first.
        all.sort_by_key(|&(version, since)| {
            (version.name(), std::cmp::Reverse(since.unwrap_or(u64::MAX)))
        });
        if self.json {
            let row = |&(version, since): &(&AssetVersion, Option<u64>)| {
                json!({
                    "name": version.name(),
                    "path": version.path(),
                    "url": version.url(),
                    "size": version.size(),
                    "integrity": version.integrity(),
                    "retired": since,
                })
            };
            return output::print_json(&all.iter().map(row).collect::<Value>());
        }
        let mut text = String::new();
        for (version, since) in all {
            let since = match since {
                None => "last release".to_owned(),
                Some(seconds) => format!("replaced {}", words::date(seconds)),
            };
            let path = stamped::files::visible(version.path()).into_owned();
            // Writing to a string does not fail.
            let _ = writeln!(text, "{path}  {} bytes  {since}", version.size());
        }
        output::print(&text)
    }

    fn check(&self, settings: &Settings) -> Result<(), String> {
        let (damaged, strays) = settings.check().map_err(|error| words::error(&error))?;
        let damaged: Vec<String> = damaged.iter().map(words::error).collect();
        let strays: Vec<String> = strays.iter().map(|path| path.display().to_string()).collect();
        if self.json {
            output::print_json(&json!({ "damaged": damaged, "strays": strays }))?;
        } else {
            for stray in &strays {
                output::note(&format!("note: `{stray}` belongs to no version, and may be removed"));
            }
        }
        match damaged.len() {
            0 if self.json => Ok(()),
            0 => output::print(&format!("{}: all versions are whole\n", self.folder.display())),
            _ => Err(damaged.join("\nstamped: ")),
        }
    }

    fn remove(&self, settings: &Settings, wanted: &[String]) -> Result<(), String> {
        let is = |version: &AssetVersion, word: &String| {
            [version.name(), version.path(), version.url()].contains(&word.as_str())
                || version.location() == *word
        };
        let manifest = settings.manifest().map_err(|error| words::error(&error))?;
        let earlier = manifest.retired().iter().map(stamped_build::Retired::version);
        let all: Vec<&AssetVersion> = manifest.assets().iter().chain(earlier).collect();
        if let Some(none) = wanted.iter().find(|word| !all.iter().any(|version| is(version, word)))
        {
            return Err(format!(
                "`{}` has no version `{none}`; `stamped versions list` shows what it has",
                self.folder.display()
            ));
        }
        let removed = settings.remove(|version| wanted.iter().any(|word| is(version, word)));
        let removed = removed.map_err(|error| words::error(&error))?;
        let paths = |versions: &[AssetVersion]| -> Vec<String> {
            versions.iter().map(|version| version.path().to_owned()).collect()
        };
        let (asked, dependent) = (paths(&removed.asked), paths(&removed.dependent));
        if self.json {
            return output::print_json(&json!({ "removed": asked, "dependent": dependent }));
        }
        let mut text = String::new();
        for path in &asked {
            let _ = writeln!(text, "removed {path}");
        }
        for path in &dependent {
            let _ = writeln!(text, "removed {path}, which refers to one of these");
        }
        output::print(&text)
    }
}
