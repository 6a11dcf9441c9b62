//! `stamped config`: rules for a server that has the files on its disk.

mod apache;
mod caddy;
mod hosts;
mod nginx;
mod patterns;
mod rules;
mod site;
mod wish;

use clap::{Args, Subcommand, ValueHint};
use rules::Rules;
use site::Site;
use std::path::{Path, PathBuf};
pub(crate) use wish::{Wish, next};

const EXAMPLES: &str = "\
Examples:
  stamped build assets --out /srv/site
  stamped config nginx /srv/site --out /etc/nginx/stamped

Then `include stamped/http.conf` in the http block of nginx, and `stamped/server.conf` in the server
block. `stamped help config` lists the others.";

/// Writes rules for a server that has the files on its disk
///
/// An answer may be cached for a year only if the path stands for exactly these bytes; the path of
/// another version is a 404 that no cache keeps. Write the rules again whenever the files change.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Config {
    #[command(subcommand)]
    server: Server,
}

#[derive(Subcommand)]
enum Server {
    Nginx(nginx::Nginx),
    /// Writes site.caddy, to be imported in a site of Caddy
    Caddy(Exported),
    /// Writes vhost.conf, to be included in a virtual host of Apache
    Apache(Exported),
    Hosts(hosts::Hosts),
}

/// The options for a server that cannot look names up, and so needs files that have them.
#[derive(Args)]
struct Exported {
    /// A folder that `build` wrote
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: PathBuf,

    #[command(flatten)]
    places: Places,
}

/// Where the rules go, and what they say about places.
#[derive(Args)]
struct Places {
    /// Write the rules to this folder
    #[arg(long, value_name = "CONF", value_hint = ValueHint::DirPath)]
    out: PathBuf,

    /// Replace files in CONF that this command did not write
    #[arg(long)]
    force: bool,

    /// Where the server finds the files of DIR [default: there]
    #[arg(long, value_name = "PATH", value_hint = ValueHint::DirPath)]
    root: Option<PathBuf>,

    /// Begin names in the rules with this, to tell two sets of assets apart
    #[arg(long, value_name = "NAME", default_value = "stamped", value_parser = identifier)]
    name: String,

    /// Serve robots.txt, favicon.ico and the like only below the mount
    ///
    /// Without this, files at the top of the folder that others look for at the root of the site are
    /// served there too. It is for a server that has rules for these paths already.
    #[arg(long)]
    no_root_files: bool,
}

impl Config {
    pub(crate) fn run(&self) -> Result<(), String> {
        match &self.server {
            Server::Nginx(nginx) => nginx.run(),
            Server::Hosts(hosts) => hosts.run(),
            Server::Caddy(exported) => exported.run("Caddy", caddy::rules),
            Server::Apache(exported) => exported.run("Apache", apache::rules),
        }
    }
}

impl Exported {
    fn run(
        &self,
        server: &str,
        rules: impl Fn(&Site, &str) -> Result<Rules, String>,
    ) -> Result<(), String> {
        let folder = folder(&self.dir)?;
        let root = self.places.root(&folder)?;
        let Some(manifest) = site::manifest(&folder)? else {
            return Err(no_stamped_files(&folder, server));
        };
        let site = self.places.limited(Site::from_manifest(&manifest, &root));
        self.places.write(&[rules(&site, &self.places.name)?])
    }
}

impl Places {
    /// The folder that the server finds the files in.
    fn root(&self, folder: &Path) -> Result<String, String> {
        let root = self.root.as_deref().unwrap_or(folder);
        let text = root.to_str().ok_or_else(|| {
            format!("`{}` is not UTF-8; name another path with `--root`", root.display())
        })?;
        Ok(text.strip_suffix('/').unwrap_or(text).to_owned())
    }

    /// The site with only the paths that are wished for.
    fn limited(&self, mut site: Site) -> Site {
        if self.no_root_files {
            site.at_root.clear();
        }
        site
    }

    fn write(&self, rules: &[Rules]) -> Result<(), String> {
        write(rules, &self.out, self.force)
    }
}

/// Writes all files, or none where one of them belongs to another program.
fn write(rules: &[Rules], folder: &Path, force: bool) -> Result<(), String> {
    if !force {
        rules.iter().try_for_each(|rules| rules.check(folder))?;
    }
    rules.iter().try_for_each(|rules| rules.write(folder))
}

/// What is said of a folder without a manifest to those whose files must have their stamped names.
fn no_stamped_files(folder: &Path, who_needs_them: &str) -> String {
    let error = format!(
        "`{}` has no stamped files, which {who_needs_them} needs; write them with `stamped build`, and \
         name that folder",
        folder.display()
    );
    site::doubted(folder, error)
}

fn folder(typed: &Path) -> Result<PathBuf, String> {
    crate::folder::absolute(&crate::folder::existing(typed)?)
}

fn identifier(name: &str) -> Result<String, String> {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    match name.bytes().all(is_word) && name.starts_with(|first: char| first.is_ascii_lowercase()) {
        true => Ok(name.to_owned()),
        false => Err("expected lower-case letters, digits and `_`, a letter first".to_owned()),
    }
}
