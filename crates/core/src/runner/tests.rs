//! Slices whose inputs are elsewhere.

use super::{Command, Environment, Fetch, FetchError, LayerWork, NoFetch, Piece, Runner, TaskContext, Wanted, pieces};
use crate::{
    Attempt, ErrorKind, Index, LayerId, ResultId, RunId, WorkerId,
    config::Config,
    function::{ArgSpec, Call, FnBody, Function},
    graph::{EdgeMap, Input, LayerSpec, Work},
    registry::Registry,
    sched::{Event, Located, Locations, RowsRead, Slice, ToWorker},
    store::{Budget, Part, Store},
    value::{Batches, Data},
};
use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use futures::{StreamExt, stream::BoxStream};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
    mpsc,
};

const HERE: WorkerId = WorkerId(0);
const THERE: WorkerId = WorkerId(1);

fn env() -> Arc<Environment> {
    Arc::new(Environment::new(Registry::global().clone(), Arc::new(Store::new(Budget::new(None))), Arc::new(Config::default())))
}

/// Two tasks, each of which reads its channel of two sources.
fn spec() -> Arc<LayerSpec> {
    let mut spec = LayerSpec::new("read", 2);
    spec.inputs.push(Input { from: LayerId(0), sources: 2, map: EdgeMap::Channel });
    Arc::new(spec)
}

fn slice() -> Slice {
    Slice { run: RunId(1), layer: LayerId(1), start: 0, len: 2, attempt: Attempt(1) }
}

fn located() -> Vec<Located> {
    let result = ResultId { run: RunId(1), layer: LayerId(0), index: 0 };
    vec![Located { start: 0, len: 2, result, attempt: Attempt(1), worker: THERE }]
}

fn context(fetch: Arc<dyn Fetch>) -> TaskContext {
    TaskContext::new(env(), spec(), None, slice(), vec![located().into()], HERE, fetch, Default::default())
}

fn rows(values: Vec<i64>) -> Data {
    let schema = Arc::new(Schema::new(vec![Field::new("x", DataType::Int64, false)]));
    let batch = RecordBatch::try_new(schema.clone(), vec![Arc::new(Int64Array::from(values))]).unwrap();
    Data::Batches(Batches { schema, batches: vec![batch].into() })
}

fn values(data: &Data) -> Vec<i64> {
    let Data::Batches(rows) = data else { panic!("rows were sent") };
    let column = |batch: &RecordBatch| batch.column(0).as_any().downcast_ref::<Int64Array>().unwrap().values().to_vec();
    rows.batches.iter().flat_map(column).collect()
}

/// Sends `10 * source + channel`, as many times as the channel's number says and once more.
struct Channels;

impl Fetch for Channels {
    fn fetch(&self, _: WorkerId, wanted: Vec<Wanted>, part: Part) -> BoxStream<'static, Result<Piece, FetchError>> {
        let Part::Channel(channel) = part else { panic!("a channel is read") };
        let of = move |wanted: Wanted| {
            let value = i64::from(10 * wanted.result.index + channel);
            pieces(&rows(vec![value; channel as usize + 1]))
        };
        futures::stream::iter(wanted.into_iter().flat_map(of).map(Ok).collect::<Vec<_>>()).boxed()
    }
}

#[test]
fn each_task_of_a_slice_is_given_its_own_channel_of_what_was_fetched() {
    let cx = context(Arc::new(Channels));
    crate::runtime::io().block_on(cx.gather()).unwrap();
    let read = |task: Index| cx.ready(0, task).unwrap().iter().map(values).collect::<Vec<_>>();
    assert_eq!(read(0), [vec![0], vec![10]]);
    assert_eq!(cx.rows_read(), [RowsRead::Some], "one task has not read");
    assert_eq!(read(1), [vec![1, 1], vec![11, 11]]);
    assert_eq!(cx.rows_read(), [RowsRead::All(6)]);
}

#[test]
fn rows_are_counted_where_every_task_has_read_its_channel_to_the_end() {
    let cx = context(Arc::new(Channels));
    assert_eq!(cx.rows_read(), [RowsRead::Some], "nothing was opened");
    crate::runtime::io().block_on(async {
        assert_eq!(cx.batches(0, 0).unwrap().count().await, 2);
        drop(cx.batches(0, 1).unwrap());
        assert_eq!(cx.rows_read(), [RowsRead::Some]);
        assert_eq!(cx.batches(0, 1).unwrap().count().await, 2);
    });
    assert_eq!(cx.rows_read(), [RowsRead::All(6)]);
}

/// Sends the number of each source, and counts them.
#[derive(Default)]
struct Counting(AtomicUsize);

impl Fetch for Counting {
    fn fetch(&self, _: WorkerId, wanted: Vec<Wanted>, _: Part) -> BoxStream<'static, Result<Piece, FetchError>> {
        self.0.fetch_add(wanted.len(), Ordering::Relaxed);
        let of = |wanted: Wanted| pieces(&rows(vec![i64::from(wanted.result.index)]));
        futures::stream::iter(wanted.into_iter().flat_map(of).map(Ok).collect::<Vec<_>>()).boxed()
    }
}

#[test]
fn what_several_inputs_read_is_fetched_once() {
    let mut spec = LayerSpec::new("read", 2);
    for map in [EdgeMap::OneToOne, EdgeMap::All] {
        spec.inputs.push(Input { from: LayerId(0), sources: 2, map });
    }
    let (fetch, inputs) = (Arc::new(Counting::default()), vec![located().into(), located().into()]);
    let cx = TaskContext::new(env(), Arc::new(spec), None, slice(), inputs, HERE, fetch.clone(), Default::default());
    crate::runtime::io().block_on(cx.gather()).unwrap();
    assert_eq!(fetch.0.load(Ordering::Relaxed), 2);
    let read = |input: usize, task: Index| cx.ready(input, task).unwrap().iter().map(values).collect::<Vec<_>>();
    assert_eq!((read(0, 1), read(1, 0)), (vec![vec![1]], vec![vec![0], vec![1]]));
}

struct Panics;

impl Fetch for Panics {
    fn fetch(&self, _: WorkerId, _: Vec<Wanted>, _: Part) -> BoxStream<'static, Result<Piece, FetchError>> {
        panic!("no streams today");
    }
}

fn answer(runner: &Runner, events: &mpsc::Receiver<Event>) -> Event {
    let body = FnBody {
        functions: [Function::of(|xs: &[i64]| xs.len() as u64)].into(),
        call: Some(Arc::new(Call::new(0, vec![ArgSpec::Inputs { edge: 0 }]))),
    };
    let work = LayerWork::Live(Work::Uniform(body.template()));
    runner.handle(Command::Layer { run: RunId(1), layer: LayerId(1), spec: spec(), work });
    runner.handle(Command::Sched(ToWorker::Run { slice: slice(), order: 0, inputs: vec![Locations::Here(located())] }));
    events.recv().unwrap()
}

#[test]
fn a_slice_is_answered_even_if_fetching_its_inputs_panics() {
    let (send, events) = mpsc::channel();
    let runner = Runner::new(HERE, 1, env(), Arc::new(Panics), move |event| drop(send.send(event)));
    let Event::Failed { slice: failed, error, .. } = answer(&runner, &events) else { panic!("it fails") };
    assert_eq!((failed, error.kind(), error.message()), (slice(), ErrorKind::Task, "panicked: no streams today"));
}

#[test]
fn an_input_that_is_missing_is_no_failure_of_the_task() {
    let (send, events) = mpsc::channel();
    let runner = Runner::new(HERE, 1, env(), Arc::new(NoFetch), move |event| drop(send.send(event)));
    assert!(matches!(answer(&runner, &events), Event::FetchFailed { holder: THERE, .. }));
}
