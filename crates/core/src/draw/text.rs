//! Text: a tree with the outputs at the top and what they read indented beneath, and the one line of
//! [`LayeredGraph::summary`](crate::graph::LayeredGraph::summary).
//!
//! What several read is shown once and afterwards referred to by an arrow and its name. Deep chains go on at the margin,
//! so that the text is never larger than the graph.

use super::picture::{Node, Picture, Role, inputs, names};
use crate::graph::LayeredGraph;
use std::{collections::VecDeque, fmt::Write};

/// Branches deeper than this are drawn as trees of their own.
const DEPTH: usize = 40;

/// A line yet to be written.
struct Branch {
    node: usize,
    depth: usize,
    /// What stands before its name, and before the names beneath it.
    lead: String,
    below: String,
    /// The kind of edge by which it is read.
    kind: String,
}

impl Branch {
    fn root(node: usize) -> Self {
        Branch { node, depth: 0, lead: String::new(), below: String::new(), kind: String::new() }
    }
}

pub(crate) fn draw(picture: &Picture) -> String {
    let mut text = picture.caption.iter().fold(String::new(), |text, caption| text + caption + "\n");
    let mut reads: Vec<Vec<usize>> = vec![Vec::new(); picture.nodes.len()];
    let mut is_read = vec![false; picture.nodes.len()];
    for (at, link) in picture.links.iter().enumerate() {
        reads[link.to].push(at);
        is_read[link.from] = true;
    }
    let mut roots = roots(picture, &is_read);
    let mut shown = vec![false; picture.nodes.len()];
    while let Some(root) = roots.pop_front() {
        let mut branches = if shown[root] { Vec::new() } else { vec![Branch::root(root)] };
        while let Some(Branch { node, depth, lead, below, kind }) = branches.pop() {
            let is_elsewhere = shown[node] || depth > DEPTH;
            text += &lead;
            text += &line(&picture.nodes[node], &kind, is_elsewhere);
            if is_elsewhere {
                roots.push_front(node);
                continue;
            }
            shown[node] = true;
            for (at, link) in reads[node].iter().map(|at| &picture.links[*at]).enumerate().rev() {
                let (fork, run) = if at + 1 == reads[node].len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
                let (lead, below) = (format!("{below}{fork}"), format!("{below}{run}"));
                branches.push(Branch { node: link.from, depth: depth + 1, lead, below, kind: link.kind.clone() });
            }
        }
    }
    text
}

/// Where trees begin: outputs that nobody reads, other outputs, then what no output needs, the last first.
fn roots(picture: &Picture, is_read: &[bool]) -> VecDeque<usize> {
    let all = 0..picture.nodes.len();
    let outputs = |read| all.clone().filter(move |node| picture.nodes[*node].role == Role::Output && is_read[*node] == read);
    outputs(false).chain(outputs(true)).chain(all.clone().rev()).collect()
}

fn line(node: &Node, kind: &str, is_elsewhere: bool) -> String {
    let mut line = match node.role {
        Role::Junction => format!("{} of {}", node.label, node.layer),
        _ => node.label.clone(),
    };
    if is_elsewhere {
        line = format!("→ {line}");
    } else {
        node.notes.iter().for_each(|note| line = format!("{line}  {note}"));
        if !node.keys.is_empty() {
            line = format!("{line}  => {}", node.keys);
        }
    }
    if !kind.is_empty() {
        line = format!("{line}  ({kind})");
    }
    line.replace(['\n', '\r'], " ") + "\n"
}

pub(crate) fn summary(graph: &LayeredGraph) -> String {
    let names = names(graph);
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
    let mut reads = vec![0usize; names.len()];
    for (to, count) in reads.iter_mut().enumerate() {
        for from in inputs(graph, to).map(|input| input.from.0 as usize).filter(|from| *from != to) {
            if readers[from].last() != Some(&to) {
                readers[from].push(to);
                *count += 1;
            }
        }
    }
    let is_inside = |layer: usize| reads[layer] == 1 && readers[layer].len() == 1;
    let mut text = String::new();
    let mut write = |between: &str, layer: usize| {
        let between = if text.is_empty() { "" } else { between };
        // Writing to a string cannot fail.
        let _ = write!(text, "{between}{}[{}]", names[layer], graph.layers[layer].spec.selected.len());
    };
    for start in (0..names.len()).filter(|layer| !is_inside(*layer)) {
        if readers[start].is_empty() && reads[start] == 0 {
            write("; ", start);
        }
        for reader in &readers[start] {
            write("; ", start);
            let mut at = *reader;
            write(" -> ", at);
            while is_inside(at) {
                at = readers[at][0];
                write(" -> ", at);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::{
        Detail, Format,
        tests::{add, chain, join, reduction},
    };
    use crate::graph::{EdgeMap, LayeredGraph, Ranges};

    #[test]
    fn a_chain_is_one_branch() {
        let expected = "\
filter  4 tasks  => out
└─ add  4 tasks  (one-to-one)
   └─ read-csv  4 tasks  (one-to-one)
";
        assert_eq!(chain(4).to_string(), expected);
        assert_eq!(chain(4).summary(), "read-csv[4] -> add[4] -> filter[4]");
    }

    #[test]
    fn layers_of_one_name_are_numbered() {
        let expected = "\
hash-join  5 tasks  => joined
├─ shuffle-left  4 tasks  (channel)
│  └─ read-csv#1  4 tasks  (one-to-one)
└─ shuffle-right  3 tasks  (channel)
   └─ read-csv#2  3 tasks  (one-to-one)
";
        assert_eq!(join().to_string(), expected);
        let chains = "read-csv#1[4] -> shuffle-left[4] -> hash-join[5]; read-csv#2[3] -> shuffle-right[3] -> hash-join[5]";
        assert_eq!(join().summary(), chains);
    }

    #[test]
    fn a_shared_layer_is_shown_once() {
        let mut graph = chain(3);
        graph.layers[1].spec.parts = vec!["add".into(), "cast".into()];
        let (sum, filter) = (crate::LayerId(1), crate::LayerId(2));
        let mean = add(&mut graph, "mean", 1, &[(sum, EdgeMap::All), (filter, EdgeMap::All)]);
        graph.want(mean, "m");
        graph.layers[0].spec.selected = Ranges::full(2);
        let expected = "\
mean  1 task  => m
├─ add  add + cast  3 tasks  (all)
│  └─ read-csv  2/3 tasks  (one-to-one)
└─ filter  3 tasks  => out  (all)
   └─ → add  (one-to-one)
";
        assert_eq!(graph.to_string(), expected);
    }

    #[test]
    fn tasks_meet_in_junctions() {
        let mut graph = LayeredGraph::default();
        let cut = add(&mut graph, "cut", 2, &[]);
        let join = add(&mut graph, "join", 3, &[(cut, EdgeMap::Channel)]);
        graph.want(join, "j");
        let expected = "\
join[0]  => j
└─ channel of cut[0..2]
   ├─ cut[0]
   └─ cut[1]
join[1]  => j
└─ → channel of cut[0..2]
join[2]  => j
└─ → channel of cut[0..2]
";
        assert_eq!(graph.draw(Detail::Tasks, Format::Text), expected);
    }

    #[test]
    fn a_long_chain_neither_overflows_nor_indents_for_ever() {
        let mut graph = LayeredGraph::default();
        let mut last = add(&mut graph, "start", 1, &[]);
        for _ in 0..100_000 {
            last = add(&mut graph, "step", 1, &[(last, EdgeMap::OneToOne)]);
        }
        graph.want(last, "end");
        let text = graph.to_string();
        assert!(text.len() < 20_000_000, "{}", text.len());
        assert_eq!(text.lines().filter(|line| !line.contains('→')).count(), 100_001);
    }

    #[test]
    fn too_many_tasks_are_drawn_by_layer() {
        let text = reduction(5000, 8).draw(Detail::Tasks, Format::Text);
        assert!(text.starts_with("drawn by layer: it has more than 2000 tasks\nsum#5  1 task  => total\n"), "{text}");
    }

    #[test]
    fn an_empty_graph_is_empty() {
        assert_eq!((LayeredGraph::default().to_string(), LayeredGraph::default().summary()), (String::new(), String::new()));
    }
}
