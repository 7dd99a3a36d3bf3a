//! `filter`: the rows for which a condition is true; null is not true. Windows in it see all rows.

use super::{Reach, Transform, reach_of};
use crate::{
    bind::{build, refuse_bare_aggregates, resolve, stage},
    error::of_datafusion,
    expr::{Expr, show},
    types::type_name,
};
use arrow_schema::DataType;
use datafusion::{
    common::DFSchema,
    logical_expr::{ExprSchemable, LogicalPlan},
};
use stratal_core::{Error, ErrorKind, Result};

pub(crate) struct Filter(pub(crate) Expr);

impl Transform for Filter {
    fn name(&self) -> &'static str {
        "filter"
    }

    fn arguments(&self) -> String {
        format!("{:?}", self.0)
    }

    fn reach(&self) -> Reach {
        reach_of([&self.0])
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        let schema: &DFSchema = input.schema();
        let condition = resolve(&self.0, schema)?;
        refuse_bare_aggregates([&condition])?;
        let data_type = condition.get_type(schema).map_err(of_datafusion)?;
        if !matches!(data_type, DataType::Boolean | DataType::Null) {
            let message = format!("the condition is {}, not bool: {}", type_name(&data_type), show(&condition));
            return Err(Error::new(ErrorKind::TypeMismatch, message).with_help("compare it, as in col(\"x\").gt(0)"));
        }
        let (staged, condition, hidden) = stage(input, vec![condition])?;
        let kept = condition.into_iter().try_fold(staged, |plan, condition| build(plan, |plan| plan.filter(condition)))?;
        hidden.leave_out(kept)
    }
}
