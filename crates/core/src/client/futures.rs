//! Futures: results of functions that were started, as they come.

use super::{
    Client, Lease,
    submitted::{Submitted, cancel, read, read_async},
    wait::next_of,
};
use crate::{
    Error, ErrorKind, Index, Key, LayerId, Result,
    config::parse_duration,
    delayed::{Node, lower_for, lower_map_for},
    executor::{RunHandle, Status},
    function::{Function, Recorded},
    graph::HeldRange,
    sched::RunOptions,
    value::Value,
};
use futures::{future::BoxFuture, stream::FuturesUnordered};
use std::{fmt, future::IntoFuture, marker::PhantomData, sync::Arc};

/// Results of one layer of a run, and what keeps them.
#[derive(Clone)]
struct Batch {
    handle: Arc<RunHandle>,
    lease: Lease,
    layer: LayerId,
    start: Index,
}

impl Batch {
    fn of(submitted: &Submitted) -> Result<(Self, u32)> {
        let (ranges, lease) = submitted.held(0).ok_or_else(|| Error::internal("a run of functions without an output"))?;
        let [range] = &ranges[..] else { return Err(Error::internal("the results of a map do not stand together")) };
        let batch = Batch { handle: submitted.handle().clone(), lease, layer: range.layer, start: range.start };
        Ok((batch, range.len))
    }
}

/// The result of a function that was started. It is kept while this, a clone, or a task that takes it lives.
///
/// ```
/// use stratal_core::Client;
/// let client = Client::local()?;
/// let three = client.submit(|x: i64| x + 1, 2);
/// let five = client.submit(|a: i64, b: i64| a + b, (&three, 2));
/// assert_eq!(five.result()?, 5);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub struct TaskFuture<T> {
    task: Result<(Batch, Index)>,
    key: Key,
    value: PhantomData<fn() -> T>,
}

/// The results of a [`map`](Client::map), in the order of its items.
pub struct TaskFutures<T> {
    batch: Result<Option<Batch>>,
    len: u32,
    key: Key,
    value: PhantomData<fn() -> T>,
}

/// What both kinds give a task that takes them: the results, by name, and what keeps them.
fn held(batch: &Batch, start: Index, len: u32) -> (HeldRange, Lease) {
    (HeldRange { run: batch.handle.id(), layer: batch.layer, start, len }, batch.lease.clone())
}

impl<T: Value> TaskFuture<T> {
    pub(super) fn submit(client: &Client, node: Node) -> Self {
        let key = node.key();
        // It keeps what the futures among its arguments hold until the graph was handed in.
        let node = Arc::new(node);
        let submit = || {
            let graph = lower_for(Some(client.executor()?), std::slice::from_ref(&node), key.name())?;
            let (batch, _) = Batch::of(&client.submit_graph(&graph, RunOptions { name: key.to_string(), ..RunOptions::default() })?)?;
            let index = batch.start;
            Ok((batch, index))
        };
        let task = submit();
        TaskFuture { task, key, value: PhantomData }
    }

    /// Waits for the result.
    ///
    /// # Errors
    /// Why the function failed, or was never started; `TypeMismatch` never, since the function's type is known.
    pub fn result(&self) -> Result<T> {
        let (batch, index) = self.task.as_ref().map_err(Clone::clone)?;
        let data = read(batch.lease.executor(), &batch.handle, batch.layer, *index)?;
        T::from_data(&data).map(Arc::unwrap_or_clone)
    }

    /// Waits for the result for so long: `"5s"`.
    ///
    /// # Errors
    /// `Timeout` when the time is up; the function goes on.
    pub fn result_timeout(&self, limit: &str) -> Result<T> {
        let duration = parse_duration(limit)?;
        let (batch, index) = self.task.as_ref().map_err(Clone::clone)?;
        match batch.handle.wait(batch.layer, *index, Some(duration)) {
            None => Err(Error::new(ErrorKind::Timeout, format!("{} has no result after {limit}", self.key))
                .with_help("it goes on; wait longer, or cancel it")),
            Some(_) => self.result(),
        }
    }

    /// [`result`](Self::result), async.
    ///
    /// # Errors
    /// As [`result`](Self::result).
    pub async fn result_async(&self) -> Result<T> {
        let (batch, index) = self.task.as_ref().map_err(Clone::clone)?;
        let data = read_async(batch.lease.executor(), &batch.handle, batch.layer, *index).await?;
        T::from_data(&data).map(Arc::unwrap_or_clone)
    }

    /// How it stands now: `pending`, `finished`, `error` or `cancelled`.
    pub fn status(&self) -> &'static str {
        match self.state() {
            Status::Pending => "pending",
            Status::Ready(_) => "finished",
            Status::Failed(error) if error.kind() == ErrorKind::Cancelled => "cancelled",
            Status::Failed(_) => "error",
        }
    }

    fn state(&self) -> Status {
        match &self.task {
            Ok((batch, index)) => batch.handle.status(batch.layer, *index),
            Err(error) => Status::Failed(error.clone()),
        }
    }

    /// Why it failed, if it has.
    pub fn exception(&self) -> Option<Error> {
        match self.state() {
            Status::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// Whether it is finished, failed or cancelled.
    pub fn done(&self) -> bool {
        !matches!(self.state(), Status::Pending)
    }

    /// Gives the result up, and that of its whole [`map`](Client::map). What others need of it goes on.
    pub fn cancel(&self) {
        if let Ok((batch, _)) = &self.task {
            cancel(batch.lease.executor(), &batch.handle);
        }
    }

    /// The function's name, with the position in its map.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The result as a later graph may read it, and what keeps it meanwhile. A future that was never started has none.
    pub(crate) fn held(&self) -> Result<(HeldRange, Lease)> {
        self.task.as_ref().map(|(batch, index)| held(batch, *index, 1)).map_err(Clone::clone)
    }
}

impl<T: Value> IntoFuture for TaskFuture<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.result_async().await })
    }
}

impl<T> Clone for TaskFuture<T> {
    fn clone(&self) -> Self {
        TaskFuture { task: self.task.clone(), key: self.key.clone(), value: PhantomData }
    }
}

impl<T: Value> TaskFutures<T> {
    pub(super) fn submit(client: &Client, function: &Arc<Function>, rows: &[Vec<Recorded>]) -> Self {
        let key = Key::from(function.short_name());
        let submit = || {
            if rows.is_empty() {
                return Ok((None, 0));
            }
            let graph = lower_map_for(Some(client.executor()?), function, rows, function.needs(), true)?;
            let submitted = client.submit_graph(&graph, RunOptions { name: key.to_string(), ..RunOptions::default() })?;
            Batch::of(&submitted).map(|(batch, len)| (Some(batch), len))
        };
        match submit() {
            Ok((batch, len)) => TaskFutures { batch: Ok(batch), len, key, value: PhantomData },
            Err(error) => TaskFutures { batch: Err(error), len: rows.len() as u32, key, value: PhantomData },
        }
    }

    /// The number of items.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there were no items.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn nth(&self, nth: u32) -> TaskFuture<T> {
        let task = match &self.batch {
            Ok(Some(batch)) => Ok((batch.clone(), batch.start + nth)),
            Ok(None) => Err(Error::internal("an empty map has no futures")),
            Err(error) => Err(error.clone()),
        };
        TaskFuture { task, key: Key::from((self.key.name(), nth)), value: PhantomData }
    }

    /// The futures, in the order of the items.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = TaskFuture<T>> + '_ {
        (0..self.len).map(|nth| self.nth(nth))
    }

    /// Waits for all results.
    ///
    /// # Errors
    /// The first failure, in the order of the items.
    pub fn gather(&self) -> Result<Vec<T>> {
        self.iter().map(|future| future.result()).collect()
    }

    /// [`gather`](Self::gather), async.
    ///
    /// # Errors
    /// As [`gather`](Self::gather).
    pub async fn gather_async(&self) -> Result<Vec<T>> {
        let mut all = Vec::with_capacity(self.len());
        for future in self.iter() {
            all.push(future.result_async().await?);
        }
        Ok(all)
    }

    /// Gives up the results that are not there yet.
    pub fn cancel(&self) {
        if let Ok(Some(batch)) = &self.batch {
            cancel(batch.lease.executor(), &batch.handle);
        }
    }

    /// The results as a later graph may read them, and what keeps them meanwhile; nothing for an empty map.
    pub(crate) fn held(&self) -> Result<Option<(HeldRange, Lease)>> {
        let batch = self.batch.as_ref().map_err(Clone::clone)?;
        Ok(batch.as_ref().map(|batch| held(batch, batch.start, self.len)))
    }
}

impl<T: Value> IntoIterator for TaskFutures<T> {
    type Item = TaskFuture<T>;
    type IntoIter = std::vec::IntoIter<TaskFuture<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter().collect::<Vec<_>>().into_iter()
    }
}

/// The futures one by one, each when it is finished or failed.
pub fn as_completed<T: Value>(futures: impl IntoIterator<Item = TaskFuture<T>>) -> impl Iterator<Item = TaskFuture<T>> {
    let settled = |future: TaskFuture<T>| async move {
        if let Ok((batch, index)) = &future.task {
            // Its failure is told by the future itself.
            let _ = batch.handle.wait_async(batch.layer, *index).await;
        }
        future
    };
    let mut waiting: FuturesUnordered<_> = futures.into_iter().map(settled).collect();
    std::iter::from_fn(move || next_of(&mut waiting))
}

impl<T: Value> fmt::Debug for TaskFuture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskFuture({}: {})", self.key, self.status())
    }
}

impl<T> fmt::Debug for TaskFutures<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskFutures({} of {})", self.len, self.key)
    }
}
