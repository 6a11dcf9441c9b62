//! URLs with a base in front of them.

mod support;

use std::collections::HashSet;
use support::*;

#[test]
fn a_base_stands_in_front_of_mount_and_path() {
    for base in ["https://cdn.example/x", "https://cdn.example/x/"] {
        let assets = sample().with_base(base);
        let url = assets.url("css/style.css").unwrap();
        assert_eq!(
            url.to_string(),
            "https://cdn.example/x/static/css/style.1452929749.css",
            "{base}"
        );
        assert_eq!(url.as_known(), Some("/static/css/style.1452929749.css"));
        assert_eq!(url.base(), "https://cdn.example/x");
        assert_eq!(assets.url_for("css/style.css").to_string(), url.to_string());
        assert_eq!(
            assets.url_of(sample().get("css/style.css").unwrap()).to_string(),
            url.to_string()
        );
    }
}

#[test]
fn a_name_that_no_asset_has_gets_the_base_too() {
    let assets = sample().with_base("/app");
    assert!(assets.url("no file.css").is_none());
    assert_eq!(assets.url_for("no file.css").to_string(), "/app/static/no%20file.css");
    assert_eq!(assets.url_for("no file.css").as_known(), None);
}

#[test]
fn a_url_is_padded_as_text_is() {
    let assets = sample().with_base("/app");
    for name in ["css/style.css", "no file.css"] {
        let url = assets.url_for(name);
        let text = url.to_string();
        assert_eq!(format!("{url:60}|{url:>60}|"), format!("{text:60}|{text:>60}|"));
        assert_eq!(format!("{url:*^61}{url:1}"), format!("{text:*^61}{text:1}"));
    }
}

#[test]
fn handles_are_equal_where_they_lead_to_the_same_thing() {
    let (one, other) = (sample(), bundle("/static", vec![]));
    assert!(one == sample() && one != other);
    let assets: HashSet<_> = one.iter().chain(one).collect();
    assert_eq!(assets.len(), one.len());
    let representations: HashSet<_> =
        one.iter().chain(one).flat_map(|asset| asset.representations()).collect();
    assert_eq!(
        representations.len(),
        one.iter().map(|asset| asset.representations().len()).sum::<usize>()
    );
    assert_eq!(one.with_base("/a").url("robots.txt"), one.with_base("/a/").url("robots.txt"));
    assert_ne!(one.with_base("/a").url("robots.txt"), one.with_base("/b").url("robots.txt"));
}

#[test]
fn an_empty_base_changes_nothing() {
    for base in ["", "/"] {
        let assets = sample().with_base(base);
        for asset in sample() {
            assert_eq!(assets.url_of(asset).to_string(), asset.url());
        }
    }
}

#[test]
fn a_bundle_at_the_root_has_no_second_slash() {
    let assets = bundle("", vec![File::stamped("a.css", "text/css", "1", "")]);
    assert_eq!(assets.with_base("//cdn/").url_for("a.css").to_string(), "//cdn/a.1.css");
}
