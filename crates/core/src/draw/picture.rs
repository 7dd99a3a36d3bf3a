//! What is drawn: boxes and arrows made from a graph, by layer or by task. All formats draw the same picture.
//!
//! Readers of the same many tasks (all of a layer, a channel of each, a row of a grid) share a junction: `n + m` arrows
//! through a dot where one by one they would be `n * m`.

use super::Detail;
use crate::{
    Index,
    graph::{Emits, Input, Layer, LayerSpec, LayeredGraph, Ranges, Work},
};
use std::collections::HashMap;

/// More tasks than this are not drawn one by one.
const MAX_TASKS: u64 = 2000;
/// More arrows than this nobody can read.
pub(crate) const MAX_LINKS: usize = 20_000;
/// Up to so many tasks, `Auto` draws each.
const AUTO_TASKS: u64 = 60;
/// More arrows than this into one box meet before it.
const FAN_IN: usize = 12;
/// Keys that a box names before it only counts them.
const KEYS: usize = 3;

/// What a box does, as its colour tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Reads nothing.
    Source,
    /// Reads task by task.
    OneToOne,
    /// Reads several tasks, or parts of them.
    Exchange,
    /// Is wanted.
    Output,
    /// Is no task: where the arrows of a shared edge meet.
    Junction,
}

/// A box, or the dot of a junction.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// `read-csv`, `read-csv[3]`, or the kind of edge at a junction.
    pub(crate) label: String,
    /// The name of its layer; at a junction, the tasks that are read: `cut[0..4]`.
    pub(crate) layer: String,
    /// The index of a task.
    pub(crate) index: Option<Index>,
    /// `4 tasks`, `csv + filter`.
    pub(crate) notes: Vec<String>,
    /// The keys under which it is wanted.
    pub(crate) keys: String,
    /// What its tasks do, as their body describes itself.
    pub(crate) body: String,
    pub(crate) role: Role,
    /// Whether its results exist already, or other runs make them.
    pub(crate) held: bool,
}

/// An arrow from what is read to its reader.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Link {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// The kind of edge; empty between tasks, whose junctions tell it.
    pub(crate) kind: String,
}

/// Boxes and arrows.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) nodes: Vec<Node>,
    pub(crate) links: Vec<Link>,
    /// Whether a box is a task.
    pub(crate) by_task: bool,
    /// `3 layers, 12 tasks`.
    pub(crate) title: String,
    /// Why the picture is not as it was asked for.
    pub(crate) caption: Option<String>,
}

impl Picture {
    /// Makes the picture; of tasks only where they need no more than `max_links` arrows.
    pub(crate) fn of(graph: &LayeredGraph, detail: Detail, max_links: usize) -> Picture {
        let tasks: u64 = graph.layers.iter().map(|layer| layer.spec.selected.len() as u64).sum();
        let wanted = match detail {
            Detail::Layers => false,
            Detail::Tasks => true,
            Detail::Auto => tasks <= AUTO_TASKS,
        };
        let by_task = (wanted && tasks <= MAX_TASKS).then(|| by_task(graph, max_links)).flatten();
        let caption = (wanted && by_task.is_none()).then(|| match tasks <= MAX_TASKS {
            true => format!("drawn by layer: its tasks have more than {max_links} edges"),
            false => format!("drawn by layer: it has more than {MAX_TASKS} tasks"),
        });
        let title = format!("{}, {}", count(graph.layers.len() as u64, "layer"), count(tasks, "task"));
        let is_by_task = by_task.is_some();
        let (nodes, links) = by_task.unwrap_or_else(|| by_layer(graph));
        Picture { nodes, links, by_task: is_by_task, title, caption }
    }
}

/// The names of the layers; those that several have are numbered, so that a name means one layer.
pub(crate) fn names(graph: &LayeredGraph) -> Vec<String> {
    let mut met: HashMap<&str, (u32, u32)> = HashMap::new();
    for layer in &graph.layers {
        met.entry(&layer.spec.name).or_default().0 += 1;
    }
    let number = |layer: &Layer| match met.get_mut(layer.spec.name.as_str()) {
        Some((2.., so_far)) => {
            *so_far += 1;
            format!("{}#{so_far}", layer.spec.name)
        }
        _ => layer.spec.name.clone(),
    };
    graph.layers.iter().map(number).collect()
}

/// The inputs of a layer that go the right way.
pub(crate) fn inputs(graph: &LayeredGraph, layer: usize) -> impl Iterator<Item = &Input> {
    graph.layers[layer].spec.inputs.iter().filter(move |input| input.from.0 as usize <= layer)
}

fn by_layer(graph: &LayeredGraph) -> (Vec<Node>, Vec<Link>) {
    let mut keys: Vec<(usize, String)> = vec![Default::default(); graph.layers.len()];
    for output in &graph.outputs {
        if let Some(keys) = keys.get_mut(output.layer.0 as usize) {
            name_key(keys, &output.key.to_string());
        }
    }
    let nodes = graph.layers.iter().zip(names(graph)).zip(keys).enumerate().map(|(id, ((layer, name), keys))| {
        let role = role(&layer.spec, keys.0 > 0, inputs(graph, id).all(|input| input.from.0 as usize == id));
        let body = match &layer.work {
            Work::Uniform(template) | Work::Each(template, _) => format!("{template:?}"),
            Work::Held => String::new(),
        };
        let (keys, held) = (key_names(keys), layer.spec.held.is_some());
        Node { label: name.clone(), layer: name, index: None, notes: notes(graph, id), keys, body, role, held }
    });
    let mut links: Vec<Link> = Vec::new();
    for to in 0..graph.layers.len() {
        let first = links.len();
        for input in inputs(graph, to).filter(|input| input.from.0 as usize != to) {
            let (from, kind) = (input.from.0 as usize, input.map.name());
            match links[first..].iter_mut().find(|link| link.from == from) {
                Some(link) => link.kind = format!("{} + {kind}", link.kind),
                None => links.push(Link { from, to, kind: kind.into() }),
            }
        }
    }
    (nodes.collect(), links)
}

/// The picture by task, unless it has too many arrows.
fn by_task(graph: &LayeredGraph, max_links: usize) -> Option<(Vec<Node>, Vec<Link>)> {
    let (mut nodes, mut links, mut first) = (Vec::new(), Vec::new(), Vec::new());
    let names = names(graph);
    for (id, (layer, name)) in graph.layers.iter().zip(&names).enumerate() {
        first.push(nodes.len());
        let outputs: Vec<_> = graph.outputs.iter().filter(|output| output.layer.0 as usize == id).collect();
        nodes.extend(layer.spec.selected.iter().map(|index| {
            let mut keys = Default::default();
            for output in outputs.iter().filter(|output| output.tasks.contains(index)) {
                name_key(&mut keys, &output.key.to_string());
            }
            let (role, layer_name) = (role(&layer.spec, keys.0 > 0, false), name.clone());
            let (label, keys, held) = (format!("{name}[{index}]"), key_names(keys), layer.spec.held.is_some());
            Node { label, layer: layer_name, index: Some(index), notes: Vec::new(), keys, body: String::new(), role, held }
        }));
    }
    let tasks = nodes.len();
    for to in 0..graph.layers.len() {
        for input in inputs(graph, to) {
            let from = input.from.0 as usize;
            let at = |layer: usize, index| Some(first[layer] + graph.layers[layer].spec.selected.rank(index)? as usize);
            for (read, readers) in shared(graph, to, input) {
                let sources: Vec<usize> = read.iter().filter_map(|index| at(from, index)).collect();
                let readers: Vec<usize> = readers.into_iter().filter_map(|index| at(to, index)).collect();
                let mut link = |from, to| links.push(Link { from, to, kind: String::new() });
                let (n, m) = (sources.len(), readers.len());
                if n * m > n + m || n > FAN_IN {
                    let junction = nodes.len();
                    sources.iter().for_each(|source| link(*source, junction));
                    readers.iter().for_each(|reader| link(junction, *reader));
                    nodes.push(junction_of(input.map.name(), format!("{}[{read}]", names[from])));
                } else {
                    sources.iter().for_each(|source| readers.iter().for_each(|reader| link(*source, *reader)));
                }
                if links.len() > max_links {
                    return None;
                }
            }
        }
    }
    let mut reads = vec![false; nodes.len()];
    links.iter().for_each(|link| reads[link.to] = true);
    for (node, reads) in nodes[..tasks].iter_mut().zip(reads) {
        if !reads && node.role != Role::Output {
            node.role = Role::Source;
        }
    }
    Some((nodes, links))
}

/// The sets of tasks that an edge reads, each with all its readers, in the order of the first of these.
fn shared(graph: &LayeredGraph, to: usize, input: &Input) -> Vec<(Ranges, Vec<Index>)> {
    let (source, reader, is_itself) = (&graph.layer(input.from).spec, &graph.layers[to].spec, input.from.0 as usize == to);
    let mut sets: Vec<(Ranges, Vec<Index>)> = Vec::new();
    let mut known: HashMap<Ranges, usize> = HashMap::new();
    if input.map.check(source.tasks, reader.tasks).is_err() {
        return sets;
    }
    for index in reader.selected.iter() {
        let mut read = Vec::new();
        input.map.visit_sources(index, source.tasks, &mut |range| read.push(range));
        let mut read = Ranges::union_of(read).intersect(&source.selected);
        if is_itself {
            read = read.intersect(&Ranges::full(index));
        }
        let at = *known.entry(read.clone()).or_insert(sets.len());
        match sets.get_mut(at) {
            Some((_, readers)) => readers.push(index),
            None => sets.push((read, vec![index])),
        }
    }
    sets
}

fn junction_of(kind: &str, layer: String) -> Node {
    let (label, notes) = (kind.to_owned(), Vec::new());
    Node { label, layer, index: None, notes, keys: String::new(), body: String::new(), role: Role::Junction, held: false }
}

fn role(spec: &LayerSpec, wanted: bool, reads_nothing: bool) -> Role {
    use crate::graph::EdgeMap::OneToOne;
    match () {
        () if wanted => Role::Output,
        () if reads_nothing => Role::Source,
        () if spec.inputs.iter().all(|input| input.map == OneToOne) => Role::OneToOne,
        () => Role::Exchange,
    }
}

/// The lines under a layer's name: its parts, if it was fused, and its tasks.
fn notes(graph: &LayeredGraph, id: usize) -> Vec<String> {
    let spec = &graph.layers[id].spec;
    let mut notes = Vec::new();
    if spec.parts.len() > 1 && spec.parts.join("+") != spec.name {
        notes.push(spec.parts.join(" + "));
    }
    let mut tasks = match spec.selected.len() {
        all if all == spec.tasks => count(all as u64, "task"),
        some => format!("{some}/{}", count(spec.tasks as u64, "task")),
    };
    if let Emits::Channels(n) = spec.emits {
        tasks = format!("{tasks} x {}", count(n as u64, "channel"));
    }
    if spec.held.is_some() {
        tasks += ", held";
    }
    notes.push(tasks);
    if let Some(input) = inputs(graph, id).find(|input| input.from.0 as usize == id) {
        notes.push(format!("reads itself: {}", input.map.name()));
    }
    notes
}

fn count(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Adds a key to those of a box, which names the first few only.
fn name_key((met, names): &mut (usize, String), key: &str) {
    *met += 1;
    if *met <= KEYS {
        let comma = if names.is_empty() { "" } else { ", " };
        *names = format!("{names}{comma}{key}");
    }
}

fn key_names((met, names): (usize, String)) -> String {
    if met > KEYS { format!("{names} +{}", met - KEYS) } else { names }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{add, chain, join},
        *,
    };
    use crate::{
        LayerId,
        graph::{EdgeMap, HeldRange},
    };

    fn counts(graph: &LayeredGraph, detail: Detail) -> (usize, usize) {
        let picture = Picture::of(graph, detail, MAX_LINKS);
        (picture.nodes.len(), picture.links.len())
    }

    #[test]
    fn small_graphs_are_drawn_by_task_and_large_ones_by_layer() {
        assert_eq!(counts(&chain(4), Detail::Auto), (12, 8));
        assert_eq!(counts(&chain(40), Detail::Auto), (3, 2));
        assert_eq!(counts(&chain(40), Detail::Tasks), (120, 80));
        let picture = Picture::of(&chain(4), Detail::Auto, 3);
        assert_eq!((picture.nodes.len(), picture.caption.as_deref()), (3, Some("drawn by layer: its tasks have more than 3 edges")));
    }

    #[test]
    fn shared_reads_meet_in_a_junction() {
        // 7 reads, 7 arrows to two junctions, and 5 from each.
        assert_eq!(counts(&join(), Detail::Tasks), (19 + 2, 7 + 7 + 10));
        let picture = Picture::of(&join(), Detail::Tasks, MAX_LINKS);
        let junctions: Vec<&str> =
            picture.nodes.iter().filter(|node| node.role == Role::Junction).map(|node| node.layer.as_str()).collect();
        assert_eq!(junctions, ["shuffle-left[0..4]", "shuffle-right[0..3]"]);
    }

    #[test]
    fn a_box_tells_what_is_culled_held_fused_and_wanted() {
        let mut graph = LayeredGraph::default();
        let held = graph.push(Layer::held("table", vec![HeldRange { run: crate::RunId(1), layer: LayerId(0), start: 0, len: 2 }]));
        let cut = add(&mut graph, "cut", 2, &[(held, EdgeMap::OneToOne)]);
        let spec = &mut graph.layers[cut.0 as usize].spec;
        (spec.parts, spec.emits, spec.selected) = (vec!["filter".into(), "cut".into()], Emits::Channels(3), Ranges::full(1));
        for key in ["a", "b", "c", "d", "e"] {
            graph.want(cut, key);
        }
        let nodes = Picture::of(&graph, Detail::Layers, MAX_LINKS).nodes;
        assert_eq!((nodes[0].notes.as_slice(), nodes[0].held), (["2 tasks, held".to_owned()].as_slice(), true));
        assert_eq!(nodes[1].notes, ["filter + cut", "1/2 tasks x 3 channels"]);
        assert_eq!((nodes[1].keys.as_str(), nodes[1].role), ("a, b, c +2", Role::Output));
    }

    #[test]
    fn a_layer_may_read_itself_and_edges_at_fault_are_left_out() {
        let mut graph = LayeredGraph::default();
        let own = EdgeMap::explicit([vec![], vec![0], vec![1, 2], vec![9]]);
        add(&mut graph, "step", 3, &[(LayerId(0), EdgeMap::explicit([vec![], vec![0], vec![1, 2]])), (LayerId(7), EdgeMap::All)]);
        assert_eq!(counts(&graph, Detail::Tasks), (3, 2), "task 2 reads 1, and not itself");
        let roles = Picture::of(&graph, Detail::Tasks, MAX_LINKS).nodes.iter().map(|node| node.role).collect::<Vec<_>>();
        assert_eq!(roles, [Role::Source, Role::Exchange, Role::Exchange]);
        assert_eq!(Picture::of(&graph, Detail::Layers, MAX_LINKS).nodes[0].notes, ["3 tasks", "reads itself: explicit"]);
        add(&mut graph, "bad", 2, &[(LayerId(0), own)]);
        assert_eq!(counts(&graph, Detail::Tasks), (5, 2));
    }
}
