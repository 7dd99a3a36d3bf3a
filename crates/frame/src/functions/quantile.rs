//! Exact quantiles. DataFusion's `percentile_cont` rounds the place between two values to six digits, and loses values where
//! the partial results of several partitions come in one batch.
//!
//! All values are held until the end. Nulls are skipped; `NaN` comes after every number.

use crate::error::to_datafusion;
use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, ListArray, cast::AsArray, types::Float64Type};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field, FieldRef};
use datafusion::{
    common::{Result as DfResult, ScalarValue},
    logical_expr::{
        Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
        function::{AccumulatorArgs, StateFieldsArgs},
        utils::{AggregateOrderSensitivity, format_state_name},
    },
    physical_expr::expressions::Literal,
};
use std::{
    mem::{size_of, size_of_val},
    sync::{Arc, LazyLock},
};
use stratal_core::{Error, ErrorKind, Result};

/// `quantile(values, q)`, where `q` is a literal from 0 to 1; as `Float64`.
pub(crate) fn quantile() -> Arc<AggregateUDF> {
    static FUNCTION: LazyLock<Arc<AggregateUDF>> =
        LazyLock::new(|| Arc::new(AggregateUDF::new_from_impl(Quantile { signature: Signature::user_defined(Volatility::Immutable) })));
    FUNCTION.clone()
}

/// The quantile `q` of `count` values, where `at` gives the one at a place in their order: linear between the two nearest.
pub(crate) fn interpolated(count: usize, q: f64, mut at: impl FnMut(usize) -> f64) -> Option<f64> {
    let last = count.checked_sub(1)?;
    let place = q * last as f64;
    let (below, above) = (place.floor() as usize, (place.ceil() as usize).min(last));
    let (lower, upper) = (at(below), at(above));
    // Between two infinities there is nothing to be interpolated.
    Some(if lower == upper { lower } else { lower + (upper - lower) * (place - place.floor()) })
}

/// The quantile of values that may be put in another order.
fn of(values: &mut [f64], q: f64) -> Option<f64> {
    let count = values.len();
    interpolated(count, q, |place| *values.select_nth_unstable_by(place, f64::total_cmp).1)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Quantile {
    signature: Signature,
}

fn refused(message: &str) -> datafusion::error::DataFusionError {
    to_datafusion(Error::new(ErrorKind::BadValue, message))
}

/// The literal of a call.
fn parameter(args: &AccumulatorArgs<'_>) -> DfResult<f64> {
    let literal = args.exprs.get(1).and_then(|expr| expr.downcast_ref::<Literal>());
    match literal.map(Literal::value) {
        Some(ScalarValue::Float64(Some(q))) if (0.0..=1.0).contains(q) => Ok(*q),
        _ => Err(refused("a quantile is a number from 0 to 1, the same for all rows")),
    }
}

impl AggregateUDFImpl for Quantile {
    fn name(&self) -> &str {
        "stratal_quantile"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> DfResult<Vec<DataType>> {
        match types {
            [values, q] if (values.is_numeric() || values.is_null()) && q.is_numeric() => Ok(vec![DataType::Float64; 2]),
            _ => Err(refused("a quantile is taken of numbers")),
        }
    }

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Ok(DataType::Float64)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> DfResult<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format_state_name(args.name, "values"), list_type(), true))])
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> DfResult<Box<dyn Accumulator>> {
        Ok(Box::new(Held { q: parameter(&args)?, values: Vec::new() }))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> DfResult<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(HeldByGroup { q: parameter(&args)?, groups: Vec::new(), bytes: 0 }))
    }
}

fn list_type() -> DataType {
    DataType::List(item())
}

fn item() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Float64, true))
}

/// One list for each group.
fn lists(groups: &[Vec<f64>]) -> DfResult<ListArray> {
    let total: usize = groups.iter().map(Vec::len).sum();
    if total > i32::MAX as usize {
        return Err(refused("the values of an exact quantile are too many for one batch; use approx_quantile(..)"));
    }
    let values = Float64Array::from_iter_values(groups.iter().flatten().copied());
    Ok(ListArray::try_new(item(), OffsetBuffer::from_lengths(groups.iter().map(Vec::len)), Arc::new(values), None)?)
}

/// The values of a list that are there.
fn items(list: &ArrayRef) -> impl Iterator<Item = f64> {
    list.as_primitive::<Float64Type>().iter().flatten()
}

/// All values.
#[derive(Debug)]
struct Held {
    q: f64,
    values: Vec<f64>,
}

impl Accumulator for Held {
    fn update_batch(&mut self, values: &[ArrayRef]) -> DfResult<()> {
        self.values.extend(items(&values[0]));
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> DfResult<()> {
        states[0].as_list::<i32>().iter().flatten().for_each(|list| self.values.extend(items(&list)));
        Ok(())
    }

    fn state(&mut self) -> DfResult<Vec<ScalarValue>> {
        let values = std::mem::take(&mut self.values);
        Ok(vec![ScalarValue::List(Arc::new(lists(&[values])?))])
    }

    fn evaluate(&mut self) -> DfResult<ScalarValue> {
        Ok(ScalarValue::Float64(of(&mut self.values, self.q)))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.values.capacity() * size_of::<f64>()
    }
}

/// All values of many groups.
#[derive(Debug)]
struct HeldByGroup {
    q: f64,
    groups: Vec<Vec<f64>>,
    bytes: usize,
}

impl HeldByGroup {
    fn grow(&mut self, groups: usize) {
        self.groups.resize_with(groups, Vec::new);
    }

    fn extend(&mut self, group: usize, values: impl Iterator<Item = f64>) {
        let values_of_group = &mut self.groups[group];
        let before = values_of_group.capacity();
        values_of_group.extend(values);
        self.bytes += (values_of_group.capacity() - before) * size_of::<f64>();
    }

    fn take(&mut self, emit_to: EmitTo) -> Vec<Vec<f64>> {
        let taken = emit_to.take_needed(&mut self.groups);
        let bytes: usize = taken.iter().map(|values| values.capacity() * size_of::<f64>()).sum();
        self.bytes = self.bytes.saturating_sub(bytes);
        taken
    }
}

/// Whether a row passes a filter.
fn passes(filter: Option<&BooleanArray>, row: usize) -> bool {
    filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
}

impl GroupsAccumulator for HeldByGroup {
    fn update_batch(&mut self, values: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, total: usize) -> DfResult<()> {
        self.grow(total);
        let values = values[0].as_primitive::<Float64Type>();
        for (row, group) in groups.iter().enumerate() {
            if values.is_valid(row) && passes(filter, row) {
                self.extend(*group, std::iter::once(values.value(row)));
            }
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], total: usize) -> DfResult<()> {
        self.grow(total);
        for (list, group) in states[0].as_list::<i32>().iter().zip(groups) {
            if let Some(list) = list {
                self.extend(*group, items(&list));
            }
        }
        Ok(())
    }

    fn state(&mut self, emit_to: EmitTo) -> DfResult<Vec<ArrayRef>> {
        Ok(vec![Arc::new(lists(&self.take(emit_to))?)])
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> DfResult<ArrayRef> {
        let q = self.q;
        let quantiles: Float64Array = self.take(emit_to).iter_mut().map(|values| of(values, q)).collect();
        Ok(Arc::new(quantiles))
    }

    /// Every row is a group of its own.
    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> DfResult<Vec<ArrayRef>> {
        let values = values[0].as_primitive::<Float64Type>();
        let is_there = |row: usize| values.is_valid(row) && passes(filter, row);
        let lengths = OffsetBuffer::from_lengths((0..values.len()).map(|row| usize::from(is_there(row))));
        let there = Float64Array::from_iter_values((0..values.len()).filter(|row| is_there(*row)).map(|row| values.value(row)));
        Ok(vec![Arc::new(ListArray::try_new(item(), lengths, Arc::new(there), None)?)])
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.groups.capacity() * size_of::<Vec<f64>>() + self.bytes
    }
}

/// The quantile, if it can be asked for.
///
/// # Errors
/// `BadValue` for a number that is not from 0 to 1.
pub(crate) fn checked_quantile(q: f64) -> Result<f64> {
    match (0.0..=1.0).contains(&q) {
        true => Ok(q),
        false => Err(Error::new(ErrorKind::BadValue, format!("there is no quantile {q}"))
            .with_help("quantiles go from 0, the smallest value, to 1, the largest: the median is 0.5")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(values: &[Option<f64>]) -> ArrayRef {
        Arc::new(values.iter().copied().collect::<Float64Array>())
    }

    #[test]
    fn quantiles_are_linear_between_values() {
        let mut numbers: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        for (q, expected) in [(0.0, 1.0), (0.25, 25.75), (0.5, 50.5), (0.75, 75.25), (1.0, 100.0)] {
            assert_eq!(of(&mut numbers, q), Some(expected), "{q}");
        }
        assert_eq!(of(&mut [3.0, 0.0], 1.0 / 3.0), Some(1.0));
        assert_eq!(of(&mut [], 0.5), None);
        assert_eq!(of(&mut [f64::INFINITY, f64::INFINITY], 0.5), Some(f64::INFINITY));
        assert_eq!(of(&mut [f64::NAN, 1.0, 2.0], 0.5), Some(2.0));
    }

    #[test]
    fn partial_results_are_merged_however_they_come() {
        let mut parts: Vec<ArrayRef> = Vec::new();
        for part in [&[Some(4.0), None][..], &[], &[Some(1.0), Some(3.0)], &[Some(2.0)]] {
            let mut held = Held { q: 0.5, values: Vec::new() };
            held.update_batch(&[floats(part)]).unwrap();
            parts.push(held.state().unwrap()[0].to_array().unwrap());
        }
        let together = arrow_select::concat::concat(&parts.iter().map(|part| part.as_ref()).collect::<Vec<_>>()).unwrap();
        for states in [vec![together], parts] {
            let mut merged = Held { q: 0.5, values: Vec::new() };
            states.iter().for_each(|state| merged.merge_batch(std::slice::from_ref(state)).unwrap());
            assert_eq!(merged.evaluate().unwrap(), ScalarValue::Float64(Some(2.5)));
        }
    }

    #[test]
    fn groups_keep_their_values_apart() {
        let new = || HeldByGroup { q: 0.5, groups: Vec::new(), bytes: 0 };
        let values = floats(&[Some(1.0), Some(10.0), None, Some(3.0), Some(20.0), Some(99.0)]);
        let filter = BooleanArray::from(vec![Some(true), Some(true), Some(true), Some(true), Some(true), None]);
        let (groups, expected) = ([0, 1, 2, 0, 1, 1], [Some(2.0), Some(15.0), None]);
        let medians = |held: &mut HeldByGroup| held.evaluate(EmitTo::All).unwrap().as_primitive::<Float64Type>().iter().collect::<Vec<_>>();
        let mut whole = new();
        whole.update_batch(std::slice::from_ref(&values), &groups, Some(&filter), 3).unwrap();
        let state = whole.state(EmitTo::All).unwrap();
        let single = whole.convert_to_state(&[values], Some(&filter)).unwrap();
        for (state, groups) in [(state, &[0, 1, 2][..]), (single, &groups[..])] {
            let mut merged = new();
            merged.merge_batch(&state, groups, 3).unwrap();
            assert_eq!(medians(&mut merged), expected);
            assert_eq!(merged.bytes, 0);
        }
    }
}
