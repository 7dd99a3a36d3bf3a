//! [`Frame`]: collected rows. Cheap to clone; printed as a table; read by column, by value, or as arrow batches.
//!
//! `display`: the table. `text`: CSV and JSON. `typed`: columns as Rust values. `rows`, `deserialize`: rows as values of the
//! user's types. `compare`: equality, in order or not. `value`: frames as what tasks take and give.

mod compare;
mod deserialize;
mod display;
mod rows;
mod text;
mod typed;
mod value;

pub use typed::FromColumn;

use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, new_empty_array};
use arrow_schema::SchemaRef;
use arrow_select::concat::concat;
use std::{fmt, ops::Range, sync::Arc};
use stratal_core::{Error, ErrorKind, Result, error::nearest};

/// Rows, in order, with a schema that stands even where there are none.
///
/// ```
/// use stratal_frame::frame;
/// let frame = frame! { "name" => ["Alice", "Bob"], "amount" => [110i64, 20] }.collect()?;
/// assert_eq!((frame.len(), frame.columns()), (2, vec!["name", "amount"]));
/// assert_eq!(frame.value::<String>(1, "name")?, "Bob");
/// assert_eq!(frame.to_string(), "\
/// shape: (2, 2)
/// ┌───────┬────────┐
/// │ name  │ amount │
/// │ str   │    i64 │
/// ╞═══════╪════════╡
/// │ Alice │    110 │
/// │ Bob   │     20 │
/// └───────┴────────┘");
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Frame {
    schema: SchemaRef,
    batches: Arc<[RecordBatch]>,
}

impl Frame {
    /// Rows of one schema. Batches without rows are dropped.
    ///
    /// # Errors
    /// `TypeMismatch` for a batch with other columns.
    pub fn new(schema: SchemaRef, batches: impl IntoIterator<Item = RecordBatch>) -> Result<Self> {
        let own = |batch: RecordBatch| -> Result<RecordBatch> {
            if *batch.schema_ref() == schema {
                return Ok(batch);
            }
            let (_, columns, rows) = batch.into_parts();
            let options = RecordBatchOptions::new().with_row_count(Some(rows));
            Ok(RecordBatch::try_new_with_options(schema.clone(), columns, &options)?)
        };
        let batches = batches.into_iter().filter(|batch| batch.num_rows() > 0).map(own);
        let batches = batches.collect::<Result<Arc<[_]>>>()?;
        Ok(Frame { schema, batches })
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of columns.
    pub fn num_columns(&self) -> usize {
        self.schema.fields().len()
    }

    /// The names of the columns.
    pub fn columns(&self) -> Vec<&str> {
        self.schema.fields().iter().map(|field| field.name().as_str()).collect()
    }

    /// Names and types.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The rows as arrow batches, in order.
    pub fn batches(&self) -> &[RecordBatch] {
        &self.batches
    }

    /// A whole column as one arrow array.
    ///
    /// # Errors
    /// `UnknownColumn`, with the nearest name.
    pub fn array(&self, name: &str) -> Result<ArrayRef> {
        let at = self.index(name)?;
        match &*self.batches {
            [] => Ok(new_empty_array(self.schema.field(at).data_type())),
            [batch] => Ok(batch.column(at).clone()),
            batches => {
                let parts: Vec<&dyn Array> = batches.iter().map(|batch| batch.column(at).as_ref()).collect();
                Ok(concat(&parts)?)
            }
        }
    }

    /// A whole column as Rust values; `Option<T>` where there may be nulls. Integers and floats are widened where nothing
    /// is lost.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let frame = frame! { "x" => [1, 2], "y" => [Some(1.5), None] }.collect()?;
    /// assert_eq!(frame.column::<i64>("x")?, [1, 2]);
    /// assert_eq!(frame.column::<Option<f64>>("y")?, [Some(1.5), None]);
    /// assert!(frame.column::<f64>("y").unwrap_err().message().contains("row 1"));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// `UnknownColumn`; `TypeMismatch` for another type; `BadValue` for a null, with its row.
    pub fn column<T: FromColumn>(&self, name: &str) -> Result<Vec<T>> {
        T::from_column(&self.array(name)?, name)
    }

    /// One value.
    ///
    /// # Errors
    /// As [`column`](Self::column); `BadValue` for a row that is not there.
    pub fn value<T: FromColumn>(&self, row: usize, name: &str) -> Result<T> {
        self.index(name)?;
        let rows = self.len();
        if row >= rows {
            return Err(Error::new(ErrorKind::BadValue, format!("there is no row {row} in {rows}")));
        }
        let mut values = self.slice(row..row + 1).column(name)?;
        values.pop().ok_or_else(|| Error::internal("a row without a value"))
    }

    /// The value of a frame of one row and one column.
    ///
    /// # Errors
    /// `BadValue` for a frame of another shape.
    pub fn item<T: FromColumn>(&self) -> Result<T> {
        match (self.len(), &self.columns()[..]) {
            (1, [name]) => self.value(0, name),
            (rows, names) => {
                let message = format!("item() wants one row and one column, and the frame has the shape ({rows}, {})", names.len());
                Err(Error::new(ErrorKind::BadValue, message).with_help("use value(row, name)"))
            }
        }
    }

    /// Some of the rows, without copying. A range past the end is cut off.
    #[must_use]
    pub fn slice(&self, rows: Range<usize>) -> Frame {
        let mut batches = Vec::new();
        let mut before = 0;
        for batch in self.batches.iter() {
            let (start, end) = (rows.start.max(before), rows.end.min(before + batch.num_rows()));
            if start < end {
                batches.push(batch.slice(start - before, end - start));
            }
            before += batch.num_rows();
        }
        Frame { schema: self.schema.clone(), batches: batches.into() }
    }

    fn index(&self, name: &str) -> Result<usize> {
        self.schema.fields().iter().position(|field| field.name() == name).ok_or_else(|| {
            let names = self.columns();
            let error = Error::new(ErrorKind::UnknownColumn, format!("no column {name:?} in [{}]", names.join(", ")));
            match nearest(name, names) {
                Some(near) => error.with_help(format!("did you mean {near:?}?")),
                None => error,
            }
        })
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<RecordBatch> for Frame {
    fn from(batch: RecordBatch) -> Self {
        Frame { schema: batch.schema(), batches: Arc::new([batch]) }
    }
}
