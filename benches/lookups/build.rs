//! Bakes the same thousands of names for each contestant whose table is made at build time.

use stamped_build::{Embed, Pipeline, References, Stamp};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

#[path = "src/names.rs"]
mod names;

const SIZES: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];

/// Beyond, rustc takes minutes over the table of rust-embed.
const MOST_EMBEDDED: usize = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::var("OUT_DIR")?;
    let out = Path::new(&out);
    let nothing = out.join("nothing");
    fs::create_dir_all(&nothing)?;
    let mut rust = String::new();
    let mut list = String::new();
    for size in SIZES {
        let names = names::names(size);
        let mut pipeline = Pipeline::new(&nothing)
            .bundle_name(format!("n{size}"))
            .stamp(Stamp::Fixed(1_452_929_749))
            .references(References::Leave)
            .encodings([])
            .embed(Embed::Nothing)
            // Some names look like a bundler's, and the lookups need a stamp in each.
            .keep_bundler_names(false);
        for name in &names {
            pipeline = pipeline.file(name, "x");
        }
        let bundle = pipeline.process()?;
        bundle.bake()?;
        let mut map = phf_codegen::Map::new();
        for asset in bundle.assets() {
            map.entry(asset.name(), format!("{:?}", asset.url()));
        }
        writeln!(
            rust,
            "pub mod n{size} {{
    stamped::include_assets!(\"n{size}\");
    pub static PHF: phf::Map<&str, &str> = {};",
            map.build()
        )?;
        let get = if size <= MOST_EMBEDDED {
            let folder = out.join(size.to_string());
            write_files(&folder, &names)?;
            writeln!(
                rust,
                "    #[derive(rust_embed::RustEmbed)]
    #[folder = {folder:?}]
    pub struct Embedded;"
            )?;
            format!("Some(n{size}::Embedded::get)")
        } else {
            "None".to_owned()
        };
        writeln!(rust, "}}")?;
        writeln!(
            list,
            "    Baked {{ assets: n{size}::ASSETS, phf: &n{size}::PHF, rust_embed: {get} }},"
        )?;
    }
    writeln!(rust, "pub static ALL: [Baked; {}] = [\n{list}];", SIZES.len())?;
    fs::write(out.join("baked.rs"), rust)?;
    Ok(())
}

fn write_files(folder: &Path, names: &[String]) -> Result<(), Box<dyn Error>> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    for name in names {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, "x")?;
    }
    Ok(())
}
