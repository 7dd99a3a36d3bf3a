//! [`Held`]: the rows of a partition that may be among the first of their groups.
//!
//! Rows that are taken are copied, in the order in which they come. Later ones take the places of some: once these are more than
//! those that count, all are copied again without them.

use super::{best::Best, gain::Gain};
use crate::operators::{Top, bytes_of};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray, RecordBatch,
    cast::AsArray,
    new_empty_array,
    types::{Float16Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type},
};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use arrow_select::coalesce::BatchCoalescer;
use datafusion::{
    arrow::row::{RowConverter, Rows as Encoded, SortField},
    common::Result as DfResult,
    physical_plan::aggregates::{
        group_values::{GroupValues, new_group_values},
        order::GroupOrdering,
    },
};
use std::{collections::VecDeque, mem::take, sync::Arc};

/// Rows that no longer count are left out when they are this many more than the others.
const SLACK: usize = 8192;

/// A key as groups are told apart by it. To a top both zeros are keys, and so is every NaN; to DataFusion's groups the zeros are one.
/// A group of several of the top's would lose rows, where several of one only keep too many: floats are their bits.
fn told_apart(key: &ArrayRef) -> ArrayRef {
    match key.data_type() {
        DataType::Float16 => bits::<Float16Type, Int16Type>(key),
        DataType::Float32 => bits::<Float32Type, Int32Type>(key),
        DataType::Float64 => bits::<Float64Type, Int64Type>(key),
        _ => key.clone(),
    }
}

/// Floats as numbers of the same width.
fn bits<F: ArrowPrimitiveType, N: ArrowPrimitiveType>(key: &ArrayRef) -> ArrayRef {
    let floats = key.as_primitive::<F>();
    Arc::new(PrimitiveArray::<N>::new(floats.values().inner().clone().into(), floats.nulls().cloned()))
}

/// Rows, their groups, and which of them count.
pub(super) struct Held {
    /// Where the keys are in a batch, and where the order is.
    keys: Vec<usize>,
    order: Vec<usize>,
    groups: Box<dyn GroupValues>,
    converter: RowConverter,
    best: Best,
    gain: Gain,
    /// How many rows came.
    seen: usize,
    /// Rows that were taken, in their order, and the last of them, which are not yet a batch.
    batches: Vec<RecordBatch>,
    last: BatchCoalescer,
    /// How many rows were taken and not left out again.
    rows: usize,
    /// The bytes of the batches, and those of one of the last rows, about.
    bytes: usize,
    of_row: usize,
    /// Of the batch that is looked at: the group of each row, and its order.
    numbers: Vec<usize>,
    encoded: Encoded,
}

impl Held {
    pub(super) fn new(top: &Top, schema: &SchemaRef, batch_rows: usize) -> DfResult<Self> {
        let keys = top.keys.iter().map(|at| {
            let field = schema.field(*at);
            let keys = told_apart(&new_empty_array(field.data_type()));
            Arc::new(Field::new(field.name(), keys.data_type().clone(), true))
        });
        let keys: Vec<FieldRef> = keys.collect();
        let sorts = top.order.iter().map(|(at, direction)| {
            let of = schema.field(*at).data_type().clone();
            SortField::new_with_options(of, (*direction).into())
        });
        let converter = RowConverter::new(sorts.collect())?;
        Ok(Held {
            keys: top.keys.clone(),
            order: top.order.iter().map(|(at, _)| *at).collect(),
            groups: new_group_values(Arc::new(Schema::new(keys)), &GroupOrdering::None)?,
            best: Best::new(top.rows),
            gain: Gain::new(),
            seen: 0,
            batches: Vec::new(),
            last: BatchCoalescer::new(schema.clone(), batch_rows.max(1)),
            rows: 0,
            bytes: 0,
            of_row: 0,
            numbers: Vec::new(),
            encoded: converter.empty_rows(0, 0),
            converter,
        })
    }

    /// Takes rows in.
    pub(super) fn push(&mut self, batch: RecordBatch) -> DfResult<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let columns = |places: &[usize]| places.iter().map(|at| batch.column(*at).clone()).collect::<Vec<ArrayRef>>();
        let keys: Vec<ArrayRef> = columns(&self.keys).iter().map(told_apart).collect();
        self.groups.intern(&keys, &mut self.numbers)?;
        self.best.reach(self.groups.len());
        self.encoded.clear();
        self.converter.append(&mut self.encoded, &columns(&self.order))?;
        let mut taken = Vec::with_capacity(batch.num_rows());
        for (order, group) in self.encoded.iter().zip(&self.numbers) {
            let is_taken = self.best.offer(*group, order.data(), self.rows);
            self.rows += usize::from(is_taken);
            taken.push(is_taken);
        }
        self.seen += batch.num_rows();
        self.of_row = bytes_of(&batch).div_ceil(batch.num_rows());
        self.add(batch, taken)?;
        if self.rows > 2 * self.best.len() + SLACK { self.shrink() } else { Ok(()) }
    }

    /// Copies the rows of a batch that are chosen.
    fn add(&mut self, batch: RecordBatch, is_chosen: Vec<bool>) -> DfResult<()> {
        self.last.push_batch_with_filter(batch, &BooleanArray::from(is_chosen))?;
        self.complete();
        Ok(())
    }

    fn complete(&mut self) {
        while let Some(batch) = self.last.next_completed_batch() {
            self.bytes += bytes_of(&batch);
            self.batches.push(batch);
        }
    }

    /// Leaves out rows that are not among the first of their groups any more.
    pub(super) fn shrink(&mut self) -> DfResult<()> {
        if self.rows == self.best.len() {
            return Ok(());
        }
        self.last.finish_buffered_batch()?;
        self.complete();
        let mut counts = vec![false; self.rows];
        self.best.rows().for_each(|row| counts[row] = true);
        let mut next = 0;
        let numbers = counts.iter().map(|counts| {
            next += usize::from(*counts);
            next.saturating_sub(1)
        });
        let numbers: Vec<usize> = numbers.collect();
        self.best.renumber(|row| numbers[row]);
        (self.rows, self.bytes) = (next, 0);
        let mut first = 0;
        for batch in take(&mut self.batches) {
            let chosen = counts[first..first + batch.num_rows()].to_vec();
            first += batch.num_rows();
            self.add(batch, chosen)?;
        }
        Ok(())
    }

    /// Whether it pays to hold rows back.
    pub(super) fn pays(&mut self) -> bool {
        self.gain.is_there(self.seen, self.groups.len(), self.best.wanted(), self.best.len())
    }

    pub(super) fn bytes(&self) -> usize {
        let of_rows = self.bytes + self.last.get_buffered_rows() * self.of_row;
        of_rows + self.groups.size() + self.best.bytes() + self.encoded.size()
    }

    /// All rows, in the order in which they came.
    pub(super) fn finish(mut self) -> DfResult<VecDeque<RecordBatch>> {
        self.last.finish_buffered_batch()?;
        self.complete();
        Ok(self.batches.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operators::window::Direction;
    use arrow_array::{Float64Array, Int64Array, StringArray};

    const ASCENDING: Direction = Direction { descending: false, nulls_first: false };

    fn ids(held: Held) -> Vec<i64> {
        let batches = held.finish().unwrap();
        batches.iter().flat_map(|batch| batch.column(2).as_primitive::<Int64Type>().values().to_vec()).collect()
    }

    fn held(key: ArrayRef, order: ArrayRef, wanted: usize) -> Vec<i64> {
        let id: ArrayRef = Arc::new(Int64Array::from_iter_values(0..key.len() as i64));
        let columns = [("k", key, true), ("x", order, true), ("id", id, true)];
        let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
        let top = Top { keys: vec![0], order: vec![(1, ASCENDING)], rows: wanted };
        let mut held = Held::new(&top, &batch.schema(), 3).unwrap();
        (0..batch.num_rows()).for_each(|row| held.push(batch.slice(row, 1)).unwrap());
        held.shrink().unwrap();
        ids(held)
    }

    #[test]
    fn floats_are_one_key_only_where_all_their_bits_are() {
        let other = f64::from_bits(f64::NAN.to_bits() | 1);
        let keys = [Some(0.0), Some(-0.0), Some(f64::NAN), Some(other), Some(-f64::NAN), None];
        let keys: Vec<Option<f64>> = keys.iter().chain(&keys).copied().collect();
        let order = Arc::new(Int64Array::from_iter_values(0..12));
        assert_eq!(held(Arc::new(Float64Array::from(keys)), order, 1), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn texts_are_compared_to_their_ends() {
        let order = [
            "the same to the 16th byte, b",
            "",
            "the same to the 16th byte, c",
            "the same to the 16th byte",
            "the same to the 16th byte, a",
        ];
        let keys: ArrayRef = Arc::new(Int64Array::from(vec![None::<i64>; 5]));
        let order: ArrayRef = Arc::new(StringArray::from(order.to_vec()));
        assert_eq!(held(keys.clone(), order.clone(), 2), [1, 3]);
        assert_eq!(held(keys.clone(), order.clone(), 3), [1, 3, 4]);
        assert_eq!(held(keys, order, 4), [0, 1, 3, 4]);
    }

    #[test]
    fn what_is_held_stays_in_proportion_to_what_counts() {
        let schema = Arc::new(Schema::new(vec![
            Field::new("k", DataType::Int64, true),
            Field::new("x", DataType::Int64, true),
            Field::new("id", DataType::Int64, true),
        ]));
        let top = Top { keys: vec![0], order: vec![(1, ASCENDING)], rows: 3 };
        let mut held = Held::new(&top, &schema, 1000).unwrap();
        // Each row is before all others of its group so far.
        for first in (0..50_000).step_by(500) {
            let id: ArrayRef = Arc::new(Int64Array::from_iter_values(first..first + 500));
            let key: ArrayRef = Arc::new(Int64Array::from_iter_values((first..first + 500).map(|row| row % 7)));
            let order: ArrayRef = Arc::new(Int64Array::from_iter_values((first..first + 500).map(|row| -row)));
            held.push(RecordBatch::try_new(schema.clone(), vec![key, order, id]).unwrap()).unwrap();
            let rows: usize = held.batches.iter().map(RecordBatch::num_rows).sum();
            assert_eq!(rows + held.last.get_buffered_rows(), held.rows);
            assert!(held.rows <= 2 * held.best.len() + SLACK && held.bytes() >= 24 * held.rows, "{first}");
        }
        assert_eq!(held.best.len(), 21);
        held.shrink().unwrap();
        assert_eq!(ids(held), (49_979..50_000).collect::<Vec<i64>>());
    }
}
