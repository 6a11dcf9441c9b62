//! Measures the time that rustc needs for 500 uses of `url!` in a bundle of 10,000 names, beside the same
//! literals.
//!
//!     cargo run --release --manifest-path benches/Cargo.toml -p lookups --bin url_uses

use figures::Table;
use lookups::names::names;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{fs, io};

const NAMES: usize = 10_000;
const USES: usize = 500;
const ROUNDS: usize = 5;

const BUILD: &str = r#"
include!("names.rs");

fn main() -> Result<(), stamped_build::Error> {
    let mut pipeline = stamped_build::Pipeline::new("assets")
        .stamp(stamped_build::Stamp::Fixed(1_452_929_749))
        .embed(stamped_build::Embed::Nothing)
        .encodings([]);
    for name in NAMES {
        pipeline = pipeline.file(*name, "x");
    }
    pipeline.bake()
}
"#;

fn main() -> io::Result<()> {
    let folder = std::env::temp_dir().join("stamped-url-uses");
    fs::create_dir_all(folder.join("assets"))?;
    fs::create_dir_all(folder.join("src/bin"))?;
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates");
    fs::write(folder.join("Cargo.toml"), manifest(&crates))?;
    let names = names(NAMES);
    fs::write(folder.join("names.rs"), format!("const NAMES: &[&str] = &{names:?};"))?;
    fs::write(folder.join("build.rs"), BUILD)?;
    let uses = &names[..USES];
    let contestants = [
        ("literals, no assets", program("", uses, |name| format!("{name:?}"))),
        ("literals, beside the assets", program(ASSETS, uses, |name| format!("{name:?}"))),
        ("`url!`", program(ASSETS, uses, |name| format!("assets::url!({name:?})"))),
    ];
    let mut table = Table::new(
        "compile/url-uses",
        "rustc over 10,000 names and 500 uses of them",
        "s",
        &["check", "debug", "release"],
    );
    let profiles: [&[&str]; 3] = [&["check"], &["build"], &["build", "--release"]];
    let mut columns = Vec::new();
    for profile in profiles {
        let mut runs: Vec<Box<dyn FnMut() -> f64>> = Vec::new();
        for (number, (_, program)) in contestants.iter().enumerate() {
            let (folder, name) = (folder.clone(), format!("program{number}"));
            let source = folder.join(format!("src/bin/{name}.rs"));
            fs::write(&source, program)?;
            compile(&folder, profile, &name);
            let mut round = 0;
            runs.push(Box::new(move || {
                round += 1;
                fs::write(&source, format!("{program}// {round}\n")).unwrap();
                compile(&folder, profile, &name)
            }));
        }
        columns.push(figures::medians(ROUNDS, &mut runs));
    }
    for (number, (name, _)) in contestants.iter().enumerate() {
        table.row(name, columns.iter().map(|column| column.get(number).copied()));
    }
    table.print();
    Ok(())
}

const ASSETS: &str = "mod assets { stamped::include_assets!(); }\n";

fn manifest(crates: &Path) -> String {
    let path = |name: &str| -> PathBuf { crates.join(name) };
    format!(
        "[package]\nname = \"uses\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nstamped = {{ path = {:?} }}\n\n\
         [build-dependencies]\nstamped-build = {{ path = {:?} }}\n",
        path("stamped"),
        path("stamped-build"),
    )
}

/// A program that has each of the names as an expression.
fn program(head: &str, names: &[String], expression: impl Fn(&str) -> String) -> String {
    let mut program = format!("{head}fn main() {{\n");
    for name in names {
        writeln!(program, "    std::hint::black_box({});", expression(name)).unwrap();
    }
    program + "}\n"
}

/// Seconds from the start of cargo to its end. Only the program itself is compiled again.
fn compile(folder: &Path, profile: &[&str], program: &str) -> f64 {
    let start = Instant::now();
    let output = Command::new("cargo")
        .args(profile)
        .args(["--offline", "--bin", program])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("CARGO_INCREMENTAL", "0")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    start.elapsed().as_secs_f64()
}
