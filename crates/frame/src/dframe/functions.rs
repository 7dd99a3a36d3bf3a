//! Functions of the user's on partitions and on batches.

use super::{DFrame, GroupBy};
use crate::{declared::IntoSchema, expr::Expr, frame::Frame, steps};
use arrow_array::RecordBatch;
use std::{panic::Location, sync::Arc};
use stratal_core::{
    Result,
    function::{Assemble, ByValue, Fallible, Function},
    value::Value,
};

/// How core knows a function of one value that may fail.
type Way<X, Y> = fn((X, ByValue)) -> (Result<Y>, Fallible);

/// A function of one value, without its types.
#[track_caller]
pub(super) fn function<X: Assemble, Y: Value>(function: impl Fn(X) -> Result<Y> + Send + Sync + 'static) -> Arc<Function> {
    Function::of::<(X,), Way<X, Y>, _>(function)
}

impl DFrame {
    /// Calls a function on every partition, as a whole. Partitions stay where they are, and so does the order of rows.
    ///
    /// What a partition is follows from the plan: see [`repartition`](Self::repartition). Filters and exchanges are not moved
    /// across the call. A closure runs in this process alone; a function of `#[stratal::task]` runs on every worker of a
    /// program that links it, with the retries and resources that it asks for. It may block, and run verbs of its own.
    ///
    /// The function is held to `schema`: [`SameSchema`](crate::SameSchema), or the names and types of the columns that it gives.
    ///
    /// ```
    /// use stratal_frame::{Frame, frame};
    /// let df = frame! { "x" => [1i64, 2, 3, 4] }.repartition(2);
    /// let rows = df.map_partitions(|part: Frame| frame! { "rows" => [part.len() as i64] }.collect(), [("rows", "i64")]);
    /// assert_eq!(rows.collect()?.column::<i64>("rows")?, [2, 2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn map_partitions(&self, f: impl Fn(Frame) -> Result<Frame> + Send + Sync + 'static, schema: impl IntoSchema) -> Self {
        let step = steps::MapPartitions { function: function(f), schema: schema.into_schema() };
        self.then(step, Location::caller())
    }

    /// Calls a function on every batch of rows, as they come: some thousands at a time, never none. A partition is not put
    /// together for it. Else as [`map_partitions`](Self::map_partitions).
    ///
    /// ```
    /// use arrow_array::RecordBatch;
    /// use stratal_frame::{SameSchema, frame};
    /// let df = frame! { "x" => [1i64, 2, 3] };
    /// let first = df.map_batches(|batch: RecordBatch| Ok(batch.slice(0, 1)), SameSchema);
    /// assert_eq!(first.collect()?.column::<i64>("x")?, [1]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn map_batches(&self, f: impl Fn(RecordBatch) -> Result<RecordBatch> + Send + Sync + 'static, schema: impl IntoSchema) -> Self {
        let step = steps::MapBatches { function: function(f), schema: schema.into_schema() };
        self.then(step, Location::caller())
    }
}

impl GroupBy {
    /// Calls a function once for each group, on its rows with all their columns, and puts what it gives one under another.
    ///
    /// Rows are brought together by the hash of the keys and sorted by them; a group is held whole, and no more than one at a time in
    /// a task. Null is a key like any other. Neither the order of groups nor that of the rows in one is promised. For the function
    /// and its schema see [`DFrame::map_partitions`].
    ///
    /// ```
    /// use stratal_frame::{Frame, SameSchema, col, frame};
    /// let df = frame! { "k" => ["a", "b", "a"], "x" => [1i64, 2, 3] };
    /// let largest = df.group_by("k").apply(|group: Frame| group.lazy().sort(col("x").desc()).head(1).collect(), SameSchema);
    /// assert_eq!(largest.sort("k").collect()?.column::<i64>("x")?, [3, 2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn apply(&self, f: impl Fn(Frame) -> Result<Frame> + Send + Sync + 'static, schema: impl IntoSchema) -> DFrame {
        let (frame, keys, at): (&DFrame, &[Expr], _) = self.parts();
        frame.then(steps::Apply { keys: keys.to_vec(), function: function(f), schema: schema.into_schema() }, at)
    }
}
