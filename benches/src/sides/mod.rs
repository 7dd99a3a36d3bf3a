//! Who takes part: processes that do the same work and are asked by turns, all in the same way.
//!
//! - [`Side`]: how one is called and started. [`Process`]: one that runs, with the memory it takes (`memory`).
//! - [`Request`] and its replies (`protocol`): lines of JSON on stdin and stdout. `peers/protocol.py` is the same in Python.
//! - [`serve`]: this program as a side. `answering`: the loop; `own`: Stratal; `plain_sql` and `plain_distributed`: DataFusion and
//!   datafusion-distributed alone, both by `sql`; `plain_faer` and `plain_zarrs`: these alone; `stream`: what memory gives.

mod answering;
mod memory;
mod own;
mod plain_distributed;
mod plain_faer;
mod plain_sql;
mod plain_zarrs;
mod process;
mod protocol;
mod side;
mod sql;
mod stream;

pub(crate) use answering::{Done, Work};
pub(crate) use process::Process;
pub(crate) use protocol::{Reply, Request};
pub(crate) use side::{Role, Side};

use stratal::Result;

/// This program as a side, until its stdin ends.
pub(crate) fn serve(role: Role, threads: usize) -> Result<()> {
    match role {
        Role::Stratal => own::here(threads),
        Role::StratalSql => own::by_sql(threads),
        Role::Workers => own::on_workers(threads, "auto"),
        Role::Query => own::on_workers(threads, "query"),
        Role::Layers => own::on_workers(threads, "layers"),
        Role::Datafusion => plain_sql::serve(threads),
        Role::DatafusionDistributed => plain_distributed::serve(threads),
        Role::DatafusionWorker => plain_distributed::work(threads),
        Role::Stream => stream::serve(threads),
        Role::Faer => plain_faer::serve(threads),
        Role::Zarrs => plain_zarrs::serve(threads),
    }
}
