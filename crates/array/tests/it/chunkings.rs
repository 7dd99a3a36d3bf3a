//! Property tests: the result does not depend on the chunks, and is `ndarray`'s.

use proptest::prelude::*;
use stratal_array::{
    Chunks, DArray, DType,
    ndarray::{ArrayD, Axis, IxDyn, SliceInfoElem, concatenate, stack},
};
use stratal_core::Client;

/// The lengths of chunks of an axis, empty ones among them.
fn cuts(len: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..=len, 0..4).prop_map(move |mut at| {
        at.extend([0, len]);
        at.sort_unstable();
        at.windows(2).map(|pair| pair[1] - pair[0]).collect()
    })
}

/// An array of up to three axes, and two ways to cut it.
fn arrays() -> impl Strategy<Value = (ArrayD<f64>, Chunks, Chunks)> {
    prop::collection::vec(0usize..6, 0..4).prop_flat_map(|shape| {
        let count = shape.iter().product::<usize>();
        let values = prop::collection::vec(-50i32..50, count);
        let ways = || shape.iter().map(|len| cuts(*len)).collect::<Vec<_>>().prop_map(Chunks::cuts);
        let of = shape.clone();
        let array = values.prop_map(move |values| ArrayD::from_shape_vec(IxDyn(&of), values.into_iter().map(f64::from).collect()).unwrap());
        (array, ways(), ways())
    })
}

fn close(a: &ArrayD<f64>, b: &ArrayD<f64>) -> bool {
    let near = |(a, b): (&f64, &f64)| a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-9 * (1.0 + b.abs());
    a.shape() == b.shape() && a.iter().zip(b).all(near)
}

fn computed(a: &DArray) -> ArrayD<f64> {
    a.cast(DType::F64).compute().unwrap()
}

fn entered<T>(test: impl FnOnce() -> T) -> T {
    let client = Client::builder().detached().synchronous().unwrap();
    let _entered = client.enter();
    test()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn elementwise((array, one, two) in arrays()) {
        entered(|| {
            let source = DArray::from_ndarray(array.clone());
            let (a, b) = (source.rechunk(one), (&source + 3.0).rechunk(two));
            let expected = array.mapv(|x| ((x * 2.0 - (x + 3.0)).abs() + 1.0).sqrt());
            prop_assert!(close(&computed(&((&a * 2 - &b).abs() + 1.0).sqrt()), &expected));
            prop_assert!(close(&computed(&a.gt(&b).where_(&a, &b)), &array.mapv(|x| x + 3.0)));
            prop_assert!(close(&computed(&a.clip(-5, 5)), &array.mapv(|x| x.clamp(-5.0, 5.0))));
            Ok(())
        })?;
    }

    #[test]
    fn reductions((array, one, two) in arrays()) {
        entered(|| {
            let source = DArray::from_ndarray(array.clone());
            for chunks in [one, two] {
                // Of the second kind of source, chunks are read over edges.
                let a = source.rechunk(chunks) * 1.0;
                prop_assert!((a.sum(..).scalar::<f64>().unwrap() - array.sum()).abs() < 1e-9);
                for axis in 0..array.ndim() {
                    prop_assert!(close(&computed(&a.sum(axis)), &array.sum_axis(Axis(axis))));
                    prop_assert!(close(&computed(&a.prod(axis)), &array.map_axis(Axis(axis), |line| line.product())));
                    prop_assert!(close(&computed(&a.count_nonzero(axis)), &array.map_axis(Axis(axis), |line| line.iter().filter(|x| **x != 0.0).count() as f64)));
                    let kept: usize = (0..array.ndim()).filter(|at| *at != axis).map(|at| array.shape()[at]).product();
                    if array.shape()[axis] > 0 {
                        prop_assert!(close(&computed(&a.mean(axis)), &array.mean_axis(Axis(axis)).unwrap()));
                        prop_assert!(close(&computed(&a.var(axis)), &array.map_axis(Axis(axis), |line| line.var(0.0))));
                        let most = |line: &[f64]| line.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                        prop_assert!(close(&computed(&a.max(axis)), &array.map_axis(Axis(axis), |line| most(&line.to_vec()))));
                        let place = |line: &[f64]| line.iter().position(|x| *x == most(line)).unwrap() as f64;
                        prop_assert!(close(&computed(&a.argmax(axis)), &array.map_axis(Axis(axis), |line| place(&line.to_vec()))));
                    } else {
                        prop_assert_eq!(a.max(axis).check().is_err(), kept > 0);
                    }
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn running((array, one, two) in arrays()) {
        entered(|| {
            let source = DArray::from_ndarray(array.clone());
            for chunks in [one, two] {
                let a = source.rechunk(chunks);
                for axis in 0..array.ndim() {
                    let mut expected = array.clone();
                    expected.accumulate_axis_inplace(Axis(axis), |before, here| *here += before);
                    prop_assert!(close(&computed(&a.cumulative_sum(axis as i64)), &expected));
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn slices((array, one, two) in arrays(), parts in prop::collection::vec((-7isize..7, prop::option::of(-7isize..7), 1isize..4, any::<bool>()), 3)) {
        entered(|| {
            let slice: Vec<SliceInfoElem> = parts.iter().take(array.ndim()).zip(array.shape()).map(|((start, end, step, back), len)| {
                // In range, so that ndarray takes them too.
                let len = *len as isize;
                let (start, end) = ((*start).clamp(-len, len), end.map(|end| end.clamp(-len, len)));
                SliceInfoElem::Slice { start, end, step: if *back { -step } else { *step } }
            }).collect();
            let expected = array.slice(slice.as_slice()).to_owned();
            let source = DArray::from_ndarray(array.clone());
            for chunks in [one, two] {
                let a = source.rechunk(chunks) + 0.0;
                prop_assert!(close(&computed(&a.slice(&slice[..])), &expected));
                // A slice of the result is the result of the slice.
                prop_assert!(close(&computed(&(&a * 2).slice(&slice[..])), &computed(&(a.slice(&slice[..]) * 2))));
            }
            Ok(())
        })?;
    }

    #[test]
    fn moves((array, one, two) in arrays(), shift in -9i64..9) {
        prop_assume!(array.ndim() > 0);
        entered(|| {
            let source = DArray::from_ndarray(array.clone());
            let (a, b) = (source.rechunk(one) + 0.0, source.rechunk(two) + 0.0);
            for axis in 0..array.ndim() {
                let both = concatenate(Axis(axis), &[array.view(), array.view()]).unwrap();
                prop_assert!(close(&computed(&DArray::concat(&[&a, &b], axis as i64)), &both));
                let stacked = stack(Axis(axis), &[array.view(), array.view()]).unwrap();
                prop_assert!(close(&computed(&DArray::stack(&[&a, &b], axis as i64)), &stacked));
                let len = array.shape()[axis];
                let pick = |of: &dyn Fn(usize) -> usize, len: usize| array.select(Axis(axis), &(0..len).map(of).collect::<Vec<_>>());
                if len > 0 {
                    let rolled = pick(&|i| (i as i64 - shift).rem_euclid(len as i64) as usize, len);
                    prop_assert!(close(&computed(&a.roll(shift, axis as i64)), &rolled));
                }
                prop_assert!(close(&computed(&a.repeat(3, axis as i64)), &pick(&|i| i / 3, 3 * len)));
                prop_assert!(close(&computed(&b.flip(axis)), &pick(&|i| len - 1 - i, len)));
            }
            Ok(())
        })?;
    }
}
