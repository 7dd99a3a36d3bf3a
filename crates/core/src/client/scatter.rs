//! Values that go to where tasks run, and results that come back.

use super::{
    Client, TaskFuture, TaskFutures,
    batch::{Batch, read_all, read_all_async},
};
use crate::{
    Error, Key, Result,
    delayed::{Rows, Settings},
    function::{Recorded, given_back},
    value::Value,
};

impl Client {
    /// Puts a value where tasks run. It travels once, however many tasks take the future; as an argument of its own it would
    /// travel with each of them. If its worker is lost, it is put on another.
    ///
    /// What goes wrong is the future's.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let client = Client::local()?;
    /// let table = client.scatter(vec![10i64, 20, 30]);
    /// let found = client.map(|table: &[i64], at: usize| table[at], (0..3).map(|at| (&table, at)));
    /// assert_eq!(found.gather()?, [10, 20, 30]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn scatter<T: Value>(&self, value: T) -> TaskFuture<T> {
        self.scatter_all([value]).nth(0)
    }

    /// Puts values where tasks run, each on some worker.
    ///
    /// What goes wrong is that of every future.
    ///
    /// ```
    /// use stratal_core::{Client, function::tasks::sum};
    /// let client = Client::local()?;
    /// let numbers = client.scatter_all(1..=4i64);
    /// assert_eq!(client.submit(sum, &numbers).result()?, 10);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn scatter_all<T: Value>(&self, values: impl IntoIterator<Item = T>) -> TaskFutures<T> {
        let rows: Vec<_> = values.into_iter().map(|value| vec![Recorded::Literal(value.into_data())]).collect();
        // Nobody looks for a value by what it is, so it is not encoded to be hashed.
        TaskFutures::submit(self, Key::from("scatter"), &given_back(), &rows, &Settings::default(), Rows::Single)
    }

    /// Waits for the results of futures and reads them, many at once, in the order of the futures.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let client = Client::local()?;
    /// let futures: Vec<_> = (0..3).map(|i| client.submit(|x: i64| x * 10, i)).collect();
    /// assert_eq!(client.gather(&futures)?, [0, 10, 20]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first failure, in the order of the futures.
    pub fn gather<T: Value>(&self, futures: &[TaskFuture<T>]) -> Result<Vec<T>> {
        let (started, refused) = started(futures);
        let values = read_all(&started)?;
        refused.map_or(Ok(values), Err)
    }

    /// [`gather`](Self::gather), async.
    ///
    /// # Errors
    /// As [`gather`](Self::gather).
    pub async fn gather_async<T: Value>(&self, futures: &[TaskFuture<T>]) -> Result<Vec<T>> {
        let (started, refused) = started(futures);
        let values = read_all_async(&started).await?;
        refused.map_or(Ok(values), Err)
    }
}

/// The futures up to the first one that was never started, and why that one was not.
fn started<T: Value>(futures: &[TaskFuture<T>]) -> (Vec<Batch>, Option<Error>) {
    let mut started = Vec::with_capacity(futures.len());
    for future in futures {
        match future.task() {
            Ok(task) => started.push(task.clone()),
            Err(error) => return (started, Some(error.clone())),
        }
    }
    (started, None)
}
