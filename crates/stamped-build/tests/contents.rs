//! Tests which files and contents are in a bundle.

use stamped::{Addressing, Resolved};
use stamped_build::{Bundle, Embed, Pipeline, Stamp};
use stamped_test_support::Dir;
use std::fs;

#[test]
fn every_byte_is_there_as_text_where_it_is_text() {
    let dir = Dir::new();
    let latin1 = b"/* caf\xe9 */";
    dir.write("empty.css", "");
    dir.write("bom.css", "\u{feff}a{}\r\n");
    dir.write("latin1.css", latin1);
    dir.write("img/dot.gif", b"GIF89a\0\xff");
    dir.write("with space/图 (1).txt", "図");
    let assets = Pipeline::new(dir.path()).process().unwrap().leak().unwrap();
    let text = |name| assets.get(name).unwrap().text();
    assert_eq!(text("empty.css"), Some(""));
    assert_eq!(text("bom.css"), Some("\u{feff}a{}\r\n"));
    assert_eq!(text("latin1.css"), None);
    assert_eq!(text("img/dot.gif"), None);
    assert_eq!(text("with space/图 (1).txt"), Some("図"));
    for asset in assets {
        assert_eq!(asset.bytes(), fs::read(dir.join(asset.name())).unwrap(), "{asset:?}");
    }
    assert!(
        assets
            .url("with space/图 (1).txt")
            .unwrap()
            .starts_with("/static/with%20space/%E5%9B%BE%20%281%29.")
    );
}

#[test]
fn only_text_that_is_utf8_says_so_in_its_content_type() {
    let dir = Dir::new();
    dir.write("utf8.css", "/* café */");
    dir.write("latin1.css", b"/* caf\xe9 */");
    dir.write("a.mjs", "");
    dir.write("a.json", "{}");
    dir.write("a.png", "");
    dir.write("LICENSE", "");
    dir.write("a.unheard-of", "");
    let bundle = Pipeline::new(dir.path()).process().unwrap();
    for (name, content_type) in [
        ("utf8.css", "text/css; charset=utf-8"),
        ("latin1.css", "text/css"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.json", "application/json"),
        ("a.png", "image/png"),
        ("LICENSE", "text/plain; charset=utf-8"),
        ("a.unheard-of", "application/octet-stream"),
    ] {
        assert_eq!(bundle.get(name).unwrap().content_type(), content_type, "{name}");
    }
}

#[test]
fn integrity_and_tag_are_those_of_the_bytes() {
    let dir = Dir::new();
    dir.write("a.js", "alert('Hello, world.');");
    dir.write("b.js", "alert('Hello, world.');");
    dir.write("c.js", "alert('Hello, world!');");
    let assets = Pipeline::new(dir.path()).process().unwrap().leak().unwrap();
    let [a, b, c] = ["a.js", "b.js", "c.js"].map(|name| assets.get(name).unwrap());
    // The example of the Subresource Integrity recommendation.
    assert_eq!(
        a.integrity(),
        "sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO"
    );
    assert_eq!(a.etag(), b.etag());
    assert_ne!(a.etag(), c.etag());
    assert!(a.etag().len() == 24 && a.etag().starts_with('"') && a.etag().ends_with('"'));
    // Equal contents are stored once.
    assert_eq!(a.bytes().as_ptr(), b.bytes().as_ptr());
}

#[test]
fn a_time_is_told_only_where_it_is_real() {
    let dir = Dir::new();
    dir.write_at(1_452_929_749, "real.css", "1");
    dir.write_at(499_162_500, "npm.css", "2");
    let times = |stamp| {
        let assets = Pipeline::new(dir.path()).stamp(stamp).process().unwrap().leak().unwrap();
        ["real.css", "npm.css"].map(|name| assets.get(name).unwrap().last_modified_http())
    };
    assert_eq!(times(Stamp::Modified), [Some("Sat, 16 Jan 2016 07:35:49 GMT"), None]);
    assert_eq!(times(Stamp::Content), [None, None]);
    assert_eq!(times(Stamp::Fixed(1)), [None, None]);
}

#[test]
fn roots_and_made_files_come_together_under_their_prefixes() {
    let (own, vendor, more) = (Dir::new(), Dir::new(), Dir::new());
    own.write("a.css", "");
    vendor.write("dist/b.js", "");
    more.write("c.js", "");
    let bundle = Pipeline::new(own.path())
        .root_at("vendor/lib", vendor.path())
        .root_at("", more.path())
        .file("js/version.js", "1")
        .process()
        .unwrap();
    let names: Vec<_> = bundle.assets().iter().map(|asset| asset.name()).collect();
    assert_eq!(names, ["a.css", "c.js", "js/version.js", "vendor/lib/dist/b.js"]);
    // A made file has no time, so it is stamped by content.
    assert_eq!(bundle.get("js/version.js").unwrap().stamp().unwrap().len(), 20);
}

#[cfg(unix)]
#[test]
fn links_are_followed_within_their_folder_and_elsewhere_only_if_asked_for() {
    let (dir, outside) = (Dir::new(), Dir::new());
    outside.write("shared/b.css", "outside");
    outside.write("shared/c.css", "outside");
    dir.write("assets/shared/a.css", "inside");
    dir.write("assets/.git/config", "hidden");
    dir.write("assets/.well-known/x.txt", "");
    dir.symlink("shared", "assets/lib");
    dir.symlink("lib/a.css", "assets/b.css");
    dir.symlink(".well-known/x.txt", "assets/x.txt");
    dir.symlink(outside.join("shared"), "assets/out");
    dir.symlink(outside.join("shared/b.css"), "assets/c.css");
    dir.symlink(".git", "assets/git");
    // Of no asset, nothing is said.
    dir.symlink(outside.join("shared/b.css"), "assets/.d.css");
    // The folder itself may be a link.
    dir.symlink("assets", "linked");
    let pipeline = || Pipeline::new(dir.join("linked"));
    let names = |bundle: &Bundle| -> Vec<String> {
        bundle.assets().iter().map(|asset| asset.name().to_owned()).collect()
    };

    let bundle = pipeline().process().unwrap();
    let inside = [".well-known/x.txt", "b.css", "lib/a.css", "shared/a.css", "x.txt"];
    assert_eq!(names(&bundle), inside);
    assert_eq!(bundle.get("b.css").unwrap().bytes(), b"inside");
    let mut warnings: Vec<_> = bundle.warnings().iter().map(ToString::to_string).collect();
    warnings.sort_unstable();
    let [hidden, out] = &*warnings else { panic!("{warnings:?}") };
    assert!(hidden.contains("linked/git` leads to a hidden file or folder"), "{hidden}");
    assert!(
        out.contains("linked` (as 1 more link does)") && out.contains("`.follow_links(true)`"),
        "{out}"
    );

    let bundle = pipeline().follow_links(true).process().unwrap();
    let all = ["c.css", "git/config", "out/b.css", "out/c.css"];
    let mut expected = [inside.as_slice(), &all].concat();
    expected.sort_unstable();
    assert_eq!(
        (names(&bundle), bundle.warnings().len()),
        (expected.iter().map(|&n| n.to_owned()).collect(), 0)
    );
}

#[test]
fn transformations_run_in_order_and_decide_name_bytes_and_stamp() {
    let dir = Dir::new();
    dir.write_at(1_452_929_749, "app.scss", "  a {} ");
    dir.write_at(1_452_929_749, "same.css", "b{}");
    let bundle = Pipeline::new(dir.path())
        .transform("*.scss", |draft| {
            let css = std::str::from_utf8(draft.bytes())?.replace(' ', "");
            let name = draft.name().replace(".scss", ".css");
            draft.set_bytes(css);
            draft.set_name(name);
            Ok(())
        })
        .transform("*.css", |draft| {
            let bytes = draft.bytes().to_owned();
            draft.set_bytes(bytes);
            Ok(())
        })
        .process()
        .unwrap();
    let app = bundle.get("app.css").unwrap();
    assert_eq!(app.bytes(), b"a{}");
    assert_eq!(app.content_type(), "text/css; charset=utf-8");
    // Seconds and six digits of the bytes: the time alone does not tell what the function made.
    let stamp = app.stamp().unwrap();
    assert!(stamp.starts_with("1452929749") && stamp.len() == 16, "{stamp}");
    assert_eq!(app.last_modified(), None);
    assert_eq!(bundle.get("same.css").unwrap().stamp(), Some("1452929749"));
}

#[test]
fn without_contents_names_and_urls_remain() {
    let dir = Dir::new();
    dir.write("a.css", "a{}");
    let assets = Pipeline::new(dir.path())
        .embed(Embed::Nothing)
        .stamp(Stamp::Fixed(3))
        .process()
        .unwrap()
        .leak()
        .unwrap();
    let asset = assets.get("a.css").unwrap();
    assert_eq!(asset.url(), "/static/a.3.css");
    assert_eq!((asset.bytes(), asset.text(), asset.representations().len()), (&b""[..], None, 0));
    assert!(asset.integrity().starts_with("sha384-"));
}

#[test]
fn lists_of_plain_names_can_be_replaced() {
    let dir = Dir::new();
    for name in ["index.html", "robots.txt", "a.css", ".well-known/security.txt"] {
        dir.write(name, "");
    }
    let addressings = |pipeline: Pipeline| -> Vec<Addressing> {
        pipeline.process().unwrap().assets().iter().map(|asset| asset.addressing()).collect()
    };
    use Addressing::{Plain, Stamped};
    assert_eq!(addressings(Pipeline::new(dir.path())), [Plain, Stamped, Plain, Plain]);
    assert_eq!(
        addressings(Pipeline::new(dir.path()).plain(["a.css"])),
        [Stamped, Plain, Stamped, Stamped]
    );
}

#[test]
fn what_others_look_for_at_the_root_is_there_too() {
    let names = [
        ".well-known/acme-challenge/x",
        "apple-touch-icon-120x120.png",
        "docs/robots.txt",
        "favicon.ico",
        "index.html",
        "llms.txt",
        "robots.txt",
        "sitemap-1.xml",
        "style.css",
        "sw.js",
    ];
    let bundle = |configure: &dyn Fn(Pipeline) -> Pipeline| {
        let pipeline = Pipeline::new("no such folder").allow_missing(true);
        let pipeline = names.into_iter().fold(pipeline, |it, name| it.file(name, name));
        configure(pipeline).process().unwrap()
    };
    let at_root = |bundle: &Bundle| -> Vec<String> {
        let assets = bundle.assets().iter().filter(|asset| asset.is_at_root());
        assets.map(|asset| asset.name().to_owned()).collect()
    };
    let default = bundle(&|it| it);
    let expected = [
        ".well-known/acme-challenge/x",
        "apple-touch-icon-120x120.png",
        "favicon.ico",
        "robots.txt",
        "sitemap-1.xml",
        "sw.js",
    ];
    assert_eq!(at_root(&default), expected);
    let chosen = bundle(&|it| it.at_root(["/llms.txt", "robots.txt"]));
    assert_eq!(at_root(&chosen), ["docs/robots.txt", "llms.txt", "robots.txt"]);
    for none in [bundle(&|it| it.at_root([""; 0])), bundle(&|it| it.mount("/"))] {
        assert_eq!(at_root(&none), [""; 0]);
    }

    let program = default.leak().unwrap();
    let llms = "`llms.txt` is at the root of the site only here, or only in the program";
    assert!(chosen.differences(&program).contains(&llms.to_owned()));
    let robots = program.get("robots.txt").unwrap();
    assert_eq!(program.resolve("/robots.txt"), Resolved::Plain(robots));
    assert_eq!(program.resolve("/index.html"), Resolved::Unknown);
}

#[test]
fn differences_between_a_program_and_a_folder_are_named() {
    let dir = Dir::new();
    for name in ["same.css", "edited.css", "touched.css", "removed.css"] {
        dir.write_at(1_452_929_749, name, name);
    }
    let process = || Pipeline::new(dir.path()).process().unwrap();
    let program = process().leak().unwrap();
    assert_eq!(process().differences(&program), Vec::<String>::new());
    dir.write_at(1_452_929_749, "edited.css", "EDITED.css");
    dir.write_at(1_452_929_750, "touched.css", "touched.css");
    fs::remove_file(dir.join("removed.css")).unwrap();
    dir.write("added.css", "");
    assert_eq!(
        process().differences(&program),
        [
            "`added.css` is not in the program",
            "`edited.css` has other bytes than in the program",
            "`touched.css` has the URL `/static/touched.1452929750.css`, and in the program \
             `/static/touched.1452929749.css`",
            "`removed.css` is only in the program",
        ]
    );
}
