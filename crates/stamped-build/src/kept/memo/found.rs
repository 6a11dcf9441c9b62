//! Encodes what a scanner found as bytes.

use stamped_scan::{
    Algorithm, ByName, Context, Found, Hash, Integrity, Knowing, Partial, Precached, Reference,
    ReferenceKind, Skipped, Version,
};
use std::ops::Range;

pub(super) fn encode(found: &Found) -> Vec<u8> {
    let mut bytes = vec![u8::from(found.module)];
    push(&mut bytes, found.references.len());
    for reference in &found.references {
        push_reference(&mut bytes, reference);
    }
    push(&mut bytes, found.partial.len());
    for partial in &found.partial {
        push(&mut bytes, partial.at);
        push_text(&mut bytes, &partial.url);
    }
    push(&mut bytes, usize::from(found.base.is_some()));
    push_text(&mut bytes, found.base.as_deref().unwrap_or_default());
    push(&mut bytes, found.hashes.len());
    for Hash { span, algorithm, digest } in &found.hashes {
        push_range(&mut bytes, span);
        push(&mut bytes, number_of(*algorithm));
        push_bytes(&mut bytes, digest);
    }
    push(&mut bytes, found.integrity.len());
    for Integrity { url, value } in &found.integrity {
        push_text(&mut bytes, url);
        push_range(&mut bytes, value);
    }
    push(&mut bytes, found.precached.len());
    for Precached { entry, reference, version } in &found.precached {
        push_range(&mut bytes, entry);
        push_reference(&mut bytes, reference);
        let (kind, digest): (usize, &[u8]) = match version {
            None => (0, &[]),
            Some(Version::Sha1 { digest, .. }) => (1, digest),
            Some(Version::Revision(_)) => (2, &[]),
            Some(Version::Unversioned(_)) => (3, &[]),
        };
        push(&mut bytes, kind);
        push_range(&mut bytes, &version.as_ref().map(Version::span).unwrap_or_default());
        push_bytes(&mut bytes, digest);
    }
    push(&mut bytes, found.by_name.len());
    for ByName { at, name, knowing } in &found.by_name {
        push(&mut bytes, *at);
        push(&mut bytes, usize::from(*knowing == Knowing::Element));
        push_text(&mut bytes, name);
    }
    for skipped in &found.skipped {
        push(&mut bytes, skipped.at);
        push_text(&mut bytes, &skipped.message);
    }
    bytes
}

/// Returns `None` for bytes that [`encode`] does not write.
pub(super) fn decode(bytes: &[u8]) -> Option<Found> {
    let (&module, mut rest) = bytes.split_first()?;
    let mut found = Found { module: module == 1, ..Found::default() };
    for _ in 0..number(&mut rest)? {
        found.references.push(take_reference(&mut rest)?);
    }
    for _ in 0..number(&mut rest)? {
        let (at, url) = (number(&mut rest)?, text(&mut rest)?);
        found.partial.push(Partial { at, url });
    }
    let (has_base, base) = (number(&mut rest)?, text(&mut rest)?);
    found.base = (has_base == 1).then_some(base);
    for _ in 0..number(&mut rest)? {
        let span = range(&mut rest)?;
        let algorithm = *ALGORITHMS.get(number(&mut rest)?)?;
        found.hashes.push(Hash { span, algorithm, digest: bytes_of(&mut rest)? });
    }
    for _ in 0..number(&mut rest)? {
        let (url, value) = (text(&mut rest)?, range(&mut rest)?);
        found.integrity.push(Integrity { url, value });
    }
    for _ in 0..number(&mut rest)? {
        let (entry, reference) = (range(&mut rest)?, take_reference(&mut rest)?);
        let (kind, span, digest) = (number(&mut rest)?, range(&mut rest)?, bytes_of(&mut rest)?);
        let version = match kind {
            0 => None,
            1 => Some(Version::Sha1 { span, digest }),
            2 => Some(Version::Revision(span)),
            3 => Some(Version::Unversioned(span)),
            _ => return None,
        };
        found.precached.push(Precached { entry, reference, version });
    }
    for _ in 0..number(&mut rest)? {
        let at = number(&mut rest)?;
        let knowing = match number(&mut rest)? {
            0 => Knowing::Worker,
            1 => Knowing::Element,
            _ => return None,
        };
        found.by_name.push(ByName { at, name: text(&mut rest)?, knowing });
    }
    while !rest.is_empty() {
        let at = number(&mut rest)?;
        let message = text(&mut rest)?.into();
        found.skipped.push(Skipped { at, message });
    }
    Some(found)
}

/// A reference, as [`take_reference`] reads it.
fn push_reference(bytes: &mut Vec<u8>, reference: &Reference) {
    let Reference { url, span, segment, kind, context } = reference;
    push_text(bytes, url);
    for number in [span.start, span.end, segment.start, segment.end] {
        push(bytes, number);
    }
    bytes.push(match kind {
        ReferenceKind::CssUrl => 0,
        ReferenceKind::CssImport => 1,
        ReferenceKind::StaticImport => 2,
        ReferenceKind::DynamicImport => 3,
        ReferenceKind::ImportMetaUrl => 4,
        ReferenceKind::ImportMetaResolve => 5,
        ReferenceKind::SourceMap => 6,
        ReferenceKind::Markup => 7,
        ReferenceKind::PageModule => 8,
        ReferenceKind::VitePreload => 9,
        ReferenceKind::Link => 10,
        ReferenceKind::Picture => 11,
    });
    bytes.extend(match *context {
        Context::CssUrl => [0, 0],
        Context::CssString(quote) => [1, quote],
        Context::JsString(quote) => [2, quote],
        Context::Comment => [3, 0],
        Context::Attribute(None) => [4, 0],
        Context::Attribute(Some(quote)) => [5, quote],
        Context::Json => [6, 0],
    });
}

/// Reads what [`push_reference`] wrote.
fn take_reference(rest: &mut &[u8]) -> Option<Reference> {
    let url = text(rest)?;
    let span = range(rest)?;
    let segment = range(rest)?;
    let (&[kind, context, quote], after) = rest.split_first_chunk()?;
    *rest = after;
    let kind = *KINDS.get(usize::from(kind))?;
    let context = match context {
        0 => Context::CssUrl,
        1 => Context::CssString(quote),
        2 => Context::JsString(quote),
        3 => Context::Comment,
        4 => Context::Attribute(None),
        5 => Context::Attribute(Some(quote)),
        6 => Context::Json,
        _ => return None,
    };
    Some(Reference { url, span, segment, kind, context })
}

/// The hash functions, in the order of their numbers.
const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512];

fn number_of(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Sha1 => 0,
        Algorithm::Sha256 => 1,
        Algorithm::Sha384 => 2,
        Algorithm::Sha512 => 3,
    }
}

/// The kinds, in the order of their numbers in [`push_reference`].
const KINDS: [ReferenceKind; 12] = [
    ReferenceKind::CssUrl,
    ReferenceKind::CssImport,
    ReferenceKind::StaticImport,
    ReferenceKind::DynamicImport,
    ReferenceKind::ImportMetaUrl,
    ReferenceKind::ImportMetaResolve,
    ReferenceKind::SourceMap,
    ReferenceKind::Markup,
    ReferenceKind::PageModule,
    ReferenceKind::VitePreload,
    ReferenceKind::Link,
    ReferenceKind::Picture,
];

fn push(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend((number as u64).to_le_bytes());
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    push_bytes(bytes, text.as_bytes());
}

fn push_bytes(bytes: &mut Vec<u8>, more: &[u8]) {
    push(bytes, more.len());
    bytes.extend(more);
}

fn push_range(bytes: &mut Vec<u8>, range: &Range<usize>) {
    push(bytes, range.start);
    push(bytes, range.end);
}

fn number(rest: &mut &[u8]) -> Option<usize> {
    let (number, after) = rest.split_first_chunk()?;
    *rest = after;
    usize::try_from(u64::from_le_bytes(*number)).ok()
}

fn range(rest: &mut &[u8]) -> Option<Range<usize>> {
    Some(number(rest)?..number(rest)?)
}

fn text(rest: &mut &[u8]) -> Option<String> {
    String::from_utf8(bytes_of(rest)?).ok()
}

fn bytes_of(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let length = number(rest)?;
    let (bytes, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn context() -> impl Strategy<Value = Context> {
        prop_oneof![
            Just(Context::CssUrl),
            any::<u8>().prop_map(Context::CssString),
            any::<u8>().prop_map(Context::JsString),
            Just(Context::Comment),
            any::<Option<u8>>().prop_map(Context::Attribute),
            Just(Context::Json),
        ]
    }

    prop_compose! {
        fn reference()(
            url in ".*", span: Range<usize>, segment: Range<usize>,
            kind in proptest::sample::select(&KINDS[..]), context in context()
        ) -> Reference {
            Reference { url, span, segment, kind, context }
        }
    }

    prop_compose! {
        fn hash()(
            span: Range<usize>, algorithm in proptest::sample::select(&ALGORITHMS[..]), digest: Vec<u8>
        ) -> Hash {
            Hash { span, algorithm, digest }
        }
    }

    prop_compose! {
        fn precached()(
            entry: Range<usize>, reference in reference(), version in proptest::option::of(version())
        ) -> Precached {
            Precached { entry, reference, version }
        }
    }

    fn version() -> impl Strategy<Value = Version> {
        prop_oneof![
            any::<(Range<usize>, Vec<u8>)>()
                .prop_map(|(span, digest)| Version::Sha1 { span, digest }),
            any::<Range<usize>>().prop_map(Version::Revision),
            any::<Range<usize>>().prop_map(Version::Unversioned),
        ]
    }

    prop_compose! {
        fn found()(
            references in proptest::collection::vec(reference(), 0..4),
            skipped in proptest::collection::vec((any::<usize>(), ".*"), 0..3),
            partial in proptest::collection::vec((any::<usize>(), ".*"), 0..3),
            by_name in proptest::collection::vec((any::<usize>(), ".*", any::<bool>()), 0..3),
            base in proptest::option::of(".*"), module: bool,
            hashes in proptest::collection::vec(hash(), 0..3),
            integrity in proptest::collection::vec((".*", any::<Range<usize>>()), 0..3),
            precached in proptest::collection::vec(precached(), 0..3)
        ) -> Found {
            let skip = |(at, message): (usize, String)| Skipped { at, message: message.into() };
            let begin = |(at, url): (usize, String)| Partial { at, url };
            let known = |(at, name, is_element)| ByName {
                at,
                name,
                knowing: if is_element { Knowing::Element } else { Knowing::Worker },
            };
            Found {
                references,
                skipped: skipped.into_iter().map(skip).collect(),
                partial: partial.into_iter().map(begin).collect(),
                base,
                module,
                hashes,
                integrity: integrity.into_iter().map(|(url, value)| Integrity { url, value }).collect(),
                precached,
                by_name: by_name.into_iter().map(known).collect(),
            }
        }
    }

    proptest! {
        #[test]
        fn what_was_found_survives(found in found()) {
            prop_assert_eq!(decode(&encode(&found)), Some(found));
        }

        #[test]
        fn other_bytes_are_refused_or_taken_but_never_too_many(
            bytes in proptest::collection::vec(any::<u8>(), 0..200)
        ) {
            decode(&bytes);
        }
    }
}
