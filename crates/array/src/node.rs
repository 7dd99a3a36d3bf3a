//! [`Node`]: one operation of an expression. Expressions are graphs of nodes, shared wherever an array is used twice.
//!
//! Operations of one grid only meet operands of that grid, or such that are broadcast: whoever builds a node sees to it. Nodes
//! are dropped one after another and not by recursion, so that an expression may be as deep as memory allows.

use crate::{
    assembly::Assembly,
    contract::Planned,
    fold::Reduction,
    grid::Grid,
    io::{Source, Target},
    kernel::{Binary, Unary},
    made::Made,
};
use std::{panic::Location, sync::Arc};
use stratal_core::{client::Lease, delayed, function::Function, graph::HeldRange, value::DType};

/// What a node does with its inputs.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    /// Nothing: its elements are known by their place.
    Made(Arc<Made>),
    /// Nothing: its chunks are results of an earlier run.
    Held(Held),
    /// Nothing: its chunks are results of lazy values.
    Calls(Arc<[Arc<delayed::Node>]>),
    /// Nothing: its elements are stored.
    Read(Arc<Source>),
    /// The elements of its input are stored; what is left of a chunk is the number of its bytes.
    Write(Arc<Target>),
    Unary(Unary),
    Binary(Binary),
    Cast,
    /// The second input where the first is true, and else the third.
    Select,
    Reduce(Reduction),
    Assemble(Arc<Assembly>),
    Scan(Scan),
    /// Sums of products of two inputs.
    Contract(Arc<Planned>),
    /// The chunks under other axes, each with as many elements.
    Reshape,
    /// A function of the user's on each chunk.
    Map(Arc<Function>),
}

/// Results of an earlier run, and what keeps them.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) ranges: Vec<HeldRange>,
    /// Keeps them while the node lives.
    pub(crate) lease: Lease,
}

/// A running sum or product along an axis.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    pub(crate) how: Reduction,
    pub(crate) axis: usize,
}

/// One operation.
#[derive(Debug)]
pub(crate) struct Node {
    /// The name of the operation, as the user called it.
    pub(crate) name: &'static str,
    pub(crate) grid: Arc<Grid>,
    pub(crate) dtype: DType,
    pub(crate) op: Op,
    pub(crate) inputs: Vec<Arc<Node>>,
    /// Where the user wrote it down.
    pub(crate) at: Option<&'static Location<'static>>,
}

impl Node {
    pub(crate) fn new(name: &'static str, grid: Arc<Grid>, dtype: DType, op: Op, inputs: Vec<Arc<Node>>) -> Arc<Self> {
        Arc::new(Node { name, grid, dtype, op, inputs, at: None })
    }

    /// The node with the place in the user's source, where it is new and has none.
    pub(crate) fn written(mut self: Arc<Self>, at: &'static Location<'static>) -> Arc<Self> {
        if let Some(node) = Arc::get_mut(&mut self) {
            node.at.get_or_insert(at);
        }
        self
    }

    /// Whether its elements depend on those of its inputs at the same place alone.
    pub(crate) fn is_elementwise(&self) -> bool {
        matches!(self.op, Op::Unary(_) | Op::Binary(_) | Op::Cast | Op::Select)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let mut going = std::mem::take(&mut self.inputs);
        while let Some(node) = going.pop() {
            if let Some(mut node) = Arc::into_inner(node) {
                going.append(&mut node.inputs);
            }
        }
    }
}
