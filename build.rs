//! Bakes the pages of `stamped serve` into the program.

fn main() -> Result<(), stamped_build::Error> {
    stamped_build::Pipeline::new("assets").mount("/static").bake()
}
