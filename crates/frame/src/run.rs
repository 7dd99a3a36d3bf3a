//! Every use of the client: what lowering may ask, and how a graph is run.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use stratal_core::{
    Client, Error, ErrorKind, Key, Result,
    client::{Lease, Submitted},
    config::{Config, Exchange},
    graph::{HeldRange, LayeredGraph, Output, Slicing},
    runtime,
    sched::RunOptions,
    value::Data,
};

/// What lowering has to know of where a graph will run.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) config: Arc<Config>,
    /// Partitions after an exchange.
    pub(crate) partitions: usize,
    /// Whether rows pass between partitions through the stores, so that a plan is cut there.
    pub(crate) is_cut: bool,
    /// Whether tasks run in this process.
    pub(crate) is_here: bool,
    /// Where tasks run, for people.
    pub(crate) place: &'static str,
    /// The processes that serve the query engine.
    #[cfg(feature = "query")]
    pub(crate) workers: u32,
    /// The bytes that each of them may hold in memory, where that is known.
    #[cfg(feature = "query")]
    pub(crate) memory: Option<u64>,
}

/// Asks the client. The first use of one that is made from the configuration connects.
pub(crate) fn target(client: &Client) -> Result<Target> {
    let config = client.config()?.clone();
    let executor = client.executor()?;
    let topology = executor.topology();
    let is_cut = match config.execution.exchange {
        Exchange::Auto => !topology.same_process,
        Exchange::Pipe => false,
        Exchange::Store => true,
    };
    let place = if topology.same_process { "this process" } else { "the cluster" };
    Ok(Target {
        config,
        partitions: topology.slots as usize,
        is_cut,
        is_here: topology.same_process,
        place,
        #[cfg(feature = "query")]
        workers: executor.workers().iter().filter(|worker| crate::query::serves(worker)).count() as u32,
        #[cfg(feature = "query")]
        memory: topology.memory,
    })
}

fn options(graph: &LayeredGraph) -> RunOptions {
    let name = graph.layers.last().map_or_else(String::new, |layer| layer.spec.name.clone());
    RunOptions { name, fail_fast: true, ..RunOptions::default() }
}

/// Runs a graph of one output and gives its results, in order.
pub(crate) fn run(client: &Client, graph: &LayeredGraph) -> Result<Vec<Data>> {
    let submitted = client.run(graph, options(graph)).map_err(helped)?;
    (0..submitted.len(0)).map(|nth| submitted.data(0, nth).map_err(helped)).collect()
}

/// Workers may come from a program without the query engine, or with another version of it.
fn helped(error: Error) -> Error {
    let lacks_engine = |said: &str| said.ends_with("task kind frame.query") || said.starts_with("no worker serves frame.query ");
    match error.kind() {
        ErrorKind::Unregistered if lacks_engine(error.message()) => {
            error.with_help("start workers with a program that has the features cluster and query, or set execution.engine to layers")
        }
        _ => error,
    }
}

/// [`run`], async.
pub(crate) async fn run_async(client: &Client, graph: &LayeredGraph) -> Result<Vec<Data>> {
    let submitted = client.run_async(graph, options(graph)).await.map_err(helped)?;
    let mut all = Vec::new();
    for nth in 0..submitted.len(0) {
        all.push(submitted.data_async(0, nth).await.map_err(helped)?);
    }
    Ok(all)
}

/// Runs a graph of one output and leaves its results where they are.
pub(crate) fn keep(client: &Client, graph: &LayeredGraph) -> Result<(Vec<HeldRange>, Lease)> {
    held(&client.run(graph, options(graph))?)
}

/// [`keep`], async.
pub(crate) async fn keep_async(client: &Client, graph: &LayeredGraph) -> Result<(Vec<HeldRange>, Lease)> {
    held(&client.run_async(graph, options(graph)).await?)
}

fn held(submitted: &Submitted) -> Result<(Vec<HeldRange>, Lease)> {
    submitted.held(0).ok_or_else(|| Error::internal("a run without an output"))
}

/// Runs a graph of one output and lets its results go. How long it took.
pub(crate) fn measure(client: &Client, graph: &LayeredGraph) -> Result<Duration> {
    let started = Instant::now();
    client.run(graph, options(graph))?;
    Ok(started.elapsed())
}

/// A run whose results are read one after another. Each is let go once it was read.
pub(crate) struct Reading {
    submitted: Submitted,
    next: usize,
    all: usize,
}

impl Reading {
    /// Begins to run a graph of one output. Tasks of it that are far ahead of the reader do not start.
    pub(crate) fn begin(client: &Client, mut graph: LayeredGraph) -> Result<Self> {
        let mut options = options(&graph);
        let is_gang = |output: &Output| graph.layer(output.layer).spec.slicing == Slicing::Whole;
        if !graph.outputs.iter().any(is_gang) {
            options.window = Some(2 * client.executor()?.topology().slots.max(1));
        }
        // Each result is an output of its own, so that it can be let go alone.
        let alone = |output: &Output| {
            let (layer, name) = (output.layer, output.key.name().to_owned());
            let one = move |index| Output { layer, tasks: (index..index + 1).into(), key: Key::from((name.as_str(), index)) };
            output.tasks.iter().map(one).collect::<Vec<_>>()
        };
        graph.outputs = graph.outputs.iter().flat_map(alone).collect();
        Ok(Reading { submitted: client.submit_graph(&graph, options)?, next: 0, all: graph.outputs.len() })
    }

    /// The number of the next result, if there is one.
    fn take(&mut self) -> Option<usize> {
        let next = self.next;
        self.next += 1;
        (next < self.all).then_some(next)
    }

    /// What reading a result gave. After a failure there are no more.
    fn taken(&mut self, output: usize, data: Result<Data>) -> Result<Data> {
        self.submitted.let_go(output);
        if data.is_err() {
            self.all = 0;
        }
        data
    }

    /// The next result, when it is there.
    pub(crate) fn next(&mut self) -> Option<Result<Data>> {
        let output = self.take()?;
        let data = self.submitted.data(output, 0);
        Some(self.taken(output, data))
    }

    /// [`next`](Self::next), async.
    pub(crate) async fn next_async(&mut self) -> Option<Result<Data>> {
        let output = self.take()?;
        let data = self.submitted.data_async(output, 0).await;
        Some(self.taken(output, data))
    }
}

/// Does what blocks (listing files, planning, connecting) where it holds nobody up.
pub(crate) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = runtime::io().spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Error::internal(format!("planning broke off: {error}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_without_the_query_engine_are_told_from_those_without_something_else() {
        let help = |message: &str| helped(Error::new(ErrorKind::Unregistered, message)).help().map(str::to_owned);
        for lacks in ["this process has no task kind frame.query", "no worker serves frame.query 4.0.0 (1 worker)"] {
            assert!(help(lacks).is_some_and(|help| help.contains("execution.engine") && help.contains("features")), "{lacks}");
        }
        for other in ["this process has no task kind frame.other", "no worker serves pictures 1.0 (2 workers)"] {
            assert_eq!(help(other), None);
        }
    }
}
