//! Sass, by `grass`.

use crate::paths::{clean, file_name, package, shown, with_ending};
use crate::place::At;
use grass_compiler::codemap::SpanLoc;
use grass_compiler::{ErrorKind, Fs, Logger, Options, OutputStyle};
use stamped_build::{BoxError, Draft, Transform};
use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};

/// Compiles `.scss` and the indented `.sass` to `.css`.
///
/// Files whose names begin with an underscore are there for others and become no assets. `@use`, `@forward` and
/// `@import` find files beside the one that names them, then in the folders of the pipeline, and then in the
/// [load paths](Sass::load_path). A folder with a prefix (`root_at("vendor/bootstrap", …)`) is found by its prefix, as
/// in URLs: `@use "vendor/bootstrap/scss/bootstrap"`. Write such paths without an extension, which `grass` only looks
/// for beside the file.
///
/// `grass` does not know the functions that Sass got since 1.79, and it loses `@extend` of what another module has, where
/// modules are joined by `@use`, as in Bulma 1.0. A warning names each such place.
///
/// URLs in a partial are relative to the style sheet that it ends up in, as always in Sass. `@warn` is a warning of the
/// build. There are no source maps, because `grass` makes none.
///
/// ```
/// use stamped_build::Pipeline;
/// use stamped_transform::sass;
///
/// let pipeline = Pipeline::new("assets").transform_with(sass().load_path("node_modules"));
/// ```
#[derive(Clone, Debug)]
pub struct Sass {
    pattern: String,
    load_paths: Vec<PathBuf>,
    minify: bool,
}

/// Compiles Sass: see [`Sass`].
#[must_use]
pub fn sass() -> Sass {
    Sass { pattern: "*.{scss,sass}".to_owned(), load_paths: Vec::new(), minify: true }
}

impl Sass {
    /// Sets the pattern of the files that are compiled. Default: `*.{scss,sass}`.
    ///
    /// ```
    /// let sass = stamped_transform::sass().files("css/*.scss");
    /// ```
    #[must_use]
    pub fn files(mut self, pattern: impl Into<String>) -> Self {
        self.pattern = pattern.into();
        self
    }

    /// Adds a folder in which `@use` looks, relative to the package. Default: none, besides those of the
    /// pipeline.
    ///
    /// ```
    /// let sass = stamped_transform::sass().load_path("node_modules").load_path("../shared/scss");
    /// ```
    #[must_use]
    pub fn load_path(mut self, folder: impl Into<PathBuf>) -> Self {
        self.load_paths.push(folder.into());
        self
    }

    /// Sets whether the output has as little white space as possible. Default: `true`.
    ///
    /// ```
    /// let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    /// let sass = stamped_transform::sass().minify(is_release);
    /// ```
    #[must_use]
    pub fn minify(mut self, minify: bool) -> Self {
        self.minify = minify;
        self
    }
}

impl Transform for Sass {
    fn pattern(&self) -> &str {
        &self.pattern
    }

    fn fingerprint(&self) -> Option<String> {
        Some(format!("{:?} {}", self.load_paths, self.minify))
    }

    fn apply(&self, draft: &mut Draft) -> Result<(), BoxError> {
        if file_name(draft.name()).starts_with('_') {
            draft.leave_out();
            return Ok(());
        }
        let disk = Disk::new(draft);
        let style = if self.minify { OutputStyle::Compressed } else { OutputStyle::Expanded };
        // Style sheets are sent as UTF-8, and a mark at the beginning would be in the way of what comes next.
        let mut options =
            Options::default().fs(&disk).logger(&disk).style(style).allows_charset(false);
        for (_, folder) in disk.roots.iter().filter(|(prefix, _)| prefix.is_empty()) {
            options = options.load_path(folder);
        }
        for folder in &self.load_paths {
            options = options.load_path(clean(&package().join(folder)));
        }
        let css =
            grass_compiler::from_path(&disk.entry, &options).map_err(|error| located(*error))?;
        let name = with_ending(draft.name(), "css");
        draft.set_name(name);
        draft.set_bytes(css);
        Ok(())
    }
}

/// The error as compilers show it.
fn located(error: grass_compiler::Error) -> BoxError {
    match error.kind() {
        ErrorKind::ParseError { message, loc, .. } => {
            let path = shown(Path::new(loc.file.name()));
            let text = loc.file.source_line(loc.begin.line);
            let length = match loc.begin.line == loc.end.line {
                true => loc.end.column.saturating_sub(loc.begin.column),
                false => 1,
            };
            // `grass` looks for such a file in one place only.
            let is_beside = message.starts_with("Can't find stylesheet")
                && [".scss", ".sass"].iter().any(|ending| text.contains(ending));
            let help = is_beside
                .then_some("in other folders, files are found by names without an extension");
            let place = (loc.begin.line + 1, loc.begin.column + 1);
            At::new(message, path, place, text, length).help(help).into()
        }
        ErrorKind::IoError(error) => error.to_string().into(),
        ErrorKind::FromUtf8Error(_) => "it, or a file that it uses, is not UTF-8".into(),
        other => format!("{other:?}").into(),
    }
}

/// The disk as `grass` sees it. The draft learns of all that is looked for.
#[derive(Debug)]
struct Disk<'a> {
    draft: RefCell<&'a mut Draft>,
    /// What is compiled, whose bytes may not be those on the disk.
    entry: PathBuf,
    /// What the names in a folder of the pipeline begin with, and the folder.
    roots: Vec<(String, PathBuf)>,
}

impl<'a> Disk<'a> {
    fn new(draft: &'a mut Draft) -> Self {
        let root = |(prefix, folder): (&str, &Path)| (prefix.to_owned(), clean(folder));
        let roots: Vec<_> = draft.roots().map(root).collect();
        let entry = match (draft.path().is_absolute(), roots.first()) {
            // Made by the build script: as if it lay in the first folder.
            (false, Some((_, folder))) if !draft.path().is_file() => folder.join(draft.name()),
            _ => draft.path().to_owned(),
        };
        Disk { entry: clean(&entry), draft: RefCell::new(draft), roots }
    }

    /// Where a path leads: to itself, or to the file in another folder of the pipeline that would have the
    /// same name.
    fn candidates(&self, path: &Path) -> Vec<PathBuf> {
        let path = clean(path);
        let mut candidates = Vec::new();
        for (prefix, folder) in &self.roots {
            let Some(below) = path.strip_prefix(folder).ok().and_then(Path::to_str) else {
                continue;
            };
            let name = format!("{prefix}{}", below.replace(std::path::MAIN_SEPARATOR, "/"));
            let others = self.roots.iter().filter(|(_, other)| other != folder);
            candidates.extend(others.filter_map(|(prefix, folder)| {
                Some(folder.join(name.strip_prefix(prefix.as_str())?))
            }));
        }
        candidates.insert(0, path);
        candidates
    }

    /// The one of the candidates that is there. Those before it count: a file may appear there.
    fn find(&self, path: &Path, is_there: impl Fn(&Path) -> bool) -> Option<PathBuf> {
        for candidate in self.candidates(path) {
            if is_there(&candidate) {
                return Some(candidate);
            }
            // What cannot be looked at is found by nobody.
            let _ = self.draft.borrow_mut().reads(&candidate);
        }
        None
    }
}

impl Fs for Disk<'_> {
    fn is_dir(&self, path: &Path) -> bool {
        self.find(path, Path::is_dir).is_some()
    }

    fn is_file(&self, path: &Path) -> bool {
        self.find(path, Path::is_file).is_some()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut draft = self.draft.borrow_mut();
        let bytes =
            if *path == self.entry { draft.bytes().to_owned() } else { draft.read(path)? };
        for (line, target) in lost(&String::from_utf8_lossy(&bytes)) {
            let path = shown(path);
            draft.warn(format!(
                "{path}:{line}: `@extend {target}` is lost, because `grass` does not extend what another module has: \
                 load that by `@import`, or have Dart Sass compile this by `command`"
            ));
        }
        Ok(bytes)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(self.find(path, Path::is_file).unwrap_or_else(|| clean(path)))
    }
}

/// The places in a file, each by its line, where something of another module is extended.
fn lost(text: &str) -> Vec<(usize, &str)> {
    let is_load = |line: &str| {
        let url = ["@use", "@forward"].iter().find_map(|rule| line.trim_start().strip_prefix(rule));
        url.is_some_and(|url| {
            !url.trim_start().trim_start_matches(['"', '\'']).starts_with("sass:")
        })
    };
    if !text.split([';', '\n']).any(is_load) {
        return Vec::new();
    }
    let mut targets = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for (_, rest) in
            line.match_indices("@extend").map(|(at, rule)| line.split_at(at + rule.len()))
        {
            let target = rest.split([';', '}', '!']).next().unwrap_or_default().trim();
            targets.push((number + 1, target));
        }
    }
    // What the file itself has is named elsewhere in it, too.
    let is_foreign = |&(_, target): &(usize, &str)| {
        let extended = targets.iter().filter(|(_, other)| *other == target).count();
        !target.is_empty() && text.matches(target).count() == extended
    };
    targets.iter().filter(|target| is_foreign(target)).copied().collect()
}

impl Logger for Disk<'_> {
    fn debug(&self, location: SpanLoc, message: &str) {
        // Cargo shows this with `-vv`.
        eprintln!("{}:{}: {message}", location.file.name(), location.begin.line + 1);
    }

    fn warn(&self, location: SpanLoc, message: &str) {
        let path = shown(Path::new(location.file.name()));
        // A text is written as it stands in the file.
        let message = message.trim_matches('"');
        self.draft.borrow_mut().warn(format!("{path}:{}: {message}", location.begin.line + 1));
    }
}
