//! Any other program.

use crate::paths::package;
use stamped_build::{BoxError, Draft, Transform};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{self, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, thread};

/// What stands for the path of the file in an argument.
const IN: &str = "{in}";

/// What stands for the path of the result in an argument.
const OUT: &str = "{out}";

/// Passes files through a program, such as Tailwind's.
///
/// The program runs in the folder of the package. It gets the file on its standard input, or by its path where an
/// argument has `{in}`. The result is what it writes to its standard output, or to the path that takes the place of
/// `{out}`. If it fails, its own message is the error of the build.
///
/// Only the program knows what else it reads. So it runs for each file whenever the build script runs, unless
/// [`reads`](Command::reads) says all of it.
///
/// ```
/// use stamped_build::Pipeline;
/// use stamped_transform::command;
///
/// let tailwind = command("*.tw.css", ["node_modules/.bin/tailwindcss", "--input", "-", "--minify"])
///     .rename("tw.css", "css")
///     .reads("templates")
///     .reads("package-lock.json");
/// let pipeline = Pipeline::new("assets").transform_with(tailwind);
/// ```
#[derive(Clone, Debug)]
pub struct Command {
    pattern: String,
    words: Vec<String>,
    endings: Option<(String, String)>,
    environment: Vec<(String, String)>,
    reads: Vec<PathBuf>,
}

/// Passes the files that match a pattern through a program, which is the first of the words: see [`Command`].
///
/// The words are not read by a shell. On Windows, programs of npm have names such as `npx.cmd`.
#[must_use]
pub fn command<W: Into<String>>(
    pattern: impl Into<String>,
    words: impl IntoIterator<Item = W>,
) -> Command {
    Command {
        pattern: pattern.into(),
        words: words.into_iter().map(Into::into).collect(),
        endings: None,
        environment: Vec::new(),
        reads: Vec::new(),
    }
}

impl Command {
    /// Gives the results another ending. Default: they keep their names.
    ///
    /// ```
    /// let less = stamped_transform::command("*.less", ["npx", "lessc", "-"]).rename("less", "css");
    /// ```
    #[must_use]
    pub fn rename(mut self, ending: impl Into<String>, new_ending: impl Into<String>) -> Self {
        self.endings = Some((ending.into(), new_ending.into()));
        self
    }

    /// Sets an environment variable for the program.
    ///
    /// ```
    /// let tool = stamped_transform::command("*.css", ["npx", "postcss"]).env("NODE_ENV", "production");
    /// ```
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Says that the program reads this file, or the files in this folder, relative to the package. Cargo and live
    /// mode watch it.
    ///
    /// Once this was called, the program runs only for files that changed, or for all of them when one of these
    /// has changed. So name everything that it reads: the folders where it looks for class names, its configuration,
    /// and `package-lock.json` for its own version.
    ///
    /// ```
    /// let tool = stamped_transform::command("*.css", ["npx", "postcss"]).reads("postcss.config.js");
    /// ```
    #[must_use]
    pub fn reads(mut self, path: impl Into<PathBuf>) -> Self {
        self.reads.push(path.into());
        self
    }
}

impl Transform for Command {
    fn pattern(&self) -> &str {
        &self.pattern
    }

    fn fingerprint(&self) -> Option<String> {
        let Command { pattern: _, words, endings, environment, reads } = self;
        (!reads.is_empty()).then(|| format!("{words:?} {endings:?} {environment:?} {reads:?}"))
    }

    fn apply(&self, draft: &mut Draft) -> Result<(), BoxError> {
        for path in &self.reads {
            draft.reads(path)?;
        }
        let files = Files::new(draft, &self.words)?;
        let result = self.run(&files, draft.bytes());
        let result = result.and_then(|output| files.result(output, &self.line()));
        files.remove();
        let bytes = result?;
        if let Some((ending, new_ending)) = &self.endings
            && let Some(stem) = draft.name().strip_suffix(ending.as_str())
        {
            let name = format!("{stem}{new_ending}");
            draft.set_name(name);
        }
        draft.set_bytes(bytes);
        Ok(())
    }
}

impl Command {
    fn run(&self, files: &Files, bytes: &[u8]) -> Result<Output, BoxError> {
        let Some((program, arguments)) = self.words.split_first() else {
            return Err("a command without words names no program".into());
        };
        let package = package();
        // A path is relative to the package, as all paths of a pipeline.
        let mut command = match Path::new(program).components().count() {
            1 => process::Command::new(program),
            _ => process::Command::new(package.join(program)),
        };
        if package.is_dir() {
            command.current_dir(&package);
        }
        command.args(arguments.iter().map(|argument| files.fill(argument)));
        // Not all programs heed it.
        command.env("NO_COLOR", "1");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let is_piped = files.input.is_none();
        command.stdin(if is_piped { Stdio::piped() } else { Stdio::null() });
        let mut child = command.spawn().map_err(|error| cannot_run(program, &error))?;
        let stdin = child.stdin.take();
        // It may write before it has read everything.
        let output = thread::scope(|scope| {
            scope.spawn(move || {
                // One that does not want its input closes it.
                let _ = stdin.map(|mut stdin| stdin.write_all(bytes));
            });
            child.wait_with_output()
        });
        Ok(output.map_err(|error| cannot_run(program, &error))?)
    }

    /// The command as a person would type it.
    fn line(&self) -> String {
        self.words.join(" ")
    }
}

fn cannot_run(program: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!(
            "the program `{program}` is not there: install it, or write its path relative to the package"
        ),
        _ => format!("the program `{program}` cannot be run: {error}"),
    }
}

/// The files that take the places in the arguments.
struct Files {
    input: Option<PathBuf>,
    output: Option<PathBuf>,
    /// Where files lie that are needed for this run only.
    folder: Option<PathBuf>,
}

impl Files {
    fn new(draft: &Draft, words: &[String]) -> io::Result<Self> {
        let has = |place| words.iter().any(|word| word.contains(place));
        let mut files = Files { input: None, output: None, folder: None };
        let name = draft.name().rsplit('/').next().unwrap_or_default();
        if has(IN) {
            // Beside the file, the program finds what the file names.
            let is_same = fs::read(draft.path()).is_ok_and(|bytes| bytes == draft.bytes());
            files.input = Some(match is_same {
                true => std::path::absolute(draft.path())?,
                false => {
                    let path = files.folder()?.join(name);
                    fs::write(&path, draft.bytes())?;
                    path
                }
            });
        }
        if has(OUT) {
            files.output = Some(files.folder()?.join(format!("out.{name}")));
        }
        Ok(files)
    }

    /// A folder that no other run has.
    fn folder(&mut self) -> io::Result<&Path> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        if self.folder.is_none() {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let own = format!("stamped-command-{}-{count}", process::id());
            let around = env::var_os("OUT_DIR").map_or_else(env::temp_dir, PathBuf::from);
            let folder = std::path::absolute(around.join(own))?;
            fs::create_dir_all(&folder)?;
            self.folder = Some(folder);
        }
        Ok(self.folder.as_deref().unwrap_or(Path::new("")))
    }

    fn fill(&self, argument: &str) -> String {
        let mut filled = argument.to_owned();
        for (place, path) in [(IN, &self.input), (OUT, &self.output)] {
            if let Some(path) = path {
                filled = filled.replace(place, &path.to_string_lossy());
            }
        }
        filled
    }

    /// What the program has made.
    fn result(&self, output: Output, line: &str) -> Result<Vec<u8>, BoxError> {
        let Output { status, stdout, stderr } = output;
        if !status.success() {
            let said = match stderr.trim_ascii() {
                [] => stdout.trim_ascii(),
                stderr => stderr,
            };
            let said = without_colors(&String::from_utf8_lossy(said));
            return Err(format!("`{line}` ended with {status}\n{said}").trim_end().into());
        }
        // Cargo shows this with `-vv`.
        eprint!("{}", String::from_utf8_lossy(&stderr));
        match &self.output {
            None => Ok(stdout),
            Some(path) => Ok(fs::read(path)
                .map_err(|_| format!("`{line}` succeeded, but wrote nothing to `{OUT}`"))?),
        }
    }

    fn remove(&self) {
        if let Some(folder) = &self.folder {
            // Files that stay are no harm: the next run has another folder.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// The text without the sequences that set colours of a terminal (ECMA-48, 5.4), which would be shown as characters.
fn without_colors(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| ('@'..='~').contains(&c));
        plain.push_str(end.and_then(|end| part.get(end + 1..)).unwrap_or_default());
    }
    plain
}
