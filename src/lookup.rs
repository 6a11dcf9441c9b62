//! `stamped url` and `stamped resolve`: one lookup each way.

use crate::{options, words};
use clap::{Arg, ArgMatches, Command};
use stamped::Resolved;
use stamped_build::Bundle;

const URL_ABOUT: &str = "Tells the URL of an asset";

const URL_EXAMPLE: &str = "\
Example:
  $ stamped url assets css/style.css
  /static/css/style.1452929749.css

It is the URL that `stamped build` and `stamped serve` use with the same options.";

const RESOLVE_ABOUT: &str = "Tells what the path of a request means: exact, plain or stale";

const RESOLVE_LONG_ABOUT: &str = "\
Tells what the path of a request means, and the name of its asset:

  exact  the path has the stamp of these files, and may be cached for ever
  plain  it is a name without a stamp, to be asked for again each time
  stale  it has another stamp, and must never be cached

A path that belongs to no asset is an error.";

const RESOLVE_EXAMPLE: &str = "\
Example:
  $ stamped resolve assets /static/css/style.1400000000.css
  stale css/style.css";

pub(crate) fn url_command() -> Command {
    options::add(Command::new("url").about(URL_ABOUT))
        .after_long_help(URL_EXAMPLE)
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .required(true)
                .help("The name, such as css/style.css"),
        )
        .arg(options::json("Answer in JSON"))
}

pub(crate) fn resolve_command() -> Command {
    options::add(Command::new("resolve").about(RESOLVE_ABOUT).long_about(RESOLVE_LONG_ABOUT))
        .after_long_help(RESOLVE_EXAMPLE)
        .arg(
            Arg::new("path")
                .value_name("PATH")
                .required(true)
                .help("The path, such as /static/css/style.1452929749.css"),
        )
        .arg(options::json("Answer in JSON"))
}

/// Prints the URL of an asset.
pub(crate) fn url(arguments: &ArgMatches) -> Result<(), String> {
    let bundle = options::bundle(arguments, false)?;
    let name = arguments.get_one::<String>("name").map(String::as_str).unwrap_or_default();
    let asset = bundle.get(name).ok_or_else(|| no_asset(&bundle, name))?;
    if arguments.get_flag("json") {
        println!("{}", serde_json::json!({ "name": name, "url": asset.url() }));
    } else {
        println!("{}", asset.url());
    }
    Ok(())
}

/// Prints what a path means.
pub(crate) fn resolve(arguments: &ArgMatches) -> Result<(), String> {
    let bundle = options::bundle(arguments, false)?;
    let path = arguments.get_one::<String>("path").map(String::as_str).unwrap_or_default();
    let assets = bundle.leak().map_err(|error| words::error(&error))?;
    let (how, asset) = match assets.resolve(path) {
        Resolved::Exact(asset) => ("exact", asset),
        Resolved::Plain(asset) => ("plain", asset),
        Resolved::Stale(asset) => ("stale", asset),
        Resolved::Unknown => return Err(format!("the path `{path}` belongs to no asset")),
    };
    if arguments.get_flag("json") {
        let answer = serde_json::json!({ "path": path, "is": how, "name": asset.name(), "url": asset.url() });
        println!("{answer}");
    } else {
        println!("{how} {}", asset.name());
    }
    Ok(())
}

fn no_asset(bundle: &Bundle, name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or(name);
    let same = bundle.assets().iter().find(|asset| asset.name().rsplit('/').next() == Some(file));
    match same {
        Some(asset) => format!("no asset is named `{name}`; there is `{}`", asset.name()),
        None => format!("no asset is named `{name}`"),
    }
}
