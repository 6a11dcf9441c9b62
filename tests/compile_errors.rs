//! Makes the mistakes that a program and its build script can have, and reads what cargo says: the
//! cause, the place and the way out, each once.

mod support;

use std::fs;
use support::{BUILD, MAIN, Project};

/// What cargo says of a mistake.
struct Said(String);

impl Said {
    #[track_caller]
    fn all(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(self.0.contains(part), "`{part}` is not said: {}", self.0);
        }
        self
    }

    /// The errors, each by its first line.
    fn errors(&self) -> Vec<&str> {
        let lines = self.0.lines().filter(|line| line.starts_with("error") && line.contains(": "));
        lines.filter(|line| !line.starts_with("error: could not compile")).collect()
    }
}

#[track_caller]
fn fails(project: &Project, command: &str) -> Said {
    Said(project.fails(command))
}

/// A program whose main prints an expression.
fn prints(expression: &str) -> String {
    format!(
        "mod assets {{ stamped::include_assets!(); }}\n\
         fn main() {{ println!(\"{{}} {{:?}}\", {expression}, assets::ASSETS); }}\n"
    )
}

#[test]
fn a_name_that_no_asset_has_is_an_error_at_its_place_with_the_nearest_name() {
    let project = Project::new("misspelt");
    project.write("assets/css/style.css", "a{}");
    project.write("assets/img/Logo.svg", "<svg/>");
    let style = Some("css/style.css");
    let mistakes = [
        ("css/stile.css", style),
        ("css/stlye.css", style),
        ("CSS/Style.css", style),
        ("img/logo.svg", Some("img/Logo.svg")),
        ("style.css", style),
        ("/static/css/style.css", style),
        ("static/css/style.css", style),
        ("assets/css/style.css", style),
        ("./css/style.css", style),
        ("js/app.js", None),
        ("", None),
    ];
    // A mistake in each line.
    let mut main = "mod assets { stamped::include_assets!(); } fn main() { println!(\"{:?}\", assets::ASSETS);\n".to_owned();
    for (name, _) in mistakes {
        main += &format!("println!(\"{{}}\", assets::url!(\"{name}\"));\n");
        main += &format!("const _: stamped::Asset = assets::asset!(\"{name}\");\n");
    }
    project.write("src/main.rs", main + "}\n");
    let said = fails(&project, "check");
    for (number, (name, nearest)) in mistakes.into_iter().enumerate() {
        for line in [2 * number + 2, 2 * number + 3] {
            let place = format!(" --> src/main.rs:{line}:");
            let blocks = said.0.split("\n\n").filter(|block| block.contains(&place));
            let errors: Vec<&str> = blocks
                .filter_map(|block| block.lines().rfind(|line| line.starts_with("error")))
                .collect();
            let mut expected = vec![format!("error: no asset is named `{name}` in `assets`")];
            expected.extend(
                nearest.map(|near| {
                    format!("error[E0080]: evaluation panicked: did you mean `{near}`?")
                }),
            );
            assert_eq!(errors, expected, "{}", said.0);
        }
    }
    assert!(!said.0.contains("generated.rs"), "this shows the crate's own code: {}", said.0);
    // Where only a literal will do, and in a build.
    project.write("src/main.rs", prints("concat!(\"<\", assets::url!(\"css/stile.css\"))"));
    fails(&project, "build")
        .all(&["no asset is named `css/stile.css` in `assets`", "src/main.rs:2"]);
    project.write("src/main.rs", prints("{ let name = \"css/style.css\"; assets::url!(name) }"));
    fails(&project, "check").all(&["`url!` takes the name of an asset as a string literal"]);
}

/// The compiler gives up on a constant that takes it too long, and says so instead.
#[test]
fn the_nearest_of_many_names_is_found() {
    let project = Project::new("many-names");
    project.build_script(
        r#"(0..12_000).fold(stamped_build::Pipeline::new("assets"), |pipeline, number| {
        pipeline.file(format!("images/products/{}/photo-{number}.jpg", number % 50), "")
    }).bake()"#,
    );
    project.write("src/main.rs", prints("assets::url!(\"image/products/13/photo-4513.jpg\")"));
    let said = fails(&project, "check");
    said.all(&["did you mean `images/products/13/photo-4513.jpg`?"]);
    assert_eq!(said.errors().len(), 2, "{}", said.0);
}

#[test]
fn a_bundle_that_the_build_script_does_not_bake_is_an_error_that_lists_those_that_it_bakes() {
    let project = Project::new("unbaked");
    project.write("assets/a.css", "");
    project.build_script(
        "stamped_build::Pipeline::new(\"assets\").bake()?;\n    \
         stamped_build::Pipeline::new(\"assets\").bundle_name(\"admin\").bake()",
    );
    let include = |arguments: &str| {
        project.write(
            "src/main.rs",
            format!("mod a {{ stamped::include_assets!({arguments}); }}\nfn main() {{}}\n"),
        );
        let said = fails(&project, "check");
        // The compiler adds what follows from it.
        let follows =
            ["couldn't read", "`OUT_DIR` not defined", "attribute value must be a literal"];
        for more in &said.errors()[1..] {
            assert!(follows.iter().any(|one| more.contains(one)), "{}", said.0);
        }
        said.all(&["src/main.rs:1"]);
        said
    };
    let no_admn = "build.rs bakes no bundle `admn`, only `assets`, `admin`: include one of these";
    include("\"admn\"").all(&[no_admn, "`.bundle_name(…)`"]);
    include("pub \"admn\"").all(&[no_admn]);
    include("admin").all(&["takes the name of a bundle as a string literal", "`pub`"]);
    // What an earlier run of the script baked is still there.
    project.build_script("stamped_build::Pipeline::new(\"assets\").bundle_name(\"admin\").bake()");
    include("").all(&["build.rs bakes no bundle `assets`, only `admin`"]);
    let none = ["build.rs bakes no assets", "`cargo add --build stamped-build`", ".bake()`"];
    project.build_script("Ok(())");
    include("").all(&none);
    fs::remove_file(project.path("build.rs")).unwrap();
    include("").all(&none);
    project.build_script(&format!("{BUILD}?;\n    {BUILD}"));
    fails(&project, "build").all(&["two bundles named `assets`", "`.bundle_name(…)`"]);
    project.build_script(BUILD);
    project.write("src/main.rs", MAIN);
    project.run();
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
    let layout = format!("layout 4 of \"{version}\"");
    assert!(code.contains(&layout), "{code}");
    // Later versions may also write what this one does not know.
    let later = code.replace(&layout, &format!("layout 9 of \"{other}\""));
    fs::write(&generated, later.replace("strings include_str", "words include_str")).unwrap();
    let said = fails(&project, "build");
    let error = format!(
        "error: the assets were baked by stamped-build {other}, which does not fit stamped {version}: \
         update `stamped` or `stamped-build` in Cargo.toml, so that both have the same version"
    );
    assert_eq!(said.errors(), [error], "{}", said.0);
    // Another version of the same layout fits.
    let patch = code.replace(&layout, &format!("layout 4 of \"{other}\""));
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
