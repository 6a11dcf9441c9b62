//! The options that all commands over a folder share.

use crate::progress::Bar;
use crate::words;
use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueEnum, ValueHint, value_parser};
use stamped_build::{Bundle, Encoding, NEVER_STAMPED, Pipeline, References, Stamp, Warning};
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Adds the folder and the options to a command.
pub(crate) fn add(command: Command) -> Command {
    let many = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).action(ArgAction::Append).help(help)
    };
    command
        .arg(dir("The folder with the assets"))
        .arg(
            Arg::new("quiet")
                .long("quiet")
                .short('q')
                .action(ArgAction::SetTrue)
                .help("Show neither warnings nor progress"),
        )
        .next_help_heading("What is an asset, and where")
        .arg(
            Arg::new("mount")
                .long("mount")
                .value_name("PATH")
                .default_value("/static")
                .help("The path that all URLs begin with")
                .long_help(
                    "The path that all URLs begin with, such as /static; / puts the assets at the \
                     root of the site",
                ),
        )
        .arg(many("exclude", "GLOB", "Leave out these files and folders").long_help(
            "Leave out these files and folders. A pattern without a slash matches in every folder, \
             as *.map does; one with a slash the whole name, as vendor/** or /drafts. It may be given \
             several times, as all options that take a pattern",
        ))
        .next_help_heading("Stamps")
        .arg(
            Arg::new("stamp")
                .long("stamp")
                .value_name("MODE")
                .default_value("modified")
                .value_parser(stamp)
                .help("What stamps are made of: modified, committed, content, or a number")
                .long_help(
                    "What stamps are made of: `modified`, the seconds of the modification time; \
                     `committed`, those of the last git commit that changed the file; `content`, a \
                     hash of its bytes, the same on every machine; or a number, such as a release's",
                ),
        )
        .arg(
            Arg::new("only")
                .long("only")
                .value_name("EXT,…")
                .value_delimiter(',')
                .action(ArgAction::Append)
                .help("Stamp only files with these extensions, such as css,min.js"),
        )
        .arg(many("plain", "GLOB", "Also keep the names of these files").long_help(
            "Also keep the names of these files: besides robots.txt, favicon.ico, *.html, sw.js and \
             others that must be found under the name they have",
        ))
        .arg(many("prestamped", "GLOB", "These files have names that a bundler has stamped"))
        .next_help_heading("Contents")
        .arg(
            Arg::new("references")
                .long("references")
                .value_name("HOW")
                .default_value("rewrite")
                .value_parser(value_parser!(Refer))
                .help("What is done about references from one asset to another"),
        )
        .arg(many(
            "markup",
            "GLOB",
            "Rewrite references in these HTML, SVG and web manifest files too",
        ))
        .arg(
            Arg::new("encodings")
                .long("encodings")
                .value_name("CODING,…")
                .default_value("br,gzip")
                .value_delimiter(',')
                .value_parser(["br", "gzip", "none"])
                .help("Content codings to store beside the files"),
        )
        .next_help_heading(None)
}

/// The argument that names the folder.
pub(crate) fn dir(help: &'static str) -> Arg {
    Arg::new("dir")
        .value_name("DIR")
        .required(true)
        .value_parser(value_parser!(PathBuf))
        .value_hint(ValueHint::DirPath)
        .help(help)
}

/// `--json`, with what is said in JSON.
pub(crate) fn json(help: &'static str) -> Arg {
    Arg::new("json").long("json").action(ArgAction::SetTrue).help(help)
}

/// The values of `--references`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refer(pub(crate) References);

impl ValueEnum for Refer {
    fn value_variants<'a>() -> &'a [Self] {
        &[Refer(References::Rewrite), Refer(References::ImportMap), Refer(References::Leave)]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self.0 {
            References::Rewrite => Some(
                PossibleValue::new("rewrite")
                    .help("Style sheets and JavaScript modules are made to name stamped paths"),
            ),
            References::ImportMap => Some(PossibleValue::new("import-map").help(
                "JavaScript stays as it is, and an import map leads from plain to stamped URLs",
            )),
            References::Leave => {
                Some(PossibleValue::new("leave").help("Every file keeps its bytes"))
            }
            _ => None,
        }
    }
}

/// The folder with the assets, if there is one.
pub(crate) fn folder(arguments: &ArgMatches) -> Result<PathBuf, String> {
    let typed = arguments.get_one::<PathBuf>("dir").map(PathBuf::as_path).unwrap_or(Path::new(""));
    let folder = here(typed)?;
    match folder.metadata() {
        Ok(metadata) if metadata.is_dir() => Ok(folder),
        Ok(_) => Err(format!("`{}` is no folder; name the one it lies in", typed.display())),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            let mut message = format!("there is no folder `{}`", typed.display());
            if typed.is_relative()
                && let Ok(current) = std::env::current_dir()
            {
                message += &format!(" in `{}`", current.display());
            }
            Err(match nearest(typed) {
                Some(near) => format!("{message}; did you mean `{}`?", near.display()),
                None => format!("{message}; create it, or correct the path"),
            })
        }
        Err(error) => Err(format!("cannot read `{}`: {error}", typed.display())),
    }
}

/// The folder beside a missing one whose name differs little.
fn nearest(missing: &Path) -> Option<PathBuf> {
    const LIKE: f64 = 0.75;
    let parent = missing.parent()?;
    let wanted = missing.file_name()?.to_string_lossy().to_lowercase();
    let looked_in = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let likeness =
        |name: &OsStr| strsim::jaro_winkler(&name.to_string_lossy().to_lowercase(), &wanted);
    looked_in
        .read_dir()
        .ok()?
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| (likeness(&entry.file_name()), parent.join(entry.file_name())))
        .filter(|&(likeness, _)| likeness > LIKE)
        .max_by(|(a, first), (b, second)| a.total_cmp(b).then_with(|| second.cmp(first)))
        .map(|(_, path)| path)
}

/// A path that somebody has typed, from the folder they are in. The library starts from the package
/// where cargo tells one, as `cargo run` does.
pub(crate) fn here(typed: &Path) -> Result<PathBuf, String> {
    match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(_) => absolute(typed),
        None => Ok(typed.to_owned()),
    }
}

/// The same path from the root.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, String> {
    std::path::absolute(path)
        .map_err(|error| format!("cannot tell where `{}` is: {error}", path.display()))
}

/// The bundle that the options ask for, with the encodings or without. Warnings go to stderr.
pub(crate) fn bundle(arguments: &ArgMatches, encoded: bool) -> Result<Bundle, String> {
    let bundle = untold(arguments, encoded)?;
    warn(bundle.warnings(), arguments.get_flag("quiet"));
    Ok(bundle)
}

/// The same, but its warnings are left to the caller.
pub(crate) fn untold(arguments: &ArgMatches, encoded: bool) -> Result<Bundle, String> {
    let encodings = if encoded { encodings(arguments) } else { Vec::new() };
    let bar = Bar::new(arguments.get_flag("quiet"));
    let pipeline = pipeline(arguments)?.encodings(encodings).progress(bar.listener());
    let bundle = pipeline.process();
    drop(bar);
    bundle.map_err(|error| words::error(&error))
}

/// The encodings that the options ask for.
fn encodings(arguments: &ArgMatches) -> Vec<Encoding> {
    let codings = arguments.get_many::<String>("encodings").into_iter().flatten();
    let encoding = |coding: &String| match coding.as_str() {
        "br" => Some(Encoding::brotli()),
        "gzip" => Some(Encoding::gzip()),
        _ => None,
    };
    codings.filter_map(encoding).collect()
}

/// Prints warnings to stderr.
pub(crate) fn warn(warnings: &[Warning], quiet: bool) {
    for warning in warnings.iter().filter(|_| !quiet) {
        eprintln!("stamped: warning: {}", words::warning(warning));
    }
}

/// The pipeline that the options ask for, encodings aside.
fn pipeline(arguments: &ArgMatches) -> Result<Pipeline, String> {
    let list = |name: &str| -> Vec<String> {
        arguments.get_many::<String>(name).into_iter().flatten().cloned().collect()
    };
    let mount = arguments.get_one::<String>("mount").cloned().unwrap_or_default();
    let plain = NEVER_STAMPED.iter().map(|&pattern| pattern.to_owned()).chain(list("plain"));
    let mut pipeline = Pipeline::new(folder(arguments)?).mount(mount).plain(plain);
    if let Some(&stamp) = arguments.get_one::<Stamp>("stamp") {
        pipeline = pipeline.stamp(stamp);
    }
    let only = list("only");
    if !only.is_empty() {
        pipeline = pipeline.stamp_only(only);
    }
    let markup = list("markup");
    if let Some(&Refer(references)) = arguments.get_one("references") {
        if references == References::Leave && !markup.is_empty() {
            return Err("`--markup` has references rewritten and `--references leave` has them \
                        left; drop one of the two"
                .to_owned());
        }
        pipeline = pipeline.references(references);
    }
    pipeline = list("prestamped").into_iter().fold(pipeline, Pipeline::prestamped);
    pipeline = list("exclude").into_iter().fold(pipeline, Pipeline::exclude);
    Ok(markup.into_iter().fold(pipeline, Pipeline::markup))
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
