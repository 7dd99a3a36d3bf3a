//! Products of matrices, and other sums of products of two arrays.

use super::{At, DArray, at_line, cast, make::chunk_bytes, regrid, shape::order_of};
use crate::{
    assembly::{Assembly, Piece, Read, Walk},
    axes::axis_of,
    contract::{Side, plan},
    grid::{Grid, show_shape},
    integers::IntoIntegers,
    node::{Node, Op},
    promote::promote,
};
use std::{panic::Location, sync::Arc};
use stratal_core::{Error, ErrorKind, Result};

/// Which axes of two arrays go together, as the users of this file name them.
#[derive(Default)]
pub(super) struct Pairing {
    /// Batch axes of the result: the axis of the left, that of the right, or only one of them.
    pub(super) batch: Vec<(Option<usize>, Option<usize>)>,
    /// Axes that stay.
    pub(super) left: Vec<usize>,
    pub(super) right: Vec<usize>,
    /// Axes that are summed over, of equal lengths.
    pub(super) contracted: Vec<(usize, usize)>,
}

/// One side of a pairing while it is made ready.
struct Factor {
    node: Arc<Node>,
    batch: Vec<Option<usize>>,
    free: Vec<usize>,
    contracted: Vec<usize>,
}

impl Factor {
    /// The array under its transposes, so that these become strides.
    fn untwisted(mut self) -> Self {
        while let Some(order) = order_of(&self.node) {
            let node = self.node.inputs[0].clone();
            self = self.renumbered(node, |axis| order[axis]);
        }
        self
    }

    fn renumbered(self, node: Arc<Node>, number: impl Fn(usize) -> usize) -> Self {
        Factor {
            node,
            batch: self.batch.into_iter().map(|axis| axis.map(&number)).collect(),
            free: self.free.into_iter().map(&number).collect(),
            contracted: self.contracted.into_iter().map(&number).collect(),
        }
    }

    /// The array without axes of length 1 that none of its roles needs.
    fn without_idle(self) -> Self {
        let ndim = self.node.grid.ndim();
        let mut used = vec![false; ndim];
        self.batch.iter().flatten().chain(&self.free).chain(&self.contracted).for_each(|axis| used[*axis] = true);
        if used.iter().all(|used| *used) {
            return self;
        }
        let source = &self.node.grid;
        let place = |axis: usize| used[..axis].iter().filter(|used| **used).count();
        let read = |axis: usize| match used[axis] {
            true => Read::Along(Walk::whole(place(axis), source.axes[axis].len())),
            false => Read::At(0),
        };
        let piece = Piece { input: 0, source: (**source).clone(), axes: (0..ndim).map(read).collect() };
        let grid = Grid::new((0..ndim).filter(|axis| used[*axis]).map(|axis| source.axes[axis].clone()).collect());
        let assembly = Assembly { grid: grid.clone(), dtype: self.node.dtype, fill: None, pieces: vec![piece] };
        let inputs = vec![self.node.clone()];
        let node = Node::new("squeeze", Arc::new(grid), self.node.dtype, Op::Assemble(Arc::new(assembly)), inputs);
        self.renumbered(node, place)
    }

    /// The array with the cuts of another along the batch axes that both have.
    fn cut_as(&mut self, other: &Factor) {
        let mut axes = self.node.grid.axes.clone();
        for (own, other_axis) in self.batch.iter().zip(&other.batch) {
            if let (Some(own), Some(axis)) = (own, other_axis) {
                axes[*own] = other.node.grid.axes[*axis].clone();
            }
        }
        self.node = regrid("rechunk", &self.node, &Arc::new(Grid::new(axes)));
    }

    fn elements(&self) -> u64 {
        self.node.grid.axes.iter().fold(1, |elements, axis| elements.saturating_mul(axis.len() as u64))
    }

    fn side(&self) -> Side {
        let Factor { node, batch, free, contracted } = self;
        Side { grid: (*node.grid).clone(), batch: batch.clone(), free: free.clone(), contracted: contracted.clone() }
    }
}

/// The sum of products. The axes of the result are the batch axes, then those of the left that stay, then those of the right.
fn contracted(name: &'static str, a: &Arc<Node>, b: &Arc<Node>, pairing: Pairing) -> Result<Arc<Node>> {
    let dtype = promote(a.dtype, b.dtype).ok_or_else(|| {
        let message = format!("{} and {} have no common dtype", a.dtype, b.dtype);
        Error::new(ErrorKind::DType, message).with_help("cast one side: .cast(DType::F64)")
    })?;
    let factor = |node: &Arc<Node>, is_left: bool| {
        let pick = |pair: &(usize, usize)| if is_left { pair.0 } else { pair.1 };
        let factor = Factor {
            node: node.clone(),
            batch: pairing.batch.iter().map(|(left, right)| if is_left { *left } else { *right }).collect(),
            free: if is_left { pairing.left.clone() } else { pairing.right.clone() },
            contracted: pairing.contracted.iter().map(pick).collect(),
        };
        let mut factor = factor.without_idle().untwisted();
        factor.node = cast(&factor.node, dtype);
        factor
    };
    let (mut left, mut right) = (factor(a, true), factor(b, false));
    match left.elements() < right.elements() {
        true => left.cut_as(&right),
        false => right.cut_as(&left),
    }
    let planned = plan(left.side(), right.side(), dtype, chunk_bytes());
    let grid = Arc::new(planned.contraction.out.clone());
    Ok(Node::new(name, grid, dtype, Op::Contract(Arc::new(planned)), vec![left.node, right.node]))
}

/// What is made of two arrays.
fn of_two(name: &'static str, a: &DArray, b: &DArray, at: At, make: impl FnOnce(&Arc<Node>, &Arc<Node>) -> Result<Arc<Node>>) -> DArray {
    let node = match (&a.node, &b.node) {
        (Ok(a), Ok(b)) => at_line(make(a, b), name, at),
        (Err(error), _) | (_, Err(error)) => Err(error.clone()),
    };
    DArray { node, client: a.client.clone() }
}

/// The sum of products of two arrays.
pub(super) fn contract(
    name: &'static str,
    a: &DArray,
    b: &DArray,
    at: At,
    pairing: impl FnOnce(&[usize], &[usize]) -> Result<Pairing>,
) -> DArray {
    of_two(name, a, b, at, |a, b| contracted(name, a, b, pairing(&a.grid.shape(), &b.grid.shape())?))
}

fn misfit(a: &[usize], b: &[usize], why: &str) -> Error {
    Error::new(ErrorKind::Shape, format!("shapes {} and {} do not multiply: {why}", show_shape(a), show_shape(b)))
}

/// What `matmul` pairs: the last axis of the left with the last but one of the right. Axes before these are batch axes.
fn matrices(a: &[usize], b: &[usize]) -> Result<Pairing> {
    if a.is_empty() || b.is_empty() {
        return Err(misfit(a, b, "a number is no matrix").with_help("* multiplies every element by a number"));
    }
    let (last, first) = (a.len() - 1, b.len().saturating_sub(2));
    if a[last] != b[first] {
        let axis = if b.len() == 1 { -1 } else { -2 };
        let error = misfit(a, b, &format!("axis -1 of the left is {} and axis {axis} of the right is {}", a[last], b[first]));
        return Err(match b.last() {
            Some(len) if b.len() > 1 && *len == a[last] => error.with_help(".matrix_transpose() on the right makes them fit"),
            _ if a.len() > 1 && a[last - 1] == b[first] => error.with_help(".matrix_transpose() on the left makes them fit"),
            _ => error.with_help("columns of the left and rows of the right are as many"),
        });
    }
    let (before_a, before_b) = (a.len().saturating_sub(2), b.len().saturating_sub(2));
    let ndim = before_a.max(before_b);
    let mut batch = Vec::with_capacity(ndim);
    for at in 0..ndim {
        let (x, y) = ((at + before_a).checked_sub(ndim), (at + before_b).checked_sub(ndim));
        batch.push(match (x, y) {
            (Some(x), Some(y)) => match (a[x], b[y]) {
                (own, other) if own == other => (Some(x), Some(y)),
                (1, _) => (None, Some(y)),
                (_, 1) => (Some(x), None),
                (own, other) => {
                    let axis = at as i64 - ndim as i64 - 2;
                    return Err(misfit(a, b, &format!("axis {axis} is {own} and {other}"))
                        .with_help("axes before the last two go together where they are equal or one is 1"));
                }
            },
            one => one,
        });
    }
    let left = if a.len() > 1 { vec![last - 1] } else { Vec::new() };
    let right = if b.len() > 1 { vec![b.len() - 1] } else { Vec::new() };
    Ok(Pairing { batch, left, right, contracted: vec![(last, first)] })
}

/// Which axes [`tensordot`](DArray::tensordot) sums over: a number of them, the last of the left with the first of the right; or
/// those of the left and those of the right.
#[derive(Clone, Debug)]
pub struct PairedAxes(Paired);

#[derive(Clone, Debug)]
enum Paired {
    Count(usize),
    These(Vec<i64>, Vec<i64>),
}

impl From<usize> for PairedAxes {
    fn from(count: usize) -> Self {
        PairedAxes(Paired::Count(count))
    }
}

impl<A: IntoIntegers, B: IntoIntegers> From<(A, B)> for PairedAxes {
    fn from((left, right): (A, B)) -> Self {
        PairedAxes(Paired::These(left.into_integers(), right.into_integers()))
    }
}

impl Paired {
    fn pairs(&self, a: &[usize], b: &[usize]) -> Result<Vec<(usize, usize)>> {
        match self {
            Paired::Count(count) if *count > a.len() || *count > b.len() => {
                Err(misfit(a, b, &format!("{count} axes of each are to be summed over")))
            }
            Paired::Count(count) => Ok((a.len() - count..a.len()).zip(0..*count).collect()),
            Paired::These(left, right) if left.len() != right.len() => {
                let message = format!("{} axes of the left are paired with {} of the right", left.len(), right.len());
                Err(Error::new(ErrorKind::BadValue, message))
            }
            Paired::These(left, right) => left.iter().zip(right).map(|(l, r)| Ok((axis_of(*l, a.len())?, axis_of(*r, b.len())?))).collect(),
        }
    }
}

/// What `tensordot` pairs.
fn tensors(a: &[usize], b: &[usize], axes: &Paired) -> Result<Pairing> {
    let contracted = axes.pairs(a, b)?;
    for (nth, (left, right)) in contracted.iter().enumerate() {
        if contracted[..nth].iter().any(|(l, r)| l == left || r == right) {
            return Err(Error::new(ErrorKind::BadValue, "an axis is summed over twice"));
        }
        if a[*left] != b[*right] {
            let why = format!("axis {left} of the left is {} and axis {right} of the right is {}", a[*left], b[*right]);
            return Err(misfit(a, b, &why).with_help("axes that are summed over have equal lengths"));
        }
    }
    let left = (0..a.len()).filter(|axis| contracted.iter().all(|(l, _)| l != axis)).collect();
    let right = (0..b.len()).filter(|axis| contracted.iter().all(|(_, r)| r != axis)).collect();
    Ok(Pairing { batch: Vec::new(), left, right, contracted })
}

impl DArray {
    /// The matrix product, as the Array API has it: of vectors the sum of products; axes before the last two are matched and
    /// stretched as those of `+`. Integers wrap; of booleans it is whether some pair is true.
    ///
    /// Which chunks the result has depends on what is cheapest to read; `explain()` says what was chosen, and over what.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let a = DArray::arange(0i64..6).reshape((2, 3)).rechunk(2);
    /// assert_eq!(a.matmul(&a.t()).compute::<i64>()?, ndarray::arr2(&[[5, 14], [14, 50]]).into_dyn());
    /// let wrong = a.matmul(&a);
    /// assert_eq!(wrong.check().unwrap_err().help(), Some(".matrix_transpose() on the right makes them fit"));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn matmul(&self, other: &DArray) -> Self {
        contract("matmul", self, other, Location::caller(), matrices)
    }

    /// The sum of products over some axes: a number of them, the last of this with the first of the other, or pairs of axes. What
    /// stays of this comes first.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let (a, b) = (DArray::ones::<f64>((2, 3, 4)), DArray::ones::<f64>((4, 3, 5)));
    /// assert_eq!(a.tensordot(&b, 1).shape()?, [2, 3, 3, 5]);
    /// assert_eq!(a.tensordot(&b, ([1, 2], [1, 0])).compute::<f64>()?[[1, 4]], 12.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn tensordot(&self, other: &DArray, axes: impl Into<PairedAxes>) -> Self {
        let PairedAxes(axes) = axes.into();
        contract("tensordot", self, other, Location::caller(), |a, b| tensors(a, b, &axes))
    }

    /// The sum of products along one axis of both, counted after they are stretched to one shape; of complex numbers, with the
    /// conjugate of this.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let a = DArray::arange(0i64..6).reshape((2, 3));
    /// assert_eq!(a.vecdot(&DArray::arange(0i64..3), -1).compute::<i64>()?, ndarray::arr1(&[5, 14]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn vecdot(&self, other: &DArray, axis: i64) -> Self {
        let at = Location::caller();
        let products = self.conj() * other;
        let sum = products.sum(axis);
        // A sum of small integers is wider than they are.
        match products.dtype() {
            Ok(dtype) => sum.then("vecdot", at, |node| Ok(cast(node, dtype))),
            Err(_) => sum,
        }
    }

    /// Every element of this vector times every element of the other.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let a = DArray::arange(1i64..3);
    /// assert_eq!(a.outer(&a).compute::<i64>()?, ndarray::arr2(&[[1, 2], [2, 4]]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn outer(&self, other: &DArray) -> Self {
        let at = Location::caller();
        let vector = |array: &DArray| {
            array.then("outer", at, |node| match node.grid.ndim() {
                1 => Ok(node.clone()),
                ndim => Err(Error::new(ErrorKind::Shape, format!("a vector has one axis, and the array has {ndim}"))
                    .with_help("reshape(-1) makes a vector of it")),
            })
        };
        vector(self).expand_dims(1) * vector(other).expand_dims(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batch_axes_are_matched_from_the_last_one_on() {
        let pairing = matrices(&[7, 1, 2, 3], &[5, 3, 4]).unwrap();
        assert_eq!(pairing.batch, [(Some(0), None), (None, Some(0))]);
        assert_eq!((pairing.left, pairing.right, pairing.contracted), (vec![2], vec![2], vec![(3, 1)]));
        let vectors = matrices(&[3], &[3]).unwrap();
        assert!(vectors.batch.is_empty() && vectors.left.is_empty() && vectors.right.is_empty());
        assert_eq!(matrices(&[3], &[2, 3, 4]).unwrap().batch, [(None, Some(0))]);
    }

    #[test]
    fn what_does_not_fit_says_both_shapes_and_a_way_out() {
        let error = matrices(&[3, 5], &[4, 2]).err().unwrap();
        assert_eq!(error.message(), "shapes (3, 5) and (4, 2) do not multiply: axis -1 of the left is 5 and axis -2 of the right is 4");
        let error = matrices(&[2, 3, 5], &[4, 5, 2]).err().unwrap();
        assert_eq!(error.message(), "shapes (2, 3, 5) and (4, 5, 2) do not multiply: axis -3 is 2 and 4");
        assert_eq!(matrices(&[5, 3], &[5, 2]).err().unwrap().help(), Some(".matrix_transpose() on the left makes them fit"));
        assert!(matrices(&[], &[2]).is_err());
        for axes in [Paired::Count(3), Paired::These(vec![0], vec![0, 1]), Paired::These(vec![0, 0], vec![0, 1])] {
            assert!(tensors(&[2, 2], &[2, 2], &axes).is_err());
        }
    }
}
