//! Adds the earlier versions from a folder. Without the feature `versions` there are none.

#[cfg(feature = "versions")]
mod kept;
#[cfg(not(feature = "versions"))]
mod none;

#[cfg(feature = "versions")]
pub(crate) use kept::History;
#[cfg(not(feature = "versions"))]
pub(crate) use none::History;
