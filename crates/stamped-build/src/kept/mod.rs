//! What a build keeps for the next one.
//!
//! | kept | where | holds | valid as long as |
//! |---|---|---|---|
//! | [`snapshot`] | `OUT_DIR` | that nothing changed since the last bake | the build script, its settings and environment, the names, sizes and times of all files, and what was baked are the same |
//! | [`memo`] | `OUT_DIR` | what scanners found, digests, the perfect hash | the build script is the same; each result is looked up by the hash of what it was computed from |
//! | [`memo::seen`] | `OUT_DIR` | the hashes of files, for debug builds | the build script is the same, and all that the system says of the file |
//! | [`versions`] | `OUT_DIR` | the hash of the bytes that the last bake published under each path | for ever |
//! | [`cache`] | a cache folder that builds share | compressed contents | for ever: each is looked up by the hash of the content, the coding, its level, and the version of the library |
//! | [`transformed`] | a cache in the target folder | what transformations made | for ever: each is looked up by the hash of the file, the transformation, and all that it read |
//!
//! Only [`versions`] can change what a build makes: it distinguishes two contents of one file that
//! have the same time. Without the others, a build takes longer, with the same result. Entries that
//! are damaged or belong to another program count as absent.

pub(crate) mod cache;
pub(crate) mod memo;
pub(crate) mod program;
pub(crate) mod snapshot;
pub(crate) mod transformed;
pub(crate) mod versions;
