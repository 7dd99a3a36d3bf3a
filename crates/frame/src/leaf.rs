//! What every plan node without inputs, and with one, says alike; [`streaming`], what most of them are to DataFusion; and
//! [`LeafTable`], a table that is a node without inputs.

use arrow_schema::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::Session,
    common::Result as DfResult,
    datasource::{TableProvider, TableType},
    logical_expr::Expr as Logical,
    physical_expr::{EquivalenceProperties, expressions::Column},
    physical_plan::{
        ExecutionPlan, Partitioning, PlanProperties,
        execution_plan::{Boundedness, EmissionType, SchedulingType},
        projection::{ProjectionExec, ProjectionExpr},
    },
};
use std::sync::Arc;

/// What DataFusion is told of a node that gives its rows as it makes them, comes to an end, and lets others work meanwhile.
pub(crate) fn streaming(equivalence: EquivalenceProperties, partitioning: Partitioning) -> Arc<PlanProperties> {
    let properties = PlanProperties::new(equivalence, partitioning, EmissionType::Incremental, Boundedness::Bounded);
    Arc::new(properties.with_scheduling_type(SchedulingType::Cooperative))
}

/// A leaf that stands for rows of a run, as a table that DataFusion plans over. The leaf has all columns; those that are wanted
/// are taken above it.
#[derive(Debug)]
pub(crate) struct LeafTable(Arc<dyn ExecutionPlan>);

impl LeafTable {
    /// The rows of a leaf.
    pub(crate) fn new(leaf: impl ExecutionPlan) -> Self {
        LeafTable(Arc::new(leaf))
    }
}

#[async_trait]
impl TableProvider for LeafTable {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
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
        let leaf = self.0.clone();
        let Some(projection) = projection else { return Ok(leaf) };
        let schema = leaf.schema();
        let columns = projection.iter().map(|at| {
            let name = schema.field(*at).name();
            ProjectionExpr::new(Arc::new(Column::new(name, *at)), name)
        });
        Ok(Arc::new(ProjectionExec::try_new(columns.collect::<Vec<_>>(), leaf)?))
    }
}

/// The methods of `ExecutionPlan` by which a node says that it has no expressions, and keeps its `properties` in a field of that
/// name.
macro_rules! without_expressions {
    () => {
        fn properties(&self) -> &std::sync::Arc<datafusion::physical_plan::PlanProperties> {
            &self.properties
        }

        fn apply_expressions(
            &self,
            _: &mut dyn FnMut(
                &std::sync::Arc<dyn datafusion::physical_plan::PhysicalExpr>,
            ) -> datafusion::error::Result<datafusion::common::tree_node::TreeNodeRecursion>,
        ) -> datafusion::error::Result<datafusion::common::tree_node::TreeNodeRecursion> {
            Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
        }
    };
}

/// The methods of `ExecutionPlan` by which a node says that it has no inputs and no expressions. It keeps its `properties`
/// in a field of that name.
macro_rules! without_inputs {
    () => {
        $crate::leaf::without_expressions!();

        fn children(&self) -> Vec<&std::sync::Arc<dyn datafusion::physical_plan::ExecutionPlan>> {
            Vec::new()
        }

        fn replace_children(
            self: std::sync::Arc<Self>,
            _: Vec<std::sync::Arc<dyn datafusion::physical_plan::ExecutionPlan>>,
            _: datafusion::physical_plan::ReplaceChildrenOptions,
        ) -> datafusion::error::Result<std::sync::Arc<dyn datafusion::physical_plan::ExecutionPlan>> {
            Ok(self)
        }

        fn with_new_children(
            self: std::sync::Arc<Self>,
            _: Vec<std::sync::Arc<dyn datafusion::physical_plan::ExecutionPlan>>,
        ) -> datafusion::error::Result<std::sync::Arc<dyn datafusion::physical_plan::ExecutionPlan>> {
            Ok(self)
        }
    };
}

/// The methods of `ExecutionPlan` by which a node says that it has one input, in a field of that name, and no expressions. It
/// keeps its `properties` in a field of that name, and makes itself anew by its method `over`.
macro_rules! with_one_input {
    () => {
        $crate::leaf::without_expressions!();

        fn children(&self) -> Vec<&std::sync::Arc<dyn datafusion::physical_plan::ExecutionPlan>> {
            vec![&self.input]
        }

        fn benefits_from_input_partitioning(&self) -> Vec<bool> {
            vec![false]
        }

        fn replace_children(
            self: std::sync::Arc<Self>,
            mut children: Vec<std::sync::Arc<dyn datafusion::physical_plan::ExecutionPlan>>,
            _: datafusion::physical_plan::ReplaceChildrenOptions,
        ) -> datafusion::error::Result<std::sync::Arc<dyn datafusion::physical_plan::ExecutionPlan>> {
            Ok(std::sync::Arc::new(self.over(children.swap_remove(0))))
        }

        fn with_new_children(
            self: std::sync::Arc<Self>,
            children: Vec<std::sync::Arc<dyn datafusion::physical_plan::ExecutionPlan>>,
        ) -> datafusion::error::Result<std::sync::Arc<dyn datafusion::physical_plan::ExecutionPlan>> {
            let options =
                datafusion::physical_plan::ReplaceChildrenOptions::new(datafusion::physical_plan::ChildrenPropertiesMode::Recompute);
            self.replace_children(children, options)
        }
    };
}

pub(crate) use {with_one_input, without_expressions, without_inputs};
