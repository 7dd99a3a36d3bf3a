//! Arrays on every executor, worker processes among them: the same steps over whole arrays of `ndarray`.

use crate::{
    clusters::{cluster, everywhere, wait_until},
    killed::{handed_out, logged_cluster},
};
use std::thread;
use stratal::{
    array::{
        ZarrWrite,
        ndarray::{self, Array2, ArrayD, Axis, arr1},
    },
    prelude::*,
};
use stratal_tests::slowly;

/// What is recorded, and what it must give.
type Step = (&'static str, fn(&DArray) -> DArray, fn(&Array2<i64>) -> ArrayD<i64>);

/// Steps over a matrix of 20 by 30.
const STEPS: [Step; 24] = [
    ("a fused chain", |x| (x * 3 + 1) % 7, |x| x.mapv(|x| (x * 3 + 1) % 7).into_dyn()),
    ("a choice", |x| x.gt(300).where_(x, -x), |x| x.mapv(|x| if x > 300 { x } else { -x }).into_dyn()),
    ("a row beside all", |x| x - x.slice(s![3]), |x| (x - &x.row(3)).into_dyn()),
    ("a sum of rows", |x| x.sum(0), |x| x.sum_axis(Axis(0)).into_dyn()),
    (
        "a kept greatest",
        |x| x - x.max(keep(1)),
        |x| (x - &x.map_axis(Axis(1), |row| *row.iter().max().unwrap()).insert_axis(Axis(1))).into_dyn(),
    ),
    (
        "a place",
        |x| (x % 17).argmax(1),
        |x| {
            let place = |row: ndarray::ArrayView1<'_, i64>| {
                let most = row.iter().map(|x| x % 17).max().unwrap();
                row.iter().position(|x| x % 17 == most).unwrap() as i64
            };
            x.map_axis(Axis(1), place).into_dyn()
        },
    ),
    (
        "a running sum",
        |x| x.cumulative_sum(0),
        |x| {
            let mut sums = x.clone();
            sums.accumulate_axis_inplace(Axis(0), |before, here| *here += before);
            sums.into_dyn()
        },
    ),
    (
        "a running sum along rows",
        |x| x.cumulative_sum(1),
        |x| {
            let mut sums = x.clone();
            sums.accumulate_axis_inplace(Axis(1), |before, here| *here += before);
            sums.into_dyn()
        },
    ),
    ("a slice backwards", |x| x.slice(s![2..19;3, ..;-2]), |x| x.slice(s![2..19;3, ..;-2]).to_owned().into_dyn()),
    ("an element", |x| x.slice(s![-1, 7]), |x| ndarray::arr0(x[[19, 7]]).into_dyn()),
    ("a join", |x| DArray::concat(&[x, &(x + 1)], 1), |x| ndarray::concatenate![Axis(1), *x, x + 1i64].into_dyn()),
    ("a stack", |x| DArray::stack(&[x, &-x], 0), |x| ndarray::stack![Axis(0), *x, -x].into_dyn()),
    ("a roll", |x| x.roll(-4, 1), |x| ndarray::concatenate![Axis(1), x.slice(s![.., 4..]), x.slice(s![.., ..4])].into_dyn()),
    (
        "a frame around",
        |x| x.pad(&[(1, 0), (0, 2)], -1),
        |x| {
            let mut padded = Array2::from_elem((21, 32), -1);
            padded.slice_mut(s![1.., ..30]).assign(x);
            padded.into_dyn()
        },
    ),
    ("every element twice", |x| x.repeat(2, 0), |x| x.select(Axis(0), &(0..40).map(|i| i / 2).collect::<Vec<_>>()).into_dyn()),
    ("tiles", |x| x.tile((2, 1)), |x| ndarray::concatenate![Axis(0), *x, *x].into_dyn()),
    ("upside down", |x| x.flip(0), |x| x.slice(s![..;-1, ..]).to_owned().into_dyn()),
    ("columns", |x| x.rechunk([-1, 1]), |x| x.clone().into_dyn()),
    (
        "a transpose and itself",
        |x| x.slice(s![.., ..20]).t() + x.slice(s![.., ..20]),
        |x| {
            let square = x.slice(s![.., ..20]);
            (&square.t() + &square).into_dyn()
        },
    ),
    ("another shape", |x| x.reshape([12, -1]), |x| ArrayD::from_shape_vec(vec![12, 50], x.iter().copied().collect()).unwrap()),
    (
        "neighbours of both axes",
        |x| x.slice(s![2.., 1..29]) - x.slice(s![1..19, 1..29]) * 2 + x.slice(s![1..19, ..28]),
        |x| {
            let middle = x.slice(s![1..19, 1..29]).mapv(|x| x * 2);
            (&(&x.slice(s![2.., 1..29]) - &middle) + &x.slice(s![1..19, ..28])).into_dyn()
        },
    ),
    (
        "sums of neighbours backwards",
        |x| (x.roll(1, 0).slice(s![..;-1, 3..]) + x.slice(s![.., ..27])).sum(1),
        |x| {
            let turned = ndarray::concatenate![Axis(0), x.slice(s![19.., ..]), x.slice(s![..19, ..])];
            (&turned.slice(s![..;-1, 3..]) + &x.slice(s![.., ..27])).sum_axis(Axis(1)).into_dyn()
        },
    ),
    ("a product", |x| x.matmul(&x.t()), |x| x.dot(&x.t()).into_dyn()),
    ("a product with a vector", |x| x.t().matmul(&x.slice(s![.., 0])), |x| x.t().dot(&x.column(0)).into_dyn()),
];

fn matrix() -> Array2<i64> {
    Array2::from_shape_fn((20, 30), |(i, j)| (i * 30 + j) as i64 * 7919 % 601)
}

#[test]
fn every_kind_of_step_is_the_same_everywhere() {
    let expected = matrix();
    everywhere(|name| {
        let made = DArray::from_ndarray(matrix()).rechunk([7, 8]);
        for (place, x) in [("made", &made), ("kept", &made.persist().unwrap()), ("computed", &(&made + 0))] {
            for (step, ours, theirs) in STEPS {
                let result = ours(x).compute::<i64>().unwrap_or_else(|error| panic!("{step} of what is {place}, {name}: {error}"));
                assert_eq!(result, theirs(&expected), "{step} of what is {place}, {name}");
            }
        }
    });
}

#[test]
fn statistics_are_the_same_everywhere_to_the_last_bit() {
    let first = |x: &DArray| [x.mean(..), x.var(..), x.std_ddof(.., 1.0), x.nan_sum(..), x.min(..)].map(|a| a.scalar::<f64>().unwrap());
    let normal = || DArray::random(3).normal((300, 40), 5.0, 2.0).rechunk([37, 11]);
    let expected = {
        let client = Client::builder().detached().synchronous().unwrap();
        let _entered = client.enter();
        first(&normal())
    };
    assert!((expected[0] - 5.0).abs() < 0.1 && (expected[1] - 4.0).abs() < 0.2, "{expected:?}");
    everywhere(|name| {
        assert_eq!(first(&normal()), expected, "{name}");
        assert_eq!(first(&normal().persist().unwrap()), expected, "{name}");
        let x = DArray::arange(0i64..1000).rechunk(64);
        assert_eq!(x.var(..).scalar::<f64>().unwrap(), 83_333.25, "{name}");
    });
}

#[test]
fn boxes_running_sums_and_kept_arrays_cross_the_network() {
    everywhere(|name| {
        let x = DArray::from_vec((0..600i64).collect(), (20, 30)).rechunk([7, 8]).persist().unwrap();
        let centred = &x - x.min(keep(0));
        assert_eq!(centred.slice(s![19, ..;-1]).compute::<i64>().unwrap(), arr1(&[570; 30]).into_dyn(), "{name}");
        assert_eq!(x.cumulative_sum(1).slice(s![0, -1]).scalar::<i64>().unwrap(), 435, "{name}");
        assert_eq!(x.roll(1, 1).slice(s![0, 0]).scalar::<i64>().unwrap(), 29, "{name}");
    });
}

#[test]
fn what_one_pass_wrote_the_next_one_reads() {
    let directory = tempfile::tempdir().unwrap();
    everywhere(|name| {
        let path = directory.path().join("x.zarr");
        let x = DArray::from_ndarray(matrix()).rechunk([7, 8]).persist().unwrap();
        (&x * 2).rechunk([5, 30]).to_zarr(ZarrWrite::new(&path).overwrite()).unwrap();
        let back = DArray::read_zarr(&path);
        let difference = (&back - &x * 2).abs().sum(..) + (back.t().matmul(&x) - (x.t().matmul(&x) * 2)).abs().sum(..);
        assert_eq!(difference.scalar::<i64>().unwrap(), 0, "{name}");
    });
}

#[test]
fn mistakes_and_errors_say_the_same_everywhere() {
    everywhere(|name| {
        let x = DArray::zeros::<f64>((4, 3)).rechunk(2);
        let error = (&x + DArray::zeros::<f64>(4)).compute::<f64>().unwrap_err();
        assert_eq!(error.message(), "shapes (4, 3) and (4,) do not broadcast: axis -1 is 3 and 4", "{name}");
        assert!(error.to_string().contains("arrays.rs:"), "{name}: {error}");
        let nowhere = (&x / 0.0).nan_argmax(0).compute::<i64>().unwrap_err();
        assert!(nowhere.to_string().contains("there is nothing but NaN to take the place of"), "{name}: {nowhere}");
    });
}

#[test]
fn chunks_that_were_kept_on_a_worker_that_is_lost_are_made_again() {
    let cluster = cluster(2);
    let client = cluster.client().unwrap();
    let _entered = client.enter();
    let kept = (DArray::from_ndarray(matrix()).rechunk([3, 8]) * 2).persist().unwrap();
    let column = kept.rechunk([-1, 2]).persist().unwrap();
    cluster.kill_worker(0).unwrap();
    assert_eq!(column.compute::<i64>().unwrap(), (matrix() * 2i64).into_dyn());
    assert_eq!((&kept - &column).count_nonzero(..).scalar::<i64>().unwrap(), 0);
}

#[test]
fn a_worker_killed_in_the_middle_of_a_running_sum_changes_no_element() {
    let logs = tempfile::tempdir().unwrap();
    let cluster = logged_cluster(2, logs.path());
    let client = cluster.client().unwrap();
    let _entered = client.enter();
    let sums = DArray::linspace(0.0, 319.0, 320).rechunk(10).map_blocks(slowly).cumulative_sum(0).map_blocks(slowly);
    let computing = thread::spawn({
        let (sums, client) = (sums.clone(), client.clone());
        move || {
            let _entered = client.enter();
            sums.compute::<f64>()
        }
    });
    // All chunks were summed up, and some were run through.
    wait_until("the running sum", || handed_out(logs.path()).iter().filter(|handed| handed.layer == "cumulative_sum").count() >= 2);
    let before = handed_out(logs.path()).len();
    cluster.kill_worker(0).unwrap();
    let expected: Vec<f64> = (0..320).map(|x| f64::from(x * (x + 1) / 2)).collect();
    assert_eq!(computing.join().unwrap().unwrap(), arr1(&expected).into_dyn());
    assert!(handed_out(logs.path()).len() > before, "the kill came too late to lose anything");
}
