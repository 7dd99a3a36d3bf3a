//! What programs import: `use stratal::prelude::*`. It shadows nothing in std; `stratal::Result`, `stratal::Error` and
//! `stratal::Value` are not in it.

#[cfg(feature = "array")]
pub use crate::array::{Axes, Chunks, DArray, DType, NewAxis, keep, s};
#[cfg(feature = "cluster")]
pub use crate::cluster::LocalCluster;
#[cfg(feature = "frame")]
pub use crate::frame::{
    AsofOptions, CsvOptions, CsvWrite, DFrame, Expr, Frame, GroupBy, How, IpcOptions, IpcWrite, JoinOptions, JsonOptions, JsonWrite, Mode,
    OnMismatch, ParquetOptions, ParquetWrite, Partitioning, PivotOptions, RaggedRows, SameSchema, Selector, SortKey, call, coalesce, col,
    cols, concat_str, count, date, datetime, every, frame, greatest, least, left_col, left_on, lit, null, on, on_expr, right_col, right_on,
    sql_expr, when,
};
#[cfg(feature = "frame")]
pub use crate::frame::{Window, corr, cov, cume_dist, dense_rank, ntile, percent_rank, rank, row_number};
pub use crate::{Client, Delayed, Edge, Graph, LayeredGraph, TaskFuture, TaskFutures, as_completed, compute, delayed, key, task};
