//! [`Parquet`]: lists files, reads their footers, and agrees on columns.

use super::{
    columns::columns,
    footers::footer,
    options::ParquetOptions,
    statistics,
    table::{ParquetTable, TableFile},
};
use crate::source::{
    Source,
    columnar::Agreed,
    files::{Listed, each},
};
use arrow_schema::SchemaRef;
use datafusion::{
    common::ScalarValue,
    datasource::{TableProvider, table_schema::TableSchema},
};
use parquet::file::metadata::ParquetMetaData;
use std::sync::Arc;
use stratal_core::{Result, config::Config};
use stratal_stores::wait_here;

/// What is taken from a directory.
const ENDINGS: [&str; 2] = ["parquet", "pq"];

/// Parquet files as the first step of a frame.
pub(crate) struct Parquet(pub(crate) ParquetOptions);

impl Source for Parquet {
    fn name(&self) -> &'static str {
        "read_parquet"
    }

    fn arguments(&self) -> String {
        self.0.0.asked.arguments()
    }

    fn reads(&self) -> Vec<(Vec<String>, Vec<(String, String)>)> {
        self.0.0.asked.reads()
    }

    fn open(&self, config: &Config) -> Result<Arc<dyn TableProvider>> {
        let wanted = &self.0.0;
        let files = wanted.asked.list(&ENDINGS)?;
        let seen = each(&files.iter().collect::<Vec<_>>(), |file| {
            let footer = wait_here(footer(file))?;
            let columns = columns(file, &footer)?;
            Ok(Seen { footer, columns })
        })?;
        let schemas: Vec<SchemaRef> = seen.iter().map(|seen| seen.columns.clone()).collect();
        let agreed = wanted.agree(&files, &schemas, "ParquetOptions")?;
        let files = files.into_iter().zip(&seen).map(|(file, seen)| seen.file(file, &agreed)).collect::<Result<Vec<_>>>()?;
        let schema = TableSchema::builder(agreed.own).with_table_partition_cols(agreed.extra.fields()).build();
        Ok(Arc::new(ParquetTable { schema, extra: agreed.extra, files, partition_bytes: config.frame.partition_bytes }))
    }
}

/// What was seen of a file.
struct Seen {
    footer: Arc<ParquetMetaData>,
    columns: SchemaRef,
}

impl Seen {
    fn file(&self, listed: Listed, agreed: &Agreed) -> Result<TableFile> {
        let values = agreed.extra.values(&listed)?;
        let rows = statistics::rows(&self.footer);
        let mut statistics = statistics::of_file(&self.footer, &self.columns, &agreed.own);
        statistics.column_statistics.extend(values.iter().map(|value: &ScalarValue| statistics::of_value(value, rows)));
        let bytes = |bytes: i64| u64::try_from(bytes).unwrap_or_default();
        let groups = self.footer.row_groups().iter().map(|group| bytes(group.compressed_size())).collect();
        Ok(TableFile { listed: Arc::new(listed), rows, groups, values, statistics })
    }
}
