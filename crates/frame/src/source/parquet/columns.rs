//! The columns of a Parquet file, as they are read.

use super::footers::damaged;
use crate::source::{files::Listed, plain::plain};
use arrow_schema::{SchemaRef, TimeUnit};
use datafusion::datasource::physical_plan::parquet::Int96Coercer;
use parquet::{arrow::parquet_to_arrow_schema, file::metadata::ParquetMetaData};
use std::sync::Arc;
use stratal_core::Result;

/// What the timestamps of Hive, Impala and older Spark (96 bits) are read as. Nanoseconds would not reach beyond 1677 and
/// 2262, which these do.
pub(super) const INT96: (TimeUnit, &str) = (TimeUnit::Microsecond, "us");

/// The columns of a file.
///
/// # Errors
/// `BadValue` for a schema that cannot be, or that holds types which are not read.
pub(super) fn columns(file: &Listed, footer: &ParquetMetaData) -> Result<SchemaRef> {
    let metadata = footer.file_metadata();
    let schema = parquet_to_arrow_schema(metadata.schema_descr(), metadata.key_value_metadata())
        .map_err(|error| damaged(file, &error.to_string()))?;
    let coerced = Int96Coercer::new(metadata.schema_descr(), &schema, &INT96.0).coerce();
    Ok(Arc::new(plain(coerced.as_ref().unwrap_or(&schema), true)))
}
