//! Compiles and minifies the files of a folder, without a build script, and writes them into another folder:
//!
//!     cargo run -p stamped-transform --features css,js,sass --example folder -- FROM TO

use stamped_build::{BoxError, Pipeline, References};
use stamped_transform::{css, js, sass};
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), BoxError> {
    let folders: Vec<String> = env::args().skip(1).collect();
    let [from, to] = &*folders else {
        return Err("usage: folder FROM TO".into());
    };
    let bundle = Pipeline::new(Path::new(from).canonicalize()?)
        // Other tools stamp what is written there.
        .references(References::Leave)
        .transform_with(sass())
        .transform_with(css())
        .transform_with(js())
        .process()?;
    for asset in bundle.assets() {
        let path = Path::new(to).join(asset.name());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, asset.bytes()?)?;
    }
    Ok(())
}
