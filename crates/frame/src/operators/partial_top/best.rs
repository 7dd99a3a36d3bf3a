//! [`Best`]: which rows are the first of their groups so far.
//!
//! Orders are bytes that compare as rows do. Most rows are dropped after a look at the first of these bytes, and at no more of their
//! group than one number.

use std::{collections::BinaryHeap, mem::take};

/// How many bytes of an order are one number.
const HEAD: usize = 16;

/// A group that is asked for more rows than these gets room for them as they come.
const FEW: usize = 4;

/// A row that is among the first of its group. The larger of two comes later.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    head: u128,
    /// The bytes of the order after the head. No order is the beginning of another.
    rest: Box<[u8]>,
    /// The number of the row. Of equal ones the first is first.
    row: usize,
}

/// The first bytes of an order as a number: an order with a larger one comes later.
fn head(order: &[u8]) -> u128 {
    let (mut bytes, length) = ([0; HEAD], order.len().min(HEAD));
    bytes[..length].copy_from_slice(&order[..length]);
    u128::from_be_bytes(bytes)
}

/// The first rows of groups, which are numbered from 0 on.
pub(super) struct Best {
    /// How many rows of each group.
    wanted: usize,
    groups: Vec<BinaryHeap<Place>>,
    /// The head of each group's last row: nothing beyond it is wanted. The largest there is, where rows are missing.
    limits: Vec<u128>,
    rows: usize,
    /// The bytes of all places.
    bytes: usize,
}

impl Best {
    pub(super) fn new(wanted: usize) -> Self {
        Best { wanted, groups: Vec::new(), limits: Vec::new(), rows: 0, bytes: 0 }
    }

    /// There are so many groups now.
    pub(super) fn reach(&mut self, groups: usize) {
        self.groups.resize_with(groups, BinaryHeap::new);
        self.limits.resize(groups, u128::MAX);
    }

    /// Whether a row is among the first of its group so far. It comes after all rows before it that are equal in their order.
    pub(super) fn offer(&mut self, group: usize, order: &[u8], row: usize) -> bool {
        let head = head(order);
        head <= self.limits[group] && self.insert(group, head, order.get(HEAD..).unwrap_or_default(), row)
    }

    fn insert(&mut self, group: usize, head: u128, rest: &[u8], row: usize) -> bool {
        let places = &mut self.groups[group];
        let place = || Place { head, rest: rest.into(), row };
        if places.len() < self.wanted {
            let before = places.capacity();
            if before == 0 {
                places.reserve_exact(self.wanted.min(FEW));
            }
            places.push(place());
            self.rows += 1;
            self.bytes += (places.capacity() - before) * size_of::<Place>() + rest.len();
        } else {
            let Some(mut last) = places.peek_mut() else { return false };
            if (head, rest) >= (last.head, &*last.rest) {
                return false;
            }
            self.bytes = self.bytes + rest.len() - last.rest.len();
            *last = place();
        }
        if let Some(last) = places.peek().filter(|_| places.len() == self.wanted) {
            self.limits[group] = last.head;
        }
        true
    }

    /// How many rows of each group are wanted.
    pub(super) fn wanted(&self) -> usize {
        self.wanted
    }

    /// How many rows are among the first of their groups.
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    /// Which they are, in any order.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> {
        self.groups.iter().flatten().map(|place| place.row)
    }

    /// Gives rows other numbers, which are in the same order.
    pub(super) fn renumber(&mut self, number: impl Fn(usize) -> usize) {
        for places in &mut self.groups {
            let mut all = take(places).into_vec();
            all.iter_mut().for_each(|place| place.row = number(place.row));
            *places = all.into();
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let of_groups = self.groups.capacity() * size_of::<BinaryHeap<Place>>() + self.limits.capacity() * size_of::<u128>();
        of_groups + self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Orders of two bytes that say how long they are, then so many more, as by chance.
    fn order(step: usize) -> Vec<u8> {
        let number = (step as u64 + 1).wrapping_mul(0xA24B_AED4_963E_E407) >> 20;
        let length = [0, 14, 15, 30][number as usize % 4];
        let mut order = vec![number as u8 % 3, length];
        order.resize(2 + length as usize, 7);
        if let Some(last) = order[2..].last_mut() {
            *last = (number >> 9) as u8 % 5;
        }
        order
    }

    #[test]
    fn the_first_rows_are_held_and_of_equal_ones_those_that_came_first() {
        for wanted in [0, 1, 2, 5, 100] {
            let mut best = Best::new(wanted);
            best.reach(3);
            for row in 0..500 {
                let is_taken = best.offer(row % 3, &order(row), row);
                assert_eq!(is_taken, best.rows().any(|held| held == row), "{wanted} {row}");
                if row == 250 {
                    best.renumber(|row| row);
                }
            }
            let mut expected: Vec<usize> = Vec::new();
            for group in 0..3 {
                let mut rows: Vec<usize> = (group..500).step_by(3).collect();
                rows.sort_by_key(|row| order(*row));
                expected.extend(&rows[..wanted.min(rows.len())]);
            }
            expected.sort_unstable();
            let mut found: Vec<usize> = best.rows().collect();
            found.sort_unstable();
            assert_eq!((best.len(), found), (expected.len(), expected), "{wanted}");
            let rests: usize = best.groups.iter().flatten().map(|place| place.rest.len()).sum();
            let places: usize = best.groups.iter().map(|places| places.len() * size_of::<Place>()).sum();
            assert!(best.bytes() >= rests + places);
        }
    }

    #[test]
    fn rows_keep_their_order_under_other_numbers() {
        let mut best = Best::new(2);
        best.reach(1);
        for row in [10, 20, 30] {
            best.offer(0, &[1], row);
        }
        best.renumber(|row| row / 10 - 1);
        assert!(!best.offer(0, &[1], 2) && best.offer(0, &[0], 3));
        let mut rows: Vec<usize> = best.rows().collect();
        rows.sort_unstable();
        assert_eq!(rows, [0, 3]);
    }
}
