//! [`Unpivot`]: a row for each of some columns, with the column's name and its value.
//!
//! Every batch comes out once for each column, so that the others are passed on as they are.

use super::{Rows, batch_of, streamed};
use crate::lower::{Operator, OperatorExec};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::{
    common::Result as DfResult,
    execution::{SendableRecordBatchStream, TaskContext},
};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::{iter, sync::Arc};
use stratal_core::Result;

/// What the column of names is called, and that of values.
pub(crate) const NAMES: [&str; 2] = ["variable", "value"];

/// The first `index` columns of its input, then the name of one of the others and its value. The others, at least one, are
/// of one type.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Unpivot {
    pub(crate) index: usize,
}

impl Operator for Unpivot {
    const NAME: &'static str = "UnpivotExec";

    fn layer(&self) -> Option<String> {
        Some("unpivot".to_owned())
    }

    fn arguments(&self) -> String {
        format!("index={}", self.index)
    }

    fn schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        let fields = inputs[0].fields();
        let value = fields.get(self.index).map_or(DataType::Null, |field| field.data_type().clone());
        let made = [Field::new(NAMES[0], DataType::Utf8, false), Field::new(NAMES[1], value, true)].map(Arc::new);
        Ok(Arc::new(Schema::new(fields.iter().take(self.index).cloned().chain(made).collect::<Vec<FieldRef>>())))
    }

    fn sees_order(&self) -> bool {
        true
    }

    fn takes_by_place(&self) -> bool {
        false
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = node.inputs()[0].schema();
        let names = input.fields().iter().skip(self.index).map(|field| field.name().clone()).collect();
        let schema = self.schema(&[input])?;
        let input = node.input(0, partition, &context)?;
        Ok(streamed(schema.clone(), Unpivoted { input, schema, index: self.index, names, open: None }))
    }
}

/// A partition at work.
struct Unpivoted {
    input: SendableRecordBatchStream,
    schema: SchemaRef,
    index: usize,
    names: Vec<String>,
    /// A batch, and the next of its columns to come out.
    open: Option<(RecordBatch, usize)>,
}

impl Rows for Unpivoted {
    async fn next(&mut self) -> DfResult<Option<RecordBatch>> {
        loop {
            if let Some((batch, next)) = &mut self.open
                && let Some(name) = self.names.get(*next)
            {
                let rows = batch.num_rows();
                let mut columns: Vec<ArrayRef> = batch.columns()[..self.index].to_vec();
                columns.push(Arc::new(StringArray::from_iter_values(iter::repeat_n(name, rows))));
                columns.push(batch.column(self.index + *next).clone());
                *next += 1;
                return batch_of(&self.schema, columns, rows).map(Some);
            }
            self.open = match self.input.try_next().await? {
                Some(batch) => Some((batch, 0)),
                None => return Ok(None),
            };
        }
    }
}
