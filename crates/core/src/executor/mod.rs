//! Executors: the scheduler and runners together, behind one object-safe trait.
//!
//! [`LocalExecutor`] is a scheduler and one runner in this process; [`SynchronousExecutor`] runs everything in order on
//! one thread and is the oracle of the others; a cluster's stands in the cluster crate and speaks to the same scheduler.

mod local;
mod run;
mod synchronous;

pub use local::LocalExecutor;
pub use run::{Place, RunHandle, Status, Updates};
pub use synchronous::SynchronousExecutor;

use crate::{
    Attempt, ClientId, Error, ErrorKind, LayerId, Result, ResultId, RunId, WorkerId,
    coordination::Asking,
    graph::{LayeredGraph, Ranges},
    runner::{FetchError, Wanted},
    sched::{Counters, RunOptions, WorkerInfo},
    store::{Part, Store},
    value::Data,
};
use futures::{FutureExt, future::BoxFuture};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// Runs graphs and keeps their results.
pub trait Executor: Send + Sync + 'static {
    /// Takes a graph in and returns at once. The outputs are held until they are released.
    ///
    /// # Errors
    /// What [`LayeredGraph::validate`] finds, and bodies that cannot leave the process.
    fn submit(&self, graph: LayeredGraph, options: RunOptions) -> Result<Arc<RunHandle>>;

    /// Reads a result from where it is.
    fn read(&self, place: Place) -> BoxFuture<'static, Result<Data, FetchError>>;

    /// Says something that needs no answer. Never blocks and never fails: it is called from `Drop`.
    fn signal(&self, signal: Signal);

    /// Makes results of a run that failed, or that were given up, after all, and with each what failed of what it reads. They
    /// are pending when this returns, and held.
    fn retry(&self, handle: &Arc<RunHandle>, layer: LayerId, tasks: Ranges);

    /// Where this client asks for what clients share: variables, queues, locks, published names.
    fn asking(&self) -> &Arc<Asking>;

    /// What the machines are like.
    fn topology(&self) -> Topology;

    /// The living workers.
    fn workers(&self) -> Vec<WorkerInfo>;

    /// Done as soon as there are so many workers.
    fn joined(&self, workers: usize) -> BoxFuture<'static, Result<()>>;

    /// The scheduler's address; none where it is in this process.
    fn scheduler(&self) -> Option<String>;

    /// What the scheduler counted since it started.
    fn counters(&self) -> BoxFuture<'static, Result<Counters>>;
}

/// The only client of an executor that is in its client's process.
const ME: ClientId = ClientId(0);
/// The name of the only worker of such an executor.
const NAME: &str = "local";

/// The only worker of an executor that is in its client's process. It has all functions of the process, closures too.
fn only_worker(slots: u32, memory: Option<u64>) -> WorkerInfo {
    let memory = memory.unwrap_or(0);
    let (address, resources, services) = Default::default();
    WorkerInfo { name: NAME.into(), address, slots, memory, resources, functions: None, services }
}

/// Waits for workers where there is one, and will never be more.
fn only_one_joins(workers: usize) -> BoxFuture<'static, Result<()>> {
    let never = || {
        let message = format!("1 of {workers} workers has joined: the only worker is this process, {NAME:?}");
        Error::new(ErrorKind::Timeout, message).with_help("connect to a cluster, whose workers others may join")
    };
    futures::future::ready(if workers <= 1 { Ok(()) } else { Err(never()) }).boxed()
}

/// A name for a run, unique over all executors of this process: a result is never taken for that of another client.
fn next_run() -> RunId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    RunId(NEXT.fetch_add(1, Relaxed))
}

/// Why what was pending when an executor ended is not there.
fn closed() -> Error {
    Error::new(ErrorKind::Cancelled, "the client was closed")
}

/// Something that an executor is told.
#[derive(Clone, Debug)]
pub enum Signal {
    /// One more hold on results.
    Hold(RunId, LayerId, Ranges),
    /// One hold less on results.
    Release(RunId, LayerId, Ranges),
    /// The outputs of a run that are not there yet are given up.
    Cancel(RunId),
    /// So many output tasks of a windowed run were read.
    Consumed(RunId, u32),
    /// A result was not where it was said to be.
    Missing(ResultId, Attempt, WorkerId),
}

/// What the machines are like: all that lowering may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topology {
    /// Slots, over all workers.
    pub slots: u32,
    /// Workers.
    pub workers: u32,
    /// Bytes that one worker may hold.
    pub memory: Option<u64>,
    /// Whether tasks run in this process, so that closures can be run and nothing is encoded.
    pub same_process: bool,
}

/// A result that the store of this process keeps.
fn read_here(store: &Store, place: Place) -> BoxFuture<'static, Result<Data, FetchError>> {
    let wanted = Wanted { result: place.result, attempt: place.attempt };
    let gone = || FetchError::Missing(wanted, Error::internal(format!("result {} was released while it was read", place.result)));
    futures::future::ready(store.get(place.result, place.attempt, Part::All).ok_or_else(gone)).boxed()
}
