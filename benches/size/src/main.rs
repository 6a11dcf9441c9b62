//! Measures what `stamped` adds to a program: bytes, relocations, crates, and time before the first answer.
//!
//!     cargo run --release --manifest-path benches/Cargo.toml -p size
//!
//! The programs are made in the target folder and built without a network, with the versions in
//! `benches/Cargo.lock`. This needs `readelf`, and measures the start only on Linux.

use figures::Table;
use std::collections::BTreeSet;
use std::error::Error;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, fs};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const STARTS: usize = 201;

/// A program that prints something about each of its arguments.
struct Program {
    name: &'static str,
    title: &'static str,
    assets: usize,
    features: &'static str,
    /// From `argument: &str` to what is displayed.
    expression: &'static str,
}

const HANDLED: &str = "{
    let path: http::Uri = argument.parse().unwrap();
    let response = stamped::http::Handler::new(&assets::ASSETS).respond((
        &http::Method::GET,
        &path,
        &http::HeaderMap::new(),
    ));
    assert_eq!(response.status(), 200);
    response.body().len()
}";

const HELLO: Program =
    Program { name: "hello", title: "nothing", assets: 0, features: "", expression: "argument" };

const PROGRAMS: [Program; 5] = [
    HELLO,
    Program {
        name: "urls",
        title: "ASSETS.url, 10 assets",
        assets: 10,
        expression: "assets::ASSETS.url(argument).is_some()",
        ..HELLO
    },
    Program {
        name: "handler-10",
        title: "Handler, 10 assets",
        assets: 10,
        features: "\"http\"",
        expression: HANDLED,
    },
    Program {
        name: "handler-10000",
        title: "Handler, 10,000 assets",
        assets: 10_000,
        features: "\"http\"",
        expression: HANDLED,
    },
    Program {
        name: "handler-50000",
        title: "Handler, 50,000 assets",
        assets: 50_000,
        features: "\"http\"",
        expression: HANDLED,
    },
];

fn main() -> Result<()> {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no parent")?;
    let folder = benches.join("target/size");
    let mut built = Vec::new();
    for program in PROGRAMS {
        let file = program.build(benches, &folder)?;
        built.push((program, file));
    }
    sizes(&built)?;
    relocations(&built)?;
    starts(&built)?;
    crates(benches)
}

impl Program {
    /// The program's file.
    fn build(&self, benches: &Path, folder: &Path) -> Result<PathBuf> {
        let package = folder.join(self.name);
        fs::create_dir_all(package.join("src"))?;
        fs::create_dir_all(package.join("assets"))?;
        fs::copy(benches.join("Cargo.lock"), package.join("Cargo.lock"))?;
        for number in 0..self.assets {
            let file = package.join("assets").join(format!("{number}.txt"));
            if !file.exists() {
                fs::write(file, format!("The text of asset {number}.\n"))?;
            }
        }
        let uses_assets = self.assets > 0;
        write_changed(&package.join("Cargo.toml"), &self.manifest(benches, uses_assets))?;
        write_changed(&package.join("src/main.rs"), &self.source(uses_assets))?;
        if uses_assets {
            write_changed(&package.join("build.rs"), BUILD_SCRIPT)?;
        }
        println!("building `{}`", self.name);
        let status = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
            .args(["build", "--release", "--offline", "--quiet", "--manifest-path"])
            .arg(package.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(folder.join("target"))
            .status()?;
        if !status.success() {
            return Err(format!("`{}` does not build", self.name).into());
        }
        Ok(folder.join("target/release").join(self.name))
    }

    fn manifest(&self, benches: &Path, uses_assets: bool) -> String {
        let crates = benches.with_file_name("crates");
        let dependencies = match uses_assets {
            true => format!(
                "[dependencies]\nhttp = \"1\"\n\
                 stamped = {{ path = {:?}, features = [{}] }}\n\
                 [build-dependencies]\nstamped-build = {{ path = {:?} }}\n",
                crates.join("stamped"),
                self.features,
                crates.join("stamped-build"),
            ),
            false => String::new(),
        };
        format!(
            "[package]\nname = \"{}\"\nedition = \"2024\"\n{dependencies}\
             [profile.release]\nstrip = true\n[workspace]\n",
            self.name
        )
    }

    fn source(&self, uses_assets: bool) -> String {
        let assets =
            if uses_assets { "mod assets {\n    stamped::include_assets!();\n}\n" } else { "" };
        format!(
            "{assets}fn main() {{
    for argument in std::env::args().skip(1) {{
        let argument = argument.as_str();
        println!(\"{{}}\", {});
    }}
}}
",
            self.expression
        )
    }
}

const BUILD_SCRIPT: &str = "fn main() -> Result<(), stamped_build::Error> {
    stamped_build::Pipeline::new(\"assets\").encodings([]).bake()
}
";

/// Writes what is new, so that nothing is built again for nothing.
fn write_changed(file: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(file).ok().as_deref() != Some(text) {
        fs::write(file, text)?;
    }
    Ok(())
}

fn sizes(built: &[(Program, PathBuf)]) -> Result<()> {
    let columns = ["all", "added to nothing", "names and contents"];
    let mut table = Table::new("size/program", "A stripped release program", "bytes", &columns);
    let mut nothing = None;
    for (program, file) in built {
        let size = fs::metadata(file)?.len();
        let added = size - *nothing.get_or_insert(size);
        let texts: usize = (0..program.assets)
            .map(|number| format!("{number}.txtThe text of asset {number}.\n").len())
            .sum();
        table.row(program.title, [size as f64, added as f64, texts as f64].map(Some));
    }
    table.print();
    Ok(())
}

fn relocations(built: &[(Program, PathBuf)]) -> Result<()> {
    let title = "Relocations at each start";
    let mut table = Table::new("size/relocations", title, "", &["relocations"]);
    for (program, file) in built {
        let output = Command::new("readelf").args(["--relocs", "--wide"]).arg(file).output()?;
        let count = String::from_utf8(output.stdout)?
            .lines()
            .filter(|line| line.split_whitespace().any(|word| word.starts_with("R_")))
            .count();
        table.row(program.title, [Some(count as f64)]);
    }
    table.print();
    Ok(())
}

/// From the start of a process to its first answer and its end.
fn starts(built: &[(Program, PathBuf)]) -> Result<()> {
    let arguments: Vec<String> = built
        .iter()
        .map(|(program, _)| match program.name.starts_with("handler") {
            true => format!("/static/{}.txt", program.assets - 1),
            false => "0.txt".to_owned(),
        })
        .collect();
    let mut samples = vec![[const { Vec::new() }; 2]; built.len()];
    for _ in 0..STARTS {
        for (((_, file), argument), samples) in built.iter().zip(&arguments).zip(&mut samples) {
            let (micros, faults) = start(file, argument)?;
            samples[0].push(micros);
            samples[1].push(faults);
        }
    }
    let columns = ["µs, start to end", "page faults"];
    let mut table = Table::new("size/start", "A program that answers once", "", &columns);
    for ((program, _), samples) in built.iter().zip(&mut samples) {
        table.row(program.title, samples.iter_mut().map(|list| Some(figures::median(list))));
    }
    table.print();
    Ok(())
}

/// Microseconds to the end, and the page faults that needed no disk.
fn start(file: &Path, argument: &str) -> Result<(f64, f64)> {
    let start = Instant::now();
    let mut process = Command::new(file).arg(argument).stdout(Stdio::piped()).spawn()?;
    let mut answer = String::new();
    process.stdout.take().ok_or("no output")?.read_to_string(&mut answer)?;
    let micros = start.elapsed().as_secs_f64() * 1e6;
    // It has closed its output, so it is about to end; until it is waited for, its counts stay.
    let stat = format!("/proc/{}/stat", process.id());
    let faults = loop {
        let line = fs::read_to_string(&stat)?;
        let fields: Vec<&str> = line
            .rsplit_once(')')
            .ok_or("an unknown format of /proc")?
            .1
            .split_whitespace()
            .collect();
        if fields.first() == Some(&"Z") {
            break fields.get(7).ok_or("no faults in /proc")?.parse()?;
        }
        std::thread::yield_now();
    };
    let status = process.wait()?;
    if !status.success() || answer.is_empty() {
        return Err(format!("{} does not answer {argument}", file.display()).into());
    }
    Ok((micros, faults))
}

fn crates(benches: &Path) -> Result<()> {
    let title = "Crates that a program gets, with stamped itself";
    let mut table = Table::new("size/crates", title, "", &["crates"]);
    for features in ["", "http", "tower"] {
        let output = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
            .args(["tree", "--offline", "--package", "stamped", "--edges", "normal"])
            .args(["--prefix", "none", "--no-dedupe", "--features", features, "--manifest-path"])
            .arg(benches.with_file_name("Cargo.toml"))
            .output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let tree = String::from_utf8(output.stdout)?;
        let crates: BTreeSet<&str> = tree.lines().filter(|line| !line.is_empty()).collect();
        let row = if features.is_empty() { "default features" } else { features };
        table.row(row, [Some(crates.len() as f64)]);
    }
    table.print();
    Ok(())
}
