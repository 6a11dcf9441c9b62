//! `_headers` and `_redirects`, which Netlify, Cloudflare Pages and others take from the folder that is
//! deployed.
//!
//! Each path has a rule of its own. A wildcard would cover paths of other versions too, whose 404 no cache
//! may keep. Paths without a rule get what these hosts send by themselves, `max-age=0, must-revalidate`,
//! which is safe for all of them. So the rules for stamped paths come first: Cloudflare leaves out what is
//! too much.

use super::rules::Rules;
use super::site::{self, Entry, Site};
use crate::output;
use clap::{Args, ValueHint};
use stamped::http::{ASK_AGAIN, FOREVER};
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
            return Err(super::no_stamped_files(&folder, "a static host"));
        };
        let mut site = Site::from_manifest(&manifest, "");
        if self.no_root_files {
            site.at_root.clear();
        }
        let (headers, forever) = headers(&site);
        if forever > CLOUDFLARE {
            output::note(&format!(
                "note: {forever} paths may be cached for ever, and Cloudflare Pages takes {CLOUDFLARE} rules; \
                 for so many files publish to R2 instead: docs/publish.md"
            ));
        }
        super::write(&[headers, redirects(&site)], &self.out, self.force)
    }
}

/// The rules for all paths, those that stand for their bytes first, and how many these are.
fn headers(site: &Site) -> (Rules, usize) {
    let (forever, plain): (Vec<_>, Vec<_>) =
        site.entries.iter().filter(|entry| is_literal(entry)).partition(|entry| entry.forever);
    let mut text = String::new();
    let mut add = |path: String, cache_control: &str, entry: &Entry| {
        let (path, content_type) = (Encoded(&path), &entry.content_type);
        let _ = writeln!(
            text,
            "{path}\n  Cache-Control: {cache_control}\n  Content-Type: {content_type}\n  \
             X-Content-Type-Options: nosniff"
        );
    };
    for entry in &forever {
        add(site.request(entry), FOREVER, entry);
    }
    for entry in &plain {
        add(site.request(entry), ASK_AGAIN, entry);
    }
    for entry in site.at_root.iter().filter(|entry| is_literal(entry)) {
        add(format!("/{}", entry.path), ASK_AGAIN, entry);
    }
    (Rules::new("_headers", "hosts", INTRO, &text), forever.len())
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
    fn each_path_has_a_rule_and_no_rule_has_a_wildcard() {
        let folder = stamped_test_support::Dir::new();
        let nowhere =
            stamped_build::Pipeline::new("no such folder").allow_missing(true).mount("/s");
        let names = ["a b.css", "图.png", "x*y.css", "x:y.css", "robots.txt"];
        let pipeline = names.iter().fold(nowhere, |it, &name| it.file(name, name));
        let bundle = pipeline.stamp(stamped_build::Stamp::Fixed(7)).process().unwrap();
        let exported = bundle.export(&stamped_build::Export::new(folder.join("out"))).unwrap();
        let manifest = Manifest::read(exported.manifest()).unwrap();
        let site = Site::from_manifest(&manifest, "");
        let (rules, forever) = headers(&site);
        assert_eq!(forever, 2);
        rules.write(&folder).unwrap();
        redirects(&site).write(&folder).unwrap();
        let read = |name: &str| {
            let text = std::fs::read_to_string(folder.join(name)).unwrap();
            let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let rules = read("_headers");
        let rules: Vec<[&str; 4]> = rules
            .chunks(4)
            .map(|rule| std::array::from_fn(|line| rule[line].as_str().trim_start()))
            .collect();
        let rule = |path, cache_control, content_type| {
            [path, cache_control, content_type, "X-Content-Type-Options: nosniff"]
        };
        let (forever, ask_again) =
            (format!("Cache-Control: {FOREVER}"), format!("Cache-Control: {ASK_AGAIN}"));
        let (css, png) = ("Content-Type: text/css; charset=utf-8", "Content-Type: image/png");
        let text = "Content-Type: text/plain; charset=utf-8";
        assert_eq!(
            rules,
            [
                rule("/s/a%20b.7.css", &forever, css),
                rule("/s/%E5%9B%BE.7.png", &forever, png),
                rule("/s/a%20b.css", &ask_again, css),
                rule("/s/robots.txt", &ask_again, text),
                rule("/s/%E5%9B%BE.png", &ask_again, png),
                rule("/robots.txt", &ask_again, text),
            ]
        );
        assert_eq!(read("_redirects"), ["/robots.txt /s/robots.txt 200"]);
    }
}
