//! Rewrites: an expression becomes a cheaper one that gives the same elements in the same chunks.
//!
//! Two kinds of rules, one a file. A *local* rule makes a node anew over its inputs: `fold_casts`, `fold_constants`,
//! `merge_assemblies`, `drop_whole_views`, `skip_unread`, `rechunk_into_made`, `slice_into_made`. A rule of *passage* says what a
//! view of a node is in views of its inputs: `through_elementwise`, `through_reduction`, `through_scan`, `view_into_stored`.
//! Beside them `intern` makes equal nodes one.
//!
//! `rewriter` goes over the expression twice: once up with the local rules; then down with what is wanted of each node
//! (`demand`), and up again. Views are passed on where this is no more work, which `demand` decides by the readers of a node.
//! All of it is linear in the nodes, whatever the number of chunks, and nothing recurses.
//!
//! `view`: plain walks, which slices, transposes and rechunks all are. `compose`: walks through walks. Merging these is what
//! cancels a transpose of a transpose, and drops a rechunk of a rechunk.

mod compose;
mod demand;
mod drop_whole_views;
mod fold_casts;
mod fold_constants;
mod intern;
mod merge_assemblies;
mod rechunk_into_made;
mod rewriter;
mod skip_unread;
mod slice_into_made;
mod through_elementwise;
mod through_reduction;
mod through_scan;
mod view;
mod view_into_stored;

pub(crate) use rewriter::{Rewritten, rewrite};

use crate::{
    grid::Grid,
    node::{Node, Op},
};
use rustc_hash::FxHashMap;
use std::{collections::BTreeMap, panic::Location, sync::Arc};
use stratal_core::value::DType;
use view::View;

/// How often each rule fired.
pub(crate) type Fired = BTreeMap<&'static str, u32>;

/// A rule that looks at a node and its inputs.
struct Local {
    name: &'static str,
    /// The cheaper node, where there is one.
    apply: fn(&Arc<Node>, &Readers) -> Option<Arc<Node>>,
}

/// How many nodes read a node, as far as that is known.
type Readers = FxHashMap<*const Node, usize>;

/// The local rules, in the order in which they are tried.
const LOCAL: &[Local] = &[
    fold_casts::RULE,
    fold_constants::RULE,
    skip_unread::RULE,
    drop_whole_views::RULE,
    merge_assemblies::RULE,
    rechunk_into_made::RULE,
    slice_into_made::RULE,
];

/// A rule that takes a view of a node as the node over views of its inputs.
struct Passage {
    name: &'static str,
    /// What the view becomes, where it can and should.
    pass: fn(&Node, &View) -> Option<Passed>,
}

/// The rules of passage.
const PASSAGES: &[Passage] = &[through_elementwise::RULE, through_reduction::RULE, through_scan::RULE, view_into_stored::RULE];

/// A view of a node as an operation over views of the inputs.
struct Passed {
    op: Op,
    /// For each input, the view of it that is wanted; none for all of it.
    inputs: Vec<Option<View>>,
    /// Elements that are computed or moved for it.
    cost: u128,
}

/// A node in the place of another, of which it has the name and the line.
fn remade(
    name: &'static str,
    at: Option<&'static Location<'static>>,
    grid: &Arc<Grid>,
    dtype: DType,
    op: Op,
    inputs: Vec<Arc<Node>>,
) -> Arc<Node> {
    let node = Node::new(name, grid.clone(), dtype, op, inputs);
    match at {
        Some(at) => node.written(at),
        None => node,
    }
}
