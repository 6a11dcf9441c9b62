use stamped_build::{Encoding, Error, Pipeline, References};

fn main() -> Result<(), Error> {
    Pipeline::new("../assets")
        .mount("/static")
        // In a release build these are the default, at the best level. Here a debug build has them
        // too, at a level that takes no time.
        .encodings([Encoding::brotli().level(9), Encoding::gzip().level(6)])
        .bake()?;

    // For the functions in templates: the same with an import map.
    Pipeline::new("../assets")
        .mount("/static")
        .bundle_name("modules")
        .references(References::ImportMap)
        .bake()
}
