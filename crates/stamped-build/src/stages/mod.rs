//! The stages of a build, in the order in which they run.
//!
//! | stage | takes | gives, one value per file |
//! |---|---|---|
//! | [`walk`] | folders | `Entry`: a file that is an asset |
//! | [`read`] | entries | `Source`: its bytes and time, from one read |
//! | [`transform`] | sources | `Source`: as the build script's functions leave it; more or fewer of them |
//! | [`link`] | sources | `Linked`: how it is addressed and what it refers to |
//! | [`stamp`] | linked files | `Stamped`: its stamp, its path, its final bytes |
//! | [`describe`] | stamped files | `Described`: what an answer says of it |
//! | [`encode`] | described files | `Asset`: with its encodings |
//! | [`earlier`] | assets, and a folder of earlier versions | `EarlierVersion`: one that is not current |
//! | [`encode::deltas`] | assets and earlier versions | `Asset`: with its deltas |
//!
//! Each stage consumes what the stage before it returns and looks no further back. [`link`] and
//! [`describe`] remember what they computed from the same bytes (`kept::memo`), [`transform`] what was made of the
//! same files (`kept::transformed`), [`encode`] what it compressed (`kept::cache`).

pub(crate) mod commits;
pub(crate) mod compressed;
mod data_url;
pub(crate) mod describe;
mod dimensions;
pub(crate) mod earlier;
pub(crate) mod encode;
pub(crate) mod link;
pub(crate) mod read;
pub(crate) mod stamp;
pub(crate) mod transform;
pub(crate) mod unused;
pub(crate) mod walk;
