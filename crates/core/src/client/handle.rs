//! [`Client`]: an executor and its configuration.

use super::{ClientBuilder, Entered, Submitted, connector_for, current};
use crate::{
    Error, Result,
    config::Config,
    executor::{Executor, LocalExecutor},
    graph::LayeredGraph,
    registry::Registry,
    sched::RunOptions,
};
use parking_lot::Mutex;
use std::{
    fmt,
    sync::{Arc, OnceLock},
};

/// An executor and the configuration it was made with.
type Made = (Arc<dyn Executor>, Arc<Config>);
type Make = dyn Fn() -> Result<Made> + Send + Sync;

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
    made: OnceLock<Made>,
    /// Makes it at the first use, where no executor was asked for. What goes wrong is tried again at the next use.
    make: Mutex<Option<Box<Make>>>,
}

impl Client {
    pub(super) fn new(executor: Arc<dyn Executor>, config: Arc<Config>, announced: bool) -> Self {
        let inner = Arc::new(Inner { made: OnceLock::from((executor, config)), make: Mutex::default() });
        if announced {
            current::announce(&inner);
        }
        Client(inner)
    }

    /// The client that the configuration names: a cluster's where `scheduler` is set, else this process.
    pub(super) fn by_configuration() -> Self {
        Client::made_by(|| {
            let config = Arc::new(Config::load()?);
            let executor: Arc<dyn Executor> = match &config.scheduler {
                Some(address) => {
                    let (connector, host) = connector_for(address)?;
                    (connector.connect)(host, &config)?
                }
                None => LocalExecutor::new(config.clone(), Registry::global().clone()),
            };
            Ok((executor, config))
        })
    }

    /// A client that is made when it is first used.
    pub(crate) fn made_by(make: impl Fn() -> Result<Made> + Send + Sync + 'static) -> Self {
        Client(Arc::new(Inner { made: OnceLock::new(), make: Mutex::new(Some(Box::new(make))) }))
    }

    fn made(&self) -> Result<&Made> {
        if let Some(made) = self.0.made.get() {
            return Ok(made);
        }
        let make = self.0.make.lock();
        match (self.0.made.get(), &*make) {
            (Some(made), _) => Ok(made),
            (None, Some(make)) => make().map(|made| self.0.made.get_or_init(|| made)),
            (None, None) => Err(Error::internal("a client that is not made has nothing that makes it")),
        }
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

    /// The client in force here: this thread's, else, inside a task, that of whoever runs the task, else the newest that
    /// lives, else one made from the configuration when it is first used.
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
        options.retries.get_or_insert(config.tasks.retries);
        // Pruning follows edges, which must lead somewhere.
        graph.validate()?;
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
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.made.get() {
            None => f.write_str("Client(not connected yet)"),
            Some((executor, _)) => write!(f, "Client({:?})", executor.topology()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    #[test]
    fn a_client_that_could_not_be_made_is_made_at_the_next_use_and_once() {
        let tries = Arc::new(AtomicU32::new(0));
        let seen = tries.clone();
        let client = Client::made_by(move || match seen.fetch_add(1, SeqCst) {
            0 => Err(Error::new(ErrorKind::Io, "nobody answers")),
            _ => {
                let config = Arc::new(Config::default());
                Ok((LocalExecutor::new(config.clone(), Registry::global().clone()), config))
            }
        });
        assert_eq!(client.config().unwrap_err().message(), "nobody answers");
        assert_eq!(client.submit(|x: i64| x + 1, 1).result().unwrap(), 2);
        assert_eq!((client.config().is_ok(), tries.load(SeqCst)), (true, 2));
    }
}
