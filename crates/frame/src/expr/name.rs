//! What an unaliased expression is called: its leftmost column, `count` for a count of rows, `literal` for a literal.

use super::aggregate::is_count_of_rows;
use datafusion::{
    common::tree_node::{TreeNode, TreeNodeRecursion},
    logical_expr::Expr as Logical,
};

/// The name of the column that an expression makes.
pub(crate) fn output_name(expr: &Logical) -> String {
    let (mut name, mut counts_rows) = (None, false);
    // The visitor never fails.
    let _ = expr.apply(|node| {
        match node {
            Logical::Alias(alias) => name = Some(alias.name.clone()),
            Logical::Column(column) => name = Some(column.name.clone()),
            Logical::AggregateFunction(function) => counts_rows |= is_count_of_rows(function),
            _ => {}
        }
        Ok(if name.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    name.unwrap_or_else(|| if counts_rows { "count" } else { "literal" }.to_owned())
}
