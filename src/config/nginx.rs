//! Rules for nginx: a table of all paths that have an answer. No rule computes one path from another.

use super::Places;
use super::patterns::{Types, regex};
use super::rules::Rules;
use super::site::{self, Entry, Site};
use crate::options::{CONTENTS, Coding, Naming, Rewriting};
use clap::{Args, ValueHint};
use stamped::http::FOREVER;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Writes http.conf and server.conf, to be included in these two blocks of nginx
#[derive(Args)]
pub(super) struct Nginx {
    /// The folder with the assets, or one that `build` wrote
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: PathBuf,

    #[command(flatten)]
    naming: Naming,

    #[command(flatten)]
    places: Places,

    /// Take these codings from files beside the files [default: gzip where `build` wrote it]
    ///
    /// br needs an nginx with the module brotli_static.
    #[arg(long, value_name = "CODING,…", value_delimiter = ',', help_heading = CONTENTS)]
    encodings: Option<Vec<Coding>>,

    /// Leave out map_hash_*, for an `http` block that sets them already
    #[arg(long)]
    no_hash_sizes: bool,

    // Accepted so that the error can say why they cannot work.
    #[arg(long, hide = true)]
    references: Option<Rewriting>,
    #[arg(long, hide = true)]
    markup: Vec<String>,
}

impl Nginx {
    pub(super) fn run(&self) -> Result<(), String> {
        let folder = super::folder(&self.dir)?;
        let root = self.places.root(&folder)?;
        let site = match site::manifest(&folder)? {
            Some(manifest) => {
                if let Some(option) = self.decided() {
                    return Err(format!(
                        "`{}` was written by `stamped build`, so `--{option}` is decided; give it \
                         there",
                        folder.display()
                    ));
                }
                Site::from_manifest(&manifest, &root)
            }
            // The files stay in their place: nothing may change their bytes.
            None => {
                if let Some(option) = self.rewriting() {
                    return Err(format!(
                        "a server sends files as they are on its disk, so references cannot be \
                         rewritten; write the files with `stamped build --{option}` first"
                    ));
                }
                let bundle = self.naming.untouched_bundle(&self.dir);
                let bundle = bundle.map_err(|error| site::doubted(&folder, error))?;
                Site::from_bundle(&bundle, &root)
            }
        };
        let site = self.places.limited(site);
        self.places.write(&[self.http(&site), self.server(&site)])
    }

    /// An option that was given, although the build decided it.
    fn decided(&self) -> Option<&'static str> {
        let references = self.references.map(|_| "references");
        self.naming.given().or(references).or(self.rewriting())
    }

    /// An option that was given and that rewrites references.
    fn rewriting(&self) -> Option<&'static str> {
        match self.references {
            Some(Rewriting::Rewrite | Rewriting::ImportMap) => Some("references"),
            _ => (!self.markup.is_empty()).then_some("markup"),
        }
    }

    fn http(&self, site: &Site) -> Rules {
        const INTRO: &str = ", for nginx's `http` block: include …/http.conf;
# Write it again when files change, then reload nginx. server.conf is its other half.";
        let name = &self.places.name;
        let mut conf = String::new();
        let (forever, plain): (Vec<&Entry>, Vec<&Entry>) =
            site.entries.iter().partition(|entry| entry.forever);
        let requests = |entries: &[&Entry]| -> Vec<String> {
            entries.iter().map(|entry| site.request(entry)).collect()
        };
        // At least nginx's default, which other maps may rely on.
        let of_deltas = forever.iter().flat_map(|entry| entry.keys_of_deltas()).collect();
        let sizes = HashSizes::of(&[requests(&forever), requests(&plain), of_deltas], 2048);
        let _ = match self.no_hash_sizes {
            false => writeln!(
                conf,
                "# For as many and as long paths as there are. All maps have these sizes: where the `http` block\n\
             # sets them already, say `--no-hash-sizes`.\n\
             map_hash_max_size {};\nmap_hash_bucket_size {};\n",
                sizes.buckets, sizes.bucket
            ),
            true => writeln!(
                conf,
                "# The `http` block must have at least these sizes:\n\
             # map_hash_max_size {};\n# map_hash_bucket_size {};\n",
                sizes.buckets, sizes.bucket
            ),
        };
        let mut writer = Writer { name, dollar: false };
        let folded = Folded::new(site);
        let mut maps =
            String::from("# Paths that stand for their bytes, and the files that have them.\n");
        writer.map(&mut maps, site, "forever", &forever, &folded);
        maps += "\n# Paths whose bytes may change.\n";
        writer.map(&mut maps, site, "plain", &plain, &folded);
        let uses_dollar = |entry: &Entry| entry.path.contains('$');
        if writer.dollar || site.root.contains('$') || site.at_root.iter().any(uses_dollar) {
            // Only `geo` takes a dollar sign literally.
            let _ = write!(conf, "geo ${name}_dollar {{ default \"$\"; }}\n\n");
        }
        conf += &maps;

        conf += "\n# Maps compare without regard to case, and a path in other letters is another path.\n";
        let mount = regex(&site.mount);
        let mut ways =
            vec![(if site.exported { r"\1".to_owned() } else { format!(r"{mount}\1") }, "$1")];
        let mut open = vec![r"(/.+)"];
        if !site.exported {
            ways.push((format!(r"{mount}\1\.[0-9]+\2"), "$1$2"));
            open.push(r"(/.+?)(|\.[^/]*)");
        }
        let _ = writeln!(
            conf,
            "map \"${name}_forever${name}_plain:$uri\" ${name}_file {{\n    default \"\";"
        );
        for (open, (rest, file)) in open.into_iter().zip(ways) {
            let rule = format!(r"~(?s)^{open}:{rest}\z");
            let _ = writeln!(conf, "    {} {file};", key(&rule));
        }
        let _ = write!(
            conf,
            "}}\n\nmap ${name}_forever ${name}_cache {{\n    \"\" no-cache;\n    default \"{FOREVER}\";\n}}\n"
        );
        if site.offers_dictionaries {
            self.deltas(&mut conf, &mut writer, site, &forever, &folded);
        }
        Rules::new("http.conf", "nginx", INTRO, &conf)
    }

    /// Adds the maps for compression dictionaries (RFC 9842). What they take the path from is known before
    /// `try_files` replaces it.
    fn deltas(
        &self,
        conf: &mut String,
        writer: &mut Writer<'_>,
        site: &Site,
        forever: &[&Entry],
        folded: &Folded,
    ) {
        let name = &self.places.name;
        let with_deltas = || forever.iter().filter(|entry| !entry.deltas.is_empty());
        let _ = writeln!(
            conf,
            "\n# The paths for which a client can use what it gets as a dictionary later.\n\
             map ${name}_forever ${name}_dictionary {{\n    default \"\";"
        );
        for entry in forever {
            if let Some(dictionary) = &entry.dictionary {
                let path = folded.key(&entry.file, &site.request(entry));
                let _ = writeln!(conf, "    {path} {};", writer.value(dictionary));
            }
        }
        let _ = writeln!(
            conf,
            "}}\n\n# What depends on the dictionary that a client has.\n\
             map ${name}_forever ${name}_vary {{\n    default \"\";"
        );
        for entry in with_deltas() {
            let path = folded.key(&entry.file, &site.request(entry));
            let _ = writeln!(conf, "    {path} \"Accept-Encoding, Available-Dictionary\";");
        }
        let _ = writeln!(
            conf,
            "}}\n\n# The file for each dictionary. A client that asks for a part gets another coding.\n\
             map \"$http_range$http_available_dictionary${name}_forever\" ${name}_with {{\n    default \"\";"
        );
        for entry in with_deltas() {
            for ((dictionary, file), wanted) in entry.deltas.iter().zip(entry.keys_of_deltas()) {
                let key = folded.key(&wanted, &site.request(entry));
                let _ =
                    writeln!(conf, "    {key} {};", writer.value(&format!(":{dictionary}:{file}")));
            }
        }
        let accepts = key(r"~*(^|,)[ \t]*dcz[ \t]*(,|$)");
        let same_hash = key(r"~(?s)^1(:[^:]+:)\1(/.+)\z");
        let same_file = key(r"~(?s)^(.+):\1\z");
        let _ = write!(
            conf,
            "}}\n\nmap $http_accept_encoding ${name}_dcz {{\n    default \"\";\n    {accepts} 1;\n}}\n\n\
             # Case counts in a hash.\n\
             map \"${name}_dcz$http_available_dictionary${name}_with\" ${name}_delta {{\n    \
             default \"\";\n    {same_hash} $2;\n}}\n\n\
             # Not where the file is gone, and another is sent in its place.\n\
             map \"$uri:${name}_delta\" ${name}_coding {{\n    default \"\";\n    {same_file} dcz;\n}}\n"
        );
    }

    fn server(&self, site: &Site) -> Rules {
        const INTRO: &str = ", for nginx's `server` block: include …/server.conf;
# Write it again when files change, then reload nginx. http.conf is its other half.";
        let name = &self.places.name;
        let mut dollar = Writer { name, dollar: false };
        let mut conf = String::new();
        // `^~` keeps the server block's regular expressions away from these paths. At the root, they are
        // the rest of the site.
        let modifier = if site.mount.is_empty() { "" } else { "^~ " };
        let files = match site.offers_dictionaries {
            true => format!("${name}_delta ${name}_file"),
            false => format!("${name}_file"),
        };
        let _ = write!(
            conf,
            "location {modifier}{} {{\n    root {};\n    try_files {files} @{name}_404;\n    \
         error_page 405 @{name}_405;\n\n",
            key(&format!("{}/", site.mount)),
            dollar.value(&site.root),
        );
        conf += "    expires off;\n    etag on;\n    if_modified_since before;\n";
        let takes = |coding: Coding, token| match &self.encodings {
            Some(codings) => codings.contains(&coding),
            None => coding == Coding::Gzip && site.encodings.contains(token),
        };
        conf += "    gzip_vary on;\n";
        for (coding, token, directive) in
            [(Coding::Gzip, "gzip", "gzip_static"), (Coding::Br, "br", "brotli_static")]
        {
            if takes(coding, token) {
                let _ = writeln!(conf, "    {directive} on;");
            } else if site.encodings.contains(token) {
                let _ = writeln!(
                    conf,
                    "    # Some files have neighbours in {token}: `--encodings` turns them on."
                );
            }
        }
        let _ = write!(
            conf,
            "\n    # Headers that the server block adds are not inherited.\n    \
         add_header Cache-Control ${name}_cache;\n    \
         add_header X-Content-Type-Options nosniff;\n\n"
        );
        if site.offers_dictionaries {
            let _ = write!(
                conf,
                "    add_header Use-As-Dictionary ${name}_dictionary;\n    \
                 add_header Content-Encoding ${name}_coding;\n    \
                 add_header Vary ${name}_vary;\n    \
                 # A delta is compressed already, which this module would not know.\n    gzip off;\n\n"
            );
        }
        let types = Types::of(site);
        // Each type includes its charset.
        let _ =
            writeln!(conf, "    charset off;\n    default_type {};", key(types.without_extension));
        let sizes = HashSizes::of(&[types.by_extension.keys().collect()], 1024);
        let _ = write!(
            conf,
            "    types_hash_max_size {};\n    types_hash_bucket_size {};\n    types {{\n",
            sizes.buckets, sizes.bucket
        );
        for (extension, content_type) in &types.by_extension {
            let _ = writeln!(conf, "        {} {};", key(content_type), key(extension));
        }
        conf += "    }\n";
        if !types.others.is_empty() {
            conf += "\n    # Files of another type than most with their extension.\n";
        }
        for entry in types.others {
            let _ = writeln!(
                conf,
                "    location = {} {{ types {{ }} default_type {}; try_files {files} @{name}_404; }}",
                key(&site.request(entry)),
                key(&entry.content_type),
            );
        }
        conf += "}\n\n";
        if !site.at_root.is_empty() {
            conf += "# Files that others look for at the root of the site. `--no-root-files` leaves them out.\n";
        }
        for entry in &site.at_root {
            // In a variable, a question mark does not begin a query.
            let _ = writeln!(
                conf,
                "location = {} {{ set ${name}_below {}; rewrite ^ ${name}_below last; }}",
                key(&format!("/{}", entry.path)),
                dollar.value(&site.request(entry)),
            );
        }
        let _ = write!(
            conf,
            "{}\
         # What is not there now may be there with the next version. `error_page` also keeps pages of the\n\
         # server block away, which would lose these headers.\n\
         location @{name}_404 {{\n    error_page 405 @{name}_405;\n    \
         add_header Cache-Control no-store always;\n    return 404;\n}}\n\n\
         location @{name}_405 {{\n    error_page 404 @{name}_404;\n    \
         add_header Allow \"GET, HEAD\" always;\n    \
         add_header Cache-Control no-store always;\n    return 405;\n}}\n",
            if site.at_root.is_empty() { "" } else { "\n" }
        );
        Rules::new("server.conf", "nginx", INTRO, &conf)
    }
}

/// Writes values. A dollar sign in them begins a variable and cannot be escaped.
struct Writer<'a> {
    name: &'a str,
    /// Whether a value contained a dollar sign.
    dollar: bool,
}

impl Writer<'_> {
    fn map(
        &mut self,
        conf: &mut String,
        site: &Site,
        map: &str,
        entries: &[&Entry],
        folded: &Folded,
    ) {
        let _ = writeln!(conf, "map $uri ${}_{map} {{\n    default \"\";", self.name);
        for entry in entries {
            let request = site.request(entry);
            let key = folded.key(&request, &request);
            let _ = writeln!(conf, "    {key} {};", self.value(&entry.file));
        }
        conf.push_str("}\n");
    }

    fn value(&mut self, text: &str) -> String {
        self.dollar |= text.contains('$');
        key(text).replace('$', &format!("${{{}_dollar}}", self.name))
    }
}

/// Counts paths that differ only in the case of their letters. A map treats such paths as one, so it
/// lists them as regular expressions, which respect case.
struct Folded(HashMap<String, usize>);

impl Folded {
    fn new(site: &Site) -> Self {
        let mut counts = HashMap::new();
        for entry in &site.entries {
            *counts.entry(site.request(entry).to_ascii_lowercase()).or_insert(0) += 1;
        }
        Folded(counts)
    }

    /// The key of a map that has this text for the path of a request.
    fn key(&self, text: &str, request: &str) -> String {
        match self.is_unique(request) {
            true => key(text),
            false => key(&format!(r"~(?s)^{}\z", regex(text))),
        }
    }

    fn is_unique(&self, request: &str) -> bool {
        self.0.get(&request.to_ascii_lowercase()).is_none_or(|&count| count == 1)
    }
}

/// Sizes with which nginx builds its hash tables without a warning.
#[derive(Clone, Copy, Debug, PartialEq)]
struct HashSizes {
    buckets: usize,
    bucket: usize,
}

impl HashSizes {
    /// nginx searches for a number of buckets, up to the maximum, with which no bucket is too full. These
    /// sizes follow nginx's own arithmetic, so the search succeeds at the maximum if not before.
    fn of<S: AsRef<str>>(tables: &[Vec<S>], least: usize) -> Self {
        let most = tables.iter().map(Vec::len).max().unwrap_or(0);
        let buckets = least.max(2 * most + 1);
        let fullest = tables.iter().map(|keys| Self::fullest(keys, buckets)).max().unwrap_or(0);
        HashSizes { buckets, bucket: fullest.next_power_of_two().max(64) }
    }

    /// The bytes in the fullest bucket on a 64-bit machine. 32-bit machines need less.
    fn fullest<S: AsRef<str>>(keys: &[S], buckets: usize) -> usize {
        const POINTER: usize = size_of::<u64>();
        let mut filled = vec![POINTER; buckets];
        for key in keys {
            let hash = key.as_ref().bytes().fold(0_u64, |hash, byte| {
                hash.wrapping_mul(31).wrapping_add(u64::from(byte.to_ascii_lowercase()))
            });
            let bucket = usize::try_from(hash % buckets as u64).unwrap_or(0);
            if let Some(filled) = filled.get_mut(bucket) {
                *filled += POINTER + (key.as_ref().len() + 2).next_multiple_of(POINTER);
            }
        }
        filled.into_iter().max().unwrap_or(0)
    }
}

/// A quoted parameter for a place where a dollar sign stands for itself: the key of a map or the name
/// of a location. [`Writer::value`] is for the other places.
fn key(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
