//! `stamped build`: the files for a web server.

use crate::options;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use indicatif::{ProgressBar, ProgressStyle};
use stamped_build::Export;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

pub(crate) fn command() -> Command {
    let about = "Writes stamped files, their encodings, a manifest and an import map";
    options::add(Command::new("build").about(about))
        .arg(
            Arg::new("out")
                .long("out")
                .value_name("OUT")
                .required(true)
                .value_parser(value_parser!(PathBuf))
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
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help("Say in JSON what was done"),
        )
}

/// Writes the files and says what was done.
pub(crate) fn run(arguments: &ArgMatches) -> Result<(), String> {
    let get = |name: &str| arguments.get_one::<PathBuf>(name).cloned().unwrap_or_default();
    let quiet = arguments.get_flag("quiet");
    let mut export = Export::new(get("out"));
    if let Some(&versions) = arguments.get_one::<usize>("keep") {
        export = export.keep(versions);
    }
    if let Some(&time) = arguments.get_one::<Duration>("keep-for") {
        export = export.keep_for(time);
    }
    let folder = arguments.get_one::<String>("dir").map(String::as_str).unwrap_or_default();
    export.check(folder).map_err(|error| error.to_string())?;

    let bundle = options::bundle(arguments, true)?;
    let progress = if quiet { ProgressBar::hidden() } else { bar() };
    let shown = progress.clone();
    let export = export.progress(move |progress| {
        shown.set_length(progress.total);
        shown.set_position(progress.done);
    });
    let exported = bundle.export(&export);
    progress.finish_and_clear();
    let exported = exported.map_err(|error| error.to_string())?;
    if !quiet {
        for warning in exported.warnings() {
            eprintln!("stamped: warning: {warning}");
        }
    }

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

/// A bar on stderr, if that is a terminal.
fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("writing {wide_bar} {pos}/{len} files");
    let bar = ProgressBar::no_length();
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
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
