//! What tasks pass to each other: [`Data`], and the typed [`Value`]s that users see of it.
//!
//! `data`: results as the store keeps them. `object`: values, live or encoded. `std_types`, `batch`: types of std and record batches as
//! values. `split`: tuples, taken apart. `chunk`: boxes of arrays, a room of its own.

mod batch;
mod chunk;
mod data;
mod object;
mod split;
mod std_types;

pub use chunk::{Chunk, DType};
pub use data::{Batches, Data};
pub use object::{Object, Value, decode_bytes, decode_length, encode_bytes, encode_length};
pub use split::Split;

pub(crate) use split::{field, learn};
