//! Of what is made anywhere, only the wanted elements are made.

use super::{Local, Readers, compose::compose, remade, view::View};
use crate::{
    assembly::{Assembly, Piece, Read},
    made::Made,
    node::{Node, Op},
};
use std::sync::Arc;
use stratal_core::{Result, value::Chunk};

pub(super) const RULE: Local = Local { name: "slice-into-made", apply };

/// How many elements may be made for each that is wanted, where a step leaves some out.
const WASTE: usize = 16;

/// The part of a chunk that a view takes.
fn cut(chunk: &Chunk, view: &View) -> Result<Chunk> {
    let read = |read: &Read| match read {
        Read::At(element) => (*element, 1, 1),
        Read::Along(walk) => (walk.start, walk.len, walk.step),
    };
    let (mut start, mut len, mut step) = (Vec::new(), Vec::new(), Vec::new());
    for (at, count, by) in view.reads.iter().map(read) {
        start.push(at);
        len.push(count);
        step.push(by);
    }
    let order = view.piece(&view.grid).order(view.grid.ndim());
    chunk.view(&start, &len, &step)?.with_axes(&order)
}

/// What walks take of what is made, where they do not pass over too much.
fn walked(of: &Arc<Made>, reads: Vec<Read>) -> Option<Made> {
    let passed_over = reads.iter().fold(1usize, |steps, read| match read {
        Read::At(_) => steps,
        Read::Along(walk) => steps.saturating_mul(walk.step.unsigned_abs()),
    });
    let is_line = matches!(**of, Made::Range { .. } | Made::Linspace { .. });
    (is_line || passed_over <= WASTE).then(|| Made::Part(of.clone(), reads))
}

/// What a view takes of a node that is made.
fn part(source: &Node, made: &Arc<Made>, view: &View) -> Option<Made> {
    match &**made {
        Made::Fill(value) => Some(Made::Fill(*value)),
        Made::Memory(chunk) => cut(chunk, view).ok().map(Made::Memory),
        // Chunks that are there are read one by one.
        Made::Chunks(..) => None,
        Made::Part(of, reads) => {
            let pieces = vec![Piece { input: 0, source: (*source.grid).clone(), axes: reads.clone() }];
            let inner = Assembly { grid: (*source.grid).clone(), dtype: source.dtype, fill: None, pieces };
            let pieces = compose(&view.piece(&source.grid), &view.grid, &inner)?;
            let [piece] = &pieces[..] else { return None };
            walked(of, piece.axes.clone())
        }
        _ => walked(made, view.reads.clone()),
    }
}

fn apply(node: &Arc<Node>, _: &Readers) -> Option<Arc<Node>> {
    let (input, view) = View::of_node(node)?;
    let source = node.inputs.get(input)?;
    let Op::Made(made) = &source.op else { return None };
    let part = part(source, made, &view)?;
    Some(remade(source.name, source.at, &node.grid, node.dtype, Op::Made(Arc::new(part)), Vec::new()))
}
