//! A view of a stored array: only the wanted elements are read, in the chunks that are wanted, where that is no more to read.

use super::{Passage, Passed, view::View, view::elements};
use crate::{
    assembly::Read,
    io::Source,
    node::{Node, Op},
};
use std::sync::Arc;

pub(super) const RULE: Passage = Passage { name: "view-into-stored", pass };

/// Whether chunks of the view are read from boxes of the source that are about as large as its chunks along every axis: smaller
/// ones would decode storage chunks again and again, and steps in larger ones would hold what nobody wants.
fn keeps_size(node: &Node, view: &View) -> bool {
    view.reads.iter().zip(&node.grid.axes).all(|(read, source)| match read {
        Read::At(_) => true,
        Read::Along(walk) => {
            let (step, usual) = (walk.step.unsigned_abs(), source.largest());
            let all = walk.len.saturating_mul(step);
            let read = view.grid.axes[walk.axis].largest().saturating_mul(step);
            read >= usual.min(all).div_ceil(2) && (step == 1 || read <= usual.saturating_mul(2))
        }
    })
}

fn pass(node: &Node, view: &View) -> Option<Passed> {
    let Op::Read(source) = &node.op else { return None };
    let op = match view.keeps_places(&node.grid) {
        true if source.suits(&view.grid) => Op::Read(source.clone()),
        true => return None,
        false if keeps_size(node, view) => Op::Read(Arc::new(Source::Part(source.clone(), view.reads.clone()))),
        false => return None,
    };
    Some(Passed { op, inputs: Vec::new(), cost: elements(&view.grid) })
}
