//! Equal calls that run once, long chains and wide fan-ins, on every executor.

use crate::clusters::everywhere;
use std::fs;
use stratal::{prelude::*, tasks::sum};
use stratal_tests::*;

fn files_in(dir: &tempfile::TempDir) -> usize {
    fs::read_dir(dir.path()).unwrap().count()
}

#[test]
fn equal_calls_of_a_pure_function_are_one_and_those_of_an_impure_one_are_two() {
    everywhere(|name| {
        let (pure, impure) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let call = || delayed(leaves_trace, (pure.path().to_str().unwrap(), 20));
        assert_eq!(delayed(add, (call(), call())).compute().unwrap(), 40, "{name}");
        assert_eq!(files_in(&pure), 1, "{name}");
        let call = || delayed(says_it_leaves_trace, (impure.path().to_str().unwrap(), 20));
        assert_eq!(delayed(add, (call(), call())).compute().unwrap(), 40, "{name}");
        assert_eq!(files_in(&impure), 2, "{name}");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_str().unwrap();
        let graph = Graph::new().call("x", leaves_trace, (path, 1)).call("y", leaves_trace, (path, 1));
        assert_eq!(graph.call("z", add, (key("x"), key("y"))).get::<i64>("z").unwrap(), 2, "{name}");
        assert_eq!(files_in(&dir), 1, "{name}");
    });
}

#[test]
fn a_tuple_is_taken_apart_wherever_its_fields_are_read() {
    everywhere(|name| {
        let (pair, text) = delayed(divided, (17, 5)).unzip();
        let (quotient, rest) = pair.unzip();
        let sum = delayed(add, (&quotient, &rest));
        assert_eq!(compute((quotient, rest, sum, text)).unwrap(), (3, 2, 5, "3 2".to_owned()), "{name}");
    });
}

#[test]
fn a_chain_of_ten_thousand_lazy_calls_finishes() {
    everywhere(|name| {
        let chain = (0..10_000).fold(delayed(inc, 0), |chain: Delayed<i64>, _| delayed(inc, chain));
        assert_eq!(chain.compute().unwrap(), 10_001, "{name}");
    });
}

#[test]
fn a_chain_of_a_hundred_thousand_fused_keys_finishes() {
    let start = Graph::new().value(("x", 0), 0i64);
    let graph = (0..100_000u32).fold(start, |graph, i| graph.call(("x", i + 1), inc, key(("x", i)))).fuse();
    everywhere(|name| {
        assert_eq!(graph.get::<i64>(("x", 100_000)).unwrap(), 100_000, "{name}");
    });
}

#[test]
fn a_fan_in_of_a_million_finishes() {
    let graph = LayeredGraph::builder().source("inc", inc, 0..1_000_000).layer("sum", sum::<i64>, Edge::all("inc")).build().unwrap();
    everywhere(|name| {
        assert_eq!(graph.get::<i64>("sum").unwrap(), 500_000_500_000, "{name}");
    });
}
