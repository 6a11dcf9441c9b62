//! How a stamp is decided.

use crate::error::{Error, Problem};
use crate::read::{Source, Time};
use crate::select::Rules;
use rayon::prelude::*;
use stamped::Kind;
use stamped::name::STAMP_DIGITS;

/// How stamps are made. Every stamp is 1 to 20 decimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stamp {
    /// The seconds of the modification time, as in `style.1452929749.css`.
    ///
    /// A time that says nothing of the file makes a stamp of its content instead: a constant that
    /// package managers and archives set (npm, cargo, zip, Nix and others), a time before 1970, and
    /// one later than `SOURCE_DATE_EPOCH`, which a reproducible build must not show. A file that was
    /// transformed has the seconds followed by six digits of its final bytes.
    #[default]
    Modified,
    /// The seconds of the last git commit on this branch (its first parents) that changed the file,
    /// for builds on several machines from fresh checkouts. A file with uncommitted changes, or
    /// outside of git: as [`Modified`](Self::Modified).
    Committed,
    /// 64 bits of BLAKE3 over the final bytes and the name, 20 digits: equal on every machine.
    Content,
    /// This number, such as a release's, for every file.
    Fixed(u64),
}

/// Times that tools set when they do not want to tell one: 0 and 1 (Nix, OSTree), the first of
/// 1980 (zip, Bazel), and those of npm and cargo packages.
const MEANINGLESS: &[u64] = &[0, 1, 315_532_800, 499_162_500, 1_153_704_088];

/// The limit of times in a reproducible build.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    source_date_epoch: Option<u64>,
}

impl Clock {
    /// Reads `SOURCE_DATE_EPOCH`.
    pub(crate) fn from_environment() -> Result<Self, Error> {
        const VARIABLE: &str = "SOURCE_DATE_EPOCH";
        let Some(value) = std::env::var_os(VARIABLE) else { return Ok(Clock::default()) };
        match value.to_str().and_then(|text| text.parse().ok()) {
            Some(seconds) => Ok(Clock { source_date_epoch: Some(seconds) }),
            None => Err(Problem::BadEnvironment {
                variable: VARIABLE,
                value: value.to_string_lossy().into_owned(),
                wanted: "a number of seconds since 1970",
            }
            .into()),
        }
    }

    /// The time of a source, if it tells its versions apart.
    fn telling(self, time: Option<Time>) -> Option<u64> {
        match time? {
            Time::Committed(seconds) => Some(seconds),
            // A time that had to be clamped is that of the release and not of the file.
            Time::Modified(seconds) => Some(seconds)
                .filter(|seconds| !MEANINGLESS.contains(seconds))
                .filter(|&seconds| self.source_date_epoch.is_none_or(|epoch| seconds <= epoch)),
        }
    }
}

/// A source with its stamp, if it has one.
#[derive(Debug)]
pub(crate) struct Stamped {
    pub(crate) source: Source,
    pub(crate) kind: Kind,
    pub(crate) stamp: Option<String>,
    /// Of the bytes.
    pub(crate) hash: blake3::Hash,
    /// Seconds since 1970, if these bytes are known to be of that time.
    pub(crate) modified: Option<u64>,
}

/// Decides the stamps of all sources.
pub(crate) fn all(
    sources: Vec<Source>,
    rules: &Rules,
    stamp: Stamp,
    clock: &Clock,
) -> Vec<Stamped> {
    sources.into_par_iter().map(|source| one(source, rules, stamp, clock)).collect()
}

fn one(source: Source, rules: &Rules, stamp: Stamp, clock: &Clock) -> Stamped {
    let hash = blake3::hash(&source.bytes);
    let kind = rules.kind(&source.name);
    let time = match stamp {
        Stamp::Modified | Stamp::Committed => clock.telling(source.time),
        Stamp::Content | Stamp::Fixed(_) => None,
    };
    let digits = || match (stamp, time) {
        (Stamp::Fixed(number), _) => number.to_string(),
        (_, Some(seconds)) if source.changed => changed(seconds, &source.name, &hash),
        (_, Some(seconds)) => seconds.to_string(),
        (_, None) => content(&source.name, &hash),
    };
    let stamp = (kind == Kind::Stamped).then(digits);
    let modified = time.filter(|_| !source.changed);
    Stamped { source, kind, stamp, hash, modified }
}

/// The stamp of bytes that do not follow from the file alone: time does not tell their versions
/// apart, so their content does.
fn changed(seconds: u64, name: &str, hash: &blake3::Hash) -> String {
    let digits = format!("{seconds}{:06}", number(name, hash) % 1_000_000);
    if digits.len() <= STAMP_DIGITS { digits } else { content(name, hash) }
}

fn content(name: &str, hash: &blake3::Hash) -> String {
    format!("{:020}", number(name, hash))
}

/// 64 bits of the hash of a name and of the bytes' hash, which has a fixed length.
fn number(name: &str, hash: &blake3::Hash) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(hash.as_bytes());
    hasher.update(name.as_bytes());
    let both = hasher.finalize();
    both.as_bytes().first_chunk().copied().map_or(0, u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pipeline;

    fn stamp(
        name: &str,
        time: Option<u64>,
        bytes: &str,
        stamp: Stamp,
        epoch: Option<u64>,
    ) -> Stamped {
        let source = Source {
            name: name.to_owned(),
            origin: name.into(),
            time: time.map(Time::Modified),
            bytes: bytes.as_bytes().into(),
            changed: false,
        };
        let rules = Rules::new(&Pipeline::new("assets")).unwrap();
        one(source, &rules, stamp, &Clock { source_date_epoch: epoch })
    }

    fn modified(time: u64, epoch: Option<u64>) -> String {
        stamp("a.css", Some(time), "x", Stamp::Modified, epoch).stamp.unwrap()
    }

    #[test]
    fn a_modification_time_is_the_stamp() {
        assert_eq!(modified(1_452_929_749, None), "1452929749");
        assert_eq!(modified(1_452_929_749, Some(1_500_000_000)), "1452929749");
    }

    #[test]
    fn a_time_that_says_nothing_gives_way_to_the_content() {
        let content = stamp("a.css", None, "x", Stamp::Content, None).stamp.unwrap();
        assert_eq!(content.len(), 20);
        for constant in [0, 1, 315_532_800, 499_162_500, 1_153_704_088] {
            assert_eq!(modified(constant, None), content, "{constant}");
        }
        assert_eq!(modified(1_500_000_001, Some(1_500_000_000)), content);
        let no_time = stamp("a.css", None, "x", Stamp::Modified, None);
        assert_eq!((no_time.stamp.unwrap(), no_time.modified), (content, None));
    }

    #[test]
    fn content_stamps_cover_bytes_and_name() {
        let stamp = |name, bytes| stamp(name, Some(7), bytes, Stamp::Content, None).stamp.unwrap();
        assert_eq!(stamp("a.css", "x"), stamp("a.css", "x"));
        assert_ne!(stamp("a.css", "x"), stamp("a.css", "y"));
        assert_ne!(stamp("a.css", "x"), stamp("b.css", "x"));
    }

    #[test]
    fn a_fixed_stamp_is_the_number_itself() {
        assert_eq!(stamp("a.css", Some(9), "", Stamp::Fixed(42), None).stamp.unwrap(), "42");
        let largest = stamp("a.css", None, "", Stamp::Fixed(u64::MAX), None).stamp.unwrap();
        assert_eq!(largest.len(), STAMP_DIGITS);
    }

    #[test]
    fn a_plain_file_has_no_stamp_but_a_time() {
        let plain = stamp("robots.txt", Some(1_452_929_749), "", Stamp::Modified, None);
        assert_eq!(
            (plain.kind, plain.stamp, plain.modified),
            (Kind::Plain, None, Some(1_452_929_749))
        );
    }

    #[test]
    fn the_longest_time_still_fits() {
        let hash = blake3::hash(b"");
        for seconds in [9_999_999_999, 99_999_999_999_999, 100_000_000_000_000, u64::MAX] {
            assert!(changed(seconds, "a", &hash).len() <= STAMP_DIGITS);
        }
    }
}
