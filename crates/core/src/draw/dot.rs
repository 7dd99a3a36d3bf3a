//! Graphviz DOT. `dot -Tpdf graph.dot -o graph.pdf` draws it.

use super::{
    picture::{Picture, Role},
    svg::{colours, lines},
};
use std::fmt::Write;

pub(crate) fn draw(picture: &Picture) -> String {
    let mut dot = String::from("digraph stratal {\n");
    // Writing to a string cannot fail.
    let _ = write(&mut dot, picture);
    dot + "}\n"
}

fn write(dot: &mut String, picture: &Picture) -> std::fmt::Result {
    let direction = if picture.by_task { "TB" } else { "LR" };
    writeln!(dot, "  graph [rankdir={direction}, fontname=\"sans-serif\"];")?;
    if let Some(caption) = &picture.caption {
        writeln!(dot, "  graph [label={}];", quote(caption))?;
    }
    writeln!(dot, "  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\", fontsize=12];")?;
    writeln!(dot, "  edge [color=\"#667085\", fontcolor=\"#667085\", fontname=\"sans-serif\", fontsize=10];")?;
    for (at, node) in picture.nodes.iter().enumerate() {
        let (fill, stroke) = colours(node);
        match node.role {
            Role::Junction => writeln!(dot, "  n{at} [shape=point, width=0.08, xlabel={}];", quote(&node.label))?,
            _ => {
                let dashed = if node.held { ", style=\"rounded,filled,dashed\"" } else { "" };
                let label = quote(&lines(node).join("\n"));
                writeln!(dot, "  n{at} [label={label}, fillcolor=\"{fill}\", color=\"{stroke}\"{dashed}];")?;
            }
        }
    }
    for link in &picture.links {
        let label = if link.kind.is_empty() { String::new() } else { format!(" [label={}]", quote(&link.kind)) };
        let label = if picture.nodes[link.to].role == Role::Junction { " [arrowhead=none]" } else { &label };
        writeln!(dot, "  n{} -> n{}{label};", link.from, link.to)?;
    }
    Ok(())
}

/// A quoted string in which no backslash is an escape of Graphviz but that of a line's end.
fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::super::{
        Detail, Format,
        tests::{add, chain},
    };
    use crate::graph::{EdgeMap, LayeredGraph};

    #[test]
    fn a_graph_by_layer() {
        let mut graph = LayeredGraph::default();
        let read = add(&mut graph, "read \"a\\b\"", 4, &[]);
        let sum = add(&mut graph, "sum", 1, &[(read, EdgeMap::All)]);
        graph.want(sum, "total");
        let expected = r##"digraph stratal {
  graph [rankdir=LR, fontname="sans-serif"];
  node [shape=box, style="rounded,filled", fontname="sans-serif", fontsize=12];
  edge [color="#667085", fontcolor="#667085", fontname="sans-serif", fontsize=10];
  n0 [label="read \"a\\b\"\n4 tasks", fillcolor="#e3f1fb", color="#0072b2"];
  n1 [label="sum\n1 task\n→ total", fillcolor="#f8e6f0", color="#b0568a"];
  n0 -> n1 [label="all"];
}
"##;
        assert_eq!(graph.draw(Detail::Layers, Format::Dot), expected);
    }

    #[test]
    fn a_graph_by_task_runs_down() {
        let dot = chain(4).draw(Detail::Tasks, Format::Dot);
        assert!(dot.contains("rankdir=TB") && dot.contains("label=\"add[3]\""), "{dot}");
        assert_eq!(dot.matches(" -> ").count(), 8);
    }
}
