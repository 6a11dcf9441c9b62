//! A folder of earlier versions: what was released, with its bytes, so that the next program still
//! answers for it.
//!
//! The folder is plain input of a build. Only [`record`] writes it, when somebody asks for that, and
//! [`policy`] decides then what stays. So a build depends on no clock, no network and no cache.

pub(crate) mod folder;
pub(crate) mod keep;
mod lock;
pub(crate) mod policy;
mod record;
pub(crate) mod settings;
mod upkeep;

use crate::config::base;
use crate::error::Error;
use crate::manifest::Manifest;
use folder::Folder;
pub use keep::Keep;
pub use record::Recorded;
pub use settings::Versions;
pub use upkeep::Removed;

/// The environment variable that makes a build record what it makes.
pub(crate) const VARIABLE: &str = "STAMPED_RECORD";

impl Versions {
    /// Lists what is there: the release that was recorded last, and the versions before it. Empty where
    /// there is no folder.
    ///
    /// # Errors
    ///
    /// When there is a folder without a manifest, and the errors of [`Manifest::read`].
    pub fn manifest(&self) -> Result<Manifest, Error> {
        Ok(self.open()?.manifest)
    }

    pub(crate) fn open(&self) -> Result<Folder, Error> {
        Folder::open(&base().join(&self.folder))
    }
}
