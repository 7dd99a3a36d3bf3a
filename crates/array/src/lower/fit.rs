//! Plans that fit. A task that reads boxes of several operands in place holds all the chunks that these lie in; put together first, it
//! holds one chunk of each. That is more work, and done where a plan would be refused without it.

use super::{
    in_place::{Apart, Boxed},
    layers::{Lowered, lowered},
};
use crate::{
    node::Node,
    rewrite::{Rewritten, rewrite},
};
use rustc_hash::FxHashSet;
use std::sync::Arc;
use stratal_core::{Result, config::show_bytes, graph::LayeredGraph};

/// The layers of an expression, rewritten; its chunks are the one output. What reads boxes of chunks in place and would take more
/// than `limit` bytes reads them put together, if everything fits then.
pub(crate) fn lower(root: &Arc<Node>, limit: Option<u64>) -> Result<Lowered> {
    let Rewritten { root: cheaper, fired } = rewrite(root)?;
    let mut lowered = within(&cheaper, limit)?;
    // What is wanted is called what the user called it.
    lowered.graph.outputs.iter_mut().for_each(|output| output.key = root.name.into());
    Ok(Lowered { fired, ..lowered })
}

fn within(root: &Arc<Node>, limit: Option<u64>) -> Result<Lowered> {
    let in_place = lowered(root, &Apart::Only(FxHashSet::default()))?;
    let Some(limit) = limit.filter(|limit| !fits(&in_place.graph, *limit)) else { return Ok(in_place) };
    let mut apart: FxHashSet<usize> = FxHashSet::default();
    let (mut why, mut boxed) = (Vec::new(), in_place.boxed.clone());
    // What is put together here is read by others too, and what they take may change: each time there is more of it.
    loop {
        let before = apart.len();
        for layer in boxed.iter().filter(|layer| layer.bytes > limit) {
            apart.extend(&layer.nodes);
            why.push(told(layer, limit));
        }
        if apart.len() == before {
            return Ok(in_place);
        }
        let together = lowered(root, &Apart::Only(apart.clone()))?;
        if fits(&together.graph, limit) {
            let refused = in_place.refused.into_iter().chain(why).collect();
            return Ok(Lowered { refused, ..together });
        }
        boxed = together.boxed;
    }
}

/// Whether each task that runs fits.
fn fits(graph: &LayeredGraph, limit: u64) -> bool {
    let fits = |graph: &LayeredGraph| graph.projected(1).is_none_or(|projected| projected.task_bytes <= limit);
    fits(graph) || fits(&graph.prune())
}

fn told(layer: &Boxed, limit: u64) -> String {
    let (needs, most, they_are) = (show_bytes(layer.bytes), show_bytes(limit), if layer.nodes.len() > 1 { "they are" } else { "it is" });
    format!("{}: {they_are} put together first: in place {} would take {needs} of {most} a task", layer.names, layer.name)
}
