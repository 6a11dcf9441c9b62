//! The page that `stamped serve` shows.

pub(crate) use crate::report::page::{assets, served as html};
