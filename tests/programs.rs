//! Builds programs that use their assets in different ways, and builds them in different places.

mod support;

use std::fs;
use std::path::Path;
use support::{BUILD, MAIN, Project};

#[test]
fn a_url_is_a_literal_and_an_asset_a_constant_anywhere_in_the_crate() {
    let project = Project::new("literal");
    project.write_at(1_452_929_749, "assets/css/style.css", "a{}");
    project.write_at(1_452_929_749, "assets/naïve \"图\" \\ {x}.txt", "text");
    project.write(
        "src/main.rs",
        r#"
#![no_std]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unreachable_pub, clippy::all)]
//! A program.
extern crate std;

mod web {
    pub(crate) mod assets { stamped::include_assets!(); }
}
mod page {
    use crate::web::assets::{asset, url};
    pub(crate) const LINK: &str = concat!("<link href='", url!("css/style.css"), "'>");
    pub(crate) const STYLE: stamped::Asset = asset!("css/style.css");
    pub(crate) static SAME: stamped::Asset = crate::web::assets::asset!("css/style.css");
    pub(crate) const ODD: &str = url!("naïve \"图\" \\ {x}.txt");
}

fn main() {
    use web::assets::ASSETS;
    assert_eq!(page::LINK, "<link href='/static/css/style.1452929749.css'>");
    assert_eq!(page::STYLE.text(), Some("a{}"));
    assert_eq!(page::SAME, ASSETS.get("css/style.css").unwrap());
    assert_eq!(std::format!("{:>40}|", page::STYLE), "        /static/css/style.1452929749.css|");
    assert_eq!(page::ODD, "/static/na%C3%AFve%20%22%E5%9B%BE%22%20%5C%20%7Bx%7D.1452929749.txt");
    assert_eq!(ASSETS.resolve(page::ODD), stamped::Resolved::Exact(ASSETS.get("naïve \"图\" \\ {x}.txt").unwrap()));
}
"#,
    );
    project.run();
}

#[test]
fn each_asset_is_a_constant_where_that_is_asked_for() {
    let project = Project::new("constants");
    project.build_script("stamped_build::Pipeline::new(\"assets\").constants(true).bake()");
    for name in [
        "css/style.min.css",
        "css/2x/a.css",
        "css.txt",
        "img/My Icons/\u{56fe} (1).png",
        "404.html",
        "type/caf\u{e9}.svg",
        "url/a",
        "asset/assets",
        "assets",
        "std/core.js",
        "self/\u{1f600}.png",
    ] {
        project.write(&format!("assets/{name}"), name);
    }
    project.write(
        "src/main.rs",
        r#"
#![forbid(unsafe_code, unused)]
#![deny(warnings, missing_docs, unreachable_pub, clippy::all, nonstandard_style)]
//! A program.

/// What it serves.
pub mod assets { stamped::include_assets!(); }
use assets::{css, img, self_, type_};

const STYLE: stamped::Asset = css::STYLE_MIN_CSS;

fn main() {
    assert_eq!(STYLE, assets::asset!("css/style.min.css"));
    assert_eq!(STYLE.url(), assets::url!("css/style.min.css"));
    for (asset, name) in [
        (css::_2x::A_CSS, "css/2x/a.css"),
        (assets::CSS_TXT, "css.txt"),
        (img::my_icons::图_1_PNG, "img/My Icons/图 (1).png"),
        (assets::_404_HTML, "404.html"),
        (type_::CAFÉ_SVG, "type/café.svg"),
        (assets::url_::A, "url/a"),
        (assets::asset_::ASSETS, "asset/assets"),
        (assets::ASSETS_, "assets"),
        (assets::std::CORE_JS, "std/core.js"),
        (self_::U1F600_PNG, "self/😀.png"),
    ] {
        assert_eq!(asset.text(), Some(name));
    }
    assert_eq!(assets::ASSETS.len(), 11);
}
"#,
    );
    project.run();
    // A program that uses none of them has no warning either.
    project.write("src/main.rs", "#![deny(warnings)] mod assets { stamped::include_assets!(); } fn main() { println!(\"{}\", assets::ASSETS.len()); }");
    project.run();

    project.write("assets/css/style-min.css", "");
    let said = project.fails("check");
    assert!(said.contains("would both be the constant `css::STYLE_MIN_CSS`"), "{said}");
    assert!(said.contains("`css/style-min.css`") && said.contains("`css/style.min.css`"), "{said}");
}

#[test]
fn a_crate_may_forbid_whatever_the_compiler_warns_of() {
    let project = Project::new("forbids");
    project.write("assets/css/style.css", "a{}");
    // Nothing of the bundle is used.
    project.write(
        "src/main.rs",
        "#![forbid(unused, unsafe_code, missing_docs, unreachable_pub)]\n//! A program.\n\
         mod assets { stamped::include_assets!(); }\nfn main() {}",
    );
    project.run();
}

#[test]
fn a_program_can_have_several_bundles() {
    let project = Project::new("bundles");
    project.write_at(1_452_929_749, "assets/a.css", "a");
    project.write_at(1_452_929_750, "admin/a.css", "b");
    project.build_script(
        r#"stamped_build::Pipeline::new("assets").bake()?;
    stamped_build::Pipeline::new("admin").bundle_name("admin").mount("/admin").bake()"#,
    );
    project.write(
        "src/main.rs",
        r#"
mod assets { stamped::include_assets!(); }
mod admin { stamped::include_assets!("admin"); }

fn main() {
    println!("{} {}", assets::url!("a.css"), admin::url!("a.css"));
    assert_eq!(assets::asset!("a.css").text(), Some("a"));
    assert_eq!(admin::asset!("a.css").text(), Some("b"));
    assert_ne!(assets::asset!("a.css"), admin::asset!("a.css"));
}
"#,
    );
    assert_eq!(project.run(), "/static/a.1452929749.css /admin/a.1452929750.css\n");
}

/// A library and a program in one workspace, each with a bundle of its own; the program's package has
/// a library too, which shares its name.
#[test]
fn two_crates_of_one_program_can_each_have_a_bundle() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("crates");
    let _ = fs::remove_dir_all(&root);
    let widgets = Project::at("crates-widgets", &root.join("w"), "package");
    widgets.write_at(1_452_929_749, "assets/w.css", "widgets");
    fs::remove_file(widgets.path("src/main.rs")).unwrap();
    let library = "pub mod assets { stamped::include_assets!(); }\n\
        pub const STYLE: stamped::Asset = assets::asset!(\"NAME\");\n\
        pub fn style() -> &'static str { assets::url!(\"NAME\") }\n";
    widgets.write("src/lib.rs", library.replace("NAME", "w.css"));
    let program = Project::at("crates-program", &root.join("p"), "package");
    program.manifest(
        &format!(
            "crates-widgets = {{ path = {:?} }}\nstamped = {{ path = {:?} }}",
            widgets.path(""),
            Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/stamped")
        ),
        "",
    );
    program.write_at(1_452_929_750, "assets/p.css", "program");
    program.write("src/lib.rs", library.replace("NAME", "p.css"));
    program.write(
        "src/main.rs",
        "mod assets { stamped::include_assets!(); }\n\
         fn main() {\n\
           assert_eq!(assets::asset!(\"p.css\").text(), Some(\"program\"));\n\
           assert_eq!(crates_program::STYLE.text(), Some(\"program\"));\n\
           assert_eq!(crates_widgets::STYLE.text(), Some(\"widgets\"));\n\
           println!(\"{} {}\", crates_program::style(), crates_widgets::style());\n\
         }\n",
    );
    assert_eq!(program.run(), "/static/p.1452929750.css /static/w.1452929749.css\n");
}

/// As in integration tests, other programs of the package, and packages that depend on it.
#[test]
fn a_library_can_share_its_assets_with_other_crates() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shared");
    let _ = fs::remove_dir_all(&root);
    let library = Project::at("shared-assets", &root.join("l"), "package");
    library.write_at(1_452_929_749, "assets/a.css", "a");
    library.write_at(1_452_929_749, "assets/b.js", "b");
    library.write_at(1_452_929_750, "admin/a.css", "admin");
    library.build_script(
        "stamped_build::Pipeline::new(\"assets\").bake()?;\n    \
         stamped_build::Pipeline::new(\"admin\").bundle_name(\"ad-min\").mount(\"/admin\").bake()",
    );
    library.write(
        "src/lib.rs",
        "#![forbid(unsafe_code, missing_docs, unreachable_pub)]\n//! Assets.\n\
         /// For all.\npub mod assets { stamped::include_assets!(pub); }\n\
         // In the root of the crate.\nstamped::include_assets!(pub \"ad-min\");\n\
         /// Its own.\npub const OWN: (&str, stamped::Asset) =\n\
         \x20   (concat!(crate::assets::url!(\"a.css\"), '!'), asset!(\"a.css\"));\n",
    );
    let uses = "assert_eq!(shared_assets::assets::url!(\"a.css\"), \"/static/a.1452929749.css\");\n\
        assert_eq!(concat!(shared_assets::url!(\"a.css\"), '!'), \"/admin/a.1452929750.css!\");\n\
        assert_eq!(shared_assets::OWN.1, shared_assets::asset!(\"a.css\"));\n\
        const SCRIPT: &str = match shared_assets::assets::asset!(\"b.js\") { _ => \"b\" };\n\
        assert_eq!(shared_assets::assets::asset!(\"b.js\").text(), Some(SCRIPT));\n";
    // The program has the bundle for itself too.
    library.write(
        "src/main.rs",
        format!(
            "mod assets {{ stamped::include_assets!(); }}\n\
             fn main() {{ {uses} assert_eq!(assets::asset!(\"a.css\").url(), assets::url!(\"a.css\")); }}"
        ),
    );
    library.run();
    library.write("tests/pages.rs", format!("#[test] fn pages() {{ {uses} }}"));
    let output = library.cargo(&["test", "--test", "pages"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    // Without a build script, and without a dependency on `stamped`.
    let program = Project::at("shared-program", &root.join("p"), "package");
    fs::remove_file(program.path("build.rs")).unwrap();
    let path = library.path("");
    program.write(
        "Cargo.toml",
        format!(
            "[package]\nname = \"shared-program\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\
             [dependencies]\nshared-assets = {{ path = {path:?} }}\n[workspace]\n"
        ),
    );
    program.write("src/main.rs", format!("fn main() {{ {uses} }}"));
    program.run();
    program.write("src/main.rs", "fn main() { shared_assets::assets::url!(\"a.cs\"); }");
    let said = program.fails("check");
    assert!(said.contains("no asset is named `a.cs` in `assets`"), "{said}");
    assert!(said.contains("did you mean `a.css`?"), "{said}");
}

#[test]
fn the_crate_may_be_renamed() {
    let project = Project::new("renamed");
    project.write_at(1_452_929_749, "assets/a.css", "a");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/stamped");
    project.manifest(&format!("immutable = {{ package = \"stamped\", path = {path:?} }}"), "");
    project.write(
        "src/main.rs",
        MAIN.replace("stamped::", "immutable::")
            + "const A: immutable::Asset = assets::asset!(\"a.css\");\nconst _: &str = assets::url!(\"a.css\");\n#[allow(unused)] fn a() -> immutable::Asset { A }",
    );
    assert_eq!(project.run(), "a.css /static/a.1452929749.css 1\n");
}

#[test]
fn older_editions_can_use_it() {
    for edition in ["2018", "2021"] {
        let project = Project::new(&format!("edition-{edition}"));
        project.write_at(1_452_929_749, "assets/a.css", "a");
        let manifest = fs::read_to_string(project.path("Cargo.toml")).unwrap();
        project.write("Cargo.toml", manifest.replace("2024", edition));
        project.write(
            "src/main.rs",
            MAIN.replace("println!", "let _ = assets::asset!(\"a.css\"); println!"),
        );
        assert_eq!(project.run(), "a.css /static/a.1452929749.css 1\n");
    }
}

#[test]
fn a_workspace_member_with_assets_outside_of_it_and_spaces_in_its_path_builds_from_anywhere() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("a workspace");
    let _ = fs::remove_dir_all(&root);
    let member = Project::at("member", &root.join("my members"), "the member");
    let manifest =
        fs::read_to_string(member.path("Cargo.toml")).unwrap().replace("[workspace]\n", "");
    member.write("Cargo.toml", manifest);
    fs::write(
        root.join("Cargo.toml"),
        "[workspace]\nmembers = [\"my members/the member\"]\nresolver = \"3\"\n",
    )
    .unwrap();
    fs::rename(member.path("Cargo.lock"), root.join("Cargo.lock")).unwrap();
    fs::create_dir_all(root.join("web assets")).unwrap();
    member.write_at(1_452_929_749, "../../web assets/a b.css", "a");
    member.build_script("stamped_build::Pipeline::new(\"../../web assets\").bake()");
    assert_eq!(member.run(), "a b.css /static/a%20b.1452929749.css 1\n");
    member.run();
    assert_eq!(member.runs(), 1);
}

#[test]
fn equal_trees_give_equal_files_and_no_path_of_the_build_machine() {
    let files = ["assets.rs", "assets.index", "assets.strings", "assets.text", "assets.binary"];
    let build = |name: &str, time: u64| -> Vec<Vec<u8>> {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&root);
        let project = Project::at("equal", &root, "package");
        project.build_script(
            "stamped_build::Pipeline::new(\"assets\").stamp(stamped_build::Stamp::Content).bake()",
        );
        // In another order and of another time.
        let mut names = ["b.css", "a.css", "img/x.bin", "z/y/x.txt"];
        if time.is_multiple_of(2) {
            names.reverse();
        }
        for name in names {
            project.write_at(time, &format!("assets/{name}"), [name.as_bytes(), b"\xff"].concat());
        }
        project.run();
        let bytes = files.map(|file| fs::read(project.generated(file)).unwrap());
        let root = project.root().to_str().unwrap().as_bytes().to_owned();
        for bytes in &bytes {
            assert!(!bytes.windows(root.len()).any(|window| window == root));
        }
        bytes.to_vec()
    };
    assert_eq!(build("equal-one", 1_452_929_749), build("equal-two", 1_600_000_000));
}

#[test]
fn a_large_file_and_an_empty_one_are_there_to_the_byte() {
    let project = Project::new("large");
    let large: Vec<u8> =
        (0..50 << 20).map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    project.write("assets/large.bin", &large);
    project.write("assets/same.bin", &large);
    project.write("assets/empty.bin", "");
    project.write(
        "src/main.rs",
        MAIN.replace(
            "fn main() {",
            "fn main() {\n    let large = assets::asset!(\"large.bin\").bytes();\n    \
             assert!(large.iter().enumerate().all(|(i, &b)| b == ((i as u32).wrapping_mul(2_654_435_761) >> 24) as u8));\n    \
             assert_eq!(large.as_ptr(), assets::asset!(\"same.bin\").bytes().as_ptr());",
        ),
    );
    let output = project.run();
    assert!(
        output.lines().any(|line| line.starts_with("large.bin ") && line.ends_with(" 52428800")),
        "{output}"
    );
    assert!(
        output.lines().any(|line| line.starts_with("empty.bin ") && line.ends_with(" 0")),
        "{output}"
    );
    // Equal contents are stored once, by the compiler or the linker.
    let folder = project.generated("");
    let sizes = fs::read_dir(folder).unwrap().map(|file| file.unwrap().metadata().unwrap().len());
    let stored: u64 = sizes.sum();
    assert!((50 << 20..60 << 20).contains(&stored), "{stored}");
}

#[test]
fn warnings_and_errors_of_the_build_reach_the_user() {
    let project = Project::new("told");
    project.write("assets/a.css", "");
    project.build_script("stamped_build::Pipeline::new(\"asets\").bake()");
    let said = project.fails("build");
    assert!(said.contains("Error: there is no folder `asets`; did you mean `assets`?"), "{said}");
    project.write("assets/a.css", "b{c:url(gone.png)}");
    project.build_script(BUILD);
    let output = project.cargo(&["build"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let warning = said.lines().find(|line| line.starts_with("warning: told@0.0.0: "));
    let warning = warning.unwrap_or_else(|| panic!("there is no warning: {said}"));
    assert!(warning.contains("a.css:1:9") && warning.contains("`gone.png`"), "{warning}");
    project.write_at(1_452_929_749, "assets/a.css", "");
    project.build_script(
        "stamped_build::Pipeline::new(\"assets\").stamp(stamped_build::Stamp::Committed).bake()",
    );
    // The target folder of this repository is ignored.
    let output = project.cargo(&["build"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("git ignores `a.css`"), "{said}");
}

#[test]
fn the_program_in_the_readme_builds_and_runs() {
    let readme = include_str!("../README.md");
    let block = |first: &str| {
        let start = readme.find(&format!("```rust\n// {first}\n")).unwrap() + "```rust\n".len();
        let block = &readme[start..];
        &block[..block.find("```").unwrap()]
    };
    let project = Project::new("readme");
    project.write("build.rs", block("build.rs"));
    project.write("src/main.rs", block("src/main.rs"));
    project.write_at(1_452_929_749, "assets/css/style.css", "a{}");
    project.write_at(1_452_929_750, "assets/img/logo.svg", "<svg/>");
    assert_eq!(
        project.run(),
        "<link rel=stylesheet href='/static/css/style.1452929749.css'><img src='/static/img/logo.1452929750.svg'><svg/>\n\
         3 bytes, for a year\n"
    );
}
