//! Drawing graphs: as a text tree, Graphviz DOT, Mermaid, SVG, and PNG with the feature `png`.
//!
//! A graph becomes a picture, boxes and arrows by layer or by task, and every format draws that one picture. Only
//! the SVG needs to know where things stand: see `layout`. A graph that breaks its own rules (an edge to a later layer,
//! lists of the wrong length) is drawn without the edges at fault, so that it can be looked at.
//!
//! `picture`: boxes and arrows. `layout`: where they stand. `text`, `dot`, `mermaid`, `svg`, `png`: the formats.

mod dot;
mod layout;
mod mermaid;
mod picture;
#[cfg(feature = "png")]
mod png;
mod svg;
mod text;

use crate::{Error, ErrorKind, Result, graph::LayeredGraph};
use picture::Picture;
use std::{
    fs,
    path::Path,
    process,
    sync::atomic::{AtomicU64, Ordering},
};

/// What one box of a picture stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// A layer.
    Layers,
    /// A task. Past 2000 tasks, or more arrows than the format can show, the picture falls back to layers and says so.
    Tasks,
    /// A task where there are at most 60, else a layer.
    #[default]
    Auto,
}

/// A format that is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A tree with the outputs at the top and what they read beneath.
    Text,
    /// Graphviz DOT.
    Dot,
    /// A Mermaid flowchart, as Markdown renderers show it.
    Mermaid,
    /// A self-contained SVG.
    Svg,
}

/// What [`LayeredGraph::visualize`] tells about endings that it does not know.
const ENDINGS: &str = "end the name in .txt, .dot, .gv, .mmd, .mermaid, .svg or .png";

impl LayeredGraph {
    /// The graph as a picture in a text format.
    ///
    /// ```
    /// use stratal_core::{draw::{Detail, Format}, graph::{EdgeMap, Layer, LayerSpec, LayeredGraph, Work}};
    /// let mut graph = LayeredGraph::default();
    /// let read = graph.push(Layer { spec: LayerSpec::new("read-csv", 4), work: Work::Held });
    /// let filter = LayerSpec::new("filter", 4).reads(read, EdgeMap::OneToOne);
    /// let filter = graph.push(Layer { spec: filter, work: Work::Held });
    /// graph.want(filter, "adults");
    /// let tree = "\
    /// filter  4 tasks  => adults
    /// └─ read-csv  4 tasks  (one-to-one)
    /// ";
    /// assert_eq!(graph.draw(Detail::Layers, Format::Text), tree);
    /// ```
    pub fn draw(&self, detail: Detail, format: Format) -> String {
        let picture = |max_links| Picture::of(self, detail, max_links);
        match format {
            Format::Text => text::draw(&picture(picture::MAX_LINKS)),
            Format::Dot => dot::draw(&picture(picture::MAX_LINKS)),
            Format::Mermaid => mermaid::draw(&picture(mermaid::MAX_LINKS)),
            Format::Svg => svg::draw(&picture(picture::MAX_LINKS)),
        }
    }

    /// Draws the graph to a file, in the format that its ending names: `.txt`, `.dot` or `.gv`, `.mmd` or `.mermaid`,
    /// `.svg`, `.png`. By task where there are at most 60, else by layer.
    ///
    /// The file is written under a temporary name and then renamed: whoever reads it sees all of it or nothing.
    ///
    /// # Errors
    /// An ending that is none of these (`BadValue`); `.png` without the feature `png` (`BadValue`); a file that cannot be written.
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<()> {
        self.visualize_with(path, Detail::Auto)
    }

    /// [`visualize`](Self::visualize), by layer or by task as asked.
    ///
    /// # Errors
    /// As those of [`visualize`](Self::visualize).
    pub fn visualize_with(&self, path: impl AsRef<Path>, detail: Detail) -> Result<()> {
        let path = path.as_ref();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        let format = match ending.as_str() {
            "txt" => Format::Text,
            "dot" | "gv" => Format::Dot,
            "mmd" | "mermaid" => Format::Mermaid,
            "svg" => Format::Svg,
            "png" => return write(path, &png(&self.draw(detail, Format::Svg))?),
            _ => {
                let message = format!("no picture format is known for {:?}", path.display().to_string());
                return Err(Error::new(ErrorKind::BadValue, message).with_help(ENDINGS));
            }
        };
        write(path, self.draw(detail, format).as_bytes())
    }

    /// The graph in one line: `read-csv[4] -> add[4] -> filter[4]`, with the number of tasks of each layer.
    ///
    /// A graph that forks or joins is given as chains, each edge once: `a[4] -> c[8]; b[2] -> c[8]`.
    pub fn summary(&self) -> String {
        text::summary(self)
    }
}

/// The text tree by layer, as [`draw`](LayeredGraph::draw) gives it.
impl std::fmt::Display for LayeredGraph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.draw(Detail::Layers, Format::Text))
    }
}

#[cfg(feature = "png")]
use png::render as png;

#[cfg(not(feature = "png"))]
fn png(_svg: &str) -> Result<Vec<u8>> {
    let help = "build stratal with the feature \"png\", or draw to .svg and convert that";
    Err(Error::new(ErrorKind::BadValue, "this program was built without PNG pictures").with_help(help))
}

/// Writes the file beside its place, then moves it there.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}-{}.tmp", process::id(), WRITTEN.fetch_add(1, Ordering::Relaxed)));
    let beside = path.with_file_name(name);
    fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, path)).map_err(|error| {
        // What is left of a failed write is of no use; that it cannot be removed adds nothing to the first error.
        let _ = fs::remove_file(&beside);
        Error::from(error).in_file(path.display().to_string(), None, None)
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        LayerId,
        graph::{EdgeMap, Layer, LayerSpec, Work},
    };

    /// Adds a layer without work that reads the given ones.
    pub(crate) fn add(graph: &mut LayeredGraph, name: &str, tasks: u32, reads: &[(LayerId, EdgeMap)]) -> LayerId {
        let spec = reads.iter().fold(LayerSpec::new(name, tasks), |spec, (from, map)| spec.reads(*from, map.clone()));
        graph.push(Layer { spec, work: Work::Held })
    }

    /// `read-csv -> add -> filter`, over `tasks` partitions.
    pub(crate) fn chain(tasks: u32) -> LayeredGraph {
        let mut graph = LayeredGraph::default();
        let read = add(&mut graph, "read-csv", tasks, &[]);
        let sum = add(&mut graph, "add", tasks, &[(read, EdgeMap::OneToOne)]);
        let filter = add(&mut graph, "filter", tasks, &[(sum, EdgeMap::OneToOne)]);
        graph.want(filter, "out");
        graph
    }

    /// Two tables, each shuffled, joined: five layers, two of them of one name.
    pub(crate) fn join() -> LayeredGraph {
        let mut graph = LayeredGraph::default();
        let left = add(&mut graph, "read-csv", 4, &[]);
        let right = add(&mut graph, "read-csv", 3, &[]);
        let left = add(&mut graph, "shuffle-left", 4, &[(left, EdgeMap::OneToOne)]);
        let right = add(&mut graph, "shuffle-right", 3, &[(right, EdgeMap::OneToOne)]);
        let join = add(&mut graph, "hash-join", 5, &[(left, EdgeMap::Channel), (right, EdgeMap::Channel)]);
        graph.want(join, "joined");
        graph
    }

    /// A sum over `leaves` partitions, level by level.
    pub(crate) fn reduction(leaves: u32, fan_in: u32) -> LayeredGraph {
        let mut graph = LayeredGraph::default();
        let (mut last, mut tasks) = (add(&mut graph, "read-parquet", leaves, &[]), leaves);
        while tasks > 1 {
            tasks = tasks.div_ceil(fan_in);
            last = add(&mut graph, "sum", tasks, &[(last, EdgeMap::Tree { fan_in })]);
        }
        graph.want(last, "total");
        graph
    }

    #[test]
    fn the_ending_chooses_the_format() {
        let (dir, graph) = (tempfile::tempdir().unwrap(), chain(4));
        for (name, start) in [("g.txt", "filter[0]"), ("g.dot", "digraph"), ("g.GV", "digraph"), ("g.mmd", "flowchart"), ("g.svg", "<svg ")]
        {
            let path = dir.path().join(name);
            graph.visualize(&path).unwrap();
            assert!(fs::read_to_string(path).unwrap().starts_with(start), "{name}");
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 5, "no temporary file is left");
    }

    #[test]
    fn an_unknown_ending_is_an_error_that_lists_the_known() {
        let error = chain(1).visualize("graph.pdf").unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::BadValue, "no picture format is known for \"graph.pdf\""));
        assert_eq!(error.help(), Some(ENDINGS));
    }

    #[test]
    fn a_failed_write_names_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("missing").join("g.svg");
        let error = chain(1).visualize(&path).unwrap_err();
        assert_eq!((error.kind(), error.file()), (ErrorKind::NotFound, path.to_str()));
    }

    #[cfg(not(feature = "png"))]
    #[test]
    fn png_without_the_feature_says_how_to_get_it() {
        let error = chain(1).visualize("graph.png").unwrap_err();
        assert!(error.help().is_some_and(|help| help.contains("feature \"png\"")), "{error}");
    }
}
