//! Which nodes are fused: a node goes into the region of its readers if they are all in one, and walk its own grid.

use super::{
    Nodes,
    in_place::{self, Apart},
};
use crate::{
    grid::{Grid, show_shape},
    node::{Node, Op},
};
use std::sync::Arc;

/// Where a node is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the region that ends in this node. Its own, where it is that.
    Region(usize),
    /// Wherever it is read: its elements are known by their place, or are boxes of chunks that are there.
    Everywhere,
}

/// The regions of an expression.
pub(super) struct Regions {
    /// For each node.
    pub(super) places: Vec<Place>,
    /// What was not fused, and why.
    pub(super) refused: Vec<String>,
}

/// The grid that a region is walked by.
pub(super) fn walked(end: &Node) -> &Arc<Grid> {
    match end.op {
        Op::Reduce(_) => &end.inputs[0].grid,
        _ => &end.grid,
    }
}

/// Whether a node computes tile by tile.
fn takes_tiles(node: &Node) -> bool {
    node.is_elementwise() || matches!(node.op, Op::Reduce(_))
}

/// The regions of an expression. Boxes of chunks are read in place where that is better, but for those that are put together.
pub(super) fn regions(nodes: &Nodes<'_>, apart: &Apart) -> Regions {
    let readers = nodes.readers();
    let last = nodes.all.len() - 1;
    let mut places: Vec<Place> = (0..=last).map(Place::Region).collect();
    let mut refused = Vec::new();
    // Readers come after what they read.
    for at in (0..last).rev() {
        let node = nodes.all[at];
        let foreign = readers[at].iter().copied().find(|reader| !takes_tiles(nodes.all[*reader]));
        if let Op::Made(_) = node.op {
            if foreign.is_none() {
                places[at] = Place::Everywhere;
            }
            continue;
        }
        let mut refuse = |why: String| refused.push(format!("{}: {why}", node.name));
        if let Op::Assemble(assembly) = &node.op {
            if foreign.is_none() && !apart.has(at) {
                match in_place::refused(nodes, &places, node, assembly, &readers[at]) {
                    Some(why) => refuse(why),
                    None => places[at] = Place::Everywhere,
                }
            }
            continue;
        }
        if !node.is_elementwise() {
            continue;
        }
        if let Some(reader) = foreign {
            refuse(format!("{} reads boxes of it", nodes.all[reader].name));
            continue;
        }
        let Place::Region(end) = places[readers[at][0]] else { continue };
        if readers[at].iter().any(|reader| places[*reader] != Place::Region(end)) {
            refuse(format!("it is kept, for {} operations in several layers read it", readers[at].len()));
            continue;
        }
        let grid = walked(nodes.all[end]);
        if !Arc::ptr_eq(grid, &node.grid) && *grid != node.grid {
            let (own, theirs) = (show_shape(&node.grid.shape()), show_shape(&grid.shape()));
            refuse(format!("its {own} is broadcast to {theirs}, and computed once"));
            continue;
        }
        places[at] = Place::Region(end);
    }
    Regions { places, refused }
}
