//! Opens a page in a real browser whose scripts and style sheets were compiled and minified. `tests/run` fetches and
//! compiles them, and runs this test.

mod support;

use support::browser;

#[test]
#[ignore = "needs Chromium, playwright-core, and what tests/run has made of tests/transforms, in STAMPED_TRANSFORMED"]
fn minified_packages_do_in_a_browser_what_they_did_before() {
    let project = browser::project("transforms");
    let folder = std::env::var("STAMPED_TRANSFORMED").expect("STAMPED_TRANSFORMED is set");
    project.build_script(&format!("stamped_build::Pipeline::new({folder:?}).bake()"));
    browser::crawl(&project, ["page.html"]);
}
