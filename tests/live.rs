//! Live mode: a program whose build script runs again whenever a file changes.

#![cfg(unix)]

mod support;

use std::fs;
use support::live::{project, start_anywhere};
use support::server::{Answer, Server};

/// Names and URLs of all assets.
fn list(server: &Server) -> Vec<(String, String)> {
    // The system tells of a change a moment after it.
    std::thread::sleep(std::time::Duration::from_millis(200));
    let text =
        String::from_utf8(server.ask("GET", "/list", "Sec-Fetch-Dest: empty\r\n").body).unwrap();
    let entry = |line: &str| line.rsplit_once(' ').map(|(name, url)| (name.into(), url.into()));
    text.lines().filter_map(entry).collect()
}

/// What must be equal in both modes.
fn essence(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let differs = ["date", "cache-control"];
    let fields = answer.fields.iter().filter(|(name, _)| !differs.contains(&&**name));
    (answer.status, fields.cloned().collect(), String::from_utf8_lossy(&answer.body).into())
}

#[test]
fn live_answers_are_those_of_a_program_built_from_the_same_files() {
    let project = project("live-equal");
    let first = project.cargo(&["build"]);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let live = start_anywhere(&project, true);

    let compare = |what: &str| {
        let current = list(&live);
        let built = project.cargo(&["build"]);
        assert!(built.status.success(), "{what}: {}", String::from_utf8_lossy(&built.stderr));
        let built = start_anywhere(&project, false);
        assert_eq!(current, list(&built), "{what}");
        assert!(current.len() >= 6, "{what}: {current:#?}");
        for (name, url) in &current {
            let (stem, suffix) = stamped::name::split(name);
            let stale = format!("/static/{stem}.1{suffix}");
            let mut paths = vec![url.clone()];
            // The others would have to be encoded.
            if name.bytes().all(|byte| byte.is_ascii_graphic()) {
                paths.extend([format!("/static/{name}"), stale]);
            }
            for path in paths {
                for field in ["", "Range: bytes=1-3\r\n", "If-None-Match: *\r\n"] {
                    let field = format!("Sec-Fetch-Dest: empty\r\n{field}");
                    let (one, other) =
                        (live.ask("GET", &path, &field), built.ask("GET", &path, &field));
                    assert_eq!(essence(&one), essence(&other), "{what}: {path} {field}");
                    assert_eq!(one.field("cache-control"), "no-store", "{what}: {path}");
                }
            }
        }
    };
    compare("at first");
    project.write("assets/css/base.css", "p { background: url(../img/one.svg) red }");
    compare("an edit of an imported style sheet");
    project.write("assets/img/one.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>");
    compare("an edit of a picture below two style sheets");
    project.write("assets/deep/er/new file \u{56fe}.txt", "new");
    compare("a new folder");
    fs::rename(project.path("assets/deep"), project.path("assets/renamed")).unwrap();
    compare("a folder with another name");
    project.write("assets/css/sass.scss", "p { border-color: $color; margin: 0 }");
    compare("an edit of a file that is transformed");
    project.write("assets/css/_color.scss", "rgb(1, 128, 0)");
    compare("an edit of a file that a transformation reads, and that is no asset");
    project.write("version.txt", "two");
    compare("an edit of what the script makes a file from");
    project.write("assets/css/.page.css.swp", "as vim writes");
    fs::rename(project.path("assets/css/.page.css.swp"), project.path("assets/css/page.css"))
        .unwrap();
    compare("saved by renaming");
    fs::remove_dir_all(project.path("assets/renamed")).unwrap();
    compare("a folder that is gone");
    fs::write(project.path("assets/empty.js"), "").unwrap();
    compare("an empty file");
    fs::rename(project.path("assets/empty.js"), project.path("assets/js/void.js")).unwrap();
    compare("a file with another name, in another folder");
    fs::remove_file(project.path("assets/js/void.js")).unwrap();
    compare("a file that is gone");
    project.write("assets/js/page.js", "import './version.js'; import './gone.js'");
    project.write("assets/js/gone.js", "");
    compare("a reference to a new file, and an edit of the file that has it");
}

#[test]
fn a_script_that_fails_keeps_the_last_good_version_and_says_why() {
    let project = project("live-fails");
    assert!(project.cargo(&["build"]).status.success());
    let live = start_anywhere(&project, true);
    let before = list(&live);
    project.write("assets/css/sass.scss", "broken");
    project.write("assets/css/page.css", "b{}");
    assert_eq!(list(&live), before);
    let log = fs::read_to_string(project.root().join("live.log")).unwrap();
    assert!(log.contains("css/sass.scss") && log.contains("this is not Sass"), "{log}");
    project.write("assets/css/sass.scss", "a{}");
    let after = list(&live);
    assert!(after != before && after.len() == before.len(), "{after:#?}");
    let page = after.iter().find(|(name, _)| name == "css/page.css").unwrap();
    assert_eq!(live.ask("GET", &page.1, "").body, b"b{}");
    project.write("assets/css/sass.scss", "@use shared/theme.css");
    assert_eq!(list(&live), after);
    let log = fs::read_to_string(project.root().join("live.log")).unwrap();
    assert!(log.contains("shared/theme.css"), "{log}");
    // Outside of the folders, and named by a run that failed.
    project.write("shared/theme.css", "b{}");
    let themed = list(&live);
    let sheet = themed.iter().find(|(name, _)| name == "css/sass.css").unwrap();
    assert_eq!(live.ask("GET", &sheet.1, "").body, b"b{}");
    project.write("shared/theme.css", "c{}");
    assert_ne!(list(&live), themed);
}

#[test]
fn live_mode_changes_nothing_of_what_cargo_does_next() {
    let project = project("live-cargo");
    assert!(project.cargo(&["build"]).status.success());
    let out_dir = fs::read_to_string(project.root().join("out_dir")).unwrap();
    let baked = || {
        let entries = fs::read_dir(std::path::Path::new(&out_dir).join("stamped")).unwrap();
        let mut files: Vec<_> = entries
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name(), entry.metadata().unwrap().modified().unwrap()))
            .collect();
        files.sort();
        files
    };
    let before = baked();
    let live = start_anywhere(&project, true);
    assert_eq!(list(&live).len(), 6);
    project.write("assets/css/page.css", "c{}");
    assert_eq!(list(&live).len(), 6);
    assert_eq!(baked(), before);
    drop(live);
    let said = project.cargo(&["build", "-v"]);
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("Running `") && said.contains("build-script-build"), "{said}");
    assert!(project.cargo(&["build", "-v"]).stderr.windows(5).any(|five| five == b"Fresh"));
}

#[test]
fn a_release_build_has_no_path_of_the_machine_and_says_that_live_mode_cannot_be_had() {
    let project = support::Project::new("live-release");
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    let stamped =
        format!("stamped = {{ path = {:?}, features = [\"live\"] }}\n", crates.join("stamped"));
    project.manifest(&stamped, "[profile.release]\nopt-level = 0\ndebug = false\nstrip = true\n");
    project.write("assets/a.css", "a{}");
    project.write(
        "src/main.rs",
        "mod assets { stamped::include_assets!(); }
         fn main() {
             let handler = stamped::http::Handler::new(&assets::ASSETS).live();
             println!(\"{:?}\", handler.assets().url(\"a.css\"));
         }",
    );
    let output = project.cargo(&["run", "--release"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("but the program is a release build"),
        "{said}"
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("Some(\"/static/a."));
    let out_dir = fs::read_to_string(project.root().join("out_dir")).unwrap();
    let has = |profile: &str| {
        let program = fs::read(project.program(profile)).unwrap();
        let path = out_dir.replace("/release/", &format!("/{profile}/"));
        let path = path.split("/build/").next().unwrap().as_bytes();
        program.windows(path.len()).any(|window| window == path)
    };
    assert!(!has("release"));
    assert!(project.cargo(&["build"]).status.success());
    assert!(has("debug"));
}

/// The pages of `support::live`, and what is asked for besides. Whether the script is there.
const PAGES: [(&str, &str, bool); 17] = [
    ("/", "Sec-Fetch-Dest: document\r\n", true),
    ("/", "Sec-Fetch-Dest: iframe\r\n", true),
    // Over plain HTTP from another machine, browsers do not say what it is for.
    ("/", "Upgrade-Insecure-Requests: 1\r\n", true),
    // Parts of pages that a script asks for, in browsers of both kinds.
    ("/", "Sec-Fetch-Dest: empty\r\nHX-Request: true\r\n", false),
    ("/", "Accept: text/html\r\nHX-Request: true\r\n", false),
    ("/chunked", "Sec-Fetch-Dest: document\r\n", true),
    ("/short", "Sec-Fetch-Dest: document\r\n", true),
    ("/bytes", "Sec-Fetch-Dest: document\r\n", true),
    ("/wide", "Sec-Fetch-Dest: document\r\n", false),
    ("/json", "Sec-Fetch-Dest: document\r\n", false),
    ("/compressed", "Sec-Fetch-Dest: document\r\n", false),
    ("/compressed", "Sec-Fetch-Dest: document\r\nAccept-Encoding: gzip\r\n", false),
    // Such an answer is not asked for.
    ("/compressible", "Sec-Fetch-Dest: document\r\nAccept-Encoding: gzip, br\r\n", true),
    ("/known", "Sec-Fetch-Dest: document\r\nIf-None-Match: \"one\"\r\n", true),
    (
        "/known",
        "Sec-Fetch-Dest: document\r\nIf-Modified-Since: Thu, 01 Jan 2015 00:00:00 GMT\r\n",
        true,
    ),
    ("/static/css/page.css", "Sec-Fetch-Dest: document\r\n", false),
    (
        "/static/page.html",
        "Sec-Fetch-Dest: document\r\nIf-None-Match: *\r\nAccept-Encoding: gzip\r\n",
        true,
    ),
];

#[test]
fn the_script_goes_into_whole_pages_and_changes_nothing_else() {
    let project = project("live-pages");
    project.write("assets/page.html", "<p>");
    assert!(project.cargo(&["build"]).status.success());
    let live = start_anywhere(&project, true);
    let built = start_anywhere(&project, false);
    let script = |mount: &str| format!("<script src=\"{mount}/.stamped/live.js?since=");
    for (path, fields, has_script) in PAGES {
        let answer = live.ask("GET", path, fields);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let what = format!("{path} {fields}: {:?} {text}", answer.fields);
        assert_eq!(answer.status, 200, "{what}");
        assert_eq!(text.contains(&script("/static")), has_script, "{what}");
        // The other mount has nothing to do with pages that are assets.
        assert_eq!(
            text.contains(&script("/more")),
            has_script && !path.ends_with(".html"),
            "{what}"
        );
        if has_script {
            assert_eq!(
                (answer.field("etag"), answer.field("last-modified")),
                ("-".into(), "-".into()),
                "{what}"
            );
        }
        match answer.field("transfer-encoding").as_str() {
            "chunked" => assert_eq!(path, "/chunked"),
            _ => {
                assert_eq!(answer.field("content-length"), answer.body.len().to_string(), "{what}")
            }
        }
        // The page itself comes first, each byte of it.
        if !fields.contains("If-None")
            && !fields.contains("Accept-Encoding")
            && !fields.contains("If-Mod")
        {
            let plain = built.ask("GET", path, fields).body;
            assert!(answer.body.starts_with(&plain) && !plain.is_empty(), "{what}");
            assert!(has_script || plain == answer.body, "{what}");
        }
    }
    // Scripts that ask for a part of a page get what they would get anyhow.
    for field in
        ["If-None-Match: \"one\"\r\n", "If-Modified-Since: Thu, 01 Jan 2015 00:00:00 GMT\r\n"]
    {
        let answer = live.ask("GET", "/known", &format!("Sec-Fetch-Dest: empty\r\n{field}"));
        assert_eq!((answer.status, answer.body.len()), (304, 0));
        assert_eq!(answer.field("etag"), "\"one\"");
    }
    let head = live.ask("HEAD", "/", "Sec-Fetch-Dest: document\r\n");
    assert_eq!((head.status, head.body.len()), (200, 0));
    // It is the same script that a program names itself.
    let page =
        String::from_utf8(live.ask("GET", "/tag", "Sec-Fetch-Dest: empty\r\n").body).unwrap();
    assert_eq!(page.matches(&script("/static")).count(), 1, "{page}");
    let page =
        String::from_utf8(built.ask("GET", "/tag", "Sec-Fetch-Dest: document\r\n").body).unwrap();
    assert!(!page.contains(".stamped"), "{page}");
    let script = live.ask("GET", "/static/.stamped/live.js", "");
    assert_eq!(
        (script.status, &*script.field("content-type")),
        (200, "text/javascript; charset=utf-8")
    );
    assert_eq!(built.ask("GET", "/static/.stamped/live.js", "").status, 404);
    assert_eq!(live.ask("GET", "/static/.stamped/other", "").status, 404);
    assert_eq!(live.ask("POST", "/static/.stamped/events", "").status, 405);

    let log = fs::read_to_string(project.root().join("live.log")).unwrap();
    assert_eq!(log.matches("a page was compressed").count(), 1, "{log}");
    assert!(log.contains("Handler::live_tag"), "{log}");
}
