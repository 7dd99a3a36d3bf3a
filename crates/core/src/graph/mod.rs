//! The one graph that frames, arrays and functions are lowered to, and what is done to it before it runs.
//!
//! [`LayeredGraph`] is a list of layers; [`EdgeMap`] says how the tasks of one read those of another, as data. Passes:
//! [`validate`](LayeredGraph::validate), [`prune`](LayeredGraph::prune), [`fuse`](LayeredGraph::fuse), [`static_order`],
//! [`projected`](LayeredGraph::projected). Each stands in a file of its own name, `order` and `memory` the last two.
//!
//! `layer`: the graph and its layers. `edge`: edges. `ranges`: sets of tasks. `token`: what makes work equal. `want`: results by name.

mod edge;
mod fuse;
mod layer;
mod memory;
mod order;
mod prune;
mod ranges;
mod token;
mod validate;
mod want;

pub use edge::{Dependents, EdgeMap, GridMap, Input, Lists};
pub use fuse::{Fused, Refused};
pub use layer::{Emits, HeldRange, Layer, LayerSpec, LayeredGraph, Needs, Outline, Output, Repeat, Slicing, Work};
pub use memory::Projected;
pub use order::static_order;
pub use ranges::Ranges;
pub use token::{Token, Tokenizer};
