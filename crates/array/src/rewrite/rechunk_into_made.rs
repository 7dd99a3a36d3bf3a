//! Other chunks of what is made anywhere cost nothing: it is made in them.

use super::{Local, Readers, remade, view::View};
use crate::{
    made::Made,
    node::{Node, Op},
};
use std::sync::Arc;

pub(super) const RULE: Local = Local { name: "rechunk-into-made", apply };

fn apply(node: &Arc<Node>, _: &Readers) -> Option<Arc<Node>> {
    let (input, view) = View::of_node(node)?;
    let source = node.inputs.get(input)?;
    let Op::Made(made) = &source.op else { return None };
    // Chunks that are there are cut as they are.
    if matches!(**made, Made::Chunks(..)) || !view.keeps_places(&source.grid) {
        return None;
    }
    Some(remade(source.name, source.at, &node.grid, node.dtype, Op::Made(made.clone()), Vec::new()))
}
