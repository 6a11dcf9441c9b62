//! A file in the hands of a transformation.

use crate::config::base;
use crate::digest::Hash;
use crate::kept::transformed::{Found, Made, Reads, State};
use crate::stages::read::Source;
use stamped::files;
use std::collections::btree_map::Entry;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file that is being transformed.
#[derive(Debug)]
pub struct Draft {
    source: Source,
    roots: Arc<[(String, PathBuf)]>,
    made: Made,
    reads: Reads,
}

impl Draft {
    pub(super) fn new(source: Source, roots: Arc<[(String, PathBuf)]>) -> Self {
        Draft { source, roots, made: Made::default(), reads: Reads::new() }
    }

    pub(super) fn done(self) -> (Made, Reads) {
        (self.made, self.reads)
    }

    /// The name: the `/`-separated path below the asset folder.
    #[must_use]
    pub fn name(&self) -> &str {
        self.made.name.as_deref().unwrap_or(&self.source.name)
    }

    /// Renames the asset, for example from `app.scss` to `app.css`. References from other assets to
    /// the old name lead to the new one, as far as references are rewritten.
    pub fn set_name(&mut self, name: impl Into<String>) {
        self.made.name = Some(name.into());
    }

    /// The path of the file on disk. For a file that the build script has made, this is a
    /// description and not a path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.source.origin
    }

    /// The bytes, as the previous transformation has left them.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.made.bytes.as_deref().unwrap_or_else(|| self.source.contents.bytes())
    }

    /// Replaces the bytes.
    pub fn set_bytes(&mut self, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        // Equal bytes keep the stamp that the file has without the transformation.
        if *bytes != *self.bytes() {
            self.made.bytes = Some(bytes);
        }
    }

    /// Leaves the file out of the assets: it is there only for others to read, like a partial of
    /// Sass.
    pub fn leave_out(&mut self) {
        self.made.is_left_out = true;
    }

    /// Adds a further asset that was made of this file, such as its source map.
    pub fn add(&mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.made.others.push((name.into(), bytes.into()));
    }

    /// Adds a warning, which cargo shows, also for a result that is taken from the cache.
    pub fn warn(&mut self, message: impl Into<String>) {
        self.made.warnings.push(message.into());
    }

    /// The folders of the pipeline, each with what its names begin with: empty, or a path that ends with a
    /// slash. The name of a file is this and its path below the folder.
    pub fn roots(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.roots.iter().map(|(prefix, folder)| (prefix.as_str(), folder.as_path()))
    }

    /// Reads another file, on which the result then depends. A relative path is relative to the
    /// package.
    ///
    /// Cargo and live mode watch the file. The transformation is done again when it has other bytes, or
    /// when it appears where there was none.
    ///
    /// # Errors
    ///
    /// When the file cannot be read. The message names it.
    pub fn read(&mut self, path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
        let path = base().join(path);
        match files::read(&path, u64::MAX) {
            Ok(read) => {
                let found = Found::file(Hash::of(&read.bytes), &read.metadata);
                self.reads.insert(path, found);
                Ok(read.bytes)
            }
            Err(error) => {
                if State::is_absence(&error) {
                    self.reads.insert(path.clone(), Found::absent());
                }
                Err(about(&path, &error))
            }
        }
    }

    /// Says that the result depends on this file, or on all files in this folder, as
    /// [`read`](Self::read) does: for what another program reads. Call it before they are read.
    ///
    /// Where nothing is, that counts too: if something appears, the transformation is done again when
    /// the build script runs next. Cargo does not watch the place, because it would run the script on
    /// every build. In a folder, hidden files do not count.
    ///
    /// # Errors
    ///
    /// When it is there but cannot be read. The message names it.
    pub fn reads(&mut self, path: impl AsRef<Path>) -> io::Result<()> {
        if let Entry::Vacant(place) = self.reads.entry(base().join(path)) {
            let found = Found::at(place.key()).map_err(|error| about(place.key(), &error))?;
            place.insert(found);
        }
        Ok(())
    }
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`{}`: {error}", path.display()))
}
