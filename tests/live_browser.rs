//! Live mode in a real browser: what a page takes in without loading itself again, and when it does.

#![cfg(unix)]

mod support;

use stamped_test_support::Dir;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use support::browser::Browser;
use support::live::{project, start, start_anywhere};
use support::nginx;
use support::server::{Server, free_port};

/// Runs a script in the page until it gives the text, or fails after a time.
#[track_caller]
fn becomes(browser: &mut Browser, tab: u32, script: &str, expected: &str) {
    let start = Instant::now();
    let mut last = String::new();
    while start.elapsed() < Duration::from_secs(20) {
        last = browser.run(tab, script).0;
        if last == expected {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("`{script}` is `{last}` and not `{expected}`");
}

#[track_caller]
fn open(browser: &mut Browser, tab: u32, url: &str) {
    let (title, messages) = browser.open(tab, url);
    assert_eq!(title, "done", "{messages:#?}");
}

const COLOR: &str = "getComputedStyle(document.body).color";
const BORDER: &str = "getComputedStyle(document.querySelector('p')).borderTopColor";
const WIDTH: &str = "String(document.querySelector('img').naturalWidth)";
const BACKGROUND: &str = "getComputedStyle(document.querySelector('p')).backgroundImage.includes('live=') \
    || getComputedStyle(document.querySelector('p')).backgroundImage";
const MARK: &str = "String(window.mark)";
const OVERLAY: &str = "document.querySelector('stamped-live')?.shadowRoot.textContent.includes('not Sass') ? 'shown' : 'none'";

#[test]
#[ignore = "needs Chromium and playwright-core"]
fn a_page_takes_in_what_changes() {
    let project = project("live-browser");
    assert!(project.cargo(&["build"]).status.success());
    let folder = Dir::new();
    let port = free_port();
    let server = start(&project, true, port);
    let url = format!("http://127.0.0.1:{port}/");
    let mut browser = Browser::start(&folder.join("profile"));
    for tab in [1, 2] {
        open(&mut browser, tab, &url);
        becomes(&mut browser, tab, "String(window.version)", "one");
        browser.run(tab, "window.mark = 'kept'");
    }

    // In place: a style sheet, one that is transformed, one that another imports, and pictures.
    for turn in 0..20 {
        let color = format!("rgb({turn}, 2, 3)");
        project
            .write("assets/css/page.css", format!("@import 'base.css'; body {{ color: {color} }}"));
        becomes(&mut browser, 1, COLOR, &color);
        becomes(&mut browser, 2, COLOR, &color);
    }
    project.write("assets/css/sass.scss", "p { border-color: rgb(7, 7, 7) }");
    becomes(&mut browser, 1, BORDER, "rgb(7, 7, 7)");
    project.write("assets/css/base.css", "p { background: none }");
    becomes(&mut browser, 1, BACKGROUND, "none");
    let picture = "<svg xmlns='http://www.w3.org/2000/svg' width='31' height='8'></svg>";
    project.write("assets/img/one.svg", picture);
    becomes(&mut browser, 1, WIDTH, "31");
    becomes(&mut browser, 2, WIDTH, "31");
    becomes(
        &mut browser,
        1,
        "String(document.querySelectorAll('link[rel=stylesheet]').length)",
        "2",
    );
    assert_eq!(browser.run(1, MARK).0, "kept");
    assert_eq!(browser.run(2, MARK).0, "kept");

    // A script that fails, over the page; then it succeeds.
    project.write("assets/css/sass.scss", "broken");
    becomes(&mut browser, 1, OVERLAY, "shown");
    assert_eq!(browser.run(1, MARK).0, "kept");
    project.write("assets/css/sass.scss", "p { border-color: rgb(8, 8, 8) }");
    becomes(&mut browser, 1, OVERLAY, "none");
    becomes(&mut browser, 1, BORDER, "rgb(8, 8, 8)");
    assert_eq!(browser.run(1, MARK).0, "kept");

    // Anew: a module.
    project.write("version.txt", "two");
    becomes(&mut browser, 1, "String(window.version)", "two");
    assert_eq!(browser.run(1, MARK).0, "undefined");

    // No problem until here; a program that is gone is one.
    let messages = browser.heard();
    let messages: Vec<_> = messages.iter().filter(|one| !is_of_leaving(one)).collect();
    assert!(messages.is_empty(), "{messages:#?}");
    browser.run(1, "window.mark = 'old'");
    drop(server);
    let _server = start(&project, true, port);
    becomes(&mut browser, 1, MARK, "undefined");
    becomes(&mut browser, 1, "String(window.version)", "two");
    assert!(Path::new(&project.root().join("live.log")).exists());
}

/// Such a policy lets no style sheet and no script in by its origin.
#[test]
#[ignore = "needs Chromium and playwright-core"]
fn a_page_whose_policy_has_a_nonce_takes_in_what_changes() {
    let project = project("live-nonce");
    // It would keep out a sheet that another one imports, too.
    let sheet = |color| format!("body {{ color: {color} }}");
    project.write("assets/css/page.css", sheet("rgb(1, 1, 1)"));
    assert!(project.cargo(&["build"]).status.success());
    let folder = Dir::new();
    let port = free_port();
    let _server = start(&project, true, port);
    let mut browser = Browser::start_as_of_user(&folder.join("profile"));
    open(&mut browser, 1, &format!("http://127.0.0.1:{port}/nonce"));
    becomes(&mut browser, 1, "String(window.version)", "one");
    browser.run(1, "window.mark = 'kept'");
    // It is swapped twice: the element that takes the place of the first one has the nonce, too.
    for color in ["rgb(1, 2, 3)", "rgb(4, 5, 6)"] {
        project.write("assets/css/page.css", sheet(color));
        becomes(&mut browser, 1, COLOR, color);
    }
    project.write("assets/css/sass.scss", "broken");
    becomes(&mut browser, 1, OVERLAY, "shown");
    project.write("assets/css/sass.scss", "p { border-color: rgb(8, 8, 8) }");
    becomes(&mut browser, 1, OVERLAY, "none");
    assert_eq!(browser.run(1, MARK).0, "kept");
    project.write("version.txt", "two");
    becomes(&mut browser, 1, "String(window.version)", "two");
    let messages = browser.heard();
    let messages: Vec<_> = messages.iter().filter(|one| !is_of_leaving(one)).collect();
    assert!(messages.is_empty(), "{messages:#?}");
}

/// A browser opens at most six connections to a server.
#[test]
#[ignore = "needs Chromium and playwright-core"]
fn eight_tabs_share_one_stream_of_events() {
    let project = project("live-tabs");
    assert!(project.cargo(&["build"]).status.success());
    let folder = Dir::new();
    let port = free_port();
    let server = start(&project, true, port);
    let mut browser = Browser::start_as_of_user(&folder.join("profile"));
    for tab in 0..8 {
        // The fourth has the element twice, and the fifth two elements.
        let path = ["", "", "", "tag", "two", "", "", ""][tab as usize];
        open(&mut browser, tab, &format!("http://127.0.0.1:{port}/{path}"));
        becomes(&mut browser, tab, "String(window.version)", "one");
        browser.run(tab, "window.mark = 'kept'");
    }
    edit_and_see(&mut browser, &project, "rgb(1, 2, 3)");
    // Each sheet once, and of both mounts.
    let sheets = "String(document.querySelectorAll('link[rel=stylesheet]').length)";
    becomes(&mut browser, 3, sheets, "2");
    project.write("more/more.css", "img { color: rgb(9, 9, 9) }");
    let color = "getComputedStyle(document.querySelector('img')).color";
    becomes(&mut browser, 4, color, "rgb(9, 9, 9)");
    becomes(&mut browser, 4, sheets, "3");
    // A tab that comes late hears what the others were told.
    project.write("assets/css/sass.scss", "broken");
    becomes(&mut browser, 0, OVERLAY, "shown");
    open(&mut browser, 8, &format!("http://127.0.0.1:{port}/"));
    becomes(&mut browser, 8, OVERLAY, "shown");
    project.write("assets/css/sass.scss", "a {}");
    for tab in 0..9 {
        becomes(&mut browser, tab, OVERLAY, "none");
    }
    for tab in 0..8 {
        assert_eq!(browser.run(tab, MARK).0, "kept", "{tab}");
    }
    drop(server);
    let _server = start(&project, true, port);
    for tab in 0..8 {
        becomes(&mut browser, tab, MARK, "undefined");
    }
    edit_and_see(&mut browser, &project, "rgb(3, 2, 1)");
}

/// Edits the style sheet, and waits until eight tabs show it.
#[track_caller]
fn edit_and_see(browser: &mut Browser, project: &support::Project, color: &str) {
    project.write("assets/css/page.css", format!("body {{ color: {color} }}"));
    for tab in 0..8 {
        becomes(browser, tab, COLOR, color);
    }
}

#[test]
#[ignore = "needs Chromium and playwright-core"]
fn a_page_that_is_older_than_the_assets_loads_itself_again_once() {
    let project = project("live-old");
    assert!(project.cargo(&["build"]).status.success());
    let folder = Dir::new();
    let server = start_anywhere(&project, true);
    let url = |path: &str| format!("http://127.0.0.1:{}/{path}", server.port);
    let mut browser = Browser::start_as_of_user(&folder.join("profile"));

    // The memory of pages, which Chromium has not while it is driven.
    open(&mut browser, 1, &url(""));
    becomes(&mut browser, 1, "String(window.version)", "one");
    let event = |name: &str| {
        format!("dispatchEvent(new PageTransitionEvent('{name}', {{ persisted: true }}))")
    };
    browser.run(1, &event("pagehide"));
    browser.run(1, &event("pageshow"));
    project.write("assets/css/page.css", "body { color: rgb(4, 4, 4) }");
    becomes(&mut browser, 1, COLOR, "rgb(4, 4, 4)");
    browser.run(1, "window.mark = 'kept'");
    browser.run(1, &event("pagehide"));
    project.write("assets/css/page.css", "body { color: rgb(5, 5, 5) }");
    open(&mut browser, 2, &url(""));
    becomes(&mut browser, 2, COLOR, "rgb(5, 5, 5)");
    assert_eq!(
        (browser.run(1, MARK).0, browser.run(1, COLOR).0),
        ("kept".into(), "rgb(4, 4, 4)".into())
    );
    browser.run(1, &event("pageshow"));
    becomes(&mut browser, 1, COLOR, "rgb(5, 5, 5)");
    assert_eq!(browser.run(1, MARK).0, "undefined");

    // The cache of HTTP.
    open(&mut browser, 1, &url("kept"));
    open(&mut browser, 1, &url(""));
    project.write("version.txt", "two");
    becomes(&mut browser, 1, "String(window.version)", "two");
    browser.run(1, "location.href = '/kept'");
    becomes(&mut browser, 1, "location.pathname + window.version", "/kepttwo");
    becomes(&mut browser, 1, "performance.getEntriesByType('navigation')[0].type", "reload");

    // One that is old whatever happens.
    open(&mut browser, 1, &url("frozen"));
    becomes(&mut browser, 1, "performance.getEntriesByType('navigation')[0].type", "reload");
    project.write("assets/css/page.css", "body { color: rgb(6, 6, 6) }");
    becomes(&mut browser, 1, COLOR, "rgb(6, 6, 6)");
    browser.run(1, "window.mark = 'kept'");
    project.write("assets/css/page.css", "body { color: rgb(7, 7, 7) }");
    becomes(&mut browser, 1, COLOR, "rgb(7, 7, 7)");
    assert_eq!(browser.run(1, MARK).0, "kept");
}

#[test]
#[ignore = "needs Chromium, playwright-core and nginx"]
fn events_come_through_nginx_as_it_is_by_default() {
    let project = project("live-nginx");
    assert!(project.cargo(&["build"]).status.success());
    let folder = Dir::new();
    let (port, program_port) = (free_port(), free_port());
    let configuration = nginx::configure(
        folder.path(),
        &format!(
            "gzip on; server {{ listen 127.0.0.1:{port};
             location / {{ proxy_pass http://127.0.0.1:{program_port}; }} }}"
        ),
    );
    let program = start(&project, true, program_port);
    let mut command = nginx::command(folder.path(), &configuration);
    let _nginx = Server::start(port, &mut command, &folder.join("nginx.log"));
    let mut browser = Browser::start_as_of_user(&folder.join("profile"));
    open(&mut browser, 1, &format!("http://127.0.0.1:{port}/"));
    becomes(&mut browser, 1, "String(window.version)", "one");
    browser.run(1, "window.mark = 'kept'");
    for color in ["rgb(1, 2, 3)", "rgb(3, 2, 1)"] {
        project.write("assets/css/page.css", format!("body {{ color: {color} }}"));
        becomes(&mut browser, 1, COLOR, color);
    }
    assert_eq!(browser.run(1, MARK).0, "kept");
    // While there is no program, nginx answers for it, which browsers take for the end of all events.
    drop(program);
    let status = "fetch('/').then(({ status }) => String(status))";
    assert_eq!(browser.run(1, status).0, "502");
    std::thread::sleep(Duration::from_secs(1));
    let _program = start(&project, true, program_port);
    becomes(&mut browser, 1, MARK, "undefined");
    becomes(&mut browser, 1, COLOR, "rgb(3, 2, 1)");
    let log = fs::read_to_string(folder.join("nginx.log")).unwrap();
    assert!(!log.contains("buffered"), "{log}");
}

#[test]
#[ignore = "needs Chromium and playwright-core"]
fn a_page_of_a_folder_that_is_served_takes_in_what_changes() {
    let dir = Dir::new();
    let page = "<!doctype html><title>done</title><link rel=icon href=data:,>\
        <link rel=stylesheet href=css/page.css><p>first<img src=img/one.svg>";
    let picture = |width: u32| {
        format!("<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='8'></svg>")
    };
    dir.write("site/index.html", page);
    dir.write("site/css/page.css", "@import 'base.css'; body { color: rgb(1, 1, 1) }");
    dir.write("site/css/base.css", "p { background: url(../img/one.svg) }");
    dir.write("site/img/one.svg", picture(8));
    let port = free_port();
    let mut command = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
    let listen = format!("127.0.0.1:{port}");
    command.args(["serve", "site", "--live", "--mount", "/", "--listen", &listen]);
    let server = Server::start(port, command.current_dir(dir.path()), &dir.join("live.log"));
    let mut browser = Browser::start(&dir.join("profile"));
    open(&mut browser, 1, &format!("http://127.0.0.1:{}/", server.port));
    becomes(&mut browser, 1, COLOR, "rgb(1, 1, 1)");
    browser.run(1, "window.mark = 'kept'");

    // In place.
    dir.write("site/css/page.css", "@import 'base.css'; body { color: rgb(2, 2, 2) }");
    becomes(&mut browser, 1, COLOR, "rgb(2, 2, 2)");
    let background = of_background("naturalWidth");
    for width in [31, 32] {
        // The second time, the sheet names the picture by the same URL as before.
        dir.write_at(1_600_000_000, "site/img/one.svg", picture(width));
        becomes(&mut browser, 1, WIDTH, &width.to_string());
        becomes(&mut browser, 1, &background, &width.to_string());
    }
    dir.write("site/css/base.css", "p { background: none }");
    becomes(&mut browser, 1, BACKGROUND, "none");

    // An error, over the page.
    const SHOWN: &str = "document.querySelector('stamped-live')?.shadowRoot.querySelector('pre').textContent ?? 'none'";
    let broken = not_utf8(&dir);
    becomes(&mut browser, 1, &format!("String(({SHOWN}).includes('UTF-8'))"), "true");
    fs::remove_file(broken).unwrap();
    becomes(&mut browser, 1, SHOWN, "none");
    assert_eq!(browser.run(1, MARK).0, "kept");

    // Anew.
    dir.write("site/index.html", page.replace("first", "second"));
    becomes(&mut browser, 1, "document.querySelector('p').textContent", "second");
    assert_eq!(browser.run(1, MARK).0, "undefined");
    let messages = browser.heard();
    let messages: Vec<_> = messages.iter().filter(|one| !is_of_leaving(one)).collect();
    assert!(messages.is_empty(), "{messages:#?}");
}

/// A file in the folder whose name is not UTF-8, which is an error.
fn not_utf8(dir: &Dir) -> std::path::PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    let path = dir.join("site").join(std::ffi::OsStr::from_bytes(b"a\xff.css"));
    fs::write(&path, "").unwrap();
    path
}

/// A property of the picture behind the paragraph, as the page has it.
fn of_background(property: &str) -> String {
    format!(
        "(async () => {{
             const style = getComputedStyle(document.querySelector('p')).backgroundImage;
             const image = new Image();
             image.src = style.match(/url\\(\"(.*)\"\\)/)?.[1] ?? '';
             await image.decode().catch(() => {{}});
             return String(image.{property});
         }})()"
    )
}

/// A page that loads itself again ends its own requests.
fn is_of_leaving(message: &str) -> bool {
    message.contains("net::ERR_ABORTED") || message.contains("Execution context was destroyed")
}
