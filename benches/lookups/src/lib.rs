//! The tables that lookups are measured on. They are a target of their own, because rustc needs half a minute
//! for them.

pub mod names;
pub mod peers;
pub mod pilots;

/// The tables over one set of names that are made when the program is built.
pub struct Baked {
    pub assets: stamped::Assets,
    /// From name to URL.
    pub phf: &'static phf::Map<&'static str, &'static str>,
    pub rust_embed: Option<fn(&str) -> Option<rust_embed::EmbeddedFile>>,
}

mod baked {
    use super::Baked;
    include!(concat!(env!("OUT_DIR"), "/baked.rs"));
}

pub use baked::ALL;
