//! Compares the matcher from request paths to assets with the grammar as regular expressions.

use proptest::prelude::*;
use stamped::percent::Encoded;
use stamped::{Addressing, Asset, Assets, Resolved};
use stamped_build::{Pipeline, Stamp, stamped_paths};
use std::collections::BTreeSet;
use std::sync::LazyLock;

fn bundle<'a>(stamp: Stamp, names: impl IntoIterator<Item = &'a String>) -> Option<Assets> {
    let pipeline =
        Pipeline::new("no such folder").allow_missing(true).stamp(stamp).at_root(["/[a-m]*"]);
    let add = |pipeline: Pipeline, name: &String| pipeline.file(name, name.as_bytes());
    // Names that get in each other's way are refused, which is tested elsewhere.
    let bundle = names.into_iter().fold(pipeline, add).process().ok()?;
    Some(bundle.leak().unwrap())
}

fn bundle_of(names: &[&str]) -> Assets {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    bundle(Stamp::Fixed(77), &names).unwrap()
}

/// What `resolve` ought to say of a percent-decoded path.
fn oracle(assets: Assets, path: &str) -> Resolved {
    static RULES: LazyLock<[regex::Regex; 2]> = LazyLock::new(|| stamped_paths("/static").unwrap());
    let Some(below) = path.strip_prefix("/static/") else {
        let name = path.strip_prefix('/').filter(|name| !name.contains('/'));
        return name
            .filter(|name| name.starts_with(|first| matches!(first, 'a'..='m')))
            .and_then(|name| by_name(assets, name))
            .map_or(Resolved::Unknown, Resolved::Plain);
    };
    let plain = Some(below).and_then(|name| by_name(assets, name));
    if let Some(asset) = plain {
        return match asset.addressing() {
            Addressing::Prestamped => Resolved::Exact(asset),
            _ => Resolved::Plain(asset),
        };
    }
    let Some(parts) = RULES.iter().find_map(|rule| rule.captures(path)) else {
        return Resolved::Unknown;
    };
    match by_name(assets, &format!("{}{}", &parts["stem"], &parts["suffix"])) {
        Some(asset) if asset.stamp() == Some(&parts["stamp"]) => Resolved::Exact(asset),
        Some(asset) if asset.stamp().is_some() => Resolved::Stale(asset),
        _ => Resolved::Unknown,
    }
}

fn by_name(assets: Assets, name: &str) -> Option<Asset> {
    assets.iter().find(|asset| asset.name() == name)
}

fn file_name() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        4 => "[a-z]{1,3}",
        2 => "[0-9]{1,3}",
        1 => "[0-9][a-z]",
        1 => "[^/\0.]{0,4}",
        1 => Just("77".to_owned()),
    ];
    proptest::collection::vec(segment, 1..5).prop_map(|segments| segments.join("."))
}

/// Any name that a file system allows in UTF-8, more often than not a difficult one.
fn name() -> impl Strategy<Value = String> {
    proptest::collection::vec(file_name(), 1..3).prop_map(|parts| parts.join("/")).prop_filter(
        "hidden files are no assets",
        |name| {
            name.split('/')
                .all(|part| !part.is_empty() && !part.starts_with('.') && !part.ends_with('~'))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_url_comes_back_to_its_asset(
        names in proptest::collection::btree_set(name(), 1..12),
        fixed: Option<u64>,
    ) {
        let stamp = fixed.map_or(Stamp::Content, Stamp::Fixed);
        let Some(assets) = bundle(stamp, &names) else { return Ok(()) };
        prop_assert_eq!(assets.len(), names.len());
        for name in &names {
            let asset = assets.get(name).unwrap();
            prop_assert_eq!(asset.name(), name);
            prop_assert_eq!(asset.bytes(), name.as_bytes());
            let expected = if asset.stamp().is_some() { Resolved::Exact(asset) } else { Resolved::Plain(asset) };
            prop_assert_eq!(assets.resolve(asset.url()), expected);
            let plain = format!("/static/{}", Encoded(name));
            prop_assert_eq!(assets.resolve(&plain), Resolved::Plain(asset));
            prop_assert_eq!(assets.resolve(&format!("/static/{}", Encoded(asset.path()))), expected);
        }
    }

    #[test]
    fn any_path_means_what_the_pattern_rules_say(
        names in proptest::collection::btree_set(name(), 1..8),
        paths in proptest::collection::vec(name(), 1..8),
    ) {
        let Some(assets) = bundle(Stamp::Fixed(77), &names) else { return Ok(()) };
        // Names of the bundle under other stamps, and paths that look like it.
        let stamped = names.iter().flat_map(|name| {
            let (stem, suffix) = stamped::name::split(name);
            ["77", "077", "78", "770", "7a"].map(|stamp| format!("{stem}.{stamp}{suffix}"))
        });
        let below = paths.iter().cloned().chain(stamped).chain(names.iter().cloned());
        for path in below.flat_map(|path| [format!("/static/{path}"), format!("/{path}")]) {
            let expected = oracle(assets, &path);
            prop_assert_eq!(assets.resolve(&Encoded(&path).to_string()), expected, "{}", path);
            if !path.contains('%') {
                prop_assert_eq!(assets.resolve(&path), expected, "{}", path);
            }
        }
    }

    #[test]
    fn arbitrary_text_is_no_asset_and_no_panic(path: String) {
        let assets = bundle_of(&["a.css", "b"]);
        prop_assert_eq!(assets.resolve(&path), Resolved::Unknown);
        prop_assert_eq!(assets.resolve(&format!("/static/{path}/x")), Resolved::Unknown);
    }
}

#[test]
fn an_exact_stamp_is_told_from_a_stale_one() {
    let assets = bundle_of(&["css/style.css", "robots.txt"]);
    let style = assets.get("css/style.css").unwrap();
    for (path, expected) in [
        ("/static/css/style.77.css", Resolved::Exact(style)),
        ("/static/css/style.css", Resolved::Plain(style)),
        ("/static/css/style.78.css", Resolved::Stale(style)),
        ("/static/css/style.077.css", Resolved::Stale(style)),
        ("/static/css/style.770.css", Resolved::Stale(style)),
        ("/static/css/style.7.css", Resolved::Stale(style)),
        ("/static/css/style.77", Resolved::Unknown),
        ("/static/css/style.css.77", Resolved::Unknown),
        ("/static/css/style.77.77.css", Resolved::Unknown),
        ("/static/css/style.123456789012345678901.css", Resolved::Unknown),
        ("/static/robots.txt", Resolved::Plain(assets.get("robots.txt").unwrap())),
        // Only what is stamped can be stale.
        ("/static/robots.77.txt", Resolved::Unknown),
        ("/static/robots.1.txt", Resolved::Unknown),
    ] {
        assert_eq!(assets.resolve(path), expected, "{path}");
    }
}

#[test]
fn a_plain_name_that_looks_stamped_goes_first() {
    let assets = bundle_of(&["app.1452929749.css", "app.css"]);
    let looks = assets.get("app.1452929749.css").unwrap();
    assert_eq!(looks.url(), "/static/app.1452929749.77.css");
    assert_eq!(assets.resolve("/static/app.1452929749.css"), Resolved::Plain(looks));
    assert_eq!(
        assets.resolve("/static/app.77.css"),
        Resolved::Exact(assets.get("app.css").unwrap())
    );
    assert_eq!(
        assets.resolve("/static/app.1.css"),
        Resolved::Stale(assets.get("app.css").unwrap())
    );
}

#[test]
fn a_path_is_decoded_once_and_never_normalised() {
    let assets = bundle_of(&["css/style.css", "50%.css", "a b.css", "图.png", r"back\slash.css"]);
    let style = Resolved::Plain(assets.get("css/style.css").unwrap());
    for path in ["/static/css/%73tyle.css", "/static/css/style%2ecss", "/%73tatic/css/style.css"] {
        assert_eq!(assets.resolve(path), style, "{path}");
    }
    for (path, name) in [
        ("/static/50%25.css", "50%.css"),
        ("/static/a%20b.css", "a b.css"),
        ("/static/a b.css", "a b.css"),
        ("/static/%E5%9B%BE.png", "图.png"),
        ("/static/%e5%9b%be.png", "图.png"),
        ("/static/图.png", "图.png"),
        (r"/static/back%5Cslash.css", r"back\slash.css"),
    ] {
        assert_eq!(assets.resolve(path), Resolved::Plain(assets.get(name).unwrap()), "{path}");
    }
    for path in [
        "",
        "/",
        "/static",
        "/static/",
        "/static/css",
        "/static/css/",
        "/static//css/style.css",
        "/static/css//style.css",
        "/static/css/../css/style.css",
        "/static/./css/style.css",
        "/static/css%2fstyle.css",
        "/static%2Fcss/style.css",
        "/static/css/style.css%00",
        "/static/css/style.css/",
        "/static/CSS/style.css",
        "/static/css/%2573tyle.css",
        "/static/css/%zztyle.css",
        "/static/css/style.css%",
        "/static/%c0%afcss/style.css",
        "/static/css/style.css?v=1",
        "/static/50%.css",
        "/other/css/style.css",
        "static/css/style.css",
        "/staticcss/style.css",
    ] {
        assert_eq!(assets.resolve(path), Resolved::Unknown, "{path}");
    }
}

#[test]
fn a_path_that_is_too_long_is_nobodys() {
    let assets = bundle_of(&["a.css"]);
    for path in [".1".repeat(4096), "%2e".repeat(4096), "/static/".repeat(1000), "%".repeat(8192)] {
        assert_eq!(assets.resolve(&path), Resolved::Unknown);
        assert_eq!(assets.resolve(&format!("/static/{path}")), Resolved::Unknown);
    }
}

#[test]
fn the_longest_name_comes_back_even_fully_encoded() {
    let longest =
        ["图".repeat(85), "图".repeat(85), "x".repeat(255)].join("/") + "/" + &"y".repeat(1000);
    let assets = bundle(Stamp::Content, [&longest]).unwrap();
    let asset = assets.get(&longest).unwrap();
    assert_eq!(assets.resolve(asset.url()), Resolved::Exact(asset));
    let encoded: String = asset
        .path()
        .bytes()
        .map(|byte| if byte == b'/' { "/".to_owned() } else { format!("%{byte:02x}") })
        .collect();
    assert_eq!(assets.resolve(&format!("/static/{encoded}")), Resolved::Exact(asset));
}

#[test]
fn a_bundlers_names_are_exact_as_they_are() {
    let pipeline =
        Pipeline::new("no such folder").allow_missing(true).prestamped("assets/*-????.js");
    let assets = pipeline.file("assets/app-a1b2.js", "x").process().unwrap().leak().unwrap();
    let asset = assets.get("assets/app-a1b2.js").unwrap();
    assert_eq!(asset.url(), "/static/assets/app-a1b2.js");
    assert_eq!((asset.addressing(), asset.stamp()), (Addressing::Prestamped, None));
    assert_eq!(assets.resolve(asset.url()), Resolved::Exact(asset));
    assert_eq!(assets.resolve("/static/assets/app-a1b2.5.js"), Resolved::Unknown);
}

#[test]
fn a_mount_may_be_the_root_or_deep() {
    let names = BTreeSet::from(["a.css".to_owned()]);
    for (mount, url) in [("/", "/a.5.css"), ("/x/y/", "/x/y/a.5.css")] {
        let pipeline =
            Pipeline::new("no such folder").allow_missing(true).mount(mount).stamp(Stamp::Fixed(5));
        let add = |pipeline: Pipeline, name: &String| pipeline.file(name, "");
        let assets = names.iter().fold(pipeline, add).process().unwrap().leak().unwrap();
        let asset = assets.get("a.css").unwrap();
        assert_eq!(asset.url(), url);
        assert_eq!(assets.resolve(url), Resolved::Exact(asset));
    }
}
