//! `stamped url` and `stamped resolve`: one lookup each way.

use crate::options;
use clap::{Arg, ArgAction, ArgMatches, Command};
use stamped::Resolved;
use stamped_build::Bundle;

fn with_json(command: Command) -> Command {
    command.arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("Answer in JSON"))
}

pub(crate) fn url_command() -> Command {
    with_json(options::add(Command::new("url").about("Tells the URL of an asset"))).arg(
        Arg::new("name").value_name("NAME").required(true).help("The name, such as css/style.css"),
    )
}

pub(crate) fn resolve_command() -> Command {
    let about = "Tells what the path of a request means: exact, plain, stale or unknown";
    with_json(options::add(Command::new("resolve").about(about))).arg(
        Arg::new("path")
            .value_name("PATH")
            .required(true)
            .help("The path, such as /static/css/style.1452929749.css"),
    )
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
    let assets = bundle.leak().map_err(|error| error.to_string())?;
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
