//! A set of ranks as a bitmap with a summary above it: one bit a task, the smallest found in a few words.

/// A set of numbers below a fixed bound.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadySet {
    words: Vec<u64>,
    /// Bit `w` says that `words[w]` is not zero.
    summary: Vec<u64>,
    len: u32,
}

impl ReadySet {
    pub(super) fn new(bound: u32) -> Self {
        let words = bound.div_ceil(64) as usize;
        ReadySet { words: vec![0; words], summary: vec![0; words.div_ceil(64)], len: 0 }
    }

    pub(super) fn len(&self) -> u32 {
        self.len
    }

    pub(super) fn contains(&self, rank: u32) -> bool {
        self.words[rank as usize / 64] & (1 << (rank % 64)) != 0
    }

    pub(super) fn insert(&mut self, rank: u32) {
        let (word, bit) = (rank as usize / 64, 1 << (rank % 64));
        if self.words[word] & bit == 0 {
            self.words[word] |= bit;
            self.summary[word / 64] |= 1 << (word % 64);
            self.len += 1;
        }
    }

    pub(super) fn remove(&mut self, rank: u32) -> bool {
        let (word, bit) = (rank as usize / 64, 1 << (rank % 64));
        let there = self.words[word] & bit != 0;
        if there {
            self.words[word] &= !bit;
            if self.words[word] == 0 {
                self.summary[word / 64] &= !(1 << (word % 64));
            }
            self.len -= 1;
        }
        there
    }

    /// The smallest member.
    pub(super) fn first(&self) -> Option<u32> {
        if self.len == 0 {
            return None;
        }
        let block = self.summary.iter().position(|summary| *summary != 0)?;
        let word = block * 64 + self.summary[block].trailing_zeros() as usize;
        Some(word as u32 * 64 + self.words[word].trailing_zeros())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn agrees_with_a_set_of_integers(steps in prop::collection::vec((any::<bool>(), 0u32..9_000), 0..300)) {
            let (mut ready, mut set) = (ReadySet::new(9_000), BTreeSet::new());
            for (insert, rank) in steps {
                if insert {
                    ready.insert(rank);
                    set.insert(rank);
                } else {
                    prop_assert_eq!(ready.remove(rank), set.remove(&rank));
                }
                prop_assert_eq!(ready.first(), set.first().copied());
                prop_assert_eq!((ready.len() as usize, ready.contains(rank)), (set.len(), set.contains(&rank)));
            }
        }
    }
}
