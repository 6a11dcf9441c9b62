//! Passes assets through the build script's own functions, and through those of other crates.

mod draft;

pub use draft::Draft;

use super::read::{Source, Time};
use crate::config::{Config, base};
use crate::contents::Contents;
use crate::digest::Hasher;
use crate::error::{Error, Problem, Warning, WarningKind};
use crate::kept::cache::Key;
use crate::kept::transformed::{Found, Made, Reads, State, Transformed, portable, push};
use crate::names;
use crate::parallel;
use crate::rules;
use stamped::glob::Globs;
use std::any::{TypeId, type_name};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Any error that a transformation returns.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A compiler or minifier for [`Pipeline::transform_with`](crate::Pipeline::transform_with), whose results
/// are kept: nothing is done twice.
///
/// The crate `stamped-transform` has some. Results are kept in `stamped-cache` in cargo's target folder. One is taken
/// from there if all that it depends on is the same:
///
/// - the name and the bytes of the file, and the folders of the pipeline;
/// - what [`fingerprint`](Self::fingerprint) returns;
/// - the files that the draft was asked to [`read`](Draft::read), or was told of ([`reads`](Draft::reads));
/// - the version of the crate that has the type, and those of all crates that it depends on.
///
/// ```
/// use stamped_build::{BoxError, Draft, Pipeline, Transform};
///
/// /// Puts a text before each style sheet.
/// struct Banner {
///     file: String,
/// }
///
/// impl Transform for Banner {
///     fn pattern(&self) -> &str {
///         "*.css"
///     }
///
///     fn fingerprint(&self) -> Option<String> {
///         // To be changed with the code below, because this crate is the build script itself.
///         Some(format!("1 {}", self.file))
///     }
///
///     fn apply(&self, draft: &mut Draft) -> Result<(), BoxError> {
///         let mut bytes = draft.read(&self.file)?;
///         bytes.extend_from_slice(draft.bytes());
///         draft.set_bytes(bytes);
///         Ok(())
///     }
/// }
///
/// let pipeline = Pipeline::new("assets").transform_with(Banner { file: "LICENSE".to_owned() });
/// ```
pub trait Transform: Send + Sync + 'static {
    /// The pattern of the names of files that are transformed.
    fn pattern(&self) -> &str;

    /// The settings, as text: everything that a result depends on besides what the trait lists. `None` if
    /// it depends on more than can be said, and no result is to be kept.
    fn fingerprint(&self) -> Option<String>;

    /// Transforms one file.
    ///
    /// # Errors
    ///
    /// Any error ends the build, with the name of the file and the message.
    fn apply(&self, draft: &mut Draft) -> Result<(), BoxError>;
}

/// A pattern, and what to do with the files that match it.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) pattern: String,
    function: Arc<Function>,
    /// What results depend on besides the file and what is read, if they are kept.
    key: Option<Key>,
}

type Function = dyn Fn(&mut Draft) -> Result<(), BoxError> + Send + Sync;

impl Step {
    /// A function of the build script. What it depends on is not known.
    pub(crate) fn of_function(
        pattern: String,
        function: impl Fn(&mut Draft) -> Result<(), BoxError> + Send + Sync + 'static,
    ) -> Self {
        Step { pattern, function: Arc::new(function), key: None }
    }

    pub(crate) fn of_transform<T: Transform>(transform: T) -> Self {
        let key = transform.fingerprint().map(|fingerprint| {
            let mut hasher = Hasher::default();
            // The compiler numbers types by what cargo calls their crate, and cargo calls it by its version and
            // those of all its dependencies.
            push(&mut hasher, format!("{:?}", TypeId::of::<T>()).as_bytes());
            push(&mut hasher, type_name::<T>().as_bytes());
            push(&mut hasher, fingerprint.as_bytes());
            hasher.finish()
        });
        let pattern = transform.pattern().to_owned();
        Step { pattern, function: Arc::new(move |draft| transform.apply(draft)), key }
    }
}

/// The names of the files that are transformed. A function gets their bytes as a slice, so these must
/// be held.
pub(crate) fn patterns(steps: &[Step]) -> Result<Globs, Error> {
    rules::patterns(steps.iter().map(|step| &step.pattern))
}

/// What the transformations have left.
pub(crate) struct Done {
    /// Sorted by name, with no name twice.
    pub(crate) sources: Vec<Source>,
    /// The patterns that match no source.
    pub(crate) idle: Vec<String>,
    /// What was read besides the sources, as the build script would name it, where cargo does not watch it yet.
    pub(crate) reads: Vec<PathBuf>,
    pub(crate) warnings: Vec<Warning>,
}

/// Runs all transformations in order, each over all sources.
pub(crate) fn all(
    steps: &[Step],
    mut sources: Vec<Source>,
    config: &Config,
    kept: &Transformed,
) -> Result<Done, Error> {
    let stage = Stage::new(config, &sources, kept);
    let (mut idle, mut reads, mut warnings) = (Vec::new(), BTreeSet::new(), Vec::new());
    for step in steps {
        let pattern = rules::patterns([&step.pattern])?;
        let is_matching = parallel::map(&sources, |source| pattern.matches(&source.name));
        let mut is_matching = is_matching.into_iter();
        let (matching, rest): (Vec<_>, Vec<_>) =
            sources.into_iter().partition(|_| is_matching.next() == Some(true));
        if matching.is_empty() {
            idle.push(step.pattern.clone());
        }
        sources = rest;
        for one in parallel::try_map(matching, |source| stage.one(step, source))? {
            sources.extend(one.sources);
            reads.extend(one.reads);
            warnings.extend(one.warnings);
        }
    }
    if !steps.is_empty() {
        kept.sweep();
        let trouble = kept.trouble().map(str::to_owned);
        warnings.extend(trouble.map(|text| Warning::new(WarningKind::Cache, text, "")));
    }
    let reads = reads.into_iter().collect();
    Ok(Done { sources: unique(sources)?, idle, reads, warnings })
}

/// What all transformations of a build share.
struct Stage<'a> {
    roots: Arc<[(String, PathBuf)]>,
    out_dir: Option<PathBuf>,
    /// The times of sources by their canonical paths, where these are not the times of the files.
    committed: HashMap<PathBuf, Time>,
    kept: &'a Transformed,
}

/// What has become of one source.
struct One {
    sources: Vec<Source>,
    reads: Vec<PathBuf>,
    warnings: Vec<Warning>,
}

impl<'a> Stage<'a> {
    fn new(config: &Config, sources: &[Source], kept: &'a Transformed) -> Self {
        let roots = config.roots.iter();
        let roots = roots.map(|root| (root.prefix.clone(), base().join(&root.folder))).collect();
        let committed = sources.iter().filter_map(|source| match source.time {
            Some(time @ Time::Committed(_)) => Some((source.origin.canonicalize().ok()?, time)),
            _ => None,
        });
        let out_dir = std::env::var_os("OUT_DIR").map(PathBuf::from);
        Stage { roots, out_dir, committed: committed.collect(), kept }
    }

    fn one(&self, step: &Step, source: Source) -> Result<One, Error> {
        let key = step.key.as_ref().map(|key| self.key(key, &source));
        let (made, reads) = match key.as_ref().and_then(|key| self.kept.recall(key)) {
            Some(known) => known,
            None => {
                let mut draft = Draft::new(source.clone(), Arc::clone(&self.roots));
                let outcome = (step.function)(&mut draft);
                let (made, reads) = draft.done();
                outcome.map_err(|error| Problem::Transform {
                    name: source.name.clone(),
                    origin: source.origin.clone(),
                    source: error,
                    // What was looked for in vain, too: no build succeeds until it is there.
                    reads: self.unwatched(reads.keys()),
                })?;
                if let Some(key) = key {
                    self.kept.keep(&key, &made, &reads);
                }
                (made, reads)
            }
        };
        let warning = |message: &String| {
            let message = format!("`{}`: {message}", source.origin.display());
            Warning::new(WarningKind::Transform, message, "")
        };
        let warnings = made.warnings.iter().map(warning).collect();
        let time = self.newest(source.time, &reads);
        // Cargo would run the script on every build for what is not there.
        let there = reads.iter().filter(|(_, found)| found.state != State::Absent);
        let reads = self.unwatched(there.map(|(path, _)| path));
        Ok(One { warnings, sources: sources(made, source, time)?, reads })
    }

    /// The key of what a step makes of a source, but for what it reads.
    fn key(&self, step: &Key, source: &Source) -> Key {
        let mut hasher = Hasher::default();
        hasher.update(step.as_bytes());
        hasher.update(source.contents.hash().as_bytes());
        push(&mut hasher, source.name.as_bytes());
        let mut path = |path: &Path| match portable(path) {
            Some(path) => push(&mut hasher, path.as_bytes()),
            None => push(&mut hasher, path.as_os_str().as_encoded_bytes()),
        };
        path(&source.origin);
        for (prefix, folder) in &*self.roots {
            path(Path::new(prefix));
            path(folder);
        }
        hasher.finish()
    }

    /// The time of what was made of a source with this time, and of what was read.
    fn newest(&self, own: Option<Time>, reads: &Reads) -> Option<Time> {
        let modified = |(_, found): (&PathBuf, &Found)| found.modified;
        match own? {
            Time::Modified(seconds) => {
                let newest = reads.iter().filter_map(modified).chain([seconds]).max();
                newest.map(Time::Modified)
            }
            Time::Committed(seconds) => {
                let committed =
                    |path: &PathBuf| match self.committed.get(&path.canonicalize().ok()?) {
                        Some(Time::Committed(seconds)) => Some(*seconds),
                        _ => None,
                    };
                let newest = reads.keys().filter_map(committed).chain([seconds]).max();
                newest.map(Time::Committed)
            }
        }
    }

    /// What of this cargo does not watch yet, as the build script would name it.
    fn unwatched<'p>(&self, reads: impl Iterator<Item = &'p PathBuf>) -> Vec<PathBuf> {
        let is_watched = |path: &Path| {
            let is_below = |folder: &PathBuf| path.starts_with(folder);
            self.roots.iter().any(|(_, folder)| is_below(folder))
                // What the build itself makes is newer than the start of the script.
                || self.out_dir.as_ref().is_some_and(is_below)
        };
        let paths = reads.filter(|path| !is_watched(path));
        paths.map(|path| path.strip_prefix(base()).unwrap_or(path).to_owned()).collect()
    }
}

/// What is left of a source once a transformation has made this of it, which is of that time.
fn sources(made: Made, mut source: Source, time: Option<Time>) -> Result<Vec<Source>, Error> {
    let Made { name, bytes, is_left_out, others, .. } = made;
    let mut sources = Vec::with_capacity(1 + others.len());
    for (name, bytes) in others {
        names::check(&name, &source.origin)?;
        sources.push(Source {
            name,
            origin: source.origin.clone(),
            time,
            contents: Contents::held(bytes),
            changed: true,
            bundled: false,
            former: None,
        });
    }
    if let Some(name) = name {
        names::check(&name, &source.origin)?;
        let former = std::mem::replace(&mut source.name, name);
        if former != source.name {
            source.former.get_or_insert(former);
        }
    }
    if let Some(bytes) = bytes {
        source.contents = Contents::held(bytes);
        source.changed = true;
        source.time = time;
    }
    if !is_left_out {
        sources.push(source);
    }
    Ok(sources)
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
