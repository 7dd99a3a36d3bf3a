//! Rows that are in memory already, each part a partition.

use super::Source;
use crate::{error::of_datafusion, types::type_name};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::{catalog::MemTable, datasource::TableProvider};
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result, config::Config};

pub(crate) struct Memory {
    name: &'static str,
    /// Partitions of one schema, or the mistake that was made in putting them together.
    rows: Result<(SchemaRef, Vec<Vec<RecordBatch>>)>,
}

impl Memory {
    pub(crate) fn new(name: &'static str, rows: Result<(SchemaRef, Vec<Vec<RecordBatch>>)>) -> Self {
        Memory { name, rows }
    }
}

/// Names the first field that differs.
fn check(schema: &SchemaRef, batch: &RecordBatch) -> Result<()> {
    if schema.contains(&batch.schema()) {
        return Ok(());
    }
    let have = batch.schema();
    let show = |schema: &SchemaRef| {
        let fields: Vec<String> =
            schema.fields().iter().map(|field| format!("{} {}", field.name(), type_name(field.data_type()))).collect();
        fields.join(", ")
    };
    let message = format!("a batch has the columns [{}], the schema [{}]", show(&have), show(schema));
    Err(Error::new(ErrorKind::TypeMismatch, message).with_help("give all batches the schema's columns, types and nullability"))
}

impl Source for Memory {
    fn name(&self) -> &'static str {
        self.name
    }

    fn layer(&self) -> String {
        "from-memory".to_owned()
    }

    fn arguments(&self) -> String {
        match &self.rows {
            Err(error) => error.message().to_owned(),
            Ok((schema, partitions)) => {
                let rows: usize = partitions.iter().flatten().map(RecordBatch::num_rows).sum();
                let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
                format!("[{}], {rows} rows", names.join(", "))
            }
        }
    }

    fn open(&self, _: &Config) -> Result<Arc<dyn TableProvider>> {
        let (schema, mut partitions) = self.rows.clone()?;
        partitions.iter().flatten().try_for_each(|batch| check(&schema, batch))?;
        if partitions.is_empty() {
            partitions.push(Vec::new());
        }
        let table = MemTable::try_new(schema, partitions).map_err(of_datafusion)?;
        Ok(Arc::new(table))
    }
}
