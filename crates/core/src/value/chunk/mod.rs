//! [`Chunk`]: a box of an array, as tasks pass it on.
//!
//! `dtype`: what its elements are. `chunk`: the chunk and its views. `copy`: strided copies of boxes. `wire`: its form in
//! values and in bodies. `arrays`: `ndarray`'s arrays as values.

#[cfg(feature = "ndarray")]
mod arrays;
#[expect(clippy::module_inception, reason = "the room is named after what stands in its middle")]
mod chunk;
mod copy;
mod dtype;
mod wire;

pub use chunk::Chunk;
pub use dtype::DType;
