//! What `zarrs` reports, in our terms.

use stratal_core::{Error, ErrorKind};
use stratal_stores::{Place, of_text};
use zarrs::{
    array::{ArrayCreateError, ArrayError, CodecError},
    storage::StorageError,
};

/// What a store reports.
pub(super) fn of_storage(error: &StorageError, place: &Place) -> Error {
    match error {
        StorageError::IOError(error) => place.blame(error),
        StorageError::Other(text) => of_text(text, &place.show()),
        StorageError::InvalidMetadata(..) => damaged(&error.to_string(), place),
        other => Error::new(ErrorKind::Io, other.to_string()).in_file(place.show(), None, None),
    }
}

/// What opening an array reports.
pub(super) fn of_opening(error: &ArrayCreateError, place: &Place) -> Error {
    match error {
        ArrayCreateError::StorageError(error) => of_storage(error, place),
        ArrayCreateError::DataTypeCreateError(_)
        | ArrayCreateError::CodecsCreateError(_)
        | ArrayCreateError::StorageTransformersCreateError(_)
        | ArrayCreateError::ChunkGridCreateError(_)
        | ArrayCreateError::ChunkKeyEncodingCreateError(_)
        | ArrayCreateError::UnsupportedZarrV2Array(_) => {
            Error::new(ErrorKind::BadValue, format!("this kind of array is not read: {error}")).in_file(place.show(), None, None).with_help(
                "codecs are zstd, gzip, blosc, crc32c, transpose and sharding, elements numbers and booleans; write it anew with these",
            )
        }
        other => damaged(&other.to_string(), place),
    }
}

fn damaged(message: &str, place: &Place) -> Error {
    Error::new(ErrorKind::BadValue, format!("the array's document is damaged: {message}")).in_file(place.show(), None, None)
}

/// What reading and writing chunks report.
pub(super) fn of_array(error: &ArrayError, place: &Place) -> Error {
    match error {
        ArrayError::StorageError(error) | ArrayError::CodecError(CodecError::StorageError(error)) => of_storage(error, place),
        ArrayError::CodecError(error) => Error::new(ErrorKind::BadValue, format!("a chunk of the array is damaged: {error}"))
            .in_file(place.show(), None, None)
            .with_help("it was not written or copied to the end: make it again"),
        other => Error::internal(other.to_string()).in_file(place.show(), None, None),
    }
}
