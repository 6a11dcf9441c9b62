//! Tests the elements by which pages load assets.
#![cfg(feature = "std")]

use stamped::Assets;
use stamped_test_support::{File, bundle};

fn shop() -> Assets {
    let script = |name| File::stamped(name, "text/javascript; charset=utf-8", "1", name);
    let style = |name| File::stamped(name, "text/css; charset=utf-8", "2", name);
    bundle(
        "/static",
        vec![
            script("js/app.js").module().refers_to(&["js/menu.js", "js/price.js"]),
            // A cycle is legal.
            script("js/menu.js").module().refers_to(&["js/price.js", "js/app.js"]),
            script("js/price.js").module(),
            script("js/old.js"),
            style("css/page.css").refers_to(&["css/base.css"]),
            style("css/base.css"),
            File::stamped("f.woff2", "font/woff2", "3", "f"),
            File::stamped("a b.svg", "image/svg+xml; charset=utf-8", "4", "<svg/>"),
            File::stamped("x.wasm", "application/wasm", "5", "\0asm"),
            File::stamped("it's & more.css", "text/css; charset=utf-8", "6", "a{}"),
        ],
    )
}

#[track_caller]
fn tags(name: &str) -> String {
    shop().get(name).unwrap().tags().to_string()
}

#[test]
fn a_module_comes_with_everything_that_it_imports_once() {
    assert_eq!(
        tags("js/app.js"),
        "<script type=\"module\" src=\"/static/js/app.1.js\" integrity=\"sha384-x\"></script>\n\
         <link rel=\"modulepreload\" href=\"/static/js/menu.1.js\" integrity=\"sha384-x\">\n\
         <link rel=\"modulepreload\" href=\"/static/js/price.1.js\" integrity=\"sha384-x\">"
    );
}

#[test]
fn a_script_that_is_no_module_is_not_loaded_as_one() {
    assert_eq!(
        tags("js/old.js"),
        "<script src=\"/static/js/old.1.js\" integrity=\"sha384-x\"></script>"
    );
}

#[test]
fn an_imported_sheet_is_asked_for_as_the_import_will_ask() {
    assert_eq!(
        tags("css/page.css"),
        "<link rel=\"stylesheet\" href=\"/static/css/page.2.css\" integrity=\"sha384-x\">\n\
         <link rel=\"preload\" as=\"style\" href=\"/static/css/base.2.css\">"
    );
}

#[test]
fn what_no_element_loads_is_preloaded() {
    assert_eq!(
        [tags("f.woff2"), tags("a b.svg"), tags("x.wasm")],
        [
            "<link rel=\"preload\" as=\"font\" href=\"/static/f.3.woff2\" type=\"font/woff2\" crossorigin>",
            "<link rel=\"preload\" as=\"image\" href=\"/static/a%20b.4.svg\">",
            "<link rel=\"preload\" as=\"fetch\" href=\"/static/x.5.wasm\" crossorigin>",
        ]
    );
}

#[test]
fn every_element_has_the_nonce_and_the_base_escaped() {
    let tags = shop().get("js/app.js").unwrap().tags().nonce("a\"><b>").base("/x&y/");
    let lines = tags.to_string();
    assert_eq!(lines.matches(" nonce=\"a&quot;&gt;&lt;b&gt;\"").count(), 3, "{lines}");
    assert_eq!(lines.matches("\"/x&amp;y/static/js/").count(), 3, "{lines}");
    assert!(!lines.contains("crossorigin"), "{lines}");
    let name = "it's & more.css";
    let tags = shop().get(name).unwrap().tags().to_string();
    assert!(tags.contains("href=\"/static/it%27s%20"), "{tags}");
}

#[test]
fn on_another_host_whatever_has_an_integrity_is_asked_for_with_cors() {
    let on = |name| shop().get(name).unwrap().tags().base("https://cdn.example").to_string();
    for name in ["js/app.js", "js/old.js", "css/page.css"] {
        for line in on(name).lines() {
            assert_eq!(line.contains(" crossorigin"), line.contains("integrity"), "{line}");
        }
    }
}

#[test]
fn tags_are_written_into_what_takes_text() {
    let mut out = String::from("<head>");
    shop().get("js/old.js").unwrap().tags().write_to(&mut out).unwrap();
    assert!(out.starts_with("<head><script src="), "{out}");
}
