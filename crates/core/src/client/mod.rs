//! What the user holds: a client, futures, and the results of runs.
//!
//! - [`Client`]: an executor and its configuration; [`ClientBuilder`] makes one, `current` finds the one in force.
//! - [`Submitted`]: a graph that runs, and its results.
//! - [`TaskFuture`], [`TaskFutures`]: results of functions that were submitted.
//! - `verbs`: `compute`, `get` and `get_all` of delayed values and graphs.

mod builder;
mod connect;
mod current;
mod futures;
mod handle;
mod lease;
mod submitted;
mod verbs;
mod wait;

pub use builder::ClientBuilder;
pub use connect::{ConnectorEntry, connector_for};
pub use current::Entered;
pub use futures::{TaskFuture, TaskFutures, as_completed};
pub use handle::Client;
pub use lease::Lease;
pub use submitted::Submitted;
pub use verbs::{Compute, Keyed, compute};
pub use wait::wait_for;
