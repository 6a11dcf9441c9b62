//! Builds programs that use their assets in different ways, and builds them in different places.

mod support;

use std::fs;
use std::path::Path;
use support::{BUILD, MAIN, Project, url_of};

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
fn a_misspelt_name_is_a_compile_error_that_names_it_also_under_check() {
    let project = Project::new("misspelt");
    project.write("assets/css/style.css", "a{}");
    let main = |body: &str| {
        project
            .write("src/main.rs", format!("mod assets {{ stamped::include_assets!(); }}\n{body}"));
    };
    main(
        "fn main() { println!(\"{}\", assets::url!(\"css/stylo.css\")); let _ = assets::ASSETS; }",
    );
    for command in ["check", "build"] {
        let said = project.fails(command);
        assert!(said.contains("no asset is named `css/stylo.css` in `assets`"), "{said}");
        assert!(said.contains("src/main.rs:2"), "{said}");
        assert_eq!(errors(&said).len(), 1, "{said}");
    }
    main("const STYLE: stamped::Asset = assets::asset!(\"css/stylo.css\"); fn main() {}");
    let said = project.fails("check");
    assert!(said.contains("no asset is named `css/stylo.css` in `assets`"), "{said}");
    main("fn main() { let name = \"css/style.css\"; println!(\"{}\", assets::url!(name)); }");
    let said = project.fails("check");
    assert!(said.contains("`url!` takes the name of an asset as a string literal"), "{said}");
}

/// The errors in what the compiler says, each by its first line.
fn errors(said: &str) -> Vec<&str> {
    let lines = said.lines().filter(|line| line.starts_with("error") && line.contains(": "));
    lines.filter(|line| !line.starts_with("error: could not compile")).collect()
}

#[test]
fn assets_baked_by_another_version_are_one_error_that_names_both() {
    let project = Project::new("versions");
    project.write("assets/css/style.css", "a{}");
    project.write(
        "src/main.rs",
        "mod assets { stamped::include_assets!(); }\n\
         const STYLE: stamped::Asset = assets::asset!(\"css/style.css\");\n\
         fn main() { println!(\"{STYLE} {} {}\", assets::url!(\"css/style.css\"), assets::ASSETS.len()); }",
    );
    project.run();
    let generated = project.generated("assets.rs");
    let code = fs::read_to_string(&generated).unwrap();
    let (version, other) = (env!("CARGO_PKG_VERSION"), "9.8.7");
    let layout = format!("layout 2 of \"{version}\"");
    assert!(code.contains(&layout), "{code}");
    // Later versions may also write what this one does not know.
    let later = code.replace(&layout, &format!("layout 3 of \"{other}\""));
    fs::write(&generated, later.replace("strings include_str", "words include_str")).unwrap();
    let said = project.fails("build");
    let error = format!(
        "error: the assets were baked by stamped-build {other}, which does not fit stamped {version}: \
         update `stamped` or `stamped-build` in Cargo.toml, so that both have the same version"
    );
    assert_eq!(errors(&said), [error], "{said}");
    // Another version of the same layout fits.
    let patch = code.replace(&layout, &format!("layout 2 of \"{other}\""));
    fs::write(&generated, patch).unwrap();
    project.run();
}

#[test]
fn files_of_a_bundle_that_do_not_belong_together_are_an_error() {
    let project = Project::new("torn");
    project.write("assets/a.css", "a{}");
    project.run();
    for (file, message) in [
        ("assets.index", "the index of this bundle is cut off"),
        ("assets.strings", "the files of this bundle do not belong together"),
        ("assets.text", "the contents of this bundle are cut off"),
    ] {
        let path = project.generated(file);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..1]).unwrap();
        let said = project.fails("build");
        assert!(said.contains(message), "{said}");
        fs::write(&path, whole).unwrap();
    }
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
fn a_package_without_a_build_script_or_without_that_bundle_is_told_so() {
    let project = Project::new("unbaked");
    project
        .write("src/main.rs", "mod admin { stamped::include_assets!(\"admin\"); }\nfn main() {}");
    let said = project.fails("check");
    assert!(said.contains("stamped/admin.rs"), "{said}");
    fs::remove_file(project.path("build.rs")).unwrap();
    let said = project.fails("check");
    assert!(
        said.contains("the assets are baked by a build script, and this package has none"),
        "{said}"
    );
}

/// What an earlier run of the script baked is still there.
#[test]
fn a_bundle_that_is_no_longer_baked_is_a_compile_error() {
    let project = Project::new("stale-bundle");
    project.write("assets/a.css", "");
    project.run();
    for script in
        ["stamped_build::Pipeline::new(\"assets\").bundle_name(\"admin\").bake()", "Ok(())"]
    {
        project.build_script(script);
        let said = project.fails("check");
        assert!(said.contains("the build script no longer bakes the bundle `assets`"), "{said}");
        project.build_script(BUILD);
        project.run();
    }
}

#[test]
fn a_folder_that_contains_the_output_of_the_build_is_an_error() {
    let project = Project::new("own-output");
    for above in [0, 3] {
        project.build_script(&format!(
            r#"let out = std::env::var("OUT_DIR").unwrap();
    let above = std::path::Path::new(&out).ancestors().nth({above}).unwrap();
    stamped_build::Pipeline::new(above).bake()"#
        ));
        let said = project.fails("build");
        assert!(said.contains("contains the output of the build"), "{said}");
        assert!(said.contains("name a folder that holds only assets"), "{said}");
    }
}

/// The file has a size and no blocks, so reading it would show.
#[cfg(unix)]
#[test]
fn a_file_that_is_too_large_to_be_embedded_is_an_error_before_it_is_read() {
    let project = Project::new("too-large");
    let file = fs::File::create(project.path("assets/film.mp4")).unwrap();
    file.set_len(5 << 40).unwrap();
    let said = project.fails("build");
    assert!(said.contains("`film.mp4` has 5120.0 GiB"), "{said}");
    assert!(said.contains("`.embed(Embed::Nothing)`"), "{said}");
    fs::remove_file(project.path("assets/film.mp4")).unwrap();
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
    project.build_script(&format!("{BUILD}?;\n    {BUILD}"));
    let said = project.fails("build");
    assert!(
        said.contains("two bundles named `assets`") && said.contains("`.bundle_name(…)`"),
        "{said}"
    );
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
        let project = Project::new(name);
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
    let stored = fs::metadata(project.generated("assets.binary")).unwrap().len();
    assert_eq!(stored, 50 << 20);
}

#[test]
fn warnings_and_errors_of_the_build_reach_the_user() {
    let project = Project::new("told");
    project.write("assets/a.css", "");
    project.build_script("stamped_build::Pipeline::new(\"asets\").bake()");
    let said = project.fails("build");
    assert!(said.contains("Error: there is no folder `asets`; create it"), "{said}");
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
    let output = project.cargo(&["build"]);
    assert!(output.status.success());
    assert_eq!(url_of(&project.run(), "a.css").len(), "/static/a..css".len() + 10);
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
