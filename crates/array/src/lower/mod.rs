//! From an expression to layers. What aligns is fused into one layer of tiles; what moves elements between chunks is a layer of
//! its own. Layers and edges are symbolic: their size does not depend on the number of chunks, unless these are cut by hand.
//!
//! `region`: which nodes are fused, and why others are not. `in_place`: which boxes of chunks are read where they lie. `compile`: a
//! region as a tile program. `layers`: regions, reductions, assemblies and scans as layers. `calls`: contractions, functions and lazy
//! values as layers. `cross`: edges between grids whose axes stand in other orders. `memory`: what tasks take, and plans that cannot
//! fit. `fit`: what is put together first so that a plan fits. `explain`: a plan as text. Nothing here recurses: an expression may be
//! as deep as memory allows.

mod calls;
mod compile;
mod cross;
mod explain;
mod fit;
mod in_place;
mod layers;
mod memory;
mod region;

pub(crate) use cross::crossed;
pub(crate) use explain::explain;
pub(crate) use fit::lower;
pub(crate) use layers::{Lowered, lower_as_written};
pub(crate) use memory::{check_result, fitted};

use crate::node::Node;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// The nodes of an expression, each after its inputs, and where they stand.
pub(crate) struct Nodes<'a> {
    pub(crate) all: Vec<&'a Arc<Node>>,
    at: FxHashMap<*const Node, usize>,
}

impl<'a> Nodes<'a> {
    pub(crate) fn of(root: &'a Arc<Node>) -> Self {
        let mut nodes = Nodes { all: Vec::new(), at: FxHashMap::default() };
        let mut seen: FxHashSet<*const Node> = FxHashSet::default();
        // A node is left when its inputs are done.
        let mut open: Vec<(&'a Arc<Node>, usize)> = vec![(root, 0)];
        seen.insert(Arc::as_ptr(root));
        while let Some((node, next)) = open.last_mut() {
            let node: &'a Arc<Node> = node;
            match node.inputs.get(*next) {
                Some(input) => {
                    *next += 1;
                    if seen.insert(Arc::as_ptr(input)) {
                        open.push((input, 0));
                    }
                }
                None => {
                    nodes.at.insert(Arc::as_ptr(node), nodes.all.len());
                    nodes.all.push(node);
                    open.pop();
                }
            }
        }
        nodes
    }

    /// Where a node stands.
    pub(crate) fn index(&self, node: &Arc<Node>) -> usize {
        self.at[&Arc::as_ptr(node)]
    }

    /// For each node, who reads it, each once.
    pub(crate) fn readers(&self) -> Vec<Vec<usize>> {
        let mut readers: Vec<Vec<usize>> = vec![Vec::new(); self.all.len()];
        for (reader, node) in self.all.iter().enumerate() {
            for input in &node.inputs {
                let of = &mut readers[self.index(input)];
                if of.last() != Some(&reader) {
                    of.push(reader);
                }
            }
        }
        readers
    }
}
