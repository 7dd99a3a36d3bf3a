//! [`Operator`]: what a plan node of ours does; [`OperatorExec`]: the node.
//!
//! DataFusion's plans take any node that answers some fifteen questions. Ours answer most of them alike, so an operator says
//! only what is its own: its columns, what it wants of its inputs, what it does to partitions, and how its rows are made. Its
//! fields are its wire form; what it holds must be plain data (positions of columns, numbers, names), never an expression.

use super::class::{Class, Plan};
use crate::error::of_datafusion;
use arrow_schema::SchemaRef;
use datafusion::{
    common::{Result as DfResult, tree_node::TreeNodeRecursion},
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::{EquivalenceProperties, LexOrdering, OrderingRequirements, PhysicalExpr},
    physical_plan::{
        ChildStats, ChildrenPropertiesMode, DisplayAs, DisplayFormatType, Distribution, ExecutionPlan, ExecutionPlanProperties,
        InputDistributionRequirements, Partitioning, PlanProperties, ReplaceChildrenOptions, Statistics, StatisticsArgs,
        execution_plan::{Boundedness, EmissionType, SchedulingType},
    },
};
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt, sync::Arc};
use stratal_core::Result;

/// What a node of ours does.
pub(crate) trait Operator: fmt::Debug + Clone + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// The name of the node in plans and on the wire: `SampleExec`.
    const NAME: &'static str;

    /// What its layer is called; none, as unless told, for a node that only moves rows.
    fn layer(&self) -> Option<String> {
        None
    }

    /// Its fields as `explain` prints them: `fraction=0.5, seed=1`; nothing unless told.
    fn arguments(&self) -> String {
        String::new()
    }

    /// The columns of its rows, from those of its inputs; those of its first input unless told. What has no input must tell.
    fn schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        Ok(inputs[0].clone())
    }

    /// What it does to partitions. [`Class::Other`] is always right, and slow: one gang.
    fn class(&self, _inputs: &[&Plan]) -> Class {
        Class::Local
    }

    /// How many partitions its rows have; those of its first input unless told.
    fn partitions(&self, inputs: &[Plan]) -> usize {
        inputs.first().map_or(1, |input| input.output_partitioning().partition_count())
    }

    /// How its rows are spread; nothing is known of it unless told, or it passes rows. Must agree with
    /// [`partitions`](Self::partitions).
    fn partitioning(&self, inputs: &[Plan]) -> Partitioning {
        match self.passes_rows() {
            true => inputs[0].output_partitioning().clone(),
            false => Partitioning::UnknownPartitioning(self.partitions(inputs)),
        }
    }

    /// What every one of its partitions is sorted by; nothing unless told, or it passes rows.
    fn ordering(&self, inputs: &[Plan]) -> Option<LexOrdering> {
        if self.passes_rows() { inputs[0].output_ordering().cloned() } else { None }
    }

    /// Which rows must be in the partitions of each input; any unless told.
    fn distributions(&self, inputs: &[Plan]) -> Vec<Distribution> {
        vec![Distribution::UnspecifiedDistribution; inputs.len()]
    }

    /// Whether the partitions of its inputs are taken together, each with those of its number: both inputs are spread by their
    /// keys alike, into as many.
    fn is_co_partitioned(&self) -> bool {
        false
    }

    /// What each input must be sorted by; nothing unless told. A sort below a node that wants none may be dropped, unless
    /// [`keeps_order`](Self::keeps_order).
    fn orderings(&self, inputs: &[Plan]) -> Vec<Option<OrderingRequirements>> {
        vec![None; inputs.len()]
    }

    /// Whether the order of the rows of each input shows in its own. It does not unless told, or it passes rows.
    fn keeps_order(&self, inputs: &[Plan]) -> Vec<bool> {
        vec![self.passes_rows(); inputs.len()]
    }

    /// Whether its rows are those of its only input, in the same partitions and the same order: what is known of the input, their
    /// number too, is known of it.
    fn passes_rows(&self) -> bool {
        false
    }

    /// Whether what it does depends on the order in which rows come, or its own come in that order: a sort below it stays. To
    /// DataFusion it keeps no order, so that no sort from above is done below it.
    fn sees_order(&self) -> bool {
        false
    }

    /// Whether other rows come out of it where those of its input come in another order: which rows it takes, or what it
    /// puts into them, follows from their places. What sees order does, unless told.
    fn takes_by_place(&self) -> bool {
        self.sees_order()
    }

    /// Whether rows of fewer partitions than there may be are spread by the keys that it wants, so that more of it runs at once.
    fn gains_by_spreading(&self) -> bool {
        false
    }

    /// Whether its first rows come only after all of its inputs were read.
    fn is_blocking(&self) -> bool {
        false
    }

    /// The rows of one partition. Files are opened and state is made here or later, never before: a plan is run many times.
    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream>;
}

/// A plan node that does what an [`Operator`] says.
#[derive(Debug, Clone)]
pub(crate) struct OperatorExec<O: Operator> {
    operator: O,
    inputs: Vec<Plan>,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
}

impl<O: Operator> OperatorExec<O> {
    /// The operator over these inputs.
    pub(crate) fn new(operator: O, inputs: Vec<Plan>) -> Result<Self> {
        let schemas: Vec<SchemaRef> = inputs.iter().map(|input| input.schema()).collect();
        let schema = operator.schema(&schemas)?;
        let equivalence = match operator.ordering(&inputs) {
            Some(ordering) => EquivalenceProperties::new_with_orderings(schema.clone(), [ordering]),
            None => EquivalenceProperties::new(schema.clone()),
        };
        let emission = if operator.is_blocking() { EmissionType::Final } else { EmissionType::Incremental };
        let own = PlanProperties::new(equivalence, operator.partitioning(&inputs), emission, Boundedness::Bounded);
        let scheduling = inputs.first().map_or(SchedulingType::Cooperative, |input| input.properties().scheduling_type);
        Ok(OperatorExec { operator, inputs, schema, properties: Arc::new(own.with_scheduling_type(scheduling)) })
    }

    /// What it does.
    pub(crate) fn operator(&self) -> &O {
        &self.operator
    }

    /// The rows of a partition of an input.
    pub(crate) fn input(&self, input: usize, partition: usize, context: &Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        self.inputs[input].execute(partition, context.clone()).map_err(of_datafusion)
    }

    /// The inputs themselves.
    pub(crate) fn inputs(&self) -> &[Plan] {
        &self.inputs
    }
}

impl<O: Operator> DisplayAs for OperatorExec<O> {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operator.arguments() {
            arguments if arguments.is_empty() => f.write_str(O::NAME),
            arguments => write!(f, "{}: {arguments}", O::NAME),
        }
    }
}

impl<O: Operator> ExecutionPlan for OperatorExec<O> {
    fn name(&self) -> &'static str {
        O::NAME
    }

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.inputs.iter().collect()
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        let wanted = self.operator.distributions(&self.inputs);
        match self.operator.is_co_partitioned() {
            true => InputDistributionRequirements::co_partitioned(wanted),
            false => InputDistributionRequirements::new(wanted),
        }
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        self.operator.orderings(&self.inputs)
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        self.operator.keeps_order(&self.inputs)
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![self.operator.gains_by_spreading(); self.inputs.len()]
    }

    fn apply_expressions(&self, _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> DfResult<TreeNodeRecursion>) -> DfResult<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        if children.is_empty() {
            return Ok(self);
        }
        let node = OperatorExec::new(self.operator.clone(), children).map_err(crate::error::to_datafusion)?;
        Ok(Arc::new(node))
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> DfResult<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        let of_input = |_: &Plan| if self.operator.passes_rows() { ChildStats::At(partition) } else { ChildStats::Skip };
        self.inputs.iter().map(of_input).collect()
    }

    fn statistics_from_inputs(&self, inputs: &[Arc<Statistics>], _: &StatisticsArgs) -> DfResult<Arc<Statistics>> {
        Ok(match inputs {
            [input] if self.operator.passes_rows() => input.clone(),
            _ => Arc::new(Statistics::new_unknown(&self.schema)),
        })
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        self.operator.open(partition, self, context).map_err(crate::error::to_datafusion)
    }
}
