//! [`Submitted`]: a graph that runs, and its results.

use super::{Lease, wait_for};
use crate::{
    Error, Index, LayerId, Result,
    executor::{Executor, Place, RunHandle, Signal},
    graph::HeldRange,
    progress::ProgressBar,
    runner::FetchError,
    value::Data,
};
use std::sync::Arc;

/// How often a result that moved away while it was read is looked for again.
const MOVES: usize = 8;

/// A graph that was handed in. Its results stay while this, or a lease of it, lives.
pub struct Submitted {
    executor: Arc<dyn Executor>,
    handle: Arc<RunHandle>,
    /// One for each output; none for one that was let go.
    leases: Vec<Option<Lease>>,
    bar: Option<ProgressBar>,
}

impl Submitted {
    /// A run that was handed in.
    pub(super) fn new(executor: Arc<dyn Executor>, handle: Arc<RunHandle>, bar: Option<ProgressBar>) -> Self {
        let lease = |output: &crate::graph::Output| Lease::take_over(executor.clone(), handle.id(), output.layer, output.tasks.clone());
        let leases = handle.outputs().iter().map(lease).map(Some).collect();
        Submitted { executor, handle, leases, bar }
    }

    /// The client's side of the run.
    pub fn handle(&self) -> &Arc<RunHandle> {
        &self.handle
    }

    /// Waits until no output is pending.
    ///
    /// # Errors
    /// The first output that failed.
    pub fn wait(&self) -> Result<()> {
        let result = self.handle.wait_all();
        self.end_bar();
        result
    }

    /// [`wait`](Self::wait), async.
    ///
    /// # Errors
    /// The first output that failed.
    pub async fn wait_async(&self) -> Result<()> {
        let result = self.handle.wait_all_async().await;
        self.end_bar();
        result
    }

    fn end_bar(&self) {
        self.bar.iter().for_each(ProgressBar::finish);
    }

    /// The number of results of an output.
    pub fn len(&self, output: usize) -> u32 {
        self.handle.outputs().get(output).map_or(0, |output| output.tasks.len())
    }

    /// Whether nothing is wanted of the graph.
    pub fn is_empty(&self) -> bool {
        self.handle.outputs().is_empty()
    }

    fn nth(&self, output: usize, nth: u32) -> Result<(LayerId, Index)> {
        let wanted = self.handle.outputs().get(output);
        wanted
            .and_then(|output| Some((output.layer, output.tasks.nth(nth)?)))
            .ok_or_else(|| Error::internal(format!("there is no result {nth} of output {output}")))
    }

    /// The nth result of an output, when it is there.
    ///
    /// # Errors
    /// Its failure.
    pub fn data(&self, output: usize, nth: u32) -> Result<Data> {
        let (layer, index) = self.nth(output, nth)?;
        read(&self.executor, &self.handle, layer, index)
    }

    /// [`data`](Self::data), async.
    ///
    /// # Errors
    /// Its failure.
    pub async fn data_async(&self, output: usize, nth: u32) -> Result<Data> {
        let (layer, index) = self.nth(output, nth)?;
        read_async(&self.executor, &self.handle, layer, index).await
    }

    /// An output as results that a later graph may read, and what keeps them meanwhile.
    pub fn held(&self, output: usize) -> Option<(Vec<HeldRange>, Lease)> {
        let wanted = self.handle.outputs().get(output)?;
        let ranges = wanted.tasks.parts().map(|part| HeldRange {
            run: self.handle.id(),
            layer: wanted.layer,
            start: part.start,
            len: part.len() as u32,
        });
        Some((ranges.collect(), self.leases.get(output)?.clone()?))
    }

    /// Lets an output go that was read: its results are released, and where the run has a window, as many more may start.
    pub fn let_go(&mut self, output: usize) {
        let tasks = self.len(output);
        if let Some(lease) = self.leases.get_mut(output)
            && lease.take().is_some()
        {
            self.executor.signal(Signal::Consumed(self.handle.id(), tasks));
        }
    }

    /// Gives up the outputs that are not there yet.
    pub fn cancel(&self) {
        cancel(&self.executor, &self.handle);
    }
}

pub(super) fn cancel(executor: &Arc<dyn Executor>, handle: &RunHandle) {
    executor.signal(Signal::Cancel(handle.id()));
    handle.fail(&Error::cancelled());
}

/// Reads an output when it is there. One that is lost on the way is made again and read from where it is then.
pub(super) fn read(executor: &Arc<dyn Executor>, handle: &Arc<RunHandle>, layer: LayerId, index: Index) -> Result<Data> {
    // Waiting blocks on a condition variable, which costs less than a task on a runtime.
    if let Some(Err(error)) = handle.wait(layer, index, None) {
        return Err(error);
    }
    let (executor, handle) = (executor.clone(), handle.clone());
    wait_for(async move { read_async(&executor, &handle, layer, index).await })
}

pub(super) async fn read_async(executor: &Arc<dyn Executor>, handle: &RunHandle, layer: LayerId, index: Index) -> Result<Data> {
    let mut tried: Option<Place> = None;
    for _ in 0..MOVES {
        let place = handle.wait_async(layer, index).await?;
        if tried == Some(place) {
            // The scheduler has not said yet that it is being made again.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        match executor.read(place).await {
            Ok(data) => return Ok(data),
            Err(FetchError::Missing(wanted, error)) => {
                tracing::debug!(%error, result = %wanted.result, "a result was not where it was said to be");
                executor.signal(Signal::Missing(wanted.result, wanted.attempt, place.worker));
                tried = Some(place);
            }
            Err(FetchError::Other(error)) => return Err(error),
        }
    }
    Err(Error::new(
        crate::ErrorKind::WorkerLost,
        format!("result {index} of {} moved away {MOVES} times while it was read", handle.layer_name(layer)),
    ))
}
