//! Workers that do not all have the same functions, and what they serve for other crates.

use bytes::Bytes;
use std::{
    collections::BTreeMap,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};
use stratal_cluster::{ClusterExecutor, Dial, LocalCluster, MountEntry, WorkerOptions, run_worker};
use stratal_core::{
    Error, ErrorKind, LayerId, Result,
    client::wait_for,
    executor::{Executor, Place, RunHandle},
    function::{ArgSpec, Call, Calls, FnBody, Function},
    graph::{Layer, LayerSpec, LayeredGraph, Ranges, Work},
    kind::{Body, Template},
    registry::Registry,
    runner::Environment,
    sched::RunOptions,
    value::Value,
};
use tonic::service::RoutesBuilder;

const SOON: Duration = Duration::from_secs(20);

fn cluster(workers: usize) -> (LocalCluster, ClusterExecutor) {
    let cluster = LocalCluster::builder().workers(workers).threads(1).in_process().start().unwrap();
    let executor = ClusterExecutor::connect(&cluster.scheduler_addr(), SOON).unwrap();
    (cluster, executor)
}

/// One more worker, which has a function of its own. It ends with the scheduler.
fn add_worker(cluster: &LocalCluster, function: Function) {
    let registry = Some(Arc::new(Registry::global().as_ref().clone().with_function(function)));
    let options = WorkerOptions { scheduler: cluster.scheduler_addr(), threads: Some(1), registry, ..WorkerOptions::default() };
    let (ready, is_ready) = mpsc::channel();
    thread::spawn(move || run_worker(options, |_| ready.send(()).unwrap()));
    is_ready.recv_timeout(SOON).unwrap();
}

fn thrice() -> Function {
    Function::named("own::thrice", |x: i64| 3 * x)
}

/// `function(0), function(1), …`
fn graph(function: Function, calls: i64) -> LayeredGraph {
    let template = FnBody { functions: [Arc::new(function)].into(), call: None }.template();
    let calls: Vec<Call> = (0..calls).map(|x| Call::new(0, vec![ArgSpec::Literal(x.into_data())])).collect();
    let mut graph = LayeredGraph::default();
    let spec = LayerSpec::new("thrice", calls.len() as u32);
    let layer = graph.push(Layer { spec, work: Work::Each(template, Arc::new(Calls::new(calls))) });
    graph.want(layer, "thrice");
    graph
}

fn submit(executor: &ClusterExecutor, function: Function, calls: i64) -> Arc<RunHandle> {
    executor.submit(graph(function, calls), RunOptions::default()).unwrap()
}

fn first(run: &RunHandle) -> Result<Place> {
    run.wait(LayerId(0), 0, Some(SOON)).expect("it is not settled in time")
}

fn refused(run: &RunHandle) -> Error {
    let error = first(run).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unregistered);
    assert!(run.wait_all().is_err());
    error
}

#[test]
fn a_function_that_no_worker_has_is_named_with_what_to_start() {
    let (cluster, executor) = cluster(3);
    executor.wait_for_workers(3, SOON).unwrap();
    let error = refused(&submit(&executor, thrice(), 2));
    assert_eq!(error.message(), "no worker has the function own::thrice (3 workers)");
    let address = cluster.scheduler_addr().replace("tcp://", "");
    assert!(error.help().unwrap().ends_with(&format!(" worker {address}")), "{error}");
    add_worker(&cluster, Function::named("own::thrice", |x: f64| 3.0 * x));
    let error = refused(&submit(&executor, thrice(), 2));
    assert_eq!(error.message(), "no worker has the function own::thrice (4 workers, 1 of them another of this name)");
}

#[test]
fn a_task_goes_to_workers_that_have_its_function() {
    let (cluster, executor) = cluster(2);
    add_worker(&cluster, thrice());
    let run = submit(&executor, thrice(), 300);
    run.wait_all().unwrap();
    let places: Vec<Place> = (0..300).map(|at| run.wait(LayerId(0), at, None).unwrap().unwrap()).collect();
    assert!(places.iter().all(|place| place.worker == places[0].worker), "only one of them can");
    for (at, place) in places.into_iter().enumerate() {
        let data = wait_for(executor.read(place)).map_err(|_| "it is not there").unwrap();
        assert_eq!(*i64::from_data(&data).unwrap(), 3 * at as i64);
    }
    assert_eq!(wait_for(executor.counters()).unwrap().failed, 0, "it was tried nowhere else");
}

#[test]
fn what_nobody_could_run_runs_when_a_worker_that_can_has_joined() {
    let (cluster, executor) = cluster(1);
    let run = submit(&executor, thrice(), 5);
    refused(&run);
    add_worker(&cluster, thrice());
    executor.retry(&run, LayerId(0), Ranges::full(5));
    assert!(first(&run).is_ok());
    run.wait_all().unwrap();
    let unknown = RunHandle::new(stratal_core::RunId(u64::MAX), run.outputs().to_vec(), Vec::new());
    let unknown = Arc::new(unknown);
    executor.retry(&unknown, LayerId(0), Ranges::full(5));
    assert_eq!(unknown.wait_all().unwrap_err().kind(), ErrorKind::NotFound);
}

inventory::submit! {
    MountEntry { name: "pictures", version: "2.0", mount: serve_nothing }
}

fn serve_nothing(_: &Arc<Environment>, _: &str, _: Dial, _: &mut RoutesBuilder) -> Result<()> {
    Ok(())
}

/// Work that needs a version of it.
struct Drawing(&'static str);

impl Body for Drawing {
    fn encode(&self) -> Result<Bytes> {
        Ok(Bytes::new())
    }

    fn describe(&self) -> String {
        "drawing".to_owned()
    }

    fn services(&self) -> Vec<(String, String)> {
        vec![("pictures".to_owned(), self.0.to_owned())]
    }
}

#[test]
fn workers_say_what_they_serve_and_a_version_that_none_of_them_has_is_named() {
    let (cluster, executor) = cluster(1);
    add_worker(&cluster, thrice());
    executor.wait_for_workers(2, SOON).unwrap();
    for worker in executor.workers() {
        assert_eq!(worker.services, BTreeMap::from([("pictures".to_owned(), "2.0".to_owned())]), "{}", worker.name);
    }
    let mut graph = LayeredGraph::default();
    let template = Template { kind: "fn", body: Arc::new(Drawing("2.1")) };
    let layer = graph.push(Layer::uniform(LayerSpec::new("draw", 1), template));
    graph.want(layer, "draw");
    let error = refused(&executor.submit(graph, RunOptions::default()).unwrap());
    assert_eq!(error.message(), "no worker serves pictures 2.1 (2 workers, 2 of them another version of it)");
}
