//! Compares `stamped` with the recipe that it grew out of: a function that puts the modification time after
//! the first dot of a name, and a rule of a front server that takes it out again.

use regex::Regex;
use stamped::Resolved;
use stamped_build::Pipeline;
use stamped_test_support::Dir;

const TIME: u64 = 1_452_929_749;

/// The stamped name that the recipe makes.
fn recipe_url(name: &str) -> Option<String> {
    let (first, rest) = name.split_once('.')?;
    Some(format!("/static/{first}.{TIME}.{rest}"))
}

/// The path that the recipe's rule for the front server rewrites a path to.
fn recipe_name(path: &str) -> Option<String> {
    let rule = Regex::new(r"(?i)^/static/(.+)\.\d+\.((min\.)?js|css(\.map)?)$").unwrap();
    let parts = rule.captures(path)?;
    Some(format!("{}.{}", &parts[1], &parts[2]))
}

#[test]
fn where_the_recipe_comes_back_the_urls_are_its_own() {
    let dir = Dir::new();
    let names =
        ["style.css", "app.js", "app.min.js", "style.css.map", "a-b_c.css", "css/style.css"];
    for name in names {
        dir.write_at(TIME, name, name);
    }
    let assets = Pipeline::new(dir.path()).process().unwrap().leak().unwrap();
    for name in names {
        let url = recipe_url(name).unwrap();
        assert_eq!(recipe_name(&url).as_deref(), Some(name));
        assert_eq!(assets.url(name), Some(url.as_str()));
        assert_eq!(assets.resolve(&url), Resolved::Exact(assets.get(name).unwrap()));
    }
    for (name, url) in [
        ("style.css", "/static/style.1452929749.css"),
        ("app.min.js", "/static/app.1452929749.min.js"),
        ("style.css.map", "/static/style.1452929749.css.map"),
    ] {
        assert_eq!(assets.url(name), Some(url));
    }
}

#[test]
fn where_the_recipe_loses_its_way_a_name_still_comes_back() {
    let dir = Dir::new();
    let names = [
        "style.min.css",
        "app.js.map",
        "app.min.js.map",
        "jquery-1.11.3.min.js",
        "a.b.css",
        "lib.1.2.3.css",
        "logo.png",
        "font.woff2",
        "LICENSE",
    ];
    for name in names {
        dir.write_at(TIME, name, name);
    }
    let assets = Pipeline::new(dir.path()).process().unwrap().leak().unwrap();
    for name in names {
        let broken = recipe_url(name).is_none_or(|url| recipe_name(&url).as_deref() != Some(name));
        assert!(broken, "the recipe is right on {name}");
        let asset = assets.get(name).unwrap();
        assert_eq!(assets.resolve(asset.url()), Resolved::Exact(asset), "{name}");
    }
}

#[test]
fn a_missing_file_never_turns_into_another_by_losing_its_numbers() {
    let dir = Dir::new();
    dir.write("lib.css", "");
    let assets = Pipeline::new(dir.path()).process().unwrap().leak().unwrap();
    assert_eq!(assets.resolve("/static/lib.1.2.3.css"), Resolved::Unknown);
    assert_eq!(assets.resolve("/static/lib.1.2.css"), Resolved::Unknown);
    assert_eq!(
        assets.resolve("/static/lib.1.css"),
        Resolved::Stale(assets.get("lib.css").unwrap())
    );
}

#[test]
fn the_recipes_list_of_extensions_limits_what_is_stamped() {
    let dir = Dir::new();
    for name in ["a.css", "a.js", "a.min.js", "a.png"] {
        dir.write_at(TIME, name, "");
    }
    let assets =
        Pipeline::new(dir.path()).stamp_only(["css", "min.js"]).process().unwrap().leak().unwrap();
    let urls: Vec<_> = assets.iter().map(|asset| asset.url()).collect();
    assert_eq!(
        urls,
        [
            "/static/a.1452929749.css",
            "/static/a.js",
            "/static/a.1452929749.min.js",
            "/static/a.png"
        ]
    );
}

#[test]
fn an_unknown_name_stays_as_it_is_under_the_mount() {
    let dir = Dir::new();
    dir.write_at(TIME, "a.css", "");
    let assets = Pipeline::new(dir.path()).mount("/app").process().unwrap().leak().unwrap();
    assert_eq!(assets.url_for("a.css").to_string(), "/app/a.1452929749.css");
    assert_eq!(assets.url_for("img/no such.png").to_string(), "/app/img/no%20such.png");
    assert_eq!(assets.url("no.css"), None);
}
