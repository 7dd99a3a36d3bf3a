//! [`ConcatExec`]: partitions one after another, in order, and no further than needed.
//!
//! DataFusion merges partitions as rows come, which makes `head` and `tail` of several partitions a matter of luck.

use super::{Class, OwnNode, Plan, tail::TailExec};
use crate::{error::of_datafusion, leaf::with_one_input};
use datafusion::{
    common::{
        Result as DfResult,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties,
        coalesce_partitions::CoalescePartitionsExec,
        limit::{GlobalLimitExec, LimitStream},
        metrics::{BaselineMetrics, ExecutionPlanMetricsSet},
        sorts::sort_preserving_merge::SortPreservingMergeExec,
        stream::RecordBatchStreamAdapter,
    },
};
use futures::{StreamExt, TryStreamExt, stream};
use std::{fmt, sync::Arc};
use stratal_core::Result;

/// The rows of all partitions of its input, in partition order, up to `fetch` of them.
#[derive(Debug)]
pub(crate) struct ConcatExec {
    input: Arc<dyn ExecutionPlan>,
    fetch: Option<usize>,
    properties: Arc<PlanProperties>,
}

impl ConcatExec {
    pub(crate) fn new(input: Arc<dyn ExecutionPlan>, fetch: Option<usize>) -> Self {
        let mut equivalence = input.equivalence_properties().clone();
        equivalence.clear_orderings();
        equivalence.clear_per_partition_constants();
        let own = PlanProperties::new(equivalence, Partitioning::UnknownPartitioning(1), input.pipeline_behavior(), input.boundedness());
        ConcatExec { properties: Arc::new(own.with_scheduling_type(input.properties().scheduling_type)), input, fetch }
    }

    /// The same over another input.
    fn over(&self, input: Arc<dyn ExecutionPlan>) -> Self {
        ConcatExec::new(input, self.fetch)
    }
}

impl OwnNode for ConcatExec {
    type Wire = Option<usize>;
    const NAME: &'static str = "ConcatExec";

    fn class(&self) -> Class {
        if self.input.output_partitioning().partition_count() > 1 { Class::Merge } else { Class::Local }
    }

    fn layer(&self) -> Option<String> {
        Some(if self.fetch.is_some() { "head" } else { "gather" }.to_owned())
    }

    fn sees_order(&self) -> bool {
        true
    }

    fn takes_by_place(&self) -> bool {
        self.fetch.is_some()
    }

    fn wire(&self) -> Option<usize> {
        self.fetch
    }

    fn of_wire(fetch: Option<usize>, mut inputs: Vec<Plan>) -> Result<Self> {
        Ok(ConcatExec::new(inputs.swap_remove(0), fetch))
    }
}

impl DisplayAs for ConcatExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fetch {
            Some(fetch) => write!(f, "ConcatExec: fetch={fetch}"),
            None => write!(f, "ConcatExec"),
        }
    }
}

impl ExecutionPlan for ConcatExec {
    fn name(&self) -> &'static str {
        "ConcatExec"
    }

    with_one_input!();

    fn execute(&self, _: usize, context: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        let input = self.input.clone();
        let partitions = stream::iter(0..input.output_partitioning().partition_count());
        let rows = partitions.map(move |partition| input.execute(partition, context.clone())).try_flatten();
        let rows: SendableRecordBatchStream = Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows));
        let metrics = BaselineMetrics::new(&ExecutionPlanMetricsSet::new(), 0);
        Ok(match self.fetch {
            Some(fetch) => Box::pin(LimitStream::new(rows, 0, Some(fetch), metrics)),
            None => rows,
        })
    }
}

/// Makes a plan do as rows are promised: partitions are concatenated in order where a limit takes the first of them or a
/// tail the last, and sorted partitions whose rows are equal are merged in order. What stood in the way of sorts is gone.
pub(crate) fn arrange(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    plan.transform_up(|node| {
        if let Some(merge) = node.downcast_ref::<SortPreservingMergeExec>() {
            let merge = SortPreservingMergeExec::new(merge.expr().clone(), merge.input().clone()).with_fetch(merge.fetch());
            return Ok(Transformed::yes(Arc::new(merge.with_round_robin_repartition(false)) as Arc<dyn ExecutionPlan>));
        }
        if let Some(limit) = node.downcast_ref::<GlobalLimitExec>()
            && let Some(coalesce) = limit.input().downcast_ref::<CoalescePartitionsExec>()
        {
            let concat = Arc::new(ConcatExec::new(coalesce.input().clone(), coalesce.fetch()));
            return Ok(Transformed::yes(Arc::new(GlobalLimitExec::new(concat, limit.skip(), limit.fetch())) as Arc<dyn ExecutionPlan>));
        }
        if let Some(tail) = node.downcast_ref::<TailExec>()
            && let Some(coalesce) = tail.input().downcast_ref::<CoalescePartitionsExec>()
        {
            let concat = Arc::new(ConcatExec::new(coalesce.input().clone(), coalesce.fetch()));
            return Ok(Transformed::yes(Arc::new(tail.over(concat)) as Arc<dyn ExecutionPlan>));
        }
        if let Some(concat) = node.downcast_ref::<ConcatExec>()
            && concat.fetch.is_none()
            && concat.input.output_partitioning().partition_count() == 1
        {
            return Ok(Transformed::yes(concat.input.clone()));
        }
        match node.downcast_ref::<CoalescePartitionsExec>() {
            Some(coalesce) if coalesce.fetch().is_some() => {
                let concat = ConcatExec::new(coalesce.input().clone(), coalesce.fetch());
                Ok(Transformed::yes(Arc::new(concat) as Arc<dyn ExecutionPlan>))
            }
            _ => Ok(Transformed::no(node)),
        }
    })
    .data()
    .map_err(of_datafusion)
}
