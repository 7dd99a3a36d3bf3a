//! A slice of a reduction is the reduction of the slice along the axes that it keeps: what is not wanted is not reduced.

use super::{
    Passage, Passed,
    view::{View, elements},
};
use crate::{
    assembly::{Read, Walk},
    fold::Reduction,
    grid::{Axis, Grid},
    node::{Node, Op},
};
use std::sync::Arc;

pub(super) const RULE: Passage = Passage { name: "slice-through-reduction", pass };

fn pass(node: &Node, view: &View) -> Option<Passed> {
    let (Op::Reduce(how), [input]) = (&node.op, &node.inputs[..]) else { return None };
    // Other chunks of a small result are cheaper than of what it is made of.
    if !view.keeps_order() || !view.shrinks(&node.grid) {
        return None;
    }
    let keeps = node.grid.ndim() == how.axes.len();
    let mut reads = Vec::with_capacity(how.axes.len());
    let (mut grid, mut axes) = (Vec::new(), Vec::new());
    // The axes of the result that were reduced and stay, with length 1, either all stay in the view or all go.
    let (mut stay, mut go) = (false, false);
    let mut own = view.reads.iter();
    for (of, reduced) in input.grid.axes.iter().zip(&how.axes) {
        let axis = grid.len();
        if !reduced {
            match own.next()? {
                Read::At(element) => reads.push(Read::At(*element)),
                Read::Along(walk) => {
                    reads.push(Read::Along(Walk { axis, ..*walk }));
                    grid.push(view.grid.axes[walk.axis].clone());
                    axes.push(false);
                }
            }
            continue;
        }
        if keeps {
            match own.next()? {
                Read::At(_) => go = true,
                Read::Along(walk) if view.grid.axes[walk.axis] == Axis::regular(1, 1) => stay = true,
                Read::Along(_) => return None,
            }
        }
        reads.push(Read::Along(Walk::whole(axis, of.len())));
        grid.push(of.clone());
        axes.push(true);
    }
    if stay && go {
        return None;
    }
    let inner = View { name: view.name, at: view.at, grid: Arc::new(Grid::new(grid)), reads };
    let how = Reduction { axes, ..how.clone() };
    Some(Passed { op: Op::Reduce(how), inputs: vec![Some(inner)], cost: elements(&view.grid) })
}
