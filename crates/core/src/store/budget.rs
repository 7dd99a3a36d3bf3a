//! One budget of bytes for a process. Synchronous, so that it can stand behind DataFusion's `MemoryPool`.

use crate::{Error, ErrorKind, config::show_bytes};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// A limit on bytes held, and how many are. Cheap to clone.
///
/// ```
/// use stratal_core::store::Budget;
/// let budget = Budget::new(Some(100));
/// let held = budget.try_reserve(80).unwrap();
/// assert_eq!(budget.try_reserve(30).unwrap_err().free, 20);
/// drop(held);
/// assert_eq!((budget.used(), budget.peak()), (0, 80));
/// ```
#[derive(Clone, Debug)]
pub struct Budget(Arc<Counters>);

#[derive(Debug)]
struct Counters {
    /// `u64::MAX` for no limit.
    limit: u64,
    used: AtomicU64,
    peak: AtomicU64,
}

/// Why a reservation was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// Bytes that were asked for.
    pub wanted: u64,
    /// Bytes that were free.
    pub free: u64,
    /// The limit.
    pub limit: u64,
}

impl Shortage {
    /// The error of a task of `layer` that needed `what`.
    pub fn into_error(self, layer: &str, what: &str) -> Error {
        let message =
            format!("{layer}: {what} needs {}, {} of {} are free", show_bytes(self.wanted), show_bytes(self.free), show_bytes(self.limit));
        Error::new(ErrorKind::Memory, message).with_help("raise memory.limit, or use more and smaller partitions")
    }
}

impl Budget {
    /// A budget of `limit` bytes, or one that only counts.
    pub fn new(limit: Option<u64>) -> Self {
        Budget(Arc::new(Counters { limit: limit.unwrap_or(u64::MAX), used: AtomicU64::new(0), peak: AtomicU64::new(0) }))
    }

    /// Takes `bytes` if they are free, until the reservation is dropped.
    pub fn try_reserve(&self, bytes: u64) -> Result<Reservation, Shortage> {
        let mut reservation = Reservation { budget: self.clone(), bytes: 0 };
        reservation.try_grow(bytes)?;
        Ok(reservation)
    }

    /// The limit, if there is one.
    pub fn limit(&self) -> Option<u64> {
        (self.0.limit != u64::MAX).then_some(self.0.limit)
    }

    /// Bytes taken now.
    pub fn used(&self) -> u64 {
        self.0.used.load(Relaxed)
    }

    /// The most bytes taken at any one time.
    pub fn peak(&self) -> u64 {
        self.0.peak.load(Relaxed)
    }

    /// Takes bytes whether they are free or not: for what cannot fail. Pair it with [`give_back`](Self::give_back).
    pub fn force(&self, bytes: u64) {
        let used = self.0.used.fetch_add(bytes, Relaxed) + bytes;
        self.0.peak.fetch_max(used, Relaxed);
    }

    /// Gives back bytes that were taken by [`force`](Self::force) or [`take`](Self::take).
    pub fn give_back(&self, bytes: u64) {
        self.0.used.fetch_sub(bytes, Relaxed);
    }

    /// Takes bytes if they are free. Pair it with [`give_back`](Self::give_back).
    pub fn take(&self, bytes: u64) -> Result<(), Shortage> {
        let limit = self.0.limit;
        let taken = self.0.used.fetch_update(Relaxed, Relaxed, |used| used.checked_add(bytes).filter(|sum| *sum <= limit));
        match taken {
            Ok(before) => {
                self.0.peak.fetch_max(before + bytes, Relaxed);
                Ok(())
            }
            Err(used) => Err(Shortage { wanted: bytes, free: limit.saturating_sub(used), limit }),
        }
    }
}

/// Bytes taken from a budget until this is dropped.
#[derive(Debug)]
pub struct Reservation {
    budget: Budget,
    bytes: u64,
}

impl Reservation {
    /// The bytes that it holds.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes more.
    pub fn try_grow(&mut self, bytes: u64) -> Result<(), Shortage> {
        self.budget.take(bytes)?;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.give_back(self.bytes);
    }
}
