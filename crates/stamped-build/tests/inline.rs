//! Tests small files that become `data:` URLs in those that refer to them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use stamped_build::{Bundle, Pipeline, Stamp, WarningKind};
use stamped_test_support::Dir;

const ICON: &str = "<svg xmlns='http://www.w3.org/2000/svg'><path fill=\"#a00\"/></svg>";
const ICON_URL: &str = "data:image/svg+xml,%3Csvg%20xmlns=%27http://www.w3.org/2000/svg%27%3E%3Cpath%20\
                        fill=%22%23a00%22/%3E%3C/svg%3E";
const DOT_URL: &str = "data:image/png;base64,iVBORw==";

/// A pipeline over an icon, a picture, a font and these files, all of them stamped 7.
fn pipeline(files: &[(&str, &str)]) -> Pipeline {
    let pipeline = Pipeline::new("no such folder")
        .allow_missing(true)
        .stamp(Stamp::Fixed(7))
        .file("img/icon.svg", ICON)
        .file("img/dot.png", b"\x89PNG")
        .file("img/large.png", [0; 99])
        .file("font/f.woff2", "wOF2");
    files.iter().fold(pipeline, |pipeline, (name, text)| pipeline.file(*name, *text))
}

fn text(bundle: &Bundle, name: &str) -> String {
    String::from_utf8(bundle.get(name).unwrap().bytes().unwrap().into_owned()).unwrap()
}

fn names(bundle: &Bundle, name: &str) -> Vec<String> {
    bundle.references(bundle.get(name).unwrap()).map(|asset| asset.name().to_owned()).collect()
}

#[track_caller]
fn inlined(name: &str, before: &str, after: &str) -> Bundle {
    let bundle = pipeline(&[("other.css", ""), ("app.js", "export {}")])
        .file(name, before)
        .inline("*", 98)
        .markup("*.svg")
        .markup("*.webmanifest");
    let bundle = bundle.process().unwrap();
    assert_eq!(text(&bundle, name), after);
    assert!(
        bundle.warnings().iter().all(|one| one.kind() == WarningKind::UnusedPattern),
        "{:?}",
        bundle.warnings()
    );
    bundle
}

#[test]
fn style_sheets_have_what_is_small_and_name_the_rest() {
    let bundle = inlined(
        "css/style.css",
        "@import '../other.css'; @import url(../other.css);\n\
         a { b: url(../img/icon.svg) url( '../img/dot.png?v' ) url(\"../img/large.png\"); --c: url(/static/img/dot.png) }\n\
         @font-face { src: url(../font/f.woff2) format('woff2') } d { e: image-set('../img/dot.png' 1x) }\n\
         f { g: url(../img/icon.svg#part) url(../img/icon.svg?#iefix) url(data:,x) }\n\
         /*# sourceMappingURL=style.css.map */",
        &format!(
            "@import '../other.7.css'; @import url(../other.7.css);\n\
             a {{ b: url({ICON_URL}) url( '{DOT_URL}' ) url(\"../img/large.7.png\"); --c: url({DOT_URL}) }}\n\
             @font-face {{ src: url(data:font/woff2;base64,d09GMg==) format('woff2') }} d {{ e: image-set('{DOT_URL}' 1x) }}\n\
             f {{ g: url(../img/icon.7.svg#part) url(../img/icon.7.svg?#iefix) url(data:,x) }}\n\
             /*# sourceMappingURL=style.css.map */"
        ),
    );
    // It still asks for a part of the icon, but not for the dot.
    assert_eq!(names(&bundle, "css/style.css"), ["img/icon.svg", "img/large.png", "other.css"]);
    assert_eq!(bundle.get("img/dot.png").unwrap().url(), "/static/img/dot.7.png");
}

#[test]
fn pages_have_what_they_show_and_name_what_is_loaded_or_linked() {
    inlined(
        "page.html",
        "<img src=img/dot.png srcset='img/icon.svg 1x, img/large.png 2x'><input type=image src=\"img/icon.svg\">\
         <p style='a:url(\"img/icon.svg\")'><p style=b:url(img/dot.png)><style>c{d:url(img/icon.svg)}</style>\
         <a href=img/dot.png></a><link rel=icon href=img/icon.svg><iframe src=img/icon.svg></iframe>\
         <svg><image href=img/dot.png /><use href='img/icon.svg#x' /></svg><script type=module src=app.js></script>",
        &format!(
            "<img src={DOT_URL} srcset='{ICON_URL} 1x, img/large.7.png 2x'><input type=image src=\"{ICON_URL}\">\
             <p style='a:url(\"{ICON_URL}\")'><p style=b:url({DOT_URL})><style>c{{d:url({ICON_URL})}}</style>\
             <a href=img/dot.7.png></a><link rel=icon href=img/icon.7.svg><iframe src=img/icon.7.svg></iframe>\
             <svg><image href=img/dot.7.png /><use href='img/icon.7.svg#x' /></svg><script type=module src=app.7.js></script>"
        ),
    );
}

#[test]
fn scripts_and_manifests_name_files_as_before() {
    let script = "import './lib.js'; const u = new URL('../img/icon.svg', import.meta.url);";
    let bundle = pipeline(&[("js/app.js", script), ("js/lib.js", "export {}")]).inline("*", 99);
    let bundle = bundle.process().unwrap();
    let written = text(&bundle, "js/app.js");
    assert_eq!(written, script.replace("icon.", "icon.7.").replace("lib.", "lib.7."));
    inlined(
        "app.webmanifest",
        r#"{"icons":[{"src":"img/icon.svg"}]}"#,
        r#"{"icons":[{"src":"img/icon.7.svg"}]}"#,
    );
}

#[test]
fn what_is_inlined_need_not_have_a_stamp() {
    let bundle = pipeline(&[("favicon.ico", "x"), ("a.css", "a{b:url(favicon.ico)}")]);
    let bundle = bundle.inline("favicon.ico", 1).process().unwrap();
    assert!(text(&bundle, "a.css").starts_with("a{b:url(data:image/"));
    assert_eq!(bundle.get("favicon.ico").unwrap().url(), "/static/favicon.ico");
}

#[test]
fn only_what_a_pattern_selects_and_is_no_larger_than_it_says_is_inlined() {
    let css = "a { b: url(img/dot.png) url(img/icon.svg) url(img/large.png) url(empty.png) }";
    let written = |pipeline: Pipeline| text(&pipeline.process().unwrap(), "a.css");
    let all = || pipeline(&[("a.css", css), ("empty.png", "")]);
    assert!(!written(all()).contains("data:"));
    let dot = written(all().inline("img/*.png", 4));
    assert_eq!(dot.matches("data:").count(), 1, "{dot}");
    assert!(!written(all().inline("img/*.png", 3)).contains("data:"));
    // Of several patterns one is enough, and nothing is saved by nothing.
    let all = written(all().inline("img/*.png", 4).inline("*", 99));
    assert_eq!(all.matches("data:").count(), 3, "{all}");
}

#[test]
fn a_file_that_keeps_its_bytes_has_nothing_in_it() {
    let css = "a{b:url(img/dot.png)}";
    let kept = pipeline(&[("kept.css", css), ("stamped.css", css), ("index.html", "")])
        .verbatim("kept.css")
        .prestamped("stamped.css")
        .inline("*", 99)
        .process()
        .unwrap();
    assert_eq!([text(&kept, "kept.css"), text(&kept, "stamped.css")], [css, css]);
}

#[test]
fn a_picture_that_refers_back_is_named() {
    let svg = "<?xml-stylesheet href='a.css'?><svg><image href='pic.svg'/></svg>";
    let files = [("a.css", "a{b:url(pic.svg) url(img/dot.png)}"), ("pic.svg", svg)];
    let bundle = pipeline(&files).markup("pic.svg").inline("*", 99).process().unwrap();
    assert_eq!(text(&bundle, "a.css"), format!("a{{b:url(pic.7.svg) url({DOT_URL})}}"));
    assert_eq!(text(&bundle, "pic.svg"), svg.replace("a.css", "a.7.css").replace("pic.", "pic.7."));
}

#[test]
fn a_picture_has_its_own_references_rewritten_before_it_is_inlined() {
    let svg = "<svg><image href='img/dot.png'/></svg>";
    let files = [("a.css", "a{b:url('pic.svg')}"), ("pic.svg", svg)];
    let bundle = pipeline(&files).markup("pic.svg").inline("pic.svg", 99).process().unwrap();
    let css = text(&bundle, "a.css");
    assert!(css.contains("img/dot.7.png"), "{css}");
}

#[test]
fn the_stamp_covers_what_is_inlined_and_the_hash_in_a_page_stays_right() {
    let digest = |bytes: &[u8]| {
        let hash = Pipeline::new("no").allow_missing(true).file("x.css", bytes).process().unwrap();
        hash.get("x.css").unwrap().integrity().to_owned()
    };
    let css = "a{b:url(icon.svg)}";
    let page = format!("<link rel=stylesheet href=a.css integrity={}>", digest(css.as_bytes()));
    let build = |icon: &str| {
        let pipeline = Pipeline::new("no such folder").allow_missing(true).stamp(Stamp::Content);
        let pipeline = pipeline.file("a.css", css).file("index.html", &*page);
        pipeline.file("icon.svg", icon).inline("*.svg", 99).process().unwrap()
    };
    let (one, two) = (build("<svg/>"), build("<svg> </svg>"));
    let url = |bundle: &Bundle| bundle.get("a.css").unwrap().url().to_owned();
    assert_ne!(url(&one), url(&two));
    for bundle in [one, two] {
        let sheet = bundle.get("a.css").unwrap();
        let html = text(&bundle, "index.html");
        assert!(html.contains(&format!("integrity={}", sheet.integrity())), "{html}");
        assert_eq!(sheet.integrity(), digest(&sheet.bytes().unwrap()));
    }
}

#[test]
fn a_second_build_over_the_output_changes_nothing() {
    let css = "a{b:url(img/icon.svg) url('img/dot.png')}";
    let once = pipeline(&[("a.css", css)]).inline("*", 99).process().unwrap();
    let once = text(&once, "a.css");
    let twice = pipeline(&[("a.css", &once)]).inline("*", 99).process().unwrap();
    assert_eq!(text(&twice, "a.css"), once);
}

#[test]
fn the_url_holds_exactly_the_bytes_that_the_asset_has() {
    let folder = Dir::new();
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    folder.write("large.png", &bytes);
    folder.write("a.css", "a{b:url(large.png)}");
    let bundle = Pipeline::new(folder.path()).inline("*.png", 100_000).process().unwrap();
    let css = text(&bundle, "a.css");
    let url = css.strip_prefix("a{b:url(data:image/png;base64,").unwrap();
    assert_eq!(STANDARD.decode(url.strip_suffix(")}").unwrap()).unwrap(), bytes);
}

#[test]
fn a_bundler_s_sheet_with_something_in_it_is_stamped() {
    let files = [
        ("assets/index-BxK3a9Qz.css", "a{b:url(icon-Dk2_x8Yq.svg)}"),
        ("assets/index-C0ffee42.js", "1"),
        ("assets/icon-Dk2_x8Yq.svg", "<svg/>"),
    ];
    let all = |pipeline: Pipeline| pipeline.keep_bundler_names(true).process().unwrap();
    let plain = all(pipeline(&files));
    assert_eq!(plain.get(files[0].0).unwrap().stamp(), None);
    let inlined = all(pipeline(&files).inline("assets/*.svg", 99));
    assert_eq!(inlined.get(files[0].0).unwrap().stamp(), Some("7"));
}

#[test]
fn a_pattern_that_matches_nothing_is_a_warning() {
    let bundle = pipeline(&[]).inline("icons/*.svg", 2_048).process().unwrap();
    let [warning] = bundle.warnings() else { panic!("{:?}", bundle.warnings()) };
    assert_eq!(warning.kind(), WarningKind::UnusedPattern);
    assert!(warning.to_string().contains("`icons/*.svg` of `inline`"), "{warning}");
}
