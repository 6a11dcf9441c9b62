//! Which bytes `Range` asks for (RFC 9110, section 14).

#[cfg(feature = "live")]
use bytes::Bytes;
use core::ops::Range;

/// The most ranges that are answered one by one; who asks for more gets the whole (section 17.15).
pub(super) const MOST: usize = 8;

/// What `Range` comes to for a representation of a certain length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Everything: the field is malformed, in another unit, or not worth following.
    Whole,
    /// One range, never empty and never out of bounds.
    One(Range<usize>),
    /// Several of that kind, ascending, none overlapping another.
    Several(Several),
    /// Nothing that exists: 416.
    Unsatisfiable,
}

/// Two to [`MOST`] ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Several {
    ranges: [Range<usize>; MOST],
    count: usize,
}

impl Several {
    pub(super) fn iter(&self) -> impl Iterator<Item = Range<usize>> {
        self.ranges.iter().take(self.count).cloned()
    }

    fn push(&mut self, range: Range<usize>) {
        if let Some(place) = self.ranges.get_mut(self.count) {
            *place = range;
            self.count += 1;
        }
    }
}

/// What the value of `Range` asks for, of a representation that is `length` bytes long.
pub(super) fn wanted(value: &[u8], length: usize) -> Wanted {
    let Some(at) = value.iter().position(|&byte| byte == b'=') else { return Wanted::Whole };
    let (unit, set) = (&value[..at], &value[at + 1..]);
    if !unit.eq_ignore_ascii_case(b"bytes") {
        return Wanted::Whole;
    }
    // One is what nearly all ask for.
    if !set.contains(&b',') {
        return match Spec::parse(set.trim_ascii()) {
            None => Wanted::Whole,
            Some(spec) => spec.of(length).map_or(Wanted::Unsatisfiable, Wanted::One),
        };
    }
    let mut several = Several::default();
    let mut specs = 0;
    let mut end = 0;
    let mut in_order = true;
    for spec in set.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
        // A list may have empty members (section 5.6.1.2).
        if spec.is_empty() {
            continue;
        }
        specs += 1;
        let Some(spec) = Spec::parse(spec).filter(|_| specs <= MOST) else { return Wanted::Whole };
        if let Some(range) = spec.of(length) {
            in_order &= range.start >= end;
            end = range.end;
            several.push(range);
        }
    }
    match several.count {
        0 if specs == 0 => Wanted::Whole,
        0 => Wanted::Unsatisfiable,
        1 => Wanted::One(several.ranges[0].clone()),
        _ if in_order => Wanted::Several(several),
        _ => Wanted::Whole,
    }
}

/// The bytes of a range, without a copy; empty where the range is out of bounds.
#[cfg(feature = "live")]
pub(super) fn slice(whole: &Bytes, range: Range<usize>) -> Bytes {
    whole.get(range).map_or_else(Bytes::new, |part| whole.slice_ref(part))
}

/// One range as it was asked for (section 14.1.2).
enum Spec {
    /// Both ends count.
    FromTo(usize, usize),
    /// The last so many bytes.
    Suffix(usize),
}

impl Spec {
    fn parse(spec: &[u8]) -> Option<Self> {
        let at = spec.iter().position(|&byte| byte == b'-')?;
        match (&spec[..at], &spec[at + 1..]) {
            (b"", suffix) => Some(Spec::Suffix(number(suffix)?)),
            (first, b"") => Some(Spec::FromTo(number(first)?, usize::MAX)),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Spec::FromTo(first, last))
            }
        }
    }

    /// Cut to what exists; `None` where nothing is left.
    fn of(self, length: usize) -> Option<Range<usize>> {
        let range = match self {
            Spec::FromTo(first, last) => first..last.saturating_add(1).min(length),
            Spec::Suffix(count) => length.saturating_sub(count)..length,
        };
        (!range.is_empty()).then_some(range)
    }
}

/// A decimal number; one that is too large is larger than any file.
fn number(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0_usize, |number, digit| {
        number.saturating_mul(10).saturating_add(usize::from(digit - b'0'))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{vec, vec::Vec};

    fn ranges(value: &str, length: usize) -> Option<Vec<Range<usize>>> {
        match wanted(value.as_bytes(), length) {
            Wanted::Whole => None,
            Wanted::One(range) => Some(vec![range]),
            Wanted::Several(several) => Some(several.iter().collect()),
            Wanted::Unsatisfiable => Some(vec![]),
        }
    }

    #[test]
    fn ends_are_cut_and_suffixes_count_from_the_end() {
        for (value, range) in [
            ("bytes=0-0", 0..1),
            ("bytes=2-5", 2..6),
            ("bytes=7-", 7..10),
            ("bytes=7-99", 7..10),
            ("bytes=-3", 7..10),
            ("bytes=-99", 0..10),
            ("BYTES=0-9", 0..10),
            ("bytes=0-99999999999999999999999", 0..10),
            ("bytes=, 1-2 ,", 1..3),
            ("bytes=20-30,1-2", 1..3),
        ] {
            assert_eq!(ranges(value, 10), Some(vec![range]), "{value}");
        }
    }

    #[test]
    fn nothing_that_exists_is_unsatisfiable() {
        for value in ["bytes=10-", "bytes=-0", "bytes=99999999999999999999999-", "bytes=10-11,-0"] {
            assert_eq!(ranges(value, 10), Some(vec![]), "{value}");
        }
        for value in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
            assert_eq!(ranges(value, 0), Some(vec![]), "{value}");
        }
    }

    #[test]
    fn what_cannot_be_read_asks_for_the_whole() {
        for value in [
            "",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes=-",
            "bytes=a-b",
            "bytes=5-2",
            "bytes=1-2-3",
            "bytes=1",
            "bytes=+1-2",
            "bytes=0-1,x",
            "items=0-1",
            "bytes =0-1",
            "bytes=0 - 1",
            "bytes=--1",
            "bytes=0x1-2",
        ] {
            assert_eq!(ranges(value, 10), None, "{value}");
        }
    }

    #[test]
    fn several_ranges_must_ascend_and_not_overlap() {
        assert_eq!(ranges("bytes=0-1,2-3,-1", 10), Some(vec![0..2, 2..4, 9..10]));
        assert_eq!(ranges("bytes=4-5,0-1", 10), None);
        assert_eq!(ranges("bytes=0-5,5-6", 10), None);
        assert_eq!(ranges("bytes=0-,-1", 10), None);
    }

    #[test]
    fn more_than_eight_ranges_ask_for_the_whole() {
        assert_eq!(
            ranges("bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7", 10).map(|all| all.len()),
            Some(8)
        );
        assert_eq!(ranges("bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8", 10), None);
        assert_eq!(ranges("bytes=99-,99-,99-,99-,99-,99-,99-,99-,99-", 10), None);
    }

    proptest! {
        #[test]
        fn ranges_are_never_empty_out_of_bounds_or_out_of_order(
            value in "bytes=([0-9]{0,3}-[0-9]{0,3},?){1,9}", length in 0_usize..200,
        ) {
            let mut end = 0;
            for range in ranges(&value, length).into_iter().flatten() {
                prop_assert!(end <= range.start && range.start < range.end && range.end <= length);
                end = range.end;
            }
        }
    }
}
