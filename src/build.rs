//! `stamped build`: the files for a web server.

use crate::options;
use crate::progress::Bar;
use crate::words;
use clap::{Arg, ArgMatches, Command, ValueHint, value_parser};
use stamped_build::Export;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

const ABOUT: &str = "Writes stamped files, their encodings, a manifest and an import map";

const LONG_ABOUT: &str = "\
Writes the files for a web server or a bucket.

Below OUT and the mount, such as OUT/static, each asset has its stamped path and its name, and beside \
both its encodings (.br, .gz). OUT/manifest.json tells all of them, and OUT/importmap.json is for \
<script type=importmap>; both lie outside of what is to be served. The output appears at once: a build \
that fails leaves the old one as it was. Earlier versions are kept for pages that are still open.";

const EXAMPLES: &str = "\
Examples:
  stamped build assets --out dist
  stamped build assets --out dist --stamp content --references import-map
  stamped build assets --out dist --keep 0 --keep-for 30d";

pub(crate) fn command() -> Command {
    options::add(Command::new("build").about(ABOUT).long_about(LONG_ABOUT))
        .after_long_help(EXAMPLES)
        .arg(
            Arg::new("out")
                .long("out")
                .value_name("OUT")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .value_hint(ValueHint::DirPath)
                .help("The folder to write; a new one, or that of an earlier build"),
        )
        .arg(
            Arg::new("keep")
                .long("keep")
                .value_name("N")
                .default_value("3")
                .value_parser(value_parser!(usize))
                .help("Keep so many earlier versions of each asset, however old"),
        )
        .arg(
            Arg::new("keep-for")
                .long("keep-for")
                .value_name("TIME")
                .default_value("7d")
                .value_parser(time)
                .help("Keep earlier versions that were replaced in this time, such as 12h or 7d"),
        )
        .arg(options::json("Say in JSON what was done"))
}

/// Writes the files and says what was done.
pub(crate) fn run(arguments: &ArgMatches) -> Result<(), String> {
    let quiet = arguments.get_flag("quiet");
    let out = arguments.get_one::<PathBuf>("out").map(PathBuf::as_path).unwrap_or(Path::new(""));
    let mut export = Export::new(options::here(out)?);
    if let Some(&versions) = arguments.get_one::<usize>("keep") {
        export = export.keep(versions);
    }
    if let Some(&time) = arguments.get_one::<Duration>("keep-for") {
        export = export.keep_for(time);
    }
    export.check(options::folder(arguments)?).map_err(|error| words::error(&error))?;

    let bundle = options::bundle(arguments, true)?;
    let bar = Bar::new(quiet);
    let exported = bundle.export(&export.progress(bar.listener()));
    drop(bar);
    let exported = exported.map_err(|error| words::error(&error))?;
    options::warn(exported.warnings(), quiet);

    let manifest = exported.manifest().display();
    let (assets, files, written) = (exported.assets(), exported.files(), exported.written());
    let (kept, removed) = (exported.kept(), exported.removed());
    say(&if arguments.get_flag("json") {
        let done = serde_json::json!({
            "manifest": exported.manifest().to_string_lossy(),
            "assets": assets,
            "files": files,
            "written": written,
            "kept": kept,
            "removed": removed,
        });
        format!("{done}\n")
    } else {
        format!(
            "{manifest}: {assets} assets in {files} files, {written} of them written; earlier \
             versions: {kept} kept, {removed} removed\n"
        )
    })
}

/// Prints to stdout. Whoever has stopped reading has read enough.
pub(crate) fn say(text: &str) -> Result<(), String> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("the answer cannot be printed: {error}"))
        }
        _ => Ok(()),
    }
}

/// A time such as `7d`.
fn time(text: &str) -> Result<Duration, String> {
    let split = text.len().saturating_sub(1);
    let seconds = match text.get(split..) {
        Some("s") => 1,
        Some("m") => 60,
        Some("h") => 60 * 60,
        Some("d") => 24 * 60 * 60,
        Some("w") => 7 * 24 * 60 * 60,
        _ => 0,
    };
    let number: Option<u64> = text.get(..split).and_then(|number| number.parse().ok());
    match number.and_then(|number| number.checked_mul(seconds)) {
        Some(all) if seconds > 0 => Ok(Duration::from_secs(all)),
        _ => Err("expected a number and one of s, m, h, d and w, such as 12h or 7d".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        for (text, seconds) in [
            ("0s", 0),
            ("90s", 90),
            ("2m", 120),
            ("12h", 43_200),
            ("7d", 604_800),
            ("2w", 1_209_600),
        ] {
            assert_eq!(time(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in
            ["", "7", "d", "7 d", "-1d", "1.5h", "7y", "7日", "日d", "18446744073709551615w"]
        {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
