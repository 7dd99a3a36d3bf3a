//! What goes through memory in one pass.

use crate::everywhere;
use stratal_array::{DArray, keep, s};

fn kept() -> DArray {
    DArray::from_vec((1..=60).map(f64::from).collect(), 60).rechunk(7).persist().unwrap()
}

/// The layers that run.
fn layers(a: &DArray) -> Vec<String> {
    let graph = a.graph().unwrap();
    graph.layers.iter().filter(|layer| layer.spec.held.is_none()).map(|layer| layer.spec.name.clone()).collect()
}

fn floats(a: &DArray) -> Vec<f64> {
    a.compute::<f64>().unwrap().into_raw_vec_and_offset().0
}

fn expected(f: impl Fn(f64) -> f64) -> Vec<f64> {
    (1..=60).map(|x| f(f64::from(x))).collect()
}

#[test]
fn a_chain_is_one_layer_whatever_meets_in_it() {
    everywhere(|| {
        let x = kept();
        let y = ((&x * &x - 3.0 * &x).abs() + 1.0).sqrt();
        let chosen = y.gt(4.0).where_(&y, &x);
        assert_eq!(layers(&chosen).len(), 1);
        let value = |x: f64| ((x * x - 3.0 * x).abs() + 1.0).sqrt();
        assert_eq!(floats(&chosen), expected(|x| if value(x) > 4.0 { value(x) } else { x }));
    });
}

#[test]
fn what_is_reduced_is_never_kept() {
    everywhere(|| {
        let x = kept();
        let sum = (&x * 2 + 1).sum(..);
        assert_eq!(layers(&sum), ["multiply+add+sum", "sum"]);
        assert_eq!(sum.scalar::<f64>().unwrap(), 60.0 * 61.0 + 60.0);
        let largest = (&x * 2).rechunk(60).max(..);
        assert_eq!(layers(&largest), ["rechunk", "multiply+max"], "all is in one chunk, and the rechunk went to what is read");
        assert_eq!(largest.scalar::<f64>().unwrap(), 120.0);
    });
}

#[test]
fn what_a_reduction_and_its_readers_need_is_computed_once() {
    everywhere(|| {
        let y = kept() * 2;
        let centred = &y - y.mean(keep(0));
        assert_eq!(layers(&centred), ["multiply", "mean", "mean", "subtract"]);
        assert_eq!(floats(&centred), expected(|x| 2.0 * x - 61.0));
    });
}

#[test]
fn a_slice_is_no_end_of_a_pass() {
    everywhere(|| {
        let x = kept();
        let part = ((&x + 1).slice(s![..;-2]) * 3).slice(s![..5]);
        assert_eq!(layers(&part), ["add+multiply"], "the slice went to what is read, of which tiles are taken");
        assert_eq!(floats(&part), [183.0, 177.0, 171.0, 165.0, 159.0]);
        let made = (DArray::linspace(0.0, 59.0, 60).slice(s![10..20]) + x.slice(s![10..20])).sum(..);
        assert_eq!(layers(&made), ["add+sum", "sum"]);
        assert_eq!(made.scalar::<f64>().unwrap(), (10..20).map(|x| 2.0 * f64::from(x) + 1.0).sum::<f64>());
    });
}
