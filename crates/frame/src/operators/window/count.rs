//! Aggregates that are differences: what there is up to the end of a frame, less what there is up to its start.
//!
//! Counts and integers lose nothing by it; sums that wrap on the way wrap back.

use super::{bounds::Bounds, mask::Mask};
use arrow_array::{Array, ArrayRef, ArrowNativeTypeOp, ArrowPrimitiveType, BooleanArray, Int64Array, PrimitiveArray};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;
use std::sync::Arc;
use stratal_core::{Error, Result};

/// How many of the rows before each, and before the end, are such.
fn before(rows: usize, is: impl Fn(usize) -> bool) -> Vec<u64> {
    let mut total = 0;
    let mut before = Vec::with_capacity(rows + 1);
    before.push(0);
    before.extend((0..rows).map(|row| {
        total += u64::from(is(row));
        total
    }));
    before
}

/// How many rows of each frame count.
fn counts(bounds: &Bounds, mask: &Mask) -> Vec<u64> {
    let before = before(bounds.len(), |row| mask.has(row));
    (0..bounds.len()).map(|row| before[bounds.of(row).end] - before[bounds.of(row).start]).collect()
}

/// The number of rows that count.
pub(super) fn count(bounds: &Bounds, mask: &Mask) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(counts(bounds, mask).into_iter().map(|count| count as i64)))
}

/// Whether a value of the frame is true, or `every` one; null where it is empty.
pub(super) fn truth(values: &BooleanArray, bounds: &Bounds, mask: &Mask, every: bool) -> ArrayRef {
    let trues = before(bounds.len(), |row| mask.has(row) && values.value(row));
    let truths = counts(bounds, mask).into_iter().enumerate().map(|(row, count)| {
        let frame = bounds.of(row);
        let trues = trues[frame.end] - trues[frame.start];
        (count > 0).then_some(if every { trues == count } else { trues > 0 })
    });
    Arc::new(truths.collect::<BooleanArray>())
}

/// The sum of the frame with the number of its values, none where it is empty.
fn sums<T: ArrowPrimitiveType>(values: &PrimitiveArray<T>, bounds: &Bounds, mask: &Mask) -> Vec<Option<(T::Native, u64)>> {
    let mut total = T::Native::ZERO;
    let mut before = Vec::with_capacity(bounds.len() + 1);
    before.push(total);
    before.extend((0..bounds.len()).map(|row| {
        if mask.has(row) {
            total = total.add_wrapping(values.value(row));
        }
        total
    }));
    let sums = counts(bounds, mask).into_iter().enumerate().map(|(row, count)| {
        let frame = bounds.of(row);
        (count > 0).then(|| (before[frame.end].sub_wrapping(before[frame.start]), count))
    });
    sums.collect()
}

/// The sum of the frame, null where it is empty.
pub(super) fn sum<T: ArrowPrimitiveType>(values: &PrimitiveArray<T>, bounds: &Bounds, mask: &Mask) -> ArrayRef {
    let sums = sums(values, bounds, mask).into_iter().map(|sum| sum.map(|(sum, _)| sum));
    let sums: PrimitiveArray<T> = sums.collect();
    Arc::new(sums.with_data_type(values.data_type().clone()))
}

/// The mean of the frame as `to`, which has `digits` more digits after the point; what is behind them is cut off.
pub(super) fn mean<T: ArrowPrimitiveType>(
    values: &PrimitiveArray<T>,
    bounds: &Bounds,
    mask: &Mask,
    digits: u32,
    to: DataType,
) -> Result<ArrayRef> {
    let native = |number: usize| T::Native::from_usize(number).ok_or_else(|| Error::internal("a mean of what is no integer"));
    let scale = native(10usize.pow(digits))?;
    let means = sums(values, bounds, mask).into_iter().map(|sum| match sum {
        Some((sum, count)) => Ok(Some(sum.mul_wrapping(scale).div_wrapping(native(count as usize)?))),
        None => Ok(None),
    });
    let means: PrimitiveArray<T> = means.collect::<Result<Vec<_>>>()?.into_iter().collect();
    Ok(Arc::new(means.with_data_type(to)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operators::window::spec::Frame;
    use arrow_array::{
        Decimal128Array,
        cast::AsArray,
        types::{Decimal128Type, Int64Type},
    };

    fn trailing(rows: usize) -> Bounds {
        Bounds::new(Frame::Rows { start: Some(-1), end: Some(0) }, std::slice::from_ref(&(0..rows)), None, false)
    }

    #[test]
    fn sums_that_wrap_on_the_way_wrap_back() {
        let values = Int64Array::from(vec![Some(i64::MAX), Some(i64::MAX), None, Some(3), Some(4)]);
        let mask = Mask::of_filter(None).and_valid(&[Arc::new(values.clone()) as ArrayRef]);
        let sums = sum(&values, &trailing(5), &mask);
        let expected = [Some(i64::MAX), Some(-2), Some(i64::MAX), Some(3), Some(7)];
        assert_eq!(sums.as_primitive::<Int64Type>().iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_mean_of_decimals_has_more_digits() {
        let values = Decimal128Array::from(vec![100, 101, 103]).with_data_type(DataType::Decimal128(10, 2));
        let means = mean(&values, &trailing(3), &Mask::of_filter(None), 4, DataType::Decimal128(14, 6)).unwrap();
        assert_eq!(means.as_primitive::<Decimal128Type>().values(), &[1_000_000, 1_005_000, 1_020_000]);
    }

    #[test]
    fn nothing_is_neither_true_nor_false() {
        let values = BooleanArray::from(vec![Some(true), Some(false), None, None]);
        let mask = Mask::of_filter(None).and_valid(&[Arc::new(values.clone()) as ArrayRef]);
        let all = |every| truth(&values, &trailing(4), &mask, every).as_boolean().iter().collect::<Vec<_>>();
        assert_eq!(all(false), [Some(true), Some(true), Some(false), None]);
        assert_eq!(all(true), [Some(true), Some(false), Some(false), None]);
    }
}
