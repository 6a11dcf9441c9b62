//! The programs that are built. Each embeds the folder `assets` and looks up one file.

/// One way of embedding a folder.
#[derive(Clone, Copy, Debug)]
pub struct Contestant {
    pub name: &'static str,
    /// Sections of the manifest. `{crates}` is where ours lie.
    pub manifest: &'static str,
    pub build_script: Option<&'static str>,
    pub program: &'static str,
}

const OURS: &str = "\
[dependencies]
stamped = { path = '{crates}/stamped' }
[build-dependencies]
stamped-build = { path = '{crates}/stamped-build' }
";

const OUR_PROGRAM: &str = "\
mod assets { stamped::include_assets!(); }
fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    println!(\"{:?}\", assets::ASSETS.get(&name).map(|asset| asset.bytes().len()));
}
";

pub const CONTESTANTS: [Contestant; 9] = [
    Contestant { name: "an empty program", manifest: "", build_script: None, program: "fn main() {}\n" },
    Contestant {
        name: "stamped",
        manifest: OURS,
        build_script: Some(
            "fn main() -> Result<(), stamped_build::Error> {
    stamped_build::Pipeline::new(\"assets\").encodings([]).bake()
}
",
        ),
        program: OUR_PROGRAM,
    },
    Contestant {
        name: "stamped, Linked",
        manifest: OURS,
        build_script: Some(
            "fn main() -> Result<(), stamped_build::Error> {
    stamped_build::Pipeline::new(\"assets\").encodings([]).embed(stamped_build::Embed::Linked).bake()
}
",
        ),
        program: OUR_PROGRAM,
    },
    Contestant {
        name: "stamped, Include",
        manifest: OURS,
        build_script: Some(
            "fn main() -> Result<(), stamped_build::Error> {
    stamped_build::Pipeline::new(\"assets\").encodings([]).embed(stamped_build::Embed::Include).bake()
}
",
        ),
        program: OUR_PROGRAM,
    },
    Contestant {
        name: "include_dir",
        manifest: "[dependencies]\ninclude_dir = '0.7'\n",
        build_script: None,
        program: "\
static ASSETS: include_dir::Dir = include_dir::include_dir!(\"$CARGO_MANIFEST_DIR/assets\");
fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    println!(\"{:?}\", ASSETS.get_file(&name).map(|file| file.contents().len()));
}
",
    },
    Contestant {
        name: "rust-embed",
        manifest: "[dependencies]\nrust-embed = { version = '8', features = ['debug-embed'] }\n",
        build_script: None,
        program: "\
#[derive(rust_embed::RustEmbed)]
#[folder = \"assets\"]
struct Assets;
fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    println!(\"{:?}\", Assets::get(&name).map(|file| file.data.len()));
}
",
    },
    Contestant {
        name: "static-files",
        manifest: "\
[dependencies]
static-files = '0.3'
[build-dependencies]
static-files = '0.3'
",
        build_script: Some(
            "fn main() -> std::io::Result<()> { static_files::resource_dir(\"./assets\").build() }\n",
        ),
        program: "\
include!(concat!(env!(\"OUT_DIR\"), \"/generated.rs\"));
fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    println!(\"{:?}\", generate().get(name.as_str()).map(|file| file.data.len()));
}
",
    },
    Contestant {
        name: "tower-serve-embedded",
        manifest: "\
[dependencies]
tower-serve-embedded = '0.4'
[build-dependencies]
tower-serve-embedded-build = '0.4'
",
        build_script: Some(
            "fn main() { tower_serve_embedded_build::Builder::new(\"assets\").emit().unwrap(); }\n",
        ),
        program: "\
tower_serve_embedded::embed!();
fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    println!(\"{:?}\", ASSETS.url(&name));
}
",
    },
    Contestant {
        name: "memory-serve (with brotli)",
        manifest: "\
[dependencies]
memory-serve = { version = '2', features = ['force-embed'] }
[build-dependencies]
memory-serve = { version = '2', features = ['force-embed'] }
",
        build_script: Some("fn main() { memory_serve::load_directory(\"assets\"); }\n"),
        program: "\
fn main() {
    let router = memory_serve::load!().into_router::<()>();
    println!(\"{}\", std::mem::size_of_val(&router));
}
",
    },
];
