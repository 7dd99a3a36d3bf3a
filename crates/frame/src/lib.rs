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
//! memory as tables · `bind` names and types · `nodes` what DataFusion's plans have no node for · `session` how DataFusion
//! is set up · `lower` plans to layers, and the task kind that runs them · `frame` results · `run` every use of the client.

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod bind;
mod dframe;
mod error;
mod expr;
mod frame;
mod ipc;
mod leaf;
mod lower;
mod nodes;
mod run;
mod session;
mod source;
mod steps;
mod types;

pub use dframe::{DFrame, GroupBy, How, IntoColumn, JoinOptions, left_on, on, right_on};
pub use expr::{Expr, IntoExpr, IntoExprs, IntoSortKeys, SortKey, col, count, lit, null};
pub use frame::{Frame, FromColumn};
pub use source::csv::{CsvOptions, IntoPaths, OnMismatch};
pub use types::ColumnType;

/// The version of DataFusion, which the processes of a cluster must agree on: plans and hashes are its own.
pub const DATAFUSION_VERSION: &str = datafusion::DATAFUSION_VERSION;
