//! Properties of every operation: in any chunks it gives what plain loops over an array of `ndarray` give, and a slice of what
//! it gives is what it gives of the slice.
//!
//! `elements`: functions of elements. `reductions`: reductions over any axes, and running ones. `moves`: elements in other
//! places. `trees`: random expressions. `chunkings.rs`, `rechunk.rs`, `reshape.rs` and `contract.rs` have the others.

mod elements;
mod moves;
mod reductions;
mod trees;

use crate::cuts::chunks;
use proptest::prelude::*;
use stratal_array::{
    Chunks, DArray, DType,
    ndarray::{ArrayD, IxDyn, SliceInfoElem},
};

/// Eighths from -6 to 6, and now and then what is not a number.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![9 => (-48i32..49).prop_map(|x| f64::from(x) / 8.0), 1 => Just(f64::NAN)]
}

/// An array of up to three axes, and two ways to cut it.
fn arrays() -> impl Strategy<Value = (ArrayD<f64>, Chunks, Chunks)> {
    prop::collection::vec(0usize..6, 0..4).prop_flat_map(|shape| {
        let values = prop::collection::vec(number(), shape.iter().product::<usize>());
        let of = shape.clone();
        let array = values.prop_map(move |values| ArrayD::from_shape_vec(IxDyn(&of), values).unwrap());
        (array, chunks(shape.clone()), chunks(shape))
    })
}

/// A part of three axes: a beginning, a length and a step, forwards or backwards.
fn parts() -> impl Strategy<Value = Vec<(usize, usize, isize)>> {
    prop::collection::vec((0usize..6, 0usize..6, prop_oneof![1isize..4, -3isize..0]), 3)
}

/// The part of an array's axes that these numbers say, so that `ndarray` takes it too.
fn slice_of(shape: &[usize], parts: &[(usize, usize, isize)]) -> Vec<SliceInfoElem> {
    let one = |(len, (start, count, step)): (&usize, &(usize, usize, isize))| {
        let start = start % (len + 1);
        SliceInfoElem::Slice { start: start as isize, end: Some((start + count).min(*len) as isize), step: *step }
    };
    shape.iter().zip(parts).map(one).collect()
}

/// Twice: read from memory where it is needed, and computed before, so that chunks are read over edges.
fn cut(array: &ArrayD<f64>, one: &Chunks, two: &Chunks) -> [DArray; 2] {
    let source = DArray::from_ndarray(array.clone());
    [source.rechunk(one.clone()), source.rechunk(two.clone()) + 0.0]
}

fn floats(a: &DArray) -> ArrayD<f64> {
    a.cast(DType::F64).compute().unwrap()
}

/// Equal but for rounding; what is not a number is itself.
fn close(a: &ArrayD<f64>, b: &ArrayD<f64>) -> bool {
    let near = |(a, b): (&f64, &f64)| a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-9 * (1.0 + b.abs());
    a.shape() == b.shape() && a.iter().zip(b).all(near)
}
