//! Windows of SQL on their way to another process.
//!
//! What `over(..)` makes is an operator of ours, and travels whole. Windows in SQL are DataFusion's, and its wire form leaves
//! out three things: that a window was turned around because its rows come in the opposite order, that nulls are to be skipped,
//! and a filter. A window that came out as another would give wrong rows, so it is refused here.

use super::Plan;
use datafusion::{
    common::tree_node::{TreeNode, TreeNodeRecursion},
    physical_plan::windows::{BoundedWindowAggExec, StandardWindowExpr, WindowAggExec, WindowExpr},
};
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result};

/// Refuses a plan with a window that would be another on the other side.
pub(super) fn check(plan: &Plan) -> Result<()> {
    let mut lost = None;
    // The visitor never fails.
    let _ = plan.apply(|node| {
        let windows = match (node.downcast_ref::<WindowAggExec>(), node.downcast_ref::<BoundedWindowAggExec>()) {
            (Some(window), _) => window.window_expr(),
            (_, Some(window)) => window.window_expr(),
            _ => &[],
        };
        lost = windows.iter().find(|window| loses(window)).map(|window| window.name().to_owned());
        Ok(if lost.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    match lost {
        None => Ok(()),
        Some(name) => {
            let message = format!("the window {name} cannot be sent to another process");
            let help = "compute it with .over(Window::by(..)) before or after the query, or run the query in one process";
            Err(Error::new(ErrorKind::Sql, message).with_help(help))
        }
    }
}

/// Whether something of a window is left out. Its fields are private, and what is printed of it is all that is known.
fn loses(window: &Arc<dyn WindowExpr>) -> bool {
    let printed = format!("{window:?}");
    let lost: &[&str] = match window.as_any().is::<StandardWindowExpr>() {
        true => &["is_reversed: true", "ignore_nulls: true"],
        false => &["filter: Some("],
    };
    lost.iter().any(|field| printed.contains(field))
}
