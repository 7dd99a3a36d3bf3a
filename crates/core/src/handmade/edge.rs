//! [`Edge`]: how a layer that is written by hand reads another, by name.

use crate::Index;
use std::{fmt, ops::Range};

/// Results of another layer as an argument of [`LayersBuilder::layer`](super::LayersBuilder::layer).
///
/// ```
/// use stratal_core::handmade::Edge;
/// assert_eq!(Edge::tree("parts", 8).to_string(), "a tree edge from parts");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    pub(super) layer: String,
    pub(super) shape: Shape,
}

/// Which tasks of the other layer a task reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The task of the same number.
    OneToOne,
    /// All tasks.
    All,
    /// The task's own channel of all tasks.
    Channel,
    /// `fan_in` tasks after those of the task before.
    Tree {
        /// How many tasks one task reads.
        fan_in: u32,
    },
    /// A range for each task.
    Ranges(Vec<Range<Index>>),
    /// A list for each task.
    Explicit(Vec<Vec<Index>>),
}

impl Edge {
    fn new(layer: impl Into<String>, shape: Shape) -> Self {
        Edge { layer: layer.into(), shape }
    }

    /// Task *i* takes the result of task *i*: a `T`.
    pub fn one_to_one(layer: impl Into<String>) -> Self {
        Edge::new(layer, Shape::OneToOne)
    }

    /// Each task takes all results, in order: a `Vec<T>`.
    pub fn all(layer: impl Into<String>) -> Self {
        Edge::new(layer, Shape::All)
    }

    /// Task *i* takes channel *i* of all results: a `Vec<T>`, from layers that leave channels.
    pub fn channel(layer: impl Into<String>) -> Self {
        Edge::new(layer, Shape::Channel)
    }

    /// Task *i* takes results `i * fan_in .. (i + 1) * fan_in`: a `Vec<T>`, one level of a tree.
    pub fn tree(layer: impl Into<String>, fan_in: u32) -> Self {
        Edge::new(layer, Shape::Tree { fan_in })
    }

    /// Task *i* takes the results of range *i*: a `Vec<T>`.
    pub fn ranges(layer: impl Into<String>, ranges: impl IntoIterator<Item = Range<Index>>) -> Self {
        Edge::new(layer, Shape::Ranges(ranges.into_iter().collect()))
    }

    /// Task *i* takes the results of list *i*: a `Vec<T>`.
    pub fn explicit<L: IntoIterator<Item = Index>>(layer: impl Into<String>, lists: impl IntoIterator<Item = L>) -> Self {
        Edge::new(layer, Shape::Explicit(lists.into_iter().map(|list| list.into_iter().collect()).collect()))
    }

    /// The layer that is read.
    pub fn layer(&self) -> &str {
        &self.layer
    }

    pub(super) fn kind(&self) -> &'static str {
        match self.shape {
            Shape::OneToOne => "one-to-one",
            Shape::All => "all",
            Shape::Channel => "channel",
            Shape::Tree { .. } => "tree",
            Shape::Ranges(_) => "ranges",
            Shape::Explicit(_) => "explicit",
        }
    }
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let article = if matches!(self.shape, Shape::All | Shape::Explicit(_)) { "an" } else { "a" };
        write!(f, "{article} {} edge from {}", self.kind(), self.layer)
    }
}
