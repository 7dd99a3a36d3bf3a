//! [`Explode`]: a row for each value of a list.
//!
//! A list that is null or empty gives one row with a null, so that no row is lost. Several lists of a row are taken side by
//! side and have to be of one length. A row of a long list comes out in several batches.

use super::{Rows, batch_of, streamed};
use crate::{
    error::to_datafusion,
    lower::{Operator, OperatorExec},
};
use arrow_array::{Array, ArrayRef, RecordBatch, UInt64Array, cast::AsArray};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use arrow_select::take::take;
use datafusion::{
    common::Result as DfResult,
    execution::{SendableRecordBatchStream, TaskContext},
};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::{ops::Range, sync::Arc};
use stratal_core::{Error, ErrorKind, Result};

/// The columns of its input, lists as their values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Explode {
    /// The columns that are lists, at least one.
    pub(crate) lists: Vec<usize>,
}

/// The type of a list's values, if it is one that can be taken apart.
pub(crate) fn item(list: &DataType) -> Option<&DataType> {
    match list {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => Some(item.data_type()),
        _ => None,
    }
}

impl Operator for Explode {
    const NAME: &'static str = "ExplodeExec";

    fn layer(&self) -> Option<String> {
        Some("explode".to_owned())
    }

    fn arguments(&self) -> String {
        format!("{:?}", self.lists)
    }

    fn schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        let field = |(at, field): (usize, &FieldRef)| match item(field.data_type()).filter(|_| self.lists.contains(&at)) {
            Some(item) => Arc::new(Field::new(field.name(), item.clone(), true)),
            None => field.clone(),
        };
        Ok(Arc::new(Schema::new(inputs[0].fields().iter().enumerate().map(field).collect::<Vec<FieldRef>>())))
    }

    fn sees_order(&self) -> bool {
        true
    }

    fn takes_by_place(&self) -> bool {
        false
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let schema = self.schema(&[node.inputs()[0].schema()])?;
        let batch_rows = context.session_config().batch_size().max(1);
        let input = node.input(0, partition, &context)?;
        let rows = Exploded { input, explode: self.clone(), schema: schema.clone(), batch_rows, open: None };
        Ok(streamed(schema, rows))
    }
}

/// The lists of a column.
struct Lists {
    values: ArrayRef,
    /// Where the values of each row are; none for a null.
    ranges: Vec<Range<usize>>,
}

impl Lists {
    fn new(column: &ArrayRef) -> Option<Self> {
        let offsets: Vec<usize>;
        let values = match column.data_type() {
            DataType::List(_) => {
                let list = column.as_list::<i32>();
                offsets = list.value_offsets().iter().map(|offset| *offset as usize).collect();
                list.values()
            }
            DataType::LargeList(_) => {
                let list = column.as_list::<i64>();
                offsets = list.value_offsets().iter().map(|offset| *offset as usize).collect();
                list.values()
            }
            DataType::FixedSizeList(..) => {
                let list = column.as_fixed_size_list();
                offsets = (0..=list.len()).map(|row| row * list.value_length() as usize).collect();
                list.values()
            }
            _ => return None,
        };
        let range = |row: usize| if column.is_null(row) { 0..0 } else { offsets[row]..offsets[row + 1] };
        Some(Lists { values: values.clone(), ranges: (0..column.len()).map(range).collect() })
    }

    /// How many rows a row becomes.
    fn rows(&self, row: usize) -> usize {
        self.ranges[row].len().max(1)
    }
}

/// A batch that has not come out as a whole.
struct Opened {
    batch: RecordBatch,
    lists: Vec<Lists>,
    /// The next row, and the next value of it.
    row: usize,
    value: usize,
}

/// A partition at work.
struct Exploded {
    input: SendableRecordBatchStream,
    explode: Explode,
    schema: SchemaRef,
    batch_rows: usize,
    open: Option<Opened>,
}

impl Exploded {
    fn open(&self, batch: RecordBatch) -> DfResult<Opened> {
        let lists = self.explode.lists.iter().map(|at| Lists::new(batch.column(*at)));
        let lists = lists.collect::<Option<Vec<_>>>().ok_or_else(|| to_datafusion(Error::internal("a column to explode is no list")))?;
        let name = |nth: usize| self.schema.field(self.explode.lists[nth]).name();
        for (nth, list) in lists.iter().enumerate().skip(1) {
            if let Some(row) = (0..batch.num_rows()).find(|row| list.rows(*row) != lists[0].rows(*row)) {
                let (one, other) = (lists[0].ranges[row].len(), list.ranges[row].len());
                let message = format!("a row has {one} values in {:?} and {other} in {:?}", name(0), name(nth));
                let help =
                    "columns that are exploded at once have lists of one length in every row; explode one after the other for all pairs";
                return Err(to_datafusion(Error::new(ErrorKind::BadValue, message).with_help(help)));
            }
        }
        Ok(Opened { batch, lists, row: 0, value: 0 })
    }
}

impl Opened {
    /// The next rows, up to `most`.
    fn emit(&mut self, most: usize, explode: &Explode, schema: &SchemaRef) -> DfResult<RecordBatch> {
        // The row that each comes from, and which of its values it has.
        let mut places: Vec<(usize, usize)> = Vec::new();
        while self.row < self.batch.num_rows() && places.len() < most {
            places.push((self.row, self.value));
            self.value += 1;
            if self.value == self.lists[0].rows(self.row) {
                (self.row, self.value) = (self.row + 1, 0);
            }
        }
        let rows: UInt64Array = places.iter().map(|(row, _)| *row as u64).collect::<Vec<u64>>().into();
        let columns = self.batch.columns().iter().enumerate().map(|(at, column)| -> DfResult<ArrayRef> {
            match explode.lists.iter().position(|list| *list == at) {
                Some(nth) => {
                    let list = &self.lists[nth];
                    let value = |(row, value): &(usize, usize)| list.ranges[*row].clone().nth(*value).map(|place| place as u64);
                    Ok(take(&list.values, &places.iter().map(value).collect::<UInt64Array>(), None)?)
                }
                None => Ok(take(column, &rows, None)?),
            }
        });
        let columns = columns.collect::<DfResult<Vec<ArrayRef>>>()?;
        batch_of(schema, columns, places.len())
    }
}

impl Rows for Exploded {
    async fn next(&mut self) -> DfResult<Option<RecordBatch>> {
        loop {
            if let Some(open) = &mut self.open
                && open.row < open.batch.num_rows()
            {
                return open.emit(self.batch_rows, &self.explode, &self.schema).map(Some);
            }
            self.open = match self.input.try_next().await? {
                Some(batch) => Some(self.open(batch)?),
                None => return Ok(None),
            };
        }
    }
}
