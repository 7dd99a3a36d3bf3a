//! What clients and tasks share beside results, as users hold it: [`Variable`], [`Queue`], [`Event`], [`Lock`] and
//! [`Semaphore`]. Each is a name that the scheduler knows: whoever uses the name, on whichever worker, uses the same thing.
//!
//! First come, first served. A task that waits gives its slot back meanwhile, and ends its wait when it is cancelled. Whoever
//! stops waiting takes nothing along; a lock that a lost worker or a client that is gone has held is free again.

mod ask;
mod event;
mod lock;
mod names;
mod queue;
mod semaphore;
mod variable;

pub use event::Event;
pub use lock::{Lock, LockGuard};
pub use queue::Queue;
pub use semaphore::{Permits, Semaphore};
pub use variable::Variable;

pub(super) use ask::{Room, done, unexpected, wait};
