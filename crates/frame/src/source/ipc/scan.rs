//! The rows of one partition: its files one after another, in order, as columns of the table.

use super::{
    rows::Rows,
    table::{IpcFile, IpcTable},
};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{Field, SchemaRef};
use datafusion::common::ScalarValue;
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result};

/// One reading of one partition.
pub(super) struct Scan {
    table: Arc<IpcTable>,
    partition: usize,
    /// Which of the partition's pieces comes next.
    next: usize,
    projection: Vec<usize>,
    schema: SchemaRef,
    batch_rows: usize,
    open: Option<Open>,
    /// Rows that were read and not given out.
    rest: Option<RecordBatch>,
}

/// A file that is being read.
struct Open {
    file: usize,
    rows: Rows,
    /// Of the columns that do not stand in it.
    values: Vec<ScalarValue>,
}

impl Scan {
    /// A reading of some columns. Nothing is opened before rows are wanted.
    pub(super) fn new(table: Arc<IpcTable>, partition: usize, projection: Vec<usize>, schema: SchemaRef, batch_rows: usize) -> Self {
        Scan { table, partition, next: 0, projection, schema, batch_rows: batch_rows.max(1), open: None, rest: None }
    }

    /// The next rows; none at the end.
    pub(super) async fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(batch) = self.rest.take() {
                let rows = batch.num_rows().min(self.batch_rows);
                if rows < batch.num_rows() {
                    self.rest = Some(batch.slice(rows, batch.num_rows() - rows));
                }
                return Ok(Some(batch.slice(0, rows)));
            }
            let Some(open) = &mut self.open else {
                let Some(piece) = self.table.parts[self.partition].get(self.next) else { return Ok(None) };
                self.next += 1;
                let file = &self.table.files[piece.file];
                let names = self.projection.iter().filter(|at| **at < self.table.own()).map(|at| self.table.schema.field(*at).name());
                let rows = Rows::open(file, piece.batches.clone(), names).await?;
                self.open = Some(Open { file: piece.file, rows, values: self.table.extra.values(&file.listed)? });
                continue;
            };
            match open.rows.next(&self.table.files[open.file]).await? {
                None => self.open = None,
                Some(batch) if batch.num_rows() == 0 => {}
                Some(batch) => {
                    let (file, values) = (open.file, open.values.clone());
                    self.rest = Some(self.as_table(&batch, &self.table.files[file], &values)?);
                }
            }
        }
    }

    /// A batch of a file as the table has it.
    fn as_table(&self, batch: &RecordBatch, file: &IpcFile, values: &[ScalarValue]) -> Result<RecordBatch> {
        let (rows, own) = (batch.num_rows(), self.table.own());
        let column = |at: &usize| match at.checked_sub(own) {
            Some(extra) => values[extra].to_array_of_size(rows).map_err(crate::error::of_datafusion),
            None => own_column(batch, file, self.table.schema.field(*at)),
        };
        let columns = self.projection.iter().map(column).collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?)
    }
}

fn own_column(batch: &RecordBatch, file: &IpcFile, field: &Field) -> Result<ArrayRef> {
    let Some(column) = batch.column_by_name(field.name()) else {
        return Ok(new_null_array(field.data_type(), batch.num_rows()));
    };
    if column.data_type() == field.data_type() {
        return Ok(column.clone());
    }
    let strictly = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(column, field.data_type(), &strictly).map_err(|error| {
        Error::new(ErrorKind::BadValue, error.to_string())
            .in_file(&*file.listed.shown, None, Some(field.name()))
            .with_help("read it as it is and cast it afterwards: col(..).try_cast(..) gives null where it fails")
    })
}
