//! What a [`DFrame`](crate::DFrame) records: one source, then transformations, each with its place in the program.
//!
//! A transformation stands in a file of its own and knows its name, how it is shown, how it changes a plan, and whether it
//! looks at rows one by one. One that takes in other frames is a [`Combine`]: it sees all rows of all of them.

mod apply;
mod cast;
mod concat;
mod describe;
mod drop;
mod drop_nulls;
mod explode;
mod fill_null;
mod filter;
mod group_by;
mod head;
mod hidden;
mod hstack;
mod join;
mod join_asof;
mod join_condition;
mod join_cross;
mod map_batches;
mod map_partitions;
mod null_count;
mod partitions;
mod pivot;
mod rename;
mod repartition;
mod sample;
mod select;
mod slice;
mod sort;
mod sql;
mod tail;
mod top;
mod unique;
mod unpivot;
mod value_counts;
mod with_columns;

pub(crate) use apply::Apply;
pub(crate) use cast::Cast;
pub(crate) use concat::Concat;
pub(crate) use describe::Describe;
pub(crate) use drop::Drop;
pub(crate) use drop_nulls::DropNulls;
pub(crate) use explode::Explode;
pub(crate) use fill_null::FillNull;
pub(crate) use filter::Filter;
pub(crate) use group_by::{Aggregate, GroupBy};
pub(crate) use head::Head;
pub(crate) use hstack::Hstack;
pub(crate) use join::Join;
pub(crate) use join_asof::JoinAsof;
pub(crate) use join_cross::JoinCross;
pub(crate) use map_batches::MapBatches;
pub(crate) use map_partitions::MapPartitions;
pub(crate) use null_count::NullCount;
pub(crate) use partitions::Partitions;
pub(crate) use pivot::Pivot;
pub(crate) use rename::Rename;
pub(crate) use repartition::Repartition;
pub(crate) use sample::{Sample, SampleN};
pub(crate) use select::Select;
pub(crate) use slice::Slice;
pub(crate) use sort::Sort;
pub(crate) use sql::Sql;
pub(crate) use tail::Tail;
pub(crate) use top::Top;
pub(crate) use unique::Unique;
pub(crate) use unpivot::Unpivot;
pub(crate) use value_counts::ValueCounts;
pub(crate) use with_columns::{WithColumns, arithmetic_name};

use crate::{
    expr::{Expr, has_sql, has_window},
    source::Source,
};
use datafusion::logical_expr::{Expr as Logical, LogicalPlan};
use std::{
    fmt,
    panic::Location,
    sync::{Arc, OnceLock},
};
use stratal_core::{Error, Result};

/// Which rows a transformation has to see to make one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The row itself, or those of its partition: partitions stay as they are.
    Row,
    /// Any, and in which partition they are: all partitions are read in order, each as it is.
    Partitions,
    /// Any: all partitions are read in order.
    All,
}

/// One transformation.
pub(crate) trait Transform: Send + Sync + 'static {
    /// The method that recorded it.
    fn name(&self) -> &'static str;

    /// The name of its layer.
    fn layer(&self) -> String {
        self.name().replace('_', "-")
    }

    /// Its arguments, as `Display` shows them.
    fn arguments(&self) -> String;

    /// Which rows it has to see.
    fn reach(&self) -> Reach {
        Reach::Row
    }

    /// The plan after it.
    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan>;
}

/// A transformation that takes in other frames.
pub(crate) trait Combine: Send + Sync + 'static {
    /// The method that recorded it.
    fn name(&self) -> &'static str;

    /// The name of its layer.
    fn layer(&self) -> String {
        self.name().replace('_', "-")
    }

    /// Its arguments, without the frames, as `Display` shows them.
    fn arguments(&self) -> String;

    /// The plan after it. The first input is the frame that it was called on.
    fn apply(&self, inputs: Vec<LogicalPlan>) -> Result<LogicalPlan>;
}

/// The steps of a frame.
pub(crate) type Steps = Vec<Arc<Step>>;

/// What a step does.
#[derive(Clone)]
pub(crate) enum Op {
    /// Begins a frame.
    Source(Arc<dyn Source>),
    /// Changes it.
    Transform(Arc<dyn Transform>),
    /// Brings it together with others.
    Combine(Arc<dyn Combine>, Vec<Steps>),
}

/// One recorded step. Frames that begin with the same steps share them, and with them the plans they were bound to.
pub(crate) struct Step {
    op: Op,
    at: &'static Location<'static>,
    bound: OnceLock<LogicalPlan>,
}

impl Step {
    pub(crate) fn new(op: Op, at: &'static Location<'static>) -> Self {
        Step { op, at, bound: OnceLock::new() }
    }

    pub(crate) fn op(&self) -> &Op {
        &self.op
    }

    /// The method that recorded it.
    pub(crate) fn name(&self) -> &'static str {
        match &self.op {
            Op::Source(source) => source.name(),
            Op::Transform(transform) => transform.name(),
            Op::Combine(combine, _) => combine.name(),
        }
    }

    /// The plan that ends with this step, once it was bound.
    pub(crate) fn bound(&self) -> Option<&LogicalPlan> {
        self.bound.get()
    }

    /// Keeps the plan that ends with this step.
    pub(crate) fn keep(&self, plan: LogicalPlan) -> LogicalPlan {
        self.bound.get_or_init(|| plan).clone()
    }

    /// The error with the number (from 0 here, from 1 in its text), name and place of this step.
    pub(crate) fn blame(&self, error: Error, at: usize) -> Error {
        error.at_step(at as u32 + 1, self.name()).at(self.at)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arguments = match &self.op {
            Op::Source(source) => source.arguments(),
            Op::Transform(transform) => transform.arguments(),
            Op::Combine(combine, others) => {
                let frames = others.iter().map(|steps| steps.iter().map(ToString::to_string).collect::<Vec<_>>().join("."));
                frames.chain([combine.arguments()]).collect::<Vec<_>>().join(", ")
            }
        };
        write!(f, "{}({arguments})", self.name())
    }
}

/// Rows one by one, unless a window looks at others, or SQL does, of which it is not known.
fn reach_of<'a>(exprs: impl IntoIterator<Item = &'a Expr>) -> Reach {
    let looks_around = |expr: &Logical| has_window(expr) || has_sql(expr);
    let looks_around = exprs.into_iter().any(|expr| expr.to_datafusion().is_ok_and(|expr| looks_around(&expr)));
    if looks_around { Reach::All } else { Reach::Row }
}

/// Anything printable, separated by commas.
fn listed<T: fmt::Debug>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| format!("{item:?}")).collect::<Vec<_>>().join(", ")
}
