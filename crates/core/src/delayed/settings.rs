//! [`Settings`]: what is asked for a call on top of what its function's attribute says.

use crate::{
    function::{Function, thousandths},
    graph::Needs,
};
use std::collections::BTreeMap;

/// What a call asks for on top of what its function's attribute says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Settings {
    pub(crate) retries: Option<u32>,
    pub(crate) priority: i32,
    pub(crate) resources: BTreeMap<String, u64>,
    pub(crate) workers: Vec<String>,
}

impl Settings {
    /// So much of a named resource.
    pub(crate) fn resource(&mut self, name: impl Into<String>, amount: f64) {
        self.resources.insert(name.into(), thousandths(amount));
    }

    /// These workers and no others.
    pub(crate) fn workers<S: Into<String>>(&mut self, workers: impl IntoIterator<Item = S>) {
        self.workers = workers.into_iter().map(Into::into).collect();
    }

    /// What a task that calls the function needs.
    pub(crate) fn needs(&self, function: &Function) -> Needs {
        let mut needs = function.needs();
        needs.retries = self.retries.or(needs.retries);
        needs.priority = self.priority;
        needs.resources.extend(self.resources.iter().map(|(name, amount)| (name.clone(), *amount)));
        needs.workers.clone_from(&self.workers);
        needs
    }
}
