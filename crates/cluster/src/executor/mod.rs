//! The client's side: an executor whose scheduler and runners are elsewhere.
//!
//! - [`ClusterExecutor`]: what core's clients hold.
//! - `session`: what the scheduler says, taken in.
//! - `encode`: the work of a graph as messages.

mod encode;
mod session;

use crate::{
    flight::FlightFetch,
    net,
    wire::{ClientHello, ClientWelcome, FromClient, Opened, Outbox, Role, open, versions},
};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::BoxStream};
use session::Session;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};
use stratal_core::{
    ClientId, Error, ErrorKind, LayerId, Result, RunId, WorkerId,
    client::{ConnectorEntry, wait_for},
    config::Config,
    coordination::Asking,
    executor::{Executor, Place, RunHandle, Signal, Topology},
    graph::{LayeredGraph, Ranges, Work},
    runner::{Fetch, FetchError, Piece, Wanted, depth},
    runtime,
    sched::{Counters, Event, RunOptions, WorkerInfo},
    store::Part,
    value::{Batches, Data},
};
use tokio::sync::oneshot;

/// How long a client tries to reach its scheduler.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

inventory::submit! {
    ConnectorEntry { schemes: &["tcp"], connect }
}

fn connect(address: &str, _: &Arc<Config>) -> Result<Arc<dyn Executor>> {
    Ok(Arc::new(ClusterExecutor::connect(address, CONNECT_WITHIN)?))
}

/// Runs graphs on the workers of a cluster. Dropped, it leaves: what it held is released.
pub struct ClusterExecutor {
    address: String,
    client: ClientId,
    tell: Outbox<FromClient>,
    session: Arc<Session>,
    fetch: Arc<FlightFetch>,
    next: AtomicU32,
}

impl ClusterExecutor {
    /// Connects to the scheduler at an address such as `localhost:8786`. Blocks; works inside a runtime too.
    ///
    /// # Errors
    /// `Io` or `Timeout` when nobody answers in time; `Version` when the scheduler is of another.
    pub fn connect(address: &str, within: Duration) -> Result<Self> {
        ClusterExecutor::connect_for(None, address, within)
    }

    /// Connects for the tasks of a worker.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub(crate) fn connect_for(of: Option<WorkerId>, address: &str, within: Duration) -> Result<Self> {
        let address = net::host_port(address)?;
        // Connections and timers belong to the I/O runtime, wherever the caller waits.
        let connecting = runtime::io().spawn(async move {
            let hello = ClientHello { versions: versions(), of };
            let Opened { tell, inbox, welcome } = open(&address, Role::Client, &hello, within).await?;
            let ClientWelcome { client, peers } = welcome;
            let fetch = Arc::new(FlightFetch::default());
            let session = Arc::new(Session::new(&address, fetch.clone(), asking(&address, &tell)));
            peers.into_iter().for_each(|peer| session.up(peer));
            tokio::spawn(session.clone().listen(inbox));
            Ok(ClusterExecutor { address, client, tell, session, fetch, next: AtomicU32::new(1) })
        });
        wait_for(async move { connecting.await.unwrap_or_else(|error| Err(Error::internal(error.to_string()))) })
    }

    /// The scheduler's address: `tcp://127.0.0.1:8786`.
    pub fn address(&self) -> String {
        format!("tcp://{}", self.address)
    }

    /// The living workers.
    pub fn workers(&self) -> Vec<WorkerInfo> {
        self.session.workers()
    }

    /// Blocks until there are `n` workers.
    ///
    /// # Errors
    /// `Timeout`, saying how many there are; `Io` when the scheduler is lost.
    pub fn wait_for_workers(&self, n: usize, within: Duration) -> Result<()> {
        self.session.wait_for_workers(n, within)
    }

    fn say(&self, messages: Vec<FromClient>) -> Result<()> {
        self.tell
            .send(messages)
            .map_err(|_| self.session.lost().unwrap_or_else(|| Error::internal("the stream to the scheduler has ended")))
    }
}

/// What is asked of a scheduler beside runs. It keeps the stream no longer open than the executor does.
fn asking(address: &str, tell: &Outbox<FromClient>) -> Asking {
    let (address, tell) = (address.to_owned(), tell.downgrade());
    Asking::new(move |said| {
        let sent = tell.upgrade().and_then(|tell| tell.send(vec![FromClient::Said(said)]).ok());
        sent.ok_or_else(|| Error::new(ErrorKind::Io, format!("the stream to the scheduler at {address} has ended")))
    })
}

/// Writes into each layer which functions and services a worker must have to run it.
fn name_what_is_called(graph: &mut LayeredGraph) {
    for layer in &mut graph.layers {
        if let Work::Uniform(template) | Work::Each(template, _) = &layer.work {
            let needs = &mut layer.spec.needs;
            (needs.functions, needs.services) = (template.body.functions(), template.body.services());
        }
    }
}

impl Executor for ClusterExecutor {
    fn submit(&self, mut graph: LayeredGraph, mut options: RunOptions) -> Result<Arc<RunHandle>> {
        graph.validate()?;
        graph.check_memory(self.topology().memory)?;
        options.depth = depth();
        // Unique over all clients: the scheduler gives each the upper half.
        let run = RunId(u64::from(self.client.0) << 32 | u64::from(self.next.fetch_add(1, Relaxed)));
        let mut messages = encode::works(run, &graph, &self.address())?;
        name_what_is_called(&mut graph);
        let outline = Arc::new(graph.outline());
        let names = outline.layers.iter().map(|spec| spec.name.clone()).collect();
        let handle = Arc::new(RunHandle::new(run, graph.outputs, names));
        messages.push(FromClient::Submit { run, outline, options });
        self.session.watch(&handle)?;
        self.say(messages)?;
        Ok(handle)
    }

    fn read(&self, place: Place) -> BoxFuture<'static, Result<Data, FetchError>> {
        let wanted = Wanted { result: place.result, attempt: place.attempt };
        let pieces = self.fetch.fetch(place.worker, vec![wanted], Part::All);
        // Connections live on the I/O runtime, wherever the caller waits.
        let reading = runtime::io().spawn(collect(wanted, pieces));
        let ended = async move { reading.await.unwrap_or_else(|error| Err(FetchError::Other(Error::internal(error.to_string())))) };
        ended.boxed()
    }

    fn signal(&self, signal: Signal) {
        // Without a scheduler there is nothing left to hold or release.
        let _ = self.say(vec![FromClient::Event(signal.into_event(self.client))]);
    }

    fn retry(&self, handle: &Arc<RunHandle>, layer: LayerId, tasks: Ranges) {
        handle.reopen(layer, &tasks);
        let event = Event::Retry { client: self.client, run: handle.id(), layer, tasks };
        let told = self.session.watch(handle).and_then(|()| self.say(vec![FromClient::Event(event)]));
        if let Err(error) = told {
            handle.fail(&error);
        }
    }

    fn asking(&self) -> &Arc<Asking> {
        self.session.asking()
    }

    fn workers(&self) -> Vec<WorkerInfo> {
        self.session.workers()
    }

    fn joined(&self, workers: usize) -> BoxFuture<'static, Result<()>> {
        let session = self.session.clone();
        async move { session.joined(workers).await }.boxed()
    }

    fn scheduler(&self) -> Option<String> {
        Some(self.address())
    }

    fn topology(&self) -> Topology {
        let workers = self.session.workers();
        Topology {
            slots: workers.iter().map(|worker| worker.slots).sum(),
            workers: workers.len() as u32,
            memory: workers.iter().map(|worker| worker.memory).filter(|memory| *memory > 0).min(),
            same_process: false,
        }
    }

    fn counters(&self) -> BoxFuture<'static, Result<Counters>> {
        let (tell, told) = oneshot::channel();
        let asked = self.session.ask(tell).and_then(|number| self.say(vec![FromClient::Counters(number)]));
        let session = self.session.clone();
        let answered = async move {
            asked?;
            told.await.map_err(|_| session.lost().unwrap_or_else(|| Error::internal("a question to the scheduler was dropped")))
        };
        answered.boxed()
    }
}

/// The one result of a stream.
async fn collect(wanted: Wanted, mut pieces: BoxStream<'static, Result<Piece, FetchError>>) -> Result<Data, FetchError> {
    let (mut schema, mut batches, mut data) = (None, Vec::new(), Data::Unit);
    while let Some(piece) = pieces.next().await {
        match piece? {
            Piece::Schema(of) => schema = Some(of),
            Piece::Batch(batch) => batches.push(batch),
            Piece::Chunk(chunk) => data = Data::Chunk(chunk),
            Piece::Object(object) => data = Data::Object(object),
            Piece::End(rows) => {
                if let Some(schema) = schema {
                    data = Data::Batches(Batches { schema, batches: batches.into() });
                }
                let read = data.rows();
                let whole = read == rows;
                let message = || format!("result {} was written with {rows} rows and read with {read}", wanted.result);
                return if whole { Ok(data) } else { Err(FetchError::Other(Error::internal(message()))) };
            }
        }
    }
    let message = format!("the stream of result {} has ended early", wanted.result);
    Err(FetchError::Missing(wanted, Error::new(ErrorKind::WorkerLost, message)))
}
