//! [`Piece`]: a file that was written and not committed, as those who write tell the one who commits. It says all that is
//! needed to complete it: a name, or an upload with its parts.

use arrow_array::{BinaryArray, RecordBatch, cast::AsArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::{Error, Result, value::Data};

/// Where a piece is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Place {
    /// A file of this name in the write's own directory.
    Scratch(String),
    /// An upload; without an id, an object of no bytes for which there was none.
    Upload { id: Option<String>, parts: Vec<String> },
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Piece {
    pub(super) partition: u32,
    /// Which of the files of its partition in its directory.
    pub(super) nth: u32,
    /// The directory, below that of the data set.
    pub(super) directory: String,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    /// Counts only if there is no other: it holds the columns of a data set without rows.
    pub(super) is_spare: bool,
    pub(super) place: Place,
}

/// The column that pieces are passed on in.
pub(super) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("piece", DataType::Binary, false)]))
}

/// Pieces as rows.
pub(super) fn to_batch(pieces: &[Piece]) -> Result<RecordBatch> {
    let encoded = pieces.iter().map(|piece| postcard::to_stdvec(piece).map_err(damaged));
    let encoded = encoded.collect::<Result<Vec<Vec<u8>>>>()?;
    Ok(RecordBatch::try_new(schema(), vec![Arc::new(BinaryArray::from_iter_values(encoded))])?)
}

/// The pieces in the results of all partitions, in row order.
pub(super) fn of_data(results: &[Data]) -> Result<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    for data in results {
        let Data::Batches(rows) = data else {
            return Err(Error::internal(format!("what was written is told as {}", data.type_name())));
        };
        for batch in rows.batches.iter() {
            for bytes in batch.column(0).as_binary::<i32>().iter().flatten() {
                pieces.push(postcard::from_bytes(bytes).map_err(damaged)?);
            }
        }
    }
    if pieces.iter().any(|piece| !piece.is_spare) {
        pieces.retain(|piece| !piece.is_spare);
    }
    pieces.sort_by(|one, two| (&one.directory, one.partition, one.nth).cmp(&(&two.directory, two.partition, two.nth)));
    Ok(pieces)
}

fn damaged(error: postcard::Error) -> Error {
    Error::internal(format!("what was written cannot be told: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use stratal_core::value::Batches;

    fn piece(partition: u32, nth: u32, directory: &str, is_spare: bool) -> Piece {
        let place = Place::Upload { id: Some("id".into()), parts: vec!["a".into(), "b".into()] };
        Piece { partition, nth, directory: directory.into(), rows: 1, bytes: 2, is_spare, place }
    }

    fn told(results: &[Vec<Piece>]) -> Vec<Piece> {
        let data = |pieces: &Vec<Piece>| Data::Batches(Batches { schema: schema(), batches: Arc::new([to_batch(pieces).unwrap()]) });
        of_data(&results.iter().map(data).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn pieces_come_back_in_row_order_of_each_directory() {
        let (a, b, c, d) = (piece(0, 1, "k=1", false), piece(0, 0, "k=1", false), piece(1, 0, "k=0", false), piece(1, 0, "k=1", false));
        assert_eq!(told(&[vec![a.clone(), b.clone()], vec![], vec![d.clone(), c.clone()]]), [c, b, a, d]);
    }

    #[test]
    fn a_spare_piece_counts_where_there_is_no_other() {
        let (spare, other) = (piece(0, 0, "k=n", true), piece(1, 0, "k=1", false));
        assert_eq!(told(&[vec![spare.clone()], vec![]]), std::slice::from_ref(&spare));
        assert_eq!(told(&[vec![spare], vec![other.clone()]]), [other]);
    }
}
