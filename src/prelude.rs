//! What programs import: `use stratal::prelude::*`. It shadows nothing in std; `stratal::Result`, `stratal::Error` and
//! `stratal::Value` are not in it.

#[cfg(feature = "cluster")]
pub use crate::cluster::LocalCluster;
#[cfg(feature = "frame")]
pub use crate::frame::{
    CsvOptions, DFrame, Expr, Frame, GroupBy, How, JoinOptions, OnMismatch, SortKey, col, count, frame, left_on, lit, null, on, right_on,
};
pub use crate::{Client, Delayed, Edge, Graph, LayeredGraph, TaskFuture, TaskFutures, as_completed, compute, delayed, key, task};
