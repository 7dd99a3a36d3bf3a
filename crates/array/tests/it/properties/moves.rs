//! Elements in other places, against `ndarray`.

use super::{arrays, close, cut, floats, parts, slice_of};
use crate::cuts::entered;
use proptest::prelude::*;
use stratal_array::{
    DArray,
    ndarray::{ArrayD, Axis, IxDyn, concatenate},
};

/// The array with so many elements of one value before and after it.
fn padded(array: &ArrayD<f64>, widths: &[(usize, usize)], value: f64) -> ArrayD<f64> {
    let lens: Vec<usize> = array.shape().iter().zip(widths).map(|(len, (before, after))| before + len + after).collect();
    ArrayD::from_shape_fn(IxDyn(&lens), |at| {
        let place: Option<Vec<usize>> = (0..widths.len()).map(|axis| at[axis].checked_sub(widths[axis].0)).collect();
        place.and_then(|place| array.get(&place[..]).copied()).unwrap_or(value)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_padded_is_sliced_as_what_it_is(
        (array, one, two) in arrays(),
        widths in prop::collection::vec((0usize..4, 0usize..4), 3),
        parts in parts(),
    ) {
        entered(|| {
            let widths = &widths[..array.ndim()];
            let expected = padded(&array, widths, 7.5);
            let slice = slice_of(expected.shape(), &parts);
            for a in cut(&array, &one, &two) {
                let made = a.pad(widths, 7.5);
                prop_assert!(close(&floats(&made), &expected));
                prop_assert!(close(&floats(&made.slice(&slice[..])), &expected.slice(&slice[..]).to_owned()));
                let inner: Vec<_> = array.shape().iter().zip(widths).map(|(len, (before, _))| {
                    let (start, end) = (*before as isize, Some((before + len) as isize));
                    stratal_array::ndarray::SliceInfoElem::Slice { start, end, step: 1 }
                }).collect();
                prop_assert!(close(&floats(&made.slice(&inner[..])), &array));
            }
            Ok(())
        })?;
    }

    #[test]
    fn tiles_stand_side_by_side((array, one, two) in arrays(), times in prop::collection::vec(0usize..3, 0..4), parts in parts()) {
        entered(|| {
            let ndim = array.ndim().max(times.len());
            let mut expected = array.clone();
            while expected.ndim() < ndim {
                expected = expected.insert_axis(Axis(0));
            }
            for (axis, times) in (ndim - times.len()..ndim).zip(&times) {
                expected = match times {
                    0 => expected.select(Axis(axis), &[]),
                    times => concatenate(Axis(axis), &vec![expected.view(); *times]).unwrap(),
                };
            }
            let slice = slice_of(expected.shape(), &parts);
            for a in cut(&array, &one, &two) {
                let made = a.tile(times.clone());
                prop_assert!(close(&floats(&made), &expected));
                prop_assert!(close(&floats(&made.slice(&slice[..])), &expected.slice(&slice[..]).to_owned()));
            }
            Ok(())
        })?;
    }

    #[test]
    fn axes_come_and_go((array, one, two) in arrays(), at in 0usize..4, more in prop::collection::vec(1usize..4, 0..2)) {
        entered(|| {
            let at = at.min(array.ndim());
            for a in cut(&array, &one, &two) {
                let wide = a.expand_dims(at as i64);
                prop_assert!(close(&floats(&wide), &array.clone().insert_axis(Axis(at))));
                prop_assert!(close(&floats(&wide.squeeze(at)), &array));
                let shape: Vec<usize> = more.iter().chain(array.shape()).copied().collect();
                let expected = array.broadcast(IxDyn(&shape)).unwrap().to_owned();
                prop_assert!(close(&floats(&a.broadcast_to(shape.clone())), &expected));
                let stretched: Vec<usize> = shape.iter().copied().chain([3]).collect();
                let column = array.clone().insert_axis(Axis(array.ndim()));
                let expected = column.broadcast(IxDyn(&stretched)).unwrap().to_owned();
                prop_assert!(close(&floats(&a.expand_dims(-1).broadcast_to(stretched)), &expected));
                for axis in 0..array.ndim() {
                    for (index, part) in a.unstack(axis as i64).iter().enumerate() {
                        prop_assert!(close(&floats(part), &array.index_axis(Axis(axis), index).to_owned()));
                    }
                    let moved = floats(&a.moveaxis(axis, -1));
                    let mut order: Vec<usize> = (0..array.ndim()).filter(|other| *other != axis).collect();
                    order.push(axis);
                    prop_assert!(close(&moved, &array.view().permuted_axes(IxDyn(&order)).to_owned()));
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_is_kept_mapped_or_taken_apart_is_the_same((array, one, two) in arrays()) {
        entered(|| {
            for a in cut(&array, &one, &two) {
                prop_assert!(close(&floats(&a.persist().unwrap()), &array));
                let doubled = a.map_blocks(|block: stratal_array::ndarray::ArrayViewD<'_, f64>| block.mapv(|x| 2.0 * x));
                prop_assert_eq!(doubled.chunks().unwrap(), a.chunks().unwrap());
                prop_assert!(close(&floats(&doubled), &array.mapv(|x| 2.0 * x)));
                let chunks = a.to_delayed().unwrap();
                let again = DArray::from_delayed(chunks, a.dtype().unwrap(), a.chunks().unwrap());
                prop_assert!(close(&floats(&again), &array));
            }
            Ok(())
        })?;
    }
}
