//! The same elements under other axes: in another order, or of other lengths.

use super::{At, DArray, regrid};
use crate::{
    assembly::{Assembly, Piece, Read, Walk},
    axes::axis_of,
    grid::{Grid, LISTED, show_shape},
    integers::IntoIntegers,
    made::Made,
    node::{Node, Op},
    reshape::{lengths, reshaping},
    scalar::Scalar,
};
use std::{panic::Location, sync::Arc};
use stratal_core::{Error, ErrorKind, Result};

/// The array with its axes in another order: the axis `at` of the result is the axis `order[at]`.
pub(super) fn permuted(name: &'static str, node: &Arc<Node>, order: &[usize]) -> Arc<Node> {
    if order.iter().enumerate().all(|(at, axis)| at == *axis) {
        return node.clone();
    }
    let source = &node.grid;
    let mut axes = vec![Read::At(0); source.ndim()];
    for (at, axis) in order.iter().enumerate() {
        axes[*axis] = Read::Along(Walk::whole(at, source.axes[*axis].len()));
    }
    let grid = Grid::new(order.iter().map(|axis| source.axes[*axis].clone()).collect());
    let piece = Piece { input: 0, source: (**source).clone(), axes };
    let assembly = Assembly { grid: grid.clone(), dtype: node.dtype, fill: None, pieces: vec![piece] };
    Node::new(name, Arc::new(grid), node.dtype, Op::Assemble(Arc::new(assembly)), vec![node.clone()])
}

/// The order of the axes of the input that a node is, where it is nothing else.
pub(super) fn order_of(node: &Node) -> Option<Vec<usize>> {
    let Op::Assemble(assembly) = &node.op else { return None };
    let [piece] = &assembly.pieces[..] else { return None };
    let mut order = vec![0; assembly.grid.ndim()];
    if piece.axes.len() != order.len() {
        return None;
    }
    for (own, (read, axis)) in piece.axes.iter().zip(&piece.source.axes).enumerate() {
        let Read::Along(walk) = read else { return None };
        if *walk != Walk::whole(walk.axis, axis.len()) || assembly.grid.axes[walk.axis] != *axis {
            return None;
        }
        order[walk.axis] = own;
    }
    Some(order)
}

/// Axes as users name them, each once.
fn axes_of(axes: &[i64], ndim: usize) -> Result<Vec<usize>> {
    let mut named = Vec::with_capacity(axes.len());
    for axis in axes {
        let at = axis_of(*axis, ndim)?;
        if named.contains(&at) {
            return Err(Error::new(ErrorKind::BadValue, format!("axis {axis} is named twice")));
        }
        named.push(at);
    }
    Ok(named)
}

fn reshaped(node: &Arc<Node>, shape: &[usize]) -> Arc<Node> {
    let (name, dtype) = ("reshape", node.dtype);
    if shape.contains(&0) {
        let none = Op::Made(Arc::new(Made::Fill(Scalar::zero(dtype))));
        return Node::new(name, Arc::new(Grid::whole(shape)), dtype, none, Vec::new());
    }
    let way = reshaping(&node.grid, shape);
    let chunk_by_chunk = |node: Arc<Node>, grid: Grid| match *node.grid == grid {
        true => node,
        false => Node::new(name, Arc::new(grid), dtype, Op::Reshape, vec![node]),
    };
    let node = regrid("rechunk", node, &Arc::new(way.source));
    if way.flat == way.cut {
        return chunk_by_chunk(node, way.target);
    }
    let flat = chunk_by_chunk(node, way.flat);
    chunk_by_chunk(regrid("rechunk", &flat, &Arc::new(way.cut)), way.target)
}

/// The shape that all of these broadcast to.
fn common_shape(shapes: &[Vec<usize>]) -> Result<Vec<usize>> {
    let ndim = shapes.iter().map(Vec::len).max().unwrap_or(0);
    let mut common = vec![1; ndim];
    for shape in shapes {
        for (len, all) in shape.iter().rev().zip(common.iter_mut().rev()) {
            match (*len, *all) {
                (own, common) if own == common => {}
                (1, _) => {}
                (own, 1) => *all = own,
                _ => {
                    let shown: Vec<String> = shapes.iter().map(|shape| show_shape(shape)).collect();
                    return Err(Error::new(ErrorKind::Shape, format!("shapes {} do not broadcast together", shown.join(", ")))
                        .with_help("axes go together from the last one on where they are equal or one is 1"));
                }
            }
        }
    }
    Ok(common)
}

impl DArray {
    pub(super) fn permuted_as(&self, name: &'static str, at: At, order: impl FnOnce(usize) -> Result<Vec<usize>>) -> Self {
        self.then(name, at, |input| Ok(permuted(name, input, &order(input.grid.ndim())?)))
    }

    /// The axes in reverse order: of a matrix, its transpose.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>((2, 3)).t().shape()?, [3, 2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn t(&self) -> Self {
        self.permuted_as("t", Location::caller(), |ndim| Ok((0..ndim).rev().collect()))
    }

    /// The matrices on the last two axes transposed.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>((5, 2, 3)).matrix_transpose().shape()?, [5, 3, 2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn matrix_transpose(&self) -> Self {
        self.permuted_as("matrix_transpose", Location::caller(), |ndim| {
            if ndim < 2 {
                return Err(Error::new(ErrorKind::Shape, format!("a matrix has two axes, and the array has {ndim}"))
                    .with_help("expand_dims makes a row or a column of it"));
            }
            let mut order: Vec<usize> = (0..ndim).collect();
            order.swap(ndim - 2, ndim - 1);
            Ok(order)
        })
    }

    /// The axes in another order: axis `i` of the result is the axis `axes[i]`. Chunks are not copied.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let a = DArray::zeros::<f64>((2, 3, 4));
    /// assert_eq!(a.permute_dims([2, 0, 1]).shape()?, [4, 2, 3]);
    /// assert!(a.permute_dims([2, 0]).check().is_err());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn permute_dims(&self, axes: impl IntoIntegers) -> Self {
        let axes = axes.into_integers();
        self.permuted_as("permute_dims", Location::caller(), |ndim| {
            if axes.len() != ndim {
                let message = format!("{} axes are given an order, and the array has {ndim}", axes.len());
                return Err(Error::new(ErrorKind::BadValue, message).with_help("name every axis once"));
            }
            axes_of(&axes, ndim)
        })
    }

    /// Some axes in other places; the others stay in their order.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let a = DArray::zeros::<f64>((2, 3, 4));
    /// assert_eq!((a.moveaxis(0, -1).shape()?, a.moveaxis([0, 1], [1, 0]).shape()?), (vec![3, 4, 2], vec![3, 2, 4]));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn moveaxis(&self, from: impl IntoIntegers, to: impl IntoIntegers) -> Self {
        let (from, to) = (from.into_integers(), to.into_integers());
        self.permuted_as("moveaxis", Location::caller(), |ndim| {
            if from.len() != to.len() {
                return Err(Error::new(ErrorKind::BadValue, format!("{} axes are moved to {} places", from.len(), to.len())));
            }
            let (from, to) = (axes_of(&from, ndim)?, axes_of(&to, ndim)?);
            let mut rest = (0..ndim).filter(|axis| !from.contains(axis));
            let place = |at: usize| to.iter().position(|place| *place == at).map(|nth| from[nth]);
            Ok((0..ndim).filter_map(|at| place(at).or_else(|| rest.next())).collect())
        })
    }

    /// The same elements, in row-major order, under axes of other lengths; -1 is the length that is left.
    ///
    /// Where chunks are stretches of the axes that change, each is reshaped in its place; else they are rechunked before.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let a = DArray::arange(0i64..24).rechunk(8);
    /// assert_eq!(a.reshape([-1, 4]).chunks()?, [vec![2, 2, 2], vec![4]]);
    /// assert_eq!(a.reshape((2, 3, 4)).sum([0, 2]).compute::<i64>()?, ndarray::arr1(&[60, 92, 124]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn reshape(&self, shape: impl IntoIntegers) -> Self {
        let said = shape.into_integers();
        self.then("reshape", Location::caller(), |input| Ok(reshaped(input, &lengths(&input.grid.shape(), &said)?)))
    }

    /// Arrays stretched to the one shape that they all broadcast to.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let (row, column) = (DArray::zeros::<f64>(3), DArray::zeros::<f64>((2, 1)));
    /// let both = DArray::broadcast_arrays(&[&row, &column]);
    /// assert_eq!((both[0].shape()?, both[1].shape()?), (vec![2, 3], vec![2, 3]));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn broadcast_arrays(arrays: &[&DArray]) -> Vec<Self> {
        let at = Location::caller();
        match arrays.iter().map(|array| array.shape()).collect::<Result<Vec<Vec<usize>>>>() {
            Ok(shapes) => match common_shape(&shapes) {
                Ok(shape) => arrays.iter().map(|array| array.broadcast_to(shape.clone())).collect(),
                Err(error) => arrays.iter().map(|array| array.then("broadcast_arrays", at, |_| Err(error.clone()))).collect(),
            },
            Err(error) => arrays.iter().map(|array| DArray { node: Err(error.clone()), client: array.client.clone() }).collect(),
        }
    }

    /// The array at each place of an axis, which goes. A wrong array, or axis, gives one poisoned array.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let rows = DArray::arange(0i64..6).reshape((3, 2)).unstack(0);
    /// assert_eq!(rows.len(), 3);
    /// assert_eq!(rows[1].compute::<i64>()?, ndarray::arr1(&[2, 3]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn unstack(&self, axis: i64) -> Vec<Self> {
        let at = Location::caller();
        let found = self.node().and_then(|node| axis_of(axis, node.grid.ndim()).map(|axis| node.grid.axes[axis].len()));
        match found {
            Ok(len) if len > LISTED => vec![self.then("unstack", at, |_| {
                Err(Error::new(ErrorKind::Graph, format!("an axis of {len} elements is made one array each, and {LISTED} are the most"))
                    .with_help("take a part of it with .slice"))
            })],
            Ok(len) => (0..len as isize).map(|index| self.index_axis(axis, index)).collect(),
            Err(error) => vec![self.then("unstack", at, |_| Err(error))],
        }
    }
}
