//! Tells the crate how it is being compiled, which nothing in the language does:
//! `debug_assertions` is off in the build scripts of a release, though they are not optimised.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Cargo always sets it; what is unknown is not worth a warning to anyone.
    let level = std::env::var("OPT_LEVEL").unwrap_or_default();
    println!("cargo::rustc-env=STAMPED_BUILD_OPT_LEVEL={level}");
}
