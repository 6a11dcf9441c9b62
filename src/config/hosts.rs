//! `_headers` and `_redirects`, which Netlify, Cloudflare Pages and others take from the folder that is
//! deployed.
//!
//! Each stamped path has a rule of its own. A wildcard would cover paths of other versions too, whose
//! 404 no cache may keep. Paths without a rule get what these hosts send by themselves, `max-age=0,
//! must-revalidate`, which is what plain names need.

use super::rules::Rules;
use super::site::{self, Entry, FOREVER, Site};
use crate::output;
use clap::{Args, ValueHint};
use stamped::percent::Encoded;
use std::fmt::Write as _;
use std::path::PathBuf;

const INTRO: &str = ", for Netlify, Cloudflare Pages and others
# Write it again after each build, and deploy it with the files.";

/// How many rules Cloudflare Pages takes from each file.
const CLOUDFLARE: usize = 100;

/// Writes _headers and _redirects, for Netlify, Cloudflare Pages and others
#[derive(Args)]
pub(super) struct Hosts {
    /// A folder that `build` or `publish` wrote
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: PathBuf,

    /// Write the rules to this folder: the one that is deployed
    #[arg(long, value_name = "CONF", value_hint = ValueHint::DirPath)]
    out: PathBuf,

    /// Replace files in CONF that this command did not write
    #[arg(long)]
    force: bool,

    /// Serve robots.txt, favicon.ico and the like only below the mount
    #[arg(long)]
    no_root_files: bool,
}

impl Hosts {
    pub(super) fn run(&self) -> Result<(), String> {
        let folder = super::folder(&self.dir)?;
        let manifest = match site::manifest(&folder)? {
            Some(manifest) => Some(manifest),
            None => site::manifest(&folder.join(".stamped"))?,
        };
        let Some(manifest) = manifest else {
            return Err(format!(
                "`{}` has no stamped files, which static hosts need; write them with `stamped build`, \
                 and name that folder",
                folder.display()
            ));
        };
        let mut site = Site::from_manifest(&manifest, "");
        if self.no_root_files {
            site.at_root.clear();
        }
        let (headers, count) = headers(&site);
        if count > CLOUDFLARE {
            output::note(&format!(
                "note: there are {count} rules, and Cloudflare Pages takes {CLOUDFLARE}; for so many files \
                 publish to R2 instead: docs/publish.md"
            ));
        }
        super::write(&[headers, redirects(&site)], &self.out, self.force)
    }
}

/// The rules for paths that stand for their bytes, and how many these are.
fn headers(site: &Site) -> (Rules, usize) {
    let mut text = String::new();
    let mut count = 0;
    for entry in site.entries.iter().filter(|entry| entry.forever && is_literal(entry)) {
        let path = format!("{}/{}", site.mount, entry.path);
        let _ = writeln!(text, "{}\n  Cache-Control: {FOREVER}", Encoded(&path));
        count += 1;
    }
    (Rules::new("_headers", "hosts", INTRO, &text), count)
}

/// The rules for files that are at the root of the site too.
fn redirects(site: &Site) -> Rules {
    let mut text = String::new();
    for entry in site.at_root.iter().filter(|entry| is_literal(entry)) {
        let path = format!("/{}", entry.path);
        let _ = writeln!(text, "{} {}{} 200", Encoded(&path), Encoded(&site.mount), Encoded(&path));
    }
    Rules::new("_redirects", "hosts", INTRO, &text)
}

/// Whether the path means itself in a rule. One that does not gets no rule, and is asked for again.
fn is_literal(entry: &Entry) -> bool {
    !entry.path.contains(['*', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use stamped_build::Manifest;

    #[test]
    fn each_stamped_path_has_a_rule_and_no_rule_has_a_wildcard() {
        let folder = stamped_test_support::Dir::new();
        let nowhere =
            stamped_build::Pipeline::new("no such folder").allow_missing(true).mount("/s");
        let names = ["a b.css", "图.png", "x*y.css", "x:y.css", "robots.txt"];
        let pipeline = names.iter().fold(nowhere, |it, &name| it.file(name, name));
        let bundle = pipeline.stamp(stamped_build::Stamp::Fixed(7)).process().unwrap();
        let exported = bundle.export(&stamped_build::Export::new(folder.join("out"))).unwrap();
        let manifest = Manifest::read(exported.manifest()).unwrap();
        let site = Site::from_manifest(&manifest, "");
        let (rules, count) = headers(&site);
        assert_eq!(count, 2);
        rules.write(&folder).unwrap();
        redirects(&site).write(&folder).unwrap();
        let read = |name: &str| {
            let text = std::fs::read_to_string(folder.join(name)).unwrap();
            let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let forever = format!("  Cache-Control: {FOREVER}");
        assert_eq!(read("_headers"), ["/s/a%20b.7.css", &forever, "/s/%E5%9B%BE.7.png", &forever]);
        assert_eq!(read("_redirects"), ["/robots.txt /s/robots.txt 200"]);
    }
}
