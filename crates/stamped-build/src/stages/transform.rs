//! Passes assets through the build script's own functions.

use super::read::Source;
use crate::contents::Contents;
use crate::error::{Error, Problem};
use crate::names;
use crate::parallel;
use crate::rules;
use stamped::glob::Globs;
use std::path::Path;
use std::sync::Arc;

/// Any error that a transformation returns.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A pattern, and the function for the files that match it.
#[derive(Clone)]
pub(crate) struct Transform {
    pub(crate) pattern: String,
    pub(crate) function: Arc<Function>,
}

type Function = dyn Fn(&mut Draft) -> Result<(), BoxError> + Send + Sync;

/// A file that is being transformed.
#[derive(Debug)]
pub struct Draft {
    source: Source,
    renamed: bool,
}

impl Draft {
    /// The name: the `/`-separated path below the asset folder.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.source.name
    }

    /// Renames the asset, for example from `app.scss` to `app.css`.
    pub fn set_name(&mut self, name: impl Into<String>) {
        self.source.name = name.into();
        self.renamed = true;
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
        self.source.contents.bytes()
    }

    /// Replaces the bytes.
    pub fn set_bytes(&mut self, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        // Equal bytes keep the stamp that the file has without the transformation.
        if *bytes != *self.source.contents.bytes() {
            self.source.contents = Contents::held(bytes);
            self.source.changed = true;
        }
    }
}

/// The names of the files that are transformed. A function gets their bytes as a slice, so these must
/// be held.
pub(crate) fn patterns(transforms: &[Transform]) -> Result<Globs, Error> {
    rules::patterns(transforms.iter().map(|transform| &transform.pattern))
}

/// Runs all transformations in order, each over all sources. Returns the sources sorted by name,
/// with no name twice, and the patterns that match no source.
pub(crate) fn all(
    transforms: &[Transform],
    mut sources: Vec<Source>,
) -> Result<(Vec<Source>, Vec<String>), Error> {
    let mut unused = Vec::new();
    for transform in transforms {
        let pattern = rules::patterns([&transform.pattern])?;
        if !sources.iter().any(|source| pattern.matches(&source.name)) {
            unused.push(transform.pattern.clone());
        }
        let matching = sources.iter_mut().filter(|source| pattern.matches(&source.name));
        parallel::try_map(matching, |source| one(transform, source))?;
    }
    Ok((unique(sources)?, unused))
}

fn one(transform: &Transform, source: &mut Source) -> Result<(), Error> {
    let mut draft = Draft { source: source.clone(), renamed: false };
    (transform.function)(&mut draft).map_err(|error| Problem::Transform {
        name: source.name.clone(),
        origin: source.origin.clone(),
        source: error,
    })?;
    if draft.renamed {
        names::check(&draft.source.name, &draft.source.origin)?;
    }
    *source = draft.source;
    Ok(())
}

/// Sorts the sources by name, and makes sure that no name occurs twice.
fn unique(mut sources: Vec<Source>) -> Result<Vec<Source>, Error> {
    sources.sort_by(|a, b| (&a.name, &a.origin).cmp(&(&b.name, &b.origin)));
    for pair in sources.windows(2) {
        if let [first, second] = pair
            && first.name == second.name
        {
            return Err(Problem::TwoSources {
                name: first.name.clone(),
                first: first.origin.clone(),
                second: second.origin.clone(),
            }
            .into());
        }
    }
    Ok(sources)
}
