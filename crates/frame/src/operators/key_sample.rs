//! [`KeySample`]: some of the keys of a partition, evenly spread over its rows, and how many rows each stands for.
//!
//! Which rows are taken follows from the number of rows alone, so that a partition that is made again is sampled alike.

use super::{Rows, by::Key, streamed};
use crate::lower::{Operator, OperatorExec};
use arrow_array::{Array, ArrayRef, RecordBatch, UInt32Array, UInt64Array};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use arrow_select::{concat::concat, take::take};
use datafusion::{
    common::Result as DfResult,
    execution::{SendableRecordBatchStream, TaskContext},
};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::Result;

/// Keys that are taken of a partition, at least, where it has as many.
const MOST: usize = 4096;

/// About `MOST` keys of each partition.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct KeySample {
    pub(crate) keys: Vec<Key>,
}

impl Operator for KeySample {
    const NAME: &'static str = "KeySampleExec";

    fn layer(&self) -> Option<String> {
        Some("sample-keys".to_owned())
    }

    fn arguments(&self) -> String {
        format!("keys={}", self.keys.len())
    }

    fn schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        let keys = self.keys.iter().map(|key| inputs[0].fields()[key.column].clone());
        let weight: FieldRef = Arc::new(Field::new("weight", DataType::UInt64, false));
        Ok(Arc::new(Schema::new(keys.chain([weight]).collect::<Vec<_>>())))
    }

    fn is_blocking(&self) -> bool {
        true
    }

    fn takes_by_place(&self) -> bool {
        true
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let schema = self.schema(&[node.inputs()[0].schema()])?;
        let keys = self.keys.iter().map(|key| key.column).collect();
        let input = Some(node.input(0, partition, &context)?);
        Ok(streamed(schema.clone(), Sampling { input, keys, schema, taken: Taken::new(MOST) }))
    }
}

/// A partition at work.
struct Sampling {
    /// None once its keys came out.
    input: Option<SendableRecordBatchStream>,
    keys: Vec<usize>,
    schema: SchemaRef,
    taken: Taken,
}

impl Rows for Sampling {
    async fn next(&mut self) -> DfResult<Option<RecordBatch>> {
        let Some(mut input) = self.input.take() else { return Ok(None) };
        while let Some(batch) = input.try_next().await? {
            let keys: Vec<ArrayRef> = self.keys.iter().map(|key| batch.column(*key).clone()).collect();
            self.taken.push(&keys)?;
        }
        let Some(mut columns) = self.taken.finish()? else { return Ok(None) };
        let weights = UInt64Array::from(vec![self.taken.stride as u64; columns[0].len()]);
        columns.push(Arc::new(weights));
        Ok(Some(RecordBatch::try_new(self.schema.clone(), columns)?))
    }
}

/// Every so many-th row of those that were pushed.
struct Taken {
    most: usize,
    stride: usize,
    /// Rows that were pushed.
    rows: usize,
    parts: Vec<Vec<ArrayRef>>,
    len: usize,
}

impl Taken {
    fn new(most: usize) -> Self {
        Taken { most, stride: 1, rows: 0, parts: Vec::new(), len: 0 }
    }

    fn push(&mut self, keys: &[ArrayRef]) -> DfResult<()> {
        let rows = keys[0].len();
        let first = self.rows.next_multiple_of(self.stride) - self.rows;
        self.rows += rows;
        let every: UInt32Array = (first..rows).step_by(self.stride).map(|row| row as u32).collect();
        if every.is_empty() {
            return Ok(());
        }
        self.len += every.len();
        self.parts.push(keys.iter().map(|key| take(key, &every, None)).collect::<Result<_, _>>()?);
        while self.len > 2 * self.most {
            self.thin()?;
        }
        Ok(())
    }

    /// Leaves every second out.
    fn thin(&mut self) -> DfResult<()> {
        let Some(all) = self.finish()? else { return Ok(()) };
        let every: UInt32Array = (0..all[0].len() as u32).step_by(2).collect();
        self.len = every.len();
        self.stride *= 2;
        self.parts = vec![all.iter().map(|key| take(key, &every, None)).collect::<Result<_, _>>()?];
        Ok(())
    }

    /// What was taken, column by column.
    fn finish(&mut self) -> DfResult<Option<Vec<ArrayRef>>> {
        let parts = std::mem::take(&mut self.parts);
        let Some(first) = parts.first() else { return Ok(None) };
        let columns = (0..first.len()).map(|column| {
            let arrays: Vec<&dyn Array> = parts.iter().map(|part| part[column].as_ref()).collect();
            concat(&arrays)
        });
        Ok(Some(columns.collect::<Result<_, _>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Int64Array, cast::AsArray, types::Int64Type};

    #[test]
    fn what_is_taken_is_evenly_spread_whatever_the_batches_are() {
        for rows in [0usize, 1, 7, 8, 9, 100, 1000] {
            for batch in [1, 3, 64, 1000] {
                let mut taken = Taken::new(4);
                for start in (0..rows).step_by(batch) {
                    let end = rows.min(start + batch);
                    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(start as i64..end as i64));
                    taken.push(&[numbers]).unwrap();
                }
                let stride = taken.stride;
                let kept = taken.finish().unwrap().map_or(Vec::new(), |columns| columns[0].as_primitive::<Int64Type>().values().to_vec());
                let expected: Vec<i64> = (0..rows as i64).step_by(stride).collect();
                assert_eq!(kept, expected, "{rows} rows in batches of {batch}");
                assert!(kept.len() <= 8 && kept.len() >= rows.min(4), "{rows} rows in batches of {batch}: {}", kept.len());
            }
        }
    }
}
