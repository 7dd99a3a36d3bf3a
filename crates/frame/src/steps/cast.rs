//! `cast`: columns as other types, in their places.

use super::{Transform, with_columns::with_columns};
use crate::{
    bind::resolve_all,
    expr::{Expr, col},
    types::{ColumnType, type_name},
};
use datafusion::logical_expr::LogicalPlan;
use stratal_core::Result;

pub(crate) struct Cast(pub(crate) Vec<(String, ColumnType)>);

impl Transform for Cast {
    fn name(&self) -> &'static str {
        "cast"
    }

    fn arguments(&self) -> String {
        let shown = self.0.iter().map(|(name, to)| match to.clone().resolve() {
            Ok(to) => format!("{name}: {}", type_name(&to)),
            Err(error) => format!("{name}: {}", error.message()),
        });
        shown.collect::<Vec<_>>().join(", ")
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        let cast: Vec<Expr> = self.0.iter().map(|(name, to)| col(name).cast(to.clone()).alias(name)).collect();
        let cast = resolve_all(&cast, input.schema())?;
        with_columns(input, &cast)
    }
}
