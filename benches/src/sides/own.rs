//! Stratal as a side: in one process, or on worker processes of one thread each.

use super::{
    answering::{self, Work},
    protocol::Request,
};
use crate::{settings::Format, suites};
use stratal::{
    Client, Result,
    cluster::LocalCluster,
    frame::{DATAFUSION_VERSION, DFrame},
};

/// In this process.
pub(super) fn here(threads: usize) -> Result<()> {
    answer(&Client::builder().threads(threads).detached().local()?)
}

/// In this process, asked by SQL: the texts that plain DataFusion gets, so that the difference is what our layers cost or save.
pub(super) fn by_sql(threads: usize) -> Result<()> {
    let client = Client::builder().threads(threads).detached().local()?;
    let _entered = client.enter();
    answering::answer(version(), |request| {
        let request = request.clone();
        Ok(Work::new(move || Ok(asked(&request).collect()?.into())))
    })
}

/// The frame that a text asks for.
fn asked(request: &Request) -> DFrame {
    let files = |table: &String| format!("{}/{table}.*.{}", request.data, request.format);
    let frame = |table: &String| match request.format {
        Format::Csv => DFrame::read_csv(files(table)),
        Format::Parquet => DFrame::read_parquet(files(table)),
    };
    let tables: Vec<(String, DFrame)> = request.tables.iter().map(|table| (table.clone(), frame(table))).collect();
    DFrame::sql(request.sql.as_str(), tables)
}

/// A scheduler, and so many workers of one thread. The engine is what `execution.engine` says of queries.
pub(super) fn on_workers(workers: usize, engine: &str) -> Result<()> {
    let cluster = LocalCluster::builder().workers(workers).threads(1).start()?;
    answer(&Client::builder().set("execution.engine", engine).connect(&cluster.scheduler_addr())?)
}

fn answer(client: &Client) -> Result<()> {
    let _entered = client.enter();
    answering::answer(version(), |request| suites::find(&request.suite)?.ready(request))
}

fn version() -> String {
    format!("Stratal {} on DataFusion {DATAFUSION_VERSION}", env!("CARGO_PKG_VERSION"))
}
