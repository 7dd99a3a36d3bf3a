//! [`DArray`]: what a user writes down. Operations record nodes and can neither fail nor block; verbs run them.
//!
//! A wrong operation gives a *poisoned* array: it and all that is built on it remember the first mistake and the line it was
//! written on, and a verb returns it.
//!
//! `make`: arrays from shapes and memory. `random`: random numbers. `files`: what is read and written. `operand`, `operators`: `+` and
//! friends, numbers among them. `elementwise`: functions of elements. `reduce`: reductions and running sums. `slice`, `join`, `shift`,
//! `shape`: what moves elements. `contract`, `einsum`: sums of products. `blocks`: functions on chunks, and chunks as lazy values.
//! `typed`: arrays beside other lazy values. `verbs`: what makes work happen.

mod blocks;
mod contract;
mod einsum;
mod elementwise;
mod files;
mod join;
mod make;
mod operand;
mod operators;
mod random;
mod reduce;
mod shape;
mod shift;
mod slice;
mod typed;
mod verbs;

pub use contract::PairedAxes;
pub use make::{Float, Number};
pub use operand::IntoOperand;
pub use random::RandomArrays;
pub use typed::Typed;

use crate::{
    assembly::{Assembly, Piece, Read, Walk},
    grid::{Grid, show_shape},
    kernel::Unary,
    node::{Node, Op},
};
use std::{fmt, panic::Location, sync::Arc};
use stratal_core::{Client, Error, ErrorKind, Result};

/// A lazy, chunked, n-dimensional array. Immutable and cheap to clone; nothing is computed before a verb.
///
/// ```
/// use stratal_array::{DArray, keep};
/// let a = DArray::arange(0i64..6).rechunk(2);
/// let b = (&a * 2 + 1).sum(..);
/// assert_eq!(b.scalar::<i64>()?, 36);
/// let centred = &a - a.mean(keep(0));
/// assert_eq!(centred.compute::<f64>()?[0], -2.5);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "an array does nothing until a verb such as compute()"]
pub struct DArray {
    node: Result<Arc<Node>>,
    client: Client,
}

type At = &'static Location<'static>;

/// A new node, or why there is none, with the operation and the line it was written on.
fn at_line(node: Result<Arc<Node>>, name: &'static str, at: At) -> Result<Arc<Node>> {
    node.and_then(counted).map(|node| node.written(at)).map_err(|error| error.at_step(0, name).at(at))
}

/// The node, where places along its axes can be counted forwards and backwards.
fn counted(node: Arc<Node>) -> Result<Arc<Node>> {
    match node.grid.axes.iter().map(|axis| axis.len()).find(|len| isize::try_from(*len).is_err()) {
        None => Ok(node),
        Some(len) => Err(Error::new(ErrorKind::Shape, format!("an axis of {len} elements is longer than can be counted"))
            .with_help(format!("an axis has at most {} elements", isize::MAX))),
    }
}

impl DArray {
    fn begin(name: &'static str, at: At, node: impl FnOnce() -> Result<Arc<Node>>) -> Self {
        DArray { node: at_line(node(), name, at), client: Client::current() }
    }

    /// The array after one operation.
    fn then(&self, name: &'static str, at: At, node: impl FnOnce(&Arc<Node>) -> Result<Arc<Node>>) -> Self {
        let node = match &self.node {
            Ok(input) => at_line(node(input), name, at),
            Err(error) => Err(error.clone()),
        };
        DArray { node, client: self.client.clone() }
    }

    /// The same array, run by another client.
    pub fn with_client(&self, client: &Client) -> Self {
        DArray { node: self.node.clone(), client: client.clone() }
    }

    fn node(&self) -> Result<&Arc<Node>> {
        self.node.as_ref().map_err(Error::clone)
    }
}

/// A node as another dtype; itself where it is that.
fn cast(node: &Arc<Node>, to: stratal_core::value::DType) -> Arc<Node> {
    match node.dtype == to {
        true => node.clone(),
        false => Node::new("cast", node.grid.clone(), to, Op::Cast, vec![node.clone()]),
    }
}

/// A node over another grid of the same shape; itself where it has that.
fn regrid(name: &'static str, node: &Arc<Node>, grid: &Arc<Grid>) -> Arc<Node> {
    if *grid == node.grid {
        return node.clone();
    }
    if let Op::Made(made) = &node.op {
        // What is made anywhere is cut anyhow; but for chunks that are there.
        if !matches!(**made, crate::made::Made::Chunks(..)) {
            return Node::new(node.name, grid.clone(), node.dtype, Op::Made(made.clone()), Vec::new());
        }
    }
    let axes = node.grid.shape().iter().enumerate().map(|(axis, len)| Read::Along(Walk::whole(axis, *len))).collect();
    let piece = Piece { input: 0, source: (*node.grid).clone(), axes };
    let assembly = Assembly { grid: (**grid).clone(), dtype: node.dtype, fill: None, pieces: vec![piece] };
    Node::new(name, grid.clone(), node.dtype, Op::Assemble(Arc::new(assembly)), vec![node.clone()])
}

/// A node stretched to a grid that it broadcasts to.
fn stretch(name: &'static str, node: &Arc<Node>, grid: &Arc<Grid>) -> Arc<Node> {
    match *grid == node.grid {
        true => node.clone(),
        false => Node::new(name, grid.clone(), node.dtype, Op::Unary(Unary::Positive), vec![node.clone()]),
    }
}

/// The shape, dtype and chunks, or the mistake. Runs nothing.
impl fmt::Display for DArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.node {
            Ok(node) => write!(f, "{}: {} {}", node.name, node.dtype, node.grid.show()),
            Err(error) => write!(f, "poisoned: {error}"),
        }
    }
}

impl fmt::Debug for DArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.node {
            Ok(node) => write!(f, "DArray<{}>{}", node.dtype, show_shape(&node.grid.shape())),
            Err(error) => write!(f, "DArray({error:?})"),
        }
    }
}
