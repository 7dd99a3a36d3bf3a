//! [`Event`]: something that has happened or not.

use super::{Room, done, unexpected, wait};
use crate::{
    Result,
    coordination::{Answer, Ask},
};
use std::fmt;

/// Something that has happened or not, and that anybody may wait for. Made by [`Client::event`](crate::Client::event).
///
/// ```
/// use stratal_core::Client;
/// let ready = Client::local()?.event("ready");
/// assert!(!ready.is_set()?);
/// ready.set()?;
/// ready.wait()?;
/// ready.clear()?;
/// assert!(ready.wait_timeout("10ms").is_err());
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Event {
    room: Room,
}

impl Event {
    pub(super) fn new(room: Room) -> Self {
        Event { room }
    }

    /// It happens: all who wait go on, and nobody waits until it is [`clear`](Self::clear)ed.
    ///
    /// # Errors
    /// Those of a scheduler that is gone.
    pub fn set(&self) -> Result<()> {
        wait(self.done(Ask::Raise { event: self.room.name() }, None))
    }

    /// [`set`](Self::set), async.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub async fn set_async(&self) -> Result<()> {
        self.done(Ask::Raise { event: self.room.name() }, None).await
    }

    /// It has not happened any more.
    ///
    /// # Errors
    /// Those of a scheduler that is gone.
    pub fn clear(&self) -> Result<()> {
        wait(self.done(Ask::Lower { event: self.room.name() }, None))
    }

    /// [`clear`](Self::clear), async.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    pub async fn clear_async(&self) -> Result<()> {
        self.done(Ask::Lower { event: self.room.name() }, None).await
    }

    /// Whether it has happened.
    ///
    /// # Errors
    /// Those of a scheduler that is gone.
    pub fn is_set(&self) -> Result<bool> {
        wait(self.asked())
    }

    /// [`is_set`](Self::is_set), async.
    ///
    /// # Errors
    /// As [`is_set`](Self::is_set).
    pub async fn is_set_async(&self) -> Result<bool> {
        self.asked().await
    }

    /// Waits until it has happened.
    ///
    /// # Errors
    /// `Cancelled` when the task that waits is cancelled.
    pub fn wait(&self) -> Result<()> {
        wait(self.done(Ask::Await { event: self.room.name() }, None))
    }

    /// As [`wait`](Self::wait), for so long: `"5s"`.
    ///
    /// # Errors
    /// `Timeout` when the time is up.
    pub fn wait_timeout(&self, limit: &str) -> Result<()> {
        wait(self.done(Ask::Await { event: self.room.name() }, Some(limit)))
    }

    /// [`wait`](Self::wait), async.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub async fn wait_async(&self) -> Result<()> {
        self.done(Ask::Await { event: self.room.name() }, None).await
    }

    /// [`wait_timeout`](Self::wait_timeout), async.
    ///
    /// # Errors
    /// As [`wait_timeout`](Self::wait_timeout).
    pub async fn wait_timeout_async(&self, limit: &str) -> Result<()> {
        self.done(Ask::Await { event: self.room.name() }, Some(limit)).await
    }

    fn done(&self, ask: Ask, limit: Option<&str>) -> impl Future<Output = Result<()>> + Send + use<> {
        let asked = self.room.ask(ask, limit);
        async move { done(asked.await?) }
    }

    fn asked(&self) -> impl Future<Output = Result<bool>> + Send + use<> {
        let asked = self.room.ask(Ask::IsRaised { event: self.room.name() }, None);
        async move {
            match asked.await? {
                Answer::Is(raised) => Ok(raised),
                other => unexpected(&other),
            }
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.room)
    }
}
