//! Frames from files and from memory.

use super::DFrame;
use crate::{
    frame::Frame,
    source::{
        Memory, Persisted,
        csv::{Csv, CsvOptions},
        ipc::{Ipc, IpcOptions},
        json::{Json, JsonOptions},
        parquet::{Parquet, ParquetOptions},
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
    /// CSV files: a path, a glob, a directory, a URL, a list of them, or [`CsvOptions`]. Files are read in the order of their
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

    /// JSON files, of one object a line or of one array of objects: a path, a glob, a directory, a list of them, or
    /// [`JsonOptions`]. Types are inferred from samples of every file; what an object does not have is null. Objects in
    /// objects are structs, arrays are lists.
    ///
    /// ```
    /// use stratal_frame::{DFrame, JsonOptions};
    /// let events = DFrame::read_json("events/*.ndjson");
    /// let all = DFrame::read_json(JsonOptions::new("events/").union_by_name(true).path_column("path"));
    /// # let _ = (events, all);
    /// ```
    #[track_caller]
    pub fn read_json(options: impl Into<JsonOptions>) -> Self {
        DFrame::begin(Op::Source(Arc::new(Json(options.into()))), Location::caller())
    }

    /// Parquet files: a path, a glob, a directory, a URL, a list of them, or [`ParquetOptions`]. Files are read in the order
    /// of their paths, and their columns are matched by name. Only columns and row groups that are wanted are read; numbers of
    /// rows and extremes come from the files' footers.
    ///
    /// ```
    /// use stratal_frame::{DFrame, ParquetOptions, col};
    /// let dear = DFrame::read_parquet("rides/*.parquet").filter(col("fare").gt(100));
    /// let all = DFrame::read_parquet(ParquetOptions::new("s3://lake/rides/").union_by_name(true));
    /// # let _ = (dear, all);
    /// ```
    #[track_caller]
    pub fn read_parquet(options: impl Into<ParquetOptions>) -> Self {
        DFrame::begin(Op::Source(Arc::new(Parquet(options.into()))), Location::caller())
    }

    /// Arrow IPC files, of the file format or the stream format: a path, a glob, a directory, a URL, a list of them, or
    /// [`IpcOptions`]. Files are read in the order of their paths, and their columns are matched by name.
    ///
    /// ```
    /// use stratal_frame::{DFrame, IpcOptions};
    /// let rides = DFrame::read_ipc("rides/*.arrow");
    /// let named = DFrame::read_ipc(IpcOptions::new("rides/").path_column("file"));
    /// # let _ = (rides, named);
    /// ```
    #[track_caller]
    pub fn read_ipc(options: impl Into<IpcOptions>) -> Self {
        DFrame::begin(Op::Source(Arc::new(Ipc(options.into()))), Location::caller())
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
