//! Runs slices, holds their results, and says what happened. A worker is a runner behind Flight.
//!
//! - [`context`](TaskContext): what a task sees: its inputs, its outputs, when to stop.
//! - `read`: its inputs as one ordered stream over all holders.
//! - `slots`: the threads; `running`: the task that a thread runs; `layers`: what tasks do.
//! - `copy_kind`: tasks that take copies of what they read; `cancel`, `environment`, `fetch`, `panics`: as they say.
//! - [`Runner`]: takes [`Command`]s, gives [`Event`](crate::sched::Event)s.

mod cancel;
mod context;
mod copy_kind;
mod environment;
mod fetch;
mod layers;
mod panics;
mod read;
#[expect(clippy::module_inception, reason = "the runner itself, beside its parts")]
mod runner;
mod running;
mod slots;

pub use cancel::CancelToken;
pub use context::{Inputs, TaskContext};
pub use environment::Environment;
pub use fetch::{Fetch, FetchError, Neighbour, NoFetch, Piece, Wanted, pieces};
pub use layers::LayerWork;
pub use runner::{Command, Runner, execute};
pub use running::depth;
pub use slots::{SlotLease, blocking};

pub(crate) use copy_kind::copying;
pub(crate) use panics::let_go;
pub(crate) use running::{Inside, cancel_token, environment};

#[cfg(test)]
mod tests;
