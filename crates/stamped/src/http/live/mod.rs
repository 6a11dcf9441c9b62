//! Assets from the disk instead of the program, for development.

mod file;
mod name;
mod spelling;

use super::body::Body;
use super::caching::Caching;
use super::head::Head;
use super::negotiation;
use super::pages::Page;
use super::response::{self, Answer, Vary};
use super::{Handler, Target, answer_method, answer_selected};
use crate::LONGEST_PATH;
use crate::files::{AT_ROOT, Leads};
use crate::glob::{Glob, Globs};
use crate::index::Addressing;
use crate::{name as grammar, percent};
use alloc::{format, string::String, sync::Arc, vec::Vec};
use file::File;
use http::{Response, StatusCode};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// What a path leads to.
enum Found {
    /// A file on the disk, and whether it is the page that stands for unknown paths.
    File(File, bool),
    /// What the program has.
    Baked(Target),
    Problem(Problem),
}

impl Handler {
    /// Answers with the files in `folder` as they are at each request, instead of those in the
    /// program: edits and new files show at once, without a build. For development only.
    ///
    /// Only this call switches it on; the build profile does not. Let an argument or an environment
    /// variable of the program decide:
    ///
    /// ```
    /// # use stamped::http::Handler;
    /// fn handler(assets: &stamped::Assets) -> Handler {
    ///     let handler = Handler::new(assets).index("index.html");
    ///     // `LIVE_ASSETS=assets cargo run`
    ///     match std::env::var_os("LIVE_ASSETS") {
    ///         Some(folder) => handler.live_files(folder),
    ///         None => handler,
    ///     }
    /// }
    /// ```
    ///
    /// A relative folder starts where that of the pipeline does: at the package, if cargo runs the
    /// program (`cargo run` and `cargo test` set `CARGO_MANIFEST_DIR`) and the folder is there; else at
    /// the working directory of the program. Further folders can be added, as to the pipeline, with
    /// [`live_files_at`](Self::live_files_at) or with another call of this method. If several folders have a file of
    /// one name, the folder added first counts.
    ///
    /// # What a path gets
    ///
    /// - A plain name gets the file of that name, whether the program knows it or not.
    /// - A stamped path gets the file without the stamp, with any stamp, so the literals of `url!` lead
    ///   to what is on the disk now. No stamp is stale, and [`stale`](Self::stale) has no effect. A file
    ///   whose own name looks stamped goes first.
    /// - A file that the build serves at the root of the site too, as `/robots.txt`, is there. Of a new
    ///   file, the pipeline's default decides.
    /// - A name that no folder has comes from the program, if it is there: what the build script has
    ///   made or renamed, such as `app.css` from `app.scss`. So does a file that was deleted, until the
    ///   next build.
    ///
    /// Every answer is `no-store`. It has an `ETag`, by which a script can notice an edit: a strong one
    /// of the bytes or, for a file larger than 1 MiB, a weak one of its length and times. It has no
    /// content coding, and no `Last-Modified`, which would miss the second edit within a second. All
    /// other policies of the handler stay in force; [`index`](Self::index) and
    /// [`fallback`](Self::fallback) find files in the folders too.
    ///
    /// # What is different from a build
    ///
    /// Files are sent unchanged. References in them are not rewritten; they lead to plain names, which
    /// are read from the disk as well. The pipeline's transformations are not applied, and its patterns
    /// are not known: an excluded file is served. The case of letters counts, as in a build, even where
    /// the file system ignores it. Mind two things:
    ///
    /// - An `integrity` attribute has the hash of what was built, and a browser refuses anything else.
    ///   Leave it out of the pages meanwhile.
    /// - A module that a page loads by its stamped URL, and another module imports by its plain name,
    ///   runs twice.
    ///
    /// # What is never served
    ///
    /// Nothing outside the folders: a link inside may lead to another place inside, but not out of its
    /// folder, nor to or through a hidden name; [`follow_links`](Self::follow_links) allows both. No dot
    /// files, except in `.well-known`; no `*~`, `Thumbs.db` and `desktop.ini`; nothing that is not a
    /// regular file.
    ///
    /// An answer that needs your attention says why, in a line of text: 404 for a link that is not
    /// followed, 500 for a folder that does not exist and for a file that cannot be read.
    ///
    /// # Memory and waiting
    ///
    /// A file of up to 1 MiB is read into memory for each answer. A larger one is read 64 KiB at a time,
    /// as it is sent and only where the request asks for it, so a client that stalls holds no more than
    /// that. If such a file changes meanwhile, the answer is broken off. To know the charset of a large
    /// text, all of it is read once before.
    ///
    /// The thread that asks waits for the disk. For one developer that is short enough, so asynchronous
    /// servers call this handler as any other. It is one more reason not to serve the public this way.
    #[must_use]
    pub fn live_files(self, folder: impl Into<PathBuf>) -> Self {
        self.live_files_at("", folder)
    }

    /// Does what [`live_files`](Self::live_files) does, for a folder whose files have names below `prefix`: the
    /// counterpart of the pipeline's `root_at`.
    ///
    /// ```
    /// # use stamped::http::Handler;
    /// # fn example(handler: Handler) -> Handler {
    /// // `/static/vendor/x/x.css` gets `node_modules/x/dist/x.css`
    /// handler.live_files("assets").live_files_at("vendor/x", "node_modules/x/dist")
    /// # }
    /// ```
    #[must_use]
    pub fn live_files_at(mut self, prefix: &str, folder: impl Into<PathBuf>) -> Self {
        let prefix = match prefix.trim_matches('/') {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        let roots = self.live.roots.get_or_insert_default();
        Arc::make_mut(roots).push(Root { prefix, folder: folder.into(), base: package() });
        self
    }

    /// Lets links in live folders lead anywhere: out of their folder, and to or through hidden names.
    /// Off by default, so that no link publishes a file by accident. It changes nothing without
    /// [`live_files`](Self::live_files).
    ///
    /// ```
    /// # use stamped::http::Handler;
    /// # fn example(handler: Handler) -> Handler {
    /// // `assets/shared` is a link to a folder beside the package.
    /// handler.live_files("assets").follow_links(true)
    /// # }
    /// ```
    #[must_use]
    pub const fn follow_links(mut self, enabled: bool) -> Self {
        self.live.follow_links = enabled;
        self
    }

    /// Whether there is a folder to read.
    pub(super) const fn is_live(&self) -> bool {
        self.live.roots.is_some()
    }

    /// The answer with what is on the disk now.
    #[cold]
    pub(super) fn answer_live(&self, head: Head<'_>) -> Option<Response<Body>> {
        Some(match self.find_live(head)? {
            Found::Problem(problem) => problem.respond(),
            Found::File(file, by_accept) => answer_method(head.method())
                .unwrap_or_else(|| self.answer_file(head, file, by_accept)),
            Found::Baked(target) => self.answer_target(head, target),
        })
    }

    fn find_live(&self, head: Head<'_>) -> Option<Found> {
        let mut buffer = [0; LONGEST_PATH];
        let path = percent::decode(head.path().as_bytes(), &mut buffer)?;
        let path = core::str::from_utf8(path).ok()?;
        let mount = self.assets.mount();
        let below = path.strip_prefix(mount).and_then(|path| path.strip_prefix('/'));
        let found = match below {
            Some(below) => self.named(below),
            None => self.at_root(path),
        };
        if found.is_some() {
            return found;
        }
        let get = |folder: &str, file: &str| self.named(&format!("{folder}{file}"));
        Some(match self.pages.find(mount, head, get)? {
            Page::Index(found) => found,
            Page::Folder(url) => Found::Baked(Target::Redirect(url.into())),
            Page::Fallback(Found::File(file, _)) => Found::File(file, true),
            Page::Fallback(Found::Baked(Target::Asset(asset, caching))) => {
                Found::Baked(Target::Fallback(asset, caching))
            }
            Page::Fallback(found) => found,
        })
    }

    /// What has this name or, if nothing has, the name in this stamped path.
    fn named(&self, path: &str) -> Option<Found> {
        self.current(path).or_else(|| self.current(&self.unstamped(path)?))
    }

    /// What is served under this path at the root of the site. Of a file that the program does not
    /// know, the default of the pipeline decides.
    fn at_root(&self, path: &str) -> Option<Found> {
        static DEFAULT: LazyLock<Globs> = LazyLock::new(|| {
            let mut globs = Globs::default();
            for pattern in AT_ROOT {
                match Glob::new(pattern) {
                    Ok(glob) => globs.add(glob),
                    Err(why) => unreachable!("the default `{pattern}` is no pattern: {why}"),
                }
            }
            globs
        });
        let name = path.strip_prefix('/')?;
        let is_at_root = match self.assets.get(name) {
            Some(asset) => asset.is_at_root(),
            None => DEFAULT.matches(name),
        };
        if is_at_root { self.current(name) } else { None }
    }

    /// What has this name: a file, else an asset of the program.
    fn current(&self, name: &str) -> Option<Found> {
        match self.live.read(name) {
            Some(Ok(file)) => Some(Found::File(file, false)),
            Some(Err(problem)) => Some(Found::Problem(problem)),
            None => {
                let asset = self.assets.get(name)?;
                let is_here = asset.representations().len() > 0;
                is_here.then_some(Found::Baked(Target::Asset(asset, Caching::Never)))
            }
        }
    }

    /// The name in a stamped path, unless it is that of an asset that is never stamped.
    fn unstamped(&self, path: &str) -> Option<String> {
        let parts = grammar::unstamp(path)?;
        let name = format!("{}{}", parts.stem, parts.suffix);
        let is_stamped =
            self.assets.get(&name).is_none_or(|asset| asset.addressing() == Addressing::Stamped);
        is_stamped.then_some(name)
    }

    /// The answer with a file that was just read.
    fn answer_file(&self, head: Head<'_>, file: File, by_accept: bool) -> Response<Body> {
        if !negotiation::accepts_identity(head.headers()) {
            let accept_encoding = true;
            return response::not_acceptable(Vary {
                accept: by_accept,
                accept_encoding,
                ..Vary::NONE
            });
        }
        let answer = Answer {
            content: file,
            caching: Caching::Never,
            content_location: None,
            vary: Vary { accept: by_accept, ..Vary::NONE },
            is_dictionary: false,
            extra: &self.extra,
        };
        answer_selected(head, &answer)
    }
}

/// The folders of a handler; none where it answers from the program.
#[derive(Clone, Debug)]
pub(super) struct Folders {
    roots: Option<Arc<Vec<Root>>>,
    follow_links: bool,
}

/// A folder, and what the names of its files begin with: nothing, or some folders and a slash.
#[derive(Clone, Debug)]
struct Root {
    prefix: String,
    folder: PathBuf,
    /// Where a relative folder is looked for first.
    base: Option<PathBuf>,
}

/// The folder of the package that cargo runs.
fn package() -> Option<PathBuf> {
    std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from)
}

/// Why a file is not served, for the developer who misses it.
#[derive(Debug)]
struct Problem {
    status: StatusCode,
    why: String,
}

impl Folders {
    pub(super) const NONE: Self = Folders { roots: None, follow_links: false };

    /// The file of this name, read from the first folder that has it. `None` where none has.
    fn read(&self, name: &str) -> Option<Result<File, Problem>> {
        if !name::is_served(name) {
            return None;
        }
        let mut problem = None;
        for root in self.roots.iter().flat_map(|roots| roots.iter()) {
            let Some(below) = name.strip_prefix(&*root.prefix) else { continue };
            match root.read(name, below, self.follow_links) {
                Ok(None) => {}
                Ok(Some(file)) => return Some(Ok(file)),
                Err(one) => problem = problem.or(Some(Err(one))),
            }
        }
        problem
    }
}

impl Root {
    /// Reads the file at `below`, a path of plain names.
    ///
    /// All links are resolved before the file is opened. A program that can write in the folder could
    /// put another link there in between, but it could put the file there as well.
    fn read(&self, name: &str, below: &str, follow_links: bool) -> Result<Option<File>, Problem> {
        let folder = self.resolved().map_err(|error| Problem::folder(&self.folder, &error))?;
        let mut asked = folder.clone();
        asked.extend(below.split('/'));
        let path = match asked.canonicalize() {
            Ok(path) => path,
            Err(error) if is_absence(&error) => return Ok(None),
            Err(error) => return Err(Problem::unreadable(name, &error)),
        };
        // Where both are the same, each name is the real one and no link was followed.
        if path != asked {
            if !follow_links && Leads::of(&folder, &path) != Leads::Inside {
                return Err(Problem::link(name));
            }
            match spelling::is_real(&folder, below) {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(error) => return Err(Problem::unreadable(name, &error)),
            }
        }
        match file::read(name, &path) {
            Ok(file) => Ok(file),
            // Deleted since.
            Err(error) if is_absence(&error) => Ok(None),
            Err(error) => Err(Problem::unreadable(name, &error)),
        }
    }

    /// The folder without links. Without this look, a program that runs in the wrong directory would
    /// seem to work.
    fn resolved(&self) -> io::Result<PathBuf> {
        let in_package = self.base.as_ref().map(|base| base.join(&self.folder));
        let folder = match in_package.filter(|folder| folder.is_dir()) {
            Some(folder) => folder.canonicalize()?,
            None => self.folder.canonicalize()?,
        };
        if folder.is_dir() { Ok(folder) } else { Err(io::ErrorKind::NotADirectory.into()) }
    }
}

/// Whether the error says that there is no such file, or cannot be one.
fn is_absence(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    matches!(error.kind(), InvalidFilename | InvalidInput | NotADirectory | NotFound)
}

impl Problem {
    fn folder(folder: &Path, error: &io::Error) -> Self {
        let folder = folder.display();
        let hint = "a relative path begins at the package that cargo runs, else at the working \
                    directory of the program";
        let why = format!("the folder `{folder}` cannot be read: {error}; {hint}\n");
        Problem { status: StatusCode::INTERNAL_SERVER_ERROR, why }
    }

    fn unreadable(name: &str, error: &io::Error) -> Self {
        let why = format!("`{name}` cannot be read: {error}\n");
        Problem { status: StatusCode::INTERNAL_SERVER_ERROR, why }
    }

    fn link(name: &str) -> Self {
        let why = format!(
            "`{name}` is behind a link that leads out of the folder or to a hidden name; add the folder \
             that it leads to with `Handler::live_files_at`, or allow all links with `Handler::follow_links`\n"
        );
        Problem { status: StatusCode::NOT_FOUND, why }
    }

    fn respond(self) -> Response<Body> {
        response::explained(self.status, self.why)
    }
}
