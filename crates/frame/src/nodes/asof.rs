//! [`Asof`]: to every row of the left the row of the right that is nearest in time.

use super::node::{Node, NodeKind, place, places};
use crate::{
    lower::{OperatorExec, Plan},
    operators::{self, Direction, Sorted, Within},
};
use arrow_schema::FieldRef;
use datafusion::logical_expr::LogicalPlan;
use std::sync::Arc;
use stratal_core::Result;

/// The columns of a side that rows are matched by, of one type on both sides.
#[derive(Clone, Debug)]
pub(crate) struct AsofKeys {
    /// Have to be equal.
    pub(crate) by: Vec<String>,
    /// Has to be near.
    pub(crate) time: String,
}

/// How it is done.
#[derive(Debug)]
pub(crate) struct Asof {
    pub(crate) left: AsofKeys,
    pub(crate) right: AsofKeys,
    pub(crate) direction: Direction,
    /// Whether the same time is no match.
    pub(crate) is_strict: bool,
    pub(crate) within: Option<Within>,
}

/// All columns of both, no two of one name. On the right no key is null, and no time null or `NaN`.
pub(crate) fn asof(left: LogicalPlan, right: LogicalPlan, how: Asof) -> Result<LogicalPlan> {
    Node::of_inputs(how, vec![left, right])
}

impl AsofKeys {
    fn columns(&self) -> Vec<String> {
        self.by.iter().chain([&self.time]).cloned().collect()
    }

    fn of(&self, input: &Plan) -> Result<Sorted> {
        Ok(Sorted { by: places(&self.by, input)?, time: place(&self.time, input)? })
    }
}

impl NodeKind for Asof {
    fn name(&self) -> &'static str {
        "AsofJoin"
    }

    fn arguments(&self) -> String {
        let Asof { left, right, direction, is_strict, within } = self;
        let strict = if *is_strict { ", strict" } else { "" };
        let within = within.map_or_else(String::new, |within| format!(", within {within:?}"));
        format!("{direction:?}, {} = {}{strict}{within}", left.columns().join(", "), right.columns().join(", "))
    }

    fn plan(&self, inputs: Vec<Plan>) -> Result<Plan> {
        let operator = operators::Asof {
            left: self.left.of(&inputs[0])?,
            right: self.right.of(&inputs[1])?,
            direction: self.direction,
            is_strict: self.is_strict,
            within: self.within,
        };
        Ok(Arc::new(OperatorExec::new(operator, inputs)?))
    }

    fn reads(&self) -> Vec<Vec<String>> {
        vec![self.left.columns(), self.right.columns()]
    }

    fn field(&self, input: usize, field: &FieldRef) -> FieldRef {
        if input == 0 { field.clone() } else { operators::nullable(field) }
    }
}
