//! [`Lock`]: one at a time.

use super::{
    Room,
    semaphore::{Gate, Held},
    wait,
};
use crate::{Result, coordination::GateName};
use std::fmt;

/// A lock that is held by one at a time, granted in the order in which it is asked for. Who holds it and asks again waits for
/// itself. Made by [`Client::lock`](crate::Client::lock).
///
/// ```
/// use stratal_core::Client;
/// let client = Client::builder().threads(4).local()?;
/// let add_one = |_: i64| {
///     let client = Client::current();
///     let _locked = client.lock("total").acquire()?;
///     let total = client.variable::<i64>("total");
///     total.set(total.get()? + 1)
/// };
/// client.variable("total").set(0i64)?;
/// client.map(add_one, 0..20).wait_all()?;
/// assert_eq!(client.variable::<i64>("total").get()?, 20);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Lock {
    room: Room,
}

/// A lock that is held. Dropped, it is released; so it is when its client or its worker is gone.
#[must_use = "dropped, the lock is released"]
pub struct LockGuard {
    held: Held,
}

impl Lock {
    pub(super) fn new(room: Room) -> Self {
        Lock { room }
    }

    fn gate(&self) -> Gate {
        Gate { room: self.room.clone(), name: GateName::Lock(self.room.name()), of: 1 }
    }

    /// Waits until it is free, and takes it.
    ///
    /// # Errors
    /// `Cancelled` when the task that waits is cancelled.
    pub fn acquire(&self) -> Result<LockGuard> {
        wait(self.gate().acquire(1, None)).map(|held| LockGuard { held })
    }

    /// As [`acquire`](Self::acquire), for so long: `"5s"`.
    ///
    /// # Errors
    /// `Timeout` when the time is up.
    pub fn acquire_timeout(&self, limit: &str) -> Result<LockGuard> {
        wait(self.gate().acquire(1, Some(limit))).map(|held| LockGuard { held })
    }

    /// [`acquire`](Self::acquire), async.
    ///
    /// # Errors
    /// As [`acquire`](Self::acquire).
    pub async fn acquire_async(&self) -> Result<LockGuard> {
        self.gate().acquire(1, None).await.map(|held| LockGuard { held })
    }

    /// [`acquire_timeout`](Self::acquire_timeout), async.
    ///
    /// # Errors
    /// As [`acquire_timeout`](Self::acquire_timeout).
    pub async fn acquire_timeout_async(&self, limit: &str) -> Result<LockGuard> {
        self.gate().acquire(1, Some(limit)).await.map(|held| LockGuard { held })
    }

    /// Takes it, if it is free and nobody waits for it.
    ///
    /// # Errors
    /// Those of a scheduler that is gone.
    pub fn try_acquire(&self) -> Result<Option<LockGuard>> {
        Ok(wait(self.gate().try_acquire(1))?.map(|held| LockGuard { held }))
    }

    /// [`try_acquire`](Self::try_acquire), async.
    ///
    /// # Errors
    /// As [`try_acquire`](Self::try_acquire).
    pub async fn try_acquire_async(&self) -> Result<Option<LockGuard>> {
        Ok(self.gate().try_acquire(1).await?.map(|held| LockGuard { held }))
    }
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.room)
    }
}

impl fmt::Debug for LockGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, held", self.held.name)
    }
}
