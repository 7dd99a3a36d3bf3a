//! The static order of layers: deeper ones first, so that what was made is used up before more is made.

use super::Outline;

/// For each layer its depth: 0 for a source, else one more than the deepest layer it reads. Among ready tasks the
/// scheduler takes the deepest, which keeps the number of results in memory near the depth of the graph and not its width.
pub fn static_order(outline: &Outline) -> Vec<u32> {
    let mut depths: Vec<u32> = Vec::with_capacity(outline.layers.len());
    for (id, spec) in outline.layers.iter().enumerate() {
        let read = spec.inputs.iter().filter(|input| (input.from.0 as usize) < id);
        depths.push(read.map(|input| depths[input.from.0 as usize] + 1).max().unwrap_or(0));
    }
    depths
}
