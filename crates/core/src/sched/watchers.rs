//! Who mirrors which tasks of a layer: 10^5 runs may read one result, and each is found, and forgotten, on its own.

use super::state::{LayerIx, Rank, TaskIx};
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// Consecutive tasks of an alias and whose results they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct AliasRange {
    pub(super) start: Rank,
    pub(super) len: u32,
    pub(super) root: LayerIx,
    pub(super) root_start: Rank,
}

/// Ranges of a root: by the binary logarithm of their length, then by where they start. The ranges of one length that
/// cover a task start in one stretch before it, at most half of which are too short.
type RangeKey = (u32, Rank, LayerIx, Rank);

/// The aliases of one layer.
#[derive(Debug, Default)]
pub(super) struct Watchers {
    /// The length, and whether the alias was asked for by name (a future as an argument), not found by its token: a
    /// cancel reaches it.
    ranges: BTreeMap<RangeKey, (u32, bool)>,
}

impl Watchers {
    pub(super) fn insert(&mut self, alias: LayerIx, range: &AliasRange, by_name: bool) {
        self.ranges.insert(key(alias, range), (range.len, by_name));
    }

    pub(super) fn remove(&mut self, alias: LayerIx, range: &AliasRange) {
        self.ranges.remove(&key(alias, range));
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.ranges.len()
    }

    /// The tasks of aliases that mirror a task; all, or only those that were asked for by name.
    pub(super) fn of(&self, rank: Rank, only_by_name: bool) -> SmallVec<[TaskIx; 2]> {
        let mut watching = SmallVec::new();
        let mut from = 0;
        while let Some((&(size, ..), _)) = self.ranges.range((from, 0, 0, 0)..).next() {
            let longest = (1u64 << (size + 1)) - 1;
            let first = (rank as u64 + 1).saturating_sub(longest) as Rank;
            let near = self.ranges.range((size, first, 0, 0)..=(size, rank, LayerIx::MAX, Rank::MAX));
            let covering = near.filter(|((_, start, ..), (len, by_name))| rank - start < *len && (*by_name || !only_by_name));
            watching.extend(covering.map(|((_, root_start, alias, start), _)| (*alias, start + (rank - root_start))));
            from = size + 1;
        }
        watching
    }
}

fn key(alias: LayerIx, range: &AliasRange) -> RangeKey {
    (range.len.max(1).ilog2(), range.root_start, alias, range.start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_task_finds_just_the_ranges_that_cover_it(
            ranges in prop::collection::vec((0u32..40, 1u32..40, any::<bool>()), 0..40),
            gone in prop::collection::vec(any::<bool>(), 40),
        ) {
            let mut watchers = Watchers::default();
            let range = |start: u32, len: u32| AliasRange { start: 7, len, root: 0, root_start: start };
            let all = || ranges.iter().zip(&gone).enumerate().map(|(alias, (range, gone))| (alias as u32, *range, *gone));
            all().for_each(|(alias, (start, len, by_name), _)| watchers.insert(alias, &range(start, len), by_name));
            all().filter(|(.., gone)| *gone).for_each(|(alias, (start, len, _), _)| watchers.remove(alias, &range(start, len)));
            prop_assert_eq!(watchers.len(), all().filter(|(.., gone)| !gone).count());
            for rank in 0..90 {
                for only_by_name in [false, true] {
                    let covers = |start: u32, len: u32| start <= rank && rank - start < len;
                    let left = all().filter(|(_, (start, len, by_name), gone)| !gone && covers(*start, *len) && (*by_name || !only_by_name));
                    let mut wanted: Vec<TaskIx> = left.map(|(alias, (start, ..), _)| (alias, 7 + rank - start)).collect();
                    let mut found = watchers.of(rank, only_by_name).to_vec();
                    wanted.sort_unstable();
                    found.sort_unstable();
                    prop_assert_eq!(found, wanted);
                }
            }
        }
    }
}
