//! Slices: ranges, steps, indexes and new axes, as `ndarray`'s `s![]` spells them.

use super::{At, DArray};
use crate::{
    assembly::{Assembly, Piece, Read, Walk},
    axes::axis_of,
    grid::{Axis, Grid, show_shape},
    node::{Node, Op},
};
use ndarray::SliceInfoElem;
use std::{ops::Range, panic::Location, sync::Arc};
use stratal_core::{Error, ErrorKind, Result};

/// What a slice takes of an axis: the first element, how far on to the next, and how many.
#[derive(Clone, Copy)]
struct Taken {
    start: usize,
    step: isize,
    len: usize,
}

/// `start..end;step` of an axis. Ranges are clipped as numpy clips them; a negative step walks the range from its end.
fn taken(start: isize, end: Option<isize>, step: isize, len: usize) -> Result<Taken> {
    if step == 0 {
        return Err(Error::new(ErrorKind::BadValue, "a slice has a step of 0"));
    }
    let len = len as isize;
    let counted = |at: isize| (if at < 0 { at.saturating_add(len) } else { at }).clamp(0, len);
    let (start, end) = (counted(start), counted(end.unwrap_or(len)));
    let span = (end - start).max(0) as usize;
    let taken = span.div_ceil(step.unsigned_abs());
    let first = if step > 0 { start } else { (end - 1).max(0) };
    // A step that is not taken may be so long that nothing can be multiplied by it.
    let step = if taken > 1 { step } else { 1 };
    Ok(Taken { start: first as usize, step, len: taken })
}

/// The axis of the result: cut where the source is cut, without the chunks of which nothing is taken.
fn cut(axis: &Axis, taken: Taken) -> Result<Axis> {
    if taken.len == axis.len() && taken.step == 1 {
        return Ok(axis.clone());
    }
    axis.walked(taken.start, taken.step, taken.len)
}

fn sliced(name: &'static str, input: &Arc<Node>, slice: &[SliceInfoElem]) -> Result<Arc<Node>> {
    let source = &input.grid;
    let named = slice.iter().filter(|part| !matches!(part, SliceInfoElem::NewAxis)).count();
    if named > source.ndim() {
        let shape = show_shape(&source.shape());
        return Err(Error::new(ErrorKind::BadValue, format!("a slice of {named} axes is taken of an array of shape {shape}")));
    }
    let (mut reads, mut axes) = (Vec::with_capacity(source.ndim()), Vec::new());
    let rest = std::iter::repeat_n(SliceInfoElem::Slice { start: 0, end: None, step: 1 }, source.ndim() - named);
    for part in slice.iter().copied().chain(rest) {
        let (at, axis) = (reads.len(), axes.len());
        match part {
            SliceInfoElem::NewAxis => axes.push(Axis::regular(1, 1)),
            SliceInfoElem::Index(index) => {
                let len = source.axes[at].len() as isize;
                let counted = if index < 0 { index.saturating_add(len) } else { index };
                if !(0..len).contains(&counted) {
                    return Err(Error::new(ErrorKind::BadValue, format!("index {index} is not in axis {at} of length {len}")));
                }
                reads.push(Read::At(counted as usize));
            }
            SliceInfoElem::Slice { start, end, step } => {
                let taken = taken(start, end, step, source.axes[at].len())?;
                axes.push(cut(&source.axes[at], taken)?);
                reads.push(Read::Along(Walk { axis, first: 0, len: taken.len, start: taken.start, step, every: 1 }));
            }
        }
    }
    let grid = Grid::new(axes);
    let piece = Piece { input: 0, source: (**source).clone(), axes: reads };
    let assembly = Assembly { grid: grid.clone(), dtype: input.dtype, fill: None, pieces: vec![piece] };
    Ok(Node::new(name, Arc::new(grid), input.dtype, Op::Assemble(Arc::new(assembly)), vec![input.clone()]))
}

impl DArray {
    pub(super) fn slice_as(&self, name: &'static str, at: At, slice: &[SliceInfoElem]) -> Self {
        self.then(name, at, |input| sliced(name, input, slice))
    }

    /// A slice, as `s![]` spells it: a negative step walks the range from its end. Unlike `ndarray`'s, missing axes are whole,
    /// ranges are clipped, and a bad index is the verb's error.
    ///
    /// ```
    /// use stratal_array::{DArray, s};
    /// let x = DArray::arange(0i64..104);
    /// assert_eq!(x.slice(s![28..101;-3]).compute::<i64>()?[0], 100);
    /// assert_eq!(DArray::zeros::<f64>((4, 5)).slice(s![.., 1..;2]).shape()?, [4, 2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn slice(&self, slice: impl AsRef<[SliceInfoElem]>) -> Self {
        self.slice_as("slice", Location::caller(), slice.as_ref())
    }

    /// A range of one axis.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>((4, 5)).slice_axis(-1, 1..3).shape()?, [4, 2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn slice_axis(&self, axis: i64, range: Range<isize>) -> Self {
        self.then("slice_axis", Location::caller(), |input| {
            let axis = axis_of(axis, input.grid.ndim())?;
            let mut slice = vec![SliceInfoElem::Slice { start: 0, end: None, step: 1 }; axis];
            slice.push(SliceInfoElem::Slice { start: range.start, end: Some(range.end), step: 1 });
            sliced("slice_axis", input, &slice)
        })
    }

    /// One index of an axis, which goes.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..4).index_axis(0, -1).scalar::<i64>()?, 3);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn index_axis(&self, axis: i64, index: isize) -> Self {
        self.then("index_axis", Location::caller(), |input| {
            let axis = axis_of(axis, input.grid.ndim())?;
            let mut slice = vec![SliceInfoElem::Slice { start: 0, end: None, step: 1 }; axis];
            slice.push(SliceInfoElem::Index(index));
            sliced("index_axis", input, &slice)
        })
    }

    /// A new axis of length 1 in this place of the result.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(4).expand_dims(1).shape()?, [4, 1]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn expand_dims(&self, axis: i64) -> Self {
        self.then("expand_dims", Location::caller(), |input| {
            let axis = axis_of(axis, input.grid.ndim() + 1)?;
            let mut slice = vec![SliceInfoElem::Slice { start: 0, end: None, step: 1 }; axis];
            slice.push(SliceInfoElem::NewAxis);
            sliced("expand_dims", input, &slice)
        })
    }

    /// The array without these axes, which have length 1.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>((4, 1)).squeeze(1).shape()?, [4]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn squeeze(&self, axes: impl Into<crate::Axes>) -> Self {
        let axes = axes.into();
        self.then("squeeze", Location::caller(), |input| {
            let (shape, chosen) = (input.grid.shape(), axes.of(input.grid.ndim())?);
            if let Some(axis) = (0..shape.len()).find(|axis| chosen[*axis] && shape[*axis] != 1) {
                return Err(Error::new(ErrorKind::Shape, format!("axis {axis} has length {}, and only one of 1 goes", shape[axis])));
            }
            let part = |gone: &bool| match gone {
                true => SliceInfoElem::Index(0),
                false => SliceInfoElem::Slice { start: 0, end: None, step: 1 },
            };
            sliced("squeeze", input, &chosen.iter().map(part).collect::<Vec<_>>())
        })
    }

    /// The array backwards along these axes.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..3).flip(0).compute::<i64>()?, ndarray::arr1(&[2, 1, 0]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn flip(&self, axes: impl Into<crate::Axes>) -> Self {
        let axes = axes.into();
        self.then("flip", Location::caller(), |input| {
            let step = |flipped: &bool| SliceInfoElem::Slice { start: 0, end: None, step: if *flipped { -1 } else { 1 } };
            sliced("flip", input, &axes.of(input.grid.ndim())?.iter().map(step).collect::<Vec<_>>())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_cut_where_their_source_is() {
        let axis = Axis::of_lens([20, 23, 27, 13, 21]);
        let walked = taken(28, Some(101), -3, 104).unwrap();
        assert_eq!((walked.start, walked.len, cut(&axis, walked).unwrap().lens()), (100, 25, vec![6, 5, 9, 5]));
        let fives = Axis::regular(20, 5);
        assert_eq!(cut(&fives, taken(0, None, 2, 20).unwrap()).unwrap().lens(), [3, 2, 3, 2]);
        assert_eq!(taken(-102, None, 1, 5).unwrap().len, 5);
        assert_eq!(taken(102, None, 1, 5).unwrap().len, 0);
        let many = Axis::regular(1_000_000_000_000, 1000);
        assert_eq!(cut(&many, taken(2001, None, 2, many.len()).unwrap()).unwrap(), Axis::regular(499_999_999_000, 500));
        assert_eq!(cut(&many, taken(0, None, -4, many.len()).unwrap()).unwrap(), Axis::regular(250_000_000_000, 250));
        assert_eq!(cut(&Axis::regular(10, 4), taken(0, None, -2, 10).unwrap()).unwrap().lens(), [1, 2, 2]);
        let back = taken(0, None, -3, 104).unwrap();
        assert_eq!((back.start, back.len), (103, 35));
    }
}
