//! [`Hstack`]: the columns of two inputs side by side, row beside row.
//!
//! Both come in one partition, their own put together in order. Nothing is held but a batch of each.

use super::{Rows, batch_of, streamed};
use crate::{
    error::to_datafusion,
    lower::{Operator, OperatorExec, Plan},
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{FieldRef, Schema, SchemaRef};
use datafusion::{
    common::Result as DfResult,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::Distribution,
};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result};

/// All columns of the first input, then all of the second, which has as many rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Hstack;

impl Operator for Hstack {
    const NAME: &'static str = "HstackExec";

    fn layer(&self) -> Option<String> {
        Some("hstack".to_owned())
    }

    fn schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        let fields = inputs.iter().flat_map(|input| input.fields().iter().cloned());
        Ok(Arc::new(Schema::new(fields.collect::<Vec<FieldRef>>())))
    }

    fn distributions(&self, inputs: &[Plan]) -> Vec<Distribution> {
        vec![Distribution::SinglePartition; inputs.len()]
    }

    fn sees_order(&self) -> bool {
        true
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let schema = self.schema(&[node.inputs()[0].schema(), node.inputs()[1].schema()])?;
        let left = Side::new(node.input(0, partition, &context)?);
        let right = Side::new(node.input(1, partition, &context)?);
        Ok(streamed(schema.clone(), Beside { schema, left, right }))
    }
}

/// An input at work.
struct Side {
    input: SendableRecordBatchStream,
    /// Rows that were read and did not come out.
    rest: Option<RecordBatch>,
    /// Rows that were read.
    rows: u64,
    /// Whether there are no more.
    is_done: bool,
}

impl Side {
    fn new(input: SendableRecordBatchStream) -> Self {
        Side { input, rest: None, rows: 0, is_done: false }
    }

    /// How many rows can be taken; none at the end.
    async fn ready(&mut self) -> DfResult<usize> {
        loop {
            if let Some(rest) = &self.rest
                && rest.num_rows() > 0
            {
                return Ok(rest.num_rows());
            }
            if self.is_done {
                return Ok(0);
            }
            self.rest = self.input.try_next().await?;
            match &self.rest {
                Some(rest) => self.rows += rest.num_rows() as u64,
                None => self.is_done = true,
            }
        }
    }

    fn take(&mut self, rows: usize) -> Vec<ArrayRef> {
        let Some(rest) = self.rest.take() else { return Vec::new() };
        let taken = rest.slice(0, rows).columns().to_vec();
        self.rest = Some(rest.slice(rows, rest.num_rows() - rows));
        taken
    }

    /// The number of all its rows.
    async fn count(&mut self) -> DfResult<u64> {
        self.rest = None;
        while self.ready().await? > 0 {
            self.rest = None;
        }
        Ok(self.rows)
    }
}

struct Beside {
    schema: SchemaRef,
    left: Side,
    right: Side,
}

impl Rows for Beside {
    async fn next(&mut self) -> DfResult<Option<RecordBatch>> {
        match (self.left.ready().await?, self.right.ready().await?) {
            (0, 0) => Ok(None),
            (0, _) | (_, 0) => {
                let (left, right) = (self.left.count().await?, self.right.count().await?);
                let message = format!("the left frame has {left} rows, and the right {right}");
                let help = "hstack(..) puts row beside row; join(..) finds rows by their keys";
                Err(to_datafusion(Error::new(ErrorKind::BadValue, message).with_help(help)))
            }
            (left, right) => {
                let rows = left.min(right);
                let columns = self.left.take(rows).into_iter().chain(self.right.take(rows)).collect();
                batch_of(&self.schema, columns, rows).map(Some)
            }
        }
    }
}
