//! Arrays computed together, and beside other lazy values.

use crate::everywhere;
use stratal_array::{DArray, keep, ndarray::arr1};
use stratal_core::{ErrorKind, client::compute, delayed::delayed};

#[test]
fn arrays_and_calls_are_computed_together() {
    everywhere(|| {
        let x = DArray::from_vec((1..=10).map(f64::from).collect(), 10).rechunk(3).persist().unwrap();
        let centred = &x - x.mean(keep(0));
        let calls = vec![delayed(|x: i64| x + 1, 1), delayed(|x: i64| x * 2, 5)];
        let (sum, largest, centred, calls) =
            compute((x.sum(..).typed::<f64>(), x.argmax(0).typed::<i64>(), &centred.typed::<f64>(), calls)).unwrap();
        assert_eq!((sum.sum(), largest.sum(), calls), (55.0, 9, vec![2, 10]));
        assert_eq!(centred, arr1(&[-4.5, -3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 4.5]).into_dyn());
    });
}

#[test]
fn a_mistake_in_one_of_them_is_that_of_the_verb() {
    everywhere(|| {
        let x = DArray::arange(0i64..4);
        let error = compute((x.typed::<i64>(), x.typed::<f64>())).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::DType, "the array is i64, and f64 was asked for"));
        let wrong = &x + DArray::zeros::<i64>(3);
        assert_eq!(compute((wrong.typed::<i64>(), x.typed::<i64>())).unwrap_err().kind(), ErrorKind::Shape);
    });
}
