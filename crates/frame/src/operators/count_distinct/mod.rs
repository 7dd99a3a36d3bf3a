//! [`CountDistinct`]: how many different values each group has. Null is not counted.
//!
//! Rows of one key meet in one partition, so that each counts by itself: it numbers the keys and holds the different values of
//! each. Where memory is short, what is held goes to disk and DataFusion's aggregates, which sort there, do the rest.
//!
//! - `held`: the groups so far. `pairs`: values by group; `table`: those of large groups. `bits`: values as numbers.
//! - `texts`: bytes of texts. `spill`: what is done where memory is short, or where these are too many.

mod bits;
mod held;
mod pairs;
mod spill;
mod table;
mod texts;

use self::{
    held::Held,
    spill::{counted, narrow},
};
use super::{Rows, batch_of, bytes_of, column, streamed};
use crate::lower::{Operator, OperatorExec, Plan};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::{
    common::Result as DfResult,
    error::DataFusionError,
    execution::{
        SendableRecordBatchStream, TaskContext,
        memory_pool::{MemoryConsumer, MemoryReservation},
    },
    physical_expr::{PhysicalExpr, expressions::Column},
    physical_plan::{Distribution, ExecutionPlan, ExecutionPlanProperties, Partitioning, stream::RecordBatchStreamAdapter},
};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, sync::Arc};
use stratal_core::Result;

/// What it is called where it asks for memory.
const NAME: &str = "n_unique";

/// One row for each key: the key, and how many different values its rows have.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CountDistinct {
    /// The columns of the key, and what they are called in its rows.
    pub(crate) keys: Vec<(usize, String)>,
    /// The column of the values.
    pub(crate) value: usize,
    /// What the column of counts is called.
    pub(crate) name: String,
}

impl Operator for CountDistinct {
    const NAME: &'static str = "CountDistinctExec";

    fn layer(&self) -> Option<String> {
        Some("aggregate".to_owned())
    }

    fn arguments(&self) -> String {
        format!("by={:?}, of={}", self.keys, self.value)
    }

    fn schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        let keys = self.keys.iter().map(|(at, name)| Arc::new(inputs[0].field(*at).clone().with_name(name)));
        let count = Arc::new(Field::new(&self.name, DataType::Int64, false));
        let fields: Vec<FieldRef> = keys.chain([count]).collect();
        Ok(Arc::new(Schema::new_with_metadata(fields, inputs[0].metadata().clone())))
    }

    /// Groups stay where their rows are.
    fn partitioning(&self, inputs: &[Plan]) -> Partitioning {
        let partitioning = inputs[0].output_partitioning();
        let by = match partitioning {
            Partitioning::Hash(by, _) => by.iter().map(|key| self.renamed(key)).collect::<Option<Vec<_>>>(),
            _ => None,
        };
        let parts = partitioning.partition_count();
        by.map_or(Partitioning::UnknownPartitioning(parts), |by| Partitioning::Hash(by, parts))
    }

    fn distributions(&self, inputs: &[Plan]) -> Vec<Distribution> {
        vec![Distribution::KeyPartitioned(self.keys.iter().map(|(at, _)| column(&inputs[0], *at)).collect())]
    }

    fn gains_by_spreading(&self) -> bool {
        true
    }

    fn is_blocking(&self) -> bool {
        true
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let counting = Counting {
            operator: self.clone(),
            schema: node.schema(),
            input: Some(node.input(0, partition, &context)?),
            given: Given::Here(VecDeque::new()),
            memory: MemoryConsumer::new(NAME).with_can_spill(true).register(context.memory_pool()),
            context,
        };
        Ok(streamed(node.schema(), counting))
    }
}

impl CountDistinct {
    /// A key of its input as a column of its own rows.
    fn renamed(&self, key: &Arc<dyn PhysicalExpr>) -> Option<Arc<dyn PhysicalExpr>> {
        let from = key.downcast_ref::<Column>()?.index();
        let to = self.keys.iter().position(|(at, _)| *at == from)?;
        Some(Arc::new(Column::new(&self.keys[to].1, to)))
    }

    /// The columns of its input that it looks at: the key, then the values.
    fn columns(&self) -> impl Iterator<Item = usize> {
        self.keys.iter().map(|(at, _)| *at).chain([self.value])
    }
}

/// A partition at work.
struct Counting {
    operator: CountDistinct,
    schema: SchemaRef,
    /// None once all was counted, or went to disk.
    input: Option<SendableRecordBatchStream>,
    given: Given,
    memory: MemoryReservation,
    context: Arc<TaskContext>,
}

/// Where its rows come from.
enum Given {
    Here(VecDeque<RecordBatch>),
    /// By DataFusion's aggregates.
    Disk(SendableRecordBatchStream),
}

impl Rows for Counting {
    async fn next(&mut self) -> DfResult<Option<RecordBatch>> {
        if let Some(input) = self.input.take() {
            self.given = self.count(input).await?;
        }
        match &mut self.given {
            Given::Here(batches) => Ok(batches.pop_front()),
            Given::Disk(rows) => match rows.try_next().await? {
                Some(rows) => narrow(&self.schema, &rows).map(Some),
                None => Ok(None),
            },
        }
    }
}

impl Counting {
    async fn count(&mut self, mut input: SendableRecordBatchStream) -> DfResult<Given> {
        let mut held = Held::new(&self.operator, &input.schema())?;
        while let Some(batch) = input.try_next().await? {
            if batch.num_rows() == 0 {
                continue;
            }
            if !held.has_room(&batch) {
                let rest = RecordBatchStreamAdapter::new(input.schema(), stream::iter([Ok(batch)]).chain(input));
                return counted(&self.operator, held, Box::pin(rest), &self.context, &self.memory).map(Given::Disk);
            }
            held.push(&batch)?;
            let has_room = match self.memory.try_resize(held.bytes()) {
                Ok(()) => !held.is_full(),
                Err(error) if matches!(error.find_root(), DataFusionError::ResourcesExhausted(_)) => false,
                Err(error) => return Err(error),
            };
            if !has_room {
                return counted(&self.operator, held, input, &self.context, &self.memory).map(Given::Disk);
            }
        }
        let Some(columns) = held.finish()? else { return Ok(Given::Here(VecDeque::new())) };
        let groups = columns[0].len();
        let all = batch_of(&self.schema, columns, groups)?;
        self.memory.resize(bytes_of(&all));
        let step = self.context.session_config().batch_size().max(1);
        Ok(Given::Here((0..groups).step_by(step).map(|at| all.slice(at, step.min(groups - at))).collect()))
    }
}
