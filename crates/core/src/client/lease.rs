//! Leases: results stay while somebody holds one.

use crate::{
    LayerId, RunId,
    executor::{Executor, Signal},
    graph::Ranges,
};
use std::{fmt, sync::Arc};

/// Keeps results of a run. They are released with the last clone.
#[derive(Clone)]
pub struct Lease(Arc<Held>);

struct Held {
    executor: Arc<dyn Executor>,
    run: RunId,
    layer: LayerId,
    tasks: Ranges,
}

impl Lease {
    /// Takes over a hold that the executor already has, such as the one that a submitted output comes with.
    pub fn take_over(executor: Arc<dyn Executor>, run: RunId, layer: LayerId, tasks: Ranges) -> Self {
        Lease(Arc::new(Held { executor, run, layer, tasks }))
    }

    /// The executor that keeps the results.
    pub fn executor(&self) -> &Arc<dyn Executor> {
        &self.0.executor
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.executor.signal(Signal::Release(self.run, self.layer, std::mem::take(&mut self.tasks)));
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lease({}/{}/{})", self.0.run, self.0.layer, self.0.tasks)
    }
}
