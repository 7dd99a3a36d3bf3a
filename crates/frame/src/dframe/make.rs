//! Frames from files and from memory.

use super::DFrame;
use crate::{
    frame::Frame,
    source::{
        Memory, Persisted,
        csv::{Csv, CsvOptions},
    },
    steps::Op,
};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{Field, Schema, SchemaRef};
use std::{panic::Location, sync::Arc};
use stratal_core::{Error, ErrorKind, Result};

/// Rows of a collected frame that make one partition, at least.
const PARTITION_ROWS: usize = 1 << 20;

impl DFrame {
    /// CSV files: a path, a glob, a directory, a list of them, or [`CsvOptions`]. Files are read in the order of their
    /// paths, and types are inferred from samples of every file.
    ///
    /// ```
    /// use stratal_frame::{CsvOptions, DFrame};
    /// let sales = DFrame::read_csv("data/sales.*.csv");
    /// let raw = DFrame::read_csv(CsvOptions::new(["a.tsv", "b.tsv"]).delimiter('\t').dtype("zip", "str"));
    /// # let _ = (sales, raw);
    /// ```
    #[track_caller]
    pub fn read_csv(options: impl Into<CsvOptions>) -> Self {
        DFrame::begin(Op::Source(Arc::new(Csv(options.into()))), Location::caller())
    }

    /// Columns of equal length.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use arrow_array::{ArrayRef, Int64Array};
    /// use stratal_frame::DFrame;
    /// let x: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    /// assert_eq!(DFrame::from_columns([("x", x)]).count()?, 3);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn from_columns<N: Into<String>>(columns: impl IntoIterator<Item = (N, ArrayRef)>) -> Self {
        DFrame::of_columns("from_columns", columns.into_iter().map(|(name, column)| (name.into(), column)).collect(), Location::caller())
    }

    /// For `frame!`.
    #[doc(hidden)]
    #[track_caller]
    pub fn __of_columns(columns: Vec<(String, ArrayRef)>) -> Self {
        DFrame::of_columns("frame!", columns, Location::caller())
    }

    fn of_columns(name: &'static str, columns: Vec<(String, ArrayRef)>, at: &'static Location<'static>) -> Self {
        let rows = together(columns).map(|batch| (batch.schema(), vec![vec![batch]]));
        DFrame::begin(Op::Source(Arc::new(Memory::new(name, rows))), at)
    }

    /// Batches of one schema; each is a partition.
    #[track_caller]
    pub fn from_batches(schema: SchemaRef, batches: impl IntoIterator<Item = RecordBatch>) -> Self {
        let partitions = batches.into_iter().map(|batch| vec![batch]).collect();
        DFrame::begin(Op::Source(Arc::new(Memory::new("from_batches", Ok((schema, partitions))))), Location::caller())
    }

    /// What a run left and keeps.
    pub(super) fn over_held(&self, held: Persisted, at: &'static Location<'static>) -> Self {
        DFrame::begin(Op::Source(Arc::new(held)), at).with_client(&self.client)
    }
}

impl Frame {
    /// The rows as a frame to go on with.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let all = frame! { "x" => [1i64, 2, 3] }.collect()?;
    /// assert_eq!(all.lazy().filter(col("x").gt(1)).collect()?.len(), 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn lazy(&self) -> DFrame {
        let mut partitions: Vec<Vec<RecordBatch>> = vec![Vec::new()];
        let mut rows = 0;
        for batch in self.batches() {
            if rows >= PARTITION_ROWS {
                partitions.push(Vec::new());
                rows = 0;
            }
            rows += batch.num_rows();
            partitions.last_mut().expect("there is always one").push(batch.clone());
        }
        let rows = Ok((self.schema().clone(), partitions));
        DFrame::begin(Op::Source(Arc::new(Memory::new("lazy", rows))), Location::caller())
    }
}

/// Columns as one batch.
fn together(columns: Vec<(String, ArrayRef)>) -> Result<RecordBatch> {
    let rows = columns.first().map_or(0, |(_, column)| column.len());
    let mut fields: Vec<Field> = Vec::with_capacity(columns.len());
    let mut arrays = Vec::with_capacity(columns.len());
    for (name, column) in columns {
        if column.len() != rows {
            let message = format!("column {name:?} has {} rows, and {:?} has {rows}", column.len(), fields[0].name());
            return Err(Error::new(ErrorKind::BadValue, message).with_help("give all columns the same length"));
        }
        if fields.iter().any(|field| *field.name() == name) {
            return Err(Error::new(ErrorKind::BadValue, format!("two columns are named {name:?}")));
        }
        fields.push(Field::new(name, column.data_type().clone(), true));
        arrays.push(column);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)?)
}
