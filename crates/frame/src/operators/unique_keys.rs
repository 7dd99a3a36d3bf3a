//! [`UniqueKeys`]: a check that no two rows of a side of a join have one key, on the way into the join.
//!
//! Rows of one key meet in one partition, so that each partition is checked by itself; a join that is spread by its keys
//! wants them there anyway. The keys that were seen stay in memory, without the rows.

use super::{Rows, column, streamed};
use crate::{
    error::{of_datafusion, to_datafusion},
    lower::{Operator, OperatorExec, Plan},
};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow_buffer::NullBuffer;
use arrow_cast::display::array_value_to_string;
use arrow_schema::{FieldRef, Schema};
use arrow_select::filter::filter;
use datafusion::{
    common::Result as DfResult,
    execution::{
        SendableRecordBatchStream, TaskContext,
        memory_pool::{MemoryConsumer, MemoryReservation},
    },
    physical_plan::{
        Distribution,
        aggregates::{
            group_values::{GroupValues, new_group_values},
            order::GroupOrdering,
        },
    },
};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, sync::Arc};
use stratal_core::{Error, ErrorKind, Result};

/// The rows of its input as they are; an error where two of them have one key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct UniqueKeys {
    /// The columns of the key.
    pub(crate) keys: Vec<usize>,
    /// What the user calls them.
    pub(crate) names: Vec<String>,
    /// The side, for the error.
    pub(crate) side: String,
    /// Whether a key with a null in it is one too. It is equal to nothing otherwise.
    pub(crate) has_nulls: bool,
}

impl Operator for UniqueKeys {
    const NAME: &'static str = "UniqueKeysExec";

    fn layer(&self) -> Option<String> {
        Some("check-keys".to_owned())
    }

    fn arguments(&self) -> String {
        format!("{} of the {}", self.names.join(", "), self.side)
    }

    fn distributions(&self, inputs: &[Plan]) -> Vec<Distribution> {
        vec![Distribution::KeyPartitioned(self.keys.iter().map(|at| column(&inputs[0], *at)).collect())]
    }

    fn passes_rows(&self) -> bool {
        true
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let schema = node.inputs()[0].schema();
        let fields: Vec<FieldRef> = self.keys.iter().map(|at| schema.fields()[*at].clone()).collect();
        let rows = Checked {
            input: node.input(0, partition, &context)?,
            check: self.clone(),
            seen: new_group_values(Arc::new(Schema::new(fields)), &GroupOrdering::None).map_err(of_datafusion)?,
            memory: MemoryConsumer::new("join").register(context.memory_pool()),
        };
        Ok(streamed(schema, rows))
    }
}

/// A partition at work.
struct Checked {
    input: SendableRecordBatchStream,
    check: UniqueKeys,
    /// The keys so far, each with a number.
    seen: Box<dyn GroupValues>,
    memory: MemoryReservation,
}

impl Checked {
    fn check(&mut self, batch: &RecordBatch) -> DfResult<()> {
        let keys: Vec<ArrayRef> = self.check.keys.iter().map(|at| batch.column(*at).clone()).collect();
        let keys = if self.check.has_nulls { keys } else { without_nulls(keys)? };
        let (before, mut numbers) = (self.seen.len(), Vec::new());
        self.seen.intern(&keys, &mut numbers)?;
        if self.seen.len() - before < numbers.len() {
            return Err(to_datafusion(self.check.twice(&keys, &numbers, before)));
        }
        self.memory.try_resize(self.seen.size())
    }
}

/// The keys of the rows in which none is null.
fn without_nulls(keys: Vec<ArrayRef>) -> DfResult<Vec<ArrayRef>> {
    let nulls = keys.iter().fold(None, |so_far: Option<NullBuffer>, key| NullBuffer::union(so_far.as_ref(), key.logical_nulls().as_ref()));
    match nulls.filter(|nulls| nulls.null_count() > 0) {
        None => Ok(keys),
        Some(nulls) => {
            let is_there = BooleanArray::new(nulls.into_inner(), None);
            Ok(keys.iter().map(|key| filter(key, &is_there)).collect::<Result<Vec<_>, _>>()?)
        }
    }
}

impl UniqueKeys {
    /// The error, with the first key that was there before.
    fn twice(&self, keys: &[ArrayRef], numbers: &[usize], before: usize) -> Error {
        let mut of_batch = HashSet::new();
        let row = numbers.iter().position(|number| *number < before || !of_batch.insert(*number)).unwrap_or_default();
        let shown = self.names.iter().zip(keys).map(|(name, key)| match array_value_to_string(key, row) {
            Ok(value) if key.is_valid(row) => format!("{name} = {value}"),
            _ => format!("{name} = null"),
        });
        let shown = shown.collect::<Vec<_>>().join(", ");
        let message = format!("the {} frame has more than one row with {shown}, and validate(..) wants one", self.side);
        let names = self.names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
        Error::new(ErrorKind::BadValue, message)
            .with_help(format!("unique([{names}]) keeps one row of each; value_counts([{names}]) counts them"))
    }
}

impl Rows for Checked {
    async fn next(&mut self) -> DfResult<Option<RecordBatch>> {
        let batch = self.input.try_next().await?;
        if let Some(batch) = &batch {
            self.check(batch)?;
        }
        Ok(batch)
    }
}
