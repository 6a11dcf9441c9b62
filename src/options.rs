//! The options that all commands over a folder share.

use clap::{Arg, ArgAction, ArgMatches, Command};
use stamped_build::{Bundle, Encoding, NEVER_STAMPED, Pipeline, Stamp};

/// Adds the folder and the options to a command.
pub(crate) fn add(command: Command) -> Command {
    let many = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).action(ArgAction::Append).help(help)
    };
    command
        .arg(Arg::new("dir").value_name("DIR").required(true).help("The folder with the assets"))
        .arg(
            Arg::new("mount")
                .long("mount")
                .value_name("PATH")
                .default_value("/static")
                .help("The path that all URLs begin with"),
        )
        .arg(
            Arg::new("stamp")
                .long("stamp")
                .value_name("MODE")
                .default_value("modified")
                .value_parser(stamp)
                .help("What stamps are made of: modified, committed, content, or a number"),
        )
        .arg(
            Arg::new("only")
                .long("only")
                .value_name("EXT,…")
                .value_delimiter(',')
                .action(ArgAction::Append)
                .help("Stamp only files with these extensions, such as css,min.js"),
        )
        .arg(many("plain", "GLOB", "Also keep the names of these files"))
        .arg(many("prestamped", "GLOB", "These files have names that a bundler has stamped"))
        .arg(many("exclude", "GLOB", "Leave out these files and folders"))
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
        .arg(
            Arg::new("quiet")
                .long("quiet")
                .short('q')
                .action(ArgAction::SetTrue)
                .help("Show neither warnings nor progress"),
        )
}

/// The bundle that the options ask for, with the encodings or without. Warnings go to stderr.
pub(crate) fn bundle(arguments: &ArgMatches, encoded: bool) -> Result<Bundle, String> {
    let encodings = if encoded { encodings(arguments) } else { Vec::new() };
    process(pipeline(arguments).encodings(encodings), arguments)
}

/// The encodings that the options ask for.
pub(crate) fn encodings(arguments: &ArgMatches) -> Vec<Encoding> {
    let codings = arguments.get_many::<String>("encodings").into_iter().flatten();
    let encoding = |coding: &String| match coding.as_str() {
        "br" => Some(Encoding::brotli()),
        "gzip" => Some(Encoding::gzip()),
        _ => None,
    };
    codings.filter_map(encoding).collect()
}

/// The pipeline that the options ask for, encodings aside.
pub(crate) fn pipeline(arguments: &ArgMatches) -> Pipeline {
    let text = |name: &str| arguments.get_one::<String>(name).cloned().unwrap_or_default();
    let list = |name: &str| -> Vec<String> {
        arguments.get_many::<String>(name).into_iter().flatten().cloned().collect()
    };
    let plain = NEVER_STAMPED.iter().map(|&pattern| pattern.to_owned()).chain(list("plain"));
    let mut pipeline = Pipeline::new(text("dir")).mount(text("mount")).plain(plain);
    if let Some(&stamp) = arguments.get_one::<Stamp>("stamp") {
        pipeline = pipeline.stamp(stamp);
    }
    let only = list("only");
    if !only.is_empty() {
        pipeline = pipeline.stamp_only(only);
    }
    pipeline = list("prestamped").into_iter().fold(pipeline, Pipeline::prestamped);
    pipeline = list("exclude").into_iter().fold(pipeline, Pipeline::exclude);
    list("markup").into_iter().fold(pipeline, Pipeline::markup)
}

/// Runs a pipeline and tells its warnings on stderr.
pub(crate) fn process(pipeline: Pipeline, arguments: &ArgMatches) -> Result<Bundle, String> {
    let bundle = pipeline.process().map_err(|error| error.to_string())?;
    if !arguments.get_flag("quiet") {
        for warning in bundle.warnings() {
            eprintln!("stamped: warning: {warning}");
        }
    }
    Ok(bundle)
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
