//! Batches in sizes that fit a message, without the buffers that only their neighbours need.
//!
//! The IPC writer cuts buffers to the rows of a slice, but sends every buffer behind an array of views, needed or not.

use arrow_array::{Array, ArrayRef, GenericByteViewArray, RecordBatch, RecordBatchOptions, cast::AsArray, types::ByteViewType};
use arrow_schema::{ArrowError, DataType};
use std::sync::Arc;

/// Bytes that one message should not pass, unless a single row does.
pub(super) const MESSAGE: usize = 2 << 20;

/// The batch in slices of at most [`MESSAGE`] bytes, as far as rows can be parted.
pub(super) fn split(batch: &RecordBatch) -> impl Iterator<Item = RecordBatch> + use<> {
    let bytes: usize = batch.columns().iter().map(bytes_of).sum();
    let rows = batch.num_rows();
    let step = rows.div_ceil(bytes.div_ceil(MESSAGE).max(1)).max(1);
    let batch = batch.clone();
    (0..rows.max(1)).step_by(step).map(move |start| batch.slice(start, step.min(rows - start)))
}

/// Bytes that the rows of an array take on the wire, roughly.
fn bytes_of(column: &ArrayRef) -> usize {
    let data = column.to_data();
    let views = match column.data_type() {
        DataType::Utf8View => column.as_string_view().total_buffer_bytes_used(),
        DataType::BinaryView => column.as_binary_view().total_buffer_bytes_used(),
        _ => 0,
    };
    views + data.get_slice_memory_size().unwrap_or_else(|_| column.get_array_memory_size())
}

/// The batch with arrays of views that hold much more than they use made anew.
pub(super) fn compact(batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
    if !batch.columns().iter().any(|column| matches!(column.data_type(), DataType::Utf8View | DataType::BinaryView)) {
        return Ok(batch);
    }
    let columns = batch.columns().iter().map(|column| match column.data_type() {
        DataType::Utf8View => own(column, column.as_string_view()),
        DataType::BinaryView => own(column, column.as_binary_view()),
        _ => column.clone(),
    });
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(batch.schema(), columns.collect(), &options)
}

fn own<T: ByteViewType>(column: &ArrayRef, views: &GenericByteViewArray<T>) -> ArrayRef {
    let held: usize = views.data_buffers().iter().map(|buffer| buffer.len()).sum();
    match held > views.total_buffer_bytes_used() * 5 / 4 {
        true => Arc::new(views.gc()),
        false => column.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Int64Array, StringViewArray};

    #[test]
    fn a_large_batch_is_split_and_keeps_its_rows() {
        let column: ArrayRef = Arc::new(Int64Array::from_iter_values(0..1_000_000));
        let batch = RecordBatch::try_from_iter([("x", column)]).unwrap();
        let parts: Vec<RecordBatch> = split(&batch).collect();
        assert!(parts.len() >= 4 && parts.iter().all(|part| part.num_rows() * 8 <= MESSAGE));
        assert_eq!(parts.iter().map(RecordBatch::num_rows).sum::<usize>(), 1_000_000);
        let empty = batch.slice(0, 0);
        assert_eq!(split(&empty).collect::<Vec<_>>(), [empty]);
    }

    #[test]
    fn a_slice_of_views_leaves_the_rest_behind() {
        let column: ArrayRef =
            Arc::new(StringViewArray::from_iter_values((0..1000).map(|i| format!("a text that is not inlined, number {i}"))));
        let slice = RecordBatch::try_from_iter([("s", column)]).unwrap().slice(500, 2);
        let compacted = compact(slice.clone()).unwrap();
        assert_eq!(compacted, slice);
        let held: usize = compacted.column(0).as_string_view().data_buffers().iter().map(|buffer| buffer.len()).sum();
        assert!(held < 200);
    }
}
