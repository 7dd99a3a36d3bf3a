//! [`SharedExec`]: rows that several places of a plan read, and that are made once.
//!
//! Every place has a copy of the plan that makes them, of which only one is executed: that of the first place that asks.
//!
//! - `exec`: the node. `reader`: the rows as one place gets them, or, if they were given up, its own.
//! - `rows`: what is shared in an attempt: who makes the next batch, what is kept for whom, and what becomes of it where memory is
//!   short. `part`: the same of one partition, as plain bookkeeping. `bell`: who is woken.
//! - `registry`: where the places of one attempt find each other.

mod bell;
mod exec;
mod part;
mod reader;
mod registry;
mod rows;
#[cfg(test)]
mod tests;

pub(crate) use exec::{SharedExec, Sharing};
pub(crate) use registry::SharedRegistry;

use datafusion::{common::Result as DfResult, execution::SendableRecordBatchStream};
use std::sync::Arc;

/// Begins a partition of a place's own copy of the plan.
type Open = Arc<dyn Fn(usize) -> DfResult<SendableRecordBatchStream> + Send + Sync>;
