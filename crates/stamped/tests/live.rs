//! Assets from the disk, for development.

mod support;

use http::{HeaderName, HeaderValue, Method, header};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use stamped::http::{Handler, Head, Stale};
use stamped::{Assets, Coding};
use stamped_test_support::Dir;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use support::*;

const STYLE: &str = "/static/css/style.css";
const STYLE_STAMPED: &str = "/static/css/style.1452929749.css";
const HTML: (&str, &str) = ("accept", "text/html,*/*;q=0.8");

/// A folder that lives as long as a test, with `assets` in it and room beside that.
struct Folder(Dir);

impl Folder {
    fn new() -> Self {
        let dir = Dir::new();
        dir.mkdirp("assets");
        Folder(dir)
    }

    fn with(files: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    fn assets(&self) -> PathBuf {
        self.0.join("assets")
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        self.0.write(Path::new("assets").join(name), bytes);
    }

    #[cfg(unix)]
    fn link(&self, to: impl AsRef<Path>, name: &str) {
        self.0.symlink(to, Path::new("assets").join(name));
    }

    /// A handler for the sample that reads `assets`.
    fn handler(&self) -> Handler {
        Handler::new(&sample()).live_files(self.assets())
    }

    #[track_caller]
    fn get(&self, path: &str) -> Answer {
        get_from(&self.handler(), path, &[])
    }
}

/// What a handler answers to `GET`. Nobody may keep anything of it.
#[track_caller]
fn get_from(handler: &Handler, path: &str, headers: &[(&str, &str)]) -> Answer {
    ask(handler, Method::GET, path, headers).has_no_store()
}

/// One line of text that says what to do.
#[track_caller]
fn explains(answer: Answer, words: &str) {
    let answer = answer.has("content-type", "text/plain; charset=utf-8");
    let answer = answer.has("x-content-type-options", "nosniff").has_no("etag");
    let text = std::str::from_utf8(&answer.body).unwrap();
    assert!(text.contains(words) && text.lines().count() == 1, "{text}");
    assert_eq!(answer.field("content-length"), Some(text.len().to_string().as_str()));
}

// What is on the disk now.

#[test]
fn an_edit_shows_at_once() {
    let folder = Folder::new();
    let handler = folder.handler();
    let mut tags = Vec::new();
    // Of one length, and within one second.
    for text in ["a { top: 1px }", "a { top: 2px }", "a { top: 3px }"] {
        folder.write("css/style.css", text);
        let answer = get_from(&handler, STYLE, &[]).has_status(200).has_body(text);
        tags.push(answer.field("etag").unwrap().to_owned());
        get_from(&handler, STYLE_STAMPED, &[]).has_status(200).has_body(text);
    }
    tags.dedup();
    assert_eq!(tags.len(), 3);
}

#[test]
fn an_edit_with_the_same_time_shows_at_once() {
    let folder = Folder::with(&[("css/style.css", "one")]);
    let path = folder.assets().join("css/style.css");
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    let tag = folder.get(STYLE).has_body("one").field("etag").unwrap().to_owned();
    folder.write("css/style.css", "two");
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    get_from(&folder.handler(), STYLE, &[("if-none-match", &tag)]).has_status(200).has_body("two");
}

#[test]
fn a_new_file_shows_at_once() {
    let folder = Folder::new();
    let handler = folder.handler();
    get_from(&handler, "/static/new/a.css", &[]).has_status(404);
    folder.write("new/a.css", "new");
    for path in ["/static/new/a.css", "/static/new/a.17.css"] {
        get_from(&handler, path, &[]).has_status(200).has_body("new");
    }
    fs::remove_dir_all(folder.assets().join("new")).unwrap();
    get_from(&handler, "/static/new/a.css", &[]).has_status(404);
}

#[test]
fn any_stamp_leads_to_the_current_file() {
    let folder = Folder::with(&[("css/style.css", "now"), ("LICENSE", "free")]);
    for stale in [Stale::Current, Stale::NotFound, Stale::Redirect] {
        let handler = folder.handler().stale(stale);
        for path in [STYLE, STYLE_STAMPED, "/static/css/style.1.css", "/static/c%73s/style.css"] {
            get_from(&handler, path, &[])
                .has_status(200)
                .has("content-type", "text/css; charset=utf-8")
                .has("content-length", "3")
                .has_no("content-location")
                .has_no("last-modified")
                .has_body("now");
        }
        get_from(&handler, "/static/LICENSE.7", &[]).has_body("free");
    }
}

#[test]
fn a_name_that_looks_stamped_goes_first() {
    let folder = Folder::with(&[("lib.1.js", "one"), ("lib.js", "plain")]);
    folder.get("/static/lib.1.js").has_body("one");
    folder.get("/static/lib.2.js").has_body("plain");
    folder.get("/static/lib.2.1.js").has_status(404);
    // Also where only the program has it.
    let baked = bundle("/s", vec![File::plain("lib.3.js", "text/javascript", "baked")]);
    let handler = Handler::new(&baked).live_files(folder.assets());
    get_from(&handler, "/s/lib.3.js", &[]).has_body("baked");
}

#[test]
fn an_asset_that_is_never_stamped_has_no_stamped_path() {
    let folder = Folder::with(&[("robots.txt", "now"), ("build/app-3f2a.js", "now")]);
    folder.get("/static/robots.txt").has_body("now");
    folder.get("/static/build/app-3f2a.js").has_body("now");
    folder.get("/static/robots.1.txt").has_status(404);
    folder.get("/static/build/app-3f2a.1.js").has_status(404);
}

#[test]
fn what_is_in_no_folder_comes_from_the_program() {
    let folder = Folder::new();
    for path in [STYLE, STYLE_STAMPED, "/static/css/style.1.css"] {
        folder.get(path).has_status(200).has_body(CSS);
    }
    let handler = folder.handler();
    get_from(&handler, STYLE, &[("accept-encoding", "br")]).has("content-encoding", "br");
    folder.get("/static/video.mp4").has_status(404);
    folder.get("/static/video.9.mp4").has_status(404);
}

#[test]
fn names_are_decoded_once() {
    let folder = Folder::with(&[("a b+é.css", "1"), ("100%25.css", "2")]);
    folder.get("/static/a%20b+%C3%A9.css").has_body("1");
    folder.get("/static/a%20b+%c3%a9.7.css").has_body("1");
    folder.get("/static/100%2525.css").has_body("2");
    for path in
        ["/static/100%25.css", "/static/100%.css", "/static/a%20b+%e9.css", "/static/a b.css"]
    {
        let headers = http::HeaderMap::new();
        let head = Head::new(&Method::GET, path, &headers);
        let handler = folder.handler().share_mount(true);
        assert!(handler.try_respond(head).is_none(), "{path}");
    }
}

#[test]
fn files_of_the_root_are_read_there_too() {
    let files = [
        ("robots.txt", "new robots"),
        ("sitemap-2.xml", "a new file"),
        ("llms.txt", "chosen by the program"),
        ("sw.js", "kept off the root by the program"),
        ("docs/robots.txt", "deeper"),
        ("a.css", "a"),
        (".env", "secret"),
    ];
    let folder = Folder::with(&files);
    let text = "text/plain";
    let assets = bundle(
        "/static",
        vec![
            File::plain("robots.txt", text, "robots").at_root(),
            File::plain("llms.txt", text, "llms").at_root(),
            File::plain("humans.txt", text, "only in the program").at_root(),
            File::plain("sw.js", "text/javascript", "sw"),
        ],
    );
    let handler = Handler::new(&assets).live_files(folder.assets());
    for (path, body) in [
        ("/robots.txt", "new robots"),
        ("/static/robots.txt", "new robots"),
        ("/sitemap-2.xml", "a new file"),
        ("/llms.txt", "chosen by the program"),
        ("/humans.txt", "only in the program"),
    ] {
        get_from(&handler, path, &[]).has_status(200).has_no_store().has_body(body);
    }
    for path in ["/sw.js", "/docs/robots.txt", "/a.css", "/.env", "/robots.1.txt", "/none", "/"] {
        let headers = http::HeaderMap::new();
        let head = Head::new(&Method::GET, path, &headers);
        assert!(handler.try_respond(head).is_none(), "{path}");
    }
}

#[test]
fn the_mount_may_be_the_root() {
    let folder = Folder::with(&[("a.css", "a")]);
    let handler = Handler::new(&bundle("", vec![])).live_files(folder.assets());
    get_from(&handler, "/a.css", &[]).has_body("a");
    for path in ["/static/a.css", "a.css", "//a.css", "/", "*", ""] {
        let headers = http::HeaderMap::new();
        let head = Head::new(&Method::GET, path, &headers);
        assert!(handler.try_respond(head).is_none(), "{path}");
    }
}

// Folders.

#[test]
fn several_folders_are_searched_in_their_order() {
    let folder = Folder::with(&[("a.css", "main"), ("vendor/x/both.css", "main")]);
    let other = Folder::with(&[("both.css", "other"), ("sub/b.css", "other")]);
    for prefix in ["vendor/x", "vendor/x/", "/vendor/x"] {
        let handler = folder.handler().live_files_at(prefix, other.assets());
        get_from(&handler, "/static/a.css", &[]).has_body("main");
        get_from(&handler, "/static/vendor/x/both.css", &[]).has_body("main");
        get_from(&handler, "/static/vendor/x/sub/b.5.css", &[]).has_body("other");
        for path in ["/static/sub/b.css", "/static/vendor/xsub/b.css", "/static/vendor/x/a.css"] {
            get_from(&handler, path, &[]).has_status(404);
        }
        get_from(&handler, "/static/vendor/x/../../a.css", &[]).has_status(404);
    }
}

#[test]
fn a_relative_folder_begins_at_the_package_that_cargo_runs() {
    let handler = Handler::new(&sample()).live_files("tests");
    let text = include_str!("live.rs");
    get_from(&handler, "/static/live.rs", &[]).has_body(text);
}

#[test]
fn a_relative_folder_begins_at_the_package_wherever_the_program_runs() {
    // Only a process of its own can run elsewhere. The test above is what it runs.
    let run = |variable: Option<&Path>, directory: &Path| {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "a_relative_folder_begins_at_the_package_that_cargo_runs"]);
        command.current_dir(directory).env_remove("CARGO_MANIFEST_DIR");
        command.envs(variable.map(|package| ("CARGO_MANIFEST_DIR", package)));
        command.output().unwrap().status.success()
    };
    let (package, elsewhere) = (Path::new(env!("CARGO_MANIFEST_DIR")), Dir::new());
    assert!(run(Some(package), &elsewhere));
    assert!(run(None, package));
    // The package of another program, which has started this one.
    assert!(run(Some(&elsewhere), package));
    assert!(!run(None, &elsewhere));
}

#[test]
fn a_folder_that_does_not_exist_is_an_error_and_says_so() {
    let folder = Folder::with(&[("a.css", "a"), ("vendor/b.css", "b")]);
    let missing = Handler::new(&sample()).live_files("no/such folder");
    for path in [STYLE, STYLE_STAMPED, "/static/new.css"] {
        explains(get_from(&missing, path, &[]).has_status(500), "`no/such folder`");
    }
    let file = Handler::new(&sample()).live_files("Cargo.toml");
    explains(get_from(&file, STYLE, &[]).has_status(500), "`Cargo.toml`");
    get_from(&missing, "/elsewhere", &[]).has_status(404).has_body("");

    // A file that is found elsewhere is not affected.
    let vendor = folder.handler().live_files_at("vendor", "no/such folder");
    get_from(&vendor, "/static/a.css", &[]).has_body("a");
    get_from(&vendor, "/static/vendor/b.css", &[]).has_body("b");
    get_from(&vendor, "/static/vendor/c.css", &[]).has_status(500);
    let vendor =
        Handler::new(&sample()).live_files("no/such folder").live_files_at("", folder.assets());
    get_from(&vendor, "/static/a.css", &[]).has_body("a");
}

// What is never served.

#[test]
fn no_path_leads_out_of_the_folder() {
    let folder = Folder::with(&[("a.css", "a"), ("css/b.css", "b")]);
    fs::write(folder.0.join("secret.txt"), "SECRET").unwrap();
    let absolute = folder.0.join("secret.txt");
    let absolute = absolute.to_str().unwrap();
    let encoded = absolute.replace('/', "%2f");
    for below in [
        "../secret.txt",
        "%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "%2e%2e%2fsecret.txt",
        "%252e%252e/secret.txt",
        "css/../../secret.txt",
        "./../secret.txt",
        ".%2e/secret.txt",
        "..;/secret.txt",
        r"..\secret.txt",
        "..%5csecret.txt",
        "%5c%5clocalhost%5cc$%5csecret.txt",
        "C:/secret.txt",
        "c%3a%5csecret.txt",
        "a.css:secret",
        "a.css::$DATA",
        "nul",
        "con.css",
        "a.css%00",
        "%00a.css",
        "../secret.txt%00.css",
        "a.css/",
        "a.css/.",
        "a.css/../a.css",
        "css//b.css",
        "/a.css",
        "%c0%ae%c0%ae/secret.txt",
        "\u{ff0e}\u{ff0e}/secret.txt",
        absolute,
        &encoded,
        &format!("/{absolute}"),
        &"../".repeat(1300),
        &"a/".repeat(2000),
        &"a".repeat(4000),
        &"a".repeat(5000),
    ] {
        let path = format!("/static/{below}");
        let headers = http::HeaderMap::new();
        let response = folder.handler().respond(Head::new(&Method::GET, &path, &headers));
        Answer::of(response).has_status(404).has_no_store().has_body("");
    }
    folder.get("/static/a.css").has_body("a");
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_out_is_not_followed() {
    let folder = Folder::new();
    fs::write(folder.0.join("secret.txt"), "SECRET").unwrap();
    fs::create_dir(folder.0.join("assets-of-others")).unwrap();
    fs::write(folder.0.join("assets-of-others/a.css"), "SECRET").unwrap();
    folder.link("../secret.txt", "relative.txt");
    folder.link(folder.0.join("secret.txt"), "absolute.txt");
    folder.link("..", "up");
    folder.link("/", "root");
    folder.link("../assets-of-others", "beside");
    folder.link("relative.txt", "twice.txt");
    // The program has the old one, which would hide that there is something to do.
    folder.link("../../secret.txt", "css/style.css");
    for path in [
        "/static/relative.txt",
        "/static/relative.17.txt",
        "/static/absolute.txt",
        "/static/up/secret.txt",
        "/static/beside/a.css",
        "/static/twice.txt",
        "/static/root/etc/passwd",
        STYLE,
        STYLE_STAMPED,
    ] {
        explains(folder.get(path).has_status(404), "live_files_at");
        let follows = folder.handler().follow_links(true);
        let answer = get_from(&follows, path, &[]).has_status(200);
        assert!(path.ends_with("passwd") || answer.body == "SECRET", "{answer:?}");
    }
    let handler = folder.handler().live_files_at("beside", folder.0.join("assets-of-others"));
    get_from(&handler, "/static/beside/a.css", &[]).has_status(200);
}

#[cfg(unix)]
#[test]
fn a_link_to_or_through_a_hidden_name_is_not_followed() {
    let folder = Folder::with(&[(".git/config", "SECRET"), ("x/.env", "SECRET")]);
    folder.link(".git", "git");
    folder.link("x/.env", "env.txt");
    folder.link("git/config", "twice.txt");
    for path in
        ["/static/git/config", "/static/git/config.17", "/static/env.txt", "/static/twice.txt"]
    {
        explains(folder.get(path).has_status(404), "follow_links");
        let follows = folder.handler().follow_links(true);
        get_from(&follows, path, &[]).has_status(200).has_body("SECRET");
    }
    folder.write(".well-known/security.txt", "mail");
    folder.link(".well-known/security.txt", "security.txt");
    folder.get("/static/security.txt").has_body("mail");
}

#[cfg(unix)]
#[test]
fn a_link_that_stays_inside_is_followed() {
    let folder = Folder::with(&[("v2/a.css", "a")]);
    folder.link("v2", "current");
    folder.link(folder.assets().join("v2/a.css"), "absolute.css");
    folder.link("../assets/v2/a.css", "round.css");
    for path in ["/static/current/a.css", "/static/absolute.css", "/static/round.1.css"] {
        folder.get(path).has_status(200).has_body("a");
    }
    // The folder itself may be one.
    let other = Folder::new();
    other.link(folder.assets(), "linked");
    let handler = Handler::new(&sample()).live_files(other.assets().join("linked"));
    get_from(&handler, "/static/v2/a.css", &[]).has_body("a");
    // One that leads nowhere is no file.
    folder.link("none", "dead.css");
    folder.get("/static/dead.css").has_status(404).has_body("");
}

#[test]
fn dot_files_and_leftovers_are_not_served() {
    let names = [".env", ".git/config", "css/.a.css.swp", "a.css~", "Thumbs.db", "x/.well-known/a"];
    let folder = Folder::new();
    for name in names {
        folder.write(name, "SECRET");
        folder.get(&format!("/static/{name}")).has_status(404).has_body("");
    }
    folder.get("/static/%2eenv").has_status(404);
    folder.write(".well-known/security.txt", "mail");
    folder.get("/static/.well-known/security.txt").has_body("mail");
}

#[test]
fn a_folder_is_no_file() {
    let folder = Folder::with(&[("css/a.css", "a"), ("x.js/b.js", "b")]);
    for path in ["/static/css", "/static/css/", "/static/x.js", "/static/", "/static"] {
        folder.get(path).has_status(404).has_body("");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_not_even_opened() {
    let folder = Folder::new();
    let pipe = folder.assets().join("pipe.css");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let socket = folder.assets().join("socket.css");
    let listener = std::os::unix::net::UnixListener::bind(socket).unwrap();
    for path in ["/static/pipe.css", "/static/pipe.1.css", "/static/socket.css"] {
        folder.get(path).has_status(404).has_body("");
    }
    drop(listener);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_an_error_and_says_so() {
    use std::os::unix::fs::PermissionsExt as _;
    if !stamped_test_support::is_unprivileged("a_file_that_cannot_be_read_is_an_error_and_says_so")
    {
        return;
    }
    let folder = Folder::with(&[("css/style.css", "a"), ("closed/a.css", "a")]);
    folder.link("loop.css", "loop.css");
    explains(folder.get("/static/loop.css").has_status(500), "`loop.css` cannot be read: ");
    let (file, closed) = (folder.assets().join("css/style.css"), folder.assets().join("closed"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    for path in [STYLE, STYLE_STAMPED] {
        explains(folder.get(path).has_status(500), "`css/style.css` cannot be read: ");
    }
    folder.get("/static/closed/a.css").has_status(500);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
}

// Large files.

/// A handler for a folder with a text of 3 MiB, as `large.txt`.
fn large() -> (Folder, Handler, String) {
    let folder = Folder::new();
    let text: String = (0..3 << 17).map(|number| format!("{number:07}\n")).collect();
    folder.write("large.txt", &text);
    let handler = folder.handler();
    (folder, handler, text)
}

#[test]
fn a_large_file_is_sent_whole_or_in_parts() {
    let (_folder, handler, text) = large();
    let get = |fields: &[(&str, &str)]| get_from(&handler, "/static/large.txt", fields);
    get(&[])
        .has_status(200)
        .has("content-type", "text/plain; charset=utf-8")
        .has("content-length", &text.len().to_string())
        .has_body(&text);
    let range = ("range", "bytes=1000000-2999999");
    get(&[range])
        .has_status(206)
        .has("content-length", "2000000")
        .has("content-range", &format!("bytes 1000000-2999999/{}", text.len()))
        .has_body(&text[1_000_000..3_000_000]);
    let parts = get(&[("range", "bytes=0-9,2000000-2099999")]).has_status(206);
    let parts_text = std::str::from_utf8(&parts.body).unwrap();
    assert!(parts_text.contains(&text[2_000_000..2_100_000]));
    assert_eq!(parts.field("content-length"), Some(parts.body.len().to_string().as_str()));
    let head = ask(&handler, Method::HEAD, "/static/large.txt", &[]).has_body("");
    assert_eq!(head.field("content-length"), Some(text.len().to_string().as_str()));
}

#[test]
fn a_large_file_is_read_only_as_far_as_is_asked_for() {
    let folder = Folder::with(&[("film.mp4", "")]);
    // Its blocks are not allocated, and there would be no room for them in memory.
    let file = fs::File::options().write(true).open(folder.assets().join("film.mp4")).unwrap();
    file.set_len(1 << 40).unwrap();
    let handler = folder.handler();
    let path = "/static/film.mp4";
    get_from(&handler, path, &[("range", "bytes=-3")]).has_status(206).has_body("\0\0\0");
    let mut body = handler.respond(&request(Method::GET, path, &[])).into_body();
    assert_eq!(body.len(), 1 << 40);
    let chunk = body.clone().into_iter().next().unwrap();
    assert!(chunk.len() <= 64 << 10);
    // A piece that was taken from the one is still in the other.
    assert_eq!(body.len(), 1 << 40);
    body = Default::default();
    assert!(body.is_empty());
}

#[test]
fn a_large_file_that_changes_meanwhile_ends_early() {
    let (folder, handler, text) = large();
    for range in ["bytes=0-", "bytes=0-999999,1000000-1999999"] {
        folder.write("large.txt", &text);
        let asked = request(Method::GET, "/static/large.txt", &[("range", range)]);
        let body = handler.respond(&asked).into_body();
        let length = body.len();
        let mut chunks = body.into_iter();
        let mut sent = chunks.next().unwrap().len();
        folder.write("large.txt", format!("{text}."));
        sent += chunks.map(|chunk| chunk.len()).sum::<usize>();
        assert!((sent as u64) < length, "{sent} of {length}");
    }
}

#[test]
fn the_tag_of_a_large_file_is_weak() {
    let (folder, handler, text) = large();
    let ask = |fields: &[(&str, &str)]| get_from(&handler, "/static/large.txt", fields);
    let tag = |answer: Answer| answer.field("etag").unwrap().to_owned();
    // Another edit could have the same times, so it is never given twice.
    let fresh = tag(ask(&[]));
    assert!(fresh.starts_with("W/\""), "{fresh}");
    assert_ne!(fresh, tag(ask(&[])));
    ask(&[("if-none-match", &fresh)]).has_status(200);
    ask(&[("if-match", &fresh)]).has_status(412);
    ask(&[("range", "bytes=0-0"), ("if-range", &fresh)]).has_status(200).has_body(&text);
    drop(folder);
}

#[test]
fn an_error_is_answered_whatever_is_asked() {
    let missing = Handler::new(&sample()).live_files("no/such folder").cors(true);
    let get = get_from(&missing, STYLE, &[("if-none-match", "*"), ("range", "bytes=0-")]);
    let get = get.has_status(500).has("access-control-allow-origin", "*");
    let head = ask(&missing, Method::HEAD, STYLE, &[]).has_status(500).has_body("");
    assert_eq!(get.headers, head.headers);
    ask(&missing, Method::POST, STYLE, &[]).has_status(500);
}

// The rest of HTTP.

#[test]
fn methods_are_answered_as_usual() {
    let folder = Folder::with(&[("css/style.css", "body"), ("new.css", "new")]);
    for path in [STYLE, STYLE_STAMPED, "/static/new.css"] {
        let get = folder.get(path).has("accept-ranges", "bytes");
        let head = ask(&folder.handler(), Method::HEAD, path, &[("range", "bytes=0-0")]);
        let head = head.has_status(200).has_body("");
        assert_eq!(get.headers, head.headers);
        let options = ask(&folder.handler(), Method::OPTIONS, path, &[]).has_no_store();
        options.has_status(204).has("allow", "GET, HEAD, OPTIONS");
        ask(&folder.handler(), Method::PUT, path, &[]).has_status(405).has_no_store();
    }
}

#[test]
fn ranges_are_answered_as_usual() {
    let folder = Folder::with(&[("digits.txt", DIGITS), ("empty.txt", "")]);
    let handler = folder.handler();
    let ask = |range: &str| get_from(&handler, "/static/digits.txt", &[("range", range)]);
    ask("bytes=2-4").has_status(206).has("content-range", "bytes 2-4/10").has_body("234");
    ask("bytes=-3").has_status(206).has("content-length", "3").has_body("789");
    ask("bytes=0-9").has_status(206).has_body(DIGITS);
    ask("bytes=10-").has_status(416).has("content-range", "bytes */10");
    ask("bytes=x").has_status(200).has_body(DIGITS);
    let parts = ask("bytes=0-1,8-9").has_status(206);
    let text = String::from_utf8(parts.body.to_vec()).unwrap();
    assert!(
        text.contains("bytes 0-1/10\r\n\r\n01\r\n") && text.contains("\r\n\r\n89\r\n"),
        "{text}"
    );
    assert!(text.contains("Content-Type: text/plain; charset=utf-8\r\n"), "{text}");
    get_from(&handler, "/static/empty.txt", &[("range", "bytes=0-")]).has_status(416);
    get_from(&handler, "/static/empty.1.txt", &[]).has_status(200).has("content-length", "0");
}

#[test]
fn conditions_are_about_the_bytes_of_now() {
    let folder = Folder::with(&[("css/style.css", "one")]);
    let handler = folder.handler();
    let ask = |name, value: &str| get_from(&handler, STYLE, &[(name, value)]);
    let tag = folder.get(STYLE).field("etag").unwrap().to_owned();
    ask("if-none-match", &tag).has_status(304).has("etag", &tag).has_body("");
    ask("if-match", &tag).has_status(200);
    ask("if-match", "\"x\"").has_status(412);
    let part = |tag: &str| get_from(&handler, STYLE, &[("range", "bytes=0-0"), ("if-range", tag)]);
    part(&tag).has_status(206);
    // Dates say nothing: two edits may have the same.
    let far = "Fri, 01 Jan 2100 00:00:00 GMT";
    ask("if-modified-since", far).has_status(200);
    ask("if-unmodified-since", SECOND_BEFORE).has_status(200);

    folder.write("css/style.css", "two");
    ask("if-none-match", &tag).has_status(200).has_body("two");
    ask("if-match", &tag).has_status(412);
    part(&tag).has_status(200).has_body("two");
    // Nor is that of the program.
    ask("if-none-match", etag("css/style.css", Coding::Identity)).has_status(200);
}

#[test]
fn files_are_sent_without_a_coding() {
    let folder = Folder::with(&[("css/style.css", "now")]);
    let ask = |codings| get_from(&folder.handler(), STYLE, &[("accept-encoding", codings)]);
    for codings in ["gzip, br", "", "*", "gzip;q=1, identity;q=0.5", "br;q=0"] {
        ask(codings).has_status(200).has_no("content-encoding").has_no("vary").has_body("now");
    }
    for codings in ["identity;q=0", "*;q=0", "br, *;q=0"] {
        ask(codings).has_status(406);
    }
}

#[test]
fn only_text_that_is_utf8_says_so() {
    let folder = Folder::new();
    for (name, bytes, content_type) in [
        ("a.css", &b"\xc3\xa9"[..], "text/css; charset=utf-8"),
        ("latin1.css", b"\xe9", "text/css"),
        ("a.json", b"{}", "application/json"),
        ("a.png", b"\x89PNG", "image/png"),
        ("a.unheard-of", b"a", "application/octet-stream"),
        ("LICENSE", b"free", "text/plain; charset=utf-8"),
    ] {
        folder.write(name, bytes);
        let answer = folder.get(&format!("/static/{name}")).has("content-type", content_type);
        answer.has("x-content-type-options", "nosniff").has_body(bytes);
    }
}

#[test]
fn chosen_fields_are_added_but_nothing_is_stored() {
    let folder = Folder::with(&[("css/style.css", "a"), ("new.css", "a"), ("a.js", "a")]);
    let policy = HeaderName::from_static("cross-origin-resource-policy");
    let handler = folder
        .handler()
        .cors(true)
        .header("*.css", policy.clone(), HeaderValue::from_static("same-site"))
        .unwrap()
        .header("*.css", header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER))
        .unwrap();
    for path in [STYLE, STYLE_STAMPED, "/static/new.css"] {
        get_from(&handler, path, &[])
            .has(policy.as_str(), "same-site")
            .has("access-control-allow-origin", "*");
    }
    get_from(&handler, "/static/a.js", &[]).has_no(policy.as_str());
}

#[test]
fn pages_are_read_too() {
    let folder = Folder::with(&[("docs/index.html", "docs now"), ("new é/index.html", "new")]);
    let handler = folder.handler().index("index.html").fallback("index.html");
    get_from(&handler, "/static/docs/", &[]).has_status(200).has_body("docs now");
    get_from(&handler, "/static/new%20%c3%a9/", &[]).has_body("new");
    for (path, location) in [
        ("/static/docs", "/static/docs/"),
        ("/static/new%20%c3%a9", "/static/new%20%C3%A9/"),
        ("/static", "/static/"),
    ] {
        get_from(&handler, path, &[]).has_status(307).has("location", location);
        let (path, location) = (format!("{path}?a=1"), format!("{location}?a=1"));
        get_from(&handler, &path, &[]).has_status(307).has("location", &location);
    }
    for path in ["/static/none/", "/static//", "/static/docs/../docs/", "/static/docs%2f"] {
        get_from(&handler, path, &[]).has_status(404);
    }
    // The program has it still.
    get_from(&handler, "/static/", &[]).has_body("<title>root</title>");
    get_from(&handler, "/users/7", &[HTML]).has_body("<title>root</title>").has("vary", "Accept");

    folder.write("index.html", "root now");
    get_from(&handler, "/static/", &[]).has_no("vary").has_body("root now");
    for path in ["/users/7", "/static/users/7", "/"] {
        get_from(&handler, path, &[HTML]).has("vary", "Accept").has_body("root now");
    }
    get_from(&handler, "/users/7", &[]).has_status(404);
    get_from(&handler, "/users/7.css", &[HTML]).has_status(404);
    ask(&handler, Method::POST, "/users/7", &[HTML]).has_status(404);
}

#[test]
fn without_the_call_nothing_is_read() {
    // Beside the working directory there is a folder of this name.
    get("/static/live.rs", &[]).has_status(404);
    get(STYLE, &[]).has("cache-control", "no-cache").has_body(CSS);
}

// Whatever is asked for.

static ASSETS: LazyLock<Assets> = LazyLock::new(sample);

/// Folders with a secret in every place that is none of the request's business.
static PLANTED: LazyLock<(Folder, Handler)> = LazyLock::new(|| {
    let folder = Folder::with(&[
        ("a.css", "public"),
        ("css/style.css", "public"),
        ("index.html", "public"),
        (".env", "SECRET"),
        (".git/config", "SECRET"),
        ("css/.b.css", "SECRET"),
        ("css/b.css~", "SECRET"),
    ]);
    for name in ["secret.txt", "a.css", "b.css", "assetsa.css", "index.html"] {
        fs::write(folder.0.join(name), "SECRET").unwrap();
    }
    fs::create_dir(folder.0.join("assets2")).unwrap();
    fs::write(folder.0.join("assets2/a.css"), "SECRET").unwrap();
    #[cfg(unix)]
    for (to, name) in [("..", "up"), ("../../assets2", "css/out"), ("../b.css", "b.css")] {
        folder.link(to, name);
    }
    let handler = folder.handler().live_files_at("css/x", folder.assets().join("css"));
    let handler = handler.index("index.html").fallback("index.html");
    (folder, handler)
});

fn paths() -> impl Strategy<Value = String> {
    let absolute = PLANTED.0.0.to_str().unwrap().to_owned();
    let words = [
        "/",
        "/",
        "/",
        "/static/",
        "static",
        "css",
        "x",
        "up",
        "out",
        "assets",
        "assets2",
        "..",
        "../",
        ".",
        "%2e",
        "%2E%2e",
        "%2f",
        "%5c",
        "\\",
        "%00",
        ":",
        "c:",
        "~",
        ".env",
        ".git/config",
        "a.css",
        "b.css",
        "b",
        ".css",
        ".1",
        ".1.css",
        "secret.txt",
        "secret",
        ".txt",
        "index.html",
        "%",
        "%c0%ae",
        "é",
        " ",
        ";",
        "?",
        "#",
    ];
    let words: Vec<String> = words.into_iter().map(str::to_owned).chain([absolute]).collect();
    prop_oneof![
        8 => vec(select(words), 0..10).prop_map(|words| format!("/static/{}", words.concat())),
        1 => ".{0,60}",
        1 => "/static/.{0,60}",
        1 => "/static/[a-z./%0-9]{0,60}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn no_path_gets_what_is_outside(path in paths(), is_page: bool, range in 0_usize..9) {
        let mut headers = http::HeaderMap::new();
        if is_page {
            headers.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
        }
        if range < 6 {
            let value = HeaderValue::try_from(format!("bytes={range}-")).unwrap();
            headers.insert(header::RANGE, value);
        }
        let (_, handler) = &*PLANTED;
        let response = handler.respond(Head::new(&Method::GET, &path, &headers));
        let answer = Answer::of(response).has_no_store();
        let status = answer.status.as_u16();
        prop_assert!(matches!(status, 200 | 206 | 307 | 404), "{:?}", answer);
        if matches!(status, 200 | 206) {
            let text = String::from_utf8_lossy(&answer.body);
            // A range goes to the end.
            let mut baked = ASSETS.iter().filter_map(|asset| asset.text());
            let is_public = "public".ends_with(&*text) || baked.any(|all| all.ends_with(&*text));
            prop_assert!(is_public, "{:?}", answer);
        }
    }
}
