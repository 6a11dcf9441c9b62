//! Live mode in a real browser: what a page takes in without loading itself again, and when it does.

#![cfg(unix)]

mod support;

use stamped_test_support::Dir;
use std::path::Path;
use std::time::{Duration, Instant};
use support::browser::Browser;
use support::live::{project, start};
use support::server::free_port;

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
        assert_eq!(browser.open(tab, &url).0, "done");
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
    let messages = browser.run(1, "'quiet'").1;
    let messages: Vec<_> = messages.iter().filter(|one| !is_of_leaving(one)).collect();
    assert!(messages.is_empty(), "{messages:#?}");
    browser.run(1, "window.mark = 'old'");
    drop(server);
    let _server = start(&project, true, port);
    becomes(&mut browser, 1, MARK, "undefined");
    becomes(&mut browser, 1, "String(window.version)", "two");
    assert!(Path::new(&project.root().join("live.log")).exists());
}

/// A page that loads itself again ends its own requests.
fn is_of_leaving(message: &str) -> bool {
    message.contains("net::ERR_ABORTED") || message.contains("Execution context was destroyed")
}
