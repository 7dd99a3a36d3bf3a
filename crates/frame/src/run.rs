//! Every use of the client: what lowering may ask, and how a graph is run.

use std::sync::Arc;
use stratal_core::{
    Client, Error, Result,
    client::{Lease, Submitted},
    config::{Config, Exchange},
    graph::{HeldRange, LayeredGraph},
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
    /// Where tasks run, for people.
    pub(crate) place: &'static str,
}

/// Asks the client. The first use of one that is made from the configuration connects.
pub(crate) fn target(client: &Client) -> Result<Target> {
    let config = client.config()?.clone();
    let topology = client.executor()?.topology();
    let is_cut = match config.execution.exchange {
        Exchange::Auto => !topology.same_process,
        Exchange::Pipe => false,
        Exchange::Store => true,
    };
    let place = if topology.same_process { "this process" } else { "the cluster" };
    Ok(Target { config, partitions: topology.slots as usize, is_cut, place })
}

fn options(graph: &LayeredGraph) -> RunOptions {
    let name = graph.layers.last().map_or_else(String::new, |layer| layer.spec.name.clone());
    RunOptions { name, fail_fast: true, ..RunOptions::default() }
}

/// Runs a graph of one output and gives its results, in order.
pub(crate) fn run(client: &Client, graph: &LayeredGraph) -> Result<Vec<Data>> {
    let submitted = client.run(graph, options(graph))?;
    (0..submitted.len(0)).map(|nth| submitted.data(0, nth)).collect()
}

/// [`run`], async.
pub(crate) async fn run_async(client: &Client, graph: &LayeredGraph) -> Result<Vec<Data>> {
    let submitted = client.run_async(graph, options(graph)).await?;
    let mut all = Vec::new();
    for nth in 0..submitted.len(0) {
        all.push(submitted.data_async(0, nth).await?);
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

/// Does what blocks (listing files, planning, connecting) where it holds nobody up.
pub(crate) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = runtime::io().spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Error::internal(format!("planning broke off: {error}"))))
}
