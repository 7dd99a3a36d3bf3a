//! Rechunking: the same elements in the same places, and no task that reads too much.

use crate::{
    cuts::{chunks, counted, entered, integers},
    everywhere,
};
use proptest::prelude::*;
use stratal_array::{Chunks, DArray, ndarray::ArrayD};
use stratal_core::graph::LayeredGraph;

/// An array in which every place has its own value, and three ways to cut it.
fn arrays() -> impl Strategy<Value = (ArrayD<i64>, Chunks, Chunks, Chunks)> {
    prop::collection::vec(0usize..7, 0..4).prop_flat_map(|shape| {
        let ways = || chunks(shape.clone());
        (Just(counted(&shape, i64::MAX)), ways(), ways(), ways())
    })
}

/// The most results that one task reads over one edge.
fn most_read(graph: &LayeredGraph) -> usize {
    let of_layer = |spec: &stratal_core::graph::LayerSpec| {
        let of_task = |task: u32| spec.inputs.iter().map(move |input| input.map.sources(task, input.sources).len()).max().unwrap_or(0);
        (0..spec.tasks).map(of_task).max().unwrap_or(0)
    };
    graph.layers.iter().map(|layer| of_layer(&layer.spec)).max().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_element_stays_in_its_place((array, one, two, three) in arrays()) {
        entered(|| {
            // The source is computed, so that boxes of it are copied.
            let source = DArray::from_ndarray(array.clone()).rechunk(one) + 0;
            let once = source.rechunk(two.clone());
            let lens = |chunks: &Chunks| DArray::from_ndarray(array.clone()).rechunk(chunks.clone()).chunks().unwrap();
            prop_assert_eq!(once.chunks().unwrap(), lens(&two));
            prop_assert_eq!(integers(&once), array.clone());
            prop_assert_eq!(integers(&(once.rechunk(three) + 0).rechunk(two)), array.clone());
            Ok(())
        })?;
    }
}

#[test]
fn rows_become_columns_without_a_task_that_reads_all() {
    everywhere(|| {
        let rows = DArray::arange(0i64..90_000).rechunk(300).reshape((300, 300));
        assert_eq!(rows.chunks().unwrap()[0], [1; 300]);
        let columns = rows.rechunk([-1, 1]);
        let graph = columns.graph().unwrap();
        assert!(most_read(&graph) <= 256, "{}", graph.summary());
        assert!(columns.explain().unwrap().contains("rechunk: in 4 steps"), "{}", columns.explain().unwrap());
        let expected = ArrayD::from_shape_vec(vec![300, 300], (0..90_000).collect()).unwrap();
        assert_eq!(columns.compute::<i64>().unwrap(), expected);
        assert_eq!(columns.t().slice(stratal_array::s![7, ..3]).compute::<i64>().unwrap().as_slice().unwrap(), [7, 307, 607]);
    });
}

#[test]
fn what_is_cut_lightly_is_one_layer_and_what_is_cut_the_same_is_none() {
    let x = DArray::ones::<f64>((100, 100)).rechunk(10).cumulative_sum(0);
    let more = |a: &DArray| a.graph().unwrap().layers.len() - x.graph().unwrap().layers.len();
    assert_eq!((more(&x.rechunk(10)), more(&x.rechunk(25)), more(&x.rechunk(7).rechunk(25))), (0, 1, 1));
}

#[test]
fn the_spellings_of_chunks_mean_what_they_say() {
    let x = DArray::zeros::<f64>((100, 30));
    assert_eq!(x.rechunk(40).chunks().unwrap(), [vec![40, 40, 20], vec![30]]);
    assert_eq!(x.rechunk([50, -1]).chunks().unwrap(), [vec![50, 50], vec![30]]);
    assert_eq!(x.rechunk(vec![-1i64, 15]).chunks().unwrap(), [vec![100], vec![15, 15]]);
    assert_eq!(x.rechunk(Chunks::bytes("6000B")).chunks().unwrap(), [vec![25; 4], vec![30]]);
    assert_eq!(x.rechunk(Chunks::cuts(vec![vec![90, 10], vec![30]])).chunks().unwrap(), [vec![90, 10], vec![30]]);
    assert_eq!(x.rechunk(1).rechunk(Chunks::auto()).chunks().unwrap(), [vec![100], vec![30]]);
    for wrong in
        [x.rechunk([50]), x.rechunk(0), x.rechunk(-2), x.rechunk(Chunks::cuts(vec![vec![90], vec![30]])), x.rechunk(Chunks::bytes("?"))]
    {
        assert!(wrong.check().is_err());
    }
}
