//! What the tests of the scanner have in common.

use super::scan;
use crate::Reference;

/// The references of a source about which there is nothing to complain.
pub(super) fn references(source: &str) -> Vec<Reference> {
    let found = scan(source.as_bytes());
    assert_eq!(found.skipped, [], "in {source}");
    found.references
}

pub(super) fn urls(source: &str) -> Vec<String> {
    references(source).into_iter().map(|reference| reference.url).collect()
}

/// That each source has these references, and that the lexer still knows its way behind.
pub(super) fn assert_urls(cases: &[(&str, &[&str])]) {
    for (source, expected) in cases {
        let mut expected = expected.to_vec();
        expected.push("end");
        assert_eq!(urls(&format!("{source}\n;import('end')")), expected, "in {source}");
    }
}

/// That each source has exactly the one reference `yes`. The others, called `no`, are text.
pub(super) fn assert_only_yes(sources: &[&str]) {
    for source in sources {
        assert_eq!(urls(source), ["yes"], "in {source}");
    }
}

pub(super) fn assert_given_up(cases: &[(&str, usize)]) {
    for &(source, at) in cases {
        let found = scan(source.as_bytes());
        assert_eq!(found.references, [], "in {source}");
        let places: Vec<_> = found.skipped.iter().map(|skipped| skipped.at).collect();
        assert_eq!(places, [at], "in {source}: {:?}", found.skipped);
    }
}
