//! An assembly into which no source goes, or of which there is no element, needs none: it is its fill.

use super::{Local, Readers, remade};
use crate::{
    made::Made,
    node::{Node, Op},
    scalar::Scalar,
};
use std::sync::Arc;

pub(super) const RULE: Local = Local { name: "skip-unread", apply };

fn apply(node: &Arc<Node>, _: &Readers) -> Option<Arc<Node>> {
    let Op::Assemble(assembly) = &node.op else { return None };
    if !assembly.pieces.is_empty() && !node.grid.shape().contains(&0) {
        return None;
    }
    let fill = assembly.fill.unwrap_or_else(|| Scalar::zero(node.dtype));
    Some(remade(node.name, node.at, &node.grid, node.dtype, Op::Made(Arc::new(Made::Fill(fill))), Vec::new()))
}
