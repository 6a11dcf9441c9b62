//! Tests the list of files that a service worker fetches in advance.
#![cfg(feature = "std")]

use stamped::{Assets, Coding};
use stamped_test_support::{File, bundle};

fn shop() -> Assets {
    bundle(
        "/static",
        vec![
            File::stamped("css/style.css", "text/css; charset=utf-8", "1", "a{}"),
            File::stamped("js/app.js", "text/javascript; charset=utf-8", "2", "1"),
            File::plain("js/index-BxK3a9Qz.js", "text/javascript", "2").prestamped(),
            File::plain("index.html", "text/html; charset=utf-8", "one"),
            File::stamped("img/it's é.png", "image/png", "3", "p"),
        ],
    )
}

fn list(assets: Assets, pattern: &str) -> String {
    assets.precache(pattern).unwrap().to_string()
}

fn names(pattern: &str) -> Vec<&'static str> {
    shop().precache(pattern).unwrap().assets().map(|asset| asset.name()).collect()
}

#[test]
fn a_stamped_url_needs_no_revision_and_a_plain_one_has_that_of_its_bytes() {
    let index = shop().get("index.html").unwrap();
    assert_eq!(
        list(shop(), "**/*.{css,html,js}"),
        format!(
            "[{{\"url\":\"/static/css/style.1.css\",\"revision\":null,\"integrity\":\"sha384-x\"}},\n\
             {{\"url\":\"/static/index.html\",\"revision\":\"{}\",\"integrity\":\"sha384-x\"}},\n\
             {{\"url\":\"/static/js/app.2.js\",\"revision\":null,\"integrity\":\"sha384-x\"}},\n\
             {{\"url\":\"/static/js/index-BxK3a9Qz.js\",\"revision\":null,\"integrity\":\"sha384-x\"}}]",
            index.etag().trim_matches('"')
        )
    );
    let of = |bytes| {
        let file = File::plain("index.html", "text/html; charset=utf-8", bytes);
        list(bundle("/static", vec![file]), "**")
    };
    assert_ne!(of("one"), of("two"));
}

#[test]
fn contents_that_a_front_server_has_still_have_a_revision() {
    let plain = || File::plain("index.html", "text/html; charset=utf-8", "one");
    for file in [plain().without_contents(), plain().only_coded(Coding::Gzip, "x")] {
        let list = list(bundle("", vec![file]), "index.html");
        assert!(list.contains("\"url\":\"/index.html\",\"revision\":\"sha384-x\""), "{list}");
    }
}

#[test]
fn a_pattern_means_what_it_means_to_a_pipeline() {
    assert_eq!(names("*.css"), ["css/style.css"]);
    assert_eq!(names("/*.html"), ["index.html"]);
    assert_eq!(names("{css,js}/**").len(), 3);
    assert_eq!(names("*.txt"), [""; 0]);
    assert_eq!(list(shop(), "*.txt"), "[]");
    let error = shop().precache("css/[").unwrap_err().to_string();
    assert!(error.starts_with("`css/[` is not a pattern of asset names: "), "{error}");
}

#[test]
fn nothing_in_the_list_ends_a_string_or_a_script() {
    let list =
        shop().precache("*.png").unwrap().base("https://a\"</script>\\\u{2028}&/").to_string();
    assert_eq!(
        list,
        "[{\"url\":\"https://a\\u0022\\u003c/script\\u003e\\u005c\\u2028\\u0026/static/img/it%27s%20%C3%A9.3.png\",\
         \"revision\":null,\"integrity\":\"sha384-x\"}]"
    );
}
