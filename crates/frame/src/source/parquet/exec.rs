//! [`ParquetScanExec`]: the leaf of a plan that reads Parquet files, by DataFusion's own decoder.
//!
//! It is DataFusion's scan of files but for a few things. Rows come in the order of the files, whatever is above it. Footers
//! and bytes are fetched by our own readers, from wherever the files are, and errors name the file. And no row group is left
//! out because of what its footer says of floats, since that does not count `NaN`.

use super::{
    columns::INT96,
    filter::Filter,
    late::is_better_late,
    reader::Readers,
    slice::{Groups, Slice},
    stream::Files,
};
use crate::{
    error::{of_datafusion, to_datafusion},
    leaf::streaming,
    lower::{Class, OwnNode, Plan},
    source::files::Listed,
};
use datafusion::{
    catalog::memory::DataSourceExec,
    common::{Result as DfResult, Statistics, config::TableParquetOptions, tree_node::TreeNodeRecursion},
    config::ConfigOptions,
    datasource::{
        listing::PartitionedFile,
        physical_plan::{FileGroup, FileScanConfig, FileScanConfigBuilder, FileSource, ParquetSource},
        source::DataSource,
        table_schema::TableSchema,
    },
    execution::{SendableRecordBatchStream, TaskContext, object_store::ObjectStoreUrl},
    physical_expr::{
        PhysicalExpr,
        expressions::lit,
        projection::ProjectionExprs,
        utils::{collect_columns, reassign_expr_columns},
    },
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions, StatisticsArgs,
        coop::make_cooperative,
        filter_pushdown::{ChildPushdownResult, FilterPushdownPhase, FilterPushdownPropagation, PushedDown},
        metrics::MetricsSet,
        projection::{ProjectionExec, ProjectionExpr},
        stream::RecordBatchStreamAdapter,
    },
};
use futures::stream;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, sync::Arc};
use stratal_core::{Error, Result};

/// How files are decoded. `is_late` has the decoder evaluate filters before the columns that only the result needs are decoded,
/// in the order in which they were written; else they only rule out row groups and pages.
fn options(is_late: bool) -> TableParquetOptions {
    let mut options = TableParquetOptions::default();
    options.global.pushdown_filters = is_late;
    options.global.coerce_int96 = Some(INT96.1.to_owned());
    options
}

/// Reads some columns and rows of Parquet files.
#[derive(Debug)]
pub(crate) struct ParquetScanExec {
    scan: FileScanConfig,
    properties: Arc<PlanProperties>,
}

impl ParquetScanExec {
    /// A scan of files whose [`Slice`]s are grouped into partitions, of the columns in `projection`.
    pub(super) fn over(
        schema: &TableSchema,
        parts: Vec<FileGroup>,
        statistics: Statistics,
        projection: Option<&Vec<usize>>,
        limit: Option<usize>,
    ) -> DfResult<Self> {
        let source = ParquetSource::new(schema.clone()).with_table_parquet_options(options(false));
        let scan = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
            .with_file_groups(parts)
            .with_statistics(statistics)
            .with_limit(limit)
            .with_preserve_order(true)
            .with_projection_indices(projection.cloned())?;
        Ok(ParquetScanExec::new(scan.build()))
    }

    fn new(scan: FileScanConfig) -> Self {
        // A filter says something of the rows that come out only where the decoder evaluates it.
        let source = scan.file_source().downcast_ref::<ParquetSource>();
        let source = source.filter(|source| source.filter().is_some() && !is_late(source));
        let unfiltered = source.map(|source| {
            let source = source.with_predicate(lit(true));
            FileScanConfigBuilder::from(scan.clone()).with_source(Arc::new(source)).build()
        });
        let known = unfiltered.as_ref().unwrap_or(&scan);
        let properties = streaming(known.eq_properties(), known.output_partitioning());
        ParquetScanExec { scan, properties }
    }

    /// The node over what DataFusion made of its scan.
    fn changed(scan: &Arc<dyn DataSource>) -> DfResult<Arc<dyn ExecutionPlan>> {
        match scan.downcast_ref::<FileScanConfig>() {
            Some(scan) => Ok(Arc::new(ParquetScanExec::new(scan.clone()))),
            None => Err(to_datafusion(Error::internal("a scan of files became something else"))),
        }
    }

    fn source(&self) -> DfResult<&ParquetSource> {
        let source = self.scan.file_source().downcast_ref::<ParquetSource>();
        source.ok_or_else(|| to_datafusion(Error::internal("a scan of Parquet files became something else")))
    }

    /// Whether the decoder evaluates filters.
    fn is_late(&self) -> DfResult<bool> {
        self.source().map(is_late)
    }
}

fn is_late(source: &ParquetSource) -> bool {
    source.table_parquet_options().global.pushdown_filters
}

/// What travels of a scan: DataFusion's own form of it, and the files.
#[derive(Serialize, Deserialize)]
pub(crate) struct Wire {
    files: Vec<Listed>,
    /// In the order in which they are read, each with the number of its file.
    slices: Vec<(usize, Groups)>,
    limit: Option<usize>,
    #[serde(with = "crate::lower::plan_wire")]
    scan: Plan,
}

impl OwnNode for ParquetScanExec {
    type Wire = Wire;
    const NAME: &'static str = "ParquetScanExec";

    fn class(&self) -> Class {
        Class::Local
    }

    fn layer(&self) -> Option<String> {
        Some("read-parquet".to_owned())
    }

    fn wire(&self) -> Wire {
        let (mut files, mut slices, mut parts): (Vec<Arc<Listed>>, Vec<_>, Vec<_>) = Default::default();
        for part in &self.scan.file_groups {
            let bare = part.iter().map(|file| {
                if let Ok(slice) = Slice::of(file) {
                    // Slices of one file follow each other.
                    if files.last().is_none_or(|last| !Arc::ptr_eq(last, &slice.file)) {
                        files.push(slice.file.clone());
                    }
                    slices.push((files.len() - 1, slice.groups.clone()));
                }
                let values = file.partition_values.clone();
                PartitionedFile::new_from_meta(file.object_meta.clone()).with_partition_values(values)
            });
            parts.push(FileGroup::new(bare.collect()));
        }
        let schema = self.scan.file_source().table_schema().table_schema();
        let scan = FileScanConfigBuilder::from(self.scan.clone())
            .with_file_groups(parts)
            .with_limit(None)
            .with_statistics(Statistics::new_unknown(schema));
        let files = files.iter().map(|file| Listed { hive: Vec::new(), ..Listed::clone(file) }).collect();
        Wire { files, slices, limit: self.scan.limit, scan: DataSourceExec::from_data_source(scan.build()) }
    }

    fn of_wire(wire: Wire, _: Vec<Plan>) -> Result<Self> {
        let damaged = || Error::internal("the wire form of a scan of Parquet files is damaged");
        let scan = wire.scan.downcast_ref::<DataSourceExec>().ok_or_else(damaged)?;
        let (scan, source) = scan.downcast_to_file_source::<ParquetSource>().ok_or_else(damaged)?;
        let files: Vec<Arc<Listed>> = wire.files.into_iter().map(Arc::new).collect();
        let mut slices = wire.slices.into_iter();
        let mut parts = Vec::with_capacity(scan.file_groups.len());
        for part in &scan.file_groups {
            let whole = part.iter().map(|file| {
                let (at, groups) = slices.next().ok_or_else(damaged)?;
                let slice = Slice { file: files.get(at).ok_or_else(damaged)?.clone(), groups };
                slice.partitioned(file.partition_values.clone()).map_err(of_datafusion)
            });
            parts.push(FileGroup::new(whole.collect::<Result<Vec<_>>>()?));
        }
        let source = source.clone().with_table_parquet_options(options(is_late(source)));
        let scan = FileScanConfigBuilder::from(scan.clone())
            .with_source(Arc::new(source))
            .with_file_groups(parts)
            .with_limit(wire.limit)
            .with_preserve_order(true);
        Ok(ParquetScanExec::new(scan.build()))
    }
}

impl DisplayAs for ParquetScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schema = self.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let parts = &self.scan.file_groups;
        let mut files: Vec<&str> = parts.iter().flat_map(FileGroup::iter).map(|file| file.path().as_ref()).collect();
        files.dedup();
        write!(f, "ParquetScanExec: files={}, partitions={}, columns=[{}]", files.len(), parts.len(), names.join(", "))?;
        if let Some(filter) = self.scan.file_source().filter() {
            let what = if self.is_late().unwrap_or_default() { "filter" } else { "pruned_by" };
            write!(f, ", {what}={filter}")?;
        }
        match self.scan.limit {
            Some(limit) => write!(f, ", fetch={limit}"),
            None => Ok(()),
        }
    }
}

impl ExecutionPlan for ParquetScanExec {
    fn name(&self) -> &'static str {
        "ParquetScanExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(&self, f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> DfResult<TreeNodeRecursion>) -> DfResult<TreeNodeRecursion> {
        self.scan.apply_expressions(f)
    }

    fn replace_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>, _: ReplaceChildrenOptions) -> DfResult<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> DfResult<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn statistics_from_inputs(&self, _: &[Arc<Statistics>], args: &StatisticsArgs) -> DfResult<Arc<Statistics>> {
        self.scan.partition_statistics(args.partition())
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn ExecutionPlan>> {
        let scan = FileScanConfigBuilder::from(self.scan.clone()).with_limit(limit).build();
        Some(Arc::new(ParquetScanExec::new(scan)))
    }

    fn fetch(&self) -> Option<usize> {
        self.scan.limit
    }

    /// Columns are chosen here; what is computed of them stays above.
    fn try_swapping_with_projection(&self, projection: &ProjectionExec) -> DfResult<Option<Arc<dyn ExecutionPlan>>> {
        let wanted = projection.projection_expr();
        if wanted.iter().all(|wanted| wanted.expr.placement().should_push_to_leaves()) {
            let scan = self.scan.try_swapping_with_projection(wanted)?;
            return scan.as_ref().map(ParquetScanExec::changed).transpose();
        }
        let schema = self.schema();
        let used = wanted.iter().flat_map(|wanted| collect_columns(&wanted.expr)).map(|column| column.index());
        let used: Vec<usize> = used.collect::<BTreeSet<_>>().into_iter().collect();
        if used.len() == schema.fields().len() {
            return Ok(None);
        }
        let Some(scan) = self.scan.try_swapping_with_projection(&ProjectionExprs::from_indices(&used, &schema))? else {
            return Ok(None);
        };
        let scan = ParquetScanExec::changed(&scan)?;
        let above = wanted.iter().map(|wanted| {
            let expr = reassign_expr_columns(wanted.expr.clone(), &scan.schema())?;
            Ok(ProjectionExpr::new(expr, wanted.alias.clone()))
        });
        let above = above.collect::<DfResult<Vec<_>>>()?;
        Ok(Some(Arc::new(ProjectionExec::try_new(above, scan)?)))
    }

    fn handle_child_pushdown_result(
        &self,
        _: FilterPushdownPhase,
        wanted: ChildPushdownResult,
        config: &ConfigOptions,
    ) -> DfResult<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        let mut answers = vec![PushedDown::No; wanted.parent_filters.len()];
        let mut filters = Vec::new();
        for (at, wanted) in wanted.parent_filters.iter().enumerate() {
            if let Some(filter) = Filter::of(&wanted.filter, self.scan.file_source().as_ref())? {
                filters.push((at, filter));
            }
        }
        let is_late = match self.scan.file_source().filter() {
            // Filters that the decoder evaluates are nowhere else in the plan by now: it goes on.
            Some(_) => self.is_late()?,
            None => is_better_late(&self.scan, &filters.iter().flat_map(|(_, filter)| filter.columns.iter().copied()).collect()),
        };
        filters.retain(|(_, filter)| is_late || filter.rules_out());
        if filters.is_empty() {
            return Ok(FilterPushdownPropagation::with_parent_pushdown_result(answers));
        }
        let places: Vec<usize> = filters.iter().map(|(at, _)| *at).collect();
        let filters = filters.into_iter().map(|(_, filter)| filter.expr()).collect::<DfResult<Vec<_>>>()?;
        let source = self.source()?.clone().with_pushdown_filters(is_late);
        let scan = FileScanConfigBuilder::from(self.scan.clone()).with_source(Arc::new(source)).build();
        // Where the decoder does not evaluate them, all answers are no, and the filters stay where they are.
        let pushed = scan.try_pushdown_filters(filters, config)?;
        for (at, answer) in places.into_iter().zip(pushed.filters) {
            answers[at] = answer;
        }
        let node = pushed.updated_node.as_ref().map(ParquetScanExec::changed).transpose()?;
        Ok(FilterPushdownPropagation { filters: answers, updated_node: node })
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.scan.file_source().metrics().clone_inner())
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        let part = self.scan.file_groups.get(partition);
        let part = part.ok_or_else(|| to_datafusion(Error::internal(format!("a scan has no partition {partition}"))))?;
        let source = self.source()?.clone().with_parquet_file_reader_factory(Arc::new(Readers));
        let source = source.with_batch_size(context.session_config().batch_size());
        let waiting = part.files().iter().cloned().collect();
        let files = Files { source, partition, waiting, open: None, left: self.scan.limit };
        // Files are opened when rows are wanted, so that a plan of a thousand partitions does not open a thousand files.
        let rows = stream::try_unfold(files, Files::next);
        Ok(make_cooperative(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DFrame, col, session};
    use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use datafusion::physical_plan::displayable;
    use parquet::arrow::ArrowWriter;
    use std::fs::File;
    use stratal_core::config::Config;

    #[test]
    fn a_scan_that_travels_evaluates_filters_where_it_did_before() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.parquet");
        let columns: [(&str, ArrayRef); 2] = [
            ("x", Arc::new(Int64Array::from_iter_values(0..100))),
            ("body", Arc::new(StringArray::from_iter_values((0..100).map(|x| format!("{x:0>200}"))))),
        ];
        let rows = RecordBatch::try_from_iter(columns).unwrap();
        let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), rows.schema(), None).unwrap();
        writer.write(&rows).unwrap();
        writer.close().unwrap();
        let some = DFrame::read_parquet(path.to_str().unwrap()).filter(col("x").gt(10));
        for (query, what) in [(some.select("body"), ", filter="), (some.select("x"), ", pruned_by=")] {
            let mut plan = session::physical_plan(&Config::default(), &query.bound().unwrap(), 2, false).unwrap();
            while let [child] = plan.children()[..] {
                plan = Arc::clone(child);
            }
            let here = plan.downcast_ref::<ParquetScanExec>().unwrap();
            let wire = postcard::to_stdvec(&here.wire()).unwrap();
            let there = ParquetScanExec::of_wire(postcard::from_bytes(&wire).unwrap(), Vec::new()).unwrap();
            let shown = |scan: &ParquetScanExec| displayable(scan).indent(false).to_string();
            assert!(shown(here).contains(what), "{}", shown(here));
            assert_eq!(shown(&there), shown(here));
        }
    }
}
