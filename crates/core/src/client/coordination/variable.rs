//! [`Variable`]: a value that everybody reads and anybody may change.

use super::{Room, done, unexpected, wait};
use crate::{
    Result,
    coordination::{Answer, Ask},
    value::Value,
};
use std::{fmt, marker::PhantomData};

/// A value under a name, kept by the scheduler: small, and read by many. Made by [`Client::variable`](crate::Client::variable).
///
/// ```
/// use stratal_core::Client;
/// let client = Client::builder().threads(2).local()?;
/// let limit = client.variable::<i64>("limit");
/// let waits = client.submit(|x: i64| Ok::<_, stratal_core::Error>(x.min(Client::current().variable("limit").get()?)), 9);
/// limit.set(5)?;
/// assert_eq!(waits.result()?, 5);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub struct Variable<T> {
    room: Room,
    value: PhantomData<fn() -> T>,
}

impl<T: Value> Variable<T> {
    pub(super) fn new(room: Room) -> Self {
        Variable { room, value: PhantomData }
    }

    /// Gives it a value. Whoever waits for one has it.
    ///
    /// # Errors
    /// Those of encoding the value, and of a scheduler that is gone.
    pub fn set(&self, value: T) -> Result<()> {
        wait(self.setting(value))
    }

    /// [`set`](Self::set), async.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub async fn set_async(&self, value: T) -> Result<()> {
        self.setting(value).await
    }

    fn setting(&self, value: T) -> impl Future<Output = Result<()>> + Send + use<T> {
        let asked = self.room.encode(value).map(|value| self.room.ask(Ask::Set { variable: self.room.name(), value }, None));
        async move { done(asked?.await?) }
    }

    /// Its value; where it has none yet, waits until it has one.
    ///
    /// # Errors
    /// `TypeMismatch` for a value of another type; `Cancelled` when the task that waits is cancelled.
    pub fn get(&self) -> Result<T> {
        wait(self.getting(None))
    }

    /// As [`get`](Self::get), for so long: `"5s"`.
    ///
    /// ```
    /// use stratal_core::{Client, ErrorKind};
    /// let nothing = Client::local()?.variable::<i64>("nothing").get_timeout("10ms");
    /// assert_eq!(nothing.unwrap_err().kind(), ErrorKind::Timeout);
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
        let asked = self.room.ask(Ask::Get { variable: self.room.name() }, limit);
        let room = self.room.clone();
        async move {
            match asked.await? {
                Answer::Value(value) => room.decode(&value),
                other => unexpected(&other),
            }
        }
    }

    /// Takes its value away. Without one this is nothing.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let x = Client::local()?.variable::<i64>("x");
    /// x.set(1)?;
    /// x.delete()?;
    /// assert!(x.get_timeout("10ms").is_err());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of a scheduler that is gone.
    pub fn delete(&self) -> Result<()> {
        wait(self.deleting())
    }

    /// [`delete`](Self::delete), async.
    ///
    /// # Errors
    /// As [`delete`](Self::delete).
    pub async fn delete_async(&self) -> Result<()> {
        self.deleting().await
    }

    fn deleting(&self) -> impl Future<Output = Result<()>> + Send + use<T> {
        let asked = self.room.ask(Ask::Delete { variable: self.room.name() }, None);
        async move { done(asked.await?) }
    }
}

impl<T> Clone for Variable<T> {
    fn clone(&self) -> Self {
        Variable { room: self.room.clone(), value: PhantomData }
    }
}

impl<T> fmt::Debug for Variable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.room)
    }
}
