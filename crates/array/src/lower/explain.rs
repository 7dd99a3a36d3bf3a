//! A plan as text: the expression after rewrites, what was fused and what was not, layers, memory, and what is read.

use super::{Lowered, Nodes};
use crate::{
    job::{Job, Tiles},
    made::Made,
    node::{Node, Op},
};
use std::fmt::{Display, Write};
use stratal_core::{
    config::show_bytes,
    graph::{Layer, Work},
};

/// Nodes that are shown; of more, the first and the last.
const SHOWN: usize = 40;

/// Lines under headings.
struct Text(String);

impl Text {
    fn line(&mut self, heading: &str, line: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{heading:<9} {line}");
    }

    /// Lines under one heading.
    fn lines(&mut self, heading: &str, lines: impl IntoIterator<Item = String>) {
        for (nth, line) in lines.into_iter().enumerate() {
            self.line(if nth == 0 { heading } else { "" }, line);
        }
    }
}

/// The nodes of the expression, each with those that it reads by number.
fn nodes(nodes: &Nodes<'_>) -> Vec<String> {
    let count = nodes.all.len();
    let line = |at: usize| {
        let node = nodes.all[at];
        let inputs: Vec<String> = node.inputs.iter().map(|input| nodes.index(input).to_string()).collect();
        let inputs = if inputs.is_empty() { String::new() } else { format!("({})", inputs.join(", ")) };
        format!("{at} {}{inputs}: {} {}", node.name, node.dtype, node.grid.show())
    };
    if count <= SHOWN {
        return (0..count).map(line).collect();
    }
    let (first, last) = (0..SHOWN / 2, count - SHOWN / 2..count);
    let between = std::iter::once(format!("… {} more", count - SHOWN));
    first.map(line).chain(between).chain(last.map(line)).collect()
}

/// What a layer reads from outside of the graph.
fn read_by(layer: &Layer) -> Option<String> {
    let spec = &layer.spec;
    let (some, all) = (spec.selected.len(), spec.tasks);
    match &layer.work {
        Work::Held if spec.held.is_some() => Some(format!("{}: {some} of {all} chunks that are kept", spec.name)),
        Work::Held => Some(format!("{}: {some} of {all} results of lazy values", spec.name)),
        Work::Uniform(template) if spec.inputs.is_empty() && template.kind != Tiles::KIND => {
            Some(format!("{}: {some} of {all} chunks", spec.name))
        }
        _ => None,
    }
}

/// What a node brings with it.
fn brought(node: &Node) -> Option<String> {
    let Op::Made(made) = &node.op else { return None };
    let bytes = match &**made {
        Made::Memory(chunk) => (chunk.len() * chunk.dtype().size()) as u64,
        Made::Chunks(_, chunks) => chunks.iter().map(|chunk| (chunk.len() * chunk.dtype().size()) as u64).sum(),
        _ => return None,
    };
    Some(format!("{}: {} in memory", node.name, show_bytes(bytes)))
}

/// The plan for an array.
pub(crate) fn explain(array: &Node, lowered: &Lowered) -> String {
    let graph = lowered.graph.prune();
    let mut text = Text(format!("{} {}\n", array.dtype, array.grid.show()));
    let fired: Vec<String> = lowered.fired.iter().map(|(name, times)| format!("{name} {times}")).collect();
    text.line("rewrites", if fired.is_empty() { "none".to_owned() } else { fired.join(", ") });
    let all = Nodes::of(&lowered.root);
    text.lines("nodes", nodes(&all));
    text.line("layers", graph.summary());
    text.lines("fused", lowered.fused.iter().cloned());
    text.lines("not fused", lowered.refused.iter().cloned());
    text.lines("chosen", lowered.told.iter().cloned());
    let read = graph.layers.iter().filter_map(read_by).chain(all.all.iter().filter_map(|node| brought(node)));
    let read: Vec<String> = read.collect();
    text.lines("reads", if read.is_empty() { vec!["nothing".to_owned()] } else { read });
    let promised = graph.layers.iter().map(|layer| &layer.spec).filter(|spec| spec.needs.bytes > 0);
    text.lines(
        "memory",
        promised.map(|spec| {
            let (task, tasks) = (spec.needs.bytes, spec.selected.len());
            let together = task.saturating_mul(tasks as u64);
            format!("{}[{tasks}]: {} a task, {} together", spec.name, show_bytes(task), show_bytes(together))
        }),
    );
    text.0
}
