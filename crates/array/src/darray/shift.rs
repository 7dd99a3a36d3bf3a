//! Elements in other places: other chunks, stretched, rolled, padded, repeated.

use super::{DArray, make::chunk_bytes, operand::IntoOperand, regrid, stretch};
use crate::{
    assembly::{Assembly, Piece, Read, Walk},
    axes::{IntoShape, axis_of},
    darray::operand::Side,
    grid::{Axis, Chunks, Grid, auto_chunks, show_shape},
    node::{Node, Op},
    promote::promote_weak,
    scalar::Scalar,
};
use std::{panic::Location, sync::Arc};
use stratal_core::{Error, ErrorKind, Result};

/// An assembly of one source whose axes stay in their places, but for one, of which the walks are given.
fn along(name: &'static str, input: &Arc<Node>, at: usize, axis: Axis, walks: Vec<Walk>, fill: Option<Scalar>) -> Arc<Node> {
    let mut axes = input.grid.axes.clone();
    axes[at] = axis;
    let piece = |walk: Walk| {
        let read = |(axis, of): (usize, &Axis)| Read::Along(if axis == at { walk } else { Walk::whole(axis, of.len()) });
        Piece { input: 0, source: (*input.grid).clone(), axes: input.grid.axes.iter().enumerate().map(read).collect() }
    };
    let grid = Grid::new(axes);
    let assembly = Assembly { grid: grid.clone(), dtype: input.dtype, fill, pieces: walks.into_iter().map(piece).collect() };
    Node::new(name, Arc::new(grid), input.dtype, Op::Assemble(Arc::new(assembly)), vec![input.clone()])
}

fn rolled(input: &Arc<Node>, shift: i64, axis: i64) -> Result<Arc<Node>> {
    let at = axis_of(axis, input.grid.ndim())?;
    let of = &input.grid.axes[at];
    of.listed()?;
    let len = of.len();
    let by = if len == 0 { 0 } else { shift.rem_euclid(len as i64) as usize };
    if by == 0 {
        return Ok(input.clone());
    }
    // Cut where the source is, so that most chunks are one chunk of it.
    let turn = len - by;
    let chunks = |part: std::ops::Range<usize>| {
        let lens = of.touching(part.clone()).map(move |chunk| {
            let bounds = of.bounds(chunk as usize);
            bounds.end.min(part.end) - bounds.start.max(part.start)
        });
        lens.filter(|len| *len > 0)
    };
    let axis = Axis::of_lens(chunks(turn..len).chain(chunks(0..turn)));
    let walks = vec![
        Walk { axis: at, first: 0, len: by, start: turn, step: 1, every: 1 },
        Walk { axis: at, first: by, len: turn, start: 0, step: 1, every: 1 },
    ];
    Ok(along("roll", input, at, axis, walks, None))
}

impl DArray {
    /// The same elements in other chunks. Of what was just made it costs nothing; else boxes are copied.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>((4, 6)).rechunk([2, -1]).chunks()?, [vec![2, 2], vec![6]]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn rechunk(&self, chunks: impl Into<Chunks>) -> Self {
        let chunks = chunks.into();
        self.then("rechunk", Location::caller(), |input| {
            let grid = chunks.grid(&input.grid.shape(), input.dtype.size(), chunk_bytes())?;
            Ok(regrid("rechunk", input, &Arc::new(grid)))
        })
    }

    /// The array with axes of length 1 stretched, and new ones put in front, to fill a shape.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..3).broadcast_to((2, 3)).sum(..).scalar::<i64>()?, 6);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn broadcast_to(&self, shape: impl IntoShape) -> Self {
        let shape = shape.into_shape();
        self.then("broadcast_to", Location::caller(), |input| {
            let own = input.grid.shape();
            let new = shape.len().checked_sub(own.len());
            let fits = new.filter(|new| own.iter().zip(&shape[*new..]).all(|(own, len)| own == len || *own == 1));
            let Some(new) = fits else {
                let (own, shape) = (show_shape(&own), show_shape(&shape));
                return Err(Error::new(ErrorKind::Shape, format!("an array of shape {own} does not broadcast to {shape}")));
            };
            let kept = |at: usize| at.checked_sub(new).filter(|own_at| own[*own_at] == shape[at]).map(|at| input.grid.axes[at].clone());
            let fixed: Vec<Option<Axis>> = (0..shape.len()).map(kept).collect();
            let axes = auto_chunks(&shape, &fixed, input.dtype.size(), chunk_bytes());
            Ok(stretch("broadcast_to", input, &Arc::new(Grid::new(axes))))
        })
    }

    /// The elements moved on along an axis; what leaves it comes in again at the other end.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..4).roll(1, 0).compute::<i64>()?, ndarray::arr1(&[3, 0, 1, 2]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn roll(&self, shift: i64, axis: i64) -> Self {
        self.then("roll", Location::caller(), |input| rolled(input, shift, axis))
    }

    /// The array with so many elements of one value before and after it, for each axis.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let padded = DArray::arange(1i64..3).pad(&[(1, 2)], 9);
    /// assert_eq!(padded.compute::<i64>()?, ndarray::arr1(&[9, 1, 2, 9, 9]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn pad(&self, widths: &[(usize, usize)], value: impl IntoOperand) -> Self {
        let value = value.into_operand().0;
        self.then("pad", Location::caller(), |input| {
            if widths.len() != input.grid.ndim() {
                let shape = show_shape(&input.grid.shape());
                return Err(Error::new(ErrorKind::BadValue, format!("{} widths are given for an array of shape {shape}", widths.len())));
            }
            let fill = match value {
                Side::Weak(weak) if promote_weak(input.dtype, weak).is_ok_and(|dtype| dtype == input.dtype) => weak.of(input.dtype)?,
                Side::Weak(weak) => {
                    return Err(Error::new(ErrorKind::DType, format!("{} does not fit {}", weak.show(), input.dtype)));
                }
                Side::Array(_) => return Err(Error::new(ErrorKind::BadValue, "an array is padded with a number")),
            };
            let mut padded = input.clone();
            for (at, (before, after)) in widths.iter().enumerate().filter(|(_, width)| **width != (0, 0)) {
                let of = &input.grid.axes[at];
                of.listed()?;
                let lens = std::iter::once(*before).chain(of.lens()).chain([*after]).filter(|len| *len > 0);
                let walk = Walk { first: *before, ..Walk::whole(at, of.len()) };
                padded = along("pad", &padded, at, Axis::of_lens(lens), vec![walk], Some(fill));
            }
            Ok(padded)
        })
    }

    /// Every element so many times along an axis.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..2).repeat(2, 0).compute::<i64>()?, ndarray::arr1(&[0, 0, 1, 1]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn repeat(&self, times: usize, axis: i64) -> Self {
        self.then("repeat", Location::caller(), |input| {
            let at = axis_of(axis, input.grid.ndim())?;
            let of = &input.grid.axes[at];
            let too_long = || Error::new(ErrorKind::Shape, format!("axis {at} of length {} repeated {times} times is too long", of.len()));
            let len = of.len().checked_mul(times).ok_or_else(too_long)?;
            let axis = of.repeated(times);
            let walk = Walk { len, every: times.max(1), ..Walk::whole(at, of.len()) };
            Ok(along("repeat", input, at, axis, vec![walk], None))
        })
    }
}
