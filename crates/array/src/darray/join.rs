//! Arrays side by side.

use super::{At, DArray, at_line, cast, regrid};
use crate::{
    assembly::{Assembly, Piece, Read, Walk},
    axes::axis_of,
    grid::{Axis, Grid, listable, show_shape},
    node::{Node, Op},
    promote::promote,
};
use ndarray::SliceInfoElem;
use std::{panic::Location, sync::Arc};
use stratal_core::{Client, Error, ErrorKind, Result};

/// Arrays that are put side by side in one step. Of more, so many are joined first: every chunk looks at all arrays of its step.
const AT_ONCE: usize = 64;

fn joined(name: &'static str, arrays: &[DArray], axis: i64) -> Result<Arc<Node>> {
    let nodes = arrays.iter().map(DArray::node).collect::<Result<Vec<&Arc<Node>>>>()?;
    let Some(first) = nodes.first().copied() else {
        return Err(Error::new(ErrorKind::BadValue, "no arrays are given"));
    };
    let ndim = first.grid.ndim();
    let axis = axis_of(axis, ndim)?;
    let mut dtype = first.dtype;
    for node in &nodes {
        let shapes = (first.grid.shape(), node.grid.shape());
        let fits = shapes.1.len() == ndim && (0..ndim).all(|at| at == axis || shapes.0[at] == shapes.1[at]);
        if !fits {
            let (a, b) = (show_shape(&shapes.0), show_shape(&shapes.1));
            return Err(Error::new(ErrorKind::Shape, format!("shapes {a} and {b} do not join on axis {axis}")));
        }
        dtype = promote(dtype, node.dtype)
            .ok_or_else(|| Error::new(ErrorKind::DType, format!("{dtype} and {} have no common dtype", node.dtype)))?;
    }
    // The other axes are cut as the first array's.
    let fit = |node: &Arc<Node>| {
        let mut own = first.grid.axes.clone();
        own[axis] = node.grid.axes[axis].clone();
        regrid("rechunk", &cast(node, dtype), &Arc::new(Grid::new(own)))
    };
    let mut nodes: Vec<Arc<Node>> = nodes.into_iter().map(fit).collect();
    while nodes.len() > AT_ONCE {
        nodes = nodes.chunks(AT_ONCE).map(|some| side_by_side(name, some, axis)).collect::<Result<_>>()?;
    }
    side_by_side(name, &nodes, axis)
}

/// Arrays of one dtype one after another. There is one at least, and axes but this one are cut alike.
fn side_by_side(name: &'static str, nodes: &[Arc<Node>], axis: usize) -> Result<Arc<Node>> {
    let (mut axes, dtype) = (nodes[0].grid.axes.clone(), nodes[0].dtype);
    axes[axis] = Axis::joined(nodes.iter().map(|node| &node.grid.axes[axis]))?;
    let grid = Grid::new(axes);
    let (mut start, mut pieces) = (0usize, Vec::with_capacity(nodes.len()));
    for (input, node) in nodes.iter().enumerate() {
        let own = &node.grid;
        let len = own.axes[axis].len();
        let read = |(at, of): (usize, &Axis)| {
            Read::Along(if at == axis { Walk { first: start, ..Walk::whole(at, len) } } else { Walk::whole(at, of.len()) })
        };
        let axes = own.axes.iter().enumerate().map(read).collect();
        pieces.push(Piece { input, source: (**own).clone(), axes });
        // What is longer than can be counted is refused when the array is made.
        start = start.saturating_add(len);
    }
    let assembly = Assembly { grid: grid.clone(), dtype, fill: None, pieces };
    Ok(Node::new(name, Arc::new(grid), dtype, Op::Assemble(Arc::new(assembly)), nodes.to_vec()))
}

/// An array so many times after itself, and what is left after that; none of none.
fn beside(node: &Arc<Node>, times: usize, rest: Option<Arc<Node>>, axis: usize) -> Result<Option<Arc<Node>>> {
    let nodes: Vec<Arc<Node>> = std::iter::repeat_n(node.clone(), times).chain(rest).collect();
    match &nodes[..] {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        nodes => side_by_side("tile", nodes, axis).map(Some),
    }
}

/// An array as often as said along an axis, in steps as `joined` takes them: but of steps that are alike one is made.
fn tiled(node: &Arc<Node>, times: usize, axis: usize) -> Result<Arc<Node>> {
    listable(node.grid.axes[axis].count().saturating_mul(times))?;
    let (mut node, mut times, mut rest) = (node.clone(), times, None);
    while times + usize::from(rest.is_some()) > AT_ONCE {
        rest = beside(&node, times % AT_ONCE, rest, axis)?;
        node = beside(&node, AT_ONCE, None, axis)?.ok_or_else(|| Error::internal("a full step is empty"))?;
        times /= AT_ONCE;
    }
    beside(&node, times, rest, axis)?.ok_or_else(|| Error::internal("a tile without a copy"))
}

fn join(name: &'static str, arrays: Vec<DArray>, axis: i64, at: At) -> DArray {
    let client = arrays.first().map_or_else(Client::current, |array| array.client.clone());
    DArray { node: at_line(joined(name, &arrays, axis), name, at), client }
}

impl DArray {
    /// Arrays one after another along an axis.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let a = DArray::arange(0i64..2);
    /// assert_eq!(DArray::concat(&[&a, &a], 0).compute::<i64>()?, ndarray::arr1(&[0, 1, 0, 1]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn concat(arrays: &[&DArray], axis: i64) -> Self {
        join("concat", arrays.iter().map(|array| (*array).clone()).collect(), axis, Location::caller())
    }

    /// Arrays of one shape along a new axis.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let a = DArray::arange(0i64..2);
    /// assert_eq!(DArray::stack(&[&a, &a, &a], 0).shape()?, [3, 2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn stack(arrays: &[&DArray], axis: i64) -> Self {
        let at = Location::caller();
        join("stack", arrays.iter().map(|array| array.expand_dims(axis)).collect(), axis, at)
    }

    /// The array as often as said along each axis; missing numbers are 1 and stand for the first axes.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..2).tile([2]).compute::<i64>()?, ndarray::arr1(&[0, 1, 0, 1]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn tile(&self, times: impl crate::IntoShape) -> Self {
        let (at, times) = (Location::caller(), times.into_shape());
        let Ok(node) = self.node() else { return self.clone() };
        let mut array = self.clone();
        for _ in node.grid.ndim()..times.len() {
            array = array.slice_as("tile", at, &[SliceInfoElem::NewAxis]);
        }
        let ndim = node.grid.ndim().max(times.len());
        for (axis, times) in (ndim - times.len()..ndim).zip(times) {
            array = match times {
                0 => array.slice_axis(axis as i64, 0..0),
                1 => array,
                times => array.then("tile", at, |node| tiled(node, times, axis)),
            };
        }
        array
    }
}
