//! Bodies as bytes: what the tasks of a layer share travels by postcard.

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use stratal_core::{Error, ErrorKind, Result};

/// The wire form of what tasks of this kind share.
pub(super) fn encoded(kind: &str, value: &impl Serialize) -> Result<Bytes> {
    let bytes = postcard::to_stdvec(value).map_err(|error| Error::internal(format!("{kind} cannot be encoded: {error}")))?;
    Ok(bytes.into())
}

/// The inverse of [`encoded`].
pub(super) fn decoded<T: DeserializeOwned>(kind: &str, bytes: &[u8]) -> Result<T> {
    postcard::from_bytes(bytes).map_err(|error| Error::new(ErrorKind::BadValue, format!("the wire form of {kind} is damaged: {error}")))
}
