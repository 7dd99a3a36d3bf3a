//! [`TaskFuture`]: the result of a function that was started, as it comes.

use super::{
    Client, Lease,
    batch::{Batch, owned},
    done::when_done,
};
use crate::{
    Error, ErrorKind, Key, Result,
    config::parse_duration,
    delayed::{Node, lower_for},
    executor::Status,
    graph::HeldRange,
    sched::RunOptions,
    value::Value,
};
use futures::future::BoxFuture;
use std::{fmt, future::IntoFuture, marker::PhantomData, sync::Arc};

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
    /// The one result; why it was never started where it was not.
    task: Result<Batch>,
    key: Key,
    value: PhantomData<fn() -> T>,
}

impl<T> TaskFuture<T> {
    pub(super) fn new(task: Result<Batch>, key: Key) -> Self {
        TaskFuture { task, key, value: PhantomData }
    }

    /// The function's name, with the position in its map.
    pub fn key(&self) -> &Key {
        &self.key
    }

    pub(super) fn task(&self) -> &Result<Batch> {
        &self.task
    }

    fn state(&self) -> Status {
        match &self.task {
            Ok(task) => task.status(0),
            Err(error) => Status::Failed(error.clone()),
        }
    }

    /// Waits until it is finished, failed or cancelled, whichever it is.
    pub(super) async fn settled(&self) {
        if let Ok(task) = &self.task {
            // Its failure is told by the future itself.
            let _ = task.wait_async(0).await;
        }
    }
}

impl<T: Value> TaskFuture<T> {
    pub(super) fn submit(client: &Client, node: Node) -> Self {
        let key = node.key();
        // It keeps what the futures among its arguments hold until the graph was handed in.
        let node = Arc::new(node);
        let submit = || {
            let graph = lower_for(Some(client.executor()?), std::slice::from_ref(&node), key.name())?;
            Batch::of(&client.submit_graph(&graph, RunOptions { name: key.to_string(), ..RunOptions::default() })?)
        };
        TaskFuture::new(submit(), key)
    }

    /// Waits for the result.
    ///
    /// # Errors
    /// Why the function failed, or was never started; `TypeMismatch` never, since the function's type is known.
    pub fn result(&self) -> Result<T> {
        owned(self.task.as_ref().map_err(Clone::clone)?.read(0)?)
    }

    /// Waits for the result for so long: `"5s"`.
    ///
    /// # Errors
    /// `Timeout` when the time is up; the function goes on.
    pub fn result_timeout(&self, limit: &str) -> Result<T> {
        let duration = parse_duration(limit)?;
        match self.task.as_ref().map_err(Clone::clone)?.wait(0, Some(duration)) {
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
        owned(self.task.as_ref().map_err(Clone::clone)?.read_async(0).await?)
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

    /// Whether it was cancelled, or given up with its client, before it was there.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let client = Client::local()?;
    /// let never = client.submit(|| async { std::future::pending::<i64>().await }, ());
    /// never.cancel();
    /// assert!(never.is_cancelled());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn is_cancelled(&self) -> bool {
        self.exception().is_some_and(|error| error.kind() == ErrorKind::Cancelled)
    }

    /// Calls `f` with this future, once, when it is finished, failed or cancelled: at once if it is already.
    ///
    /// It is called on a thread of Stratal's own that may block, so that it may wait and submit. A panic there ends nothing
    /// but the call, and is logged. Until then the result is kept.
    ///
    /// ```
    /// use stratal_core::Client;
    /// use std::sync::mpsc;
    ///
    /// let (tell, told) = mpsc::channel();
    /// Client::local()?.submit(|x: i64| x + 1, 1).on_done(move |future| tell.send(future.result()).unwrap());
    /// assert_eq!(told.recv().unwrap()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn on_done(&self, f: impl FnOnce(TaskFuture<T>) + Send + 'static) {
        when_done(self.clone(), f);
    }

    /// Gives the result up, and that of its whole [`map`](Client::map). What others need of it goes on.
    pub fn cancel(&self) {
        if let Ok(task) = &self.task {
            task.cancel();
        }
    }

    /// Runs the call again if it failed or was cancelled, and with it what failed of what it reads; it is pending then. Calls
    /// that failed because of it stay as they are until they are retried themselves. A future that was never started, because
    /// the call was refused, stays refused.
    ///
    /// ```
    /// use stratal_core::Client;
    /// use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
    ///
    /// static DOWN: AtomicBool = AtomicBool::new(true);
    /// let fetch = || if DOWN.load(SeqCst) { Err("the server is down") } else { Ok(7i64) };
    /// let client = Client::local()?;
    /// let page = client.tasks().retries(0).submit(fetch, ());
    /// let next = client.submit(|x: i64| x + 1, &page);
    /// assert!(next.result().is_err());
    /// DOWN.store(false, SeqCst);
    /// next.retry();
    /// assert_eq!((next.result()?, page.result()?), (8, 7));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn retry(&self) {
        if let Ok(task) = &self.task {
            task.retry();
        }
    }

    /// The result as a later graph may read it, and what keeps it meanwhile. A future that was never started has none.
    pub(crate) fn held(&self) -> Result<(HeldRange, Lease)> {
        self.task.as_ref().map(Batch::held).map_err(Clone::clone)
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
        TaskFuture::new(self.task.clone(), self.key.clone())
    }
}

impl<T: Value> fmt::Debug for TaskFuture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskFuture({}: {})", self.key, self.status())
    }
}
