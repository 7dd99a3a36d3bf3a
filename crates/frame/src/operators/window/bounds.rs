//! From which row to which the frame of every row reaches, and a walk along frames.
//!
//! Both ends of a frame only ever move on from one row to the next. A walk over the rows of a partition therefore sees each
//! of them enter once and leave once, whatever the frame.

use super::spec::Frame;
use arrow_array::{Array, Int64Array};
use std::ops::Range;

/// The frames of all rows: from a row up to, and without, another.
pub(super) struct Bounds {
    from: Vec<usize>,
    to: Vec<usize>,
    /// Whether rows may leave a frame.
    shrinks: bool,
}

impl Bounds {
    /// Frames over partitions. `measure` is the key of a range, and `descending` the direction it is sorted in.
    pub(super) fn new(frame: Frame, parts: &[Range<usize>], measure: Option<&Int64Array>, descending: bool) -> Self {
        let rows = parts.last().map_or(0, |part| part.end);
        let mut bounds = Bounds { from: Vec::with_capacity(rows), to: Vec::with_capacity(rows), shrinks: false };
        match (frame, measure) {
            (Frame::Rows { start, end }, _) => {
                bounds.shrinks = start.is_some();
                parts.iter().for_each(|part| bounds.by_distance(part, start, end));
            }
            (Frame::Range { start, end }, Some(measure)) => {
                bounds.shrinks = start.is_some();
                parts.iter().for_each(|part| bounds.by_measure(part, start, end, measure, descending));
            }
            (Frame::Whole | Frame::Range { .. }, _) => {
                parts.iter().for_each(|part| part.clone().for_each(|_| bounds.push(part.start, part.end)));
            }
        }
        bounds
    }

    fn push(&mut self, from: usize, to: usize) {
        self.from.push(from);
        self.to.push(to.max(from));
    }

    fn by_distance(&mut self, part: &Range<usize>, start: Option<i64>, end: Option<i64>) {
        let moved = |row: usize, by: i64| (row as i64).saturating_add(by).clamp(part.start as i64, part.end as i64) as usize;
        for row in part.clone() {
            let from = start.map_or(part.start, |start| moved(row, start));
            let to = end.map_or(part.end, |end| moved(row, end.saturating_add(1)));
            self.push(from, to);
        }
    }

    fn by_measure(&mut self, part: &Range<usize>, start: Option<i64>, end: Option<i64>, measure: &Int64Array, descending: bool) {
        // Nulls are first or last. They see one another, and nobody else sees them, unless a frame has no end there.
        let is_there = |row: usize| measure.is_valid(row);
        let first = part.clone().find(|row| is_there(*row)).unwrap_or(part.end);
        let last = (first..part.end).find(|row| !is_there(*row)).unwrap_or(part.end);
        let at = |row: usize| i128::from(measure.value(row)) * if descending { -1 } else { 1 };
        let (mut from, mut to) = (first, first);
        for row in part.clone() {
            if !(first..last).contains(&row) {
                let nulls = if row < first { part.start..first } else { last..part.end };
                self.push(start.map_or(part.start, |_| nulls.start), end.map_or(part.end, |_| nulls.end));
                continue;
            }
            if let Some(start) = start {
                while from < last && at(from) < at(row) + i128::from(start) {
                    from += 1;
                }
            }
            if let Some(end) = end {
                while to < last && at(to) <= at(row) + i128::from(end) {
                    to += 1;
                }
            }
            self.push(start.map_or(part.start, |_| from), end.map_or(part.end, |_| to));
        }
    }

    /// The frame of a row.
    pub(super) fn of(&self, row: usize) -> Range<usize> {
        self.from[row]..self.to[row]
    }

    /// The number of rows in the frame of each row.
    pub(super) fn lengths(&self) -> impl Iterator<Item = usize> {
        self.from.iter().zip(&self.to).map(|(from, to)| to - from)
    }

    /// The number of rows.
    pub(super) fn len(&self) -> usize {
        self.from.len()
    }

    /// Whether rows may leave a frame.
    pub(super) fn shrinks(&self) -> bool {
        self.shrinks
    }
}

/// What is made of the rows of a frame while it moves.
pub(super) trait Walk {
    /// No row is in the frame.
    fn clear(&mut self);

    /// A row comes in, after all that are in.
    fn enter(&mut self, row: usize);

    /// The row that came in first leaves.
    fn leave(&mut self, row: usize);

    /// The frame of the next row is complete.
    fn emit(&mut self);
}

/// Walks along the frames of all rows.
pub(super) fn walk(parts: &[Range<usize>], bounds: &Bounds, state: &mut impl Walk) {
    for part in parts {
        state.clear();
        let (mut first, mut next) = (part.start, part.start);
        for row in part.clone() {
            let frame = bounds.of(row);
            if frame.start >= next {
                if first < next {
                    state.clear();
                }
                (first, next) = (frame.start, frame.start);
            }
            while next < frame.end {
                state.enter(next);
                next += 1;
            }
            while first < frame.start {
                state.leave(first);
                first += 1;
            }
            state.emit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(frame: Frame, parts: &[Range<usize>], measure: Option<&[Option<i64>]>, descending: bool) -> Vec<Range<usize>> {
        let measure = measure.map(|measure| measure.iter().copied().collect::<Int64Array>());
        let bounds = Bounds::new(frame, parts, measure.as_ref(), descending);
        (0..bounds.len()).map(|row| bounds.of(row)).collect()
    }

    #[test]
    fn frames_by_distance_stay_in_their_partition() {
        let parts = [0..3, 3..5];
        let trailing = Frame::Rows { start: Some(-1), end: Some(0) };
        assert_eq!(frames(trailing, &parts, None, false), [0..1, 0..2, 1..3, 3..4, 3..5]);
        let ahead = Frame::Rows { start: Some(1), end: Some(2) };
        assert_eq!(frames(ahead, &parts, None, false), [1..3, 2..3, 3..3, 4..5, 5..5]);
        let behind = Frame::Rows { start: None, end: Some(-1) };
        assert_eq!(frames(behind, &parts, None, false), [0..0, 0..1, 0..2, 3..3, 3..4]);
        assert_eq!(frames(Frame::Rows { start: Some(i64::MIN), end: Some(i64::MAX) }, &parts, None, false), [0..3, 0..3, 0..3, 3..5, 3..5]);
    }

    #[test]
    fn frames_by_measure_see_equal_keys_and_nulls_see_nulls() {
        let trailing = Frame::Range { start: Some(-2), end: Some(0) };
        let keys = [Some(1), Some(1), Some(3), Some(4), Some(9), None, None];
        assert_eq!(frames(trailing, &[0..7, 7..7], Some(&keys), false), [0..2, 0..2, 0..3, 2..4, 4..5, 5..7, 5..7]);
        let keys = [None, Some(9), Some(4), Some(3), Some(1)];
        assert_eq!(frames(trailing, &[0..5, 5..5], Some(&keys), true), [0..1, 1..2, 2..3, 2..4, 3..5]);
        let extreme = [Some(i64::MIN), Some(0), Some(i64::MAX)];
        assert_eq!(frames(trailing, &[0..3, 3..3], Some(&extreme), false), [0..1, 1..2, 2..3]);
    }

    /// The rows that are in the frame, as the walk sees them.
    #[derive(Default)]
    struct Seen {
        inside: std::collections::VecDeque<usize>,
        all: Vec<Vec<usize>>,
    }

    impl Walk for Seen {
        fn clear(&mut self) {
            self.inside.clear();
        }

        fn enter(&mut self, row: usize) {
            self.inside.push_back(row);
        }

        fn leave(&mut self, row: usize) {
            assert_eq!(self.inside.pop_front(), Some(row));
        }

        fn emit(&mut self) {
            self.all.push(self.inside.iter().copied().collect());
        }
    }

    #[test]
    fn a_walk_sees_every_frame() {
        let parts = [0..6, 6..7, 7..12];
        for start in [None, Some(-3), Some(-1), Some(0), Some(2)] {
            for end in [None, Some(-2), Some(0), Some(1), Some(4)] {
                let bounds = Bounds::new(Frame::Rows { start, end }, &parts, None, false);
                let mut seen = Seen::default();
                walk(&parts, &bounds, &mut seen);
                let expected: Vec<Vec<usize>> = (0..12).map(|row| bounds.of(row).collect()).collect();
                assert_eq!(seen.all, expected, "{start:?} {end:?}");
            }
        }
    }
}
