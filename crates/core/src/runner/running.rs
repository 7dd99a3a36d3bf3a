//! The task that a thread runs: where its verbs run, how deep what it submits stands, and whether it was cancelled.

use super::{CancelToken, Environment};
use std::{cell::RefCell, sync::Arc};

thread_local! {
    static RUNNING: RefCell<Option<Task>> = const { RefCell::new(None) };
}

struct Task {
    env: Arc<Environment>,
    depth: u32,
    cancel: CancelToken,
}

/// The thread runs a task until this is dropped.
pub(crate) struct Inside(Option<Task>);

impl Inside {
    /// A task of a run that stands at `depth`.
    pub(crate) fn enter(env: Arc<Environment>, depth: u32, cancel: CancelToken) -> Self {
        Inside(RUNNING.replace(Some(Task { env, depth, cancel })))
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        RUNNING.set(self.0.take());
    }
}

/// How many tasks stand above what this thread submits: one more than above the running task, and none outside of tasks.
pub fn depth() -> u32 {
    RUNNING.with_borrow(|task| task.as_ref().map_or(0, |task| task.depth + 1))
}

/// The flag by which the running task is cancelled.
pub(crate) fn cancel_token() -> Option<CancelToken> {
    RUNNING.with_borrow(|task| task.as_ref().map(|task| task.cancel.clone()))
}

/// What the running task shares with its process.
pub(crate) fn environment() -> Option<Arc<Environment>> {
    RUNNING.with_borrow(|task| task.as_ref().map(|task| task.env.clone()))
}
