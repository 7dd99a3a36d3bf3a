//! Large answers in a few rows: for each column, by name, how many nulls there are, and the sum of its numbers, of the lengths of its
//! texts in bytes, of its days since 1970, or of its truths.
//!
//! Sides compute it each with their own means, outside of what is timed; `peers/polars_peer.py` does the same.

use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, cast::AsArray, types::Float64Type};
use arrow_cast::cast;
use arrow_schema::DataType;
use std::sync::Arc;
use stratal::{Error, ErrorKind, Result, frame::Frame};

/// `column`, `nulls`, `weight`: a row for each column.
///
/// # Errors
/// `TypeMismatch` for a column that has no weight.
pub(crate) fn of(answer: &Frame) -> Result<Frame> {
    let mut names = answer.columns();
    names.sort_unstable();
    let (mut nulls, mut weights) = (Vec::new(), Vec::new());
    for name in &names {
        let (mut null, mut weight) = (0, 0.0);
        for batch in answer.batches() {
            if let Some(column) = batch.column_by_name(name) {
                null += column.null_count() as i64;
                weight += weight_of(column)?;
            }
        }
        nulls.push(null);
        weights.push(weight);
    }
    let columns: [(&str, ArrayRef); 3] = [
        ("column", Arc::new(StringArray::from_iter_values(names))),
        ("nulls", Arc::new(Int64Array::from(nulls))),
        ("weight", Arc::new(Float64Array::from(weights))),
    ];
    Ok(RecordBatch::try_from_iter(columns)?.into())
}

fn weight_of(column: &ArrayRef) -> Result<f64> {
    let lengths = |lengths: usize| lengths as f64;
    Ok(match column.data_type() {
        DataType::Utf8 => lengths(column.as_string::<i32>().iter().flatten().map(str::len).sum()),
        DataType::LargeUtf8 => lengths(column.as_string::<i64>().iter().flatten().map(str::len).sum()),
        DataType::Utf8View => lengths(column.as_string_view().iter().flatten().map(str::len).sum()),
        DataType::Boolean => column.as_boolean().true_count() as f64,
        DataType::Date32 => sum(&cast(column, &DataType::Int32)?)?,
        numbers if numbers.is_numeric() => sum(column)?,
        other => return Err(Error::new(ErrorKind::TypeMismatch, format!("a column of {other} has no weight"))),
    })
}

fn sum(numbers: &ArrayRef) -> Result<f64> {
    Ok(cast(numbers, &DataType::Float64)?.as_primitive::<Float64Type>().iter().flatten().sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{BooleanArray, Date32Array, Decimal128Array, DictionaryArray, StringViewArray, types::Int32Type};

    fn column(array: impl Array + 'static) -> ArrayRef {
        Arc::new(array)
    }

    fn digest(columns: Vec<(&str, ArrayRef)>) -> Result<Frame> {
        of(&RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap().into())
    }

    #[test]
    fn every_column_has_a_weight_and_they_come_by_name() {
        let digest = digest(vec![
            ("text", column(StringArray::from(vec![Some("ab"), None, Some("é")]))),
            ("view", column(StringViewArray::from(vec!["a", "", "a text that is longer than others"]))),
            ("day", column(Date32Array::from(vec![1, 2, 3]))),
            ("flag", column(BooleanArray::from(vec![Some(true), None, Some(false)]))),
            ("money", column(Decimal128Array::from(vec![150, 250, 100]).with_precision_and_scale(15, 2).unwrap())),
            ("count", column(Int64Array::from(vec![Some(1), None, None]))),
        ])
        .unwrap();
        assert_eq!(digest.column::<String>("column").unwrap(), ["count", "day", "flag", "money", "text", "view"]);
        assert_eq!(digest.column::<i64>("nulls").unwrap(), [2, 0, 1, 0, 1, 0]);
        assert_eq!(digest.column::<f64>("weight").unwrap(), [1.0, 6.0, 1.0, 5.0, 4.0, 34.0]);
    }

    #[test]
    fn what_cannot_be_weighed_is_an_error() {
        let keys: DictionaryArray<Int32Type> = ["a", "b"].into_iter().collect();
        assert!(digest(vec![("key", column(keys))]).is_err());
    }
}
