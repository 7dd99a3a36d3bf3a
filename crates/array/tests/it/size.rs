//! Expressions that are large, in chunks or in operations.

use stratal_array::{DArray, DType, s};
use stratal_core::Client;

#[test]
fn a_corner_of_ten_million_chunks_is_four_tasks_at_most() {
    let a = DArray::ones::<f64>((10_000_000, 10_000)).rechunk([1000, 10]);
    let b = (&a * 2.0 + 1.0).sqrt() + a.slice(s![..1, ..]);
    assert!(b.explain().unwrap().contains("10000000"));
    let corner = b.slice(s![0..10, 0..10]);
    assert!(corner.graph().unwrap().tasks() <= 4);
    assert!(corner.compute::<f64>().unwrap().iter().all(|x| *x == 3.0f64.sqrt() + 1.0));
}

#[test]
fn a_loop_of_ten_thousand_additions_is_one_pass() {
    let client = Client::builder().detached().synchronous().unwrap();
    let _entered = client.enter();
    let mut x = DArray::zeros::<f64>(3000).rechunk(1000);
    for _ in 0..10_000 {
        x += 1.0;
    }
    assert_eq!(x.graph().unwrap().layers.len(), 1);
    assert!(x.compute::<f64>().unwrap().iter().all(|x| *x == 10_000.0));
}

#[test]
fn a_corner_of_ten_million_chunks_on_one_axis_is_few_tasks() {
    let a = DArray::arange(0i64..10_000_000_000).rechunk(1000);
    let column = (&a * 2 + 1).cast(DType::F64).sqrt();
    let rows = DArray::linspace(0.0, 1.0, 10).rechunk(3);
    let b = (column.expand_dims(1) - &rows).flip(0) * DArray::full(10, 2.0);
    assert!(column.explain().unwrap().contains("10000000000"));
    let corner = b.slice(s![0..10, 0..10]);
    assert_eq!(corner.graph().unwrap().tasks(), 5, "the roots of ten rows, and four chunks of columns");
    let first = corner.slice(s![0, 0]).scalar::<f64>().unwrap();
    assert_eq!(first, 2.0 * (2.0 * 9_999_999_999.0 + 1.0f64).sqrt());
}

#[test]
fn thousands_of_arrays_side_by_side_are_planned_by_their_number_and_not_its_square() {
    let client = Client::builder().detached().synchronous().unwrap();
    let _entered = client.enter();
    let rows: Vec<DArray> = (0..3000i64).map(|row| DArray::from_vec(vec![row, -row], (1, 2))).collect();
    let all = DArray::concat(&rows.iter().collect::<Vec<_>>(), 0);
    assert_eq!(all.chunks().unwrap(), [vec![1; 3000], vec![2]]);
    let graph = all.graph().unwrap();
    let inputs: usize = graph.layers.iter().map(|layer| layer.spec.inputs.len() * layer.spec.tasks as usize).sum();
    assert!(inputs < 3000 * 150, "{inputs}");
    let found = all.compute::<i64>().unwrap();
    assert!((0..3000i64).all(|row| found[[row as usize, 0]] == row && found[[row as usize, 1]] == -row));
    for times in [64, 65, 128, 200, 64 * 64 + 70] {
        let tiled = DArray::arange(0i64..3).tile(times);
        assert_eq!(tiled.chunks().unwrap(), [vec![3; times]]);
        assert!(tiled.compute::<i64>().unwrap().iter().zip((0..3).cycle()).all(|(found, x)| *found == x), "{times}");
    }
}
