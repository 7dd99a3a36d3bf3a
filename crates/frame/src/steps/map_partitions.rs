//! `map_partitions`: a function on whole partitions.

use super::Transform;
use crate::{
    declared::DeclaredSchema,
    lower::{Call, How},
    nodes,
    session::schema_of,
};
use datafusion::logical_expr::LogicalPlan;
use std::sync::Arc;
use stratal_core::{Result, function::Function};

pub(crate) struct MapPartitions {
    pub(crate) function: Arc<Function>,
    pub(crate) schema: DeclaredSchema,
}

impl Transform for MapPartitions {
    fn name(&self) -> &'static str {
        "map_partitions"
    }

    fn arguments(&self) -> String {
        format!("{}, {}", self.function.label(), self.schema)
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        let declared = self.schema.over(&schema_of(&input))?;
        nodes::call(input, Call { function: self.function.clone(), how: How::Partition, declared })
    }
}
