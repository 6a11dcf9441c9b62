//! Builds programs whose contents the linker places.

mod support;

use std::fs;
use std::time::SystemTime;
use support::Project;

const BUILD: &str =
    "stamped_build::Pipeline::new(\"assets\").embed(stamped_build::Embed::Linked).bake()";

/// Compares every asset with its file.
const COMPARE: &str = r#"
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unreachable_pub, clippy::all)]
//! A program.
mod assets { stamped::include_assets!(); }

const EMPTY: stamped::Asset = assets::asset!("empty.css");

fn main() {
    assert_eq!(EMPTY.text(), Some(""));
    for asset in assets::ASSETS {
        let file = std::fs::read(format!("{}/assets/{}", env!("CARGO_MANIFEST_DIR"), asset.name())).unwrap();
        assert!(asset.bytes() == file, "{asset}");
        assert_eq!(asset.text(), std::str::from_utf8(&file).ok(), "{asset}");
    }
    println!("{}", assets::asset!("a.txt").text().unwrap());
}
"#;

fn project(name: &str) -> Project {
    let project = Project::new(name);
    project.build_script(BUILD);
    project.write("assets/a.txt", "one");
    project.write("assets/empty.css", "");
    project.write("assets/\u{56fe}.txt", "\u{56fe}");
    project.write("assets/b.png", (0..=255).cycle().take(70_000).collect::<Vec<u8>>());
    project.write("src/main.rs", COMPARE);
    project
}

/// A time for an edit: of two contents of one second, the build warns.
fn seconds_from_now(seconds: u64) -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    now.as_secs() + 1 + seconds
}

/// The files that the compiler or the linker takes, by extension.
fn baked(project: &Project) -> Vec<String> {
    let folder = project.generated("");
    let mut extensions: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().extension().unwrap().to_str().unwrap().to_owned())
        .filter(|extension| !["memo", "unchanged", "versions"].contains(&extension.as_str()))
        .collect();
    extensions.sort_unstable();
    extensions
}

#[test]
fn linked_contents_are_those_of_the_files_after_every_change() {
    let project = project("linked");
    for (text, seconds) in ["one", "two", "a longer one", ""].into_iter().zip(0..) {
        project.write_at(seconds_from_now(seconds), "assets/a.txt", text);
        assert_eq!(project.run(), format!("{text}\n"));
    }
    let output = project.cargo(&["run", "--release"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    project.build_script(&BUILD.replace("Linked", "Auto"));
    assert_eq!(project.run(), "\n");
    assert_eq!(baked(&project), ["binary", "index", "rs", "run", "strings", "text"]);
}

#[test]
fn there_is_one_library_and_no_second_copy_of_the_contents() {
    let project = project("linked-once");
    project.run();
    project.write_at(seconds_from_now(1), "assets/a.txt", "two");
    project.run();
    let library = if cfg!(all(windows, target_env = "msvc")) { "lib" } else { "a" };
    assert_eq!(baked(&project), [library, "index", "rs", "run", "strings"]);
}

/// All crates of one package find the library, each by itself: its library, its programs and its
/// tests; and a program may hold the same contents twice.
#[test]
fn a_library_its_program_and_their_tests_share_linked_contents() {
    let project = project("linked-shared");
    project.write(
        "src/lib.rs",
        "//! A library.\nmod assets { stamped::include_assets!(); }\n/// Text.\n///\n\
         /// ```\n/// assert_eq!(linked_shared::text(), \"one\");\n/// ```\npub fn text() -> &'static str \
         { assets::asset!(\"a.txt\").text().unwrap() }\n",
    );
    project.write(
        "src/main.rs",
        "mod assets { stamped::include_assets!(); }\nfn main() {\n    \
         println!(\"{} {}\", linked_shared::text(), assets::asset!(\"a.txt\").text().unwrap());\n    \
         println!(\"{}\", assets::asset!(\"b.png\").bytes().len());\n}\n",
    );
    project.write(
        "tests/all.rs",
        "mod assets { stamped::include_assets!(); }\n#[test]\nfn same() {\n    \
         assert_eq!(linked_shared::text(), assets::asset!(\"a.txt\").text().unwrap());\n}\n",
    );
    assert_eq!(project.run(), "one one\n70000\n");
    let output = project.cargo(&["test"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.matches(" 1 passed").count(), 2, "{said}");
}

/// A library with two bundles, whose binary areas are equal, and whose text is in the program's bundle too.
fn workspace(name: &str) -> Project {
    let project = project(name);
    project.manifest(
        "shop = { path = \"shop\" }\nstamped = { path = \"STAMPED\" }\n",
        "[workspace]\nmembers = [\"shop\"]\n\n[profile.release]\nlto = \"fat\"\ncodegen-units = 1\n\
         panic = \"abort\"\nstrip = true\n",
    );
    let manifest = fs::read_to_string(project.path("Cargo.toml")).unwrap();
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    let manifest = manifest.replace("\"STAMPED\"", &format!("{:?}", crates.join("stamped")));
    project.write("Cargo.toml", manifest);
    project.write(
        "shop/Cargo.toml",
        format!(
            "[package]\nname = \"shop\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lib]\n\
             crate-type = [\"rlib\", \"cdylib\", \"staticlib\"]\n\n[dependencies]\nstamped = {{ path = {:?} }}\n\n\
             [build-dependencies]\nstamped-build = {{ path = {:?} }}\n",
            crates.join("stamped"),
            crates.join("stamped-build"),
        ),
    );
    project.write(
        "shop/build.rs",
        "use stamped_build::{Embed, Pipeline};\nfn main() -> Result<(), stamped_build::Error> {\n    \
         Pipeline::new(\"../assets\").exclude(\"*.png\").embed(Embed::Linked).bake()?;\n    \
         Pipeline::new(\"admin\").bundle_name(\"admin\").embed(Embed::Linked).bake()\n}\n",
    );
    project.write("shop/admin/page.html", "<title>administration</title>");
    project.write(
        "shop/src/lib.rs",
        r#"//! A library.
/// The shop's own.
pub mod assets { stamped::include_assets!(pub); }
/// Of its second bundle.
pub mod admin { stamped::include_assets!(pub "admin"); }

/// ```
/// assert_eq!(shop::title().len(), 29);
/// ```
pub fn title() -> &'static str { admin::asset!("page.html").text().unwrap() }

#[unsafe(no_mangle)]
extern "C" fn shop_bytes() -> usize {
    let all = assets::ASSETS.iter().chain(admin::ASSETS.iter());
    all.map(|asset| asset.bytes().iter().map(|&byte| usize::from(byte)).sum::<usize>()).sum()
}

#[test]
fn both_are_there() {
    assert!(title().contains("administration"));
    assert_eq!(assets::asset!("a.txt").text(), Some("one"));
}
"#,
    );
    project.write(
        "src/main.rs",
        r#"
mod assets { stamped::include_assets!(); }

const OF_THE_LIBRARY: stamped::Asset = shop::assets::asset!("a.txt");

fn main() {
    let own = assets::asset!("a.txt");
    assert_eq!(own.bytes(), OF_THE_LIBRARY.bytes());
    println!("{} {}", own.text().unwrap(), shop::title());
    println!("{}", assets::asset!("b.png").bytes().len());
}
"#,
    );
    project
}

const SAID: &str = "one <title>administration</title>\n70000\n";

/// Link-time optimisation sees all code at once, and stripping leaves no symbol.
#[test]
fn bundles_of_a_library_and_its_program_do_not_collide() {
    let project = workspace("linked-workspace");
    assert_eq!(project.run(), SAID);

    let output = project.cargo(&["test", "--workspace"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.matches(" 1 passed").count(), 2, "{said}");

    let output = project.cargo(&["run", "--release"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), SAID);
}

/// The compiler is asked for other kinds of programs, and a program in C takes the library.
#[cfg(target_os = "linux")]
#[test]
fn linked_contents_are_in_every_kind_of_program() {
    let project = workspace("linked-kinds");
    let output = std::process::Command::new("rustc").args(["--print", "target-libdir"]).output();
    let standard_library = String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned();
    let mut flags = vec!["prefer-dynamic", "link-dead-code"];
    if cfg!(target_env = "gnu") {
        flags.push("target-feature=+crt-static");
    }
    for flag in flags {
        let output = project.cargo(&["rustc", "--bin", "linked-kinds", "--", "-C", flag]);
        assert!(output.status.success(), "{flag}: {}", String::from_utf8_lossy(&output.stderr));
        let mut command = std::process::Command::new(project.program("debug"));
        let output = command.env("LD_LIBRARY_PATH", &standard_library).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(String::from_utf8_lossy(&output.stdout), SAID, "{flag}: {said}");
    }

    let output = project.cargo(&["build", "-p", "shop"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let built = project.program("debug").with_file_name("");
    project.write(
        "main.c",
        "#include <stdio.h>\nsize_t shop_bytes(void);\nint main() { printf(\"%zu\\n\", shop_bytes()); }\n",
    );
    let sum = |text: &str| text.bytes().map(usize::from).sum::<usize>();
    let expected = sum("one") + sum("\u{56fe}") + sum("<title>administration</title>");
    for library in ["libshop.a", "libshop.so"] {
        let program = project.path("main");
        let mut command = std::process::Command::new("cc");
        command.arg(project.path("main.c")).arg(built.join(library)).arg("-o").arg(&program);
        let output = command.args(["-lgcc_s", "-lm", "-lpthread", "-ldl"]).output().unwrap();
        assert!(output.status.success(), "{library}: {}", String::from_utf8_lossy(&output.stderr));
        let output =
            std::process::Command::new(program).env("LD_LIBRARY_PATH", &built).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{expected}\n"), "{library}");
    }
}

/// The build script is told of a target for which there is no compiler.
#[test]
fn a_target_without_a_format_is_an_error_only_if_the_linker_was_asked_for() {
    let project = project("linked-nowhere");
    let elsewhere = "for (name, value) in [(\"CARGO_CFG_TARGET_ARCH\", \"wasm32\"), (\"CARGO_CFG_TARGET_OS\", \"unknown\"), \
         (\"TARGET\", \"wasm32-unknown-unknown\")] { unsafe { std::env::set_var(name, value) } }\n    ";
    let build = format!("{elsewhere}{BUILD}");
    project.build_script(&build);
    let said = project.fails("build");
    assert!(
        said.contains(
            "`Embed::Linked` knows no format of static libraries for `wasm32-unknown-unknown`"
        ),
        "{said}"
    );
    assert!(said.contains("use `Embed::Auto`"), "{said}");
    project.write("assets/large.txt", "large ".repeat(100_000));
    project.build_script(&build.replace("Linked", "Auto"));
    assert_eq!(project.run(), "one\n");
    assert!(baked(&project).contains(&"text".to_owned()));
}
