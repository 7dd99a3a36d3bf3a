//! Files and objects as `zarrs` sees them: keys below the array's place, and requests that are waited for.

use super::error::of_storage;
use object_store::{ObjectStore, prefix::PrefixStore};
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result};
use stratal_stores::{Place, wait_here};
use zarrs::{
    filesystem::FilesystemStore,
    storage::{
        Bytes, ReadableStorageTraits, StoreKey, StorePrefix, WritableStorageTraits,
        storage_adapter::async_to_sync::{AsyncToSyncBlockOn, AsyncToSyncStorageAdapter},
    },
};
use zarrs_object_store::AsyncObjectStore;

/// Objects below a place. Those of a file system too are there whole, or not at all.
pub(super) type Objects = AsyncToSyncStorageAdapter<AsyncObjectStore<PrefixStore<Arc<dyn ObjectStore>>>, Here>;

/// Waits on the thread that asks.
pub(super) struct Here;

impl AsyncToSyncBlockOn for Here {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        wait_here(future)
    }
}

pub(super) fn objects(place: &Place) -> Result<Objects> {
    Ok(AsyncToSyncStorageAdapter::new(Arc::new(AsyncObjectStore::new(place.below()?)), Here))
}

/// What reading needs of a place.
pub(super) fn readable(place: &Place) -> Result<Arc<dyn ReadableStorageTraits>> {
    match place.local() {
        None => Ok(Arc::new(objects(place)?)),
        Some(path) if path.is_file() => Err(Error::new(ErrorKind::BadValue, "this is a file, and a Zarr array is a directory")
            .in_file(place.show(), None, None)
            .with_help("archives are read when they are unpacked")),
        Some(path) => {
            let store = FilesystemStore::new(path);
            Ok(Arc::new(store.map_err(|error| Error::new(ErrorKind::BadValue, error.to_string()).in_file(place.show(), None, None))?))
        }
    }
}

fn key(name: &str) -> Result<StoreKey> {
    StoreKey::new(name).map_err(|error| Error::internal(error.to_string()))
}

/// An object, as text, where it is there.
pub(super) fn text<S: ReadableStorageTraits + ?Sized>(store: &S, place: &Place, name: &str) -> Result<Option<String>> {
    let bytes = store.get(&key(name)?).map_err(|error| of_storage(&error, place))?;
    match bytes.map(|bytes| String::from_utf8(bytes.to_vec())).transpose() {
        Ok(text) => Ok(text),
        Err(_) => Err(Error::new(ErrorKind::BadValue, format!("{name} is no text")).in_file(place.show(), None, None)),
    }
}

/// Puts an object.
pub(super) fn put<S: WritableStorageTraits + ?Sized>(store: &S, place: &Place, name: &str, text: &str) -> Result<()> {
    store.set(&key(name)?, Bytes::copy_from_slice(text.as_bytes())).map_err(|error| of_storage(&error, place))
}

/// Removes an object, if it is there.
pub(super) fn remove<S: WritableStorageTraits + ?Sized>(store: &S, place: &Place, name: &str) -> Result<()> {
    store.erase(&key(name)?).map_err(|error| of_storage(&error, place))
}

/// Removes all objects.
pub(super) fn clear<S: WritableStorageTraits + ?Sized>(store: &S, place: &Place) -> Result<()> {
    store.erase_prefix(&StorePrefix::root()).map_err(|error| of_storage(&error, place))
}
