//! [`TaskFutures`]: the results of many calls that were started together.

use super::{
    Client, Lease, TaskFuture,
    batch::{Batch, read_all, read_all_async},
    done::{as_completed, as_they_settle},
};
use crate::{
    Error, ErrorKind, Key, Result,
    delayed::{Rows, Settings, lower_map_for},
    function::{Function, Recorded},
    graph::HeldRange,
    sched::RunOptions,
    value::Value,
};
use futures::StreamExt;
use std::{fmt, marker::PhantomData, sync::Arc};

/// The results of a [`map`](Client::map) or a [`scatter_all`](Client::scatter_all), in the order of the items. They are kept
/// while this, or one of its futures, lives.
///
/// ```
/// use stratal_core::Client;
/// let squares = Client::local()?.map(|x: i64| x * x, 0..5);
/// assert_eq!(squares.len(), 5);
/// assert_eq!(squares.gather()?, [0, 1, 4, 9, 16]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub struct TaskFutures<T> {
    /// None where there were no items; why they were never started where they were not.
    batch: Result<Option<Batch>>,
    len: u32,
    key: Key,
    value: PhantomData<fn() -> T>,
}

impl<T: Value> TaskFutures<T> {
    pub(super) fn submit(
        client: &Client,
        key: Key,
        function: &Arc<Function>,
        rows: &[Vec<Recorded>],
        settings: &Settings,
        alike: Rows,
    ) -> Self {
        let submit = || {
            if rows.is_empty() {
                return Ok(None);
            }
            let graph = lower_map_for(client.executor()?, function, rows, settings, alike)?;
            let submitted = client.submit_graph(&graph, RunOptions { name: key.to_string(), ..RunOptions::default() })?;
            Batch::of(&submitted).map(Some)
        };
        TaskFutures { batch: submit(), len: rows.len() as u32, key, value: PhantomData }
    }

    /// The number of items.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there were no items.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All results together; nothing for no items.
    pub(super) fn batch(&self) -> Result<&[Batch]> {
        self.batch.as_ref().map(Option::as_slice).map_err(Clone::clone)
    }

    pub(super) fn nth(&self, nth: u32) -> TaskFuture<T> {
        let task = match &self.batch {
            Ok(Some(batch)) => Ok(batch.one(nth)),
            Ok(None) => Err(Error::internal("an empty map has no futures")),
            Err(error) => Err(error.clone()),
        };
        TaskFuture::new(task, Key::from((self.key.name(), nth)))
    }

    /// The futures, in the order of the items.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = TaskFuture<T>> + '_ {
        (0..self.len).map(|nth| self.nth(nth))
    }

    /// Waits for all results and reads them, many at once.
    ///
    /// # Errors
    /// The first failure, in the order of the items.
    pub fn gather(&self) -> Result<Vec<T>> {
        read_all(self.batch()?)
    }

    /// [`gather`](Self::gather), async.
    ///
    /// # Errors
    /// As [`gather`](Self::gather).
    pub async fn gather_async(&self) -> Result<Vec<T>> {
        read_all_async(self.batch()?).await
    }

    /// Waits until none is pending any more, be it finished, failed or cancelled. Nothing is read.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let futures = Client::local()?.map(|x: i64| 12 / x, [4, 0, 3]);
    /// assert!(futures.wait_all().unwrap_err().message().contains("divide by zero"));
    /// assert!(futures.iter().all(|future| future.done()));
    /// assert_eq!(futures.iter().last().unwrap().result()?, 4);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first failure, in the order of the items, when all are settled.
    pub fn wait_all(&self) -> Result<()> {
        self.batch()?.iter().try_for_each(Batch::wait_all)
    }

    /// [`wait_all`](Self::wait_all), async.
    ///
    /// # Errors
    /// As [`wait_all`](Self::wait_all).
    pub async fn wait_all_async(&self) -> Result<()> {
        match self.batch()?.first() {
            Some(batch) => batch.wait_all_async().await,
            None => Ok(()),
        }
    }

    /// Waits until one is finished, failed or cancelled, and gives that one; where several are already, the first of them in the
    /// order of the items. [`as_completed`] gives the others too. Without items it is a future that has failed.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let nap = |ms: u64| async move {
    ///     tokio::time::sleep(std::time::Duration::from_millis(ms)).await;
    ///     ms
    /// };
    /// let first = Client::builder().threads(2).local()?.map(nap, [60_000, 1]).wait_first();
    /// assert_eq!((first.key().index(), first.result()?), (Some(1), 1));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn wait_first(&self) -> TaskFuture<T> {
        as_completed(self.iter()).next().unwrap_or_else(|| self.no_first())
    }

    /// [`wait_first`](Self::wait_first), async.
    pub async fn wait_first_async(&self) -> TaskFuture<T> {
        as_they_settle(self.iter()).next().await.unwrap_or_else(|| self.no_first())
    }

    fn no_first(&self) -> TaskFuture<T> {
        let error = Error::new(ErrorKind::NotFound, format!("{}: of no items none is the first", self.key));
        TaskFuture::new(Err(error.with_help("ask is_empty() before")), self.key.clone())
    }

    /// Gives up the results that are not there yet.
    pub fn cancel(&self) {
        if let Ok(Some(batch)) = &self.batch {
            batch.cancel();
        }
    }

    /// Runs those calls again that failed or were cancelled, as [`TaskFuture::retry`] does.
    ///
    /// ```
    /// use stratal_core::Client;
    /// use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
    ///
    /// static FROM: AtomicI64 = AtomicI64::new(2);
    /// let take = |x: i64| if x < FROM.load(SeqCst) { Err("too small") } else { Ok(x) };
    /// let client = Client::local()?;
    /// let futures = client.tasks().retries(0).map(take, 0..4);
    /// // All of them, where `gather` would give the first failure while others are still at work.
    /// assert_eq!(futures.iter().filter(|future| future.result().is_err()).count(), 2);
    /// FROM.store(0, SeqCst);
    /// futures.retry();
    /// assert_eq!(futures.gather()?, [0, 1, 2, 3]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn retry(&self) {
        if let Ok(Some(batch)) = &self.batch {
            batch.retry();
        }
    }

    /// The results as a later graph may read them, and what keeps them meanwhile; nothing for an empty map.
    pub(crate) fn held(&self) -> Result<Option<(HeldRange, Lease)>> {
        Ok(self.batch()?.first().map(Batch::held))
    }
}

/// One future as several.
impl<T> From<TaskFuture<T>> for TaskFutures<T> {
    fn from(future: TaskFuture<T>) -> Self {
        TaskFutures { batch: future.task().clone().map(Some), len: 1, key: future.key().clone(), value: PhantomData }
    }
}

impl<T> Clone for TaskFutures<T> {
    fn clone(&self) -> Self {
        TaskFutures { batch: self.batch.clone(), len: self.len, key: self.key.clone(), value: PhantomData }
    }
}

impl<T: Value> IntoIterator for TaskFutures<T> {
    type Item = TaskFuture<T>;
    type IntoIter = std::vec::IntoIter<TaskFuture<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter().collect::<Vec<_>>().into_iter()
    }
}

impl<T> fmt::Debug for TaskFutures<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskFutures({} of {})", self.len, self.key)
    }
}
