//! A view of an operation that goes element by element is the operation of views: a slice, and so only the wanted elements are
//! computed; a transpose or a rechunk, which then meets others nearer to the source.
//!
//! An operand that is broadcast gives as little as the result needs of it.

use super::{
    Passage, Passed,
    view::{View, elements},
};
use crate::{
    assembly::{Read, Walk},
    grid::{Axis, Grid},
    made::Made,
    node::{Node, Op},
};
use std::sync::Arc;

pub(super) const RULE: Passage = Passage { name: "view-through-elementwise", pass };

/// The view of an operand of this grid that a view of the result, whose grid was `whole`, needs.
fn of_operand(view: &View, whole: &Grid, own: &Grid) -> View {
    let new = whole.ndim() - own.ndim();
    let mut walked = vec![false; view.grid.ndim()];
    // Axes of length 1, where the result has more.
    let mut stretched = vec![false; view.grid.ndim()];
    let mut reads = Vec::with_capacity(own.ndim());
    for (axis, of) in own.axes.iter().enumerate() {
        let is_stretched = of.len() != whole.axes[new + axis].len();
        reads.push(match view.reads[new + axis] {
            Read::At(element) => Read::At(if is_stretched { 0 } else { element }),
            Read::Along(walk) => {
                walked[walk.axis] = true;
                stretched[walk.axis] = is_stretched;
                Read::Along(if is_stretched { Walk::whole(walk.axis, 1) } else { walk })
            }
        });
    }
    // Axes in front that the operand does not have are left away, as they were.
    let gone = walked.iter().position(|walked| *walked).unwrap_or(walked.len());
    for read in &mut reads {
        if let Read::Along(walk) = read {
            walk.axis -= gone;
        }
    }
    let axis = |(axis, of): (usize, &Axis)| match walked[axis] && !stretched[axis] || of.len() == 1 {
        true => of.clone(),
        false => Axis::regular(1, 1),
    };
    let axes = view.grid.axes.iter().enumerate().skip(gone).map(axis).collect();
    View { name: view.name, at: view.at, grid: Arc::new(Grid::new(axes)), reads }
}

/// Whether a view of it has to be taken of something that is computed or kept.
fn is_heavy(input: &Node, view: &View) -> bool {
    match &input.op {
        Op::Made(made) => matches!(**made, Made::Chunks(..)),
        // Two views make one, which is read where its source lies; but what is read from storage is best read in its own chunks.
        Op::Assemble(_) => !is_close(view, &input.grid) || View::of_node(input).is_none() || is_stored(&input.inputs),
        _ => true,
    }
}

fn is_stored(sources: &[Arc<Node>]) -> bool {
    sources.iter().any(|source| matches!(source.op, Op::Read(..)))
}

/// Whether every element stays in its place, and chunks are of about the lengths that they were: no larger by more than a quarter.
fn is_close(view: &View, before: &Grid) -> bool {
    let near = |(one, two): (&Axis, &Axis)| one.count().abs_diff(two.count()) <= 1 && one.largest() <= two.largest() + two.largest() / 4;
    view.keeps_places(before) && view.grid.axes.iter().zip(&before.axes).all(near)
}

fn pass(node: &Node, view: &View) -> Option<Passed> {
    if !node.is_elementwise() {
        return None;
    }
    let (before, after) = (elements(&node.grid), elements(&view.grid));
    let mut heavy: Vec<&Arc<Node>> = Vec::new();
    for input in &node.inputs {
        let is_known = heavy.iter().any(|other| Arc::ptr_eq(other, input));
        if is_heavy(input, view) && elements(&input.grid) == before && !is_known {
            heavy.push(input);
        }
    }
    // Each of several operands has to be viewed apart: then the result must be that much smaller. A view that takes all is passed
    // on to one operand alone, and only if that is no larger.
    let pays = match &heavy[..] {
        [] => true,
        [one] => after < before || one.dtype.size() <= node.dtype.size(),
        several => after < before && after.saturating_mul(several.len() as u128) <= before,
    };
    let cost = after.saturating_mul(heavy.len().max(1) as u128);
    let inputs = || node.inputs.iter().map(|input| Some(of_operand(view, &node.grid, &input.grid))).collect();
    pays.then(|| Passed { op: node.op.clone(), inputs: inputs(), cost })
}
