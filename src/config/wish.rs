//! `stamped build --config`: the rules for what was just built.

use super::Config;
use clap::Parser;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A server, and perhaps the folder for its rules: `nginx` or `nginx=/etc/nginx/stamped`.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    server: Server,
    folder: Option<PathBuf>,
}

/// Rules that were written.
pub(crate) struct Written {
    server: Server,
    pub(crate) folder: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Server {
    Nginx,
    Caddy,
    Apache,
}

impl FromStr for Wish {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (server, folder) = match text.split_once('=') {
            Some((_, "")) => return Err("expected a folder behind `=`".to_owned()),
            Some((server, folder)) => (server, Some(PathBuf::from(folder))),
            None => (text, None),
        };
        let server = match server {
            "nginx" => Server::Nginx,
            "caddy" => Server::Caddy,
            "apache" => Server::Apache,
            _ => return Err("expected nginx, caddy or apache, and perhaps `=` and a folder".into()),
        };
        Ok(Wish { server, folder })
    }
}

/// The command line of `stamped config`, so that its defaults hold here too.
#[derive(Parser)]
struct Line {
    #[command(flatten)]
    config: Config,
}

impl Wish {
    /// Writes the rules for the files in `out`.
    pub(crate) fn fulfil(&self, out: &Path) -> Result<Written, String> {
        let folder = self.folder.clone().unwrap_or_else(|| out.join("config"));
        let name = match self.server {
            Server::Nginx => "nginx",
            Server::Caddy => "caddy",
            Server::Apache => "apache",
        };
        if self.folder.is_none()
            && super::site::manifest(out)?
                .is_some_and(|manifest| Path::new(manifest.mount()).starts_with("/config"))
        {
            return Err(format!(
                "`{}` has the served files; choose another folder for the rules with \
                 `--config {name}=FOLDER`",
                folder.display()
            ));
        }
        // `=` and `--`, because a folder may begin with a dash.
        let mut option = OsString::from("--out=");
        option.push(&folder);
        let words = ["config".into(), name.into(), option, "--".into(), out.into()];
        let line = Line::try_parse_from(words).map_err(|error| error.to_string())?;
        line.config.run()?;
        Ok(Written { server: self.server, folder: crate::folder::absolute(&folder)? })
    }
}

/// What to do with rules that were written.
pub(crate) fn next(rules: &Written) -> String {
    let folder = rules.folder.display();
    match rules.server {
        Server::Nginx => format!(
            "Once, in the `http` block of nginx:    include {folder}/http.conf;\n\
             Once, in its `server` block:           include {folder}/server.conf;\n\
             After each build:                      nginx -t && nginx -s reload\n"
        ),
        Server::Caddy => format!(
            "Once, in the site of the Caddyfile:    import {folder}/site.caddy\n\
             After each build:                      caddy reload\n"
        ),
        Server::Apache => format!(
            "Once, in the virtual host of Apache:   Include {folder}/vhost.conf\n\
             After each build:                      apachectl configtest && apachectl graceful\n"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_a_server_and_perhaps_a_folder() {
        let wish = Wish::from_str("caddy=/etc/a=b").unwrap();
        assert_eq!((wish.server, wish.folder), (Server::Caddy, Some("/etc/a=b".into())));
        assert!(Wish::from_str("nginx").is_ok_and(|wish| wish.folder.is_none()));
        for text in ["", "lighttpd", "nginx=", "=x", "Nginx"] {
            assert!(Wish::from_str(text).is_err(), "{text}");
        }
    }
}
