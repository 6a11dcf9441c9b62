//! Chooses the encodings of a build, by its settings or by its profile.

use super::Encoding;
use crate::config::Embed;
use crate::error::{Error, Problem};
use stamped::Coding;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The default of a build: no encodings in a debug build, and brotli and gzip in a release build,
/// whose profile inherits from `release`. Outside of a build script there are none.
fn by_profile(profile: Option<&OsStr>) -> Vec<Encoding> {
    match profile {
        Some(profile) if profile == "release" => vec![
            #[cfg(any(feature = "brotli", feature = "native"))]
            Encoding::brotli(),
            #[cfg(any(feature = "gzip", feature = "native"))]
            Encoding::gzip(),
        ],
        _ => Vec::new(),
    }
}

/// The profile and `OUT_DIR` of the build whose script this is. A build script has both: other
/// programs use the name `PROFILE` too, and tests that cargo runs have an `OUT_DIR`.
pub(crate) fn script() -> Option<(OsString, PathBuf)> {
    Some((std::env::var_os("PROFILE")?, std::env::var_os("OUT_DIR")?.into()))
}

/// The encodings of a pipeline.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// Those that any client can decode by itself.
    pub(crate) whole: Vec<Encoding>,
    /// That which needs an earlier version.
    pub(crate) delta: Option<Encoding>,
}

/// The encodings of a pipeline, after a check that each can be made.
pub(crate) fn chosen(asked: Option<Vec<Encoding>>, embed: Embed) -> Result<Chosen, Error> {
    let chosen = match (asked, embed) {
        (Some(asked), _) => asked,
        (None, Embed::Nothing) => Vec::new(),
        (None, _) => by_profile(script().as_ref().map(|(profile, _)| profile.as_os_str())),
    };
    for (at, encoding) in chosen.iter().enumerate() {
        let coding = encoding.coding.token();
        let levels = encoding.levels();
        if !levels.contains(&encoding.level) {
            let (level, levels) = (encoding.level, (*levels.start(), *levels.end()));
            return Err(Problem::BadLevel { coding, level, levels }.into());
        }
        if chosen.iter().take(at).any(|other| other.coding == encoding.coding) {
            return Err(Problem::CodingTwice { coding }.into());
        }
    }
    let delta = chosen.iter().copied().find(|encoding| encoding.coding == Coding::Delta);
    let whole = chosen.into_iter().filter(|&encoding| Some(encoding) != delta).collect();
    Ok(Chosen { whole, delta })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_build_has_encodings_and_others_have_none() {
        let release = by_profile(Some("release".as_ref()));
        assert_eq!(release, [Encoding::brotli(), Encoding::gzip()]);
        assert_eq!(by_profile(Some("debug".as_ref())), []);
        assert_eq!(by_profile(None), []);
    }
}
