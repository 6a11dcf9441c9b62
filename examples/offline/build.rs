use stamped_build::{Error, Pipeline};

fn main() -> Result<(), Error> {
    Pipeline::new("assets").mount("/").bake()
}
