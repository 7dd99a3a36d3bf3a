//! How results of other processes are read. In one process nothing is fetched; on a cluster this is Flight.

use super::CancelToken;
use crate::{
    Attempt, Error, ResultId, WorkerId,
    sched::WorkerInfo,
    store::Part,
    value::{Chunk, Data, Object},
};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures::stream::BoxStream;

/// One result that is wanted, and which version of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Wanted {
    /// Which.
    pub result: ResultId,
    /// The version.
    pub attempt: Attempt,
}

/// What a stream of several results carries. Results come one after another, in the order asked for, each closed by its end.
#[derive(Clone, Debug)]
pub enum Piece {
    /// The schema of the rows that follow.
    Schema(SchemaRef),
    /// Rows.
    Batch(RecordBatch),
    /// A box of an array.
    Chunk(Chunk),
    /// A value.
    Object(Object),
    /// The result is complete: so many rows, by the holder's count.
    End(u64),
}

/// Why a stream of results broke off.
#[derive(Clone, Debug)]
pub enum FetchError {
    /// The holder does not have this one, or cannot be reached.
    Missing(Wanted, Error),
    /// Anything else: a schema that does not fit, a damaged frame.
    Other(Error),
}

/// Another worker, as long as it lives.
#[derive(Clone)]
pub struct Neighbour {
    /// What it brings, and where it is reached.
    pub info: WorkerInfo,
    /// Set when it is given up.
    pub gone: CancelToken,
}

/// Reads results that another process holds.
pub trait Fetch: Send + Sync + 'static {
    /// One stream for all of `wanted`, which `holder` has.
    fn fetch(&self, holder: WorkerId, wanted: Vec<Wanted>, part: Part) -> BoxStream<'static, Result<Piece, FetchError>>;

    /// The other workers that live, by name; none for a process that is alone.
    fn neighbours(&self) -> Vec<Neighbour> {
        Vec::new()
    }
}

/// For a process that has no others: every fetch is a missing result.
pub struct NoFetch;

impl Fetch for NoFetch {
    fn fetch(&self, holder: WorkerId, wanted: Vec<Wanted>, _: Part) -> BoxStream<'static, Result<Piece, FetchError>> {
        let errors = wanted.into_iter().map(move |wanted| {
            Err(FetchError::Missing(
                wanted,
                Error::internal(format!("{} is said to be on {holder}, and there is one process", wanted.result)),
            ))
        });
        Box::pin(futures::stream::iter(errors.collect::<Vec<_>>()))
    }
}

/// The pieces of one result that is here, as a stream carries them.
pub fn pieces(data: &Data) -> Vec<Piece> {
    let mut pieces = match data {
        Data::Batches(rows) => {
            let batches = rows.batches.iter().cloned().map(Piece::Batch);
            std::iter::once(Piece::Schema(rows.schema.clone())).chain(batches).collect()
        }
        Data::Chunk(chunk) => vec![Piece::Chunk(chunk.clone())],
        Data::Object(object) => vec![Piece::Object(object.clone())],
        Data::Unit => vec![],
    };
    pieces.push(Piece::End(data.rows()));
    pieces
}
