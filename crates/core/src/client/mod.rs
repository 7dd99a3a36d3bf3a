//! What the user holds: a client, futures, and the results of runs.
//!
//! - [`Client`] (`handle`): an executor and its configuration; [`ClientBuilder`] makes one, `current` finds the one in force.
//!   `connect`: executors of other crates.
//! - [`Submitted`]: a graph that runs, and its results. `lease`: what keeps these. `wait`: async work, waited for from anywhere.
//! - [`Tasks`]: functions that are started, and with what; `scatter`: values that are put where tasks run.
//! - [`TaskFuture`], [`TaskFutures`]: their results, made of `batch`es; `done`: what happens when they are there.
//! - `verbs`: `compute`, `persist`, `get` and `get_all` of delayed values and graphs.
//! - `publish`: results under names; `coordination`: variables, queues, events, locks, semaphores; `workers`: who is there.

mod batch;
mod builder;
mod connect;
mod coordination;
mod current;
mod done;
mod future;
mod futures;
mod handle;
mod lease;
mod publish;
mod scatter;
mod submitted;
mod tasks;
mod verbs;
mod wait;
mod workers;

pub use builder::ClientBuilder;
pub use connect::{ConnectorEntry, connector_for};
pub use coordination::{Event, Lock, LockGuard, Permits, Queue, Semaphore, Variable};
pub use current::Entered;
pub use done::{as_completed, fire_and_forget};
pub use future::TaskFuture;
pub use futures::TaskFutures;
pub use handle::Client;
pub use lease::Lease;
pub use publish::{Part, Parts, Publish};
pub use scatter::Placement;
pub use submitted::Submitted;
pub use tasks::Tasks;
pub use verbs::{Compute, Keyed, compute};
pub use wait::wait_for;
pub use workers::ClientInfo;
