//! Runs slices, holds their results, and says what happened. A worker is a runner behind Flight.
//!
//! - [`context`](TaskContext): what a task sees: its inputs, its outputs, when to stop.
//! - `read`: its inputs as one ordered stream over all holders.
//! - `slots`: the threads; `cancel`, `environment`, `fetch`: as they say.
//! - [`Runner`]: takes [`Command`]s, gives [`Event`](crate::sched::Event)s.

mod cancel;
mod context;
mod environment;
mod fetch;
mod read;
#[expect(clippy::module_inception, reason = "the runner itself, beside its parts")]
mod runner;
mod slots;

pub use cancel::CancelToken;
pub use context::{Inputs, TaskContext};
pub use environment::Environment;
pub use fetch::{Fetch, FetchError, NoFetch, Piece, Wanted, pieces};
pub use runner::{Command, LayerWork, Runner, execute};
pub use slots::{blocking, depth};
