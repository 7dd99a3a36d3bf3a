//! Random cuts, and a client for property tests.

use proptest::prelude::*;
use stratal_array::{
    Chunks, DArray, DType,
    ndarray::{ArrayD, IxDyn},
};
use stratal_core::Client;

/// The lengths of the chunks of an axis, empty ones among them.
pub(crate) fn cuts(len: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..=len, 0..4).prop_map(move |mut at| {
        at.extend([0, len]);
        at.sort_unstable();
        at.windows(2).map(|pair| pair[1] - pair[0]).collect()
    })
}

/// A way to cut an array of this shape.
pub(crate) fn chunks(shape: Vec<usize>) -> impl Strategy<Value = Chunks> {
    shape.into_iter().map(cuts).collect::<Vec<_>>().prop_map(Chunks::cuts)
}

/// The numbers from 1 on, in this shape, modulo a small prime: every place has its own neighbourhood.
pub(crate) fn counted(shape: &[usize], modulo: i64) -> ArrayD<i64> {
    let count = shape.iter().product::<usize>() as i64;
    ArrayD::from_shape_vec(IxDyn(shape), (0..count).map(|i| (7 * i + 1) % modulo).collect()).unwrap()
}

/// The elements as integers, real parts of complex ones.
pub(crate) fn integers(a: &DArray) -> ArrayD<i64> {
    let real = if a.dtype().is_ok_and(DType::is_complex) { a.real() } else { a.clone() };
    real.cast(DType::I64).compute().unwrap()
}

/// On one thread, in order.
pub(crate) fn entered<T>(test: impl FnOnce() -> T) -> T {
    let client = Client::builder().detached().synchronous().unwrap();
    let _entered = client.enter();
    test()
}
