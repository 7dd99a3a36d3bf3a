//! Aggregates that see the values of a frame as a set: how many different ones, which is at a place in their order, all of
//! them in a list.

use super::{
    bounds::{Bounds, Walk, walk},
    mask::Mask,
};
use crate::functions::interpolated;
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, ListArray, UInt64Array};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_ord::ord::make_comparator;
use arrow_schema::{Field, SortOptions};
use arrow_select::take::take;
use std::{cmp::Ordering, ops::Range, sync::Arc};
use stratal_core::{Error, ErrorKind, Result};

/// For each row that counts, the number of its value among all values in their order; and how many values there are.
fn numbered(rows: usize, mask: &Mask, compare: impl Fn(usize, usize) -> Ordering) -> (Vec<usize>, usize) {
    let mut order: Vec<usize> = (0..rows).filter(|row| mask.has(*row)).collect();
    order.sort_unstable_by(|one, two| compare(*one, *two));
    let mut numbers = vec![0; rows];
    let mut next = 0;
    for (at, row) in order.iter().enumerate() {
        if at > 0 && compare(order[at - 1], *row) != Ordering::Equal {
            next += 1;
        }
        numbers[*row] = next;
    }
    (numbers, if order.is_empty() { 0 } else { next + 1 })
}

/// The number of different values of the frame.
pub(super) fn unique(values: &ArrayRef, parts: &[Range<usize>], bounds: &Bounds, mask: &Mask) -> Result<ArrayRef> {
    let compare = make_comparator(values, values, SortOptions::default())?;
    let (numbers, different) = numbered(values.len(), mask, compare);
    let (counts, all) = (vec![0; different], Vec::with_capacity(values.len()));
    let mut state = Unique { numbers, mask, counts, entered: Vec::new(), inside: 0, all };
    walk(parts, bounds, &mut state);
    Ok(Arc::new(Int64Array::from(state.all)))
}

/// How often each value is in the frame.
struct Unique<'a> {
    numbers: Vec<usize>,
    mask: &'a Mask,
    counts: Vec<u64>,
    /// The values that came in since the frame was empty.
    entered: Vec<usize>,
    inside: i64,
    all: Vec<i64>,
}

impl Walk for Unique<'_> {
    fn clear(&mut self) {
        self.entered.drain(..).for_each(|number| self.counts[number] = 0);
        self.inside = 0;
    }

    fn enter(&mut self, row: usize) {
        if self.mask.has(row) {
            let number = self.numbers[row];
            if self.counts[number] == 0 {
                self.inside += 1;
                self.entered.push(number);
            }
            self.counts[number] += 1;
        }
    }

    fn leave(&mut self, row: usize) {
        if self.mask.has(row) {
            let number = self.numbers[row];
            self.counts[number] -= 1;
            if self.counts[number] == 0 {
                self.inside -= 1;
            }
        }
    }

    fn emit(&mut self) {
        self.all.push(self.inside);
    }
}

/// The quantile `q` of the frame, from 0 to 1, null where it is empty.
pub(super) fn quantile(values: &Float64Array, parts: &[Range<usize>], bounds: &Bounds, mask: &Mask, q: f64) -> ArrayRef {
    let (numbers, different) = numbered(values.len(), mask, |one, two| values.value(one).total_cmp(&values.value(two)));
    let mut sorted = vec![0.0; different];
    (0..values.len()).filter(|row| mask.has(*row)).for_each(|row| sorted[numbers[row]] = values.value(row));
    let counts = Counts::new(different);
    let mut state = Quantile { numbers, sorted, mask, q, counts, entered: Vec::new(), all: Vec::with_capacity(values.len()) };
    walk(parts, bounds, &mut state);
    Arc::new(Float64Array::from(state.all))
}

/// The values of the frame in their order.
struct Quantile<'a> {
    numbers: Vec<usize>,
    sorted: Vec<f64>,
    mask: &'a Mask,
    q: f64,
    counts: Counts,
    /// The values that came in since the frame was empty.
    entered: Vec<usize>,
    all: Vec<Option<f64>>,
}

impl Walk for Quantile<'_> {
    fn clear(&mut self) {
        for number in self.entered.drain(..) {
            let left = self.counts.of(number);
            self.counts.add(number, -left);
        }
    }

    fn enter(&mut self, row: usize) {
        if self.mask.has(row) {
            self.entered.push(self.numbers[row]);
            self.counts.add(self.numbers[row], 1);
        }
    }

    fn leave(&mut self, row: usize) {
        if self.mask.has(row) {
            self.counts.add(self.numbers[row], -1);
        }
    }

    fn emit(&mut self) {
        let (counts, sorted) = (&self.counts, &self.sorted);
        self.all.push(interpolated(counts.total, self.q, |place| sorted[counts.at(place)]));
    }
}

/// How often each of some numbers is there, with the one at any place found in logarithmic time (a Fenwick tree).
struct Counts {
    /// At `i`: how often numbers are there that are below `i` and not below `i` without its lowest bit.
    tree: Vec<i64>,
    single: Vec<i64>,
    total: usize,
}

impl Counts {
    fn new(numbers: usize) -> Self {
        Counts { tree: vec![0; numbers + 1], single: vec![0; numbers], total: 0 }
    }

    fn of(&self, number: usize) -> i64 {
        self.single[number]
    }

    fn add(&mut self, number: usize, times: i64) {
        if times == 0 {
            return;
        }
        self.single[number] += times;
        self.total = self.total.saturating_add_signed(times as isize);
        let mut at = number + 1;
        while at < self.tree.len() {
            self.tree[at] += times;
            at += at & at.wrapping_neg();
        }
    }

    /// The number at this place, from 0, in their order.
    fn at(&self, place: usize) -> usize {
        let (mut below, mut left) = (0, place as i64);
        let mut step = self.tree.len().next_power_of_two();
        while step > 0 {
            let next = below + step;
            if next < self.tree.len() && self.tree[next] <= left {
                below = next;
                left -= self.tree[next];
            }
            step /= 2;
        }
        below
    }
}

/// The values of the frame, nulls among them; null where it is empty.
pub(super) fn list(values: &ArrayRef, bounds: &Bounds, mask: &Mask) -> Result<ArrayRef> {
    let mut rows: Vec<u64> = Vec::new();
    let lengths = (0..bounds.len()).map(|row| {
        let before = rows.len();
        rows.extend(bounds.of(row).filter(|row| mask.has(*row)).map(|row| row as u64));
        rows.len() - before
    });
    let lengths: Vec<usize> = lengths.collect();
    if rows.len() > i32::MAX as usize {
        let message = format!("the lists of a window hold {} values together, and 2,147,483,647 are the most", rows.len());
        return Err(Error::new(ErrorKind::BadValue, message).with_help("give the window a shorter frame, or more and smaller partitions"));
    }
    let items = take(values, &UInt64Array::from(rows), None)?;
    let field = Arc::new(Field::new_list_field(values.data_type().clone(), true));
    let is_there: NullBuffer = lengths.iter().map(|length| *length > 0).collect();
    Ok(Arc::new(ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), items, Some(is_there))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operators::window::spec::Frame;
    use arrow_array::{
        StringArray,
        cast::AsArray,
        types::{Float64Type, Int64Type},
    };

    #[test]
    fn a_number_is_found_by_its_place() {
        let mut counts = Counts::new(5);
        for (number, times) in [(3, 2), (0, 1), (4, 3), (3, -1), (1, 4), (1, -4)] {
            counts.add(number, times);
        }
        assert_eq!((counts.total, counts.of(3), counts.of(1)), (5, 1, 0));
        assert_eq!((0..5).map(|place| counts.at(place)).collect::<Vec<_>>(), [0, 3, 4, 4, 4]);
    }

    fn bounds(parts: &[Range<usize>]) -> Bounds {
        Bounds::new(Frame::Rows { start: Some(-2), end: Some(0) }, parts, None, false)
    }

    #[test]
    fn quantiles_move_with_the_frame() {
        let values = Float64Array::from(vec![5.0, 1.0, 3.0, 3.0, f64::NAN, 0.0, 7.0, 8.0]);
        let parts = [0..6, 6..8];
        let medians = quantile(&values, &parts, &bounds(&parts), &Mask::of_filter(None), 0.5);
        assert_eq!(medians.as_primitive::<Float64Type>().values(), &[5.0, 3.0, 3.0, 3.0, 3.0, 3.0, 7.0, 7.5]);
    }

    #[test]
    fn equal_values_count_once() {
        let values: ArrayRef = Arc::new(StringArray::from(vec!["a", "b", "a", "a", "a", "c", "c"]));
        let parts = [0..6, 6..7];
        let unique = unique(&values, &parts, &bounds(&parts), &Mask::of_filter(None)).unwrap();
        assert_eq!(unique.as_primitive::<Int64Type>().values(), &[1, 2, 2, 2, 1, 2, 1]);
    }

    #[test]
    fn a_list_holds_the_frame_in_order() {
        let values: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(3)]));
        let parts = [0..2, 2..3];
        let lists = list(&values, &bounds(&parts), &Mask::of_filter(None)).unwrap();
        let lists: Vec<Vec<Option<i64>>> =
            lists.as_list::<i32>().iter().flatten().map(|items| items.as_primitive::<Int64Type>().iter().collect()).collect();
        assert_eq!(lists, [vec![Some(1)], vec![Some(1), None], vec![Some(3)]]);
    }
}
