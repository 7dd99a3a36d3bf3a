//! Values that are another row's: of any type, by the number of that row.

use super::{
    bounds::{Bounds, Walk, walk},
    mask::Mask,
};
use arrow_array::{Array, ArrayRef, UInt64Array};
use arrow_ord::ord::{DynComparator, make_comparator};
use arrow_schema::SortOptions;
use arrow_select::take::take;
use std::{cmp::Ordering, collections::VecDeque, ops::Range};
use stratal_core::Result;

/// For each row, the row whose value it gets.
type Rows = Vec<Option<u64>>;

/// The values of these rows.
fn taken(values: &ArrayRef, rows: Rows) -> Result<ArrayRef> {
    Ok(take(values, &UInt64Array::from(rows), None)?)
}

/// The value `by` rows before; after, where it is negative.
pub(super) fn shift(values: &ArrayRef, parts: &[Range<usize>], by: i64) -> Result<ArrayRef> {
    let mut rows: Rows = Vec::with_capacity(values.len());
    for part in parts {
        let source = |row: usize| usize::try_from((row as i64).checked_sub(by)?).ok().filter(|row| part.contains(row));
        rows.extend(part.clone().map(|row| source(row).map(|row| row as u64)));
    }
    taken(values, rows)
}

/// The last value that is there, up to the row; `backward`, the first from the row on.
pub(super) fn fill(values: &ArrayRef, parts: &[Range<usize>], backward: bool) -> Result<ArrayRef> {
    let Some(nulls) = values.logical_nulls() else { return Ok(values.clone()) };
    let mut rows: Rows = vec![None; values.len()];
    for part in parts {
        let mut last = None;
        let mut see = |row: usize| {
            if nulls.is_valid(row) {
                last = Some(row as u64);
            }
            rows[row] = last;
        };
        match backward {
            true => part.clone().rev().for_each(&mut see),
            false => part.clone().for_each(&mut see),
        }
    }
    taken(values, rows)
}

/// The first value of the frame, null or not.
pub(super) fn first(values: &ArrayRef, bounds: &Bounds, mask: &Mask) -> Result<ArrayRef> {
    let mut next: Rows = vec![None; values.len()];
    let mut last = None;
    for row in (0..values.len()).rev() {
        if mask.has(row) {
            last = Some(row as u64);
        }
        next[row] = last;
    }
    let rows = (0..bounds.len()).map(|row| {
        let frame = bounds.of(row);
        next.get(frame.start).copied().flatten().filter(|found| *found < frame.end as u64)
    });
    taken(values, rows.collect())
}

/// The last value of the frame, null or not.
pub(super) fn last(values: &ArrayRef, bounds: &Bounds, mask: &Mask) -> Result<ArrayRef> {
    let mut previous: Rows = Vec::with_capacity(values.len());
    let mut last = None;
    for row in 0..values.len() {
        if mask.has(row) {
            last = Some(row as u64);
        }
        previous.push(last);
    }
    let rows = (0..bounds.len()).map(|row| {
        let frame = bounds.of(row);
        let end = frame.end.checked_sub(1)?;
        previous.get(end).copied().flatten().filter(|found| *found >= frame.start as u64)
    });
    taken(values, rows.collect())
}

/// The smallest value of the frame, or the largest. `NaN` is larger than every number.
pub(super) fn extreme(values: &ArrayRef, parts: &[Range<usize>], bounds: &Bounds, mask: &Mask, largest: bool) -> Result<ArrayRef> {
    let compare = make_comparator(values, values, SortOptions::default())?;
    let worse = if largest { Ordering::Less } else { Ordering::Greater };
    let mut state = Extreme { compare, worse, mask, queue: VecDeque::new(), rows: Vec::with_capacity(values.len()) };
    walk(parts, bounds, &mut state);
    taken(values, state.rows)
}

/// The rows of the frame that are better than all after them, the best first.
struct Extreme<'a> {
    compare: DynComparator,
    worse: Ordering,
    mask: &'a Mask,
    queue: VecDeque<usize>,
    rows: Rows,
}

impl Walk for Extreme<'_> {
    fn clear(&mut self) {
        self.queue.clear();
    }

    fn enter(&mut self, row: usize) {
        if !self.mask.has(row) {
            return;
        }
        while self.queue.back().is_some_and(|last| (self.compare)(*last, row) == self.worse) {
            self.queue.pop_back();
        }
        self.queue.push_back(row);
    }

    fn leave(&mut self, row: usize) {
        if self.queue.front() == Some(&row) {
            self.queue.pop_front();
        }
    }

    fn emit(&mut self) {
        self.rows.push(self.queue.front().map(|row| *row as u64));
    }
}
