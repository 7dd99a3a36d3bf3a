//! Rows as values of the user's types: a struct by the names of columns, a tuple by their places.

use super::{
    Frame,
    deserialize::{Mistake, Row},
};
use serde::de::DeserializeOwned;
use stratal_core::{Error, ErrorKind, Result, error::nearest};

impl Frame {
    /// The rows as values of a type that serde can make: a struct takes columns by name, a tuple by place, a map all of them.
    /// `Option` where there may be nulls. Dates and times come as text (`2024-01-31`, `2024-01-31T10:00:00.5`), which is what
    /// chrono's types read; decimals as text or as floats; lists as sequences, structs as structs or maps.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// #[derive(serde::Deserialize)]
    /// struct Row {
    ///     name: String,
    ///     amount: Option<f64>,
    /// }
    /// let frame = frame! { "id" => [1i64, 2], "name" => ["Alice", "Bob"], "amount" => [Some(1.5), None] }.collect()?;
    /// for row in frame.rows::<Row>() {
    ///     let Row { name, amount } = row?;
    ///     println!("{name}: {amount:?}");
    /// }
    /// let pairs = frame.lazy().select(["id", "name"]).collect()?.rows::<(i64, String)>();
    /// assert_eq!(pairs.collect::<stratal_core::Result<Vec<_>>>()?[1], (2, "Bob".to_owned()));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// For each row: `UnknownColumn` for a field without a column; `BadValue` for a null that the field cannot hold;
    /// `TypeMismatch` for a value of another type.
    pub fn rows<T: DeserializeOwned>(&self) -> impl Iterator<Item = Result<T>> + use<T> {
        let (sizes, frame) = (self.clone(), self.clone());
        let rows_of = move |batch: usize| (0..sizes.batches()[batch].num_rows()).map(move |row| (batch, row));
        let places = (0..self.batches().len()).flat_map(rows_of);
        places.enumerate().map(move |(nth, (batch, row))| {
            let made = T::deserialize(Row::new(&frame.batches()[batch], row));
            made.map_err(|mistake| frame.blame(mistake, nth))
        })
    }

    fn blame(&self, mistake: Mistake, row: usize) -> Error {
        match mistake {
            Mistake::Missing(name) => {
                let names = self.columns();
                let error = Error::new(ErrorKind::UnknownColumn, format!("no column {name:?} in [{}]", names.join(", ")));
                match nearest(&name, names) {
                    Some(near) => {
                        error.with_help(format!("did you mean {near:?}? A field is named after a column by #[serde(rename = \"…\")]"))
                    }
                    None => error.with_help("name the field after a column, or make it an Option"),
                }
            }
            Mistake::Null { column, wanted } => {
                let error = Error::new(ErrorKind::BadValue, format!("column {column:?} is null in row {row}, and {wanted} was asked for"));
                error.with_help(format!("make it an Option, or fill it: col({column:?}).fill_null(..)"))
            }
            Mistake::Type { column, have, wanted } => {
                let error = Error::new(ErrorKind::TypeMismatch, format!("column {column:?} is {have}, and {wanted} was asked for"));
                error.with_help(format!("ask for the type that holds {have}, or cast it: col({column:?}).cast(..)"))
            }
            Mistake::Value { column, message } => {
                Error::new(ErrorKind::BadValue, format!("column {column:?} does not fit in row {row}: {message}"))
            }
            Mistake::Width { columns, wanted } => {
                let error = Error::new(ErrorKind::TypeMismatch, format!("a row has {columns} columns, and {wanted} was asked for"));
                error.with_help("select the columns that are wanted")
            }
            Mistake::Other(message) => Error::new(ErrorKind::BadValue, format!("row {row}: {message}")),
        }
    }
}
