//! [`Merge`]: one pass over two sorted sides. It asks for batches and gives batches; it knows no streams.
//!
//! Times of the left only grow within a key, and so does the place in the right that belongs to them. Two cursors follow it:
//! one behind the row of the left, whose last row is the latest at or before it, and one ahead, whose next row is the first
//! at or after it. Batches of the right that neither cursor nor a row to come out needs are let go. Where the left has few
//! rows among many of the right, its rows come out before more than a few batches are held for them.

use super::{Direction, Within};
use crate::operators::batch_of;
use arrow_array::{Array, ArrayRef, RecordBatch, cast::AsArray, new_null_array, types::UInt64Type};
use arrow_cast::cast;
use arrow_schema::{DataType, SchemaRef};
use arrow_select::interleave::interleave;
use datafusion::{arrow::row::Rows, common::Result as DfResult};
use std::{cmp::Ordering, collections::VecDeque};

/// Batches of the right that are held before rows that wait for no more of them come out.
const HELD: usize = 4;

/// A time as a number, in whatever unit its column counts.
pub(super) trait Moment: Copy + PartialOrd + Send + Sync + 'static {
    /// The times of a column, where they are there.
    fn read(array: &ArrayRef) -> DfResult<Vec<Option<Self>>>;

    /// How far apart two are.
    fn distance(self, other: Self) -> Self;

    /// The largest distance.
    fn distance_of(within: Within) -> Self;
}

impl Moment for i128 {
    fn read(array: &ArrayRef) -> DfResult<Vec<Option<Self>>> {
        if let Some(unsigned) = array.as_primitive_opt::<UInt64Type>() {
            return Ok(unsigned.iter().map(|time| time.map(i128::from)).collect());
        }
        let whole = cast(array, &DataType::Int64)?;
        Ok(whole.as_primitive::<arrow_array::types::Int64Type>().iter().map(|time| time.map(i128::from)).collect())
    }

    fn distance(self, other: Self) -> Self {
        (self - other).abs()
    }

    fn distance_of(within: Within) -> Self {
        match within {
            Within::Whole(within) => within.into(),
            // A cast of a float to an integer stops at the ends, and whole times are apart by whole numbers.
            Within::Float(within) => within.floor() as i128,
        }
    }
}

impl Moment for f64 {
    fn read(array: &ArrayRef) -> DfResult<Vec<Option<Self>>> {
        let floats = cast(array, &DataType::Float64)?;
        let floats = floats.as_primitive::<arrow_array::types::Float64Type>();
        Ok(floats.iter().map(|time| time.filter(|time| !time.is_nan())).collect())
    }

    fn distance(self, other: Self) -> Self {
        // One infinity is as far from itself as any number is.
        if self == other { 0.0 } else { (self - other).abs() }
    }

    fn distance_of(within: Within) -> Self {
        match within {
            Within::Whole(within) => within as f64,
            Within::Float(within) => within,
        }
    }
}

/// A batch of a side, and what its rows are compared by.
pub(super) struct Run<T> {
    pub(super) batch: RecordBatch,
    /// None where there are no keys.
    pub(super) keys: Option<Rows>,
    pub(super) times: Vec<Option<T>>,
    pub(super) bytes: usize,
}

/// A row of the right: the number of its batch, counted from the first that came, and the row in it.
#[derive(Clone, Copy, Debug)]
struct Spot {
    run: usize,
    row: usize,
}

/// A place in the right that only moves on.
#[derive(Clone, Copy)]
struct Cursor {
    /// The first row that it did not pass.
    next: Spot,
    /// The row before that.
    last: Option<Spot>,
    /// Whether it passes rows of the same time.
    passes_equal: bool,
}

impl Cursor {
    fn new(passes_equal: bool) -> Self {
        Cursor { next: Spot { run: 0, row: 0 }, last: None, passes_equal }
    }

    /// The first batch that it needs.
    fn oldest(&self) -> usize {
        self.last.map_or(self.next.run, |last| last.run)
    }
}

/// What a merge needs to go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wants {
    /// A batch of the left.
    Left,
    /// A batch of the right, or to be told that there is none.
    Right,
    /// Rows have to come out.
    Out,
}

pub(super) struct Merge<T> {
    within: Option<T>,
    /// Of the columns of both sides.
    schema: SchemaRef,
    left: Option<Run<T>>,
    /// The first row of the left that did not come out.
    start: usize,
    /// What was found for the rows from `start` on.
    found: Vec<Option<Spot>>,
    right: VecDeque<Run<T>>,
    /// The number of the first batch in `right`.
    first: usize,
    is_right_done: bool,
    behind: Option<Cursor>,
    ahead: Option<Cursor>,
}

impl<T: Moment> Merge<T> {
    pub(super) fn new(direction: Direction, is_strict: bool, within: Option<T>, schema: SchemaRef) -> Self {
        Merge {
            within,
            schema,
            left: None,
            start: 0,
            found: Vec::new(),
            right: VecDeque::new(),
            first: 0,
            is_right_done: false,
            behind: (direction != Direction::Forward).then(|| Cursor::new(!is_strict)),
            ahead: (direction != Direction::Backward).then(|| Cursor::new(is_strict)),
        }
    }

    /// The next batch of the left. The one before has come out.
    pub(super) fn set_left(&mut self, run: Run<T>) {
        self.left = Some(run);
        self.start = 0;
    }

    pub(super) fn push_right(&mut self, run: Run<T>) {
        self.right.push_back(run);
    }

    pub(super) fn end_right(&mut self) {
        self.is_right_done = true;
    }

    /// What is held.
    pub(super) fn bytes(&self) -> usize {
        self.left.iter().chain(&self.right).map(|run| run.bytes).sum()
    }

    /// Goes on until something is needed.
    pub(super) fn go(&mut self) -> Wants {
        loop {
            let Some(left) = &self.left else { return Wants::Left };
            let row = self.start + self.found.len();
            if row == left.times.len() {
                if self.found.is_empty() {
                    self.left = None;
                    return Wants::Left;
                }
                return Wants::Out;
            }
            if left.times[row].is_some() {
                if !self.seek(row) {
                    self.let_go();
                    return if self.right.len() >= HELD && !self.found.is_empty() { Wants::Out } else { Wants::Right };
                }
                self.found.push(self.find(row));
            } else {
                self.found.push(None);
            }
        }
    }

    /// Moves the cursors to a row of the left; false where that takes more of the right.
    fn seek(&mut self, row: usize) -> bool {
        let (mut behind, mut ahead) = (self.behind, self.ahead);
        let mut is_there = true;
        for cursor in [&mut behind, &mut ahead].into_iter().flatten() {
            is_there &= self.advance(cursor, row);
        }
        (self.behind, self.ahead) = (behind, ahead);
        is_there
    }

    fn advance(&self, cursor: &mut Cursor, row: usize) -> bool {
        loop {
            let Some(run) = self.right.get(cursor.next.run - self.first) else { return self.is_right_done };
            if cursor.next.row == run.times.len() {
                cursor.next = Spot { run: cursor.next.run + 1, row: 0 };
                continue;
            }
            let passes = match self.order(cursor.next, row) {
                Ordering::Less => true,
                Ordering::Equal => cursor.passes_equal,
                Ordering::Greater => false,
            };
            if !passes {
                return true;
            }
            cursor.last = Some(cursor.next);
            cursor.next.row += 1;
        }
    }

    /// How a row of the right compares with one of the left that has a time.
    fn order(&self, spot: Spot, row: usize) -> Ordering {
        self.order_of_keys(spot, row).then_with(|| match (self.time(spot), self.left_time(row)) {
            (Some(right), Some(left)) => right.partial_cmp(&left).unwrap_or(Ordering::Equal),
            // Nulls come last.
            (None, _) => Ordering::Greater,
            (_, None) => Ordering::Less,
        })
    }

    fn order_of_keys(&self, spot: Spot, row: usize) -> Ordering {
        let right = self.right.get(spot.run - self.first).and_then(|run| run.keys.as_ref());
        let left = self.left.as_ref().and_then(|run| run.keys.as_ref());
        match (right, left) {
            (Some(right), Some(left)) => right.row(spot.row).cmp(&left.row(row)),
            _ => Ordering::Equal,
        }
    }

    fn time(&self, spot: Spot) -> Option<T> {
        self.right.get(spot.run - self.first).and_then(|run| run.times.get(spot.row).copied().flatten())
    }

    fn left_time(&self, row: usize) -> Option<T> {
        self.left.as_ref().and_then(|run| run.times[row])
    }

    /// The row of the right for a row of the left to which the cursors have moved.
    fn find(&self, row: usize) -> Option<Spot> {
        let time = self.left_time(row)?;
        let of_key = |spot: Spot| Some((spot, self.time(spot)?.distance(time))).filter(|_| self.order_of_keys(spot, row).is_eq());
        let behind = self.behind.and_then(|cursor| cursor.last).and_then(of_key);
        let ahead = self.ahead.map(|cursor| cursor.next).and_then(of_key);
        let (spot, distance) = match (behind, ahead) {
            (Some(behind), Some(ahead)) => {
                if ahead.1 < behind.1 {
                    ahead
                } else {
                    behind
                }
            }
            (one, other) => one.or(other)?,
        };
        self.within.is_none_or(|within| distance <= within).then_some(spot)
    }

    /// The rows of the left for which the right was searched, and what was found.
    pub(super) fn emit(&mut self) -> DfResult<RecordBatch> {
        let found = std::mem::take(&mut self.found);
        let mut columns: Vec<ArrayRef> = match &self.left {
            Some(left) => left.batch.slice(self.start, found.len()).columns().to_vec(),
            None => Vec::new(),
        };
        // The first source is one null.
        let spots = found.iter().map(|spot| spot.map_or((0, 0), |spot| (spot.run - self.first + 1, spot.row)));
        let spots: Vec<(usize, usize)> = spots.collect();
        let of_left = columns.len();
        for (at, field) in self.schema.fields()[of_left..].iter().enumerate() {
            let missing = new_null_array(field.data_type(), 1);
            let runs = self.right.iter().map(|run| run.batch.column(at).as_ref());
            let sources: Vec<&dyn Array> = [missing.as_ref()].into_iter().chain(runs).collect();
            columns.push(interleave(&sources, &spots)?);
        }
        self.start += found.len();
        batch_of(&self.schema, columns, found.len())
    }

    /// Lets go of the batches of the right that nothing needs any more.
    fn let_go(&mut self) {
        let cursors = self.behind.iter().chain(&self.ahead).map(Cursor::oldest);
        let oldest = cursors.chain(self.found.iter().flatten().map(|spot| spot.run)).min().unwrap_or(self.first);
        while self.first < oldest && self.right.pop_front().is_some() {
            self.first += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Int64Array;
    use arrow_schema::{Field, Schema};
    use std::sync::Arc;

    fn run(times: &[i64]) -> Run<i128> {
        let column: ArrayRef = Arc::new(Int64Array::from(times.to_vec()));
        let times = i128::read(&column).unwrap();
        Run { batch: RecordBatch::try_from_iter([("t", column)]).unwrap(), keys: None, times, bytes: 8 }
    }

    /// Merges the two, in batches of these lengths, and gives the time that was found for each of the left, and the most
    /// batches of the right that were held.
    fn merged(left: &[i64], right: &[i64], lengths: (usize, usize), direction: Direction, is_strict: bool) -> (Vec<Option<i64>>, usize) {
        let field = |name| Field::new(name, DataType::Int64, true);
        let schema = Arc::new(Schema::new(vec![field("left"), field("right")]));
        let mut merge = Merge::new(direction, is_strict, None, schema);
        let (mut lefts, mut rights) = (left.chunks(lengths.0), right.chunks(lengths.1));
        let (mut found, mut held) = (Vec::new(), 0);
        loop {
            match merge.go() {
                Wants::Left => match lefts.next() {
                    Some(times) => merge.set_left(run(times)),
                    None => return (found, held),
                },
                Wants::Right => match rights.next() {
                    Some(times) => merge.push_right(run(times)),
                    None => merge.end_right(),
                },
                Wants::Out => {
                    let batch = merge.emit().unwrap();
                    assert!(batch.num_rows() > 0);
                    found.extend(batch.column(1).as_primitive::<arrow_array::types::Int64Type>());
                }
            }
            held = held.max(merge.right.len());
        }
    }

    fn nearest(left: i64, right: &[i64], direction: Direction, is_strict: bool) -> Option<i64> {
        let fits = |time: &&i64| match direction {
            Direction::Backward => **time <= left,
            Direction::Forward => **time >= left,
            Direction::Nearest => true,
        };
        let fitting = right.iter().filter(fits).filter(|time| !is_strict || **time != left);
        fitting.min_by_key(|time| (time.abs_diff(left), **time)).copied()
    }

    #[test]
    fn whatever_the_batches_every_row_of_the_left_finds_its_nearest() {
        let left = [-3, 0, 0, 1, 4, 5, 5, 9, 20];
        for right in [vec![], vec![0], vec![0, 0, 2, 5, 5, 5, 8, 10], vec![-9, -8, 1, 3, 7], vec![30, 31]] {
            for direction in [Direction::Backward, Direction::Forward, Direction::Nearest] {
                for is_strict in [false, true] {
                    let expected: Vec<Option<i64>> = left.iter().map(|time| nearest(*time, &right, direction, is_strict)).collect();
                    for lengths in [(1, 1), (2, 1), (1, 3), (9, 2), (4, 9)] {
                        let (found, _) = merged(&left, &right, lengths, direction, is_strict);
                        assert_eq!(found, expected, "{right:?} {lengths:?} {direction:?} {is_strict}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_left_of_few_rows_holds_few_batches_of_the_right() {
        let right: Vec<i64> = (0..1000).collect();
        for direction in [Direction::Backward, Direction::Forward, Direction::Nearest] {
            let (found, held) = merged(&[0, 500, 999], &right, (3, 10), direction, false);
            assert_eq!(found, [Some(0), Some(500), Some(999)], "{direction:?}");
            assert!(held <= HELD + 1, "{direction:?} {held}");
        }
    }

    #[test]
    fn distances_are_those_of_numbers() {
        assert_eq!(i128::from(i64::MIN).distance(i128::from(u64::MAX)), (1 << 63) + i128::from(u64::MAX));
        assert_eq!((f64::INFINITY.distance(f64::INFINITY), 1.5f64.distance(-1.0)), (0.0, 2.5));
        assert_eq!((i128::distance_of(Within::Float(1.5)), f64::distance_of(Within::Whole(3))), (1, 3.0));
    }
}
