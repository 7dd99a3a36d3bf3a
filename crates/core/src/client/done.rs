//! What happens when futures are done: they are handed on, called back, or let go.

use super::{Client, TaskFuture, TaskFutures, wait::next_of};
use crate::{runtime, value::Value};
use futures::stream::FuturesUnordered;

/// The futures one by one, each when it is finished or failed.
pub fn as_completed<T: Value>(futures: impl IntoIterator<Item = TaskFuture<T>>) -> impl Iterator<Item = TaskFuture<T>> {
    let mut waiting = as_they_settle(futures);
    std::iter::from_fn(move || next_of(&mut waiting))
}

pub(super) fn as_they_settle<T: Value>(
    futures: impl IntoIterator<Item = TaskFuture<T>>,
) -> FuturesUnordered<impl Future<Output = TaskFuture<T>>> {
    let settled = |future: TaskFuture<T>| async move {
        future.settled().await;
        future
    };
    futures.into_iter().map(settled).collect()
}

/// Calls `f` with a future when it is settled, where blocking is allowed.
pub(super) fn when_done<T: Value>(future: TaskFuture<T>, f: impl FnOnce(TaskFuture<T>) + Send + 'static) {
    runtime::io().spawn(async move {
        future.settled().await;
        let key = future.key().clone();
        if let Err(error) = tokio::task::spawn_blocking(move || f(future)).await {
            tracing::error!(%key, %error, "what was to be called when a task is done has panicked");
        }
    });
}

/// Lets a future, or those of a map, go without giving them up: what they hold is kept until each is finished, failed or
/// cancelled. Returns at once. This process must live as long.
///
/// ```
/// use stratal_core::{Client, client::fire_and_forget};
/// use std::sync::mpsc;
///
/// let (tell, told) = mpsc::channel();
/// let client = Client::local()?;
/// fire_and_forget(client.map(move |x: i64| tell.send(x).is_ok(), 0..3));
/// drop(client);
/// assert_eq!(told.iter().take(3).sum::<i64>(), 3);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn fire_and_forget<T: Value>(futures: impl Into<TaskFutures<T>>) {
    let futures = futures.into();
    runtime::io().spawn(async move {
        // Nobody is left to be told of a failure.
        let _ = futures.wait_all_async().await;
    });
}

impl Client {
    /// [`fire_and_forget`].
    ///
    /// ```
    /// use stratal_core::Client;
    /// let client = Client::local()?;
    /// client.fire_and_forget(client.submit(|path: String| std::fs::write(path, "done"), "/dev/null"));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn fire_and_forget<T: Value>(&self, futures: impl Into<TaskFutures<T>>) {
        fire_and_forget(futures);
    }
}
