//! `stamped config`: rules for a server that has the files on its disk.

mod nginx;

use crate::options;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::Value;
use stamped_build::{Bundle, Kind, NEVER_STAMPED, Pipeline, References, Stamp};
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The options that make a folder's files assets. In an exported folder all that is decided.
const DECIDED: &[&str] = &["mount", "stamp", "only", "plain", "prestamped", "exclude"];

/// How long a cache may keep what never changes, as the handler says it.
const FOREVER: &str = "max-age=31536000, immutable";

/// The paths that a server may answer.
struct Site {
    /// The URL prefix: empty, or with a slash in front and none behind.
    mount: String,
    /// The folder that files lie in, as the server sees it.
    root: String,
    /// Whether `stamped build` wrote the folder: its files have their stamped names.
    exported: bool,
    /// In the order of their paths, each of which there is once.
    entries: Vec<Entry>,
    /// The codings of which some file of an exported folder has a neighbour.
    encodings: BTreeSet<String>,
}

/// One path. A stamped asset has two of them; a version that was kept would be a third.
struct Entry {
    /// Behind the mount and a slash; not percent-encoded.
    path: String,
    /// Below the root, with a slash in front.
    file: String,
    /// Whether the path stands for these bytes and no others.
    forever: bool,
    /// The value of `Content-Type`.
    content_type: String,
}

pub(crate) fn command() -> Command {
    Command::new("config")
        .about("Writes rules for a server that has the files on its disk")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(nginx_command())
}

fn nginx_command() -> Command {
    let about = "Writes http.conf and server.conf, to be included in these two blocks of nginx";
    with_places(options::add(Command::new("nginx").about(about)))
        .mut_arg("dir", |dir| dir.help("The folder with the assets, or one that `build` wrote"))
        // References stay as they are, or the bytes would no longer be those on the disk.
        .mut_arg("markup", |markup| markup.hide(true))
        .mut_arg("encodings", |encodings| {
            encodings.default_value(None).help(
                "Codings to take from files beside the files: gzip, and br where nginx has the \
                 module brotli_static [default: gzip in a folder that `build` wrote, else none]",
            )
        })
        .arg(
            Arg::new("name")
                .long("name")
                .value_name("NAME")
                .default_value("stamped")
                .value_parser(identifier)
                .help("What variables and named locations begin with; two sites need two names"),
        )
        .arg(
            Arg::new("no-hash-sizes")
                .long("no-hash-sizes")
                .action(ArgAction::SetTrue)
                .help("Leave out map_hash_*, for an `http` block that sets them already"),
        )
}

fn with_places(command: Command) -> Command {
    let path = |name: &'static str, value: &'static str, help: &'static str| {
        let path = clap::value_parser!(PathBuf);
        Arg::new(name).long(name).value_name(value).value_parser(path).help(help)
    };
    command.arg(path("out", "CONF", "The folder to write the rules to").required(true)).arg(path(
        "root",
        "PATH",
        "Where the server has the files [default: DIR]",
    ))
}

/// Writes the rules for one server.
pub(crate) fn run(arguments: &ArgMatches) -> Result<(), String> {
    let Some((_, arguments)) = arguments.subcommand() else {
        return Err("no server was named".to_owned());
    };
    let folder = arguments.get_one::<String>("dir").map(String::as_str).unwrap_or_default();
    let folder = absolute(Path::new(folder))?;
    let root = match arguments.get_one::<PathBuf>("root") {
        Some(root) => root.clone(),
        None => folder.clone(),
    };
    let root = root.to_str().ok_or_else(|| {
        format!("`{}` is not UTF-8; name another path with `--root`", root.display())
    })?;
    let root = root.strip_suffix('/').unwrap_or(root);
    if given(arguments, "markup") {
        return Err("a server has files as they are on its disk, so no reference is rewritten; \
                    write them with `stamped build --markup` first"
            .to_owned());
    }
    let site = match manifest(&folder)? {
        Some(manifest) => {
            if let Some(option) = DECIDED.iter().find(|option| given(arguments, option)) {
                return Err(format!(
                    "`{}` was written by `stamped build`, so `--{option}` is decided; say it there",
                    folder.display()
                ));
            }
            Site::from_manifest(&manifest, root).map_err(|why| {
                format!("`{}`: {why}; build it again", folder.join("manifest.json").display())
            })?
        }
        None => Site::from_bundle(&bundle(&folder, arguments)?, root),
    };
    let encodings: Option<Vec<&str>> = arguments
        .get_many::<String>("encodings")
        .map(|codings| codings.map(String::as_str).collect());
    let options = nginx::Options {
        name: arguments.get_one::<String>("name").map_or("stamped", String::as_str),
        hash_sizes: !arguments.get_flag("no-hash-sizes"),
        encodings,
    };
    let rules = nginx::rules(&site, &options);
    let Some(out) = arguments.get_one::<PathBuf>("out") else {
        return Err("`--out` names no folder".to_owned());
    };
    rules.iter().try_for_each(|(name, text)| replace(&out.join(name), text))
}

/// The assets of a folder whose files stay in their place: nothing may change their bytes.
fn bundle(folder: &Path, arguments: &ArgMatches) -> Result<Bundle, String> {
    let list = |name: &str| -> Vec<String> {
        arguments.get_many::<String>(name).into_iter().flatten().cloned().collect()
    };
    let plain = NEVER_STAMPED.iter().map(|&pattern| pattern.to_owned()).chain(list("plain"));
    let mut pipeline = Pipeline::new(folder).plain(plain).references(References::Leave);
    if let Some(mount) = arguments.get_one::<String>("mount") {
        pipeline = pipeline.mount(mount);
    }
    if let Some(&stamp) = arguments.get_one::<Stamp>("stamp") {
        pipeline = pipeline.stamp(stamp);
    }
    let only = list("only");
    if !only.is_empty() {
        pipeline = pipeline.stamp_only(only);
    }
    pipeline = list("prestamped").into_iter().fold(pipeline, Pipeline::prestamped);
    pipeline = list("exclude").into_iter().fold(pipeline, Pipeline::exclude);
    let bundle = pipeline.encodings([]).process().map_err(|error| error.to_string())?;
    if !arguments.get_flag("quiet") {
        for warning in bundle.warnings() {
            eprintln!("stamped: warning: {warning}");
        }
    }
    Ok(bundle)
}

/// The manifest of an exported folder. Web app manifests are often named so, too.
fn manifest(folder: &Path) -> Result<Option<Value>, String> {
    let path = folder.join("manifest.json");
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(format!("cannot read `{}`: {error}", path.display())),
    };
    let Ok(manifest) = serde_json::from_slice::<Value>(&text) else { return Ok(None) };
    if !(manifest["version"].is_u64()
        && manifest["mount"].is_string()
        && manifest["assets"].is_object())
    {
        return Ok(None);
    }
    match manifest["version"].as_u64() {
        Some(1) => Ok(Some(manifest)),
        _ => Err(format!(
            "`{}` is of a version that this program does not know; build it again",
            path.display()
        )),
    }
}

impl Site {
    fn from_bundle(bundle: &Bundle, root: &str) -> Self {
        let mut entries = Vec::new();
        for asset in bundle.assets() {
            let entry = |path: &str, forever| Entry {
                path: path.to_owned(),
                file: format!("/{}", asset.name()),
                forever,
                content_type: asset.content_type().to_owned(),
            };
            if asset.kind() == Kind::Stamped {
                entries.push(entry(asset.path(), true));
            }
            entries.push(entry(asset.name(), asset.kind() == Kind::Prestamped));
        }
        Site::new(bundle.mount(), root, false, entries, BTreeSet::new())
    }

    fn from_manifest(manifest: &Value, root: &str) -> Result<Self, String> {
        let mount = manifest["mount"].as_str().unwrap_or_default();
        let mount = mount.strip_suffix('/').unwrap_or(mount);
        let mut entries = Vec::new();
        let mut encodings = BTreeSet::new();
        for (name, asset) in manifest["assets"].as_object().into_iter().flatten() {
            let text = |field: &str| {
                let missing = || format!("the asset `{name}` has no `{field}`");
                asset[field].as_str().ok_or_else(missing)
            };
            let path = text("path")?;
            let codings: Vec<&String> =
                asset["encodings"].as_object().into_iter().flat_map(|all| all.keys()).collect();
            encodings.extend(codings.iter().map(|&coding| coding.clone()));
            let content_type = text("type")?;
            let entry = |path: &str, forever| {
                let bad = |part: &str| matches!(part, "" | "." | "..");
                if path.split('/').any(bad) {
                    return Err(format!("`{path}` is no path of an asset"));
                }
                Ok(Entry {
                    path: path.to_owned(),
                    file: format!("{mount}/{path}"),
                    forever,
                    content_type: content_type.to_owned(),
                })
            };
            if path != name {
                entries.push(entry(path, true)?);
            }
            entries.push(entry(name, asset["kind"] == "prestamped")?);
        }
        Ok(Site::new(mount, root, true, entries, encodings))
    }

    fn new(
        mount: &str,
        root: &str,
        exported: bool,
        mut entries: Vec<Entry>,
        encodings: BTreeSet<String>,
    ) -> Self {
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        entries.dedup_by(|a, b| a.path == b.path);
        Site { mount: mount.to_owned(), root: root.to_owned(), exported, entries, encodings }
    }

    /// The path of a request, percent-decoded.
    fn request(&self, entry: &Entry) -> String {
        format!("{}/{}", self.mount, entry.path)
    }
}

fn given(arguments: &ArgMatches, option: &str) -> bool {
    // Not every server has every option.
    matches!(arguments.try_contains_id(option), Ok(true))
        && arguments.value_source(option) == Some(ValueSource::CommandLine)
}

fn absolute(path: &Path) -> Result<PathBuf, String> {
    std::path::absolute(path)
        .map_err(|error| format!("cannot tell where `{}` is: {error}", path.display()))
}

fn identifier(name: &str) -> Result<String, String> {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    match name.bytes().all(is_word) && name.starts_with(|first: char| first.is_ascii_lowercase()) {
        true => Ok(name.to_owned()),
        false => Err("expected lower-case letters, digits and `_`, a letter first".to_owned()),
    }
}

/// Replaces a file at once, and only if it changes: a server may be reading it.
fn replace(path: &Path, text: &str) -> Result<(), String> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&temporary, text))
        .and_then(|()| fs::rename(&temporary, path))
        .map_err(|error| format!("cannot write `{}`: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_app_manifest_is_no_manifest_of_an_export() {
        let folder = std::env::temp_dir().join(format!("stamped-config-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let with = |text: &str| {
            fs::write(folder.join("manifest.json"), text).unwrap();
            manifest(&folder)
        };
        assert_eq!(with(r#"{"name":"App","version":1}"#), Ok(None));
        assert_eq!(with("no JSON"), Ok(None));
        assert!(matches!(with(r#"{"version":1,"mount":"","assets":{}}"#), Ok(Some(_))));
        assert!(with(r#"{"version":2,"mount":"","assets":{}}"#).is_err());
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(manifest(&folder), Ok(None));
    }

    #[test]
    fn a_path_that_leads_out_of_the_folder_is_refused() {
        let manifest = |name: &str| {
            serde_json::json!({
                "mount": "/static", "assets": { name: { "path": "a.1.css", "type": "text/css" } }
            })
        };
        assert!(Site::from_manifest(&manifest("a.css"), "/srv").is_ok());
        for name in ["../a.css", "a//b.css", "", "a/./b.css"] {
            assert!(Site::from_manifest(&manifest(name), "/srv").is_err(), "{name}");
        }
    }
}
