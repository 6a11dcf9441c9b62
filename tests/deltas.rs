//! Deltas in a browser, and from a web server: what a returning visitor gets over the wire. `tests/run`
//! installs what this needs.

#![cfg(all(unix, feature = "deltas"))]

mod support;

use stamped_build::{Bundle, Encoding, Pipeline, Stamp, Versions};
use stamped_test_support::Dir;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use support::browser::Browser;
use support::nginx;
use support::server::{Server, free_port};

/// Some kilobytes of rules or code, of which each release differs in a few bytes.
fn text(release: u32, line: impl Fn(u32, u32) -> String) -> String {
    let number = |at: u32| if at % 100 == 7 { release } else { at.wrapping_mul(0x9e37_79b9) >> 12 };
    (0..600).map(|at| line(at, number(at))).collect()
}

/// A site of which one release follows the other.
struct Site {
    dir: Dir,
    versions: Versions,
}

impl Site {
    fn new(name: &str) -> Self {
        let dir = Dir::at(Path::new(env!("CARGO_TARGET_TMPDIR")).join("deltas").join(name));
        let versions = Versions::new(dir.join("versions"));
        Site { dir, versions }
    }

    fn bundle(&self) -> Bundle {
        Pipeline::new(self.dir.join("assets"))
            .stamp(Stamp::Content)
            .versions(self.versions.clone())
            .encodings([Encoding::brotli().level(9), Encoding::gzip(), Encoding::delta()])
            .process()
            .unwrap()
    }

    /// Writes the files of a release: one that is the same in all, and three that change.
    fn write(&self, release: u32) -> Bundle {
        let style = text(release, |at, number| format!(".rule-{at} {{ width: {number}px }}\n"));
        let style = style + &format!("body {{ color: rgb({release}, 2, 3) }}\n");
        let code = |name| text(release, move |at, number| format!("{name}_{at}: {number},\n"));
        let part = format!("export const part = {{\n{}}};\n", code("part"));
        let main = format!(
            "import {{ part }} from './part.js';\nconst all = {{\n{}}};\n\
             const color = getComputedStyle(document.body).color;\n\
             const right = color === 'rgb({release}, 2, 3)' && part.part_7 === all.main_7;\n\
             document.title = right ? `done ${{all.main_7}}` : color;\n",
            code("main")
        );
        self.dir.write("assets/css/style.css", style);
        self.dir.write("assets/js/part.js", part);
        self.dir.write("assets/js/main.js", main);
        self.dir.write("assets/js/same.js", "// The same in all releases.\n".repeat(100));
        self.dir.write("assets/index.html", "");
        let bundle = self.bundle();
        let integrity = |name: &str| bundle.get(name).unwrap().integrity().to_owned();
        self.dir.write(
            "assets/index.html",
            format!(
                "<!doctype html><meta charset=utf-8><title>-</title><link rel=icon href=data:,>\n\
                 <link rel=stylesheet href=css/style.css integrity='{}'>\n\
                 <script type=module src=js/main.js></script><script type=module src=js/same.js></script><body>\n",
                integrity("css/style.css"),
            ),
        );
        self.bundle()
    }

    /// Writes a release, and adds it to those that the next one knows.
    fn release(&self, release: u32) -> Bundle {
        let bundle = self.write(release);
        self.versions.record_bundle(&bundle).unwrap();
        bundle
    }

    fn stamped(&self) -> Command {
        let mut command = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
        command.current_dir(&self.dir);
        command
    }

    /// The program of the release that was written last.
    fn serve(&self, port: u16) -> Server {
        let mut command = self.stamped();
        command.args(["serve", "assets", "--quiet", "--stamp=content", "--versions=versions"]);
        command.args(["--encodings=br,gzip,delta", &format!("--listen=127.0.0.1:{port}")]);
        Server::start(port, &mut command, &self.dir.join("serve.log"))
    }
}

/// A certificate for `localhost`, and what a browser must know to trust it.
fn certificate(dir: &Dir) -> String {
    let openssl = |arguments: &str| {
        let mut command = Command::new("openssl");
        let output = command.current_dir(dir).args(arguments.split(' ')).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
         -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem",
    );
    openssl("x509 -in cert.pem -pubkey -noout -out public.pem");
    openssl("pkey -pubin -in public.pem -outform DER -out public.der");
    let key = fs::read(dir.join("public.der")).unwrap();
    let hash = ring::digest::digest(&ring::digest::SHA256, &key);
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(hash)
}

/// nginx before the program, with TLS, and what it sends.
struct Front {
    server: Server,
    log: std::path::PathBuf,
}

/// The coding and the bytes on the wire of each answer with status 200, by the name of the asset, and how the
/// cache took part.
type Sent = BTreeMap<String, (String, usize, String)>;

impl Front {
    /// `program` is where the program listens; `rules` are those of the location.
    fn start(dir: &Dir, program: u16, rules: &str) -> Self {
        let port = free_port();
        let log = dir.join("wire.log");
        let folder = dir.display();
        let http = format!(
            "log_format wire '$status $uri $sent_http_content_encoding $body_bytes_sent $upstream_cache_status';\n\
             proxy_cache_path {folder}/cache keys_zone=all:1m;\n\
             server {{ listen 127.0.0.1:{port} ssl; server_name localhost;\n\
             ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;\n\
             access_log {} wire;\n\
             location / {{ proxy_pass http://127.0.0.1:{program}; {rules} }}\n\
             location /shop/ {{ proxy_pass http://127.0.0.1:{program}/; {rules} }} }}\n",
            log.display()
        );
        let conf = nginx::configure(dir, &http);
        let server = Server::start(port, &mut nginx::command(dir, &conf), &dir.join("nginx.log"));
        Front { server, log }
    }

    fn url(&self, below: &str) -> String {
        format!("https://localhost:{}{below}/static/index.html", self.server.port)
    }

    /// What was sent since the last call.
    fn sent(&self) -> Sent {
        let mut sent = Sent::new();
        for line in fs::read_to_string(&self.log).unwrap().lines() {
            let parts: Vec<&str> = line.split(' ').collect();
            let [status, path, coding, bytes, cache] = *parts else { panic!("{line}") };
            let file = path.rsplit('/').next().unwrap();
            let (stem, rest) = file.split_once('.').unwrap();
            let name = format!("{stem}.{}", rest.rsplit('.').next().unwrap());
            if status == "200" {
                let wire = (coding.to_owned(), bytes.parse().unwrap(), cache.to_owned());
                assert_eq!(sent.insert(name, wire), None, "{line}");
            }
        }
        fs::write(&self.log, "").unwrap();
        sent
    }
}

#[track_caller]
fn shows(release: u32, (title, messages): (String, Vec<String>)) {
    assert_eq!((title, messages), (format!("done {release}"), Vec::new()));
}

/// The codings of the files that change, and their bytes together.
fn changed(sent: &Sent) -> (Vec<&str>, usize) {
    let names = ["main.js", "part.js", "style.css"];
    let of = names.map(|name| sent.get(name).unwrap_or_else(|| panic!("{name}: {sent:?}")));
    (of.iter().map(|(coding, ..)| &**coding).collect(), of.iter().map(|(_, bytes, _)| bytes).sum())
}

fn a_returning_visitor_downloads_differences(name: &str, rules: &str, below: &str) {
    let site = Site::new(name);
    let pin = certificate(&site.dir);
    let (program, options) = (free_port(), format!("--ignore-certificate-errors-spki-list={pin}"));
    site.release(1);
    let first = site.serve(program);
    let front = Front::start(&site.dir, program, rules);
    let browser = || Browser::start_with(&site.dir.join("profile"), &[&options]);
    let mut visitor = browser();
    shows(1, visitor.open(1, &front.url(below)));
    let sent = front.sent();
    let (codings, whole) = changed(&sent);
    assert_eq!(codings, ["br", "br", "br"]);
    assert!(sent.contains_key("same.js"));

    drop(first);
    site.write(2);
    let second = site.serve(program);
    shows(2, visitor.open(1, &front.url(below)));
    let sent = front.sent();
    let (codings, delta) = changed(&sent);
    println!("{name}: {whole} bytes in brotli, {delta} as differences: {sent:?}");
    assert_eq!(codings, ["dcz", "dcz", "dcz"]);
    assert!(delta * 10 < whole, "{delta} of {whole}");
    assert!(!sent.contains_key("same.js"), "{sent:?}");

    // Who has nothing gets brotli, also after the delta is in every cache.
    visitor.forget(1);
    shows(2, visitor.open(1, &front.url(below)));
    let sent = front.sent();
    assert_eq!(changed(&sent).0, ["br", "br", "br"], "{sent:?}");
    drop(visitor);

    // A third release, for a visitor who has the second one as what a delta has made.
    site.versions.record_bundle(&site.bundle()).unwrap();
    drop(second);
    site.write(3);
    let _third = site.serve(program);
    let mut visitor = browser();
    shows(3, visitor.open(1, &front.url(below)));
    let sent = front.sent();
    assert_eq!(changed(&sent).0, ["dcz", "dcz", "dcz"], "{sent:?}");
}

#[test]
#[ignore = "needs Chromium, nginx and openssl; tests/run installs them"]
fn a_returning_visitor_downloads_differences_over_tls() {
    a_returning_visitor_downloads_differences("tls", "", "");
}

#[test]
#[ignore = "needs Chromium, nginx and openssl; tests/run installs them"]
fn a_returning_visitor_downloads_differences_through_a_cache() {
    a_returning_visitor_downloads_differences("cache", "proxy_cache all;", "");
}

#[test]
#[ignore = "needs Chromium, nginx and openssl; tests/run installs them"]
fn a_returning_visitor_downloads_differences_below_a_prefix() {
    a_returning_visitor_downloads_differences("prefix", "", "/shop");
}

/// What a client says that has these bytes.
fn dictionary(bytes: &[u8]) -> String {
    use base64::Engine as _;
    let hash = ring::digest::digest(&ring::digest::SHA256, bytes);
    format!(":{}:", base64::engine::general_purpose::STANDARD.encode(hash))
}

#[test]
#[ignore = "needs nginx; tests/run installs it"]
fn nginx_chooses_the_file_for_the_dictionary_that_a_client_has() {
    let site = Site::new("nginx");
    // Not the type of most files with its extension, and letters that differ in case alone.
    let latin = |release| {
        let rules = text(release, |at, number| format!(".rule-{at} {{ width: {number}px }}\n"));
        site.dir.write("assets/latin.css", [rules.as_bytes(), b"/* caf\xe9 */"].concat());
    };
    latin(1);
    let old = site.release(1);
    let old = |name: &str| old.get(name).unwrap().bytes().unwrap().into_owned();
    let first = dictionary(&old("js/main.js"));
    latin(2);
    let bundle = site.write(2);
    let stamped = |arguments: &str| {
        let output = site.stamped().args(arguments.split(' ')).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let build = "build assets --out dist --quiet --stamp content --versions versions --encodings";
    stamped(&format!("{build} br,gzip,delta"));
    stamped("config nginx dist --out conf --encodings gzip");
    let (folder, port) = (site.dir.display(), free_port());
    let http = format!(
        "gzip on; gzip_types *; gzip_min_length 0;\ninclude {folder}/conf/http.conf;\n\
         server {{ listen 127.0.0.1:{port}; include {folder}/conf/server.conf; }}\n"
    );
    let conf = nginx::configure(&site.dir, &http);
    let mut command = nginx::command(&site.dir, &conf);
    let server = Server::start(port, &mut command, &site.dir.join("nginx.log"));
    let log = fs::read_to_string(site.dir.join("nginx.log")).unwrap();
    assert_eq!(log, "");

    let main = bundle.get("js/main.js").unwrap();
    let delta = main.deltas().next().unwrap().1.to_vec();
    let chrome = "Accept-Encoding: gzip, deflate, br, zstd, dcb, dcz";
    let ask = |fields: &[&str]| {
        let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
        server.ask("GET", main.url(), &fields)
    };
    let available = format!("Available-Dictionary: {first}");
    let vary = |answer: &support::server::Answer| answer.field("vary");
    let answer = ask(&[chrome, &available]);
    assert_eq!(
        (answer.status, answer.field("content-encoding"), answer.field("content-type")),
        (200, "dcz".to_owned(), "text/javascript; charset=utf-8".to_owned())
    );
    assert_eq!(answer.body, delta);
    assert_eq!(answer.field("use-as-dictionary"), "match=\"main.*.js\"");
    assert_eq!(answer.field("cache-control"), "max-age=31536000, immutable");
    assert!(vary(&answer).contains("Accept-Encoding, Available-Dictionary"), "{}", vary(&answer));
    let tag = answer.field("etag");

    // Base64 that differs in case is another hash.
    let swapped: String =
        first
            .chars()
            .map(|c| {
                if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
            })
            .collect();
    let unknown =
        [dictionary(b"other"), swapped, first.replace(':', ""), format!("{first}, {first}")];
    let unknown = unknown.map(|hash| format!("Available-Dictionary: {hash}"));
    let ordinary: Vec<Vec<&str>> = vec![
        vec![chrome],
        vec!["Accept-Encoding: gzip, *", &available],
        vec!["Accept-Encoding: gzip, dcz;q=0", &available],
        vec!["Accept-Encoding: gzip, xdcz", &available],
        vec![&available],
        vec![chrome, &unknown[0]],
        vec![chrome, &unknown[1]],
        vec![chrome, &unknown[2]],
        vec![chrome, &unknown[3]],
    ];
    for fields in ordinary {
        let answer = ask(&fields);
        let coding = if fields.len() == 1 && fields[0] == available { "-" } else { "gzip" };
        assert_eq!(
            (answer.status, &*answer.field("content-encoding")),
            (200, coding),
            "{fields:?}"
        );
        assert!(vary(&answer).contains("Available-Dictionary"), "{fields:?}");
        assert_ne!(answer.field("etag"), tag, "{fields:?}");
    }
    // nginx sends no part of what `gzip_static` finds.
    let part = ask(&["Accept-Encoding: dcz", &available, "Range: bytes=0-9"]);
    assert_eq!((part.status, &*part.field("content-encoding")), (206, "-"));
    assert_eq!(part.body, main.bytes().unwrap()[..10]);

    // What has no delta, or can be no dictionary.
    let plain = server.ask("GET", "/static/js/main.js", &format!("{chrome}\r\n{available}\r\n"));
    assert_eq!(
        (&*plain.field("content-encoding"), &*plain.field("use-as-dictionary")),
        ("gzip", "-")
    );
    assert_eq!(vary(&plain), "Accept-Encoding");
    let same = server.ask("GET", bundle.get("js/same.js").unwrap().url(), "");
    assert_eq!(
        (&*same.field("use-as-dictionary"), &*vary(&same)),
        ("match=\"same.*.js\"", "Accept-Encoding")
    );
    let latin = bundle.get("latin.css").unwrap();
    let available_latin = dictionary(&old("latin.css"));
    let fields = format!("{chrome}\r\nAvailable-Dictionary: {available_latin}\r\n");
    let answer = server.ask("GET", latin.url(), &fields);
    assert_eq!(
        (&*answer.field("content-type"), answer.body.len()),
        ("text/css", { latin.deltas().next().unwrap().1.len() })
    );
    // By no name of their own, and never called what they are not.
    let manifest = stamped_build::Manifest::read(site.dir.join("dist/manifest.json")).unwrap();
    let version = manifest.get("js/main.js").unwrap();
    let location = version.delta_location(first.trim_matches(':')).unwrap();
    assert_eq!(version.deltas().next().unwrap().1, delta.len() as u64);
    assert_eq!(server.ask("GET", &format!("/{location}"), "").status, 404);
    fs::remove_file(site.dir.join("dist").join(&location)).unwrap();
    let answer = ask(&[chrome, &available]);
    assert_eq!((answer.status, &*answer.field("content-encoding")), (200, "gzip"));

    // The next export has them no longer.
    stamped(&format!("{build} gzip"));
    let names = fs::read_dir(site.dir.join("dist/static/js")).unwrap();
    let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.all(|name| !name.contains("dcz")));
}
