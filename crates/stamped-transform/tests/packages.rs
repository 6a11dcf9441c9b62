//! Compiles and minifies real packages. `tests/run` of the workspace fetches them and runs this test.

#![cfg(all(feature = "css", feature = "js"))]

use stamped_build::Pipeline;
use stamped_transform::{css, js};
use std::fs;
use std::path::PathBuf;

fn packages() -> PathBuf {
    std::env::var_os("STAMPED_SOURCES").expect("STAMPED_SOURCES is set").into()
}

/// Files, and those that their packages have minified.
const MINIFIED: [(&str, &str); 8] = [
    ("bootstrap/dist/css/bootstrap.css", "bootstrap/dist/css/bootstrap.min.css"),
    ("bulma/css/bulma.css", "bulma/css/bulma.min.css"),
    ("fortawesome-fontawesome-free/css/all.css", "fortawesome-fontawesome-free/css/all.min.css"),
    ("jquery/dist/jquery.js", "jquery/dist/jquery.min.js"),
    ("bootstrap/dist/js/bootstrap.bundle.js", "bootstrap/dist/js/bootstrap.bundle.min.js"),
    ("bootstrap/dist/js/bootstrap.esm.js", "bootstrap/dist/js/bootstrap.esm.min.js"),
    ("three/build/three.core.js", "three/build/three.core.min.js"),
    ("three/build/three.module.js", "three/build/three.module.min.js"),
];

#[test]
#[ignore = "needs the packages that tests/fetch-packages fetches, in STAMPED_SOURCES"]
fn what_is_minified_is_about_as_short_as_what_packages_release() {
    let packages = packages();
    let pipeline = Pipeline::new(&packages).transform_with(css()).transform_with(js());
    let pipeline = MINIFIED.iter().fold(pipeline, |it, (name, _)| it.include(format!("/{name}")));
    let bundle = pipeline.references(stamped_build::References::Leave).process().unwrap();
    for (name, released) in MINIFIED {
        let length = |path: &str| fs::metadata(packages.join(path)).unwrap().len();
        let (source, made) = (length(name), bundle.get(name).unwrap().size());
        let released = length(released);
        println!("{name}: {source} bytes, minified {made}, by the package {released}");
        assert!(made * 100 <= released * 105, "{name}");
    }
}
