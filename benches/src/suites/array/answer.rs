//! Large arrays in a few numbers, so that sides can be compared. `peers/arrays.py` tells the same of its own.

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch};
use std::sync::Arc;
use stratal::{Result, prelude::*};

/// Longer lines are told by some of their numbers, and their sum.
const LONG: usize = 100_000;
const TOLD: usize = 1_000;

/// `at`, `value`: numbers in order.
pub(super) fn frame(values: Vec<f64>) -> Result<Frame> {
    let places = Int64Array::from_iter_values(0..values.len() as i64);
    let columns: [(&str, ArrayRef); 2] = [("at", Arc::new(places)), ("value", Arc::new(Float64Array::from(values)))];
    Ok(RecordBatch::try_from_iter(columns)?.into())
}

/// A line whole where it is short, else some of its numbers and the sum; the sums of the columns of a table.
pub(super) fn told(array: &DArray) -> Result<Frame> {
    let numbers = |array: &DArray| -> Result<Vec<f64>> { Ok(array.compute::<f64>()?.into_iter().collect()) };
    frame(match array.shape()?.as_slice() {
        [len] if *len > LONG => {
            let every = len.div_ceil(TOLD) as isize;
            let mut told = numbers(&array.slice(s![..;every]))?;
            told.extend(numbers(&array.sum(..))?);
            told
        }
        [_, _] => numbers(&array.sum(0))?,
        _ => numbers(array)?,
    })
}

/// The sums of the columns of a table that comes row by row.
pub(crate) fn of_rows(numbers: impl IntoIterator<Item = f64>, columns: usize) -> Result<Frame> {
    let mut sums = vec![0.0; columns.max(1)];
    let mut at = 0;
    for number in numbers {
        sums[at] += number;
        at = if at + 1 == sums.len() { 0 } else { at + 1 };
    }
    frame(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lines_are_told_whole_and_long_ones_in_part() {
        let told = |len: i64| told(&DArray::arange(0..len).cast(DType::F64)).unwrap().column::<f64>("value").unwrap();
        assert_eq!(told(3), [0.0, 1.0, 2.0]);
        let long = told(200_001);
        assert_eq!((long.len(), long[1], long.last().copied()), (997, 201.0, Some(200_000.0 * 200_001.0 / 2.0)));
    }

    #[test]
    fn tables_are_told_by_the_sums_of_their_columns() {
        let table = DArray::from_vec(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], (3, 2));
        let lazy = told(&table).unwrap();
        assert_eq!(lazy.column::<f64>("value").unwrap(), [9.0, 12.0]);
        assert_eq!(lazy.column::<i64>("at").unwrap(), [0, 1]);
        assert!(of_rows([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2).unwrap().equals(&lazy));
    }

    #[test]
    fn a_number_is_told_as_it_is() {
        assert_eq!(told(&DArray::full((), 2.5)).unwrap().column::<f64>("value").unwrap(), [2.5]);
    }
}
