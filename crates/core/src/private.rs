//! What the code made by `stratal-macros` needs. No part of the public interface.

pub use crate::{
    Error, Result,
    function::{Erased, FunctionEntry, TaskOptions, Whole, erase},
    value::Value,
};
pub use inventory;
pub use serde::{Serialize, de::DeserializeOwned};

use crate::{
    ErrorKind,
    value::{decode_bytes, encode_bytes},
};

/// The wire form of a serde type: postcard behind its length.
pub fn encode<T: Serialize>(value: &T, out: &mut Vec<u8>) -> Result<()> {
    let bytes = postcard::to_stdvec(value).map_err(|error| damaged::<T>("encoded", error))?;
    encode_bytes(&bytes, out);
    Ok(())
}

/// The inverse of [`encode`].
pub fn decode<T: DeserializeOwned>(input: &mut &[u8]) -> Result<T> {
    postcard::from_bytes(decode_bytes(input)?).map_err(|error| damaged::<T>("decoded", error))
}

/// The length of the postcard form, as a measure of what the value holds.
pub fn size<T: Serialize>(value: &T) -> u64 {
    postcard::experimental::serialized_size(value).unwrap_or(0) as u64
}

fn damaged<T>(what: &str, error: postcard::Error) -> Error {
    Error::new(ErrorKind::BadValue, format!("a {} cannot be {what}: {error}", std::any::type_name::<T>()))
}
