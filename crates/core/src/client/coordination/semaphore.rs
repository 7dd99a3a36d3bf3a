//! [`Semaphore`]: so many may go on at once.

use super::{Room, unexpected, wait};
use crate::{
    Client, Result,
    coordination::{Answer, Ask, GateName},
};
use std::fmt;

/// A number of permits, granted in the order in which they are asked for. Made by
/// [`Client::semaphore`](crate::Client::semaphore).
///
/// ```
/// use stratal_core::Client;
/// let client = Client::local()?;
/// let three = client.semaphore("three", 3);
/// let two = three.acquire_many(2)?;
/// assert!(three.try_acquire()?.is_some());
/// assert!(three.try_acquire_many(2)?.is_none());
/// drop(two);
/// assert_eq!(three.acquire_many(3)?.count(), 3);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Semaphore {
    room: Room,
    of: u32,
}

/// Permits of a semaphore. Dropped, they are given back; so they are when their client or its worker is gone.
#[must_use = "dropped, the permits are given back"]
pub struct Permits {
    held: Held,
    count: u32,
}

impl Permits {
    /// How many.
    pub fn count(&self) -> u32 {
        self.count
    }
}

impl Semaphore {
    pub(super) fn new(room: Room, of: u32) -> Self {
        Semaphore { room, of }
    }

    fn gate(&self) -> Gate {
        Gate { room: self.room.clone(), name: GateName::Semaphore(self.room.name()), of: self.of }
    }

    /// Waits for a permit.
    ///
    /// # Errors
    /// `BadValue` while others use it with another number of permits; `Cancelled` when the task that waits is cancelled.
    pub fn acquire(&self) -> Result<Permits> {
        self.acquire_many(1)
    }

    /// Waits for several permits at once. Who waits for many is not overtaken by those who ask later for few.
    ///
    /// # Errors
    /// As [`acquire`](Self::acquire); `BadValue` for none, and for more than there are.
    pub fn acquire_many(&self, permits: u32) -> Result<Permits> {
        wait(self.gate().acquire(permits, None)).map(|held| Permits { held, count: permits })
    }

    /// As [`acquire_many`](Self::acquire_many), for so long: `"5s"`.
    ///
    /// # Errors
    /// `Timeout` when the time is up.
    pub fn acquire_timeout(&self, permits: u32, limit: &str) -> Result<Permits> {
        wait(self.gate().acquire(permits, Some(limit))).map(|held| Permits { held, count: permits })
    }

    /// [`acquire_many`](Self::acquire_many), async.
    ///
    /// # Errors
    /// As [`acquire_many`](Self::acquire_many).
    pub async fn acquire_async(&self, permits: u32) -> Result<Permits> {
        self.gate().acquire(permits, None).await.map(|held| Permits { held, count: permits })
    }

    /// [`acquire_timeout`](Self::acquire_timeout), async.
    ///
    /// # Errors
    /// As [`acquire_timeout`](Self::acquire_timeout).
    pub async fn acquire_timeout_async(&self, permits: u32, limit: &str) -> Result<Permits> {
        self.gate().acquire(permits, Some(limit)).await.map(|held| Permits { held, count: permits })
    }

    /// A permit, if one is free and nobody waits for it.
    ///
    /// # Errors
    /// As [`acquire`](Self::acquire).
    pub fn try_acquire(&self) -> Result<Option<Permits>> {
        self.try_acquire_many(1)
    }

    /// Several permits, if so many are free and nobody waits for them.
    ///
    /// # Errors
    /// As [`acquire_many`](Self::acquire_many).
    pub fn try_acquire_many(&self, permits: u32) -> Result<Option<Permits>> {
        Ok(wait(self.gate().try_acquire(permits))?.map(|held| Permits { held, count: permits }))
    }

    /// [`try_acquire_many`](Self::try_acquire_many), async.
    ///
    /// # Errors
    /// As [`acquire_many`](Self::acquire_many).
    pub async fn try_acquire_async(&self, permits: u32) -> Result<Option<Permits>> {
        Ok(self.gate().try_acquire(permits).await?.map(|held| Permits { held, count: permits }))
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.room, self.of)
    }
}

impl fmt::Debug for Permits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.count, self.held.name)
    }
}

/// A semaphore or a lock.
pub(super) struct Gate {
    pub(super) room: Room,
    pub(super) name: GateName,
    pub(super) of: u32,
}

impl Gate {
    pub(super) fn acquire(&self, permits: u32, limit: Option<&str>) -> impl Future<Output = Result<Held>> + Send + use<> {
        let held = self.ask(permits, true, limit);
        async move { held.await?.map_or_else(|| unexpected(&Answer::Nothing), Ok) }
    }

    pub(super) fn try_acquire(&self, permits: u32) -> impl Future<Output = Result<Option<Held>>> + Send + use<> {
        self.ask(permits, false, None)
    }

    fn ask(&self, permits: u32, waits: bool, limit: Option<&str>) -> impl Future<Output = Result<Option<Held>>> + Send + use<> {
        let ask = Ask::Acquire { gate: self.name.clone(), of: self.of, permits, wait: waits };
        let (asked, client) = (self.room.ask(ask, limit), self.room.client().clone());
        async move {
            match asked.await? {
                // Nothing is awaited from here on, so that it is not lost on the way.
                Answer::Granted { gate, number } => Ok(Some(Held { client, name: gate, number })),
                Answer::Nothing => Ok(None),
                other => unexpected(&other),
            }
        }
    }
}

/// What was granted, until it is dropped.
pub(super) struct Held {
    /// Its connection is what the scheduler knows the holder by.
    client: Client,
    pub(super) name: GateName,
    number: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Ok(executor) = self.client.executor() {
            executor.asking().tell(Ask::Free { gate: self.name.clone(), number: self.number });
        }
    }
}
