//! [`Mask`]: the rows that count.

use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_buffer::BooleanBuffer;

/// The rows for which a filter is true and whose values are there.
pub(super) struct Mask(Option<BooleanBuffer>);

impl Mask {
    /// Rows for which `filter` is true, where there is one.
    pub(super) fn of_filter(filter: Option<&BooleanArray>) -> Self {
        Mask(filter.map(|filter| match filter.nulls() {
            Some(nulls) => filter.values() & nulls.inner(),
            None => filter.values().clone(),
        }))
    }

    /// Of these rows, those in which none of the values is missing.
    pub(super) fn and_valid(self, values: &[ArrayRef]) -> Self {
        values.iter().filter_map(|values| values.logical_nulls()).fold(self, |mask, nulls| {
            Mask(Some(match mask.0 {
                Some(rows) => &rows & nulls.inner(),
                None => nulls.into_inner(),
            }))
        })
    }

    /// Whether a row counts.
    pub(super) fn has(&self, row: usize) -> bool {
        self.0.as_ref().is_none_or(|rows| rows.value(row))
    }
}
