//! Equality of frames: columns by name and type, as tables print it, rows in order or as a multiset. `NaN` equals itself.

use super::Frame;
use crate::types::type_name;
use datafusion::arrow::row::{OwnedRow, RowConverter, SortField};
use stratal_core::Result;

impl Frame {
    /// Whether both have the same columns and the same rows in the same order.
    pub fn equals(&self, other: &Frame) -> bool {
        self.same(other, false)
    }

    /// Whether both have the same columns and the same rows, in any order.
    pub fn equals_unordered(&self, other: &Frame) -> bool {
        self.same(other, true)
    }

    fn same(&self, other: &Frame, any_order: bool) -> bool {
        let fields = |frame: &Frame| {
            frame.schema().fields().iter().map(|field| (field.name().clone(), type_name(field.data_type()))).collect::<Vec<_>>()
        };
        if fields(self) != fields(other) || self.len() != other.len() {
            return false;
        }
        let rows = |frame: &Frame| {
            frame.comparable().map(|mut rows| {
                if any_order {
                    rows.sort_unstable();
                }
                rows
            })
        };
        // Types that arrow cannot compare are never equal.
        matches!((rows(self), rows(other)), (Ok(one), Ok(two)) if one == two)
    }

    /// The rows as bytes that compare as the rows do.
    fn comparable(&self) -> Result<Vec<OwnedRow>> {
        let sorts = self.schema().fields().iter().map(|field| SortField::new(field.data_type().clone())).collect();
        let converter = RowConverter::new(sorts)?;
        let mut all = Vec::with_capacity(self.len());
        for batch in self.batches() {
            all.extend(converter.convert_columns(batch.columns())?.iter().map(|row| row.owned()));
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use crate::Frame;
    use arrow_array::RecordBatch;
    use std::sync::Arc;

    fn of(values: &[Option<f64>]) -> Frame {
        let column: arrow_array::ArrayRef = Arc::new(arrow_array::Float64Array::from(values.to_vec()));
        RecordBatch::try_from_iter_with_nullable([("x", column, true)]).unwrap().into()
    }

    #[test]
    fn texts_are_equal_however_they_are_stored() {
        let texts = [Some("a"), None, Some("a text that is no part of its view")];
        let columns: [arrow_array::ArrayRef; 3] = [
            Arc::new(texts.iter().copied().collect::<arrow_array::StringArray>()),
            Arc::new(texts.iter().copied().collect::<arrow_array::StringViewArray>()),
            Arc::new(texts.iter().copied().collect::<arrow_array::LargeStringArray>()),
        ];
        let frames = columns.map(|column| Frame::from(RecordBatch::try_from_iter_with_nullable([("s", column, true)]).unwrap()));
        assert!(frames[0].equals(&frames[1]) && frames[1].equals(&frames[2]));
    }

    #[test]
    fn rows_are_a_sequence_or_a_multiset() {
        let (one, two) = (of(&[Some(1.0), None, Some(f64::NAN)]), of(&[None, Some(f64::NAN), Some(1.0)]));
        assert!(one.equals(&one) && !one.equals(&two) && one.equals_unordered(&two));
        assert!(!one.equals_unordered(&of(&[None, None, Some(1.0)])));
    }
}
