//! Reductions over any axes, kept or not, and running sums and products, against plain loops.

use super::{arrays, close, cut, floats, parts, slice_of};
use crate::cuts::entered;
use proptest::prelude::*;
use stratal_array::{
    Axes, DArray, keep,
    ndarray::{ArrayD, Axis, Dimension, IxDyn},
};

type Reduce = (&'static str, fn(&DArray, Axes) -> DArray, fn(&[f64]) -> f64);

fn truth(is: bool) -> f64 {
    f64::from(u8::from(is))
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

fn var(x: &[f64], ddof: f64) -> f64 {
    let (mean, left) = (mean(x), x.len() as f64 - ddof);
    if left > 0.0 { x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / left } else { f64::NAN }
}

fn numbers(x: &[f64]) -> Vec<f64> {
    x.iter().copied().filter(|x| !x.is_nan()).collect()
}

/// The greatest: what is not a number wins.
fn most(x: &[f64]) -> f64 {
    x.iter().copied().reduce(|a, b| if a.is_nan() || a > b { a } else { b }).unwrap_or(f64::NAN)
}

fn least(x: &[f64]) -> f64 {
    -most(&x.iter().map(|x| -x).collect::<Vec<_>>())
}

/// The first place of a value.
fn place(x: &[f64], value: f64) -> f64 {
    x.iter().position(|x| *x == value || x.is_nan() && value.is_nan()).unwrap() as f64
}

const ANY: [Reduce; 17] = [
    ("sum", |a, axes| a.sum(axes), |x| x.iter().sum()),
    ("prod", |a, axes| (a / 4).prod(axes), |x| x.iter().map(|x| x / 4.0).product()),
    ("mean", |a, axes| a.mean(axes), mean),
    ("var", |a, axes| a.var(axes), |x| var(x, 0.0)),
    ("var_ddof", |a, axes| a.var_ddof(axes, 1.5), |x| var(x, 1.5)),
    ("std", |a, axes| a.std(axes), |x| var(x, 0.0).sqrt()),
    ("std_ddof", |a, axes| a.std_ddof(axes, 1.0), |x| var(x, 1.0).sqrt()),
    ("any", |a, axes| a.gt(5).any(axes), |x| truth(x.iter().any(|x| *x > 5.0))),
    ("all", |a, axes| a.gt(-5).all(axes), |x| truth(x.iter().all(|x| *x > -5.0))),
    ("count_nonzero", |a, axes| a.count_nonzero(axes), |x| x.iter().filter(|x| **x != 0.0).count() as f64),
    ("nan_sum", |a, axes| a.nan_sum(axes), |x| numbers(x).iter().sum()),
    ("nan_prod", |a, axes| (a / 4).nan_prod(axes), |x| numbers(x).iter().map(|x| x / 4.0).product()),
    ("nan_mean", |a, axes| a.nan_mean(axes), |x| mean(&numbers(x))),
    ("nan_var", |a, axes| a.nan_var(axes), |x| var(&numbers(x), 0.0)),
    ("nan_var_ddof", |a, axes| a.nan_var_ddof(axes, 1.0), |x| var(&numbers(x), 1.0)),
    ("nan_std", |a, axes| a.nan_std(axes), |x| var(&numbers(x), 0.0).sqrt()),
    ("nan_std_ddof", |a, axes| a.nan_std_ddof(axes, 2.0), |x| var(&numbers(x), 2.0).sqrt()),
];

/// Of no elements there is none of these.
const SOME: [Reduce; 4] = [
    ("min", |a, axes| a.min(axes), least),
    ("max", |a, axes| a.max(axes), most),
    ("nan_min", |a, axes| a.nan_min(axes), |x| least(&numbers(x))),
    ("nan_max", |a, axes| a.nan_max(axes), |x| most(&numbers(x))),
];

/// Along one axis.
const PLACES: [Reduce; 2] =
    [("argmin", |a, axes| a.argmin(axes), |x| place(x, least(x))), ("argmax", |a, axes| a.argmax(axes), |x| place(x, most(x)))];

/// Along one axis, where not everything is not a number.
const NAN_PLACES: [Reduce; 2] = [
    ("nan_argmin", |a, axes| a.nan_argmin(axes), |x| place(x, least(&numbers(x)))),
    ("nan_argmax", |a, axes| a.nan_argmax(axes), |x| place(x, most(&numbers(x)))),
];

/// What a function makes of the elements, in row-major order, that differ on some axes alone. These axes have length 1 after it.
fn reduced(array: &ArrayD<f64>, axes: &[usize], theirs: fn(&[f64]) -> f64) -> ArrayD<f64> {
    let kept: Vec<usize> = (0..array.ndim()).map(|axis| if axes.contains(&axis) { 1 } else { array.shape()[axis] }).collect();
    ArrayD::from_shape_fn(IxDyn(&kept), |at| {
        let here = |place: &[usize]| (0..place.len()).all(|axis| axes.contains(&axis) || place[axis] == at[axis]);
        let elements: Vec<f64> = array.indexed_iter().filter(|(place, _)| here(place.slice())).map(|(_, element)| *element).collect();
        theirs(&elements)
    })
}

/// The array without these axes, which have length 1.
fn without(mut array: ArrayD<f64>, axes: &[usize]) -> ArrayD<f64> {
    for axis in axes.iter().rev() {
        array = array.index_axis_move(Axis(*axis), 0);
    }
    array
}

/// The axes whose bits are set.
fn chosen(ndim: usize, bits: u8) -> Vec<usize> {
    (0..ndim).filter(|axis| bits >> axis & 1 == 1).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_axes_are_reduced((array, one, two) in arrays(), bits in 0u8..8) {
        entered(|| {
            let axes = chosen(array.ndim(), bits);
            let is_empty = axes.iter().any(|axis| array.shape()[*axis] == 0);
            let leaves_some = (0..array.ndim()).all(|axis| axes.contains(&axis) || array.shape()[axis] > 0);
            for a in cut(&array, &one, &two) {
                for (name, ours, theirs) in ANY {
                    let expected = reduced(&array, &axes, theirs);
                    prop_assert!(close(&floats(&ours(&a, keep(axes.clone()))), &expected), "{} kept", name);
                    prop_assert!(close(&floats(&ours(&a, axes.clone().into())), &without(expected, &axes)), "{}", name);
                }
                for (name, ours, theirs) in SOME {
                    let made = ours(&a, axes.clone().into());
                    if is_empty && leaves_some {
                        prop_assert!(made.check().is_err(), "{}", name);
                    } else {
                        prop_assert!(close(&floats(&made), &without(reduced(&array, &axes, theirs), &axes)), "{}", name);
                    }
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn places_are_the_first_in_the_array((array, one, two) in arrays()) {
        entered(|| {
            prop_assume!(!array.is_empty());
            let all: Vec<f64> = array.iter().copied().collect();
            for a in cut(&array, &one, &two) {
                for (name, ours, theirs) in PLACES {
                    prop_assert_eq!(ours(&a, Axes::all()).scalar::<i64>().unwrap() as f64, theirs(&all), "{}", name);
                    for axis in 0..array.ndim() {
                        let expected = without(reduced(&array, &[axis], theirs), &[axis]);
                        prop_assert!(close(&floats(&ours(&a, axis.into())), &expected), "{} along {}", name, axis);
                    }
                }
                for (name, ours, theirs) in NAN_PLACES {
                    let made = ours(&a, Axes::all());
                    match numbers(&all).is_empty() {
                        true => prop_assert!(made.scalar::<i64>().is_err(), "{}", name),
                        false => prop_assert_eq!(made.scalar::<i64>().unwrap() as f64, theirs(&all), "{}", name),
                    }
                    for axis in 0..array.ndim() {
                        // Every line has a number.
                        let number = |at: IxDyn| if at[axis] == 0 && array[&at].is_nan() { 9.0 } else { array[&at] };
                        let filled = ArrayD::from_shape_fn(array.raw_dim(), number);
                        let expected = without(reduced(&filled, &[axis], theirs), &[axis]);
                        let mended = DArray::from_ndarray(filled).rechunk(2);
                        prop_assert!(close(&floats(&ours(&mended, axis.into())), &expected), "{} along {}", name, axis);
                    }
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn running_ones_go_through_every_chunk((array, one, two) in arrays(), parts in parts()) {
        entered(|| {
            let running = |axis: usize, skip: bool, step: fn(f64, f64) -> f64, start: f64| {
                let mut array = array.mapv(|x| x / 4.0);
                for mut line in array.lanes_mut(Axis(axis)) {
                    let mut before = start;
                    for here in &mut line {
                        before = if skip && here.is_nan() { before } else { step(before, *here) };
                        *here = before;
                    }
                }
                array
            };
            let slice = slice_of(array.shape(), &parts);
            for a in cut(&array, &one, &two) {
                let a = a / 4;
                for axis in 0..array.ndim() {
                    let along = axis as i64;
                    let all: [(DArray, ArrayD<f64>); 4] = [
                        (a.cumulative_sum(along), running(axis, false, |a, b| a + b, 0.0)),
                        (a.cumulative_prod(along), running(axis, false, |a, b| a * b, 1.0)),
                        (a.nan_cumulative_sum(along), running(axis, true, |a, b| a + b, 0.0)),
                        (a.nan_cumulative_prod(along), running(axis, true, |a, b| a * b, 1.0)),
                    ];
                    for (made, expected) in all {
                        prop_assert!(close(&floats(&made), &expected), "{}", made);
                        prop_assert!(close(&floats(&made.slice(&slice[..])), &expected.slice(&slice[..]).to_owned()), "{}", made);
                    }
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_slice_of_a_reduction_is_that_of_the_slice((array, one, two) in arrays(), parts in parts()) {
        prop_assume!(array.ndim() > 0);
        entered(|| {
            let last = array.ndim() - 1;
            // The axis that goes stays whole.
            let mut slice = slice_of(array.shape(), &parts);
            slice[last] = stratal_array::ndarray::SliceInfoElem::Slice { start: 0, end: None, step: 1 };
            for a in cut(&array, &one, &two) {
                for (name, ours, _) in ANY {
                    let (of, after) = (ours(&a.slice(&slice[..]), last.into()), ours(&a, last.into()).slice(&slice[..last]));
                    prop_assert!(close(&floats(&after), &floats(&of)), "{}", name);
                }
            }
            Ok(())
        })?;
    }
}
