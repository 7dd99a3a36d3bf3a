//! Rows that an earlier run left in the stores and that a lease keeps there.

use super::Source;
use crate::{error::to_datafusion, leaf::without_inputs};
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use datafusion::physical_plan::expressions::Column;
use datafusion::{
    catalog::Session,
    common::Result as DfResult,
    datasource::{TableProvider, TableType},
    execution::{SendableRecordBatchStream, TaskContext},
    logical_expr::Expr as Logical,
    physical_expr::EquivalenceProperties,
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
        execution_plan::{Boundedness, EmissionType, SchedulingType},
        projection::{ProjectionExec, ProjectionExpr},
    },
};
use std::{fmt, sync::Arc};
use stratal_core::{Error, Result, client::Lease, config::Config, graph::HeldRange};

/// Results of a run as a source.
#[derive(Clone, Debug)]
pub(crate) struct Persisted {
    pub(crate) schema: SchemaRef,
    pub(crate) ranges: Vec<HeldRange>,
    /// Keeps them.
    pub(crate) lease: Lease,
}

impl Persisted {
    fn partitions(&self) -> usize {
        self.ranges.iter().map(|range| range.len as usize).sum()
    }
}

impl Source for Persisted {
    fn name(&self) -> &'static str {
        "persist"
    }

    fn arguments(&self) -> String {
        format!("{} partitions, {:?}", self.partitions(), self.lease)
    }

    fn open(&self, _: &Config) -> Result<Arc<dyn TableProvider>> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl TableProvider for Persisted {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Logical],
        _: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let held = Arc::new(HeldExec::new(self.clone()));
        project(held, projection)
    }
}

/// The columns that are wanted of a leaf that has them all.
pub(crate) fn project(leaf: Arc<dyn ExecutionPlan>, projection: Option<&Vec<usize>>) -> DfResult<Arc<dyn ExecutionPlan>> {
    let Some(projection) = projection else { return Ok(leaf) };
    let schema = leaf.schema();
    let columns = projection.iter().map(|at| {
        let name = schema.field(*at).name();
        ProjectionExpr::new(Arc::new(Column::new(name, *at)), name)
    });
    Ok(Arc::new(ProjectionExec::try_new(columns.collect::<Vec<_>>(), leaf)?))
}

/// A leaf that stands for held results until the cutter puts an input in its place. It cannot be executed.
#[derive(Debug)]
pub(crate) struct HeldExec {
    held: Persisted,
    properties: Arc<PlanProperties>,
}

impl HeldExec {
    fn new(held: Persisted) -> Self {
        let partitioning = Partitioning::UnknownPartitioning(held.partitions());
        let equivalence = EquivalenceProperties::new(held.schema.clone());
        let properties = PlanProperties::new(equivalence, partitioning, EmissionType::Incremental, Boundedness::Bounded);
        HeldExec { held, properties: Arc::new(properties.with_scheduling_type(SchedulingType::Cooperative)) }
    }

    /// The results.
    pub(crate) fn ranges(&self) -> &[HeldRange] {
        &self.held.ranges
    }

    /// What keeps them.
    pub(crate) fn lease(&self) -> &Lease {
        &self.held.lease
    }
}

impl DisplayAs for HeldExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeldExec: partitions={}", self.held.partitions())
    }
}

impl ExecutionPlan for HeldExec {
    fn name(&self) -> &'static str {
        "HeldExec"
    }

    without_inputs!();

    fn execute(&self, _: usize, _: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        Err(to_datafusion(Error::internal("held results were not put in place")))
    }
}
