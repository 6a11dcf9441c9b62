//! Rules for Apache, which can match paths but not look them up in a table. The files have stamped names,
//! and patterns decide only how long caches may keep a file that exists.

use super::patterns::{Patterns, Types, regex};
use super::rules::Rules;
use super::site::Site;
use stamped::http::FOREVER;
use std::fmt::Write as _;

const INTRO: &str = ", for a virtual host of Apache: Include …/vhost.conf
# It needs mod_alias, mod_rewrite, mod_headers, mod_mime and mod_env.
# Write it again after each `stamped build`, then reload Apache.";

/// The file for one virtual host, in which names begin with `name`.
pub(super) fn rules(site: &Site, name: &str) -> Result<Rules, String> {
    let root = site.simple_root()?;
    let patterns = Patterns::of(site);
    let Patterns { mount, beside, .. } = &patterns;
    let mut conf = String::new();
    let _ = write!(
        conf,
        "Alias \"{prefix}/\" \"{root}{prefix}/\"\n\
         <Directory \"{folder}\">\n    Require all granted\n    AllowOverride None\n    \
         Options FollowSymLinks\n</Directory>\n\n\
         # Or Apache would offer TRACE in each `Allow`.\n\
         TraceEnable off\n\n\
         RewriteEngine On\n",
        prefix = site.mount,
        folder = literal(&format!("{root}{}", site.mount)),
    );
    rewrite(&mut conf, name, mount, root, |conf| {
        let _ = writeln!(conf, "RewriteCond %{{REQUEST_URI}} \"{beside}\"");
        if let Some(not_beside) = &patterns.not_beside {
            let _ = writeln!(conf, "RewriteCond %{{REQUEST_URI}} \"!{not_beside}\"");
        }
        let _ = writeln!(conf, "RewriteRule \"{mount}\" - [R=404,L]");
    });
    let mut paths = mount.clone();
    if let Some(at_root) = &patterns.at_root {
        let below = format!("{root}{}", site.mount);
        let _ = write!(
            conf,
            "\n# Files that others look for at the root of the site. `--no-root-files` leaves them out.\n\
             AliasMatch \"{at_root}\" \"{below}$0\"\n"
        );
        rewrite(&mut conf, name, at_root, &below, |_| ());
        paths = format!("(?:{mount}|{at_root})");
    }
    let allow = "GET, HEAD, OPTIONS";
    let good = "%{REQUEST_STATUS} in {'200', '206', '304'}";
    let _ = write!(
        conf,
        "\n<LocationMatch \"{paths}\">\n    \
         # Pages of the server would lose these headers.\n    \
         ErrorDocument 404 default\n    ErrorDocument 405 default\n    \
         AddDefaultCharset Off\n    FileETag MTime Size\n    \
         # The codings are those of the files beside the files.\n    \
         SetEnv no-gzip 1\n    SetEnv no-brotli 1\n    \
         # Ranges are for GET, and a date does not count beside a tag.\n    \
         RequestHeader unset Range \"expr=%{{REQUEST_METHOD}} == 'HEAD'\"\n    \
         RequestHeader unset If-Modified-Since \"expr=-n req_novary('If-None-Match')\"\n    \
         RemoveEncoding .br .gz\n    RemoveLanguage .br\n    \
         Header always set X-Content-Type-Options nosniff\n    \
         Header set Cache-Control no-cache \"expr={good}\"\n    \
         Header merge Vary Accept-Encoding \"expr={good} && reqenv('{name}_coded') == '1'\"\n    \
         Header set Content-Encoding %{{{name}_coding}}e \"expr={good} && reqenv('{name}_coding') != ''\"\n    \
         # What is not there now may be there with the next version.\n    \
         Header always set Cache-Control no-store \"expr=%{{REQUEST_STATUS}} == 204 || %{{REQUEST_STATUS}} >= 400\"\n    \
         Header always set Allow \"{allow}\" \"expr=%{{REQUEST_STATUS}} in {{'204', '405'}}\"\n\
         </LocationMatch>\n"
    );
    let mut match_ = |pattern: &str, line: &str| {
        let _ = write!(conf, "<LocationMatch \"{pattern}\">\n    {line}\n</LocationMatch>\n");
    };
    let forever = format!("Header set Cache-Control \"{FOREVER}\" \"expr={good}\"");
    if let Some(pattern) = &patterns.forever {
        match_(pattern, &forever);
    }
    if let Some(pattern) = &patterns.but_plain {
        match_(pattern, &format!("Header set Cache-Control no-cache \"expr={good}\""));
    }
    if let Some(pattern) = &patterns.also_forever {
        match_(pattern, &forever);
    }
    for (content_type, pattern) in Types::of(site).patterns(site) {
        match_(&pattern, &format!("ForceType \"{content_type}\""));
    }
    for entry in &site.at_root {
        match_(
            &format!("(?s)^/{}$", regex(&entry.path)),
            &format!("ForceType \"{}\"", entry.content_type),
        );
    }
    Ok(Rules::new("vhost.conf", "apache", INTRO, &conf))
}

/// Rules for the paths that match a pattern, whose files are in a folder. `more` adds rules about which of
/// these files are assets.
fn rewrite(
    conf: &mut String,
    name: &str,
    pattern: &str,
    folder: &str,
    more: impl FnOnce(&mut String),
) {
    let _ = write!(
        conf,
        "# A file that is an asset, not one in a content coding beside it.\n\
         RewriteCond \"{folder}%{{REQUEST_URI}}\" !-f\n\
         RewriteRule \"{pattern}\" - [R=404,L]\n"
    );
    more(conf);
    let _ = write!(
        conf,
        "RewriteCond %{{REQUEST_METHOD}} =OPTIONS\n\
         RewriteRule \"{pattern}\" - [R=204,L]\n\
         RewriteCond %{{REQUEST_METHOD}} !^(?:GET|HEAD)$\n\
         RewriteRule \"{pattern}\" - [R=405,L]\n\
         RewriteCond \"{folder}%{{REQUEST_URI}}.br\" -f [OR]\n\
         RewriteCond \"{folder}%{{REQUEST_URI}}.gz\" -f\n\
         RewriteRule \"{pattern}\" - [E={name}_coded:1]\n"
    );
    for (coding, ending) in [("br", "br"), ("gzip", "gz")] {
        // A rewritten path with a question mark would become a path and a query.
        let _ = write!(
            conf,
            "RewriteCond %{{HTTP:Accept-Encoding}} \
             \"(?:^|,)[ \\t]*{coding}[ \\t]*(?:;[ \\t]*q=(?!0(?:\\.0*)?[ \\t]*(?:,|$))[^,]*)?(?:,|$)\" [NC,NV]\n\
             RewriteCond \"{folder}%{{REQUEST_URI}}.{ending}\" -f\n\
             RewriteCond %{{REQUEST_URI}} !\\?\n\
             RewriteRule \"{pattern}\" \"{folder}%{{REQUEST_URI}}.{ending}\" [L,E={name}_coding:{coding}]\n"
        );
    }
}

/// A path for `Directory`, which takes wildcards.
fn literal(path: &str) -> String {
    let mut literal = String::with_capacity(path.len());
    for character in path.chars() {
        match character {
            '*' | '?' | '[' => literal.extend(['[', character, ']']),
            _ => literal.push(character),
        }
    }
    literal
}
