//! Encodes what a scanner found as bytes.

use stamped_scan::{ByName, Context, Found, Knowing, Partial, Reference, ReferenceKind, Skipped};
use std::ops::Range;

pub(super) fn encode(found: &Found) -> Vec<u8> {
    let mut bytes = vec![u8::from(found.module)];
    push(&mut bytes, found.references.len());
    for reference in &found.references {
        let Reference { url, span, segment, kind, context } = reference;
        push_text(&mut bytes, url);
        for number in [span.start, span.end, segment.start, segment.end] {
            push(&mut bytes, number);
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
    push(&mut bytes, found.partial.len());
    for partial in &found.partial {
        push(&mut bytes, partial.at);
        push_text(&mut bytes, &partial.url);
    }
    push(&mut bytes, usize::from(found.base.is_some()));
    push_text(&mut bytes, found.base.as_deref().unwrap_or_default());
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
        let url = text(&mut rest)?;
        let span = range(&mut rest)?;
        let segment = range(&mut rest)?;
        let (&[kind, context, quote], after) = rest.split_first_chunk()?;
        rest = after;
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
        found.references.push(Reference { url, span, segment, kind, context });
    }
    for _ in 0..number(&mut rest)? {
        let (at, url) = (number(&mut rest)?, text(&mut rest)?);
        found.partial.push(Partial { at, url });
    }
    let (has_base, base) = (number(&mut rest)?, text(&mut rest)?);
    found.base = (has_base == 1).then_some(base);
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

/// The kinds, in the order of their numbers in [`encode`].
const KINDS: [ReferenceKind; 11] = [
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
];

fn push(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend((number as u64).to_le_bytes());
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    push(bytes, text.len());
    bytes.extend(text.as_bytes());
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
    let length = number(rest)?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    String::from_utf8(text.to_vec()).ok()
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
        fn found()(
            references in proptest::collection::vec(reference(), 0..4),
            skipped in proptest::collection::vec((any::<usize>(), ".*"), 0..3),
            partial in proptest::collection::vec((any::<usize>(), ".*"), 0..3),
            by_name in proptest::collection::vec((any::<usize>(), ".*", any::<bool>()), 0..3),
            base in proptest::option::of(".*"), module: bool
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
