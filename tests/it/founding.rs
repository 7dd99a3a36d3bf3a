//! The founding examples, with their numbers, on every executor.

use crate::clusters::everywhere;
use stratal::{ErrorKind, prelude::*, tasks::sum};
use stratal_tests::*;

#[test]
fn map_and_sum_give_333283335000() {
    everywhere(|name| {
        let client = Client::current();
        assert_eq!(client.submit(sum, client.map(square, 0..10_000)).result().unwrap(), 333_283_335_000, "{name}");
    });
}

#[test]
fn delayed_calls_give_45() {
    everywhere(|name| {
        let parts: Vec<_> = (1..=5).map(|x| delayed(add, (delayed(inc, x), delayed(double, x)))).collect();
        assert_eq!(delayed(sum, parts).compute().unwrap(), 45, "{name}");
    });
}

#[test]
fn a_graph_by_hand_gives_1_and_12() {
    everywhere(|name| {
        let graph = Graph::new().value("x", 1i64).call("y", inc, key("x")).call("z", add, (key("y"), 10));
        assert_eq!((graph.get::<i64>("x").unwrap(), graph.get::<i64>("z").unwrap()), (1, 12), "{name}");
    });
}

#[test]
fn four_files_go_through_read_csv_add_and_filter_written_by_hand() {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../data");
    everywhere(|name| {
        let files = (0..4).map(|i| format!("{data}/myfile.{i}.csv"));
        let graph = LayeredGraph::builder()
            .source("read-csv", read_part, files)
            .layer("add", add_n, (Edge::one_to_one("read-csv"), 100))
            .layer("filter", named, (Edge::one_to_one("add"), "Alice"))
            .build()
            .unwrap();
        assert_eq!(graph.summary(), "read-csv[4] -> add[4] -> filter[4]");
        let parts = graph.get_all::<Frame>("filter").unwrap();
        let rows: usize = parts.iter().map(Frame::len).sum();
        let amounts: i64 = parts.iter().flat_map(|part| part.column::<i64>("amount").unwrap()).sum();
        // Counted by hand from the files: see `frames.rs`.
        assert_eq!((parts.len(), rows, amounts), (4, 796, 274_309), "{name}");
    });
}

#[test]
fn an_error_names_function_arguments_worker_and_place_and_the_cluster_is_usable_after() {
    everywhere(|name| {
        let client = Client::current();
        let futures = client.map(no_threes, 0..6);
        let error = client.submit(sum, &futures).result().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Task, "{name}: {error}");
        let text = error.to_string();
        assert!(text.contains("no_threes(3) failed") && text.contains("tests/src/lib.rs") && text.contains("no threes"), "{name}: {text}");
        assert_eq!(futures.iter().filter(|future| future.result().is_ok()).count(), 5, "{name}: siblings finish");
        assert_eq!(client.submit(inc, 1).result().unwrap(), 2, "{name}");
    });
}

#[test]
fn large_values_go_both_ways_and_between_workers() {
    everywhere(|name| {
        let client = Client::current();
        let large = client.map(bytes, (1..=4u8).map(|value| (3_000_000u64, value)));
        let weights: Vec<_> = large.iter().map(|bytes| client.submit(weigh, bytes)).collect();
        let weights: Vec<u64> = weights.iter().map(|weight| weight.result().unwrap()).collect();
        assert_eq!(weights, [3_000_000, 6_000_000, 9_000_000, 12_000_000], "{name}");
        assert_eq!(client.submit(weigh, vec![2u8; 5_000_000]).result().unwrap(), 10_000_000, "{name}");
    });
}

#[test]
fn a_closure_is_refused_at_submit_where_it_would_cross_a_process() {
    let cluster = crate::clusters::cluster(1);
    let client = cluster.client().unwrap();
    let error = client.submit(|x: i64| x + 1, 1).result().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unregistered);
    assert!(error.message().contains("a closure has no name there") && error.message().contains("founding.rs"), "{error}");
    assert!(error.help().unwrap().contains("#[stratal::task]"), "{error}");
}

#[test]
fn two_processes_share_the_work() {
    let cluster = crate::clusters::cluster(2);
    let client = cluster.client().unwrap();
    let naps = client.map(nap, vec![20u64; 20]);
    naps.gather().unwrap();
    let mut seen = client.map(whereabouts, 0..200u64).gather().unwrap();
    seen.sort_unstable();
    seen.dedup();
    let mut pids = cluster.worker_pids();
    pids.sort_unstable();
    assert_eq!(seen, pids);
}

#[test]
fn tasks_that_submit_tasks_and_wait_do_not_lock_each_other_out() {
    everywhere(|name| {
        let client = Client::current();
        assert_eq!(client.submit(fib, 9).result().unwrap(), 34, "{name}");
        let files = (0..4).map(|i| format!("{}/../data/myfile.{i}.csv", env!("CARGO_MANIFEST_DIR")));
        assert_eq!(client.map(rows_of, files).gather().unwrap(), [1000, 1000, 1000, 1000], "{name}");
    });
}
