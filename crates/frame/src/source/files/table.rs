//! [`FileTable`]: files with their columns and partitions, fixed when they were bound; [`FileProvider`]: how DataFusion plans over them.

use super::{Extra, Listed, prune, pushdown};
use crate::error::to_datafusion;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::Session,
    common::Result as DfResult,
    datasource::{TableProvider, TableType},
    logical_expr::{Expr as Logical, TableProviderFilterPushDown},
    physical_plan::ExecutionPlan,
};
use std::{fmt, sync::Arc};

/// Files as one table.
pub(crate) trait FileTable: fmt::Debug + Send + Sync + Sized + 'static {
    /// The columns of the files, then those that do not stand in them.
    fn schema(&self) -> &SchemaRef;

    /// The columns that do not stand in the files.
    fn extra(&self) -> &Extra;

    /// The files, in row order.
    fn files(&self) -> impl Iterator<Item = &Listed>;

    /// The same with some of its files.
    fn only(&self, kept: &[bool]) -> Self;

    /// What reads the columns in `projection`.
    fn scan(self: Arc<Self>, projection: Vec<usize>) -> DfResult<Arc<dyn ExecutionPlan>>;
}

/// The table for DataFusion. A scan reads no file that no row is wanted of.
#[derive(Debug)]
pub(crate) struct FileProvider<T>(pub(crate) Arc<T>);

#[async_trait]
impl<T: FileTable> TableProvider for FileProvider<T> {
    fn schema(&self) -> SchemaRef {
        self.0.schema().clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Logical]) -> DfResult<Vec<TableProviderFilterPushDown>> {
        Ok(pushdown(filters, self.0.extra()))
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Logical],
        _: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let all = || (0..self.0.schema().fields().len()).collect();
        let projection = projection.cloned().unwrap_or_else(all);
        let kept = prune(self.0.files(), self.0.extra(), filters).map_err(to_datafusion)?;
        let table = if kept.iter().all(|kept| *kept) { self.0.clone() } else { Arc::new(self.0.only(&kept)) };
        table.scan(projection)
    }
}
