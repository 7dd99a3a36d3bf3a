//! [`SharedRegistry`]: where the places of one attempt that read the same rows find each other.

use super::rows::SharedRows;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak, atomic::AtomicUsize},
};

/// What is shared in an attempt, by number. It stands in the configuration that the attempt's plan runs with, and keeps nothing:
/// rows live as long as a node that reads them, so that what they hold of the configuration never holds itself.
#[derive(Debug, Default)]
pub(crate) struct SharedRegistry {
    rows: Mutex<HashMap<u32, Weak<SharedRows>>>,
    /// The bytes that are kept of all of them.
    kept: Arc<AtomicUsize>,
}

impl SharedRegistry {
    /// The rows of this number, made by the first that asks, with the counter of what is kept of all.
    pub(super) fn rows(&self, id: u32, make: impl FnOnce(Arc<AtomicUsize>) -> SharedRows) -> Arc<SharedRows> {
        let mut known = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rows) = known.get(&id).and_then(Weak::upgrade) {
            return rows;
        }
        let rows = Arc::new(make(self.kept.clone()));
        known.insert(id, Arc::downgrade(&rows));
        rows
    }
}
