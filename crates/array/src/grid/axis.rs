//! One axis of a grid.

use serde::{Deserialize, Serialize};
use std::{ops::Range, sync::Arc};

/// How an axis is cut. There is always at least one chunk: an axis of length 0 has an empty one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Axis {
    /// Every `chunk` elements.
    Regular { len: usize, chunk: usize },
    /// At these places, from 0 to the length.
    Cuts(Arc<[usize]>),
}

impl Axis {
    pub(crate) fn regular(len: usize, chunk: usize) -> Self {
        Axis::Regular { len, chunk: chunk.clamp(1, len.max(1)) }
    }

    /// From the lengths of the chunks. Those that are all alike are regular, so that equal cuts are equal axes.
    pub(crate) fn of_lens(lens: impl IntoIterator<Item = usize>) -> Self {
        let mut cuts = vec![0usize];
        let mut end = 0usize;
        for len in lens {
            end = end.saturating_add(len);
            cuts.push(end);
        }
        let chunk = cuts.get(1).copied().unwrap_or(0);
        let regular = Axis::regular(end, chunk);
        let fits = regular.count() + 1 == cuts.len() && (0..regular.count()).all(|i| regular.bounds(i) == (cuts[i]..cuts[i + 1]));
        if fits || cuts.len() == 1 { regular } else { Axis::Cuts(cuts.into()) }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Axis::Regular { len, .. } => *len,
            Axis::Cuts(cuts) => cuts.last().copied().unwrap_or(0),
        }
    }

    /// The number of chunks, at least 1.
    pub(crate) fn count(&self) -> usize {
        match self {
            Axis::Regular { len, chunk } => len.div_ceil(*chunk).max(1),
            Axis::Cuts(cuts) => cuts.len() - 1,
        }
    }

    pub(crate) fn bounds(&self, chunk: usize) -> Range<usize> {
        match self {
            Axis::Regular { len, chunk: by } => chunk.saturating_mul(*by).min(*len)..(chunk + 1).saturating_mul(*by).min(*len),
            Axis::Cuts(cuts) => cuts[chunk]..cuts[chunk + 1],
        }
    }

    pub(crate) fn largest(&self) -> usize {
        match self {
            Axis::Regular { len, chunk } => *chunk.min(len),
            Axis::Cuts(cuts) => cuts.windows(2).map(|cut| cut[1] - cut[0]).max().unwrap_or(0),
        }
    }

    /// The chunk that holds an element.
    pub(crate) fn find(&self, at: usize) -> usize {
        match self {
            Axis::Regular { chunk, .. } => at / chunk,
            Axis::Cuts(cuts) => cuts.partition_point(|cut| *cut <= at) - 1,
        }
    }

    /// The chunks that hold some of these elements.
    pub(crate) fn touching(&self, elements: Range<usize>) -> Range<u32> {
        match elements.is_empty() {
            true => 0..0,
            false => self.find(elements.start) as u32..self.find(elements.end - 1) as u32 + 1,
        }
    }

    pub(crate) fn lens(&self) -> Vec<usize> {
        (0..self.count()).map(|chunk| self.bounds(chunk).len()).collect()
    }

    pub(crate) fn show(&self) -> String {
        const SHOWN: usize = 6;
        match self {
            Axis::Regular { len, chunk } => chunk.min(len).to_string(),
            Axis::Cuts(_) => {
                let some: Vec<String> = (0..self.count().min(SHOWN)).map(|chunk| self.bounds(chunk).len().to_string()).collect();
                let more = if self.count() > SHOWN { ", …" } else { "" };
                format!("[{}{more}]", some.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_cuts_are_equal_axes() {
        assert_eq!(Axis::of_lens([5, 5, 3]), Axis::regular(13, 5));
        assert_eq!(Axis::of_lens([]), Axis::regular(0, 0));
        assert_eq!(Axis::of_lens([0]), Axis::regular(0, 7));
        assert_eq!(Axis::of_lens([4]), Axis::regular(4, 100));
        assert!(matches!(Axis::of_lens([5, 6]), Axis::Cuts(_)));
        assert!(matches!(Axis::of_lens([0, 5]), Axis::Cuts(_)));
        assert!(matches!(Axis::of_lens([5, 0]), Axis::Cuts(_)));
    }

    #[test]
    fn an_element_is_found_behind_empty_chunks() {
        let axis = Axis::of_lens([0, 2, 0, 3]);
        assert_eq!([0, 1, 2, 4].map(|at| axis.find(at)), [1, 1, 3, 3]);
        assert_eq!((axis.touching(1..3), axis.touching(2..2), axis.largest()), (1..4, 0..0, 3));
        let regular = Axis::regular(10_000_000_000, 1000);
        assert_eq!((regular.count(), regular.find(9_999_999_999)), (10_000_000, 9_999_999));
        assert_eq!(Axis::regular(7, 3).lens(), [3, 3, 1]);
    }
}
