//! Rules for Caddy, which can match paths but not look them up in a table. The files have stamped names,
//! and patterns decide only how long caches may keep a file that exists.

use super::patterns::{Patterns, Types};
use super::rules::Rules;
use super::site::Site;
use stamped::http::FOREVER;
use std::fmt::Write as _;

const INTRO: &str = ", for a site of Caddy: import …/site.caddy
# Write it again after each `stamped build`, then reload Caddy.";

/// The file for one site, in which names begin with `name`.
pub(super) fn rules(site: &Site, name: &str) -> Result<Rules, String> {
    let root = site.simple_root()?;
    let patterns = Patterns::of(site);
    let mut conf = String::new();
    if let Some(at_root) = &patterns.at_root {
        let _ = write!(
            conf,
            "# Files that others look for at the root of the site. `--no-root-files` leaves them out.\n\
             @{name}_at_root path_regexp `{at_root}`\n\
             rewrite @{name}_at_root {}{{path}}\n\n",
            site.mount
        );
    }
    let _ = write!(
        conf,
        "@{name} path_regexp `{}`\nhandle @{name} {{\n\troot * \"{root}\"\n\n\
         \t# A file that is an asset, not one in a content coding beside it.\n\
         \t@{name}_asset {{\n\t\tfile\n\t\tnot {{\n\t\t\tpath_regexp `{}`\n",
        patterns.mount, patterns.beside
    );
    if let Some(not_beside) = &patterns.not_beside {
        let _ = writeln!(conf, "\t\t\tnot path_regexp `{not_beside}`");
    }
    conf += "\t\t}\n\t}\n";
    let _ = write!(
        conf,
        "\thandle @{name}_asset {{\n\
         \t\t@{name}_options method OPTIONS\n\
         \t\thandle @{name}_options {{\n\
         \t\t\theader Allow \"GET, HEAD, OPTIONS\"\n\t\t\theader Cache-Control no-store\n\
         \t\t\trespond 204\n\t\t}}\n\
         \t\t@{name}_other not method GET HEAD\n\
         \t\thandle @{name}_other {{\n\
         \t\t\theader Allow \"GET, HEAD, OPTIONS\"\n\t\t\theader Cache-Control no-store\n\
         \t\t\trespond 405\n\t\t}}\n\n\
         \t\t# `route` keeps the order: what is said later holds.\n\
         \t\troute {{\n\
         \t\t\t# Ranges are for GET, and of bytes.\n\
         \t\t\t@{name}_head method HEAD\n\
         \t\t\trequest_header @{name}_head -Range\n\
         \t\t\t@{name}_unit not header Range bytes=*\n\
         \t\t\trequest_header @{name}_unit -Range\n\n\
         \t\t\theader Cache-Control no-cache\n\t\t\theader X-Content-Type-Options nosniff\n"
    );
    if let Some(forever) = &patterns.forever {
        let _ = write!(conf, "\t\t\t@{name}_forever {{\n\t\t\t\tpath_regexp `{forever}`\n");
        if let Some(but_plain) = &patterns.but_plain {
            let _ = writeln!(conf, "\t\t\t\tnot path_regexp `{but_plain}`");
        }
        let _ =
            write!(conf, "\t\t\t}}\n\t\t\theader @{name}_forever Cache-Control \"{FOREVER}\"\n");
    }
    if let Some(also_forever) = &patterns.also_forever {
        let _ = write!(
            conf,
            "\t\t\t@{name}_also path_regexp `{also_forever}`\n\
             \t\t\theader @{name}_also Cache-Control \"{FOREVER}\"\n"
        );
    }
    conf.push('\n');
    for (number, (content_type, pattern)) in Types::of(site).patterns(site).iter().enumerate() {
        let _ = write!(
            conf,
            "\t\t\t@{name}_type{number} path_regexp `{pattern}`\n\
             \t\t\theader @{name}_type{number} Content-Type \"{content_type}\"\n"
        );
    }
    // Caddy adds `Vary` only when it sends the neighbour. `defer` keeps it from being there twice.
    let _ = write!(
        conf,
        "\n\t\t\t@{name}_coded file {{path}}.br {{path}}.gz\n\
         \t\t\theader @{name}_coded {{\n\t\t\t\tdefer\n\t\t\t\tVary Accept-Encoding\n\t\t\t}}\n\
         \t\t\tfile_server {{\n\t\t\t\tprecompressed br gzip\n\t\t\t}}\n\t\t}}\n\t}}\n\n\
         \t# What is not there now may be there with the next version.\n\
         \thandle {{\n\t\theader Cache-Control no-store\n\t\trespond 404\n\t}}\n}}\n"
    );
    Ok(Rules::new("site.caddy", "caddy", INTRO, &conf))
}
