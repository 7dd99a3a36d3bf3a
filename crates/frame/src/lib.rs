//! `DFrame`: lazy, partitioned dataframes over Stratal's task graph.
//!
//! A [`DFrame`] writes down steps. The first verb binds them to a DataFusion plan, lowers that to a
//! [`LayeredGraph`](stratal_core::graph::LayeredGraph), and runs it with the client in force; [`Frame`] is what comes back.
//!
//! ```
//! use stratal_frame::{DFrame, col, frame};
//! let people = frame! { "name" => ["Alice", "Bob", "Alice"], "amount" => [10i64, 20, 30] };
//! let alice = people.with_column("amount", col("amount") + 100).filter(col("name").eq("Alice"));
//! assert_eq!(alice.collect()?.column::<i64>("amount")?, [110, 130]);
//! # Ok::<(), stratal_core::Error>(())
//! ```
//!
//! # Layout
//! `expr` expressions · `dframe` the collection and its verbs · `steps` one transformation a file · `source` files and
//! memory as tables · `bind` names and types · `nodes` what DataFusion's plans have no node for,
//! `operators` how such nodes run, `functions` aggregates that it does not have · `session` how DataFusion is set up · `lower`
//! plans to layers, and the task kind that runs them · `engine` which engine runs a plan · `query` whole queries on a cluster ·
//! `frame` results · `format` rows as text · `sink` rows to files · `run` every use of the client · `sql` text over frames ·
//! `declared` the schemas of functions' results · [`interop`] DataFusion's own types · [`testing`] for tests · `types` how types are
//! called · `ipc` rows as bytes · `leaf` what plan nodes say alike · `error` DataFusion's errors as ours.

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod bind;
mod declared;
mod dframe;
mod engine;
mod error;
mod expr;
mod format;
mod frame;
mod functions;
pub mod interop;
mod ipc;
mod leaf;
mod lower;
mod nodes;
mod operators;
#[cfg(feature = "query")]
pub mod query;
mod run;
mod session;
mod sink;
mod source;
mod sql;
mod steps;
pub mod testing;
mod types;

pub use declared::{DeclaredSchema, IntoSchema, SameSchema};
pub use dframe::{
    AsofOptions, DFrame, GroupBy, How, IntoColumn, IntoTables, JoinOptions, Partitioning, PivotOptions, left_col, left_on, on, on_expr,
    right_col, right_on,
};
pub use expr::{
    DtExpr, Expr, IntoArguments, IntoExpr, IntoExprs, IntoSortKeys, ListExpr, RowValue, Selector, SortKey, StrExpr, Then, Trailing, When,
    Window, call, coalesce, col, cols, concat_str, corr, count, cov, cume_dist, date, datetime, dense_rank, every, greatest, least, lit,
    ntile, null, percent_rank, rank, row_number, sql_expr, when,
};
pub use frame::{Frame, FromColumn};
pub use sink::{CsvWrite, IpcWrite, JsonWrite, Mode, ParquetWrite, WriteSummary};
pub use source::{
    ColumnOrigin,
    csv::{CsvOptions, OnMismatch, RaggedRows},
    files::IntoPaths,
    ipc::IpcOptions,
    json::JsonOptions,
    parquet::ParquetOptions,
};
pub use types::ColumnType;

/// The version of DataFusion, which the processes of a cluster must agree on: plans and hashes are its own.
pub const DATAFUSION_VERSION: &str = datafusion::DATAFUSION_VERSION;
