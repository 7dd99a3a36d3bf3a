//! Physical operators that DataFusion does not have. What each does, it says as an [`Operator`](crate::lower::Operator).
//!
//! - `asof`: the nearest row in time. `hstack`: two inputs, row beside row. `unique_keys`: a check on the way into a join.
//! - `explode`: lists to rows. `unpivot`: columns to rows. `sample`, `sample_n`: some rows, by chance.
//! - `partitions`, `repartition`: other partitions, by what `by` says; `assign`, `key_sample`, `bounds`: what it is cut into.
//! - `build_side`: a word of the user to the planner. It is gone before a plan runs.
//! - `count_distinct`: how many different values each group has.
//! - `window`: columns over rows with equal keys. `top`: the first rows of each group; `partial_top`: what is left out
//!   before it. `row_ids`: the order of rows, as a column.
//! - `shared`: rows that several places of a plan read.

mod asof;
mod assign;
mod bounds;
mod build_side;
mod by;
mod count_distinct;
mod explode;
mod hstack;
mod key_sample;
mod partial_top;
mod partitions;
mod repartition;
mod row_ids;
mod sample;
mod sample_n;
mod shared;
mod top;
mod unique_keys;
mod unpivot;
pub(crate) mod window;

pub(crate) use asof::{Asof, Direction, Sorted, Within, nullable};
pub(crate) use assign::Assign;
pub(crate) use bounds::Bounds;
pub(crate) use build_side::BuildSide;
pub(crate) use by::{By, Key as RangeKey};
pub(crate) use count_distinct::CountDistinct;
pub(crate) use explode::{Explode, item};
pub(crate) use hstack::Hstack;
pub(crate) use key_sample::KeySample;
pub(crate) use partial_top::PartialTop;
pub(crate) use partitions::Partitions;
pub(crate) use repartition::Repartition;
pub(crate) use row_ids::RowIds;
#[cfg(feature = "query")]
pub(crate) use row_ids::TaskNumber;
pub(crate) use sample::Sample;
pub(crate) use sample_n::SampleN;
pub(crate) use shared::{SharedExec, SharedRegistry, Sharing};
pub(crate) use top::Top;
pub(crate) use unique_keys::UniqueKeys;
pub(crate) use unpivot::{NAMES as UNPIVOTED, Unpivot};

use crate::lower::Plan;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;
use datafusion::{
    common::Result as DfResult,
    error::DataFusionError,
    execution::SendableRecordBatchStream,
    physical_expr::{PhysicalExpr, expressions::Column},
    physical_plan::stream::RecordBatchStreamAdapter,
};
use futures::stream;
use std::sync::Arc;

/// Makes the batches of one partition, one after another.
trait Rows: Send + 'static {
    /// The next batch, or the end.
    fn next(&mut self) -> impl Future<Output = DfResult<Option<RecordBatch>>> + Send;
}

/// What [`Rows`] makes, as a stream.
fn streamed(schema: SchemaRef, rows: impl Rows) -> SendableRecordBatchStream {
    let batches = stream::try_unfold(rows, |mut rows| async move {
        let batch = rows.next().await?;
        Ok::<_, DataFusionError>(batch.map(|batch| (batch, rows)))
    });
    Box::pin(RecordBatchStreamAdapter::new(schema, batches))
}

/// A batch of this many rows, also where there are no columns.
fn batch_of(schema: &SchemaRef, columns: Vec<ArrayRef>, rows: usize) -> DfResult<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(schema.clone(), columns, &options)?)
}

/// The bytes of a batch's rows. What else its buffers hold is not counted: it may be a slice of many.
fn bytes_of(batch: &RecordBatch) -> usize {
    let of_column = |column: &ArrayRef| column.to_data().get_slice_memory_size().unwrap_or_else(|_| column.get_array_memory_size());
    batch.columns().iter().map(of_column).sum()
}

/// A column of an input, as an expression.
fn column(input: &Plan, at: usize) -> Arc<dyn PhysicalExpr> {
    Arc::new(Column::new(input.schema().field(at).name(), at))
}
