//! [`Explode`]: a row for each value of a list.

use super::node::{Node, NodeKind, places};
use crate::{
    lower::{OperatorExec, Plan},
    operators,
};
use arrow_schema::{Field, FieldRef};
use datafusion::logical_expr::LogicalPlan;
use std::sync::Arc;
use stratal_core::Result;

/// The columns that are lists.
#[derive(Debug)]
struct Explode(Vec<String>);

/// The rows of `input`, once for each value of these lists, of which there is at least one.
pub(crate) fn explode(input: LogicalPlan, lists: Vec<String>) -> Result<LogicalPlan> {
    Node::of_inputs(Explode(lists), vec![input])
}

impl NodeKind for Explode {
    fn name(&self) -> &'static str {
        "Explode"
    }

    fn arguments(&self) -> String {
        self.0.join(", ")
    }

    fn plan(&self, inputs: Vec<Plan>) -> Result<Plan> {
        let lists = places(&self.0, &inputs[0])?;
        Ok(Arc::new(OperatorExec::new(operators::Explode { lists }, inputs)?))
    }

    fn reads(&self) -> Vec<Vec<String>> {
        vec![self.0.clone()]
    }

    fn lets_filters_pass(&self) -> bool {
        true
    }

    fn field(&self, _: usize, field: &FieldRef) -> FieldRef {
        match operators::item(field.data_type()).filter(|_| self.0.contains(field.name())) {
            Some(item) => Arc::new(Field::new(field.name(), item.clone(), true)),
            None => field.clone(),
        }
    }
}
