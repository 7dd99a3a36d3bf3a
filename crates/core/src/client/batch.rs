//! [`Batch`]: results of one layer of a run, and what keeps them. Futures are made of it.

use super::{
    Lease,
    submitted::{Submitted, cancel, read, read_async},
    wait_for,
};
use crate::{
    Error, Index, LayerId, Result,
    executor::{RunHandle, Status},
    graph::{HeldRange, Ranges},
    value::{Data, Value},
};
use futures::{StreamExt, TryStreamExt, stream};
use std::{sync::Arc, time::Duration};

/// How many results are read at once.
const READS: usize = 64;

/// Consecutive results of one layer of a run, counted from 0, and what keeps them. Cheap to clone.
#[derive(Clone)]
pub(super) struct Batch {
    handle: Arc<RunHandle>,
    lease: Lease,
    layer: LayerId,
    start: Index,
    len: u32,
    /// Another run that lives as long, such as one that makes copies of these.
    _beside: Option<Arc<Submitted>>,
}

impl Batch {
    /// The only output of a run.
    pub(super) fn of(submitted: &Submitted) -> Result<Self> {
        let (ranges, lease) = submitted.held(0).ok_or_else(|| Error::internal("a run of functions without an output"))?;
        let [range] = &ranges[..] else { return Err(Error::internal("the results of a map do not stand together")) };
        let HeldRange { layer, start, len, .. } = *range;
        Ok(Batch { handle: submitted.handle().clone(), lease, layer, start, len, _beside: None })
    }

    /// The same results, and another run that lives as long.
    pub(super) fn with(self, beside: Submitted) -> Self {
        Batch { _beside: Some(Arc::new(beside)), ..self }
    }

    /// One of its results, as a batch of its own that keeps the whole.
    pub(super) fn one(&self, nth: u32) -> Self {
        Batch { start: self.start + nth, len: 1, ..self.clone() }
    }

    pub(super) fn status(&self, nth: u32) -> Status {
        self.handle.status(self.layer, self.start + nth)
    }

    /// Blocks until a result is there, or failed. `None` when the time is up.
    pub(super) fn wait(&self, nth: u32, limit: Option<Duration>) -> Option<Result<()>> {
        self.handle.wait(self.layer, self.start + nth, limit).map(|settled| settled.map(drop))
    }

    /// Waits until a result is there, or failed.
    pub(super) async fn wait_async(&self, nth: u32) -> Result<()> {
        self.handle.wait_async(self.layer, self.start + nth).await.map(drop)
    }

    /// Blocks until no result is pending. The first failure, in order.
    pub(super) fn wait_all(&self) -> Result<()> {
        (0..self.len).filter_map(|nth| self.wait(nth, None)).fold(Ok(()), Result::and)
    }

    /// [`wait_all`](Self::wait_all), async.
    pub(super) async fn wait_all_async(&self) -> Result<()> {
        let mut first = Ok(());
        for nth in 0..self.len {
            first = first.and(self.wait_async(nth).await);
        }
        first
    }

    pub(super) fn read(&self, nth: u32) -> Result<Data> {
        read(self.lease.executor(), &self.handle, self.layer, self.start + nth)
    }

    pub(super) async fn read_async(&self, nth: u32) -> Result<Data> {
        read_async(self.lease.executor(), &self.handle, self.layer, self.start + nth).await
    }

    /// Gives up what is not there yet of the run.
    pub(super) fn cancel(&self) {
        cancel(self.lease.executor(), &self.handle);
    }

    /// Makes what failed, or was given up, after all.
    pub(super) fn retry(&self) {
        let failed = (0..self.len).filter(|nth| matches!(self.status(*nth), Status::Failed(_))).map(|nth| self.start + nth);
        let failed = Ranges::from_indexes(failed);
        if !failed.is_empty() {
            self.lease.executor().retry(&self.handle, self.layer, failed);
        }
    }

    /// The results as a later graph may read them, and what keeps them meanwhile.
    pub(super) fn held(&self) -> (HeldRange, Lease) {
        let Batch { layer, start, len, .. } = *self;
        (HeldRange { run: self.handle.id(), layer, start, len }, self.lease.clone())
    }
}

/// Reads the results of all batches, many at once. The first failure, in order, ends it.
pub(super) fn read_all<T: Value>(batches: &[Batch]) -> Result<Vec<T>> {
    // Waiting blocks on a condition variable, which costs less than tasks on a runtime.
    for batch in batches {
        (0..batch.len).filter_map(|nth| batch.wait(nth, None)).collect::<Result<()>>()?;
    }
    wait_for(read_each(batches.to_vec()))?.into_iter().map(owned).collect()
}

/// [`read_all`], async.
pub(super) async fn read_all_async<T: Value>(batches: &[Batch]) -> Result<Vec<T>> {
    read_each(batches.to_vec()).await?.into_iter().map(owned).collect()
}

async fn read_each(batches: Vec<Batch>) -> Result<Vec<Data>> {
    let results = batches.into_iter().flat_map(|batch| (0..batch.len).map(move |nth| batch.one(nth)));
    let reads = results.map(|result| async move { result.read_async(0).await });
    stream::iter(reads).buffered(READS).try_collect().await
}

/// The value of a result: moved where nobody else has it, else cloned.
pub(super) fn owned<T: Value>(data: Data) -> Result<T> {
    let value = T::from_data(&data)?;
    drop(data);
    Ok(Arc::unwrap_or_clone(value))
}
