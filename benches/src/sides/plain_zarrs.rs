//! zarrs alone as a side: an array in storage, read whole into memory, chunks of it on as many threads as the other sides have.

use super::answering::{self, Done, Work};
use crate::suites::array;
use std::{fmt::Display, sync::Arc};
use stratal::{Error, ErrorKind, Result};
use zarrs::{
    array::{Array, ArrayBytes, ArraySubset, CodecOptions},
    filesystem::FilesystemStore,
};

/// Answers until stdin ends.
pub(super) fn serve(threads: usize) -> Result<()> {
    answering::answer("zarrs".to_owned(), |request| {
        let path = format!("{}/{}.zarr", request.data, request.case);
        Ok(Work::new(move || {
            let (bytes, columns) = read(&path, threads)?;
            Ok(Done::later(move || array::of_rows(floats(&bytes), columns)))
        }))
    })
}

/// The bytes of an array of `f64`, and the length of its last axis.
fn read(path: &str, threads: usize) -> Result<(Vec<u8>, usize)> {
    let failed = |error: &dyn Display| Error::new(ErrorKind::Io, format!("{path}: {error}"));
    let store = FilesystemStore::new(path).map_err(|error| failed(&error))?;
    let array = Array::open(Arc::new(store), "/").map_err(|error| failed(&error))?;
    let all = ArraySubset::new_with_shape(array.shape().to_vec());
    let options = CodecOptions::default().with_concurrent_target(threads).with_chunk_concurrent_minimum(threads);
    let bytes: ArrayBytes<'static> = array.retrieve_array_subset_opt(&all, &options).map_err(|error| failed(&error))?;
    let bytes = bytes.into_fixed().map_err(|error| failed(&error))?;
    Ok((bytes.into_owned(), array.shape().last().map_or(1, |columns| *columns as usize)))
}

/// Numbers as they lie in memory.
fn floats(bytes: &[u8]) -> impl Iterator<Item = f64> {
    bytes.as_chunks::<8>().0.iter().map(|number| f64::from_ne_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use stratal::{array::ZarrWrite, prelude::*};

    #[test]
    fn what_was_written_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.zarr");
        DArray::from_vec(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], (2, 3)).to_zarr(ZarrWrite::new(&path).chunks(2)).unwrap();
        let (bytes, columns) = read(path.to_str().unwrap(), 2).unwrap();
        assert_eq!((floats(&bytes).collect::<Vec<_>>(), columns), (vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3));
        assert!(read("/nowhere/at/all.zarr", 1).is_err());
    }
}
