//! Compresses assets.

mod advice;
mod budget;
mod codec;
mod deltas;
mod encoding;
mod profile;
mod schedule;
mod worth;

#[cfg(feature = "export")]
pub(crate) use codec::decodes_to;
pub(crate) use deltas::all as deltas;
pub use encoding::Encoding;
pub(crate) use profile::{Chosen, chosen, script};

use super::describe::Described;
use crate::bundle::Asset;
use crate::error::{Error, Warning, WarningKind};
use crate::kept::cache::{Cache, Wanted};
use crate::progress::Listener;
use std::sync::atomic::{AtomicBool, Ordering};

/// How this crate is optimised.
const OPT_LEVEL: &str = env!("STAMPED_BUILD_OPT_LEVEL");

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
    let is_slow = profile.is_some() && OPT_LEVEL == "0";
    let bytes = if is_slow { schedule::size(&files) } else { 0 };
    let made: Vec<Encoding> =
        encodings.iter().map(|encoding| encoding.unoptimised(bytes)).collect();
    let lowered = (made != encodings).then_some(bytes);
    let (by_content, work) = schedule::run(&files, &made, &cache, listener)?;
    cache.sweep();
    let trouble = cache.trouble().map(str::to_owned);
    warnings.extend(trouble.map(|text| Warning::new(WarningKind::Cache, text, "")));
    if let Some(profile) = profile.filter(|_| is_slow)
        && let Some(advice) = advice::advice(lowered, &work, &profile)
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
