//! A slice of a running sum is the running sum of a slice, if it begins where that does: other lines are not summed, and nothing
//! behind the last wanted element.

use super::{
    Passage, Passed,
    view::{View, elements},
};
use crate::{
    assembly::Read,
    fold::Reduction,
    node::{Node, Op, Scan},
};

pub(super) const RULE: Passage = Passage { name: "slice-through-scan", pass };

fn pass(node: &Node, view: &View) -> Option<Passed> {
    let Op::Scan(scan) = &node.op else { return None };
    let Read::Along(walk) = view.reads[scan.axis] else { return None };
    let from_the_beginning = walk.start == 0 && walk.step == 1;
    if !view.keeps_order() || !view.shrinks(&node.grid) || !from_the_beginning {
        return None;
    }
    let axes = (0..view.grid.ndim()).map(|axis| axis == walk.axis).collect();
    let scan = Scan { how: Reduction { axes, ..scan.how.clone() }, axis: walk.axis };
    Some(Passed { op: Op::Scan(scan), inputs: vec![Some(view.clone())], cost: elements(&view.grid) })
}
