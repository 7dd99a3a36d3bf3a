//! `repartition`: the same rows in other partitions.

use super::{
    Reach, Transform,
    hidden::{first, keyed},
};
use crate::{
    dframe::{PartitionedBy, Partitioning},
    expr::{Expr, spread},
    nodes::{self, Spread},
};
use datafusion::logical_expr::LogicalPlan;
use stratal_core::{Error, ErrorKind, Result};

/// Partitions that are asked for, at most: more is a slip of the pen.
const MOST: usize = 1 << 24;

pub(crate) struct Repartition(pub(crate) Partitioning);

impl Transform for Repartition {
    fn name(&self) -> &'static str {
        "repartition"
    }

    fn arguments(&self) -> String {
        self.0.to_string()
    }

    fn reach(&self) -> Reach {
        Reach::Partitions
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        match &self.0.0 {
            PartitionedBy::Count(into) => Ok(nodes::repartition(input, Spread::Count(checked(*into)?))),
            PartitionedBy::Bytes(bytes) => Ok(nodes::repartition(input, Spread::Bytes(bytes.clone()?))),
            PartitionedBy::Hash(into, keys) => {
                let into = checked(*into)?;
                by_keys(input, keys, |names| Spread::Hash(into, names))
            }
            PartitionedBy::Range(into, keys) => {
                let into = checked(*into)?;
                let (mut exprs, mut directions) = (Vec::with_capacity(keys.len()), Vec::with_capacity(keys.len()));
                for key in keys {
                    for expr in spread(std::slice::from_ref(key.expr()), input.schema(), &[])? {
                        exprs.push(expr);
                        directions.push(key.direction());
                    }
                }
                let directed = |names: Vec<String>| Spread::Range(into, names.into_iter().zip(directions).collect());
                by_keys(input, &exprs, directed)
            }
        }
    }
}

fn by_keys(input: LogicalPlan, keys: &[Expr], spread: impl FnOnce(Vec<String>) -> Spread) -> Result<LogicalPlan> {
    let keyed = keyed(input, keys)?;
    if keyed.names.is_empty() {
        return Err(Error::new(ErrorKind::BadValue, "there is nothing to partition by").with_help("name a column"));
    }
    first(nodes::repartition(keyed.plan, spread(keyed.names)), keyed.width)
}

fn checked(into: usize) -> Result<usize> {
    match into {
        0 => Err(Error::new(ErrorKind::BadValue, "rows cannot be put into 0 partitions").with_help("ask for 1 or more")),
        into if into > MOST => {
            let message = format!("{into} partitions are more than the {MOST} that a frame may have");
            Err(Error::new(ErrorKind::BadValue, message).with_help("use fewer and larger partitions"))
        }
        into => Ok(into),
    }
}
