//! What all tasks of one process share.

use super::slots::{Lessor, SlotLease};
use crate::{Client, Result, config::Config, executor::Executor, progress::Report, registry::Registry, store::Store};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::{
    any::{Any, TypeId},
    sync::{Arc, OnceLock},
};

type Find = Arc<dyn Fn() -> Result<Arc<dyn Executor>> + Send + Sync>;
type Tell = Box<dyn Fn(Report) + Send + Sync>;

/// What all tasks of one process share: functions, results, settings, and whatever a task kind keeps for itself.
pub struct Environment {
    registry: Arc<Registry>,
    store: Arc<Store>,
    config: Arc<Config>,
    extensions: Mutex<FxHashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    find: OnceLock<Find>,
    scheduler: OnceLock<String>,
    reports: OnceLock<Tell>,
    slots: OnceLock<Lessor>,
}

impl Environment {
    /// Puts the parts together.
    pub fn new(registry: Arc<Registry>, store: Arc<Store>, config: Arc<Config>) -> Self {
        let (extensions, find, scheduler, reports, slots) = Default::default();
        Environment { registry, store, config, extensions, find, scheduler, reports, slots }
    }

    /// Says, once, where the verbs inside tasks run. Every client that a task asks for and uses asks `find`, so that one
    /// which connects keeps the connection, and one to the executor that owns this environment holds it weakly.
    pub fn set_client(&self, find: impl Fn() -> Result<Arc<dyn Executor>> + Send + Sync + 'static) {
        // The first stays.
        let _ = self.find.set(Arc::new(find));
    }

    /// Says, once, at which address another process finds the scheduler.
    pub fn set_scheduler(&self, address: String) {
        // The first stays.
        let _ = self.scheduler.set(address);
    }

    /// The scheduler's address; none where it is in this process.
    pub fn scheduler(&self) -> Option<&str> {
        self.scheduler.get().map(String::as_str)
    }

    /// Says, once, who is told how far tasks are.
    pub fn set_reports(&self, tell: impl Fn(Report) + Send + Sync + 'static) {
        // The first stays.
        let _ = self.reports.set(Box::new(tell));
    }

    /// Says how far a task is, of this process or of another whose work is done here. Never blocks, and may be lost; where nobody
    /// watches tasks, it is.
    pub fn report(&self, report: Report) {
        if let Some(tell) = self.reports.get() {
            tell(report);
        }
    }

    /// Says, once, whose slots are leased.
    pub(super) fn set_slots(&self, slots: Lessor) {
        // The first stays.
        let _ = self.slots.set(slots);
    }

    /// Takes a slot of this process for work that is no task of it, until the lease is dropped. Nothing waits for anything:
    /// the work goes on at once, and tasks that start later find a slot less. One slot at least stays with them. The
    /// scheduler is told, and hands out fewer tasks to this process meanwhile. None where tasks have no slots.
    pub fn lease_slot(&self) -> Option<SlotLease> {
        self.slots.get().and_then(Lessor::lease)
    }

    /// The client of the tasks that run here: what [`Client::current`] gives inside them. None where nobody said.
    pub fn client(&self) -> Option<Client> {
        let (find, config) = (self.find.get()?.clone(), self.config.clone());
        Some(Client::made_by(move || Ok((find()?, config.clone()))))
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
