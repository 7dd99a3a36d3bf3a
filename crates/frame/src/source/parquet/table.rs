//! [`ParquetTable`]: files, columns and what is known of rows, fixed when the files were bound.

use super::{
    exec::ParquetScanExec,
    prune::may_pass,
    slice::{Groups, Slice},
    statistics::of_all,
};
use crate::{
    error::to_datafusion,
    source::{
        files::{Extra, Listed, prune},
        parts::parts,
    },
};
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::Session,
    common::{Result as DfResult, ScalarValue, Statistics},
    datasource::{TableProvider, TableType, physical_plan::FileGroup, table_schema::TableSchema},
    logical_expr::{Expr as Logical, TableProviderFilterPushDown},
    physical_plan::{ExecutionPlan, empty::EmptyExec},
};
use std::sync::Arc;

/// One file.
#[derive(Debug)]
pub(super) struct TableFile {
    pub(super) listed: Arc<Listed>,
    pub(super) rows: usize,
    /// Bytes of its row groups.
    pub(super) groups: Vec<u64>,
    /// Of the columns that do not stand in it.
    pub(super) values: Vec<ScalarValue>,
    /// Of all columns of the table.
    pub(super) statistics: Statistics,
}

/// Parquet files as one table.
#[derive(Debug)]
pub(super) struct ParquetTable {
    pub(super) schema: TableSchema,
    pub(super) extra: Extra,
    pub(super) files: Vec<TableFile>,
    pub(super) partition_bytes: u64,
}

impl ParquetTable {
    /// The files that may hold rows which pass all filters. With a limit, those from the front that have as many rows.
    fn wanted(&self, session: &dyn Session, filters: &[Logical], limit: Option<usize>) -> DfResult<Vec<&TableFile>> {
        let by_path = prune(self.files.iter().map(|file| &*file.listed), &self.extra, filters).map_err(to_datafusion)?;
        let files: Vec<&TableFile> = self.files.iter().zip(by_path).filter(|(_, passes)| *passes).map(|(file, _)| file).collect();
        let by_value = may_pass(session, self.schema.table_schema(), &files, filters)?;
        let mut rows = 0usize;
        let wanted = files.into_iter().zip(by_value).filter(|(file, passes)| *passes && file.rows > 0).map(|(file, _)| file);
        let enough = wanted.take_while(|file| {
            let is_wanted = limit.is_none_or(|limit| rows < limit);
            rows = rows.saturating_add(file.rows);
            is_wanted
        });
        Ok(enough.collect())
    }
}

#[async_trait]
impl TableProvider for ParquetTable {
    fn schema(&self) -> SchemaRef {
        self.schema.table_schema().clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn statistics(&self) -> Option<Statistics> {
        Some(of_all(self.files.iter().map(|file| &file.statistics), self.schema.table_schema().fields().len()))
    }

    /// All of them choose files. Which rows pass is decided later, when the plan is physical: until then an estimate of how
    /// many do needs the filter where it stands.
    fn supports_filters_pushdown(&self, filters: &[&Logical]) -> DfResult<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Logical],
        limit: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let files = self.wanted(session, filters, limit)?;
        let all = self.schema.table_schema();
        if files.is_empty() {
            let schema = projection.map_or_else(|| Ok(all.clone()), |projection| all.project(projection).map(Arc::new))?;
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        let groups: Vec<&[u64]> = files.iter().map(|file| &*file.groups).collect();
        let parts = parts(&groups, self.partition_bytes, session.config().options().execution.target_partitions);
        let parts = parts.into_iter().map(|pieces| {
            let slices = pieces.into_iter().map(|piece| {
                let file = files[piece.file];
                let groups = Groups { chosen: piece.groups, of: file.groups.len() };
                Slice { file: file.listed.clone(), groups }.partitioned(file.values.clone())
            });
            slices.collect::<DfResult<Vec<_>>>().map(FileGroup::new)
        });
        let statistics = of_all(files.iter().map(|file| &file.statistics), all.fields().len());
        let scan = ParquetScanExec::over(&self.schema, parts.collect::<DfResult<Vec<_>>>()?, statistics, projection, limit)?;
        Ok(Arc::new(scan))
    }
}
