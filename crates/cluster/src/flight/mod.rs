//! Results over Arrow Flight: `DoGet` serves what a store holds, [`FlightFetch`] reads it.
//!
//! One stream carries all that a reader wants of one holder, result after result in the order asked for. A result is:
//! rows as Arrow IPC messages (schema, dictionaries, batches), as any Flight client reads them; or the elements of a chunk, or
//! a value, as bytes, in pieces; and at its end a mark with the number of its rows.

mod compact;
mod decode;
mod encode;
mod fetch;
mod service;

pub(crate) use fetch::FlightFetch;
pub(crate) use service::serve_store;

use serde::{Deserialize, Serialize};
use stratal_core::{runner::Wanted, store::Part, value::DType};

/// What a ticket asks for, in postcard.
#[derive(Debug, Serialize, Deserialize)]
struct Ticket {
    wanted: Vec<Wanted>,
    part: Part,
}

/// What a message that is no Arrow IPC message is, in postcard in its `app_metadata`.
#[derive(Debug, Serialize, Deserialize)]
enum Mark {
    /// The first piece of a value's wire form, of so many bytes in all.
    Object { type_name: String, bytes: u64 },
    /// The next piece of it.
    Piece,
    /// The result is complete: so many rows.
    End(u64),
    /// The first piece of the elements of a chunk of this type and shape, in row-major order.
    Chunk { dtype: DType, shape: Vec<u64> },
}
