//! Deep, wide and long graphs: no deep stack, no memory for what does not run.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::SeqCst},
};
use stratal_core::{
    Client, Index, Result,
    delayed::{Delayed, delayed},
    graph::{EdgeMap, Layer, LayerSpec, LayeredGraph},
    handmade::{Edge, Graph, key},
    kind::{Body, Running, TaskKind, Template},
    registry::Registry,
    runner::TaskContext,
    value::{Data, Object},
};

fn inc(x: i64) -> i64 {
    x + 1
}

/// On a thread with a stack too small for anything that recurses once a task.
fn with_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(256 << 10).spawn(work).unwrap().join().unwrap();
}

#[test]
fn a_chain_of_100_000_calls_runs_without_a_deep_stack() {
    with_small_stack(|| {
        let client = Client::builder().threads(2).detached().local().unwrap();
        let _entered = client.enter();
        let chain = (0..100_000).fold(delayed(inc, 0), |chain: Delayed<i64>, _| delayed(inc, chain));
        assert_eq!(chain.compute().unwrap(), 100_001);
    });
}

#[test]
fn a_chain_of_100_000_keys_written_by_hand_runs_too() {
    with_small_stack(|| {
        let client = Client::builder().threads(2).detached().local().unwrap();
        let _entered = client.enter();
        let graph = (0..100_000u32).fold(Graph::new().value(("x", 0), 0i64), |graph, i| graph.call(("x", i + 1), inc, key(("x", i))));
        assert_eq!(graph.get::<i64>(("x", 100_000)).unwrap(), 100_000);
    });
}

#[test]
fn a_fan_in_of_a_million_finishes() {
    with_small_stack(|| {
        let client = Client::builder().threads(2).detached().local().unwrap();
        let _entered = client.enter();
        let graph = LayeredGraph::builder()
            .source("one", |x: i64| x, 0..1_000_000)
            .layer("sum", |xs: Vec<i64>| xs.iter().sum::<i64>(), Edge::all("one"))
            .build()
            .unwrap();
        assert_eq!(graph.get::<i64>("sum").unwrap(), 499_999_500_000);
    });
}

/// A kind whose tasks leave their own index: what a symbolic layer is, at its smallest.
struct IndexKind(Arc<AtomicU64>);
struct IndexBody;

impl Body for IndexBody {
    fn encode(&self) -> Result<bytes::Bytes> {
        Ok(bytes::Bytes::new())
    }

    fn describe(&self) -> String {
        "its index".to_owned()
    }
}

impl TaskKind for IndexKind {
    fn name(&self) -> &'static str {
        "index"
    }

    fn decode(&self, _: &[u8]) -> Result<Arc<dyn Body>> {
        Ok(Arc::new(IndexBody))
    }

    fn run(&self, _: &Arc<dyn Body>, cx: TaskContext) -> Result<Running> {
        let ran = self.0.clone();
        Ok(Running::Blocking(Box::new(move || {
            cx.tasks().try_for_each(|task: Index| {
                ran.fetch_add(1, SeqCst);
                cx.put(task, Data::Object(Object::new(task as u64)))
            })
        })))
    }
}

#[test]
fn a_layer_of_ten_million_tasks_is_built_culled_to_one_and_run() {
    let ran = Arc::new(AtomicU64::new(0));
    let registry = Registry::global().as_ref().clone().with_kind(Arc::new(IndexKind(ran.clone())));
    let config = Arc::new(stratal_core::config::Config::default());
    let executor = stratal_core::executor::LocalExecutor::new(config, Arc::new(registry));
    let template = || Template { kind: "index", body: Arc::new(IndexBody) };
    let mut graph = LayeredGraph::default();
    let first = graph.push(Layer::uniform(LayerSpec::new("first", 10_000_000), template()));
    let second = LayerSpec::new("second", 10_000_000).reads(first, EdgeMap::OneToOne);
    let second = graph.push(Layer::uniform(second, template()));
    graph.want(second, "all");
    let one = graph.cull([("second", 7_654_321)]).unwrap();
    assert_eq!(one.tasks(), 2);
    use stratal_core::executor::Executor;
    let handle = executor.submit(one, Default::default()).unwrap();
    handle.wait_all().unwrap();
    let place = handle.wait(handle.outputs()[0].layer, 7_654_321, None).unwrap().unwrap();
    let data = executor.env().store().get(place.result, place.attempt, stratal_core::store::Part::All).unwrap();
    assert!(matches!(data, Data::Object(object) if *object.get::<u64>().unwrap() == 7_654_321));
    assert_eq!(ran.load(SeqCst), 2, "nothing else ran");
}

#[test]
fn a_hundred_thousand_futures_are_waited_for_as_they_complete() {
    let client = Client::builder().threads(2).detached().local().unwrap();
    let done = stratal_core::client::as_completed(client.map(inc, 0..100_000));
    assert_eq!(done.map(|future| future.result().unwrap()).sum::<i64>(), 5_000_050_000);
}

#[test]
fn ten_thousand_runs_that_are_held_do_not_slow_down_the_next() {
    let client = Client::builder().threads(2).detached().local().unwrap();
    let held: Vec<_> = (0..10_000).map(|x| client.submit(inc, x)).collect();
    assert_eq!(held.iter().map(|future| future.result().unwrap()).sum::<i64>(), 50_005_000);
    drop(held);
    assert_eq!(client.submit(inc, 1).result().unwrap(), 2);
}
