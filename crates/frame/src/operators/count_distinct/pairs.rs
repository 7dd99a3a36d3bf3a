//! [`Pairs`]: the different values of each group, as numbers of 64 bits.
//!
//! Most groups have few values: these stand side by side in a block of the group's own, which is looked through, and no value
//! is hashed. The values of larger groups are in one [`Table`].

use super::table::Table;
use std::mem::size_of;

/// A group of more values than these has them in the table. The length of the longest block.
const FEW: usize = 16;

/// The length of the shortest block.
const SHORTEST: usize = 4;

/// How many of anything there may be after a batch, so that 32 bits number what one more batch brings.
const LIMIT: usize = 1 << 31;

/// The values of one group.
#[derive(Clone, Copy, Default)]
struct Group {
    /// Where its block begins.
    at: u32,
    /// How many there are.
    count: u32,
}

impl Group {
    fn is_small(self) -> bool {
        self.count as usize <= FEW
    }
}

/// The different values of groups, which are numbered from 0 on.
#[derive(Default)]
pub(super) struct Pairs {
    groups: Vec<Group>,
    /// Blocks of 4, 8 and 16.
    blocks: Vec<u64>,
    /// Where blocks are that no group has any more, by their lengths.
    free: [Vec<u32>; 3],
    table: Table,
}

/// The place of a block's length among all.
fn class(length: usize) -> usize {
    (length / SHORTEST).trailing_zeros() as usize
}

impl Pairs {
    /// There are so many groups now.
    pub(super) fn reach(&mut self, groups: usize) {
        self.groups.resize(groups, Group::default());
    }

    /// A group has this value, now or before.
    pub(super) fn insert(&mut self, group: usize, value: u64) {
        let own = self.groups[group];
        if !own.is_small() {
            let is_new = self.table.insert(group as u32, value);
            self.groups[group].count += u32::from(is_new);
            return;
        }
        let (at, held) = (own.at as usize, own.count as usize);
        if self.blocks[at..at + held].contains(&value) {
            return;
        }
        let at = match held {
            FEW => {
                for value in &self.blocks[at..at + held] {
                    self.table.insert(group as u32, *value);
                }
                self.table.insert(group as u32, value);
                self.free[class(FEW)].push(own.at);
                self.groups[group] = Group { at: 0, count: own.count + 1 };
                return;
            }
            0 => self.block(SHORTEST),
            // The block is full.
            held if held >= SHORTEST && held.is_power_of_two() => {
                let longer = self.block(2 * held);
                self.blocks.copy_within(at..at + held, longer);
                self.free[class(held)].push(own.at);
                longer
            }
            _ => at,
        };
        self.blocks[at + held] = value;
        self.groups[group] = Group { at: at as u32, count: own.count + 1 };
    }

    /// Where a block is that nobody has.
    fn block(&mut self, length: usize) -> usize {
        if let Some(free) = self.free[class(length)].pop() {
            return free as usize;
        }
        let end = self.blocks.len();
        self.blocks.resize(end + length, 0);
        end
    }

    /// Whether another batch could bring more than can be numbered.
    pub(super) fn is_full(&self) -> bool {
        self.groups.len().max(self.blocks.len()).max(self.table.len()) >= LIMIT
    }

    /// How many values each group has.
    pub(super) fn counts(&self) -> impl Iterator<Item = i64> {
        self.groups.iter().map(|group| i64::from(group.count))
    }

    /// Each group with each of its values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u64)> {
        let small = self.groups.iter().zip(0u32..).filter(|(group, _)| group.is_small());
        let small = small.flat_map(move |(group, number)| {
            let at = group.at as usize;
            self.blocks[at..at + group.count as usize].iter().map(move |value| (number, *value))
        });
        small.chain(self.table.iter())
    }

    /// The groups without a value.
    pub(super) fn bare(&self) -> impl Iterator<Item = u32> {
        self.groups.iter().zip(0u32..).filter(|(group, _)| group.count == 0).map(|(_, number)| number)
    }

    pub(super) fn bytes(&self) -> usize {
        let free: usize = self.free.iter().map(Vec::capacity).sum();
        self.groups.capacity() * size_of::<Group>()
            + self.blocks.capacity() * size_of::<u64>()
            + free * size_of::<u32>()
            + self.table.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn values_are_held_once_for_each_group_whether_it_has_few_or_many() {
        let mut pairs = Pairs::default();
        let mut expected: BTreeMap<u32, BTreeSet<u64>> = BTreeMap::new();
        // Group g has as many values as its number says, besides some that it has twice.
        for value in 0..40u64 {
            for group in 0..40u32 {
                pairs.reach(pairs.counts().count().max(group as usize + 1));
                let values = expected.entry(group).or_default();
                if value < u64::from(group) {
                    for value in [value << 40, (value / 2) << 40] {
                        pairs.insert(group as usize, value);
                        values.insert(value);
                    }
                }
            }
        }
        assert!(pairs.counts().eq(expected.values().map(|values| values.len() as i64)));
        assert!(pairs.counts().eq(0..40));
        let mut all: Vec<(u32, u64)> = pairs.iter().collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(expected.iter().flat_map(|(group, values)| values.iter().map(move |value| (*group, *value)))));
        assert!(pairs.bare().eq([0]) && !pairs.is_full() && pairs.bytes() > 0);
    }

    #[test]
    fn blocks_that_were_left_are_used_again() {
        let mut pairs = Pairs::default();
        pairs.reach(100);
        for group in 0..100 {
            (0..17).for_each(|value| pairs.insert(group, value));
        }
        // One group after the other went through a block of each length.
        assert_eq!(pairs.blocks.len(), 4 + 8 + 16);
        assert!(pairs.counts().all(|count| count == 17) && pairs.iter().count() == 1700);
    }
}
