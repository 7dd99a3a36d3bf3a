//! Stratal as a side: in one process, or on worker processes of one thread each.

use super::answering;
use crate::suites;
use stratal::{Client, Result, cluster::LocalCluster, frame::DATAFUSION_VERSION};

/// In this process.
pub(super) fn here(threads: usize) -> Result<()> {
    answer(&Client::builder().threads(threads).detached().local()?)
}

/// A scheduler, and so many workers of one thread.
pub(super) fn on_workers(workers: usize) -> Result<()> {
    let cluster = LocalCluster::builder().workers(workers).threads(1).start()?;
    answer(&cluster.client()?)
}

fn answer(client: &Client) -> Result<()> {
    let _entered = client.enter();
    let version = format!("Stratal {} on DataFusion {DATAFUSION_VERSION}", env!("CARGO_PKG_VERSION"));
    answering::answer(version, |request| suites::find(&request.suite)?.ready(request))
}
