//! A view that takes all of its source as it is, in the same chunks, is its source: what is left of a transpose of a
//! transpose, of a rechunk back, and of `[..]`.

use super::{Local, Readers, view::View};
use crate::node::Node;
use std::sync::Arc;

pub(super) const RULE: Local = Local { name: "drop-whole-views", apply };

fn apply(node: &Arc<Node>, _: &Readers) -> Option<Arc<Node>> {
    let (input, view) = View::of_node(node)?;
    let source = node.inputs.get(input)?;
    view.is_whole(&source.grid).then(|| source.clone())
}
