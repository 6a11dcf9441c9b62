//! Makes a folder of files of three sizes and bakes it for each contestant.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, error, fs};

const FILES: [(&str, usize); 3] = [("1k.css", 1 << 10), ("10k.css", 10 << 10), ("1m.css", 1 << 20)];

fn main() -> Result<(), Box<dyn error::Error>> {
    // Only what is written here matters; not that it was just written.
    println!("cargo::rerun-if-changed=build.rs");
    let folder = Path::new(&env::var("OUT_DIR")?).join("files");
    fs::create_dir_all(&folder)?;
    for (name, size) in FILES {
        fs::write(folder.join(name), style(size))?;
    }
    memory_serve::load_directory(&folder);
    stamped_build::Pipeline::new(&folder)
        .encodings([stamped_build::Encoding::brotli(), stamped_build::Encoding::gzip()])
        .bake()?;
    Ok(())
}

/// Rules of a style sheet, which compress about as well as real ones, in `size` bytes.
fn style(size: usize) -> String {
    const WORDS: [&str; 8] = ["nav", "button", "card", "header", "list", "title", "badge", "panel"];
    const PROPERTIES: [&str; 8] =
        ["color: #", "margin: 0 ", "width: ", "padding: ", "top: ", "left: ", "flex: ", "order: "];
    let mut style = String::with_capacity(size + 64);
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize
    };
    while style.len() < size {
        let (word, other, property) =
            (WORDS[next() % 8], WORDS[next() % 8], PROPERTIES[next() % 8]);
        let _ = writeln!(style, ".{word}-{other} {{ {property}{:06x}; }}", next() % (1 << 24));
    }
    style.truncate(size);
    style
}
