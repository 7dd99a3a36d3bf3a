//! Graphs written by hand: [`Graph`], calls that refer to one another by key, and the builder behind
//! [`LayeredGraph::builder`](crate::graph::LayeredGraph::builder), layers that refer to one another by [`Edge`]s.
//!
//! `graph`: keys and calls; `resolve`: these to calls. `layers`: layers and `edge`s; `assemble`: these to a graph.

mod assemble;
mod edge;
mod graph;
mod layers;
mod resolve;

pub use edge::{Edge, Shape};
pub use graph::{Graph, key};
pub use layers::LayersBuilder;
