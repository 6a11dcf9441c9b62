//! A folder of assets that is released again and again, with its versions beside it.

use stamped_build::{Bundle, Pipeline, Stamp, Versions};
use stamped_test_support::Dir;
use std::time::Duration;

pub(crate) struct Site {
    pub(crate) dir: Dir,
    pub(crate) settings: Versions,
    /// What else the pipeline is to do.
    more: fn(Pipeline, &Dir) -> Pipeline,
}

impl Site {
    pub(crate) fn with(more: fn(Pipeline, &Dir) -> Pipeline) -> Self {
        let dir = Dir::new();
        dir.mkdirp("assets");
        let settings = Versions::new(dir.join("versions")).keep_for(Duration::ZERO);
        Site { dir, settings, more }
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        self.dir.write(format!("assets/{name}"), bytes);
    }

    pub(crate) fn pipeline(&self) -> Pipeline {
        let pipeline = Pipeline::new(self.dir.join("assets")).stamp(Stamp::Content);
        (self.more)(pipeline.versions(self.settings.clone()), &self.dir)
    }

    pub(crate) fn process(&self) -> Bundle {
        self.pipeline().process().unwrap()
    }

    /// Builds it, and records that for later builds.
    pub(crate) fn release(&self) -> Bundle {
        let bundle = self.process();
        self.settings.record_bundle(&bundle).unwrap();
        bundle
    }
}
