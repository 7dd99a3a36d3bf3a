//! [`Client`]: an executor and its configuration.

use super::{ClientBuilder, Entered, Submitted, TaskFuture, TaskFutures, connector_for, current};
use crate::{
    Result,
    config::Config,
    delayed::Node,
    executor::{Executor, LocalExecutor},
    function::{Function, IntoArgs, Recorded, TaskFn},
    graph::LayeredGraph,
    registry::Registry,
    sched::RunOptions,
};
use std::{
    fmt,
    sync::{Arc, OnceLock},
};

/// Runs collections, graphs and functions. Cheap to clone; what it started ends with the last clone.
///
/// ```
/// use stratal_core::Client;
/// let client = Client::local()?;
/// let doubled = client.map(|x: i64| 2 * x, 0..5);
/// assert_eq!(doubled.gather()?, [0, 2, 4, 6, 8]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Client(pub(super) Arc<Inner>);

pub(super) struct Inner {
    /// Made at the first use, where no executor was asked for.
    made: OnceLock<Result<(Arc<dyn Executor>, Arc<Config>)>>,
}

impl Client {
    pub(super) fn new(executor: Arc<dyn Executor>, config: Arc<Config>, announced: bool) -> Self {
        let inner = Arc::new(Inner { made: OnceLock::from(Ok((executor, config))) });
        if announced {
            current::announce(&inner);
        }
        Client(inner)
    }

    /// The client that the configuration names: a cluster's where `scheduler` is set, else this process.
    pub(super) fn by_configuration() -> Self {
        Client(Arc::new(Inner { made: OnceLock::new() }))
    }

    fn made(&self) -> Result<&(Arc<dyn Executor>, Arc<Config>)> {
        let make = || {
            let config = Arc::new(Config::load()?);
            let executor: Arc<dyn Executor> = match &config.scheduler {
                Some(address) => {
                    let (connector, host) = connector_for(address)?;
                    (connector.connect)(host, &config)?
                }
                None => Arc::new(LocalExecutor::new(config.clone(), Registry::global().clone())),
            };
            Ok((executor, config))
        };
        self.0.made.get_or_init(make).as_ref().map_err(Clone::clone)
    }

    /// A client whose tasks run on the cores of this process.
    ///
    /// # Errors
    /// `Config` for a setting that is wrong.
    pub fn local() -> Result<Self> {
        Client::builder().local()
    }

    /// A client of the scheduler at an address such as `"localhost:8786"`.
    ///
    /// # Errors
    /// `Io` or `Timeout` when nobody answers, `Version` when the scheduler is of another.
    pub fn connect(address: &str) -> Result<Self> {
        Client::builder().connect(address)
    }

    /// A client that runs everything in order on one thread: for debugging.
    ///
    /// # Errors
    /// `Config` for a setting that is wrong.
    pub fn synchronous() -> Result<Self> {
        Client::builder().synchronous()
    }

    /// Settings before the client is made.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// The client in force here: this thread's, else the newest that lives, else one made from the configuration when
    /// it is first used.
    pub fn current() -> Self {
        current::current()
    }

    /// Makes this client the thread's, until the guard is dropped.
    #[must_use = "the client is entered until the guard is dropped"]
    pub fn enter(&self) -> Entered {
        current::enter(self.clone())
    }

    /// The executor.
    ///
    /// # Errors
    /// What making it from the configuration gave.
    pub fn executor(&self) -> Result<&Arc<dyn Executor>> {
        self.made().map(|(executor, _)| executor)
    }

    /// The configuration.
    ///
    /// # Errors
    /// What making the client from the configuration gave.
    pub fn config(&self) -> Result<&Arc<Config>> {
        self.made().map(|(_, config)| config)
    }

    /// Hands in a graph and returns at once.
    ///
    /// # Errors
    /// A graph that is wrong; a body that cannot leave this process.
    pub fn submit_graph(&self, graph: &LayeredGraph, mut options: RunOptions) -> Result<Submitted> {
        let (executor, config) = self.made()?;
        if options.retries == RunOptions::default().retries {
            options.retries = config.tasks.retries;
        }
        let handle = executor.submit(graph.prune(), options)?;
        let bar = config.progress.then(|| crate::progress::show(&handle));
        Ok(Submitted::new(executor.clone(), handle, bar))
    }

    /// Hands in a graph and waits until every output is there.
    ///
    /// # Errors
    /// The first output that failed.
    pub fn run(&self, graph: &LayeredGraph, options: RunOptions) -> Result<Submitted> {
        let submitted = self.submit_graph(graph, options)?;
        submitted.wait()?;
        Ok(submitted)
    }

    /// [`run`](Self::run), async.
    ///
    /// # Errors
    /// The first output that failed.
    pub async fn run_async(&self, graph: &LayeredGraph, options: RunOptions) -> Result<Submitted> {
        let submitted = self.submit_graph(graph, options)?;
        submitted.wait_async().await?;
        Ok(submitted)
    }

    /// Starts a function on arguments: one bare, several as a tuple, none as `()`. Arguments may be futures.
    ///
    /// What goes wrong, be it at submit, is the future's.
    #[track_caller]
    pub fn submit<P, K, F: TaskFn<P, K>>(&self, function: F, args: impl IntoArgs<P>) -> TaskFuture<F::Output> {
        let node = Node::new(Function::of(function), args.record());
        TaskFuture::submit(self, node)
    }

    /// Starts a function once for each item: one run and one message, however many items.
    ///
    /// What goes wrong, be it at submit, is that of every future.
    #[track_caller]
    pub fn map<P, K, F: TaskFn<P, K>, I>(&self, function: F, items: I) -> TaskFutures<F::Output>
    where
        I: IntoIterator,
        I::Item: IntoArgs<P>,
    {
        let rows: Vec<Vec<Recorded>> = items.into_iter().map(IntoArgs::record).collect();
        TaskFutures::submit(self, &Function::of(function), &rows)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.made.get() {
            None => f.write_str("Client(not connected yet)"),
            Some(Ok((executor, _))) => write!(f, "Client({:?})", executor.topology()),
            Some(Err(error)) => write!(f, "Client({error})"),
        }
    }
}
