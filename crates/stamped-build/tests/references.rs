//! Tests references from one asset to another.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use stamped::{Assets, Resolved};
use stamped_build::{Bundle, Missing, Pipeline, References, Stamp, WarningKind};
use stamped_test_support::Dir;
use std::collections::BTreeMap;

/// A pipeline over made files, all of them stamped 7.
fn pipeline<B: AsRef<[u8]>>(files: &[(&str, B)]) -> Pipeline {
    let pipeline = Pipeline::new("no such folder").allow_missing(true).stamp(Stamp::Fixed(7));
    files.iter().fold(pipeline, |pipeline, (name, bytes)| pipeline.file(*name, bytes.as_ref()))
}

fn text(bundle: &Bundle, name: &str) -> String {
    String::from_utf8(bundle.get(name).unwrap().bytes().unwrap().into_owned()).unwrap()
}

fn stamp<'a>(bundle: &'a Bundle, name: &str) -> &'a str {
    bundle.get(name).unwrap().stamp().unwrap()
}

#[track_caller]
fn rewritten(name: &str, before: &str, after: &str) {
    let others = [
        ("css/other.css", ""),
        ("img/a.png", ""),
        ("img/b (1).png", ""),
        ("fonts/f.eot", ""),
        ("js/lib.js", "export {}"),
        ("js/data.json", "{}"),
        ("robots.txt", ""),
    ];
    let bundle = pipeline(&others)
        .file(name, before)
        .markup("*.html")
        .markup("*.svg")
        .markup("*.webmanifest");
    let bundle = bundle.process().unwrap();
    assert_eq!(text(&bundle, name), after);
    assert!(
        bundle.warnings().iter().all(|one| one.kind() == WarningKind::UnusedPattern),
        "{:?}",
        bundle.warnings()
    );
}

#[test]
fn style_sheets_name_stamped_assets_and_nothing_else_changes() {
    rewritten(
        "css/style.css",
        "@charset \"utf-8\";\r\n@import \"other.css\" screen;\n@import url( './other.css' )layer(x);\n\
         /* url(../img/a.png) */ a { b: url(../img/a.png?x#y); c: URL(\"../img/a.png\"); d: url('/static/img/a.png') }\n\
         @font-face { src: url(../fonts/f.eot?#iefix) format('a.png'), url(../fonts/f.eot) }\n\
         e { f: image-set(\"../img/a.png\" 1x, url(../img/b\\ \\(1\\).png) 2x); --x: url(../img/a.png); content: \"../img/a.png\" }\n\
         g { h: url(data:image/png;base64,AA==) url(//x/img/a.png) url(https://x/a.png) url(#a) url(\\2e./img/a.png) }\n\
         i { j: url(../robots.txt) url(../img/) url(/elsewhere/a.png) }",
        "@charset \"utf-8\";\r\n@import \"other.7.css\" screen;\n@import url( './other.7.css' )layer(x);\n\
         /* url(../img/a.png) */ a { b: url(../img/a.7.png?x#y); c: URL(\"../img/a.7.png\"); d: url('/static/img/a.7.png') }\n\
         @font-face { src: url(../fonts/f.7.eot?#iefix) format('a.png'), url(../fonts/f.7.eot) }\n\
         e { f: image-set(\"../img/a.7.png\" 1x, url(../img/b%20%281%29.7.png) 2x); --x: url(../img/a.7.png); content: \"../img/a.png\" }\n\
         g { h: url(data:image/png;base64,AA==) url(//x/img/a.png) url(https://x/a.png) url(#a) url(\\2e./img/a.7.png) }\n\
         i { j: url(../robots.txt) url(../img/) url(/elsewhere/a.png) }",
    );
}

#[test]
fn modules_name_stamped_modules_and_nothing_else_changes() {
    rewritten(
        "js/app.mjs",
        "import x from \"./lib.js\"; import './lib.js';import{a}from'/static/js/lib.js'\n\
         import data from \"./data.json\" with { type: \"json\" };\n\
         export * from \"../js/lib.js?v\"; import bare from \"lodash\"; import far from \"https://x/lib.js\";\n\
         const u = new URL(\"../img/a.png\", import.meta.url), w = import(`./lib.js`), s = \"./lib.js\"; // import './lib.js'\n\
         const r = /import '.\\/lib.js'/, t = `import './lib.js' ${import('./lib.js')}`, v = import.meta.resolve('./lib.js');",
        "import x from \"./lib.7.js\"; import './lib.7.js';import{a}from'/static/js/lib.7.js'\n\
         import data from \"./data.7.json\" with { type: \"json\" };\n\
         export * from \"../js/lib.7.js?v\"; import bare from \"lodash\"; import far from \"https://x/lib.js\";\n\
         const u = new URL(\"../img/a.7.png\", import.meta.url), w = import(`./lib.7.js`), s = \"./lib.js\"; // import './lib.js'\n\
         const r = /import '.\\/lib.js'/, t = `import './lib.js' ${import('./lib.7.js')}`, v = import.meta.resolve('./lib.7.js');",
    );
}

#[test]
fn source_maps_are_named_by_their_stamped_paths() {
    let bundle = pipeline(&[
        ("a.css", "a{}\n/*# sourceMappingURL=a.css.map */\n"),
        ("a.css.map", "{}"),
        ("b.min.js", "b()\n//# sourceMappingURL=b.min.js.map"),
        ("b.min.js.map", "{}"),
        ("c.js", "c()\n//@ sourceMappingURL=missing.js.map\n"),
    ]);
    let bundle = bundle.process().unwrap();
    assert_eq!(text(&bundle, "a.css"), "a{}\n/*# sourceMappingURL=a.7.css.map */\n");
    assert_eq!(text(&bundle, "b.min.js"), "b()\n//# sourceMappingURL=b.7.min.js.map");
    // A missing source map gives no warning.
    assert_eq!(bundle.warnings(), []);
}

#[test]
fn markup_is_rewritten_where_it_is_asked_for() {
    rewritten(
        "page.html",
        "<link rel=stylesheet href=css/other.css><img src='img/a.png' srcset=\"img/a.png 1x, img/b%20(1).png 2x\">\
         <a href=page.html>self</a><p style=\"background:url(img/a.png)\"><!-- <img src=img/a.png> -->",
        "<link rel=stylesheet href=css/other.7.css><img src='img/a.7.png' srcset=\"img/a.7.png 1x, img/b%20%281%29.7.png 2x\">\
         <a href=page.html>self</a><p style=\"background:url(img/a.7.png)\"><!-- <img src=img/a.png> -->",
    );
    rewritten(
        "img/pic.svg",
        "<svg><image href=\"a.png\"/><style>@import 'https://x/a.css'; a{fill:url(a.png)}</style></svg>",
        "<svg><image href=\"a.7.png\"/><style>@import 'https://x/a.css'; a{fill:url(a.7.png)}</style></svg>",
    );
    rewritten(
        "app.webmanifest",
        r#"{"start_url":"/static/","icons":[{"src":"img\/a.png","sizes":"1x1"}]}"#,
        r#"{"start_url":"/static/","icons":[{"src":"img\/a.7.png","sizes":"1x1"}]}"#,
    );
    let svg = "<svg><image href='a.png'/></svg>";
    let bundle = pipeline(&[("pic.svg", svg), ("a.png", "")]).process().unwrap();
    assert_eq!(text(&bundle, "pic.svg"), svg);
}

#[test]
fn pages_are_rewritten_unless_they_keep_their_bytes() {
    let html = "<img src=a.png><a href=nowhere>route</a>";
    let files = [("page.html", html), ("a.png", "")];
    let bundle = pipeline(&files).process().unwrap();
    assert_eq!(text(&bundle, "page.html"), "<img src=a.7.png><a href=nowhere>route</a>");
    assert_eq!(bundle.warnings(), []);
    let bundle = pipeline(&files).verbatim("*.html").process().unwrap();
    assert_eq!(text(&bundle, "page.html"), html);
}

#[test]
fn pages_alone_can_be_rewritten() {
    let files = [("page.html", "<img src=a.png>"), ("a.css", "a{b:url(a.png)}"), ("a.png", "")];
    let bundle = pipeline(&files).references(References::Leave).markup("*.html").process().unwrap();
    assert_eq!(text(&bundle, "page.html"), "<img src=a.7.png>");
    assert_eq!(text(&bundle, "a.css"), "a{b:url(a.png)}");
}

/// The names under which files load `app.js`: all of them plain, or all of them stamped.
fn names_of_app(bundle: &Bundle) -> Vec<bool> {
    let texts = bundle.assets().iter().map(|asset| text(bundle, asset.name()));
    let stamped = texts.flat_map(|text| {
        let plain = text.matches("app.js").map(|_| false);
        plain.chain(text.matches("app.7.js").map(|_| true)).collect::<Vec<_>>()
    });
    stamped.collect()
}

#[test]
fn no_module_is_loaded_under_two_urls() {
    let app = "import('./lazy.js'); export const x = 1;";
    let lazy = "import { x } from './app.js';";
    let page = "<link rel=modulepreload href=app.js><script type=module src=app.js></script>\
                <script type=module>import './app.js'</script>";
    let with = |more: &[(&str, &str)]| {
        let files = [("app.js", app), ("lazy.js", lazy), ("index.html", page)];
        pipeline(&[&files, more].concat())
    };
    let is = |pipeline: Pipeline, stamped: bool, count: usize| {
        let bundle = pipeline.process().unwrap();
        assert_eq!(names_of_app(&bundle), vec![stamped; count], "{bundle:#?}");
    };
    is(with(&[]), true, 4);
    is(with(&[]).verbatim("*.html"), false, 4);
    is(with(&[]).references(References::Leave), false, 4);
    is(with(&[]).references(References::Leave).markup("*.html"), false, 4);
    // Whatever loads it by a name that is known in part only, or not at all.
    is(with(&[("computed.js", "export default n => import('./' + n + '.js')")]), false, 4);
    is(with(&[("template.js", "export default n => import(`./ap${n}.js`)")]), false, 4);
    is(with(&[("folder.js", "export const base = new URL('.', import.meta.url)")]), false, 4);
    is(with(&[("unsure.js", "import './app.js'; )")]), false, 5);
    is(with(&[("other.js", "export default n => import('./other/' + n)")]), true, 4);
    let map = "<script type=importmap>{\"imports\":{\"x/\":\"./\"}}</script>";
    is(with(&[("map.html", map)]), false, 4);
    let map = "<script type=importmap>{\"imports\":{\"x\":\"./app.js\"}}</script>";
    is(with(&[("map.html", map)]), true, 5);
    let vite = "const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=[\"app.js\"])))=>1;import './lazy.js'";
    is(with(&[("vite.js", vite)]), true, 5);
}

#[test]
fn a_base_is_what_a_page_is_relative_to() {
    let html =
        "<base href='/static/deep/'><img src=a.png><script type=module src=../app.js></script>";
    let files = [("x/index.html", html), ("deep/a.png", ""), ("app.js", "")];
    let bundle = pipeline(&files).process().unwrap();
    assert_eq!(
        text(&bundle, "x/index.html"),
        "<base href='/static/deep/'><img src=a.7.png><script type=module src=../app.7.js></script>"
    );
    let elsewhere = "<base href='https://example.com/'><img src=a.png>";
    let bundle = pipeline(&[("index.html", elsewhere), ("a.png", "")]).process().unwrap();
    assert_eq!((&*text(&bundle, "index.html"), bundle.warnings()), (elsewhere, &[][..]));
}

#[test]
fn bytes_that_are_no_references_stay_whatever_they_are() {
    let sheet = b"\xef\xbb\xbf/* caf\xe9 */\r\na{b:url(a.png);content:'\xff\0'}\x0c".as_slice();
    let bundle = pipeline(&[("s.css", sheet), ("a.png", b"")]).process().unwrap();
    let expected =
        b"\xef\xbb\xbf/* caf\xe9 */\r\na{b:url(a.7.png);content:'\xff\0'}\x0c".as_slice();
    assert_eq!(*bundle.get("s.css").unwrap().bytes().unwrap(), *expected);
    assert_eq!(bundle.get("s.css").unwrap().content_type(), "text/css");
    let utf16 = b"\xff\xfea\0{\0}\0".as_slice();
    let bundle = pipeline(&[("s.css", utf16)]).process().unwrap();
    assert_eq!(*bundle.get("s.css").unwrap().bytes().unwrap(), *utf16);
    assert!(bundle.warnings()[0].message().contains("UTF-16"), "{:?}", bundle.warnings());
}

#[test]
fn references_between_roots_are_followed() {
    let (own, vendor) = (Dir::new(), Dir::new());
    own.write("css/a.css", "@import '../vendor/lib/b.css';");
    vendor.write("b.css", "a{b:url(../../css/x.png)}");
    own.write("css/x.png", "");
    let bundle = Pipeline::new(own.path())
        .root_at("vendor/lib", vendor.path())
        .stamp(Stamp::Fixed(7))
        .process()
        .unwrap();
    assert_eq!(text(&bundle, "css/a.css"), "@import '../vendor/lib/b.7.css';");
    assert_eq!(text(&bundle, "vendor/lib/b.css"), "a{b:url(../../css/x.7.png)}");
    let names = |name| -> Vec<&str> {
        bundle.references(bundle.get(name).unwrap()).map(|asset| asset.name()).collect()
    };
    assert_eq!(names("css/a.css"), ["vendor/lib/b.css"]);
    assert_eq!(names("css/x.png"), [] as [&str; 0]);
}

const OLD: u64 = 1_400_000_000;
const NEW: u64 = 1_500_000_000;

#[test]
fn a_rewritten_file_is_stamped_by_the_newest_time_and_six_digits_of_its_bytes() {
    let dir = Dir::new();
    dir.write_at(OLD, "style.css", "@import 'next.css';");
    dir.write_at(OLD + 1, "next.css", "a{b:url(a.png)}");
    dir.write_at(NEW, "a.png", "1");
    dir.write_at(OLD + 2, "alone.css", "a{}");
    let before = Pipeline::new(dir.path()).process().unwrap();
    assert_eq!(stamp(&before, "a.png"), "1500000000");
    assert_eq!(stamp(&before, "alone.css"), "1400000002");
    for name in ["style.css", "next.css"] {
        let stamp = stamp(&before, name);
        assert!(stamp.starts_with("1500000000") && stamp.len() == 16, "{name}: {stamp}");
        assert_eq!(before.get(name).unwrap().last_modified(), None);
    }
    // The new picture is older than the one before, and the stamps still change.
    dir.write_at(OLD, "a.png", "2");
    let after = Pipeline::new(dir.path()).process().unwrap();
    assert_ne!(stamp(&before, "style.css"), stamp(&after, "style.css"));
}

#[test]
fn one_changed_picture_changes_exactly_its_own_chain_of_stamps() {
    for mode in [Stamp::Content, Stamp::Modified] {
        let dir = Dir::new();
        dir.write_at(OLD, "css/app.css", "@import 'theme.css'; @import 'other.css';");
        dir.write_at(OLD, "css/theme.css", "a{b:url(../img/logo.png)}");
        dir.write_at(OLD, "css/other.css", "a{b:url(../img/else.png)}");
        dir.write_at(OLD, "img/logo.png", "1");
        dir.write_at(OLD, "img/else.png", "1");
        dir.write_at(
            OLD,
            "js/app.js",
            "import './lib.js'; new URL('../img/logo.png', import.meta.url);",
        );
        dir.write_at(OLD, "js/lib.js", "export {}");
        let stamps = || -> BTreeMap<String, String> {
            let bundle = Pipeline::new(dir.path()).stamp(mode).process().unwrap();
            let stamps = bundle.assets().iter().map(|asset| (asset.name(), asset.stamp().unwrap()));
            stamps.map(|(name, stamp)| (name.to_owned(), stamp.to_owned())).collect()
        };
        let changed = |a: &BTreeMap<String, String>, b: &BTreeMap<String, String>| -> Vec<String> {
            a.iter()
                .filter(|(name, stamp)| b[*name] != **stamp)
                .map(|(name, _)| name.clone())
                .collect()
        };
        let chain = ["css/app.css", "css/theme.css", "img/logo.png", "js/app.js"];
        let before = stamps();
        dir.write_at(NEW, "img/logo.png", "2");
        let after = stamps();
        assert_eq!(changed(&before, &after), chain);
        // And back again.
        dir.write_at(OLD, "img/logo.png", "1");
        assert_eq!(stamps(), before);
    }
}

#[test]
fn a_cycle_is_legal_and_has_one_stamp_that_covers_all_of_it() {
    let files = |last: &str| -> Bundle {
        let c = format!("export * from './a.js'; {last}");
        let files = [
            ("a.js", "import './b.js';"),
            ("b.js", "import './c.js'; import './outside.js';"),
            ("c.js", c.as_str()),
            ("outside.js", "export {}"),
            ("self.css", "@import 'self.css';"),
        ];
        pipeline(&files).stamp(Stamp::Content).process().unwrap()
    };
    let (one, other) = (files(""), files("1"));
    let cycle = stamp(&one, "a.js");
    for name in ["b.js", "c.js"] {
        assert_eq!(stamp(&one, name), cycle);
        assert_ne!(stamp(&other, name), cycle);
    }
    assert_eq!(stamp(&one, "outside.js"), stamp(&other, "outside.js"));
    assert_ne!(stamp(&one, "outside.js"), cycle);
    assert_eq!(text(&one, "a.js"), format!("import './b.{cycle}.js';"));
    assert_eq!(
        text(&one, "b.js"),
        format!("import './c.{cycle}.js'; import './outside.{}.js';", stamp(&one, "outside.js"))
    );
    assert_eq!(text(&one, "self.css"), format!("@import 'self.{}.css';", stamp(&one, "self.css")));
}

#[test]
fn a_chain_of_thousands_of_files_is_followed_to_its_end() {
    let bundle = |last: &str| {
        let pipeline = Pipeline::new("no such folder").allow_missing(true).stamp(Stamp::Content);
        let link = |pipeline: Pipeline, i| {
            pipeline.file(format!("{i}.css"), format!("@import '{}.css';", i + 1))
        };
        (0..5000).fold(pipeline, link).file("5000.css", last).process().unwrap()
    };
    let (one, other) = (bundle("1"), bundle("2"));
    assert_ne!(stamp(&one, "0.css"), stamp(&other, "0.css"));
    assert_eq!(text(&one, "0.css"), format!("@import '1.{}.css';", stamp(&one, "1.css")));
}

fn missing(pipeline: Pipeline) -> Result<Bundle, stamped_build::Error> {
    let sheet = "a{}\n  b{c:url(\"../img/lgo.png\")}\n/*# sourceMappingURL=style.css.map */";
    pipeline.file("css/style.css", sheet).file("img/logo.png", "").process()
}

#[test]
fn a_missing_reference_is_told_with_its_place_and_the_nearest_name() {
    let dir = Dir::new();
    let path =
        dir.write("css/style.css", "a{}\n  b{c:url(\"../img/lgo.png\")}\nd{e:url(../logo.png)}");
    dir.write("img/logo.png", "");
    let bundle = Pipeline::new(dir.path()).process().unwrap();
    let path = path.display();
    let warnings: Vec<String> = bundle.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            format!("{path}:2:12: `../img/lgo.png` names no asset; the nearest is `img/logo.png`"),
            format!("{path}:3:9: `../logo.png` names no asset; the nearest is `img/logo.png`"),
        ]
    );
    assert!(text(&bundle, "css/style.css").contains("../img/lgo.png"));
}

#[test]
fn missing_references_can_be_denied_or_allowed_and_allowed_in_some_files() {
    let denied =
        missing(pipeline::<&str>(&[]).missing_references(Missing::Deny)).unwrap_err().to_string();
    assert!(denied.contains(":2:12: `../img/lgo.png` names no asset"), "{denied}");
    assert!(denied.contains("(1 more references like it)"), "the source map counts too: {denied}");
    assert!(denied.contains("`.allow_missing_references(…)`"), "{denied}");
    for allowed in [
        pipeline::<&str>(&[]).missing_references(Missing::Allow),
        pipeline::<&str>(&[]).allow_missing_references("css/**"),
        pipeline::<&str>(&[]).missing_references(Missing::Deny).allow_missing_references("css/**"),
    ] {
        assert_eq!(missing(allowed).unwrap().warnings(), []);
    }
}

#[test]
fn at_most_twenty_missing_references_are_told_one_by_one() {
    let sheet: String = (0..50).map(|i| format!("a{{b:url(no{i}.png)}}\n")).collect();
    let bundle = pipeline(&[("a.css", sheet)]).process().unwrap();
    assert_eq!(bundle.warnings().len(), 21);
    let last = bundle.warnings()[20].to_string();
    assert!(last.starts_with("30 more references"), "{last}");
}

#[test]
fn a_bundlers_files_keep_their_bytes_and_what_they_import_keeps_its_name_everywhere() {
    let bundle = pipeline(&[
        ("dist/app-a1b2.js", "import '../shared.js'; import './style.css';"),
        ("page.js", "import './shared.js'; import './own.js';"),
        ("shared.js", "import './own.js';"),
        ("own.js", "export {}"),
    ]);
    let bundle = bundle.prestamped("dist/*").process().unwrap();
    assert_eq!(text(&bundle, "dist/app-a1b2.js"), "import '../shared.js'; import './style.css';");
    // Stamped here and plain there, the module would be evaluated twice.
    assert_eq!(text(&bundle, "page.js"), "import './shared.js'; import './own.7.js';");
    assert_eq!(text(&bundle, "shared.js"), "import './own.7.js';");
}

#[test]
fn a_script_that_is_not_understood_is_left_alone_and_so_are_all_imports_of_what_it_mentions() {
    let bundle = pipeline(&[
        ("odd.js", "import './shared.js'; let x = (;"),
        ("page.js", "import './shared.js'; import './own.js';"),
        ("shared.js", "export {}"),
        ("own.js", "export {}"),
    ]);
    let bundle = bundle.process().unwrap();
    assert_eq!(text(&bundle, "odd.js"), "import './shared.js'; let x = (;");
    assert_eq!(text(&bundle, "page.js"), "import './shared.js'; import './own.7.js';");
    assert_eq!(bundle.warnings().len(), 1);
    assert!(bundle.warnings()[0].message().contains(":1:"), "{:?}", bundle.warnings());
}

fn leaked(pipeline: Pipeline) -> Assets {
    pipeline.process().unwrap().leak().unwrap()
}

const MODULES: &[(&str, &str)] = &[
    (
        "js/app.js",
        "import './lib/a.js'; import('./lazy.js'); new URL('../img/x.png', import.meta.url);\
         import.meta.resolve('./late.js');",
    ),
    ("js/lib/a.js", "import './b.js'; import '../data.json' with { type: 'json' };"),
    ("js/lib/b.js", "import './a.js';"),
    ("js/lazy.js", "export {}"),
    ("js/late.js", ""),
    ("js/data.json", "{}"),
    ("js/classic.js", "var x = 1;"),
    ("img/x.png", ""),
    ("css/app.css", "@import 'base.css'; a{b:url(../img/x.png)}"),
    ("css/base.css", "@import 'more.css';"),
    ("css/more.css", ""),
];

#[test]
fn an_import_map_stands_in_for_rewriting_javascript() {
    let bundle = pipeline(MODULES).references(References::ImportMap).process().unwrap();
    assert_eq!(text(&bundle, "js/app.js"), MODULES[0].1);
    assert_eq!(text(&bundle, "css/app.css"), "@import 'base.7.css'; a{b:url(../img/x.7.png)}");
    let assets = bundle.leak().unwrap();
    let map: serde_json::Value = serde_json::from_str(assets.import_map()).unwrap();
    let names: Vec<&str> = map["imports"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "/static/js/app.js",
            "/static/js/data.json",
            "/static/js/late.js",
            "/static/js/lazy.js",
            "/static/js/lib/a.js",
            "/static/js/lib/b.js"
        ]
    );
    for (plain, url) in map["imports"].as_object().unwrap() {
        let url = url.as_str().unwrap();
        let asset = assets.resolve(plain).asset().unwrap();
        assert_eq!(assets.resolve(url), Resolved::Exact(asset));
        assert_eq!(map["integrity"][url], asset.integrity());
    }
    let none: serde_json::Value =
        serde_json::from_str(leaked(pipeline(MODULES)).import_map()).unwrap();
    assert!(none["imports"].as_object().unwrap().is_empty());
}

#[test]
fn preloads_are_all_that_is_needed_nearer_ones_first_and_each_once() {
    let assets = leaked(pipeline(MODULES));
    let preloads = |name: &str| -> Vec<&str> {
        assets.get(name).unwrap().preloads().iter().map(|asset| asset.name()).collect()
    };
    assert_eq!(preloads("js/app.js"), ["js/lib/a.js", "js/data.json", "js/lib/b.js"]);
    assert_eq!(preloads("css/app.css"), ["css/base.css", "css/more.css"]);
    assert_eq!(preloads("js/classic.js"), [] as [&str; 0]);
    let references: Vec<&str> =
        assets.get("js/app.js").unwrap().references().map(|asset| asset.name()).collect();
    assert_eq!(references, ["img/x.png", "js/late.js", "js/lazy.js", "js/lib/a.js"]);
}

#[test]
fn references_can_be_left_as_they_are() {
    let bundle = pipeline(MODULES).references(References::Leave).process().unwrap();
    for (name, before) in MODULES {
        assert_eq!(text(&bundle, name), *before);
    }
}

#[test]
fn integrity_and_tags_are_those_of_the_bytes_that_are_served() {
    let bundle = pipeline(MODULES).process().unwrap();
    let served = text(&bundle, "css/app.css").to_owned();
    let same = Pipeline::new("no such folder").allow_missing(true).references(References::Leave);
    let same = same.file("css/app.css", served).process().unwrap();
    let (one, other) = (bundle.get("css/app.css").unwrap(), same.get("css/app.css").unwrap());
    assert_eq!((one.integrity(), one.etag()), (other.integrity(), other.etag()));
}

/// The value of an `integrity` attribute by these hash functions.
fn sri(bytes: &[u8], functions: &[&str]) -> String {
    let one = |name: &&str| {
        let algorithm = match *name {
            "sha256" => &ring::digest::SHA256,
            "sha384" => &ring::digest::SHA384,
            _ => &ring::digest::SHA512,
        };
        format!("{name}-{}", STANDARD.encode(ring::digest::digest(algorithm, bytes)))
    };
    functions.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn sha1(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

const SCRIPT: &str = "import './dep.js'\n//# sourceMappingURL=app.js.map";

/// A program that makes pages takes the hashes from the manifest of the build before.
#[test]
fn a_page_that_has_the_hash_of_the_final_bytes_already_is_right() {
    let script = |bundle: &Bundle| bundle.get("app.js").unwrap().bytes().unwrap().into_owned();
    let built = |page: &str| {
        let files =
            [("app.js", SCRIPT), ("dep.js", ""), ("app.js.map", "{}"), ("index.html", page)];
        pipeline(&files).process().unwrap()
    };
    let page = |hash: &str| format!("<script type=module src=app.js integrity='{hash}'></script>");
    let last = script(&built(""));
    let of_final = page(&sri(&last, &["sha384"]));
    let bundle = built(&of_final);
    assert_eq!(bundle.warnings(), []);
    assert_eq!(script(&bundle), last);
    assert_eq!(text(&bundle, "index.html"), of_final.replace("app.js", "app.7.js"));
    let wrong = built(&page(&sri(b"other bytes", &["sha384"])));
    assert!(wrong.warnings()[0].message().contains("this hash is not that of `app.js`"));
}

#[test]
fn the_integrity_in_a_page_is_that_of_the_final_bytes() {
    let functions = ["sha256", "sha384", "sha512"];
    let old = |bytes: &str, functions: &[&str]| sri(bytes.as_bytes(), functions);
    let (sheet, dep) = ("a{b:url(a.png)}", "export {}");
    let page = |app: &str, sheet: &str, dep: &str, map: &str, stamp: &str| {
        format!(
            "<script type=importmap>{{\"imports\":{{\"x\":\"./dep{stamp}.js\"}},\"integrity\":{{\"./dep{stamp}.js\":\"{map}\"}}}}</script>\
             <link rel=stylesheet integrity='{sheet}' href=s{stamp}.css><link rel=modulepreload href=dep{stamp}.js integrity={dep}>\
             <script type=module src=app{stamp}.js integrity=\" {app}?ct=x sha384-{} \" crossorigin></script>\
             <script src=https://example.com/app.js integrity=\"sha384-x\"></script>",
            "A".repeat(64)
        )
    };
    let html = page(
        &old(SCRIPT, &functions),
        &old(sheet, &functions[..1]).replace('=', "&#61;"),
        &old(dep, &functions[1..2]),
        &old(dep, &functions[1..2]).replace('/', "\\/"),
        "",
    );
    let files = [
        ("index.html", html.as_str()),
        ("app.js", SCRIPT),
        ("app.js.map", "{}"),
        ("dep.js", dep),
        ("s.css", sheet),
        ("a.png", ""),
    ];
    let bundle = pipeline(&files).process().unwrap();
    assert_eq!(text(&bundle, "app.js"), "import './dep.7.js'\n//# sourceMappingURL=app.7.js.map");
    let new = |name: &str, functions: &[&str]| {
        sri(&bundle.get(name).unwrap().bytes().unwrap(), functions)
    };
    let expected = page(
        &new("app.js", &functions),
        &new("s.css", &functions[..1]),
        &new("dep.js", &functions[1..2]),
        &new("dep.js", &functions[1..2]).replace('/', "\\/"),
        ".7",
    );
    assert_eq!(text(&bundle, "index.html"), expected);
    assert_eq!(bundle.warnings(), []);
}

#[test]
fn a_stamp_covers_the_hashes_in_a_file() {
    let page = format!(
        "<script src=app.js integrity={}></script>",
        sri(b"new URL('a.png', import.meta.url)", &["sha384"])
    );
    let bundle = |picture: &str| {
        let files = [
            ("index.html", page.as_str()),
            ("app.js", "new URL('a.png', import.meta.url)"),
            ("a.png", picture),
        ];
        pipeline(&files).stamp(Stamp::Content).plain([] as [&str; 0]).process().unwrap()
    };
    let (one, other) = (bundle("1"), bundle("2"));
    assert_ne!(stamp(&one, "index.html"), stamp(&other, "index.html"));
    for bundle in [one, other] {
        let integrity = sri(&bundle.get("app.js").unwrap().bytes().unwrap(), &["sha384"]);
        assert!(text(&bundle, "index.html").contains(&integrity), "{bundle:#?}");
    }
}

#[test]
fn integrity_of_other_bytes_stays_and_is_told() {
    let wrong = format!("<script\nsrc=app.js integrity={}></script>", sri(b"other", &["sha384"]));
    let files = [("index.html", wrong.as_str()), ("app.js", SCRIPT), ("dep.js", "")];
    let bundle = pipeline(&files).process().unwrap();
    assert_eq!(text(&bundle, "index.html"), wrong.replace("app.js", "app.7.js"));
    let [warning] = bundle.warnings() else { panic!("{:?}", bundle.warnings()) };
    assert!(warning.message().contains(":2:29: this hash is not that of `app.js`"), "{warning}");
    // Browsers look at the strongest only, and one that fits is enough.
    for (strong, warnings) in [(SCRIPT, 0), ("other", 1)] {
        let value = format!(
            "{} {}",
            sri(if warnings == 0 { b"other" } else { SCRIPT.as_bytes() }, &["sha256"]),
            sri(strong.as_bytes(), &["sha512"])
        );
        let page = format!("<script src=app.js integrity='{value}'></script>");
        let files = [("index.html", page.as_str()), ("app.js", SCRIPT), ("dep.js", "")];
        let bundle = pipeline(&files).missing_references(Missing::Allow).process().unwrap();
        assert_eq!(bundle.warnings().len(), warnings, "{:?}", bundle.warnings());
    }
    let page = format!("<script src=app.js integrity={}></script>", sri(b"a", &["sha384"]));
    let bundle = pipeline(&[("index.html", page.as_str()), ("app.js", "a")])
        .transform("*.js", |draft| {
            draft.set_bytes("b");
            Ok(())
        })
        .process()
        .unwrap();
    assert!(bundle.warnings()[0].message().contains("which a transformation has changed"));
}

#[test]
fn a_file_keeps_its_bytes_where_a_hash_of_it_cannot_be_kept_right() {
    let hash = sri(SCRIPT.as_bytes(), &["sha384"]);
    let page = format!("<script type=module src=app.js integrity={hash}></script>");
    let runtime = format!("r.sri={{12:\"sha256-x {hash}\"}};\n//# sourceMappingURL=app.js.map");
    let json = format!("{{\"app.js\": \"{hash}\"}}");
    let elsewhere = page.replace("app.js", "https://example.com/app.js");
    let with = |more: &[(&str, &str)]| {
        let files = [
            ("app.js", SCRIPT),
            ("app.js.map", "{}"),
            ("dep.js", "export {}"),
            ("other.js", "import './dep.js'; import './app.js';"),
        ];
        pipeline(&[&files, more].concat())
    };
    let app_is_stamped = "import './dep.js'; import './app.7.js';";
    for (pipeline, other) in [
        (
            with(&[("index.html", &page)]).verbatim("*.html"),
            "import './dep.js'; import './app.js';",
        ),
        (with(&[("page.xhtml", &page)]), app_is_stamped),
        (with(&[("runtime.js", &runtime)]), app_is_stamped),
        (with(&[("assets.json", &json)]), app_is_stamped),
        (with(&[("index.html", &elsewhere)]), app_is_stamped),
    ] {
        let bundle = pipeline.process().unwrap();
        assert_eq!(text(&bundle, "app.js"), SCRIPT);
        // No module has two URLs.
        assert_eq!(text(&bundle, "other.js"), other);
        assert_eq!(bundle.warnings(), []);
    }
    let bundle = with(&[("runtime.js", &runtime)]).process().unwrap();
    assert_eq!(text(&bundle, "runtime.js"), runtime.replace("app.js.map", "app.7.js.map"));
    // In markup that is rewritten, the hash still has no URL.
    let bundle = with(&[("assets.json", &json)]).markup("*.json").process().unwrap();
    assert_eq!([text(&bundle, "app.js"), text(&bundle, "assets.json")], [SCRIPT, json.as_str()]);
    // Two files that refer to each other.
    let script = "new URL('page.html', import.meta.url)";
    let page =
        format!("<script src=app.js integrity={}></script>", sri(script.as_bytes(), &["sha256"]));
    let bundle =
        pipeline(&[("page.html", page.as_str()), ("app.js", script)]).plain([] as [&str; 0]);
    let bundle = bundle.process().unwrap();
    assert_eq!(text(&bundle, "app.js"), script);
    assert_eq!(text(&bundle, "page.html"), page.replace("app.js", "app.7.js"));
    let [warning] = bundle.warnings() else { panic!("{:?}", bundle.warnings()) };
    assert!(warning.message().contains(":1:37: this file and `app.js` refer to each"), "{warning}");
}

proptest! {
    /// Scripts and pages that refer to each other and have hashes of scripts, some in a cycle.
    #[test]
    fn no_hash_is_ever_wrong(
        scripts in proptest::collection::vec(
            (proptest::collection::vec(0..8_usize, 0..3), proptest::option::of(0..6_usize)),
            6,
        ),
        pages in proptest::collection::vec(
            proptest::collection::vec((0..6_usize, 0..3_usize), 0..3),
            2,
        ),
        pages_are_stamped: bool,
        verbatim in proptest::option::of(0..8_usize),
        prestamped in proptest::option::of(0..6_usize),
        mode in prop_oneof![3 => Just(References::Rewrite), 1 => Just(References::ImportMap), 1 => Just(References::Leave)],
    ) {
        let name = |at: usize| if at < 6 { format!("{at}.js") } else { format!("page{at}.html") };
        let mut files: Vec<(String, String)> = Vec::new();
        for (at, (targets, named)) in scripts.iter().enumerate() {
            let resolved: String =
                targets.iter().map(|&to| format!("import.meta.resolve('./{}');", name(to))).collect();
            // Only of one whose bytes are known already.
            let hash = named.filter(|&of| of < at).map(|of| {
                format!("sri = \"{of} {}\";", sri(files[of].1.as_bytes(), &["sha384"]))
            });
            let text = format!("export const is = {at}; {resolved}{}", hash.unwrap_or_default());
            files.push((name(at), text));
        }
        for (at, hashes) in (6..).zip(&pages) {
            let tag = |&(of, function): &(usize, usize)| {
                let value = sri(files[of].1.as_bytes(), &[["sha256", "sha384", "sha512"][function]]);
                format!("<script type=module src={of}.js integrity=\"{value}\"></script>")
            };
            files.push((name(at), hashes.iter().map(tag).collect()));
        }
        let made: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
        let mut pipeline = pipeline(&made).plain(if pages_are_stamped { vec![] } else { vec!["*.html"] });
        if let Some(at) = verbatim {
            pipeline = pipeline.verbatim(name(at));
        }
        if let Some(at) = prestamped {
            pipeline = pipeline.prestamped(name(at));
        }
        let bundle = pipeline.references(mode).process().unwrap();
        let mut count = 0;
        for asset in bundle.assets() {
            let text = text(&bundle, asset.name());
            let tags = text.split("src=").skip(1).chain(text.split("sri = \"").skip(1));
            for tag in tags {
                let of = bundle.get(&format!("{}.js", &tag[..1])).unwrap();
                let (_, hash) = tag.split_once("sha").unwrap();
                let hash = hash.split('"').next().unwrap();
                let function = format!("sha{}", &hash[..3]);
                let right = sri(&of.bytes().unwrap(), &[&function]);
                prop_assert_eq!(format!("sha{hash}"), right, "{} of {}: {:#?}", asset.name(), of.name(), files);
                count += 1;
            }
        }
        let wanted = scripts.iter().enumerate().filter(|(at, (_, of))| of.is_some_and(|of| of < *at));
        prop_assert_eq!(count, wanted.count() + pages.iter().map(Vec::len).sum::<usize>());
    }
}

#[test]
fn workbox_lists_the_urls_that_pages_ask_for() {
    let page = "<link rel=stylesheet href=s.css><script type=module src=app.js></script>";
    let list = |entries: &[&str]| format!("e.precacheAndRoute([{}],{{}})", entries.join(","));
    let before = list(&[
        r#"{url:"index.html",revision:"1"}"#,
        r#"{url:"app.js",revision:null}"#,
        r#"{url:"s.css",revision:"1"}"#,
        r#"{url:"a.png",revision:"1"}"#,
        r#"{url:"dep.js",revision:null}"#,
        r#"{"revision":null,"url":"loose.css"}"#,
        r#"{url:"loose.png",revision:"1"}"#,
        r#"{url:"gone.js",revision:null}"#,
    ]);
    let files = [
        ("index.html", page),
        ("app.js", "import './dep.js'; const n = 'loose.css'"),
        ("dep.js", "export {}"),
        ("s.css", "a{b:url(a.png)}"),
        ("loose.css", "a{b:url(a.png)}"),
        ("a.png", ""),
        ("loose.png", ""),
        ("sw.js", &before),
    ];
    let bundle = pipeline(&files).process().unwrap();
    let revision = |name: &str| {
        let bytes = bundle.get(name).unwrap().bytes().unwrap();
        let hash = ring::digest::digest(&ring::digest::SHA384, &bytes);
        let hash: String = hash.as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("\"{hash}\"")
    };
    let expected = list(&[
        &format!("{{url:\"index.html\",revision:{}}}", revision("index.html")),
        r#"{url:"app.7.js",revision:null}"#,
        &format!("{{url:\"s.7.css\",revision:{}}}", revision("s.css")),
        r#"{url:"a.png",revision:"1"},{url:"a.7.png",revision:"1"}"#,
        r#"{url:"dep.7.js",revision:null}"#,
        &format!("{{\"revision\":{},\"url\":\"loose.css\"}}", revision("loose.css")),
        r#"{url:"loose.png",revision:"1"}"#,
        r#"{url:"gone.js",revision:null}"#,
    ]);
    assert_eq!(text(&bundle, "sw.js"), expected);
    assert_eq!(bundle.warnings(), []);

    // Without a page in the folder, a program makes the pages, and may ask for either name.
    let bundle = pipeline(&files[1..]).process().unwrap();
    let both = r#"{url:"loose.png",revision:"1"},{url:"loose.7.png",revision:"1"}"#;
    assert!(text(&bundle, "sw.js").contains(both), "{}", text(&bundle, "sw.js"));

    // A list that stays as it is keeps what it lists.
    for pipeline in [
        pipeline(&files).verbatim("sw.js"),
        pipeline(&files).references(References::Leave).markup("*.html"),
    ] {
        let page = "<img src=loose.png>";
        let bundle = pipeline.file("late.html", page).process().unwrap();
        assert_eq!(text(&bundle, "late.html"), page);
        for (name, before) in &files {
            assert_eq!(text(&bundle, name), *before, "{name}");
        }
    }

    let bundle = pipeline(&files).references(References::ImportMap).process().unwrap();
    let both = r#"{url:"dep.js",revision:null},{url:"dep.7.js",revision:null}"#;
    assert!(text(&bundle, "sw.js").contains(both), "{}", text(&bundle, "sw.js"));
}

#[test]
fn angulars_list_has_the_urls_and_hashes_of_what_is_served() {
    let page = "<link rel=stylesheet href=s.css><script type=module src=main.js></script>";
    let (main, sheet) = ("import './chunk.js'", "a{b:url(a.png)}");
    let files = [
        ("index.html", page),
        ("main.js", main),
        ("chunk.js", "export {}"),
        ("s.css", sheet),
        ("a.png", "png"),
    ];
    let ngsw = |urls: &str, table: &str| {
        format!(
            "{{\"index\":\"/static/index.html\",\"assetGroups\":[{{\"urls\":[{urls}]}}],\"hashTable\":{{{table}}}}}"
        )
    };
    let entry = |url: &str, bytes: &[u8]| format!("\"/static/{url}\": \"{}\"", sha1(bytes));
    let table: Vec<String> =
        files.iter().map(|(name, bytes)| entry(name, bytes.as_bytes())).collect();
    let urls: Vec<String> = files.iter().map(|(name, _)| format!("\"/static/{name}\"")).collect();
    let before = ngsw(&urls.join(", "), &table.join(",\n"));
    let bundle = pipeline(&files).file("ngsw.json", &*before).process().unwrap();
    let now = |url: &str, name: &str| entry(url, &bundle.get(name).unwrap().bytes().unwrap());
    let expected = ngsw(
        "\"/static/index.html\", \"/static/main.7.js\", \"/static/chunk.7.js\", \"/static/s.7.css\", \
         \"/static/a.png\",\"/static/a.7.png\"",
        &[
            now("index.html", "index.html"),
            now("main.7.js", "main.js"),
            now("chunk.7.js", "chunk.js"),
            now("s.7.css", "s.css"),
            format!("{},{}", now("a.png", "a.png"), now("a.7.png", "a.png")),
        ]
        .join(",\n"),
    );
    assert_eq!(text(&bundle, "ngsw.json"), expected);
    assert_eq!(bundle.get("ngsw.json").unwrap().stamp(), None);
    assert_eq!(bundle.warnings(), []);

    let bundle =
        pipeline(&files).file("ngsw.json", &*before).verbatim("ngsw.json").process().unwrap();
    for (name, before) in &files {
        assert_eq!(text(&bundle, name), *before, "{name}");
    }
    let wrong = before.replace(&sha1(b"png"), &sha1(b"other"));
    let bundle = pipeline(&files).file("ngsw.json", wrong).process().unwrap();
    assert_eq!(bundle.warnings().len(), 1);
    assert!(bundle.warnings()[0].message().contains("this hash is not that of `a.png`"));
}

#[test]
fn what_a_service_worker_names_keeps_its_name() {
    let files = [
        (
            "index.html",
            "<link rel=stylesheet href=s.css><img src=a.png><script src=app.js></script>",
        ),
        ("s.css", ""),
        ("a.png", ""),
        ("app.js", ""),
        (
            "sw.js",
            "caches.open('x').then(cache => cache.addAll(['./', 's.css', `/static/app.js`]))",
        ),
    ];
    let bundle = pipeline(&files).process().unwrap();
    assert_eq!(text(&bundle, "index.html"), files[0].1.replace("a.png", "a.7.png"));
    assert_eq!(text(&bundle, "sw.js"), files[4].1);
}

#[test]
fn source_code_that_cannot_be_read_is_told_once_for_a_folder() {
    let jsx = "import './a.css'; x = <b>'</b>";
    let names: Vec<String> = (0..8).map(|number| format!("src/{number}.js")).collect();
    let mut files: Vec<(&str, &str)> = names.iter().map(|name| (&**name, jsx)).collect();
    files.push(("lib/a.js", jsx));
    let bundle = pipeline(&files).process().unwrap();
    let lines: Vec<String> = bundle.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[1].ends_with("(and likewise in 7 more files of this folder)"), "{lines:#?}");
}

#[test]
fn a_script_that_knows_a_stamped_file_by_its_plain_name_is_named() {
    let leaflet = "link = document.querySelector('link[href$=\"leaflet.css\"]')";
    let page = "new Worker('js/worker.js'); new Worker('/static/js/worker.js')";
    let files = [
        ("leaflet/leaflet.css", ""),
        ("leaflet/leaflet.js", leaflet),
        ("js/worker.js", "importScripts('missing.js')"),
        ("js/main.js", page),
        ("js/good.js", "new Worker(new URL('worker.js', import.meta.url))"),
    ];
    let bundle = pipeline(&files).process().unwrap();
    let lines: Vec<String> = bundle.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[0].contains("1:5: `js/worker.js` is loaded by its plain name"), "{lines:#?}");
    assert!(lines[0].contains("write `new URL(\"…\", import.meta.url)`"), "{lines:#?}");
    assert!(lines[1].contains("search the page for `leaflet/leaflet.css`"), "{lines:#?}");
    assert!(lines[1].contains(".chain([\"/leaflet/leaflet.css\"])"), "{lines:#?}");
    // The ways out that they name.
    let names = ["/leaflet/leaflet.css", "/js/worker.js"];
    let bundle = pipeline(&files).plain(names).process().unwrap();
    assert_eq!(bundle.warnings(), []);
}
