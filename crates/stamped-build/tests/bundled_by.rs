//! Tests manifests of bundlers, and the entry points that they make known.

use stamped::{Addressing, Assets};
use stamped_build::{Bundler, ErrorKind, Pipeline, Stamp};
use stamped_test_support::Dir;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> Dir {
    let dir = Dir::new();
    for (name, text) in files {
        dir.write(name, text);
    }
    dir
}

fn pipeline(dir: &Dir) -> Pipeline {
    Pipeline::new(dir.path()).stamp(Stamp::Fixed(7))
}

/// Each entry point with the names of its files, and those of its preloads behind a bar.
fn entries(assets: Assets) -> Vec<String> {
    let names = |assets: &mut dyn Iterator<Item = stamped::Asset>| {
        assets.map(|asset| asset.name()).collect::<Vec<_>>().join(" ")
    };
    assets
        .entries()
        .map(|entry| {
            let (files, preloads) =
                (names(&mut entry.files()), names(&mut entry.preloads().into_iter()));
            format!("{}: {files} | {preloads}", entry.name())
        })
        .collect()
}

const VITE: &[(&str, &str)] = &[
    (
        ".vite/manifest.json",
        r#"{
          "_shared-B7PI925R.js": {"file": "assets/shared-B7PI925R.js", "name": "shared", "css": ["assets/shared-ChJ_j-JJ.css"],
            "imports": ["_deep-AAbb01_9.js"]},
          "_deep-AAbb01_9.js": {"file": "assets/deep-AAbb01_9.js", "name": "deep", "imports": ["_shared-B7PI925R.js"]},
          "src/admin.ts": {"file": "assets/admin-Bf2sXq1z.js", "src": "src/admin.ts", "isEntry": true,
            "imports": ["_shared-B7PI925R.js"], "css": ["assets/admin-CQ4rTx0b.css"]},
          "src/lazy.ts": {"file": "assets/lazy-C0fzgK2p.js", "src": "src/lazy.ts", "isDynamicEntry": true},
          "src/main.tsx": {"file": "assets/main-BxK3a9Qz.js", "src": "src/main.tsx", "isEntry": true,
            "imports": ["_shared-B7PI925R.js"], "dynamicImports": ["src/lazy.ts"], "assets": ["assets/logo-Dq8_x1Yh.png"]},
          "src/print.css": {"file": "assets/print-DwQZ3Y1c.css", "src": "src/print.css", "isEntry": true}
        }"#,
    ),
    ("assets/shared-B7PI925R.js", "import './deep-AAbb01_9.js'; export const a = 1"),
    ("assets/deep-AAbb01_9.js", "export {}"),
    ("assets/shared-ChJ_j-JJ.css", "a{}"),
    ("assets/admin-Bf2sXq1z.js", "import './shared-B7PI925R.js'"),
    ("assets/admin-CQ4rTx0b.css", "b{}"),
    ("assets/lazy-C0fzgK2p.js", "export default 1"),
    ("assets/main-BxK3a9Qz.js", "import{a}from'./shared-B7PI925R.js';import('./lazy-C0fzgK2p.js')"),
    ("assets/logo-Dq8_x1Yh.png", "png"),
    ("assets/print-DwQZ3Y1c.css", "c{}"),
    ("vite.svg", "<svg/>"),
];

#[test]
fn an_entry_point_of_vite_has_its_sheets_and_preloads_in_the_order_of_vite() {
    let dir = folder(VITE);
    let bundle = pipeline(&dir).bundled_by(Bundler::Vite).process().unwrap();
    assert_eq!(bundle.warnings().len(), 0, "{:?}", bundle.warnings());
    let assets = bundle.leak().unwrap();
    assert_eq!(
        entries(assets),
        [
            "src/admin.ts: assets/shared-ChJ_j-JJ.css assets/admin-CQ4rTx0b.css assets/admin-Bf2sXq1z.js \
             | assets/shared-B7PI925R.js assets/deep-AAbb01_9.js",
            "src/main.tsx: assets/shared-ChJ_j-JJ.css assets/main-BxK3a9Qz.js \
             | assets/shared-B7PI925R.js assets/deep-AAbb01_9.js",
            "src/print.css: assets/print-DwQZ3Y1c.css | ",
        ]
    );
    // What is listed keeps its name; what Vite has copied is stamped.
    assert_eq!(assets.get("vite.svg").unwrap().addressing(), Addressing::Stamped);
    for name in VITE.iter().map(|(name, _)| *name).filter(|name| name.starts_with("assets/")) {
        assert_eq!(assets.get(name).unwrap().addressing(), Addressing::Prestamped, "{name}");
    }
    let tags = assets.entry("src/main.tsx").unwrap().tags().to_string();
    let starts: Vec<&str> =
        tags.lines().map(|line| line.split(" integrity").next().unwrap()).collect();
    assert_eq!(
        starts,
        [
            "<link rel=\"stylesheet\" href=\"/static/assets/shared-ChJ_j-JJ.css\"",
            "<script type=\"module\" src=\"/static/assets/main-BxK3a9Qz.js\"",
            "<link rel=\"modulepreload\" href=\"/static/assets/shared-B7PI925R.js\"",
            "<link rel=\"modulepreload\" href=\"/static/assets/deep-AAbb01_9.js\"",
        ]
    );
    assert_eq!(assets.entry("src/lazy.ts"), None);
    assert_eq!(assets.entry("src/main.ts"), None);
}

#[test]
fn what_vite_writes_is_a_module_even_without_imports() {
    let manifest = r#"{"a.ts": {"file": "a-BxK3a9Qz.js", "isEntry": true}}"#;
    let dir = folder(&[("manifest.json", manifest), ("a-BxK3a9Qz.js", "document.title = 'done'")]);
    let bundle = pipeline(&dir).bundled_by(Bundler::Vite).process().unwrap();
    let assets = bundle.leak().unwrap();
    let tags = assets.entry("a.ts").unwrap().tags().to_string();
    assert!(tags.starts_with("<script type=\"module\" src=\"/static/a-BxK3a9Qz.js\""), "{tags}");
    // The manifest is not an asset.
    assert_eq!(assets.len(), 1);
}

#[test]
fn a_name_without_a_stamp_is_stamped_although_it_is_listed() {
    let manifest = r#"{"a.ts": {"file": "app.js", "isEntry": true}}"#;
    let dir = folder(&[("manifest.json", manifest), ("app.js", "1")]);
    let assets = pipeline(&dir).bundled_by(Bundler::Vite).process().unwrap().leak().unwrap();
    let [app] = assets.entry("a.ts").unwrap().files().collect::<Vec<_>>()[..] else { panic!() };
    assert_eq!(app.url(), "/static/app.7.js");
}

#[test]
fn names_of_a_bundler_are_stamped_again_where_that_is_asked_for() {
    let dir = folder(VITE);
    let pipeline = pipeline(&dir).bundled_by(Bundler::Vite).keep_bundler_names(false);
    let assets = pipeline.process().unwrap().leak().unwrap();
    let tags = assets.entry("src/main.tsx").unwrap().tags().to_string();
    assert!(tags.contains("/static/assets/main-BxK3a9Qz.7.js"), "{tags}");
}

#[test]
fn a_metafile_of_esbuild_names_files_from_where_it_ran() {
    let meta = r#"{
        "inputs": {"src/main.tsx": {"bytes": 1, "imports": []}},
        "outputs": {
            "web/dist/main-ZXCVBN23.js.map": {"imports": [], "inputs": {}, "bytes": 1},
            "web/dist/main-ZXCVBN23.js": {"imports": [{"path": "web/dist/chunk-QWERTY45.js", "kind": "import-statement"}],
                "exports": [], "entryPoint": "src/main.tsx", "cssBundle": "web/dist/main-ASDFGH67.css", "inputs": {}, "bytes": 1},
            "web/dist/main-ASDFGH67.css": {"imports": [], "inputs": {}, "bytes": 1},
            "web/dist/chunk-QWERTY45.js": {"imports": [], "exports": ["a"], "inputs": {}, "bytes": 1}
        }
    }"#;
    let dir = folder(&[
        ("web/meta.json", meta),
        ("web/dist/main-ZXCVBN23.js", "import{a}from'./chunk-QWERTY45.js'"),
        ("web/dist/main-ZXCVBN23.js.map", "{}"),
        ("web/dist/main-ASDFGH67.css", "a{}"),
        ("web/dist/chunk-QWERTY45.js", "export const a=1"),
    ]);
    let assets = Pipeline::new(dir.join("web/dist"))
        .bundled_by(Bundler::Esbuild.manifest(dir.join("web/meta.json")))
        .process()
        .unwrap()
        .leak()
        .unwrap();
    let main = "src/main.tsx: main-ASDFGH67.css main-ZXCVBN23.js | chunk-QWERTY45.js";
    assert_eq!(entries(assets), [main]);
}

#[test]
fn manifests_of_webpack_in_all_shapes_in_use() {
    let files = [
        ("main.8f3c2a1b0d9e4f57a6c1.js", "1"),
        ("main.1b0d9e4f57a6c18f3c2a.css", "a{}"),
        ("vendors.0d9e4f57a6c18f3c2a1b.js", "2"),
    ];
    let whole = "main: main.1b0d9e4f57a6c18f3c2a.css vendors.0d9e4f57a6c18f3c2a1b.js \
                 main.8f3c2a1b0d9e4f57a6c1.js | ";
    for (by, manifest, expected) in [
        (
            "webpack-manifest-plugin",
            r#"{"main.js": "auto/main.8f3c2a1b0d9e4f57a6c1.js", "main.css": "auto/main.1b0d9e4f57a6c18f3c2a.css",
                "vendors.js": "auto/vendors.0d9e4f57a6c18f3c2a1b.js"}"#,
            &[
                "main: main.1b0d9e4f57a6c18f3c2a.css main.8f3c2a1b0d9e4f57a6c1.js | ",
                "vendors: vendors.0d9e4f57a6c18f3c2a1b.js | ",
            ][..],
        ),
        (
            "webpack-assets-manifest",
            r#"{"main.js": "main.8f3c2a1b0d9e4f57a6c1.js", "entrypoints": {"main": {"assets": {
                "css": ["main.1b0d9e4f57a6c18f3c2a.css"],
                "js": ["vendors.0d9e4f57a6c18f3c2a1b.js", "main.8f3c2a1b0d9e4f57a6c1.js"]}}}}"#,
            &[whole],
        ),
        (
            "Create React App",
            r#"{"files": {"main.css": "/x/main.1b0d9e4f57a6c18f3c2a.css"}, "entrypoints": [
                "x/main.1b0d9e4f57a6c18f3c2a.css", "vendors.0d9e4f57a6c18f3c2a1b.js", "main.8f3c2a1b0d9e4f57a6c1.js"]}"#,
            &[whole],
        ),
        (
            "webpack --json",
            r#"{"hash": "0d9e", "publicPath": "auto", "assets": [{"name": "main.8f3c2a1b0d9e4f57a6c1.js", "size": 1}],
                "entrypoints": {"main": {"name": "main", "chunks": [1], "assets": [
                {"name": "main.1b0d9e4f57a6c18f3c2a.css", "size": 3}, {"name": "vendors.0d9e4f57a6c18f3c2a1b.js", "size": 1},
                {"name": "main.8f3c2a1b0d9e4f57a6c1.js", "size": 1}], "assetsSize": 5}}}"#,
            &[whole],
        ),
        (
            "Rsbuild",
            r#"{"allFiles": ["/main.8f3c2a1b0d9e4f57a6c1.js"], "entries": {"main": {"html": ["/index.html"], "initial": {
                "css": ["/main.1b0d9e4f57a6c18f3c2a.css"],
                "js": ["/vendors.0d9e4f57a6c18f3c2a1b.js", "/main.8f3c2a1b0d9e4f57a6c1.js"]}}}}"#,
            &[whole],
        ),
    ] {
        let dir = folder(&files);
        dir.write("manifest.json", manifest);
        let bundle = pipeline(&dir).bundled_by(Bundler::Webpack).process();
        let assets = bundle.unwrap_or_else(|error| panic!("{by}: {error}")).leak().unwrap();
        assert_eq!(entries(assets), expected, "{by}");
    }
    let dir = folder(&files);
    dir.write("manifest.json", r#"{"main.js": "main.8f3c2a1b0d9e4f57a6c1.js"}"#);
    let assets = pipeline(&dir).bundled_by(Bundler::Webpack).process().unwrap().leak().unwrap();
    let tags = assets.entry("main").unwrap().tags().to_string();
    assert!(
        tags.starts_with("<script src=\"/static/main.8f3c2a1b0d9e4f57a6c1.js\" defer"),
        "{tags}"
    );
}

#[test]
fn a_manifest_of_parcel_leads_from_sources_to_files() {
    let manifest =
        r#"{"src/app.js": "/dist/app.1b0d9e4f.js", "src/page.css": "/dist/page.8f3c2a1b.css"}"#;
    let files =
        [("parcel-manifest.json", manifest), ("app.1b0d9e4f.js", ""), ("page.8f3c2a1b.css", "")];
    let dir = folder(&files);
    let assets = pipeline(&dir).bundled_by(Bundler::Parcel).process().unwrap().leak().unwrap();
    let expected = ["src/app.js: app.1b0d9e4f.js | ", "src/page.css: page.8f3c2a1b.css | "];
    assert_eq!(entries(assets), expected);
}

#[test]
fn every_mistake_says_what_is_wrong_and_which_command_helps() {
    let file = r#"{"a.ts": {"file": "a-BxK3a9Qz.js", "isEntry": true}}"#;
    for (manifest, cause) in [
        (None, "there is no such manifest of Vite"),
        (Some("{"), "it is not JSON"),
        (Some("[]"), "it is not what Vite writes: the whole is no object"),
        (Some(r#"{"a.ts": {"src": "a.ts"}}"#), "it is not what Vite writes: a chunk has no `file`"),
        (Some(file), "it names `a-BxK3a9Qz.js`, which is not there"),
    ] {
        let dir = folder(&[("b.js", "")]);
        if let Some(manifest) = manifest {
            dir.write(".vite/manifest.json", manifest);
        }
        let error = pipeline(&dir).bundled_by(Bundler::Vite).process().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BundlerManifest);
        let text = error.to_string();
        assert!(text.contains(cause), "{text}");
        assert!(
            text.contains(".vite/manifest.json`") && text.contains("vite build --manifest"),
            "{text}"
        );
    }

    let dir = folder(&[("manifest.json", file), ("a-BxK3a9Qz.js", "")]);
    let left_out = pipeline(&dir).exclude("*.js").bundled_by(Bundler::Vite).process();
    let text = left_out.unwrap_err().to_string();
    assert!(
        text.contains("its entry point `a.ts` needs `a-BxK3a9Qz.js`, which is left out"),
        "{text}"
    );
    let twice = pipeline(&dir).bundled_by(Bundler::Vite).bundled_by(Bundler::Vite).process();
    assert_eq!(twice.unwrap_err().kind(), ErrorKind::DuplicateEntry);
    let renamed = pipeline(&dir).bundled_by(Bundler::Vite).transform("*.js", |draft| {
        draft.set_name("other.js");
        Ok(())
    });
    let text = renamed.process().unwrap_err().to_string();
    assert!(text.contains("`a.ts` needs `a-BxK3a9Qz.js`, which a transformation has"), "{text}");
}
