use stamped_build::{Encoding, Error, Pipeline};

fn main() -> Result<(), Error> {
    Pipeline::new("../assets")
        .mount("/static")
        // In a release build these are the default, at the best level. Here a debug build has them
        // too, at a level that takes no time.
        .encodings([Encoding::brotli().level(9), Encoding::gzip().level(6)])
        .bake()
}
