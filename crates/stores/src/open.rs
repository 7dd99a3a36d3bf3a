//! Sites to stores, opened once a process: connections and credentials are shared by all who read there.

#[cfg(feature = "cloud")]
use super::cloud::open as elsewhere;
use super::site::Site;
use object_store::{ObjectStore, local::LocalFileSystem};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};
use stratal_core::Result;

type Stores = HashMap<Site, Arc<dyn ObjectStore>>;

static OPEN: LazyLock<Mutex<Stores>> = LazyLock::new(Mutex::default);

impl Site {
    /// The store.
    ///
    /// # Errors
    /// `Config` for settings that are wrong, and for a store that this build does not have.
    pub fn store(&self) -> Result<Arc<dyn ObjectStore>> {
        if let Some(store) = OPEN.lock().unwrap_or_else(PoisonError::into_inner).get(self) {
            return Ok(store.clone());
        }
        let store = open(self)?;
        Ok(OPEN.lock().unwrap_or_else(PoisonError::into_inner).entry(self.clone()).or_insert(store).clone())
    }

    /// Lets a store take the place of that of the site in this process, for what is read and put whole. For tests.
    #[doc(hidden)]
    pub fn stand_in(&self, store: Arc<dyn ObjectStore>) {
        OPEN.lock().unwrap_or_else(PoisonError::into_inner).insert(self.clone(), store);
    }
}

fn open(site: &Site) -> Result<Arc<dyn ObjectStore>> {
    if site.is_local() {
        return Ok(Arc::new(LocalFileSystem::new()));
    }
    elsewhere(site)
}

#[cfg(not(feature = "cloud"))]
fn elsewhere(site: &Site) -> Result<Arc<dyn ObjectStore>> {
    use stratal_core::{Error, ErrorKind};
    let message = format!("this build cannot reach {}", site.root());
    Err(Error::new(ErrorKind::Config, message).with_help("build with the feature \"cloud\""))
}
