//! Mermaid flowcharts, as GitHub and other Markdown renderers show them.

use super::{
    picture::{Node, Picture, Role},
    svg::{colours, lines, meaning},
};
use std::fmt::Write;

/// Renderers refuse more edges than this (`maxEdges`), and a chart cannot raise the limit itself.
pub(crate) const MAX_LINKS: usize = 500;

pub(crate) fn draw(picture: &Picture) -> String {
    let mut chart = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut chart, picture);
    chart
}

fn write(chart: &mut String, picture: &Picture) -> std::fmt::Result {
    if let Some(caption) = &picture.caption {
        writeln!(chart, "---\ntitle: \"{caption}\"\n---")?;
    }
    writeln!(chart, "flowchart {}", if picture.by_task { "TD" } else { "LR" })?;
    for (at, node) in picture.nodes.iter().enumerate() {
        match node.role {
            Role::Junction => writeln!(chart, "  n{at}(({}))", quote(&node.label))?,
            _ => writeln!(chart, "  n{at}({})", quote(&lines(node).join("\n")))?,
        }
    }
    for link in &picture.links {
        let arrow = if picture.nodes[link.to].role == Role::Junction { "---" } else { "-->" };
        let label = if link.kind.is_empty() { String::new() } else { format!("|{}|", quote(&link.kind)) };
        writeln!(chart, "  n{} {arrow}{label} n{}", link.from, link.to)?;
    }
    let mut classes: Vec<(&str, &Node, Vec<String>)> = Vec::new();
    for (at, node) in picture.nodes.iter().enumerate().filter(|(_, node)| node.role != Role::Junction) {
        let class = meaning(node);
        match classes.iter_mut().find(|(known, ..)| *known == class) {
            Some((.., members)) => members.push(format!("n{at}")),
            None => classes.push((class, node, vec![format!("n{at}")])),
        }
    }
    for (class, node, members) in classes {
        let class = class.replace('-', "_");
        let (fill, stroke) = colours(node);
        let dashed = if node.held { ",stroke-dasharray:4 3" } else { "" };
        writeln!(chart, "  classDef {class} fill:{fill},stroke:{stroke},color:#1d2939{dashed}")?;
        writeln!(chart, "  class {} {class}", members.join(","))?;
    }
    Ok(())
}

/// A quoted label. Mermaid knows character codes (`#35;`) and reads most punctuation as its own or as HTML.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '\n' => quoted.push_str("<br/>"),
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | '*' | '_' => {
                let _ = write!(quoted, "#{};", c as u32);
            }
            _ => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::super::{
        Detail, Format,
        tests::{add, reduction},
    };
    use crate::graph::{EdgeMap, LayeredGraph};

    #[test]
    fn a_graph_by_layer() {
        let mut graph = LayeredGraph::default();
        let read = add(&mut graph, "read <\"a\">", 4, &[]);
        let sum = add(&mut graph, "sum", 1, &[(read, EdgeMap::All)]);
        graph.want(sum, "total");
        let expected = "\
flowchart LR
  n0(\"read #60;#34;a#34;#62;<br/>4 tasks\")
  n1(\"sum<br/>1 task<br/>→ total\")
  n0 -->|\"all\"| n1
  classDef source fill:#e3f1fb,stroke:#0072b2,color:#1d2939
  class n0 source
  classDef output fill:#f8e6f0,stroke:#b0568a,color:#1d2939
  class n1 output
";
        assert_eq!(graph.draw(Detail::Layers, Format::Mermaid), expected);
    }

    #[test]
    fn more_edges_than_renderers_take_are_drawn_by_layer() {
        let chart = reduction(600, 2).draw(Detail::Tasks, Format::Mermaid);
        assert!(chart.starts_with("---\ntitle: \"drawn by layer: its tasks have more than 500 edges\"\n---\nflowchart LR\n"), "{chart}");
    }
}
