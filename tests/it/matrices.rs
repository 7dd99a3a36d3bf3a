//! Products of matrices, rechunking, functions on chunks and lazy values on every executor; and workers killed under them.

use crate::{
    clusters::{cluster, everywhere, wait_until},
    killed::{handed_out, logged_cluster},
};
use std::thread;
use stratal::{
    ErrorKind,
    array::ndarray::{Array2, ArrayD, ArrayViewD, arr1, arr2},
    prelude::*,
};
use stratal_tests::{halved, row_from, slowly, sum_of};

#[test]
fn matrices_multiply_in_tiles_and_in_parts() {
    everywhere(|name| {
        let a = DArray::from_vec((0..600i64).map(|x| x % 7).collect(), (20, 30)).rechunk([7, 8]) + 0;
        let b = DArray::from_vec((0..600i64).map(|x| x % 5).collect(), (30, 20)).rechunk([11, 6]) + 0;
        let (x, y) = (
            Array2::from_shape_fn((20, 30), |(i, j)| (i * 30 + j) as i64 % 7),
            Array2::from_shape_fn((30, 20), |(i, j)| (i * 20 + j) as i64 % 5),
        );
        assert_eq!(a.matmul(&b).compute::<i64>().unwrap(), x.dot(&y).into_dyn(), "{name}");
        assert_eq!(a.t().tensordot(&b, ([1], [1])).compute::<i64>().unwrap(), x.t().dot(&y.t()).into_dyn(), "{name}");
        let long = DArray::arange(0i64..4000).rechunk(10) + 0;
        assert_eq!(long.matmul(&long).scalar::<i64>().unwrap(), (0..4000i64).map(|x| x * x).sum::<i64>(), "{name}");
        let f = DArray::ones::<f32>((64, 64)).rechunk(20) * 0.5;
        assert_eq!(f.matmul(&f).sum(..).scalar::<f32>().unwrap(), 65_536.0, "{name}");
    });
}

#[test]
fn rows_become_columns_and_shapes_change_across_the_network() {
    everywhere(|name| {
        let rows = DArray::arange(0i64..3600).rechunk(60).reshape((60, 60)).persist().unwrap();
        let columns = rows.rechunk([-1, 1]);
        assert_eq!(columns.graph().unwrap().layers.len(), 3, "{name}");
        assert_eq!(columns.compute::<i64>().unwrap(), ArrayD::from_shape_vec(vec![60, 60], (0..3600).collect()).unwrap(), "{name}");
        assert_eq!(columns.t().reshape([-1, 2]).slice(s![31, ..]).compute::<i64>().unwrap(), arr1(&[121, 181]).into_dyn(), "{name}");
    });
}

#[test]
fn functions_of_tasks_go_to_the_chunks_and_closures_stay() {
    everywhere(|name| {
        let x = DArray::arange(0i64..12).cast(DType::F64).rechunk(5).map_blocks(halved);
        assert_eq!(x.sum(..).scalar::<f64>().unwrap(), 33.0, "{name}");
        let rows: Vec<_> = (0..4).map(|n| delayed(row_from, n)).collect();
        let table = DArray::from_delayed(rows, DType::I64, vec![vec![1; 4], vec![3]]);
        assert_eq!(table.t().compute::<i64>().unwrap(), arr2(&[[0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5]]).into_dyn(), "{name}");
        let sums: Vec<_> = (&table * 2).to_delayed().unwrap().into_iter().map(|row| delayed(sum_of, row)).collect();
        assert_eq!(compute(sums).unwrap(), [6, 12, 18, 24], "{name}");
    });
    let cluster = cluster(1);
    let client = cluster.client().unwrap();
    let _entered = client.enter();
    let error = DArray::zeros::<f64>(4).map_blocks(|block: ArrayViewD<'_, f64>| block.to_owned()).compute::<f64>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unregistered);
    assert!(error.message().contains("closure at ") && error.message().contains("a closure has no name there"), "{error}");
}

/// Computes an array over 16 rows of chunks that take a while each, and kills a worker when so many slices of a layer were handed out.
fn killed_under(layer: &str, slices: usize, array: impl FnOnce(DArray) -> DArray) -> ArrayD<f64> {
    let logs = tempfile::tempdir().unwrap();
    let cluster = logged_cluster(2, logs.path());
    let client = cluster.client().unwrap();
    let _entered = client.enter();
    let numbers = DArray::arange(0i64..256 * 128).cast(DType::F64).reshape((256, 128)) / 1000.0;
    let array = array(numbers.rechunk([16, -1]).map_blocks(slowly));
    let computing = thread::spawn({
        let (array, client) = (array.clone(), client.clone());
        move || {
            let _entered = client.enter();
            array.compute::<f64>()
        }
    });
    wait_until("the layer", || handed_out(logs.path()).iter().filter(|handed| handed.layer == layer).count() >= slices);
    cluster.kill_worker(0).unwrap();
    computing.join().unwrap().unwrap()
}

fn numbers() -> Array2<f64> {
    Array2::from_shape_fn((256, 128), |(i, j)| (i * 128 + j) as f64 / 1000.0)
}

#[test]
fn a_worker_killed_in_the_middle_of_a_rechunk_changes_no_element() {
    let columns = killed_under("rechunk-1", 2, |rows| rows.rechunk([-1, 8]));
    assert_eq!(columns, numbers().into_dyn());
}

#[test]
fn a_worker_killed_in_the_middle_of_a_product_changes_no_sum() {
    let product = killed_under("matmul", 4, |rows| rows.matmul(&rows.t()));
    let expected = numbers().dot(&numbers().t()).into_dyn();
    assert_eq!(product.shape(), expected.shape());
    assert!(product.iter().zip(&expected).all(|(a, b)| (a - b).abs() <= 1e-9 * b.abs().max(1.0)));
}
