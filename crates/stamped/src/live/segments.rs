//! The records of one version of a bundle, in segments, most of which other versions have too.

use crate::index::{Index, Record};
use crate::nearest::Nearest;
use alloc::vec::Vec;
use core::ptr;

/// The segments of a version, in the order of their records.
#[derive(Clone, Copy)]
pub(crate) struct Segments(&'static [Segment]);

#[derive(Clone, Copy)]
struct Segment {
    /// The position of its first record in this version.
    first: u32,
    index: &'static Index<'static>,
}

impl Segments {
    /// No segments.
    pub(crate) const NONE: Self = Segments(&[]);

    /// These, none of which is empty.
    pub(super) fn new(indexes: impl IntoIterator<Item = &'static Index<'static>>) -> Self {
        let mut first = 0;
        let segment = |index: &'static Index<'static>| {
            let segment = Segment { first, index };
            first += index.records();
            segment
        };
        let segments: Vec<Segment> = indexes.into_iter().map(segment).collect();
        Segments(segments.leak())
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The number of records.
    pub(crate) fn records(self) -> u32 {
        self.0.last().map_or(0, |last| last.first + last.index.records())
    }

    /// The record at a position. One of zeros if there is none.
    pub(crate) fn record(self, id: u32) -> Record<'static> {
        let behind = self.0.partition_point(|segment| segment.first <= id);
        match self.0.get(behind.saturating_sub(1)) {
            Some(segment) => segment.index.record(id - segment.first),
            None => Index::EMPTY.record(id),
        }
    }

    /// The position of the asset of this name, which is one of the first `count` records.
    pub(crate) fn find(self, name: &[u8], count: u32) -> Option<u32> {
        let is_before = |record: Record<'static>| record.name().as_bytes() <= name;
        let behind = self
            .0
            .partition_point(|segment| segment.first < count && is_before(segment.index.record(0)));
        let segment = self.0.get(behind.checked_sub(1)?)?;
        let (mut from, mut to) = (0, segment.index.records());
        while from < to {
            let middle = from + (to - from) / 2;
            match is_before(segment.index.record(middle)) {
                true => from = middle + 1,
                false => to = middle,
            }
        }
        let id = from.checked_sub(1)?;
        segment.index.record(id).has_name(name).then_some(segment.first + id)
    }

    /// The name among the first `count` that is most like the wanted one.
    pub(crate) const fn nearest(
        self,
        nearest: &mut Nearest<'_>,
        count: u32,
    ) -> Option<&'static str> {
        let (mut at, mut best) = (0, None);
        while at < self.0.len() && self.0[at].first < count {
            if let Some(name) = self.0[at].index.nearest(nearest) {
                best = Some(name);
            }
            at += 1;
        }
        best
    }

    /// The positions of the records in those segments that `others` have not.
    pub(super) fn not_in(self, others: Segments) -> impl Iterator<Item = u32> {
        let address = |segment: &Segment| ptr::from_ref(segment.index).addr();
        let mut known: Vec<usize> = others.0.iter().map(address).collect();
        known.sort_unstable();
        let is_new = move |segment: &&Segment| known.binary_search(&address(segment)).is_err();
        let new = self.0.iter().filter(is_new);
        new.flat_map(|segment| segment.first..segment.first + segment.index.records())
    }
}
