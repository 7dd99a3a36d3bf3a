//! The tables of TPC-H as files.

use super::files;
use crate::settings::{Format, Money, Settings};
use arrow_array::RecordBatch;
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use stratal::Result;
use stratal_tests::tpch::{TABLES, rows};

/// The directory of the tables: `lineitem.0.parquet`, … Nations and regions are one file each.
///
/// # Errors
/// What the file system refuses.
pub(crate) fn tpch(settings: &Settings, format: Format) -> Result<PathBuf> {
    // Text is the same whatever the numbers in it are taken for.
    let money = match format {
        Format::Csv => Money::Decimal,
        Format::Parquet => settings.money,
    };
    let name = format!("tpch-{}-{format}-{money}-{}", settings.scale, settings.files);
    files::once(&settings.data(), &name, |directory| {
        let parts = |table: &str| if matches!(table, "nation" | "region") { 1 } else { settings.files.max(1) };
        let jobs: Vec<(&str, usize, usize)> =
            TABLES.iter().flat_map(|table| (0..parts(table)).map(move |part| (*table, part, parts(table)))).collect();
        files::each(settings.threads, &jobs, |(table, part, parts)| {
            let path = directory.join(format!("{table}.{part}.{format}"));
            write(&path, table, settings.scale, (*part, *parts), format, money)
        })
    })
}

fn write(path: &Path, table: &str, scale: f64, (part, parts): (usize, usize), format: Format, money: Money) -> Result<()> {
    let rows = rows(table, scale, part as i32 + 1, parts as i32);
    match format {
        Format::Csv => files::csv(path, rows),
        Format::Parquet => {
            let schema = typed(&rows.schema(), money);
            let batches = rows.map(|batch| converted(&batch?, &schema));
            files::parquet(path, schema.clone(), batches)
        }
    }
}

/// The schema with amounts of money as they are wanted.
fn typed(schema: &Schema, money: Money) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| match (field.data_type(), money) {
        (DataType::Decimal128(..), Money::Float) => Arc::new(Field::new(field.name(), DataType::Float64, field.is_nullable())),
        _ => field.clone(),
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn converted(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| cast(column, field.data_type()));
    RecordBatch::try_new(schema.clone(), columns.collect::<Result<_, ArrowError>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{cast::AsArray, types::Float64Type};

    #[test]
    fn money_is_floats_where_it_is_asked_for() {
        let nations = rows("supplier", 0.01, 1, 1);
        let schema = typed(&nations.schema(), Money::Float);
        assert!(schema.fields().iter().all(|field| !matches!(field.data_type(), DataType::Decimal128(..))));
        assert_eq!(typed(&nations.schema(), Money::Decimal).fields(), nations.schema().fields());
        for batch in nations {
            let batch = batch.unwrap();
            let exact = cast(batch.column_by_name("s_acctbal").unwrap(), &DataType::Float64).unwrap();
            let converted = converted(&batch, &schema).unwrap();
            let floats = converted.column_by_name("s_acctbal").unwrap();
            assert_eq!(floats.as_primitive::<Float64Type>(), exact.as_primitive::<Float64Type>());
        }
    }
}
