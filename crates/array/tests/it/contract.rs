//! Products of matrices and other contractions, against plain loops.

use crate::{
    cuts::{chunks, counted, entered, integers},
    everywhere,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use stratal_array::{
    Chunks, DArray, DType,
    ndarray::{ArrayD, Axis, Dimension, IxDyn, arr0, arr2},
};
use stratal_core::ErrorKind;

/// Sums of products by the letters of axes: for every place of the result, over every place of the other letters.
fn by_letters(operands: &[(&str, &ArrayD<i64>)], result: &str) -> ArrayD<i64> {
    let mut lens: BTreeMap<char, usize> = BTreeMap::new();
    for (letters, array) in operands {
        lens.extend(letters.chars().zip(array.shape().iter().copied()));
    }
    let summed: Vec<char> = lens.keys().copied().filter(|letter| !result.contains(*letter)).collect();
    let shape: Vec<usize> = result.chars().map(|letter| lens[&letter]).collect();
    let places = IxDyn(&summed.iter().map(|letter| lens[letter]).collect::<Vec<_>>());
    ArrayD::from_shape_fn(IxDyn(&shape), |at| {
        let mut here: BTreeMap<char, usize> = result.chars().zip(at.slice().iter().copied()).collect();
        let mut sum = 0;
        for place in stratal_array::ndarray::indices(places.clone()) {
            here.extend(summed.iter().copied().zip(place.slice().iter().copied()));
            let factor =
                |(letters, array): &(&str, &ArrayD<i64>)| array[&letters.chars().map(|letter| here[&letter]).collect::<Vec<_>>()[..]];
            sum += operands.iter().map(factor).product::<i64>();
        }
        sum
    })
}

/// The matrix product as the Array API has it, with every batch axis written out.
fn by_loops(a: &ArrayD<i64>, b: &ArrayD<i64>) -> ArrayD<i64> {
    let (is_row, is_column) = (a.ndim() == 1, b.ndim() == 1);
    let a = if is_row { a.clone().insert_axis(Axis(0)) } else { a.clone() };
    let b = if is_column { b.clone().insert_axis(Axis(1)) } else { b.clone() };
    let (m, k, n) = (a.shape()[a.ndim() - 2], a.shape()[a.ndim() - 1], b.shape()[b.ndim() - 1]);
    let ndim = a.ndim().max(b.ndim()) - 2;
    let batch = (0..ndim).map(|at| {
        let len = |of: &ArrayD<i64>| (at + of.ndim()).checked_sub(ndim + 2).map_or(1, |own| of.shape()[own]);
        if len(&a) == 1 { len(&b) } else { len(&a) }
    });
    let batch: Vec<usize> = batch.collect();
    let with = |lens: [usize; 2]| IxDyn(&batch.iter().copied().chain(lens).collect::<Vec<_>>());
    let (a, b) = (a.broadcast(with([m, k])).unwrap(), b.broadcast(with([k, n])).unwrap());
    let mut product = ArrayD::from_shape_fn(with([m, n]), |at| {
        let at = at.slice();
        let term = |i: usize| {
            let (mut left, mut right) = (at.to_vec(), at.to_vec());
            (left[ndim + 1], right[ndim]) = (i, i);
            a[&left[..]] * b[&right[..]]
        };
        (0..k).map(term).sum::<i64>()
    });
    if is_row {
        product = product.index_axis_move(Axis(ndim), 0);
    }
    if is_column {
        let last = product.ndim() - 1;
        product = product.index_axis_move(Axis(last), 0);
    }
    product
}

/// Shapes that multiply.
const SHAPES: &[(&[usize], &[usize])] = &[
    (&[5, 4], &[4, 6]),
    (&[1, 9], &[9, 1]),
    (&[7], &[7]),
    (&[4], &[4, 3]),
    (&[3, 4], &[4]),
    (&[3, 0], &[0, 2]),
    (&[0, 3], &[3, 2]),
    (&[2, 3, 4], &[2, 4, 5]),
    (&[3, 4], &[2, 4, 5]),
    (&[2, 3, 4], &[4, 5]),
    (&[4], &[2, 4, 3]),
    (&[2, 3, 4], &[4]),
    (&[2, 1, 3, 4], &[5, 4, 2]),
    (&[1, 3, 4], &[2, 4, 1]),
    (&[0, 3, 4], &[1, 4, 2]),
];

/// Two arrays that multiply, and how they are cut.
fn pairs() -> impl Strategy<Value = (ArrayD<i64>, ArrayD<i64>, Chunks, Chunks)> {
    prop::sample::select(SHAPES).prop_flat_map(|(a, b)| (Just(counted(a, 5)), Just(counted(b, 4)), chunks(a.to_vec()), chunks(b.to_vec())))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn matrices_multiply_in_any_chunks_of_any_dtype((a, b, one, two) in pairs(), dtype in prop::sample::select(DType::ALL[1..].to_vec())) {
        entered(|| {
            let x = (DArray::from_ndarray(a.clone()).rechunk(one) + 0).cast(dtype);
            let y = (DArray::from_ndarray(b.clone()).rechunk(two) + 0).cast(dtype);
            let product = x.matmul(&y);
            prop_assert_eq!(product.dtype().unwrap(), dtype);
            prop_assert_eq!(integers(&product), by_loops(&a, &b));
            if a.ndim() == 2 && b.ndim() == 2 {
                prop_assert_eq!(integers(&y.t().matmul(&x.t())), by_loops(&a, &b).reversed_axes());
            }
            Ok(())
        })?;
    }

    #[test]
    fn tensors_are_summed_over_any_axes((one, two) in (chunks(vec![2, 3, 4]), chunks(vec![4, 3, 2]))) {
        entered(|| {
            let (a, b) = (counted(&[2, 3, 4], 5), counted(&[4, 3, 2], 7));
            let (x, y) = (DArray::from_ndarray(a.clone()).rechunk(one), DArray::from_ndarray(b.clone()).rechunk(two));
            let expected = |left: &str, right: &str, result: &str| by_letters(&[(left, &a), (right, &b)], result);
            prop_assert_eq!(integers(&x.tensordot(&y, 1)), expected("abk", "kcd", "abcd"));
            prop_assert_eq!(integers(&x.tensordot(&y, 0)), expected("abc", "def", "abcdef"));
            prop_assert_eq!(integers(&x.tensordot(&y, ([1, 2], [1, 0]))), expected("ajk", "kjb", "ab"));
            prop_assert_eq!(integers(&x.tensordot(&y, ([0, -1, 1], [-1, 0, 1]))), expected("ijk", "kji", ""));
            Ok(())
        })?;
    }

    #[test]
    fn letters_name_axes((one, two) in (chunks(vec![2, 3, 4]), chunks(vec![3, 4]))) {
        entered(|| {
            let (a, b, c) = (counted(&[2, 3, 4], 5), counted(&[3, 4], 7), counted(&[4], 3));
            let (x, y) = (DArray::from_ndarray(a.clone()).rechunk(one), DArray::from_ndarray(b.clone()).rechunk(two));
            let z = DArray::from_ndarray(c.clone());
            for (left, right, result) in [("ijk", "jk", "ki"), ("ijk", "jk", "jik"), ("ijk", "jk", ""), ("ijk", "jk", "i"), ("ijk", "jk", "kji")] {
                let spec = format!("{left},{right}->{result}");
                prop_assert_eq!(integers(&DArray::einsum(&spec, &[&x, &y])), by_letters(&[(left, &a), (right, &b)], result), "{}", spec);
            }
            let three = DArray::einsum("ijk,jk,k->ji", &[&x, &y, &z]);
            prop_assert_eq!(integers(&three), by_letters(&[("ijk", &a), ("jk", &b), ("k", &c)], "ji"));
            prop_assert_eq!(integers(&DArray::einsum("kji", &[&x])), a.clone().reversed_axes());
            Ok(())
        })?;
    }
}

#[test]
fn the_example_of_many_cuts() {
    everywhere(|| {
        let a = DArray::arange(0i64..15).reshape((3, 5)).rechunk(Chunks::cuts(vec![vec![2, 1], vec![2, 3]]));
        let b = DArray::arange(0i64..10).reshape((5, 2)).rechunk(Chunks::cuts(vec![vec![4, 1], vec![1, 1]]));
        assert_eq!(a.matmul(&b).compute::<i64>().unwrap(), arr2(&[[60, 70], [160, 195], [260, 320]]).into_dyn());
    });
}

#[test]
fn floats_multiply_as_ndarray_has_it() {
    everywhere(|| {
        let wave = |rows: usize, columns: usize| {
            stratal_array::ndarray::Array2::from_shape_fn((rows, columns), |(i, j)| ((i * columns + j) as f64 * 0.37).sin())
        };
        let (a, b) = (wave(70, 90), wave(90, 50));
        let expected = a.dot(&b).into_dyn();
        let (x, y) = (DArray::from_ndarray(a.clone()).rechunk([32, 17]), DArray::from_ndarray(b.clone()).rechunk([40, 23]));
        let near = |product: DArray, expected: &ArrayD<f64>| {
            let product = product.cast(DType::F64).compute::<f64>().unwrap();
            product.shape() == expected.shape() && product.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4)
        };
        assert!(near(x.matmul(&y), &expected));
        assert!(near(x.cast(DType::F32).matmul(&y), &expected));
        assert!(near(y.t().matmul(&x.t()), &expected.clone().reversed_axes()));
        assert!(near(x.matmul(&x.t()), &a.dot(&a.t()).into_dyn()));
        // Backwards, every second column: strides that are copied to rows.
        let turned = b.slice(stratal_array::s![..;-1, ..;2]).to_owned();
        assert!(near(x.matmul(&y.slice(stratal_array::s![..;-1, ..;2])), &a.dot(&turned).into_dyn()));
    });
}

#[test]
fn complex_numbers_booleans_and_integers_that_wrap() {
    everywhere(|| {
        let z = |re: f64, im: f64| stratal_array::Complex64::new(re, im);
        let a = DArray::from_vec(vec![z(1.0, 1.0), z(0.0, 2.0)], (1, 2)).rechunk(1);
        assert_eq!(a.matmul(&a.t()).compute::<stratal_array::Complex64>().unwrap()[[0, 0]], z(-4.0, 2.0));
        assert_eq!(a.vecdot(&a, -1).compute::<stratal_array::Complex64>().unwrap()[0], z(6.0, 0.0));
        let b = DArray::from_vec(vec![true, false, false, true, true, false], (2, 3)).rechunk(2);
        assert_eq!(b.matmul(&b.t()).compute::<bool>().unwrap(), arr2(&[[true, true], [true, true]]).into_dyn());
        assert!(!b.matmul(&DArray::zeros::<bool>((3, 2))).any(..).scalar::<bool>().unwrap());
        let c = DArray::from_vec(vec![200u8, 100], 2);
        assert_eq!(c.matmul(&DArray::full(2, 2u8)).scalar::<u8>().unwrap(), 88);
        let d = DArray::from_vec(vec![100i8, 100], 2);
        assert_eq!((d.vecdot(&d, 0).dtype().unwrap(), d.vecdot(&d, 0).scalar::<i8>().unwrap()), (DType::I8, 32));
        assert_eq!(DArray::ones::<i64>(3).matmul(&DArray::ones::<f32>(3)).dtype().unwrap(), DType::F64);
    });
}

#[test]
fn a_long_sum_is_made_in_parts_and_the_choice_is_told() {
    everywhere(|| {
        let x = DArray::arange(0i64..6000).rechunk(10) + 0;
        let square = x.matmul(&x);
        let text = square.explain().unwrap();
        assert!(text.contains("one tile, the sum in 64 parts"), "{text}");
        let names: Vec<String> = square.graph().unwrap().layers.iter().map(|layer| layer.spec.name.clone()).collect();
        assert_eq!(names.iter().filter(|name| *name == "sum").count(), 2, "64 parts are 8, and these one");
        assert_eq!(square.compute::<i64>().unwrap(), arr0((0..6000i64).map(|x| x * x).sum::<i64>()).into_dyn());
    });
}

#[test]
fn transposes_of_factors_are_no_layers() {
    let x = DArray::ones::<f64>((60, 40)).rechunk(20) * 2.0;
    let graph = x.t().matmul(&x).graph().unwrap();
    let names: Vec<&str> = graph.layers.iter().map(|layer| layer.spec.name.as_str()).collect();
    assert_eq!(names, ["multiply", "matmul"]);
}

#[test]
fn what_does_not_multiply_says_so_with_its_line() {
    let (a, b) = (DArray::zeros::<f64>((1000, 3)), DArray::zeros::<f64>((1000, 3)));
    let line = line!() + 1;
    let error = (a.matmul(&b) + 1.0).check().unwrap_err();
    assert!(error.to_string().starts_with("matmul (") && error.to_string().contains(&format!("contract.rs:{line}:")), "{error}");
    assert_eq!(
        error.message(),
        "shapes (1000, 3) and (1000, 3) do not multiply: axis -1 of the left is 3 and axis -2 of the right is 1000"
    );
    assert_eq!((error.kind(), error.help()), (ErrorKind::Shape, Some(".matrix_transpose() on the right makes them fit")));
    assert_eq!(a.matmul(&DArray::zeros::<bool>((3, 2))).check().unwrap_err().kind(), ErrorKind::DType);
    assert!(a.matmul(&DArray::scalar_of(1.0)).check().is_err() && a.outer(&b).check().is_err() && a.tensordot(&b, 3).check().is_err());
    assert!(DArray::einsum("ij,jk", &[&a, &b]).check().is_err() && DArray::einsum("ij", &[&a, &b]).check().is_err());
}
