//! [`Gain`]: whether it pays to hold rows back, so that some can be dropped.
//!
//! It does where one row in five is dropped. Until groups are full none is, so that this alone says little: as long as rows go to groups
//! that are known, and what groups may hold is within reach, more will be dropped than has been.

/// How many rows come before the first look. The number doubles from one look to the next.
const FIRST: usize = 1 << 17;

/// Groups that hold this many times the rows which have come are too far from being full.
const REACH: usize = 16;

/// What there was at the last look.
pub(super) struct Gain {
    next: usize,
    rows: usize,
    groups: usize,
}

impl Gain {
    pub(super) fn new() -> Self {
        Gain { next: FIRST, rows: 0, groups: 0 }
    }

    /// Whether it pays, after so many rows of so many groups: `wanted` of each group are held, and `held` are there.
    pub(super) fn is_there(&mut self, rows: usize, groups: usize, wanted: usize, held: usize) -> bool {
        if rows < self.next {
            return true;
        }
        // Of twenty rows, one at least belongs to a group that was there.
        let are_new = 20 * (groups - self.groups) > 19 * (rows - self.rows);
        let is_far = groups.saturating_mul(wanted) > rows.saturating_mul(REACH);
        *self = Gain { next: rows.saturating_mul(2), rows, groups };
        5 * held < 4 * rows || !(are_new || is_far)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many rows of two million it gives up, where they come in batches of a thousand and are of so many groups, by chance.
    fn gives_up(groups: usize, wanted: usize) -> Option<usize> {
        let (mut gain, mut sizes) = (Gain::new(), vec![0usize; groups]);
        let (mut known, mut held) = (0, 0);
        for row in 0..2_000_000usize {
            let mixed = (row as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31).wrapping_mul(0xD6E8_FEB8_6659_FD93);
            let group = (mixed >> 16) as usize % groups;
            known += usize::from(sizes[group] == 0);
            held += usize::from(sizes[group] < wanted);
            sizes[group] += 1;
            if row % 1000 == 999 && !gain.is_there(row + 1, known, wanted, held) {
                return Some(row + 1);
            }
        }
        None
    }

    #[test]
    fn it_goes_on_while_more_and_more_is_dropped() {
        assert_eq!(gives_up(10, 2), None);
        assert_eq!(gives_up(100_000, 2), None);
        assert_eq!(gives_up(1_000_000, 1), None);
        assert_eq!(gives_up(1000, 1000), None);
    }

    #[test]
    fn it_gives_up_where_nearly_every_row_is_a_group_or_groups_are_never_full() {
        assert_eq!(gives_up(1 << 22, 1), Some(132_000));
        assert_eq!(gives_up(10, usize::MAX), Some(132_000));
        assert_eq!(gives_up(1000, 100_000), Some(132_000));
    }
}
