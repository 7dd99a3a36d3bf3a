//! [`JsonScan`]: the leaf of a plan that reads JSON files, a part of a file a partition.

use super::{
    decode::Decode,
    fault::{Wrong, find},
    records::{Next, Records},
    table::JsonTable,
};
use crate::{
    error::{of_datafusion, to_datafusion},
    lower::{Operator, OperatorExec},
    source::files::grouped,
};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, Fields, SchemaRef};
use datafusion::{
    common::ScalarValue,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{ExecutionPlan, coop::make_cooperative, stream::RecordBatchStreamAdapter},
};
use futures::stream;
use serde::{Deserialize, Serialize};
use std::{ops::Range, sync::Arc};
use stratal_core::{Error, ErrorKind, Result};

/// Reads some columns of a [`JsonTable`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct JsonScan {
    pub(super) table: Arc<JsonTable>,
    pub(super) projection: Vec<usize>,
}

impl JsonScan {
    /// Bytes of what it reads of files.
    pub(crate) fn bytes(&self) -> u64 {
        self.table.parts.iter().map(|part| part.end.saturating_sub(part.start)).sum()
    }
}

impl Operator for JsonScan {
    const NAME: &'static str = "JsonScanExec";

    fn layer(&self) -> Option<String> {
        Some("read-json".to_owned())
    }

    fn arguments(&self) -> String {
        let names: Vec<&str> = self.projection.iter().map(|at| self.table.schema.field(*at).name().as_str()).collect();
        let (files, parts) = (self.table.files.len(), self.table.parts.len());
        format!("files={files}, partitions={parts}, columns=[{}]", names.join(", "))
    }

    fn schema(&self, _: &[SchemaRef]) -> Result<SchemaRef> {
        Ok(Arc::new(self.table.schema.project(&self.projection)?))
    }

    fn partitions(&self, _: &[Arc<dyn ExecutionPlan>]) -> usize {
        // Where no file is wanted, there is one partition of nothing.
        self.table.parts.len().max(1)
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (scan, schema, rows) = (self.clone(), node.schema(), context.session_config().batch_size());
        let declared = schema.clone();
        // The file is opened at the first poll, so that a plan of a thousand partitions does not open a thousand files.
        let batches = stream::try_unfold(None, move |reading: Option<Reading>| {
            let (scan, schema) = (scan.clone(), schema.clone());
            async move {
                let mut reading = match reading {
                    Some(reading) => reading,
                    None => match Reading::open(scan, partition, schema, rows).await.map_err(to_datafusion)? {
                        Some(reading) => reading,
                        None => return Ok(None),
                    },
                };
                Ok(reading.next_batch().await.map_err(to_datafusion)?.map(|batch| (batch, Some(reading))))
            }
        });
        Ok(make_cooperative(Box::pin(RecordBatchStreamAdapter::new(declared, batches))))
    }
}

/// One reading of one partition.
struct Reading {
    table: Arc<JsonTable>,
    file: usize,
    projection: Vec<usize>,
    schema: SchemaRef,
    /// The wanted columns that stand in the file, and what makes them; nothing if there are none.
    fields: Fields,
    decode: Option<Decode>,
    /// Values of the columns that do not stand in the file.
    extra: Vec<ScalarValue>,
    records: Records,
    batch_rows: usize,
}

impl Reading {
    /// Opens the partition's file, if it is still the one that was bound. None for a partition of nothing.
    async fn open(scan: JsonScan, partition: usize, schema: SchemaRef, batch_rows: usize) -> Result<Option<Self>> {
        let JsonScan { table, projection } = scan;
        let Some(part) = table.parts.get(partition).copied() else { return Ok(None) };
        let file = &table.files[part.file];
        let records = Records::open(&file.listed, part.start..part.end, file.compression).await?;
        let extra = table.extra.values(&file.listed)?;
        let fields: Fields = projection.iter().filter(|at| **at < table.own).map(|at| table.schema.fields()[*at].clone()).collect();
        let decode = (!fields.is_empty()).then(|| Decode::new(&fields, batch_rows)).transpose()?;
        Ok(Some(Reading { file: part.file, table, projection, schema, fields, decode, extra, records, batch_rows }))
    }

    /// The next rows; none at the end.
    async fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let places = self.split().await?;
        if places.is_empty() {
            return Ok(None);
        }
        let own = match self.decoded(&places) {
            Ok(own) => own,
            Err(error) => return Err(self.fault(&places, error).await?),
        };
        let mut own = own.into_iter();
        let columns = self.projection.iter().map(|at| match at.checked_sub(self.table.own) {
            None => own.next().ok_or_else(|| Error::internal("a column of a JSON file was not decoded")),
            Some(at) => self.extra[at].to_array_of_size(places.len()).map_err(of_datafusion),
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(places.len()));
        Ok(Some(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?))
    }

    /// The places of objects in the buffer, as many as a batch has and the buffer holds whole.
    async fn split(&mut self) -> Result<Vec<Range<usize>>> {
        let mut places = Vec::new();
        while places.len() < self.batch_rows {
            match self.records.next() {
                Next::Record(place) => places.push(place),
                // Reading on would move the objects at hand; what is wrong is told once those before it were given out.
                Next::Starved | Next::Broken(_) if !places.is_empty() => break,
                Next::Starved => self.records.fill().await?,
                Next::Broken(wrong) => return Err(self.records.blame(wrong).await?),
                Next::End => break,
            }
        }
        Ok(places)
    }

    /// The wanted columns that stand in the file. None as error stands for a text that is not one object.
    fn decoded(&mut self, places: &[Range<usize>]) -> Result<Vec<ArrayRef>, Option<ArrowError>> {
        let Some(decode) = &mut self.decode else { return Ok(Vec::new()) };
        for place in places {
            if !decode.push(&self.records.buffer()[place.clone()])? {
                return Err(None);
            }
        }
        Ok(decode.finish()?)
    }

    /// Which object is wrong, and why.
    async fn fault(&mut self, places: &[Range<usize>], error: Option<ArrowError>) -> Result<Error> {
        let found = find(places.iter().map(|place| &self.records.buffer()[place.clone()]), &self.fields);
        let shown = self.table.files[self.file].listed.shown.clone();
        let Some((row, wrong)) = found else {
            let message = error.map_or_else(|| "a line holds more than one object".to_owned(), |error| error.to_string());
            return Ok(Error::new(ErrorKind::BadValue, message).in_file(shown, None, None));
        };
        let offset = self.records.offset_of(places[row].start);
        let line = self.records.line_of(offset).await?;
        Ok(match wrong {
            Wrong::Text(error) => error.in_file(shown, Some(line), None),
            Wrong::Value { name, message } => {
                let (origin, help) = match self.table.sampled {
                    Some((rows, files)) => (
                        format!("type from {} rows sampled in {files} {}", grouped(rows), if files == 1 { "file" } else { "files" }),
                        "JsonOptions::sample_rows(..) that sees such values, or JsonOptions::schema(..)",
                    ),
                    None => ("type as given".to_owned(), "give the column another type: JsonOptions::schema(..)"),
                };
                Error::new(ErrorKind::BadValue, format!("{message} ({origin})")).in_file(shown, Some(line), Some(&name)).with_help(help)
            }
        })
    }
}
