//! Chooses the encodings of a build, by its settings or by its profile.

use super::Encoding;
use crate::config::Embed;
use crate::error::{Error, Problem};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The default of a build: no encodings in a debug build, and brotli and gzip in a release build,
/// whose profile inherits from `release`. Outside of a build script there are none.
fn by_profile(profile: Option<&OsStr>) -> Vec<Encoding> {
    match profile {
        Some(profile) if profile == "release" => vec![Encoding::brotli(), Encoding::gzip()],
        _ => Vec::new(),
    }
}

/// The profile and `OUT_DIR` of the build whose script this is. A build script has both: other
/// programs use the name `PROFILE` too, and tests that cargo runs have an `OUT_DIR`.
pub(super) fn script() -> Option<(OsString, PathBuf)> {
    Some((std::env::var_os("PROFILE")?, std::env::var_os("OUT_DIR")?.into()))
}

/// The encodings of a pipeline, after a check that each can be made.
pub(crate) fn chosen(asked: Option<Vec<Encoding>>, embed: Embed) -> Result<Vec<Encoding>, Error> {
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
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pipeline;

    #[test]
    fn a_release_build_has_encodings_and_others_have_none() {
        let release = by_profile(Some("release".as_ref()));
        assert_eq!(release, [Encoding::brotli(), Encoding::gzip()]);
        assert_eq!(by_profile(Some("debug".as_ref())), []);
        assert_eq!(by_profile(None), []);
    }

    #[test]
    fn a_level_that_does_not_exist_is_an_error() {
        let error = |encodings: &[Encoding]| {
            let pipeline = Pipeline::new("there is no such folder").allow_missing(true);
            pipeline.encodings(encodings.iter().copied()).process().unwrap_err().to_string()
        };
        assert!(error(&[Encoding::brotli().level(12)]).contains("`br` has no level 12"));
        assert!(error(&[Encoding::gzip().level(0)]).contains("from 1 to 12"));
        let twice = error(&[Encoding::gzip(), Encoding::brotli(), Encoding::gzip().level(1)]);
        assert!(twice.contains("`gzip` is asked for twice"));
    }
}
