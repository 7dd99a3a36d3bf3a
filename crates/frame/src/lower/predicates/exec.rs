//! [`PassingExec`]: a filter whose condition is evaluated by [`Passing`].
//!
//! DataFusion reads in the condition of a filter what is known of its rows, such as which columns are constant, and nodes above
//! rely on it when they run: a window over a constant column wants no sort, and fails where nothing says that the column is
//! constant. Nothing can be read in a condition that is ours, so the filter is kept as it was planned, and tells.

use super::passing::Passing;
use crate::lower::Plan;
use datafusion::{
    common::{Result as DfResult, tree_node::TreeNodeRecursion},
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::PhysicalExpr,
    physical_plan::{
        ChildStats, ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions,
        Statistics, StatisticsArgs,
        filter::{FilterExec, FilterExecBuilder},
        metrics::MetricsSet,
    },
};
use std::{fmt, sync::Arc};

/// A filter as it was planned, and one of the same rows that runs instead.
#[derive(Debug)]
pub(super) struct PassingExec {
    planned: Plan,
    runs: Plan,
}

impl PassingExec {
    /// A filter with a condition of ours; nothing, if it is none, or nothing is gained.
    pub(super) fn of(planned: &Plan) -> DfResult<Option<Self>> {
        let Some(filter) = planned.downcast_ref::<FilterExec>() else { return Ok(None) };
        let Some(passing) = Passing::of(filter.predicate(), &filter.input().schema()) else { return Ok(None) };
        let runs = FilterExecBuilder::from(filter).with_predicate(Arc::new(passing)).build()?;
        Ok(Some(PassingExec { planned: planned.clone(), runs: Arc::new(runs) }))
    }
}

impl DisplayAs for PassingExec {
    fn fmt_as(&self, of: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.planned.fmt_as(of, f)
    }
}

impl ExecutionPlan for PassingExec {
    fn name(&self) -> &str {
        self.planned.name()
    }

    /// To whoever looks for a filter, it is the one that runs.
    fn downcast_delegate(&self) -> Option<&dyn ExecutionPlan> {
        Some(self.runs.as_ref())
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.planned.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        self.planned.maintains_input_order()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.planned.children()
    }

    fn apply_expressions(&self, f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> DfResult<TreeNodeRecursion>) -> DfResult<TreeNodeRecursion> {
        self.runs.apply_expressions(f)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        options: ReplaceChildrenOptions,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        // Nobody asks the filter that runs what is known of its rows.
        let keep = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Keep);
        let runs = self.runs.clone().replace_children(children.clone(), keep)?;
        Ok(Arc::new(PassingExec { planned: self.planned.clone().replace_children(children, options)?, runs }))
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> DfResult<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn fetch(&self) -> Option<usize> {
        self.planned.fetch()
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        self.planned.child_stats_requests(partition)
    }

    fn statistics_from_inputs(&self, inputs: &[Arc<Statistics>], args: &StatisticsArgs) -> DfResult<Arc<Statistics>> {
        self.planned.statistics_from_inputs(inputs, args)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        self.runs.execute(partition, context)
    }

    fn metrics(&self) -> Option<MetricsSet> {
        self.runs.metrics()
    }
}
