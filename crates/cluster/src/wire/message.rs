//! Every message of the control plane. A change here that an older process cannot read raises [`PROTOCOL`](super::PROTOCOL).

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
use stratal_core::{
    ClientId, Index, LayerId, Result, RunId, WorkerId,
    coordination::{Answer, Said},
    graph::{LayerSpec, Outline},
    progress::Report,
    sched::{Counters, Event, RunOptions, ToClient, ToWorker, WorkerInfo},
};

/// A worker and where its results can be fetched. Which functions it has is left out: the scheduler alone asks.
pub(crate) type Peer = (WorkerId, WorkerInfo);

/// How a worker greets the scheduler.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WorkerHello {
    pub(crate) versions: BTreeMap<String, String>,
    /// What it brings. Without a name it is given one.
    pub(crate) info: WorkerInfo,
}

/// The scheduler's answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WorkerWelcome {
    pub(crate) worker: WorkerId,
    pub(crate) name: String,
    /// The other workers.
    pub(crate) peers: Vec<Peer>,
}

/// How a client greets the scheduler.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ClientHello {
    pub(crate) versions: BTreeMap<String, String>,
    /// The worker whose tasks it serves, if it does: it is gone when the worker is.
    pub(crate) of: Option<WorkerId>,
}

/// The scheduler's answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ClientWelcome {
    /// The high half of the ids of this client's runs.
    pub(crate) client: ClientId,
    pub(crate) peers: Vec<Peer>,
}

/// From a worker to the scheduler.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FromWorker {
    /// What its runner says.
    Event(Event),
    /// It lives.
    Beat,
    /// How far a task is, of its own or of another worker.
    Report(Report),
}

/// From the scheduler to a worker.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ForWorker {
    /// What the tasks of a layer do; before the first slice of it.
    Layer { run: RunId, layer: LayerId, spec: Arc<LayerSpec>, kind: String, body: Bytes },
    /// Calls of some tasks of a layer; before the first slice with one of them.
    Calls { run: RunId, layer: LayerId, block: Bytes },
    /// From core's scheduler.
    Sched(ToWorker),
    /// Another worker joined.
    Up(Peer),
    /// Another worker is given up: what is being fetched from it will not come.
    Gone(WorkerId),
}

/// From a client to the scheduler.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FromClient {
    /// What the tasks of a layer do; before the run is submitted.
    Work { run: RunId, layer: LayerId, kind: String, body: Bytes },
    /// Calls of `rows` tasks of a layer from `first` on; before the run is submitted.
    Calls { run: RunId, layer: LayerId, first: Index, rows: u32, block: Bytes },
    /// A graph, whose work was sent before.
    Submit { run: RunId, outline: Arc<Outline>, options: RunOptions },
    /// A signal.
    Event(Event),
    /// What did the scheduler count? The answer carries the number.
    Counters(u64),
    /// Of what clients share beside results.
    Said(Said),
}

/// From the scheduler to a client.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ForClient {
    /// From core's scheduler.
    Sched(ToClient),
    /// A worker joined.
    Up(Peer),
    /// A worker is given up.
    Gone(WorkerId),
    /// What the scheduler counted since it started.
    Counters(u64, Counters),
    /// The answer to what was asked under the number of what clients share.
    Answer(u64, Result<Answer>),
}
