//! Bakes the same folder for each.

fn main() -> Result<(), stamped_build::Error> {
    memory_serve::load_directory("../../assets");
    stamped_build::Pipeline::new("../../assets")
        .stamp(stamped_build::Stamp::Fixed(1_452_929_749))
        .bake()
}
