//! Checks whether everything that a bake depends on is unchanged since the last bake.
//!
//! A build script may run for reasons that have nothing to do with assets. If nothing they depend
//! on has changed, the last output stays, and no file is read.

use crate::config::Config;
use crate::digest::{Hash, Hasher};
use crate::error::Warning;
use crate::kept::program::{identity, marks};
use crate::stages::encode::Chosen;
use crate::stages::walk::{Entry, Walked};
use crate::write;
use stamped::files;
use stamped::hash::hash;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The coarsest times of any file system in use. A file that was written this recently may be
/// written again without a change of its time.
const COARSEST: Duration = Duration::from_secs(2);

/// What a bake depends on: settings, environment, and the names, sizes and times of all files.
#[derive(Debug)]
pub(crate) struct Snapshot {
    path: PathBuf,
    fingerprint: String,
    /// Whether any later change of a file is certain to show.
    settled: bool,
}

impl Snapshot {
    /// Takes a snapshot of this moment, to compare it with the one that is kept at `path`. `None`
    /// if the system does not report enough.
    pub(crate) fn take(
        path: PathBuf,
        config: &Config,
        encodings: &Chosen,
        walked: &Walked,
    ) -> Option<Self> {
        let now = SystemTime::now();
        let mut hasher = Hasher::default();
        hasher.update(identity()?.as_bytes());
        for (name, bytes) in &config.files {
            hasher.update(format!("{name:?}").as_bytes());
            hasher.update(Hash::of(bytes).as_bytes());
        }
        let config = Config { files: Vec::new(), ..config.clone() };
        hasher.update(format!("{config:?} {encodings:?}").as_bytes());
        for variable in ["SOURCE_DATE_EPOCH", "MACOSX_DEPLOYMENT_TARGET"] {
            hasher.update(format!(" {:?}", std::env::var_os(variable)).as_bytes());
        }
        // Files that the walk skipped have no entry, but a warning.
        hasher.update(format!("{:?}", walked.warnings).as_bytes());
        let entries = &walked.entries;
        let mut settled = true;
        let mut facts = Vec::with_capacity(entries.len() * 256);
        for entry in entries {
            let Entry { name, path, committed, made, ignored, metadata } = entry;
            let metadata = metadata.as_ref()?;
            let age = now.duration_since(metadata.modified().ok()?);
            settled &= age.is_ok_and(|age| age > COARSEST);
            facts.extend_from_slice(name.as_bytes());
            facts.push(0);
            let flags = [u8::from(*made), u8::from(*ignored), u8::from(committed.is_some())];
            facts.extend_from_slice(&flags);
            facts.extend_from_slice(&committed.unwrap_or_default().to_le_bytes());
            facts.extend_from_slice(path.as_os_str().as_encoded_bytes());
            facts.push(0);
            facts.extend_from_slice(&marks(metadata)?);
        }
        for path in &walked.others {
            let metadata = path.metadata().ok()?;
            let age = now.duration_since(metadata.modified().ok()?);
            settled &= age.is_ok_and(|age| age > COARSEST);
            facts.extend_from_slice(path.as_os_str().as_encoded_bytes());
            facts.push(0);
            facts.extend_from_slice(&marks(&metadata)?);
        }
        // Two hundred bytes for each file: SHA-384 takes ten times as long where nothing is optimised.
        for seed in [0, 1] {
            hasher.update(&hash(seed, &facts).to_le_bytes());
        }
        Some(Snapshot { path, fingerprint: hasher.finish().to_hex(), settled })
    }

    /// The warnings of the last bake, if it had the same snapshot and its output is unchanged.
    pub(crate) fn warnings_of_last(&self) -> Option<Vec<String>> {
        let kept = String::from_utf8(files::read(&self.path, u64::MAX).ok()?.bytes).ok()?;
        let mut lines = kept.lines();
        if lines.next()? != self.fingerprint {
            return None;
        }
        let mut warnings = Vec::new();
        for line in lines {
            match line.split_once(' ')? {
                ("warning", text) => warnings.push(text.to_owned()),
                ("output", file) => {
                    let (mark, name) = file.split_once(' ')?;
                    if mark != mark_of(&self.path.with_file_name(name))? {
                        return None;
                    }
                }
                _ => return None,
            }
        }
        Some(warnings)
    }

    /// Keeps the snapshot, with the files that were written beside it and the warnings.
    pub(crate) fn save(&self, outputs: &[String], warnings: &[Warning]) {
        let kept = self.settled.then(|| self.lines(outputs, warnings)).flatten();
        // If it cannot be kept, the next run does everything again.
        let _ = match kept {
            Some(kept) => write::if_changed(&self.path, kept.as_bytes()).is_ok(),
            None => std::fs::remove_file(&self.path).is_ok(),
        };
    }

    fn lines(&self, outputs: &[String], warnings: &[Warning]) -> Option<String> {
        let mut kept = format!("{}\n", self.fingerprint);
        for name in outputs {
            kept.push_str(&format!(
                "output {} {name}\n",
                mark_of(&self.path.with_file_name(name))?
            ));
        }
        for warning in warnings {
            kept.push_str(&format!("warning {}\n", warning.to_string().replace(['\n', '\r'], " ")));
        }
        Some(kept)
    }
}

/// A mark that changes whenever the file is written.
fn mark_of(path: &Path) -> Option<String> {
    Some(Hash::of(&marks(&path.metadata().ok()?)?).to_short_hex())
}
