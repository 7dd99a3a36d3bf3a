//! Mistakes: what they say, and where.

use stratal_array::{DArray, DType, ndarray::arr2, s};
use stratal_core::ErrorKind;

#[test]
fn the_first_mistake_is_said_with_its_line_and_name() {
    let a = DArray::zeros::<f64>((1000, 3));
    let line = line!() + 1;
    let wrong = (&a + DArray::zeros::<f64>(1000)).sqrt() + DArray::ones::<bool>(2);
    let error = wrong.compute::<f64>().unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("add (") && text.contains(&format!("errors.rs:{line}:")), "{text}");
    assert_eq!(error.message(), "shapes (1000, 3) and (1000,) do not broadcast: axis -1 is 3 and 1000");
    assert_eq!((error.kind(), error.help()), (ErrorKind::Shape, Some("expand_dims(1) on the right makes it (1000, 1)")));
}

#[test]
fn dtypes_without_a_common_one_are_refused() {
    let u8s = DArray::zeros::<u8>(2);
    for wrong in
        [&u8s + 300, &u8s + true, &u8s + DArray::ones::<bool>(2), DArray::ones::<i64>(2) + DArray::ones::<u64>(2), !DArray::ones::<f64>(2)]
    {
        assert_eq!(wrong.check().unwrap_err().kind(), ErrorKind::DType);
    }
    assert_eq!((&u8s + 300).check().unwrap_err().message(), "300 does not fit u8");
    assert_eq!(u8s.compute::<f64>().unwrap_err().kind(), ErrorKind::DType);
    assert!(DArray::zeros::<f64>(2).cast(DType::C128).cast(DType::F64).check().is_err());
    assert!(u8s.sum(1).check().is_err() && u8s.sum([0, 0]).check().is_err());
}

#[test]
fn lengths_that_cannot_be_counted_are_refused_where_they_are_written() {
    let two = DArray::ones::<u8>(2);
    let long = two.repeat(isize::MAX as usize / 2, 0);
    for too_long in [
        DArray::arange(0..u64::MAX),
        DArray::zeros::<u8>(usize::MAX),
        DArray::linspace(0.0, 1.0, usize::MAX),
        two.repeat(usize::MAX / 2, 0),
        two.pad(&[(usize::MAX, 1)], 0),
        DArray::scalar_of(1u8).broadcast_to(usize::MAX),
        DArray::concat(&[&long, &long, &long], 0),
    ] {
        assert_eq!(too_long.slice(s![..5]).check().unwrap_err().kind(), ErrorKind::Shape);
    }
    let many = DArray::arange(0..i64::MAX);
    assert_eq!(many.roll(1, 0).check().unwrap_err().kind(), ErrorKind::Graph);
    let last = many.slice(s![-2..]);
    assert_eq!(last.compute::<i64>().unwrap().into_raw_vec_and_offset().0, [i64::MAX - 2, i64::MAX - 1]);
}

#[test]
fn large_arrays_and_steps_are_multiplied_by_nothing() {
    let large = DArray::zeros::<f64>((1usize << 40, 1usize << 40));
    assert!(large.max(..).check().is_ok() && large.argmin(0).check().is_ok() && large.slice(s![..3, 0..0]).max(1).check().is_err());
    let a = DArray::from_vec((0..12).collect::<Vec<i32>>(), (3, 4)).rechunk(2);
    for (step, row) in [(isize::MAX, [0, 1, 2, 3]), (isize::MIN, [8, 9, 10, 11])] {
        assert_eq!(a.slice(s![..;step, ..]).compute::<i32>().unwrap(), arr2(&[row]).into_dyn());
        assert_eq!((&a + 0).slice(s![..;step, ..]).sum(..).scalar::<i64>().unwrap(), row.iter().sum::<i32>() as i64);
    }
}

#[test]
fn a_number_that_no_signed_integer_holds_is_unsigned() {
    let which = DArray::from_vec(vec![true, false], 2);
    let chosen = which.where_(u64::MAX, u64::MAX - 1);
    assert_eq!(chosen.compute::<u64>().unwrap().into_raw_vec_and_offset().0, [u64::MAX, u64::MAX - 1]);
    assert_eq!(which.where_(u64::MAX, -1).check().unwrap_err().kind(), ErrorKind::DType);
}

#[test]
fn more_chunks_than_can_be_listed_are_refused_or_not_listed() {
    let (long, five) = (DArray::arange(0i64..1 << 60), DArray::arange(0i64..5));
    for too_many in [
        long.slice(s![..;3]),
        long.slice(s![1..]),
        long.pad(&[(1, 0)], 0),
        long.roll(1, 0),
        DArray::concat(&[&five, &long], 0),
        five.tile(1usize << 40),
        five.tile((2, usize::MAX)),
    ] {
        let error = too_many.check().unwrap_err();
        assert_eq!((error.kind(), error.help()), (ErrorKind::Graph, Some("rechunk to larger chunks")), "{error}");
    }
    assert_eq!(long.unstack(0)[0].check().unwrap_err().kind(), ErrorKind::Graph);
    assert_eq!(long.chunks().unwrap_err().kind(), ErrorKind::Graph);
    assert_eq!(long.repeat(2, 0).shape().unwrap(), [1usize << 61]);
    assert_eq!(DArray::concat(&[&long, &long], 0).shape().unwrap(), [1usize << 61]);
    let fours = long.slice(s![..;4]).slice(s![..3]);
    assert_eq!(fours.compute::<i64>().unwrap().into_raw_vec_and_offset().0, [0, 4, 8]);
}

#[test]
fn an_axis_past_all_counting_is_not_the_last_one() {
    let a = DArray::ones::<i64>((2, 3));
    for wrong in [
        a.sum(usize::MAX),
        a.sum([0, usize::MAX]),
        a.sum(vec![usize::MAX - 1]),
        a.sum(usize::MAX..),
        a.permute_dims([0, usize::MAX]),
        a.reshape([2, usize::MAX]),
    ] {
        assert!(wrong.check().is_err(), "{wrong}");
    }
    assert_eq!(a.sum(usize::MAX).check().unwrap_err().message(), "there is no axis 9223372036854775807 among 2");
    assert_eq!(a.rechunk([1, usize::MAX]).chunks().unwrap(), [vec![1, 1], vec![3]]);
}
