//! Rows as text: CSV and JSON. Pure functions from record batches to bytes.
//!
//! - `text`: numbers, dates and times. `cell`: what the values of a column are, and how one of them is written.
//! - [`csv`], [`json`]: these as fields and as members, a column at a time made ready and then row by row. [`raw`]: these as
//!   they stand.

mod cell;
pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod text;

use arrow_array::ArrayRef;
use cell::{Cell, cells};

/// Writes the value of a row.
pub(crate) type Put = Box<dyn Fn(usize, &mut Vec<u8>)>;

/// The texts of a column, as they would stand in a CSV file that needs no quotes. For rows that are not null.
pub(crate) fn raw(column: &ArrayRef) -> Put {
    match cells(column) {
        Cell::Number(put) | Cell::Float(put) | Cell::Plain(put) | Cell::Nested(put) => put,
        Cell::Text(texts) => Box::new(move |row, out| out.extend_from_slice(texts.bytes(row))),
        Cell::Binary(values) => Box::new(move |row, out| text::blob(values.bytes(row), b"\\", out)),
    }
}
