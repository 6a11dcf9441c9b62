//! `stamped config`: rules for a server that has the files on its disk.

mod apache;
mod caddy;
mod nginx;

use crate::file;
use crate::options::{self, Refer};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint};
use serde_json::Value;
use stamped::percent::Encoded;
use stamped_build::{Addressing, Bundle, References};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The options that make a folder's files assets. In an exported folder all that is decided.
const DECIDED: &[&str] =
    &["mount", "stamp", "only", "plain", "prestamped", "exclude", "references", "markup"];

/// How long a cache may keep what never changes, as the handler says it.
const FOREVER: &str = "max-age=31536000, immutable";

/// The paths that a server may answer.
struct Site {
    /// The URL prefix: empty, or with a slash in front and none behind.
    mount: String,
    /// The folder that files lie in, as the server sees it. In an exported folder the mount is a
    /// folder of it; where that is `/`, `root` stands for it.
    root: String,
    /// Whether `stamped build` wrote the folder: its files have their stamped names.
    exported: bool,
    /// In the order of their paths, each of which there is once.
    entries: Vec<Entry>,
    /// The codings of which some file of an exported folder has a neighbour.
    encodings: BTreeSet<String>,
    /// How many digits stamps have.
    digits: BTreeSet<usize>,
}

/// One path. A stamped asset has two of them, and one more for each version that is kept.
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

const LONG_ABOUT: &str = "\
Writes rules for a server that has the files on its disk.

An answer may be kept for a year only if the path stands for exactly these bytes; the path of another \
version is a 404 that no cache keeps. Make the rules again whenever the files have changed.";

const EXAMPLES: &str = "\
Examples:
  stamped build assets --out /srv/site
  stamped config nginx /srv/site --out /etc/nginx/stamped

then `include stamped/http.conf` in the http block of nginx, and `stamped/server.conf` in the server \
block. `stamped help config caddy` and `stamped help config apache` tell about these servers.";

pub(crate) fn command() -> Command {
    Command::new("config")
        .about("Writes rules for a server that has the files on its disk")
        .long_about(LONG_ABOUT)
        .after_long_help(EXAMPLES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(nginx_command())
        .subcommand(exported_command(
            "caddy",
            "Writes site.caddy, to be imported in a site of Caddy",
        ))
        .subcommand(exported_command(
            "apache",
            "Writes vhost.conf, to be included in a virtual host of Apache",
        ))
}

/// The command for a server that cannot look names up, and so needs files that have them.
fn exported_command(server: &'static str, about: &'static str) -> Command {
    let dir = options::dir("A folder that `build` wrote");
    with_places(Command::new(server).about(about).arg(dir))
}

fn nginx_command() -> Command {
    let about = "Writes http.conf and server.conf, to be included in these two blocks of nginx";
    with_places(options::add(Command::new("nginx").about(about)))
        .mut_arg("dir", |dir| dir.help("The folder with the assets, or one that `build` wrote"))
        // References stay as they are, or the bytes would no longer be those on the disk.
        .mut_arg("markup", |markup| markup.hide(true))
        .mut_arg("references", |references| references.hide(true).default_value("leave"))
        .mut_arg("encodings", |encodings| {
            encodings.default_value(None).help(
                "Codings to take from files beside the files: gzip, and br where nginx has the \
                 module brotli_static [default: gzip in a folder that `build` wrote, else none]",
            )
        })
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
        Arg::new(name)
            .long(name)
            .value_name(value)
            .value_parser(path)
            .value_hint(ValueHint::DirPath)
            .help(help)
    };
    command
        .arg(path("out", "CONF", "The folder to write the rules to").required(true))
        .arg(path("root", "PATH", "Where the server has the files of DIR [default: there]"))
        .arg(
            Arg::new("name")
                .long("name")
                .value_name("NAME")
                .default_value("stamped")
                .value_parser(identifier)
                .help("What names in the rules begin with, to tell two sets of assets apart"),
        )
}

/// Writes the rules for one server.
pub(crate) fn run(arguments: &ArgMatches) -> Result<(), String> {
    let Some((server, arguments)) = arguments.subcommand() else {
        return Err("no server was named".to_owned());
    };
    let folder = options::absolute(&options::folder(arguments)?)?;
    let root = match arguments.get_one::<PathBuf>("root") {
        Some(root) => root.clone(),
        None => folder.clone(),
    };
    let root = root.to_str().ok_or_else(|| {
        format!("`{}` is not UTF-8; name another path with `--root`", root.display())
    })?;
    let root = root.strip_suffix('/').unwrap_or(root);
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
        // The files stay in their place: nothing may change their bytes.
        None if server == "nginx" => {
            if let Some(option) = rewriting(arguments) {
                return Err(format!(
                    "a server has files as they are on its disk, so no reference is rewritten; write \
                     them with `stamped build --{option}` first"
                ));
            }
            Site::from_bundle(&options::bundle(arguments, false)?, root)
        }
        None => {
            return Err(format!(
                "`{}` has no stamped files, which {server} needs; write them with `stamped build`, \
                 and name that folder",
                folder.display()
            ));
        }
    };
    let name = arguments.get_one::<String>("name").map_or("stamped", String::as_str);
    let rules = match server {
        "caddy" => vec![caddy::rules(&site, name)?],
        "apache" => vec![apache::rules(&site, name)?],
        _ => {
            let hash_sizes = !arguments.get_flag("no-hash-sizes");
            let encodings = arguments
                .get_many::<String>("encodings")
                .map(|codings| codings.map(String::as_str).collect());
            nginx::rules(&site, &nginx::Options { name, hash_sizes, encodings })
        }
    };
    let Some(out) = arguments.get_one::<PathBuf>("out") else {
        return Err("`--out` names no folder".to_owned());
    };
    rules.iter().try_for_each(|(name, text)| replace(&out.join(name), text))
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
        let mut site = Site::new(bundle.mount(), root, false);
        for asset in bundle.assets() {
            let mut add = |path: &str, forever| {
                site.entries.push(Entry {
                    path: path.to_owned(),
                    file: format!("/{}", asset.name()),
                    forever,
                    content_type: asset.content_type().to_owned(),
                });
            };
            if asset.addressing() == Addressing::Stamped {
                add(asset.path(), true);
            }
            add(asset.name(), asset.addressing() == Addressing::Prestamped);
        }
        site.sort();
        site
    }

    fn from_manifest(manifest: &Value, root: &str) -> Result<Self, String> {
        let mount = manifest["mount"].as_str().unwrap_or_default();
        let mount = mount.strip_suffix('/').unwrap_or(mount);
        let root = if mount.is_empty() { format!("{root}/root") } else { root.to_owned() };
        let mut site = Site::new(mount, &root, true);
        for (name, asset) in manifest["assets"].as_object().into_iter().flatten() {
            site.add_exported(name, asset)?;
            // Of a name that is kept this is the same path again.
            site.add_file(name, asset["prestamped"] == true, text(asset, "type")?)?;
        }
        for asset in manifest["retired"].as_array().into_iter().flatten() {
            let url = format!("{mount}/{}", Encoded(text(asset, "path")?));
            // A version from before the mount was another stays where it was.
            if asset["url"] == url {
                site.add_exported(text(asset, "name")?, asset)?;
            }
        }
        site.sort();
        Ok(site)
    }

    /// Adds the path that an asset has in a build.
    fn add_exported(&mut self, name: &str, asset: &Value) -> Result<(), String> {
        let path = text(asset, "path").map_err(|why| format!("{why} of `{name}`"))?;
        let stamp = asset["stamp"].as_str();
        self.add_file(path, stamp.is_some() || asset["prestamped"] == true, text(asset, "type")?)?;
        self.digits.extend(stamp.map(str::len));
        let codings = asset["encodings"].as_object().into_iter().flat_map(|all| all.keys());
        self.encodings.extend(codings.cloned());
        Ok(())
    }

    fn new(mount: &str, root: &str, exported: bool) -> Self {
        Site {
            mount: mount.to_owned(),
            root: root.to_owned(),
            exported,
            entries: Vec::new(),
            encodings: BTreeSet::new(),
            digits: BTreeSet::new(),
        }
    }

    fn add_file(&mut self, path: &str, forever: bool, type_: &str) -> Result<(), String> {
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(format!("`{path}` is no path of an asset"));
        }
        let (file, content_type) = (format!("{}/{path}", self.mount), type_.to_owned());
        self.entries.push(Entry { path: path.to_owned(), file, forever, content_type });
        Ok(())
    }

    fn sort(&mut self) {
        self.entries.sort_by(|a, b| a.path.cmp(&b.path));
        self.entries.dedup_by(|a, b| a.path == b.path);
    }

    /// The path of a request, percent-decoded.
    fn request(&self, entry: &Entry) -> String {
        format!("{}/{}", self.mount, entry.path)
    }
}

/// Regular expressions over decoded paths, for servers that can match but not look up. What they say
/// of a path only ever counts where there is a file of this name.
struct Patterns {
    /// Every path under the mount.
    mount: String,
    /// Paths that never change, as far as their looks tell.
    forever: Option<String>,
    /// Names of assets that only look like stamped ones.
    but_plain: Option<String>,
    /// Names that a bundler has stamped in a way of its own.
    also_forever: Option<String>,
    /// Paths of files in content codings, and other files that are no assets.
    beside: &'static str,
    /// Names of assets that only look like those.
    not_beside: Option<String>,
}

impl Patterns {
    fn of(site: &Site) -> Self {
        let mount = regex(&site.mount);
        let looks_stamped = |entry: &Entry| {
            let file = entry.path.rsplit('/').next().unwrap_or_default();
            file.split('.').skip(1).any(|segment| {
                site.digits.contains(&segment.len())
                    && segment.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        let list = |is_in: &dyn Fn(&Entry) -> bool| {
            let names: Vec<String> = site
                .entries
                .iter()
                .filter(|entry| is_in(entry))
                .map(|entry| regex(&site.request(entry)))
                .collect();
            (!names.is_empty()).then(|| format!("(?s)^(?:{})$", names.join("|")))
        };
        let digits: Vec<String> = site.digits.iter().map(|n| format!("[0-9]{{{n}}}")).collect();
        let beside = |entry: &Entry| entry.path.ends_with(".br") || entry.path.ends_with(".gz");
        Patterns {
            forever: (!digits.is_empty()).then(|| {
                // The lengths keep out most numbers that are no stamps.
                format!(r"(?s)^{mount}/.*\.(?:{})(?:\.[^/]*)?$", digits.join("|"))
            }),
            but_plain: list(&|entry| !entry.forever && looks_stamped(entry)),
            also_forever: list(&|entry| entry.forever && !looks_stamped(entry)),
            beside: r"(?:/|\.br|\.gz)$",
            not_beside: list(&beside),
            mount: format!("^{mount}/"),
        }
    }
}

/// The content types: by extension where most files agree.
struct Types<'a> {
    /// In lower case.
    by_extension: BTreeMap<String, &'a str>,
    without_extension: &'a str,
    others: Vec<&'a Entry>,
}

impl<'a> Types<'a> {
    fn of(site: &'a Site) -> Self {
        let mut counts: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
        for entry in &site.entries {
            let types = counts.entry(extension(&entry.file)).or_default();
            *types.entry(&entry.content_type).or_default() += 1;
        }
        let mut by_extension: BTreeMap<String, &str> = counts
            .into_iter()
            .filter_map(|(extension, types)| {
                // Of equally many the first, so that the same files give the same rules.
                let most = types.into_iter().rev().max_by_key(|&(_, count)| count);
                most.map(|(content_type, _)| (extension, content_type))
            })
            .collect();
        let type_of = |entry: &Entry| by_extension.get(&extension(&entry.file)).copied();
        let is_other = |entry: &&Entry| type_of(entry) != Some(&*entry.content_type);
        let others = site.entries.iter().filter(is_other).collect();
        let without_extension = by_extension.remove("").unwrap_or("application/octet-stream");
        Types { by_extension, without_extension, others }
    }

    /// Each type and a regular expression for the paths that have it, the rarer ones last, because
    /// they are also matched by the others.
    fn patterns(&self, site: &Site) -> Vec<(&'a str, String)> {
        let mount = regex(&site.mount);
        let mut extensions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (extension, content_type) in &self.by_extension {
            extensions.entry(content_type).or_default().push(regex(extension));
        }
        let mut names: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for entry in &self.others {
            names.entry(&entry.content_type).or_default().push(regex(&site.request(entry)));
        }
        let plain = (self.without_extension, format!(r"(?s)^{mount}/(?:.*/)?\.?[^./]*$"));
        let by_extension = extensions.into_iter().map(|(content_type, extensions)| {
            (content_type, format!(r"(?s)^{mount}/.*[^/]\.(?i:{})$", extensions.join("|")))
        });
        let by_name = names
            .into_iter()
            .map(|(content_type, names)| (content_type, format!("(?s)^(?:{})$", names.join("|"))));
        std::iter::once(plain).chain(by_extension).chain(by_name).collect()
    }
}

/// What servers take for a file's extension. A name that begins with its only dot has none.
fn extension(file: &str) -> String {
    let file = file.rsplit('/').next().unwrap_or(file);
    match file.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension.to_ascii_lowercase(),
        _ => String::new(),
    }
}

/// A regular expression that matches this text. It has no character in it that would mean something
/// in a configuration: no quote, dollar sign, brace or blank.
fn regex(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '/' | '_' => escaped.push(character),
            '"' | '\'' | '`' | '\\' | '$' | '{' | '}' | '%' | '#' | '<' | '>' | ' ' => {
                let _ = write!(escaped, r"\x{:02x}", u32::from(character));
            }
            _ if character.is_ascii_control() => {
                let _ = write!(escaped, r"\x{:02x}", u32::from(character));
            }
            _ if character.is_ascii_punctuation() => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// The root for a server that has no way to write every path.
fn simple_root(site: &Site) -> Result<&str, String> {
    let bad = |character: char| {
        character.is_control() || matches!(character, '"' | '`' | '\\' | '$' | '%' | '{' | '}')
    };
    match site.root.contains(bad) {
        true => Err(format!(
            "`{}` has characters that mean something in the rules; give the files another path with \
             `--root`",
            site.root
        )),
        false => Ok(&site.root),
    }
}

fn text<'a>(asset: &'a Value, field: &str) -> Result<&'a str, String> {
    asset[field].as_str().ok_or_else(|| format!("there is no `{field}`"))
}

fn given(arguments: &ArgMatches, option: &str) -> bool {
    // Not every server has every option.
    matches!(arguments.try_contains_id(option), Ok(true))
        && arguments.value_source(option) == Some(ValueSource::CommandLine)
}

/// The option that would have references rewritten.
fn rewriting(arguments: &ArgMatches) -> Option<&'static str> {
    let leaves = |&Refer(references): &Refer| references == References::Leave;
    match arguments.get_one::<Refer>("references") {
        Some(references) if !leaves(references) => Some("references"),
        _ => given(arguments, "markup").then_some("markup"),
    }
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
    fs::create_dir_all(path.parent().unwrap_or(path))
        .map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
    file::write(path, text.as_bytes())
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
