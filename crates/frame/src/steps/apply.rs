//! `group_by(..).apply(..)`: a function on the rows of each group.

use super::{Reach, Transform, hidden::keyed, listed};
use crate::{
    declared::DeclaredSchema,
    expr::Expr,
    lower::{Call, How},
    nodes,
    session::schema_of,
};
use arrow_schema::Schema;
use datafusion::logical_expr::LogicalPlan;
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result, function::Function};

pub(crate) struct Apply {
    pub(crate) keys: Vec<Expr>,
    pub(crate) function: Arc<Function>,
    pub(crate) schema: DeclaredSchema,
}

impl Transform for Apply {
    fn name(&self) -> &'static str {
        "group_by"
    }

    fn layer(&self) -> String {
        "apply".to_owned()
    }

    fn arguments(&self) -> String {
        format!("{}).apply({}, {}", listed(&self.keys), self.function.label(), self.schema)
    }

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        let declared = self.schema.over(&schema_of(&input))?;
        let keyed = keyed(input, &self.keys)?;
        if keyed.names.is_empty() {
            let help = "name a column, or call the function on partitions: map_partitions(..)";
            return Err(Error::new(ErrorKind::BadValue, "there is nothing to group by").with_help(help));
        }
        let schema: &Schema = keyed.plan.schema().inner();
        let mut keys: Vec<usize> = Vec::with_capacity(keyed.names.len());
        for name in &keyed.names {
            let at = schema.index_of(name).map_err(|_| Error::internal(format!("key {name:?} is not among the columns")))?;
            // A key that stands here twice tells no more groups apart.
            if !keys.contains(&at) {
                keys.push(at);
            }
        }
        let how = How::Groups { keys, width: keyed.width };
        nodes::call(keyed.plan, Call { function: self.function.clone(), how, declared })
    }
}
