//! Objects that are sent in parts by one process and completed by another: what a store calls an upload is plain data.

#[cfg(feature = "cloud")]
use super::cloud::uploads as elsewhere;
use super::site::Site;
use object_store::multipart::MultipartStore;
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};
use stratal_core::Result;

type Stores = HashMap<Site, Arc<dyn MultipartStore>>;

impl Site {
    /// The store, as one that takes uploads in parts. For sites of buckets.
    ///
    /// # Errors
    /// As [`store`](Site::store); `Config` for a site that takes none.
    pub(crate) fn uploads(&self) -> Result<Arc<dyn MultipartStore>> {
        static OPEN: LazyLock<Mutex<Stores>> = LazyLock::new(Mutex::default);
        if let Some(store) = OPEN.lock().unwrap_or_else(PoisonError::into_inner).get(self) {
            return Ok(store.clone());
        }
        let store = elsewhere(self)?;
        Ok(OPEN.lock().unwrap_or_else(PoisonError::into_inner).entry(self.clone()).or_insert(store).clone())
    }
}

#[cfg(not(feature = "cloud"))]
fn elsewhere(site: &Site) -> Result<Arc<dyn MultipartStore>> {
    use stratal_core::{Error, ErrorKind};
    let message = format!("this build cannot reach {}", site.root());
    Err(Error::new(ErrorKind::Config, message).with_help("build with the feature \"cloud\""))
}
