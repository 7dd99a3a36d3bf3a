//! What goes out of the scheduler: small messages, never one for each pair of tasks.

use super::event::Slice;
use crate::{Attempt, ClientId, Error, Index, LayerId, ResultId, RunId, WorkerId, graph::Ranges, progress::TaskProgress};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Consecutive source tasks of one input, and where their results are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Located {
    /// The first source task, in the numbering of the edge.
    pub start: Index,
    /// The number of source tasks.
    pub len: u32,
    /// The first result; the others follow it.
    pub result: ResultId,
    /// Which version of them.
    pub attempt: Attempt,
    /// Who has them.
    pub worker: WorkerId,
}

/// Where the sources of one input of a slice are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Locations {
    /// Listed here, in ascending order.
    Here(Vec<Located>),
    /// As told by the last [`ToWorker::Sources`] for the layer that this input reads.
    Told,
}

/// From the scheduler to a worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ToWorker {
    /// Where all results of a layer are, for the slices that follow and say [`Locations::Told`].
    Sources {
        /// The run.
        run: RunId,
        /// The layer whose results they are.
        layer: LayerId,
        /// All of them, ascending.
        located: Arc<[Located]>,
    },
    /// Run a slice. The driver sends the layer's work before the first slice of it.
    Run {
        /// What.
        slice: Slice,
        /// Smaller runs first.
        order: u64,
        /// One entry an input of the layer.
        inputs: Vec<Locations>,
    },
    /// Drop results, of this attempt or an earlier one.
    Release {
        /// The run.
        run: RunId,
        /// The layer.
        layer: LayerId,
        /// The newest version to be dropped.
        attempt: Attempt,
        /// Which.
        tasks: Ranges,
    },
    /// Give back slices that did not start.
    Retract {
        /// Which.
        slices: Vec<Slice>,
    },
    /// Stop these slices, running or not. Each is still answered, by done or failed.
    Cancel {
        /// Which.
        slices: Vec<Slice>,
    },
    /// Nothing of the run will be asked for again: drop its bodies, results and locations.
    Forget {
        /// The run.
        run: RunId,
    },
}

/// From the scheduler to a client.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ToClient {
    /// Outputs are there to be read.
    Ready {
        /// The run.
        run: RunId,
        /// The layer.
        layer: LayerId,
        /// Which, and where.
        located: Vec<Located>,
    },
    /// Outputs that were there are lost and being made again.
    Lost {
        /// The run.
        run: RunId,
        /// The layer.
        layer: LayerId,
        /// Which.
        tasks: Ranges,
    },
    /// Outputs will never be there.
    Failed {
        /// The run.
        run: RunId,
        /// The layer.
        layer: LayerId,
        /// Which.
        tasks: Ranges,
        /// Why.
        error: Error,
    },
    /// Every output of the run is ready or failed.
    Finished {
        /// The run.
        run: RunId,
        /// The first error, if an output failed.
        error: Option<Error>,
    },
    /// How far a run is, for progress bars. Drivers send it, at most a few times a second, and before the end where tasks said more
    /// than the scheduler knows.
    Progress {
        /// The run.
        run: RunId,
        /// Name, tasks done and all tasks of each layer.
        layers: Vec<(LayerId, u32, u32)>,
        /// Of the tasks that work in stages, those of which something else is known than was told before.
        tasks: Vec<TaskProgress>,
    },
}

impl ToClient {
    /// The run it is about.
    pub fn run(&self) -> RunId {
        match self {
            ToClient::Ready { run, .. }
            | ToClient::Lost { run, .. }
            | ToClient::Failed { run, .. }
            | ToClient::Finished { run, .. }
            | ToClient::Progress { run, .. } => *run,
        }
    }
}

/// One thing to be sent, and to whom.
#[derive(Clone, Debug)]
pub enum Message {
    /// To a worker.
    Worker(WorkerId, ToWorker),
    /// To a client.
    Client(ClientId, ToClient),
    /// To the driver: the run is over and nothing holds its results; its work can be dropped.
    RunDropped(RunId),
}
