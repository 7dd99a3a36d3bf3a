//! [`CallExec`]: where a plan calls a function of the user's. The cutter makes a layer of it; it is never executed as it stands.

use super::{Class, OwnNode, Plan, call_kind::How};
use crate::{
    error::to_datafusion,
    leaf::{streaming, with_one_input},
};
use arrow_schema::{SchemaRef, SortOptions};
use datafusion::{
    common::Result as DfResult,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::{EquivalenceProperties, LexOrdering, OrderingRequirements, PhysicalExpr, PhysicalSortExpr, expressions::Column},
    physical_plan::{
        DisplayAs, DisplayFormatType, Distribution, ExecutionPlan, ExecutionPlanProperties, InputDistributionRequirements, Partitioning,
        PlanProperties,
    },
};
use std::{fmt, sync::Arc};
use stratal_core::{Error, Result, function::Function};

/// What is called, and what it is said to give.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) function: Arc<Function>,
    pub(crate) how: How,
    /// The columns that it is said to give.
    pub(crate) declared: SchemaRef,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.function.label())?;
        match &self.how {
            How::Partition | How::Batches => Ok(()),
            How::Groups { keys, .. } => write!(f, ", keys={keys:?}"),
        }
    }
}

/// Calls a function on the partitions of its input, on their batches, or on their groups.
#[derive(Debug)]
pub(crate) struct CallExec {
    input: Plan,
    call: Call,
    properties: Arc<PlanProperties>,
}

impl CallExec {
    pub(crate) fn new(input: Plan, call: Call) -> Self {
        let partitioning = Partitioning::UnknownPartitioning(input.output_partitioning().partition_count());
        let equivalence = EquivalenceProperties::new(call.declared.clone());
        CallExec { input, call, properties: streaming(equivalence, partitioning) }
    }

    /// The same over another input.
    fn over(&self, input: Plan) -> Self {
        CallExec::new(input, self.call.clone())
    }

    pub(super) fn input(&self) -> &Plan {
        &self.input
    }

    pub(super) fn call(&self) -> &Call {
        &self.call
    }

    /// The keys of groups, as expressions; nothing where there are no groups.
    fn keys(&self) -> Vec<Arc<dyn PhysicalExpr>> {
        let schema = self.input.schema();
        let key = |at: &usize| -> Arc<dyn PhysicalExpr> { Arc::new(Column::new(schema.field(*at).name(), *at)) };
        match &self.call.how {
            How::Partition | How::Batches => Vec::new(),
            How::Groups { keys, .. } => keys.iter().map(key).collect(),
        }
    }
}

impl OwnNode for CallExec {
    type Wire = ();
    const NAME: &'static str = "CallExec";

    fn class(&self) -> Class {
        Class::Call
    }

    fn layer(&self) -> Option<String> {
        Some(self.call.how.layer().to_owned())
    }

    fn sees_order(&self) -> bool {
        !matches!(self.call.how, How::Groups { .. })
    }

    fn wire(&self) {}

    fn of_wire((): (), _: Vec<Plan>) -> Result<Self> {
        Err(Error::internal("a call of a function is a layer, and no part of a plan that travels"))
    }
}

impl DisplayAs for CallExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallExec: {} {:?}", self.call.how.layer(), self.call)
    }
}

impl ExecutionPlan for CallExec {
    fn name(&self) -> &'static str {
        "CallExec"
    }

    with_one_input!();

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        let keys = self.keys();
        let wanted = if keys.is_empty() { Distribution::UnspecifiedDistribution } else { Distribution::KeyPartitioned(keys) };
        InputDistributionRequirements::new(vec![wanted])
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        let last = SortOptions { descending: false, nulls_first: false };
        let keys = self.keys().into_iter().map(|key| PhysicalSortExpr::new(key, last));
        vec![LexOrdering::new(keys).map(OrderingRequirements::from)]
    }

    fn execute(&self, _: usize, _: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        Err(to_datafusion(Error::internal("a call of a function was not made a layer")))
    }
}
