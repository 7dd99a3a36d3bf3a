//! What a [`DFrame`](crate::DFrame) records: one source, then transformations, each with its place in the program.
//!
//! A transformation stands in a file of its own and knows its name, how it is shown, how it changes a plan, and whether it
//! looks at rows one by one. One that takes in other frames is a [`Combine`]: it sees all rows of all of them.

mod cast;
mod concat;
mod drop;
mod drop_nulls;
mod fill_null;
mod filter;
mod group_by;
mod head;
mod join;
mod join_cross;
mod null_count;
mod rename;
mod select;
mod slice;
mod sort;
mod tail;
mod unique;
mod value_counts;
mod with_columns;

pub(crate) use cast::Cast;
pub(crate) use concat::Concat;
pub(crate) use drop::Drop;
pub(crate) use drop_nulls::DropNulls;
pub(crate) use fill_null::FillNull;
pub(crate) use filter::Filter;
pub(crate) use group_by::{Aggregate, GroupBy};
pub(crate) use head::Head;
pub(crate) use join::Join;
pub(crate) use join_cross::JoinCross;
pub(crate) use null_count::NullCount;
pub(crate) use rename::Rename;
pub(crate) use select::Select;
pub(crate) use slice::Slice;
pub(crate) use sort::Sort;
pub(crate) use tail::Tail;
pub(crate) use unique::Unique;
pub(crate) use value_counts::ValueCounts;
pub(crate) use with_columns::{WithColumns, arithmetic_name};

use crate::source::Source;
use datafusion::logical_expr::LogicalPlan;
use std::{
    fmt,
    panic::Location,
    sync::{Arc, OnceLock},
};
use stratal_core::{Error, Result};

/// Which rows a transformation has to see to make one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The row itself: partitions stay as they are.
    Row,
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

/// Anything printable, separated by commas.
fn listed<T: fmt::Debug>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| format!("{item:?}")).collect::<Vec<_>>().join(", ")
}
