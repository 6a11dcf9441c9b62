//! Tests files whose names a bundler has stamped.

use stamped::Addressing;
use stamped_build::{Bundle, Pipeline, References, Stamp, Unstamped, WarningKind};
use stamped_test_support::Dir;

/// A pipeline over made files, all of them stamped 7.
fn pipeline<B: AsRef<[u8]>>(files: &[(&str, B)]) -> Pipeline {
    let pipeline = Pipeline::new("no such folder").allow_missing(true).stamp(Stamp::Fixed(7));
    files.iter().fold(pipeline, |pipeline, (name, bytes)| pipeline.file(*name, bytes.as_ref()))
}

fn text(bundle: &Bundle, name: &str) -> String {
    String::from_utf8(bundle.get(name).unwrap().bytes().unwrap().into_owned()).unwrap()
}

/// The names that are addressed so.
fn named(bundle: &Bundle, addressing: Addressing) -> Vec<&str> {
    let those = bundle.assets().iter().filter(|asset| asset.addressing() == addressing);
    those.map(|asset| asset.name()).collect()
}

fn kinds(bundle: &Bundle) -> Vec<WarningKind> {
    bundle.warnings().iter().map(|warning| warning.kind()).collect()
}

const PAGE: &str = "<script type=module src=assets/index-BxK3a9Qz.js></script>\
                    <link rel=stylesheet href=assets/index-DiwrgTd4.css>";

/// What Vite writes.
const VITE: &[(&str, &str)] = &[
    ("index.html", PAGE),
    ("vite.svg", "<svg/>"),
    (
        "assets/index-BxK3a9Qz.js",
        "import('./lazy-C0fzgK2p.js')\n//# sourceMappingURL=index-BxK3a9Qz.js.map",
    ),
    ("assets/index-BxK3a9Qz.js.map", "{}"),
    ("assets/lazy-C0fzgK2p.js", "export default 1"),
    ("assets/index-DiwrgTd4.css", "a{b:url(./logo-Dq8_x1Yh.png)}"),
    ("assets/logo-Dq8_x1Yh.png", "png"),
];

#[test]
fn what_vite_writes_keeps_names_and_bytes_and_one_line_says_so() {
    let bundle = pipeline(VITE).process().unwrap();
    let bundled = [
        "assets/index-BxK3a9Qz.js",
        "assets/index-DiwrgTd4.css",
        "assets/lazy-C0fzgK2p.js",
        "assets/logo-Dq8_x1Yh.png",
    ];
    assert_eq!(named(&bundle, Addressing::Prestamped), bundled);
    assert_eq!(named(&bundle, Addressing::Stamped), ["vite.svg"]);
    for (name, bytes) in VITE {
        assert_eq!(text(&bundle, name), *bytes, "{name}");
    }
    // Comments can change in a source map while the script and its name stay.
    let map = bundle.get("assets/index-BxK3a9Qz.js.map").unwrap();
    assert_eq!(
        (map.addressing(), map.unstamped()),
        (Addressing::Plain, Some(Unstamped::BesideBundled))
    );
    let [line] = bundle.warnings() else { panic!("{:?}", bundle.warnings()) };
    assert_eq!(line.kind(), WarningKind::BundlerNames);
    let line = line.to_string();
    assert!(line.contains("4 files, such as `assets/index-BxK3a9Qz.js`"), "{line}");
    assert!(line.contains("`.keep_bundler_names(false)`"), "{line}");

    let bundle = pipeline(VITE).keep_bundler_names(true).process().unwrap();
    assert_eq!(
        (named(&bundle, Addressing::Prestamped), bundle.warnings()),
        (bundled.to_vec(), &[][..])
    );
}

#[test]
fn such_files_are_stamped_where_that_is_asked_for() {
    let bundle = pipeline(VITE).keep_bundler_names(false).process().unwrap();
    assert_eq!((named(&bundle, Addressing::Prestamped), bundle.warnings()), (vec![], &[][..]));
    assert!(text(&bundle, "index.html").contains("assets/index-BxK3a9Qz.7.js"));
}

#[test]
fn a_file_in_which_references_are_rewritten_is_stamped_with_all_that_name_it() {
    let mut files = VITE.to_vec();
    files[5].1 = "a{b:url(/static/vite.svg)}";
    files[4].1 = "import '../polyfill.js'; export default 1";
    files.push(("polyfill.js", "export {}"));
    let bundle = pipeline(&files).process().unwrap();
    assert_eq!(named(&bundle, Addressing::Prestamped), ["assets/logo-Dq8_x1Yh.png"]);
    assert_eq!(text(&bundle, "assets/index-DiwrgTd4.css"), "a{b:url(/static/vite.7.svg)}");
    assert_eq!(
        text(&bundle, "assets/index-BxK3a9Qz.js"),
        "import('./lazy-C0fzgK2p.7.js')\n//# sourceMappingURL=index-BxK3a9Qz.js.7.map"
            .replace(".js.7.map", ".7.js.map")
    );
    assert!(text(&bundle, "index.html").contains("assets/index-DiwrgTd4.7.css"));
    // Where nothing is rewritten, everything keeps its bytes.
    let bundle = pipeline(&files).references(References::Leave).process().unwrap();
    assert_eq!(named(&bundle, Addressing::Prestamped).len(), 4);
}

#[test]
fn a_transformed_file_is_stamped() {
    let bundle = pipeline(VITE)
        .transform("*.css", |draft| {
            draft.set_bytes("b{}");
            Ok(())
        })
        .process()
        .unwrap();
    assert!(named(&bundle, Addressing::Stamped).contains(&"assets/index-DiwrgTd4.css"));
}

#[test]
fn a_name_that_had_other_bytes_is_stamped_from_then_on() {
    let first = pipeline(VITE).process().unwrap();
    let earlier = |bundle: &Bundle| -> Vec<(String, String)> {
        let kept = bundle.assets().iter().filter(|it| it.addressing() != Addressing::Plain);
        kept.map(|it| (it.path().to_owned(), it.integrity().to_owned())).collect()
    };
    let mut files = VITE.to_vec();
    files[6].1 = "another png";
    let second = pipeline(&files).published(earlier(&first)).process().unwrap();
    assert_eq!(
        named(&second, Addressing::Stamped),
        ["assets/index-DiwrgTd4.css", "assets/logo-Dq8_x1Yh.png", "vite.svg"]
    );
    assert_eq!(kinds(&second), [WarningKind::ChangedName, WarningKind::BundlerNames]);
    // The name is no longer listed, but caches may still have its first bytes.
    let third = pipeline(&files).published(earlier(&second)).process().unwrap();
    assert_eq!(named(&third, Addressing::Stamped), named(&second, Addressing::Stamped));
    assert_eq!(kinds(&third), [WarningKind::BundlerNames]);
    // Equal bytes keep the name.
    let again = pipeline(VITE).published(earlier(&first)).process().unwrap();
    assert_eq!(named(&again, Addressing::Prestamped).len(), 4);
}

#[test]
fn settings_of_the_build_script_come_first() {
    let bundle = pipeline(VITE).plain(["*.html", "*.css"]).prestamped("*.svg").process().unwrap();
    let why = |name| bundle.get(name).unwrap().unstamped();
    assert_eq!(why("assets/index-DiwrgTd4.css"), Some(Unstamped::Plain));
    assert_eq!(why("vite.svg"), Some(Unstamped::Prestamped));
    assert_eq!(why("assets/lazy-C0fzgK2p.js"), Some(Unstamped::Bundled));
}

#[test]
fn a_manifest_in_a_hidden_folder_counts() {
    let dir = Dir::new();
    for name in ["config.js", "index-BxK3a9Qz.js"] {
        dir.write(name, "export {}");
    }
    let names = || {
        let bundle = Pipeline::new(dir.path()).stamp(Stamp::Content).process().unwrap();
        named(&bundle, Addressing::Prestamped).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(names().is_empty());
    dir.write(".vite/manifest.json", r#"{"index.html":{"file":"index-BxK3a9Qz.js"}}"#);
    assert_eq!(names(), ["index-BxK3a9Qz.js"]);
}

#[test]
fn compressed_files_beside_their_originals_are_left_out_with_one_line() {
    let dir = Dir::new();
    for name in
        ["a.js", "a.js.gz", "a.js.br", "b/c.css.zst", "b/c.css", "d.js.gz", "e.csv", "e.csv.gz"]
    {
        dir.write(name, name);
    }
    let names = |pipeline: Pipeline| {
        let bundle = pipeline.stamp(Stamp::Content).process().unwrap();
        let names: Vec<_> = bundle.assets().iter().map(|asset| asset.name().to_owned()).collect();
        (names, bundle.warnings().iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let rest = ["a.js", "b/c.css", "d.js.gz", "e.csv", "e.csv.gz"];
    let (found, lines) = names(Pipeline::new(dir.path()));
    assert_eq!(found, rest);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("3 compressed files, such as `a.js.br`, lie"), "{lines:?}");
    let (found, lines) = names(Pipeline::new(dir.path()).exclude("*.{br,gz,zst}"));
    assert_eq!(
        (found, lines),
        (vec!["a.js".to_owned(), "b/c.css".to_owned(), "e.csv".to_owned()], vec![])
    );
    let (found, lines) = names(Pipeline::new(dir.path()).include("**").include("*.gz"));
    assert_eq!((found.len(), lines.len()), (6, 1), "{found:?} {lines:?}");
}
