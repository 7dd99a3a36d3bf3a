//! What a cluster gives is what one process gives, whoever goes away meanwhile.

use std::{
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};
use stratal_cluster::{ClusterExecutor, LocalCluster};
use stratal_core::{
    Client, ErrorKind, LayerId,
    client::wait_for,
    executor::{Executor, Signal},
    function::{ArgSpec, Call, Calls, FnBody, Function, tasks::sum},
    graph::{Layer, LayerSpec, LayeredGraph, Ranges, Work},
    runner::FetchError,
    sched::RunOptions,
    value::Value,
};
use stratal_macros::task;

const SOON: Duration = Duration::from_secs(10);

#[task(crate = stratal_core)]
fn square(x: i64) -> i64 {
    x * x
}

#[task(crate = stratal_core)]
fn slow_square(x: i64) -> i64 {
    sleep(Duration::from_millis(2));
    x * x
}

#[task(crate = stratal_core)]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

#[task(crate = stratal_core)]
fn twice(text: String) -> String {
    text.repeat(2)
}

#[task(crate = stratal_core)]
fn fails(x: i64) -> i64 {
    panic!("no {x}")
}

fn cluster() -> (LocalCluster, Client) {
    let cluster = LocalCluster::builder().workers(2).threads(1).in_process().start().unwrap();
    let client = Client::builder().detached().connect(&cluster.scheduler_addr()).unwrap();
    (cluster, client)
}

#[test]
fn a_map_and_its_sum_over_two_workers() {
    let (cluster, client) = cluster();
    assert_eq!(client.submit(sum::<i64>, client.map(square, 0..10_000i64)).result().unwrap(), 333_283_335_000);
    let topology = client.executor().unwrap().topology();
    assert_eq!((topology.workers, topology.slots, topology.same_process), (2, 2, false));
    assert_eq!(cluster.worker_names().len(), 2);
}

#[test]
fn results_of_one_run_are_arguments_of_the_next() {
    let (_cluster, client) = cluster();
    let (a, b) = (client.submit(square, 3), client.submit(square, 4));
    let c = client.submit(add, (&a, &b));
    assert_eq!(client.submit(add, (&c, 17)).result().unwrap(), 42);
    assert_eq!((a.result().unwrap(), b.result().unwrap()), (9, 16));
}

#[test]
fn a_worker_that_is_killed_takes_nothing_with_it() {
    let (cluster, client) = cluster();
    let total = client.submit(sum::<i64>, client.map(slow_square, 0..400i64));
    sleep(Duration::from_millis(150));
    cluster.kill_worker(0).unwrap();
    assert_eq!(total.result().unwrap(), 21_253_400);
    let counters = wait_for(client.executor().unwrap().counters()).unwrap();
    // What was there or under way ran again; what the other worker had did not.
    assert!(counters.assigned > 401 && counters.assigned < 800, "{counters:?}");
    cluster.add_worker().unwrap();
    assert_eq!(client.submit(sum::<i64>, client.map(square, 0..10_000i64)).result().unwrap(), 333_283_335_000);
}

#[test]
fn arguments_and_results_of_20_mb_pass() {
    let (_cluster, client) = cluster();
    let text = "stratal ".repeat(20 << 17);
    let doubled = client.submit(twice, text.as_str()).result().unwrap();
    assert!(doubled.len() == 2 * text.len() && doubled.starts_with(&text));
}

#[test]
fn a_failure_is_that_of_the_task() {
    let (_cluster, client) = cluster();
    let error = client.submit(fails, 7).result().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Task);
    assert!(error.message().contains("no 7"), "{error}");
    assert_eq!(client.submit(square, 7).result().unwrap(), 49);
}

#[test]
fn a_closure_is_refused_at_submit() {
    let (cluster, client) = cluster();
    let error = client.submit(|x: i64| x + 1, 1).result().unwrap_err();
    let end = format!("cannot run on {}: a closure has no name there", cluster.scheduler_addr());
    assert!(error.message().starts_with("closure at ") && error.message().ends_with(&end), "{error}");
    assert!(error.help().unwrap().contains("#[stratal::task]"));
}

fn one_call() -> LayeredGraph {
    let template = FnBody { functions: [Function::of(square)].into(), call: None }.template();
    let calls = Calls::new(vec![Call::new(0, vec![ArgSpec::Literal(6i64.into_data())])]);
    let mut graph = LayeredGraph::default();
    let layer = graph.push(Layer { spec: LayerSpec::new("square", 1), work: Work::Each(template, Arc::new(calls)) });
    graph.want(layer, "square");
    graph
}

#[test]
fn a_client_that_goes_away_and_a_release_free_what_was_held() {
    let (cluster, _client) = cluster();
    let connect = || ClusterExecutor::connect(&cluster.scheduler_addr(), SOON).unwrap();
    let witness = connect();
    for dies in [true, false] {
        let holder = connect();
        let run = holder.submit(one_call(), RunOptions::default()).unwrap();
        let place = run.wait(LayerId(0), 0, Some(SOON)).unwrap().unwrap();
        let data = wait_for(witness.read(place)).unwrap();
        assert_eq!(*i64::from_data(&data).unwrap(), 36);
        let _holder = if dies {
            drop(holder);
            None
        } else {
            holder.signal(Signal::Release(run.id(), LayerId(0), Ranges::full(1)));
            Some(holder)
        };
        let deadline = Instant::now() + SOON;
        while !matches!(wait_for(witness.read(place)), Err(FetchError::Missing(..))) {
            assert!(Instant::now() < deadline, "the result is still there");
            sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn clients_do_not_get_into_each_others_way() {
    let (cluster, client) = cluster();
    let other = Client::builder().detached().connect(&cluster.scheduler_addr()).unwrap();
    let sums: Vec<_> =
        (1..20i64).flat_map(|n| [&client, &other].map(|client| (n, client.submit(sum::<i64>, client.map(square, 0..n))))).collect();
    for (n, total) in sums {
        assert_eq!(total.result().unwrap(), (0..n).map(|x| x * x).sum::<i64>());
    }
}

#[test]
fn a_lost_scheduler_fails_what_waits_and_what_comes_after() {
    let (cluster, client) = cluster();
    let waiting = client.map(slow_square, 0..10_000i64);
    cluster.shutdown();
    assert_eq!(waiting.gather().unwrap_err().kind(), ErrorKind::Io);
    let error = client.submit(square, 1).result().unwrap_err();
    assert!(error.kind() == ErrorKind::Io && error.message().starts_with("the stream to the scheduler at 127.0.0.1:"), "{error}");
}

#[test]
fn a_cluster_grows_and_shrinks() {
    let cluster = LocalCluster::builder().workers(0).in_process().start().unwrap();
    let executor = ClusterExecutor::connect(&cluster.scheduler_addr(), SOON).unwrap();
    let error = executor.wait_for_workers(1, Duration::from_millis(20)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().starts_with("0 of 1 workers have joined 127.0.0.1:"), "{error}");
    cluster.scale(3).unwrap();
    executor.wait_for_workers(3, SOON).unwrap();
    cluster.scale(1).unwrap();
    let deadline = Instant::now() + SOON;
    while executor.workers().len() > 1 {
        assert!(Instant::now() < deadline, "the workers are still there");
        sleep(Duration::from_millis(10));
    }
    let error = cluster.kill_worker(5).unwrap_err();
    assert_eq!(error.message(), "there is no worker 5 among 1");
}
