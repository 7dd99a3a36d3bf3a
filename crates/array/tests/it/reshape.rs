//! Shapes and orders of axes, against `ndarray`.

use crate::{
    cuts::{chunks, counted, entered, integers},
    everywhere,
};
use proptest::prelude::*;
use stratal_array::{
    Chunks, DArray,
    ndarray::{ArrayD, IxDyn, arr1, arr2},
};
use stratal_core::ErrorKind;

/// An array, how it is cut, and another shape of as many elements.
fn reshaped() -> impl Strategy<Value = (ArrayD<i64>, Chunks, Vec<usize>)> {
    let shape = || prop::collection::vec(1usize..5, 0..3);
    (shape(), shape()).prop_flat_map(|(a, b)| {
        // The same factors in another order, some of them together.
        let (one, mut other) = (a.iter().chain(&b).copied().collect::<Vec<_>>(), b.iter().chain(&a).copied().collect::<Vec<_>>());
        if other.len() > 2 {
            let last = other.pop().unwrap();
            other[0] *= last;
        }
        (Just(counted(&one, i64::MAX)), chunks(one), Just(other))
    })
}

/// An array, how it is cut, and an order of its axes.
fn permuted() -> impl Strategy<Value = (ArrayD<i64>, Chunks, Vec<usize>)> {
    prop::collection::vec(0usize..5, 0..5).prop_flat_map(|shape| {
        let order: Vec<usize> = (0..shape.len()).collect();
        (Just(counted(&shape, i64::MAX)), chunks(shape), Just(order).prop_shuffle())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn elements_keep_their_order((array, chunks, shape) in reshaped()) {
        entered(|| {
            let x = DArray::from_ndarray(array.clone()).rechunk(chunks) + 0;
            let expected = ArrayD::from_shape_vec(IxDyn(&shape), array.iter().copied().collect()).unwrap();
            let reshaped = x.reshape(&shape);
            prop_assert_eq!(reshaped.shape().unwrap(), shape);
            prop_assert_eq!(integers(&reshaped), expected);
            prop_assert_eq!(integers(&reshaped.reshape(array.shape())), array.clone());
            prop_assert_eq!(integers(&x.reshape(-1)), ArrayD::from_shape_vec(IxDyn(&[array.len()]), array.iter().copied().collect()).unwrap());
            Ok(())
        })?;
    }

    #[test]
    fn axes_go_to_other_places((array, chunks, order) in permuted()) {
        entered(|| {
            let x = DArray::from_ndarray(array.clone()).rechunk(chunks) + 0;
            let turned = x.permute_dims(&order);
            let expected = array.clone().permuted_axes(IxDyn(&order));
            prop_assert_eq!(turned.shape().unwrap(), expected.shape());
            prop_assert_eq!(integers(&turned), expected.clone());
            prop_assert_eq!(integers(&(turned * 2)), expected.mapv(|x| 2 * x));
            prop_assert_eq!(integers(&x.t()), array.clone().reversed_axes());
            Ok(())
        })?;
    }
}

#[test]
fn chunks_of_one_row_are_merged_as_they_are() {
    everywhere(|| {
        let cuts = Chunks::cuts(vec![vec![1, 1], vec![1, 2], vec![2, 2]]);
        let x = DArray::from_vec((0..24i64).collect(), (2, 3, 4)).rechunk(cuts) + 0;
        let merged = x.reshape((6, 4));
        assert_eq!(merged.chunks().unwrap(), [vec![1, 2, 1, 2], vec![2, 2]]);
        assert_eq!(merged.graph().unwrap().layers.len(), 2);
        assert_eq!(merged.sum(1).compute::<i64>().unwrap(), arr1(&[6, 22, 38, 54, 70, 86]).into_dyn());
    });
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let x = DArray::zeros::<f64>((6, 4));
    for wrong in [x.reshape([-1, -1]), x.reshape(25), x.reshape([-1, 5]), x.reshape([-3, 8]), x.reshape(())] {
        assert_eq!(wrong.check().unwrap_err().kind(), ErrorKind::Shape);
    }
    let error = x.reshape([5, 5]).check().unwrap_err();
    assert_eq!(error.message(), "an array of shape (6, 4) is not reshaped to [5, 5]: it has 24 elements, and 25 are asked for");
    assert_eq!(DArray::zeros::<f64>((0, 3)).reshape([3, -1]).shape().unwrap(), [3, 0]);
    assert_eq!(DArray::zeros::<f64>((0, 3)).reshape((2, 0)).compute::<f64>().unwrap().shape(), [2, 0]);
    assert!(DArray::zeros::<f64>(3).matrix_transpose().check().is_err());
    assert!(x.permute_dims([0, 0]).check().is_err() && x.permute_dims([0, 2]).check().is_err() && x.moveaxis(0, [0, 1]).check().is_err());
}

#[test]
fn a_matrix_and_its_transpose_meet() {
    everywhere(|| {
        let x = DArray::from_vec((0..9i64).collect(), (3, 3)).rechunk([2, 1]) + 0;
        assert_eq!((&x + x.t()).compute::<i64>().unwrap(), arr2(&[[0, 4, 8], [4, 8, 12], [8, 12, 16]]).into_dyn());
        assert_eq!(x.t().t().graph().unwrap().layers.len(), 1);
        assert_eq!(x.t().slice(stratal_array::s![1, ..]).compute::<i64>().unwrap(), arr1(&[1, 4, 7]).into_dyn());
    });
}

#[test]
fn axes_are_moved_stacks_taken_apart_and_shapes_made_one() {
    everywhere(|| {
        let x = DArray::from_vec((0..24i64).collect(), (2, 3, 4)).rechunk(2) + 0;
        assert_eq!(x.moveaxis(-1, 0).slice(stratal_array::s![3, 1, ..]).compute::<i64>().unwrap(), arr1(&[15, 19, 23]).into_dyn());
        assert_eq!(x.moveaxis([0, 2], [2, 0]).shape().unwrap(), [4, 3, 2]);
        let parts = x.unstack(1);
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[2].compute::<i64>().unwrap(), arr2(&[[8, 9, 10, 11], [20, 21, 22, 23]]).into_dyn());
        let again = DArray::stack(&parts.iter().collect::<Vec<_>>(), 1);
        assert_eq!((again - &x).count_nonzero(..).scalar::<i64>().unwrap(), 0);
        let both = DArray::broadcast_arrays(&[&DArray::arange(0i64..3), &DArray::arange(0i64..2).expand_dims(1)]);
        assert_eq!(both[1].compute::<i64>().unwrap(), arr2(&[[0, 0, 0], [1, 1, 1]]).into_dyn());
    });
    let wrong = DArray::broadcast_arrays(&[&DArray::arange(0i64..3), &DArray::arange(0i64..2)]);
    assert!(wrong.iter().all(|array| array.check().is_err()) && DArray::arange(0i64..3).unstack(1)[0].check().is_err());
}
