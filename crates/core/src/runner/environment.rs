//! What all tasks of one process share.

use crate::{config::Config, registry::Registry, store::Store};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::{
    any::{Any, TypeId},
    sync::Arc,
};

/// What all tasks of one process share: functions, results, settings, and whatever a task kind keeps for itself.
pub struct Environment {
    registry: Arc<Registry>,
    store: Arc<Store>,
    config: Arc<Config>,
    extensions: Mutex<FxHashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl Environment {
    /// Puts the parts together.
    pub fn new(registry: Arc<Registry>, store: Arc<Store>, config: Arc<Config>) -> Self {
        Environment { registry, store, config, extensions: Mutex::default() }
    }

    /// Functions and task kinds.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// Results.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Settings.
    pub fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// Something that a task kind keeps for the life of the process, made at the first call.
    pub fn extension<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        let mut extensions = self.extensions.lock();
        let kept = extensions.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(make())).clone();
        kept.downcast().unwrap_or_else(|_| unreachable!("extensions are kept under their own type"))
    }
}
