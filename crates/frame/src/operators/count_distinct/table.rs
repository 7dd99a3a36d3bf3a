//! [`Table`]: a hash table of pairs of a group and a value.

use std::mem::size_of;

/// How many slots there are at first.
const LEAST: usize = 1024;

/// No pair.
const EMPTY: u64 = u64::MAX;

/// Pairs, each once. There may be `u32::MAX - 1` at most.
#[derive(Default)]
pub(super) struct Table {
    values: Vec<u64>,
    groups: Vec<u32>,
    /// The hash of a pair in the upper half, its place in the lower: pairs are looked at only where hashes are equal, and not at
    /// all where the table grows. A power of two, or none.
    slots: Vec<u64>,
    /// How many bits of a hash do not say where its search begins.
    shift: u32,
}

impl Table {
    /// Whether the pair was not there before.
    pub(super) fn insert(&mut self, group: u32, value: u64) -> bool {
        // A quarter stays empty, so that searches are short.
        if 4 * (self.values.len() + 1) > 3 * self.slots.len() {
            self.grow();
        }
        let (hash, last) = (hash(group, value), self.slots.len() - 1);
        let mut slot = (hash >> self.shift) as usize;
        loop {
            let there = self.slots[slot];
            if there == EMPTY {
                self.slots[slot] = (u64::from(hash) << 32) | self.values.len() as u64;
                self.values.push(value);
                self.groups.push(group);
                return true;
            }
            let place = there as u32 as usize;
            if (there >> 32) as u32 == hash && self.values[place] == value && self.groups[place] == group {
                return false;
            }
            slot = (slot + 1) & last;
        }
    }

    fn grow(&mut self) {
        let length = (2 * self.slots.len()).max(LEAST);
        let before = std::mem::replace(&mut self.slots, vec![EMPTY; length]);
        self.shift = u32::BITS.saturating_sub(length.trailing_zeros());
        for pair in before.into_iter().filter(|pair| *pair != EMPTY) {
            let mut slot = ((pair >> 32) as u32 >> self.shift) as usize;
            while self.slots[slot] != EMPTY {
                slot = (slot + 1) & (length - 1);
            }
            self.slots[slot] = pair;
        }
    }

    /// How many pairs there are.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u64)> {
        self.groups.iter().copied().zip(self.values.iter().copied())
    }

    pub(super) fn bytes(&self) -> usize {
        self.values.capacity() * size_of::<u64>() + self.groups.capacity() * size_of::<u32>() + self.slots.capacity() * size_of::<u64>()
    }
}

/// The two halves of a product, which mix all bits of both, folded into one.
fn hash(group: u32, value: u64) -> u32 {
    let mixed = value ^ u64::from(group).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let product = u128::from(mixed) * 0xD6E8_FEB8_6659_FD93;
    (((product >> 64) as u64 ^ product as u64) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_pair_is_there_once_however_the_table_grew() {
        let (mut table, mut expected) = (Table::default(), HashSet::new());
        for step in 0..200_000u64 {
            // Numbers in order, numbers of which only the upper bits differ, and numbers as by chance.
            let value = [step / 7, (step / 5) << 52, (step % 9000).wrapping_mul(0xA24B_AED4_963E_E407)][(step % 3) as usize];
            let group = (step % 11) as u32 * 1_000_003;
            assert_eq!(table.insert(group, value), expected.insert((group, value)), "{step}");
        }
        assert_eq!((table.len(), table.iter().collect::<HashSet<_>>()), (expected.len(), expected));
        assert!(table.bytes() >= 12 * table.len());
    }

    #[test]
    fn hashes_of_neighbours_differ_in_the_bits_that_say_where_a_search_begins() {
        let different = |hashes: &mut dyn Iterator<Item = u32>| hashes.map(|hash| hash >> 16).collect::<HashSet<_>>().len();
        assert!(different(&mut (0..10_000).map(|value| hash(3, value))) > 8000);
        assert!(different(&mut (0..10_000).map(|group| hash(group, 3))) > 8000);
        assert!(different(&mut (0..10_000u32).map(|value| hash(3, f64::from(value).to_bits()))) > 8000);
    }
}
