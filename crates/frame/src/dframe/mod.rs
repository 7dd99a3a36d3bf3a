//! [`DFrame`]: what a user writes down. Builders record steps and can neither fail nor block; verbs run them.
//!
//! `make`: frames from files and memory. `transform`: builders. `rows`: builders that keep some rows, or mend them.
//! `group`: [`GroupBy`]. `join`: [`JoinOptions`]. `asof`: [`AsofOptions`]. `reshape`: [`PivotOptions`], rows to columns and
//! back. `sample`: some rows, by chance. `concat`: [`How`]. `columns`: arrays from Rust values and the macro `frame!`.
//! `partitions`: [`Partitioning`]. `functions`: the user's own. `delayed`: frames and lazy values.
//! `verbs`: what makes work happen. `stream`: rows as they come. `sql`: queries in text. `write`: verbs that write files.

mod asof;
mod columns;
mod concat;
mod delayed;
mod functions;
mod group;
mod join;
mod make;
mod partitions;
mod reshape;
mod rows;
mod sample;
mod sql;
mod stream;
#[cfg(test)]
mod tests;
mod transform;
mod verbs;
mod write;

pub use asof::AsofOptions;
pub use columns::IntoColumn;
pub(crate) use columns::{Cell, Item};
pub use concat::How;
pub use group::GroupBy;
pub use join::{JoinOptions, left_col, left_on, on, on_expr, right_col, right_on};
pub(crate) use join::{Keys, LEFT, RIGHT, SUFFIX, UniqueSides};
pub(crate) use partitions::PartitionedBy;
pub use partitions::Partitioning;
pub use reshape::PivotOptions;
pub use sql::IntoTables;

use crate::{
    source::Source,
    steps::{Combine, Op, Step, Steps, Transform},
};
use delayed::Parts;
use std::{
    fmt,
    panic::Location,
    sync::{Arc, OnceLock},
};
use stratal_core::Client;

/// A lazy, partitioned dataframe. Immutable and cheap to clone; nothing is read before a verb.
///
/// ```
/// use stratal_frame::{col, frame};
/// let df = frame! { "name" => ["Alice", "Bob"], "amount" => [10i64, 20] };
/// let more = df.with_column("amount", col("amount") + 100);
/// assert_eq!(more.to_string(), "1. frame!([name, amount], 2 rows)\n2. with_column(amount + 100 as amount)");
/// assert_eq!(more.count()?, 2);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a frame does nothing until a verb such as collect()"]
pub struct DFrame {
    steps: Steps,
    client: Client,
    /// Its layers among lazy values, once they were asked for. Clones share them.
    parts: Arc<OnceLock<Parts>>,
}

impl DFrame {
    fn begin(op: Op, at: &'static Location<'static>) -> Self {
        DFrame { steps: vec![Arc::new(Step::new(op, at))], client: Client::current(), parts: Arc::default() }
    }

    /// What begins with a source of another room's.
    pub(crate) fn of_source(source: impl Source, at: &'static Location<'static>) -> Self {
        DFrame::begin(Op::Source(Arc::new(source)), at)
    }

    fn then(&self, transform: impl Transform, at: &'static Location<'static>) -> Self {
        self.and(Op::Transform(Arc::new(transform)), at)
    }

    fn combine(&self, combine: impl Combine, others: Vec<Steps>, at: &'static Location<'static>) -> Self {
        self.and(Op::Combine(Arc::new(combine), others), at)
    }

    fn and(&self, op: Op, at: &'static Location<'static>) -> Self {
        let mut steps = Vec::with_capacity(self.steps.len() + 1);
        steps.extend(self.steps.iter().cloned());
        steps.push(Arc::new(Step::new(op, at)));
        DFrame { steps, client: self.client.clone(), parts: Arc::default() }
    }

    /// The same frame, run by another client.
    pub fn with_client(&self, client: &Client) -> Self {
        DFrame { steps: self.steps.clone(), client: client.clone(), parts: Arc::default() }
    }
}

/// The steps, one a line. Runs nothing.
impl fmt::Display for DFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.steps.iter().enumerate() {
            let newline = if at == 0 { "" } else { "\n" };
            write!(f, "{newline}{}. {step}", at + 1)?;
        }
        Ok(())
    }
}

impl fmt::Debug for DFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
