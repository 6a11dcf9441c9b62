//! Compresses assets.

mod advice;
mod budget;
mod codec;
mod encoding;
mod profile;
mod schedule;
mod worth;

#[cfg(feature = "export")]
pub(crate) use codec::decodes_to;
pub use encoding::Encoding;
pub(crate) use profile::chosen;

use super::describe::Described;
use crate::bundle::Asset;
use crate::error::{Error, Warning, WarningKind};
use crate::kept::encodings::{Cache, Wanted};
use crate::progress::Listener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Compresses the contents of all files with each of the encodings. Adds to the warnings what a
/// person should know.
pub(crate) fn all(
    files: Vec<Described>,
    encodings: &[Encoding],
    cache: &Wanted,
    listener: &Listener,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Asset>, Error> {
    static ADVISED: AtomicBool = AtomicBool::new(false);
    if encodings.is_empty() {
        return Ok(files.into_iter().map(|file| Asset::new(file, Vec::new())).collect());
    }
    let (profile, out_dir) = profile::script().unzip();
    let cache = Cache::find(cache, out_dir.as_deref());
    let began = Instant::now();
    let (by_content, work) = schedule::run(&files, encodings, &cache, listener)?;
    let spent = began.elapsed();
    cache.sweep();
    let trouble = cache.trouble().map(str::to_owned);
    warnings.extend(trouble.map(|text| Warning::new(WarningKind::Cache, text, "")));
    let opt_level = env!("STAMPED_BUILD_OPT_LEVEL");
    if let Some(advice) = advice::advice(&work, spent, profile.as_deref(), opt_level)
        && !ADVISED.swap(true, Ordering::Relaxed)
    {
        warnings.push(Warning::new(WarningKind::SlowCompression, advice, ""));
    }
    let encoded = |file| {
        let encodings = by_content.of(&file);
        Asset::new(file, encodings)
    };
    Ok(files.into_iter().map(encoded).collect())
}
