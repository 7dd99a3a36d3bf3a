//! [`Queue`]: items from anybody to anybody, each to one.

use super::{Room, done, unexpected, wait};
use crate::{
    Result,
    coordination::{Answer, Ask},
    value::Value,
};
use std::{fmt, marker::PhantomData};

/// Items in order, kept by the scheduler. Each is taken once. Made by [`Client::queue`](crate::Client::queue).
///
/// ```
/// use stratal_core::{Client, Result};
/// let client = Client::builder().threads(2).local()?;
/// let make = |n: i64| (0..n).try_for_each(|x| Client::current().queue("squares", 2).put(x * x));
/// let maker = client.submit(make, 5);
/// let squares = client.queue::<i64>("squares", 2);
/// let sum = (0..5).map(|_| squares.get()).sum::<Result<i64>>()?;
/// maker.result()?;
/// assert_eq!(sum, 30);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub struct Queue<T> {
    room: Room,
    capacity: u64,
    value: PhantomData<fn() -> T>,
}

impl<T: Value> Queue<T> {
    pub(super) fn new(room: Room, capacity: u64) -> Self {
        Queue { room, capacity, value: PhantomData }
    }

    /// Appends an item; where there is no room, waits until there is.
    ///
    /// # Errors
    /// `BadValue` while others use it with another capacity; `Cancelled` when the task that waits is cancelled.
    pub fn put(&self, value: T) -> Result<()> {
        wait(self.putting(value, None))
    }

    /// As [`put`](Self::put), for so long: `"5s"`. When the time is up, the item was not appended and never will be.
    ///
    /// ```
    /// use stratal_core::{Client, ErrorKind};
    /// let one = Client::local()?.queue::<i64>("one", 1);
    /// one.put(1)?;
    /// assert_eq!(one.put_timeout(2, "10ms").unwrap_err().kind(), ErrorKind::Timeout);
    /// assert_eq!((one.get()?, one.try_get()?), (1, None));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Timeout` when the time is up.
    pub fn put_timeout(&self, value: T, limit: &str) -> Result<()> {
        wait(self.putting(value, Some(limit)))
    }

    /// [`put`](Self::put), async.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub async fn put_async(&self, value: T) -> Result<()> {
        self.putting(value, None).await
    }

    /// [`put_timeout`](Self::put_timeout), async.
    ///
    /// # Errors
    /// As [`put_timeout`](Self::put_timeout).
    pub async fn put_timeout_async(&self, value: T, limit: &str) -> Result<()> {
        self.putting(value, Some(limit)).await
    }

    fn putting(&self, value: T, limit: Option<&str>) -> impl Future<Output = Result<()>> + Send + use<T> {
        let (queue, capacity) = (self.room.name(), self.capacity);
        let asked = self.room.encode(value).map(|value| self.room.ask(Ask::Put { queue, capacity, value }, limit));
        async move { done(asked?.await?) }
    }

    /// Takes the first item; where there is none, waits until there is one.
    ///
    /// # Errors
    /// `TypeMismatch` for an item of another type, which is gone then; `BadValue` while others use it with another capacity;
    /// `Cancelled` when the task that waits is cancelled.
    pub fn get(&self) -> Result<T> {
        wait(self.getting(None))
    }

    /// As [`get`](Self::get), for so long: `"5s"`. When the time is up, no item was taken.
    ///
    /// ```
    /// use stratal_core::{Client, ErrorKind};
    /// let empty = Client::local()?.queue::<i64>("empty", 0);
    /// assert_eq!(empty.get_timeout("10ms").unwrap_err().kind(), ErrorKind::Timeout);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Timeout` when the time is up.
    pub fn get_timeout(&self, limit: &str) -> Result<T> {
        wait(self.getting(Some(limit)))
    }

    /// [`get`](Self::get), async.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn get_async(&self) -> Result<T> {
        self.getting(None).await
    }

    /// [`get_timeout`](Self::get_timeout), async.
    ///
    /// # Errors
    /// As [`get_timeout`](Self::get_timeout).
    pub async fn get_timeout_async(&self, limit: &str) -> Result<T> {
        self.getting(Some(limit)).await
    }

    fn getting(&self, limit: Option<&str>) -> impl Future<Output = Result<T>> + Send + use<T> {
        let taken = self.taking(true, limit);
        async move { taken.await?.map_or_else(|| unexpected(&Answer::Nothing), Ok) }
    }

    /// Takes the first item, if there is one now.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn try_get(&self) -> Result<Option<T>> {
        wait(self.taking(false, None))
    }

    /// [`try_get`](Self::try_get), async.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn try_get_async(&self) -> Result<Option<T>> {
        self.taking(false, None).await
    }

    fn taking(&self, waits: bool, limit: Option<&str>) -> impl Future<Output = Result<Option<T>>> + Send + use<T> {
        let ask = Ask::Take { queue: self.room.name(), capacity: self.capacity, wait: waits };
        let (asked, room) = (self.room.ask(ask, limit), self.room.clone());
        async move {
            match asked.await? {
                Answer::Item { value, .. } => room.decode(&value).map(Some),
                Answer::Nothing => Ok(None),
                other => unexpected(&other),
            }
        }
    }

    /// The number of items now.
    ///
    /// # Errors
    /// Those of a scheduler that is gone.
    pub fn len(&self) -> Result<usize> {
        wait(self.length())
    }

    /// [`len`](Self::len), async.
    ///
    /// # Errors
    /// As [`len`](Self::len).
    pub async fn len_async(&self) -> Result<usize> {
        self.length().await
    }

    /// Whether there is no item now.
    ///
    /// # Errors
    /// As [`len`](Self::len).
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    fn length(&self) -> impl Future<Output = Result<usize>> + Send + use<T> {
        let asked = self.room.ask(Ask::Length { queue: self.room.name() }, None);
        async move {
            match asked.await? {
                Answer::Count(items) => Ok(items as usize),
                other => unexpected(&other),
            }
        }
    }
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Queue { room: self.room.clone(), capacity: self.capacity, value: PhantomData }
    }
}

impl<T> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.room)
    }
}
