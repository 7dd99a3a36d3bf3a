//! How far a task is that works in stages, as whoever holds its run sees it.

use parking_lot::Mutex;
use std::{
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};
use stratal_core::{
    Error, ErrorKind, Result, Retry,
    config::Config,
    executor::{Executor, LocalExecutor, RunHandle},
    graph::{Layer, LayerSpec, LayeredGraph},
    kind::{Body, Running, TaskKind, Template},
    progress::{News, PlannedStage},
    registry::Registry,
    runner::TaskContext,
    sched::RunOptions,
    value::Data,
};

/// What a task is told to do next.
enum Order {
    Say(News),
    Fail,
    End,
}

/// A kind whose tasks do as they are told.
struct Ordered(Arc<Mutex<mpsc::Receiver<Order>>>);
struct OrderedBody;

impl Body for OrderedBody {
    fn encode(&self) -> Result<bytes::Bytes> {
        Ok(bytes::Bytes::new())
    }

    fn describe(&self) -> String {
        "as it is told".to_owned()
    }
}

impl TaskKind for Ordered {
    fn name(&self) -> &'static str {
        "ordered"
    }

    fn decode(&self, _: &[u8]) -> Result<Arc<dyn Body>> {
        Ok(Arc::new(OrderedBody))
    }

    fn run(&self, _: &Arc<dyn Body>, cx: TaskContext) -> Result<Running> {
        let orders = self.0.clone();
        Ok(Running::Blocking(Box::new(move || {
            let orders = orders.lock();
            loop {
                match orders.recv() {
                    Ok(Order::Say(news)) => cx.report(0, news),
                    Ok(Order::Fail) => return Err(Error::new(ErrorKind::Task, "as it was told").with_retry(Retry::Again)),
                    Ok(Order::End) | Err(_) => return cx.put(0, Data::Unit),
                }
            }
        })))
    }
}

/// A run of one such task, and who tells it what to do.
fn begun(retries: u32) -> (Arc<LocalExecutor>, Arc<RunHandle>, mpsc::Sender<Order>) {
    let (tell, orders) = mpsc::channel();
    let kind = Ordered(Arc::new(Mutex::new(orders)));
    let registry = Registry::global().as_ref().clone().with_kind(Arc::new(kind));
    let executor = LocalExecutor::new(Arc::new(Config::default()), Arc::new(registry));
    let mut graph = LayeredGraph::default();
    let mut spec = LayerSpec::new("ordered", 1);
    spec.needs.retries = Some(retries);
    let layer = graph.push(Layer::uniform(spec, Template { kind: "ordered", body: Arc::new(OrderedBody) }));
    graph.want(layer, "done");
    let handle = executor.submit(graph, RunOptions::default()).unwrap();
    (executor, handle, tell)
}

fn stages() -> Order {
    let stage = |number, name: &str, partitions| PlannedStage { number, name: name.to_owned(), partitions };
    Order::Say(News::Stages(vec![stage(1, "read", 4), stage(0, "gather", 1)]))
}

fn counts(stage: u32, done: u64, rows: u64) -> Order {
    Order::Say(News::Counts { stage, share: 0, done, rows })
}

/// Name, partitions done and all, rows of each stage of the only task; nothing where none is told of.
fn seen(handle: &RunHandle) -> Vec<(String, u64, u64, u64)> {
    let tasks = handle.stages();
    assert!(tasks.len() <= 1);
    tasks.into_iter().flat_map(|task| task.stages).map(|stage| (stage.name, stage.done, stage.all, stage.rows)).collect()
}

fn wait_for(handle: &RunHandle, read: (u64, u64), gather: (u64, u64)) {
    let expected = [("read".to_owned(), read.0, 4, read.1), ("gather".to_owned(), gather.0, 1, gather.1)];
    let started = Instant::now();
    while seen(handle) != expected {
        assert!(started.elapsed() < Duration::from_secs(60), "{expected:?} was never seen, but {:?}", seen(handle));
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_handle_sees_the_stages_of_a_task_at_work_and_the_last_of_one_that_is_done() {
    let (_executor, handle, tell) = begun(0);
    for order in [stages(), counts(1, 1, 10)] {
        tell.send(order).unwrap();
    }
    wait_for(&handle, (1, 10), (0, 0));
    for order in [counts(1, 3, 35), counts(0, 1, 7), Order::End] {
        tell.send(order).unwrap();
    }
    handle.wait_all().unwrap();
    // Without waiting: the last is told before the end. What was not made was not needed.
    assert_eq!(seen(&handle), [("read".to_owned(), 4, 4, 35), ("gather".to_owned(), 1, 1, 7)]);
}

#[test]
fn what_an_attempt_said_that_failed_is_gone() {
    let (_executor, handle, tell) = begun(1);
    for order in [stages(), counts(1, 3, 35)] {
        tell.send(order).unwrap();
    }
    wait_for(&handle, (3, 35), (0, 0));
    tell.send(Order::Fail).unwrap();
    for order in [stages(), counts(1, 1, 5)] {
        tell.send(order).unwrap();
    }
    wait_for(&handle, (1, 5), (0, 0));
    tell.send(Order::Fail).unwrap();
    assert_eq!(handle.wait_all().unwrap_err().kind(), ErrorKind::Task);
    assert!(seen(&handle).is_empty());
}
