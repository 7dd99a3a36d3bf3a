//! Sets of task indexes as sorted, disjoint ranges: how a layer of 10^7 tasks is culled to one without listing the rest.

use crate::Index;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use smallvec::{SmallVec, smallvec};
use std::{fmt, ops::Range};

/// A set of indexes: sorted, disjoint, non-touching, non-empty ranges. A full layer costs one range.
///
/// ```
/// use stratal_core::graph::Ranges;
/// let set = Ranges::from_indexes([5, 3, 4, 9]);
/// assert_eq!(set.to_string(), "3..6,9");
/// assert_eq!((set.len(), set.contains(4), set.rank(9), set.nth(3)), (4, true, Some(3), Some(9)));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Ranges {
    parts: SmallVec<[(Index, Index); 1]>,
    /// Indexes before each part, kept only when there are several parts, so that `rank` is a binary search.
    before: Vec<Index>,
}

impl Ranges {
    /// The empty set.
    pub fn none() -> Self {
        Ranges::default()
    }

    /// `0..n`.
    pub fn full(n: u32) -> Self {
        Ranges::from(0..n)
    }

    /// The set of the given indexes, in any order, with repetitions.
    pub fn from_indexes(indexes: impl IntoIterator<Item = Index>) -> Self {
        let mut sorted: Vec<Index> = indexes.into_iter().collect();
        sorted.sort_unstable();
        Ranges::union_of(sorted.into_iter().map(|i| i..i + 1).collect())
    }

    /// The union of ranges in any order, overlapping or empty.
    pub fn union_of(mut ranges: Vec<Range<Index>>) -> Self {
        ranges.retain(|r| r.start < r.end);
        if !ranges.is_sorted_by_key(|r| r.start) {
            ranges.sort_unstable_by_key(|r| r.start);
        }
        let mut parts: SmallVec<[(Index, Index); 1]> = smallvec![];
        for range in ranges {
            match parts.last_mut() {
                Some((_, end)) if range.start <= *end => *end = (*end).max(range.end),
                _ => parts.push((range.start, range.end)),
            }
        }
        Ranges::of_parts(parts)
    }

    fn of_parts(parts: SmallVec<[(Index, Index); 1]>) -> Self {
        let mut before = Vec::new();
        if parts.len() > 1 {
            let mut sum = 0;
            before.extend(parts.iter().map(|(start, end)| {
                let here = sum;
                sum += end - start;
                here
            }));
        }
        Ranges { parts, before }
    }

    /// The number of indexes.
    pub fn len(&self) -> u32 {
        self.parts.iter().map(|(start, end)| end - start).sum()
    }

    /// Whether there is no index.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// One past the largest index; 0 for the empty set.
    pub fn end(&self) -> Index {
        self.parts.last().map_or(0, |(_, end)| *end)
    }

    /// The ranges, in order.
    pub fn parts(&self) -> impl ExactSizeIterator<Item = Range<Index>> + '_ {
        self.parts.iter().map(|(start, end)| *start..*end)
    }

    /// The indexes, in order.
    pub fn iter(&self) -> impl Iterator<Item = Index> + '_ {
        self.parts.iter().flat_map(|(start, end)| *start..*end)
    }

    fn part_of(&self, index: Index) -> Option<usize> {
        let at = self.parts.partition_point(|(_, end)| *end <= index);
        (at < self.parts.len() && self.parts[at].0 <= index).then_some(at)
    }

    /// Whether `index` is in the set.
    pub fn contains(&self, index: Index) -> bool {
        self.part_of(index).is_some()
    }

    /// How many indexes are smaller, for an index of the set.
    pub fn rank(&self, index: Index) -> Option<u32> {
        let at = self.part_of(index)?;
        Some(self.before.get(at).copied().unwrap_or(0) + (index - self.parts[at].0))
    }

    /// The index with `rank` smaller ones.
    pub fn nth(&self, rank: u32) -> Option<Index> {
        let at = match self.before.len() {
            0 => 0,
            _ => self.before.partition_point(|before| *before <= rank) - 1,
        };
        let (start, end) = *self.parts.get(at)?;
        let index = start + (rank - self.before.get(at).copied().unwrap_or(0));
        (index < end).then_some(index)
    }

    /// The indexes of either set.
    pub fn union(&self, other: &Ranges) -> Ranges {
        if other.is_empty() {
            return self.clone();
        }
        Ranges::union_of(self.parts().chain(other.parts()).collect())
    }

    /// The indexes of both sets.
    pub fn intersect(&self, other: &Ranges) -> Ranges {
        let (mut parts, mut a, mut b) = (smallvec![], 0, 0);
        while a < self.parts.len() && b < other.parts.len() {
            let (one, two) = (self.parts[a], other.parts[b]);
            let both = (one.0.max(two.0), one.1.min(two.1));
            if both.0 < both.1 {
                parts.push(both);
            }
            if one.1 < two.1 { a += 1 } else { b += 1 }
        }
        Ranges::of_parts(parts)
    }
}

/// On the wire: the parts alone.
impl Serialize for Ranges {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.parts.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Ranges {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parts = Vec::<(Index, Index)>::deserialize(deserializer)?;
        let sound = parts.iter().all(|(start, end)| start < end) && parts.is_sorted_by(|(_, end), (start, _)| end < start);
        match sound {
            true => Ok(Ranges::of_parts(parts.into())),
            false => Err(D::Error::custom("ranges that are out of order, or touch, or are empty")),
        }
    }
}

impl From<Range<Index>> for Ranges {
    fn from(range: Range<Index>) -> Self {
        Ranges::union_of(vec![range])
    }
}

impl fmt::Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (start, end)) in self.parts.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            match end - start {
                1 => write!(f, "{comma}{start}")?,
                _ => write!(f, "{comma}{start}..{end}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{self}}}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn agree_with_a_set_of_integers(a in prop::collection::vec(0u32..60, 0..30), b in prop::collection::vec(0u32..60, 0..30)) {
            let (set_a, set_b): (BTreeSet<u32>, BTreeSet<u32>) = (a.iter().copied().collect(), b.iter().copied().collect());
            let (a, b) = (Ranges::from_indexes(a), Ranges::from_indexes(b));
            prop_assert!(a.iter().eq(set_a.iter().copied()));
            prop_assert!(a.union(&b).iter().eq(set_a.union(&set_b).copied()));
            prop_assert!(a.intersect(&b).iter().eq(set_a.intersection(&set_b).copied()));
            for (rank, index) in set_a.iter().enumerate() {
                prop_assert_eq!(a.rank(*index), Some(rank as u32));
                prop_assert_eq!(a.nth(rank as u32), Some(*index));
            }
            prop_assert_eq!(a.nth(a.len()), None);
            prop_assert_eq!(&postcard::from_bytes::<Ranges>(&postcard::to_stdvec(&a).unwrap()).unwrap(), &a);
        }

        #[test]
        fn only_sound_parts_come_from_the_wire(parts in prop::collection::vec((0u32..20, 0u32..20), 0..4)) {
            let read = postcard::from_bytes::<Ranges>(&postcard::to_stdvec(&parts).unwrap());
            let whole = Ranges::union_of(parts.iter().map(|(start, end)| *start..*end).collect());
            let sound = whole.parts().eq(parts.iter().map(|(start, end)| *start..*end));
            prop_assert_eq!(read.ok(), sound.then_some(whole));
        }
    }
}
