//! Expressions that are large, in chunks or in operations.

use stratal_array::{DArray, s};
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
