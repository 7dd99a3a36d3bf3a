//! An assembly of an assembly is one assembly of the sources: a slice of a slice, a rechunk of a rechunk, a transpose of a
//! transpose, a slice of a concatenation, which then reads only the arrays that it touches.
//!
//! This is the rule for an assembly that nobody else reads; where there are several readers, `demand` decides.

use super::{Local, Readers, compose::compose, remade};
use crate::{
    assembly::{Assembly, Piece},
    node::{Node, Op},
};
use rustc_hash::FxHashMap;
use std::sync::Arc;

pub(super) const RULE: Local = Local { name: "merge-assemblies", apply };

/// The most pieces that an assembly is given by merging: a task looks at all of them.
const PIECES: usize = 64;

/// Inputs of a node, each once.
#[derive(Default)]
struct Inputs {
    nodes: Vec<Arc<Node>>,
    at: FxHashMap<*const Node, usize>,
}

impl Inputs {
    /// The place of a node among them; at the end where it is new.
    fn place(&mut self, node: &Arc<Node>) -> usize {
        *self.at.entry(Arc::as_ptr(node)).or_insert_with(|| {
            self.nodes.push(node.clone());
            self.nodes.len() - 1
        })
    }
}

fn apply(node: &Arc<Node>, readers: &Readers) -> Option<Arc<Node>> {
    let Op::Assemble(outer) = &node.op else { return None };
    let is_alone = |input: &Arc<Node>| matches!(input.op, Op::Assemble(_)) && readers.get(&Arc::as_ptr(input)) == Some(&1);
    if !node.inputs.iter().any(is_alone) {
        return None;
    }
    let (mut fill, mut inputs, mut pieces, mut merged) = (outer.fill, Inputs::default(), Vec::new(), false);
    for (nth, piece) in outer.pieces.iter().enumerate() {
        let source = &node.inputs[piece.input];
        let composed = match &source.op {
            Op::Assemble(inner) if is_alone(source) && (inner.fill.is_none() || fill.is_none() || inner.fill == fill) => {
                let room = PIECES.saturating_sub(pieces.len() + outer.pieces.len() - nth - 1);
                let composed = compose(piece, &outer.grid, inner).filter(|pieces| pieces.len() <= room.max(1));
                composed.map(|composed| (composed, inner.fill))
            }
            _ => None,
        };
        match composed {
            Some((composed, filled)) => {
                fill = fill.or(filled);
                merged = true;
                for piece in composed {
                    let input = inputs.place(&source.inputs[piece.input]);
                    pieces.push(Piece { input, ..piece });
                }
            }
            None => pieces.push(Piece { input: inputs.place(source), ..piece.clone() }),
        }
    }
    let assembly = Assembly { grid: outer.grid.clone(), dtype: outer.dtype, fill, pieces };
    merged.then(|| remade(node.name, node.at, &node.grid, node.dtype, Op::Assemble(Arc::new(assembly)), inputs.nodes))
}
