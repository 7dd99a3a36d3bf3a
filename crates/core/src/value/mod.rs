//! What tasks pass to each other: [`Data`], and the typed [`Value`]s that users see of it. `chunk` has a room of its own.

mod batch;
mod chunk;
mod data;
mod object;
mod split;
mod std_types;

pub use chunk::{Chunk, DType};
pub use data::{Batches, Data};
pub use object::{Object, Value, decode_length, encode_length};
pub use split::Split;

pub(crate) use split::{field, learn};
