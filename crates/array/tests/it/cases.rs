//! Sharp cases: input and what must come out.
//!
//! Products and shapes have theirs in `contract.rs` and `reshape.rs`.

use crate::everywhere;
use stratal_array::{Chunks, DArray, DType, NewAxis, keep, ndarray::arr1, s};

const NAN: f64 = f64::NAN;

fn same(a: &[f64], b: &[f64]) {
    let close = |(a, b): (&f64, &f64)| (a.is_nan() && b.is_nan()) || a == b || (a - b).abs() < 1e-4;
    assert!(a.len() == b.len() && a.iter().zip(b).all(close), "{a:?} {b:?}");
}

fn floats(a: &DArray) -> Vec<f64> {
    a.cast(DType::F64).compute::<f64>().unwrap().iter().copied().collect()
}

#[test]
fn slices_backwards_keep_the_cuts_of_their_source() {
    everywhere(|| {
        let x = DArray::arange(0i64..104).rechunk(Chunks::cuts(vec![vec![20, 23, 27, 13, 21]]));
        let back = x.slice(s![28..101;-3]);
        assert_eq!(back.chunks().unwrap(), [[6, 5, 9, 5]]);
        assert_eq!(back.compute::<i64>().unwrap(), arr1(&(0..25).map(|i| 100 - 3 * i).collect::<Vec<i64>>()).into_dyn());
        let all = x.slice(s![..;-3]).compute::<i64>().unwrap();
        assert_eq!((all[0], all[34], all.len()), (103, 1, 35));
        assert_eq!(DArray::ones::<f64>(20).rechunk(5).slice(s![..;2]).chunks().unwrap(), [[3, 2, 3, 2]]);
        let five = DArray::arange(0i64..5).rechunk(2);
        assert_eq!(five.slice(s![-102..]).shape().unwrap(), [5]);
        assert_eq!(five.slice(s![102..]).compute::<i64>().unwrap().len(), 0);
        assert!(five.slice(s![6]).check().is_err());
    });
}

#[test]
fn what_is_not_a_number_is_skipped_or_spreads() {
    everywhere(|| {
        let x = DArray::from_vec(vec![1.0, NAN, 3.0, 4.0, 5.0, 6.0, 7.0, NAN, 9.0, 10.0, 11.0, 12.0], (3, 4)).rechunk(2);
        assert_eq!(x.nan_sum(..).scalar::<f64>().unwrap(), 68.0);
        same(&floats(&x.nan_sum(0)), &[15.0, 16.0, 21.0, 16.0]);
        same(&floats(&x.sum(0)), &[15.0, NAN, 21.0, NAN]);
        same(&floats(&x.nan_mean(1)), &[2.6667, 6.0, 10.5]);
        assert!((x.nan_var(..).scalar::<f64>().unwrap() - 11.96).abs() < 1e-9);
        same(&floats(&x.nan_argmin(0)), &[0.0, 1.0, 0.0, 0.0]);
        assert!(x.max(..).scalar::<f64>().unwrap().is_nan());
        assert_eq!((x.nan_max(..).scalar::<f64>().unwrap(), x.argmax(..).scalar::<i64>().unwrap()), (12.0, 1));
        assert!(DArray::full(3, NAN).nan_argmax(..).scalar::<i64>().is_err());
        assert!(DArray::full(3, NAN).nan_min(..).scalar::<f64>().unwrap().is_nan());
    });
}

#[test]
fn variances_of_large_and_of_few_numbers() {
    everywhere(|| {
        let values: Vec<f64> = [1.0, 2.0, 3.0].repeat(10).iter().map(|x| x + 1e8).collect();
        let x = DArray::from_vec(values, 30).rechunk(5);
        same(&[x.var(..).scalar::<f64>().unwrap(), x.var_ddof(.., 1.0).scalar::<f64>().unwrap()], &[0.666667, 0.689655]);
        let ten = DArray::arange(0i64..10).rechunk(3);
        let ddof = |ddof: f64| ten.var_ddof(.., ddof).scalar::<f64>().unwrap();
        same(&[ddof(0.0), ddof(1.0), ddof(2.0)], &[8.25, 9.16667, 10.3125]);
        let one = DArray::ones::<f64>(1);
        same(&[one.var(..).scalar::<f64>().unwrap(), one.var_ddof(.., 1.0).scalar::<f64>().unwrap()], &[0.0, NAN]);
    });
}

#[test]
fn small_integers_widen_and_nothing_has_a_sum() {
    everywhere(|| {
        assert_eq!(DArray::from_vec(vec![200u8, 100], 2).sum(..).scalar::<u64>().unwrap(), 300);
        assert_eq!(DArray::from_vec(vec![true, true, false], 3).sum(..).scalar::<i64>().unwrap(), 2);
        let none = DArray::zeros::<f64>(0);
        assert_eq!((none.sum(..).scalar::<f64>().unwrap(), none.prod(..).scalar::<f64>().unwrap()), (0.0, 1.0));
        assert_eq!((none.any(..).scalar::<bool>().unwrap(), none.all(..).scalar::<bool>().unwrap()), (false, true));
        assert!(none.mean(..).scalar::<f64>().unwrap().is_nan());
        assert!(none.max(..).check().is_err());
        assert_eq!(DArray::zeros::<f64>((3, 0)).max(0).shape().unwrap(), [0]);
        assert_eq!(DArray::zeros::<f64>((3, 0)).sum(1).compute::<f64>().unwrap(), arr1(&[0.0; 3]).into_dyn());
    });
}

#[test]
fn running_sums_in_any_chunks() {
    everywhere(|| {
        for chunk in 1..7i64 {
            let x = DArray::from_vec(vec![1.0, NAN, 2.0, 3.0, NAN, 4.0], 6).rechunk(chunk);
            same(&floats(&x.cumulative_sum(0)), &[1.0, NAN, NAN, NAN, NAN, NAN]);
            same(&floats(&x.nan_cumulative_sum(0)), &[1.0, 1.0, 3.0, 6.0, 6.0, 10.0]);
        }
    });
}

#[test]
fn numbers_take_the_dtype_of_the_array() {
    let dtype = |a: DArray| a.dtype().unwrap();
    assert_eq!(dtype(DArray::ones::<f32>(2) + 1.0), DType::F32);
    assert_eq!(dtype(DArray::ones::<i32>(2) + 1.0), DType::F64);
    assert_eq!(dtype(DArray::ones::<i32>(2) / 2), DType::F64);
    assert_eq!(dtype(1.0 - DArray::ones::<f32>(2)), DType::F32);
    assert_eq!(dtype(DArray::ones::<f32>(2) + DArray::scalar_of(1.0f64)), DType::F64);
    assert_eq!(dtype(DArray::ones::<i8>(2) + DArray::ones::<u8>(2)), DType::I16);
}

#[test]
fn integers_wrap_and_never_panic() {
    everywhere(|| {
        let x = DArray::from_vec(vec![i8::MIN, i8::MAX], 2);
        assert_eq!((&x + 1).compute::<i8>().unwrap(), arr1(&[-127, -128]).into_dyn());
        assert_eq!((-&x).compute::<i8>().unwrap(), arr1(&[-128, -127]).into_dyn());
        assert_eq!((&x % 0).compute::<i8>().unwrap(), arr1(&[0, 0]).into_dyn());
        assert_eq!(x.floor_divide(-1).compute::<i8>().unwrap(), arr1(&[-128, -127]).into_dyn());
    });
}

#[test]
fn what_is_kept_is_centred_and_what_is_persisted_is_read_again() {
    everywhere(|| {
        let x = DArray::arange(0i64..12).rechunk(5).persist().unwrap();
        let centred = &x - x.mean(keep(0));
        assert_eq!(centred.sum(..).scalar::<f64>().unwrap(), 0.0);
        assert_eq!(x.slice(s![3..5]).compute::<i64>().unwrap(), arr1(&[3, 4]).into_dyn());
    });
}

#[test]
fn long_steps_skip_chunks_and_backwards_turns_them_round() {
    everywhere(|| {
        let x = DArray::arange(0i64..104).rechunk(Chunks::cuts(vec![vec![20, 23, 27, 13, 21]]));
        assert_eq!(x.slice(s![..;-1]).chunks().unwrap(), [[21, 13, 27, 23, 20]]);
        let few = DArray::arange(0i64..20).rechunk(5).slice(s![..;7]);
        assert_eq!((few.chunks().unwrap(), few.compute::<i64>().unwrap()), (vec![vec![1, 1, 1]], arr1(&[0, 7, 14]).into_dyn()));
        let again = x.slice(s![10..90;4]).slice(s![..;-3]).slice(s![1..4]);
        assert_eq!(again.compute::<i64>().unwrap(), arr1(&[74, 62, 50]).into_dyn());
        assert_eq!(x.slice(s![-1]).scalar::<i64>().unwrap(), 103);
        assert!(x.slice(s![-105]).check().is_err() && x.slice(s![.., ..]).check().is_err());
    });
}

#[test]
fn the_first_of_equals_is_found_in_any_chunks() {
    everywhere(|| {
        for chunk in 1..6i64 {
            let x = DArray::from_vec(vec![3i64, 7, 7, 1, 7], 5).rechunk(chunk) + 0;
            assert_eq!((x.argmax(0).scalar::<i64>().unwrap(), x.argmin(..).scalar::<i64>().unwrap()), (1, 3));
        }
        let square = DArray::from_vec(vec![1i64, 9, 9, 0], (2, 2)).rechunk(1) + 0;
        assert_eq!(square.argmax(..).scalar::<i64>().unwrap(), 1);
        assert_eq!(square.argmax(0).compute::<i64>().unwrap(), arr1(&[1, 0]).into_dyn());
        let first = DArray::from_vec(vec![1.0, NAN, 9.0, NAN], 4).rechunk(1) + 0;
        assert_eq!((first.argmax(0).scalar::<i64>().unwrap(), first.argmin(0).scalar::<i64>().unwrap()), (1, 1));
        assert_eq!((first.nan_argmax(0).scalar::<i64>().unwrap(), first.nan_argmin(0).scalar::<i64>().unwrap()), (2, 0));
    });
}

#[test]
fn infinite_elements_have_extremes_and_no_variance() {
    everywhere(|| {
        let x = DArray::from_vec(vec![f64::INFINITY, 1.0, f64::NEG_INFINITY], 3).rechunk(2);
        same(&[x.sum(..), x.mean(..), x.var(..)].map(|a| a.scalar::<f64>().unwrap()), &[NAN, NAN, NAN]);
        assert_eq!((x.max(..).scalar::<f64>().unwrap(), x.argmin(..).scalar::<i64>().unwrap()), (f64::INFINITY, 2));
        let low = DArray::from_vec(vec![f64::NEG_INFINITY, NAN], 2).rechunk(1);
        assert_eq!((low.nan_max(..).scalar::<f64>().unwrap(), low.nan_argmax(..).scalar::<i64>().unwrap()), (f64::NEG_INFINITY, 0));
    });
}

#[test]
fn sums_wrap_in_64_bits_and_keep_the_digits_of_single_floats() {
    everywhere(|| {
        assert_eq!(DArray::from_vec(vec![u64::MAX, 1], 2).rechunk(1).sum(..).scalar::<u64>().unwrap(), 0);
        assert_eq!(DArray::from_vec(vec![i64::MAX, 1], 2).cumulative_sum(0).slice(s![1]).scalar::<i64>().unwrap(), i64::MIN);
        // One after another, these sum up to 100,958.
        let sum = DArray::full(1_000_000, 0.1f32).rechunk(4096).sum(..).scalar::<f32>().unwrap();
        assert!((sum - 100_000.0).abs() < 1.0, "{sum}");
    });
}

#[test]
fn an_array_without_axes_is_an_array() {
    everywhere(|| {
        let x = DArray::scalar_of(3i64);
        assert_eq!((x.sum(..).scalar::<i64>().unwrap(), x.argmax(..).scalar::<i64>().unwrap()), (3, 0));
        assert_eq!((&x + 1).slice(s![NewAxis, NewAxis]).shape().unwrap(), [1, 1]);
        assert_eq!(x.broadcast_to((2, 2)).sum(..).scalar::<i64>().unwrap(), 12);
        assert_eq!(x.persist().unwrap().reshape(1).compute::<i64>().unwrap(), arr1(&[3]).into_dyn());
        assert!(x.cumulative_sum(0).check().is_err() && x.sum(0).check().is_err() && x.slice(s![0]).check().is_err());
    });
}

#[test]
fn empty_chunks_between_others_change_nothing() {
    everywhere(|| {
        let x = DArray::arange(1i64..6).rechunk(Chunks::cuts(vec![vec![0, 2, 0, 3, 0]])) + 0;
        assert_eq!(x.chunks().unwrap(), [[0, 2, 0, 3, 0]]);
        assert_eq!(
            (x.sum(..).scalar::<i64>().unwrap(), x.max(0).scalar::<i64>().unwrap(), x.argmax(0).scalar::<i64>().unwrap()),
            (15, 5, 4)
        );
        assert_eq!(x.mean(..).scalar::<f64>().unwrap(), 3.0);
        assert_eq!(x.cumulative_sum(0).compute::<i64>().unwrap(), arr1(&[1, 3, 6, 10, 15]).into_dyn());
        assert_eq!(x.flip(0).compute::<i64>().unwrap(), arr1(&[5, 4, 3, 2, 1]).into_dyn());
        assert_eq!(DArray::concat(&[&x, &x], 0).slice(s![4..6]).compute::<i64>().unwrap(), arr1(&[5, 1]).into_dyn());
        assert_eq!(x.persist().unwrap().matmul(&x).scalar::<i64>().unwrap(), 55);
    });
}

#[test]
fn division_by_zero_is_a_number_of_floats_and_nothing_of_integers() {
    everywhere(|| {
        let x = DArray::from_vec(vec![-1i64, 0, 1], 3);
        same(&floats(&(&x / 0)), &[f64::NEG_INFINITY, NAN, f64::INFINITY]);
        assert_eq!(x.floor_divide(0).compute::<i64>().unwrap(), arr1(&[0, 0, 0]).into_dyn());
        assert_eq!(x.pow(-1).compute::<i64>().unwrap(), arr1(&[-1, 0, 1]).into_dyn());
        assert_eq!((&x << 64).compute::<i64>().unwrap(), arr1(&[0, 0, 0]).into_dyn());
        assert_eq!((&x >> 100).compute::<i64>().unwrap(), arr1(&[-1, 0, 0]).into_dyn());
    });
}
