//! The history of a build without the feature `versions`.

use crate::bundle::{Asset, EarlierVersion};
use crate::config::Config;
use crate::error::{Error, Warning};
use crate::kept::cache::Wanted;
use crate::kept::memo::Memo;
use crate::stages::encode::Encoding;
use crate::stages::walk::Walked;

/// No earlier versions.
pub(crate) struct History;

#[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "with the feature they do")]
impl History {
    pub(crate) fn open(_: &Config, _: &mut Walked) -> Result<Self, Error> {
        Ok(History)
    }

    pub(crate) fn record_if_asked(&mut self) {}

    pub(crate) fn records(&self) -> bool {
        false
    }

    pub(crate) fn published(&self, _: &str) -> Vec<(String, String)> {
        Vec::new()
    }

    pub(crate) fn versions(
        self,
        _: &Config,
        _: &[Asset],
        _: &str,
        _: (&[Encoding], &Wanted),
        _: &Memo,
        _: &mut Vec<Warning>,
    ) -> Result<Vec<EarlierVersion>, Error> {
        Ok(Vec::new())
    }
}
