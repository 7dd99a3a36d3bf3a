//! Readers of shared rows, polled by hand, over sources that are fed by hand.

use super::{Open, reader::Reader, rows::SharedRows};
use crate::error::of_datafusion;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringViewArray, cast::AsArray, types::Int64Type};
use arrow_schema::SchemaRef;
use datafusion::{
    common::Result as DfResult,
    error::DataFusionError,
    execution::{
        SendableRecordBatchStream,
        memory_pool::{GreedyMemoryPool, MemoryPool, UnboundedMemoryPool},
    },
    physical_plan::stream::RecordBatchStreamAdapter,
};
use futures::{Stream, StreamExt, channel::mpsc, stream};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};
use stratal_core::{Error, ErrorKind};

/// A batch of one number, which is 8 bytes.
fn batch(value: i64) -> RecordBatch {
    RecordBatch::try_from_iter([("x", Arc::new(Int64Array::from(vec![value])) as ArrayRef)]).unwrap()
}

fn value(batch: &RecordBatch) -> i64 {
    batch.column(0).as_primitive::<Int64Type>().value(0)
}

fn schema() -> SchemaRef {
    batch(0).schema()
}

fn of_stream(rows: impl Stream<Item = DfResult<RecordBatch>> + Send + 'static) -> SendableRecordBatchStream {
    Box::pin(RecordBatchStreamAdapter::new(schema(), rows))
}

/// A plan whose partition `p` is the numbers from `100 * p` on, and how often a partition of it was begun.
fn numbers(rows: i64) -> (Open, Arc<AtomicUsize>) {
    let begun = Arc::new(AtomicUsize::new(0));
    let count = begun.clone();
    let open: Open = Arc::new(move |partition| {
        count.fetch_add(1, Ordering::Relaxed);
        let first = 100 * partition as i64;
        Ok(of_stream(stream::iter((first..first + rows).map(batch).map(Ok))))
    });
    (open, begun)
}

/// A plan of one partition, whose rows are what is sent.
fn fed() -> (Open, mpsc::UnboundedSender<DfResult<RecordBatch>>) {
    let (send, receive) = mpsc::unbounded();
    let once = Mutex::new(Some(receive));
    let open: Open = Arc::new(move |_| Ok(of_stream(once.lock().unwrap().take().expect("it is begun once"))));
    (open, send)
}

fn unbounded() -> Arc<dyn MemoryPool> {
    Arc::new(UnboundedMemoryPool::default())
}

fn reader(rows: &Arc<SharedRows>, at: (usize, usize), own: &Open) -> Reader {
    assert!(rows.sit_down(at.0, at.1));
    Reader::new(rows.clone(), at, own.clone(), schema())
}

/// Whether a task was woken.
#[derive(Default)]
struct Woken(AtomicBool);

impl Woken {
    fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn poll_as(reader: &mut Reader, task: &Arc<Woken>) -> Poll<Option<DfResult<RecordBatch>>> {
    reader.poll_next_unpin(&mut Context::from_waker(&Waker::from(task.clone())))
}

fn poll(reader: &mut Reader) -> Poll<Option<DfResult<RecordBatch>>> {
    poll_as(reader, &Arc::default())
}

/// The number that a reader gets, which is there.
fn next(reader: &mut Reader) -> Option<i64> {
    match poll(reader) {
        Poll::Ready(batch) => batch.map(|batch| value(&batch.unwrap())),
        Poll::Pending => panic!("it waits"),
    }
}

fn rest(reader: &mut Reader) -> Vec<i64> {
    std::iter::from_fn(|| next(reader)).collect()
}

#[test]
fn every_reader_gets_every_row_whoever_is_polled_when() {
    let mut chance = 1u64;
    let mut draw = |below: usize| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) as usize % below
    };
    for _ in 0..200 {
        let pool = unbounded();
        let rows = Arc::new(SharedRows::new(3, 2, Arc::default(), &pool));
        let (own, begun) = numbers(20);
        let mut readers: Vec<Option<Reader>> = (0..6).map(|at| Some(reader(&rows, (at / 2, at % 2), &own))).collect();
        let mut got: Vec<Vec<i64>> = vec![Vec::new(); 6];
        while readers.iter().any(Option::is_some) {
            let at = draw(6);
            // One in a hundred is dropped in the middle.
            let is_dropped = draw(100) == 0;
            let Some(reader) = readers[at].as_mut() else { continue };
            match next(reader) {
                Some(value) => got[at].push(value),
                None => assert_eq!(got[at].len(), 20),
            }
            if is_dropped || got[at].len() == 20 {
                readers[at] = None;
            }
        }
        for (at, got) in got.iter().enumerate() {
            let first = 100 * (at as i64 % 2);
            assert_eq!(*got, (first..first + got.len() as i64).collect::<Vec<_>>());
        }
        assert!(begun.load(Ordering::Relaxed) <= 2);
        assert_eq!(pool.reserved(), 0);
    }
}

#[test]
fn a_reader_that_is_dropped_leaves_the_source_to_those_that_wait() {
    let rows = Arc::new(SharedRows::new(2, 1, Arc::default(), &unbounded()));
    let (own, send) = fed();
    let (mut one, mut other) = (reader(&rows, (0, 0), &own), reader(&rows, (1, 0), &own));
    let (first, second) = (Arc::<Woken>::default(), Arc::<Woken>::default());
    assert!(poll_as(&mut other, &second).is_pending() && poll_as(&mut one, &first).is_pending());
    send.unbounded_send(Ok(batch(1))).unwrap();
    assert!(first.take() && second.take());
    assert_eq!((next(&mut one), next(&mut other)), (Some(1), Some(1)));
    // The source knows the waker of the one that asked last, and that is gone.
    assert!(poll_as(&mut other, &second).is_pending() && poll_as(&mut one, &first).is_pending());
    drop(one);
    send.unbounded_send(Ok(batch(2))).unwrap();
    assert!(second.take());
    drop(send);
    assert_eq!(rest(&mut other), [2]);
}

#[test]
fn a_reader_that_does_not_move_holds_nobody_up() {
    let rows = Arc::new(SharedRows::new(2, 1, Arc::default(), &unbounded()));
    let (own, send) = fed();
    let (mut one, mut other) = (reader(&rows, (0, 0), &own), reader(&rows, (1, 0), &own));
    assert!(poll(&mut one).is_pending());
    for value in 0..3 {
        let task = Arc::<Woken>::default();
        assert!(poll_as(&mut other, &task).is_pending());
        send.unbounded_send(Ok(batch(value))).unwrap();
        assert!(task.take());
        assert_eq!(next(&mut other), Some(value));
    }
    drop(send);
    assert_eq!((rest(&mut other), rest(&mut one)), (vec![], vec![0, 1, 2]));
}

#[test]
fn rows_are_kept_for_a_reader_that_has_not_begun_until_it_is_dropped() {
    let pool = unbounded();
    let rows = Arc::new(SharedRows::new(2, 1, Arc::default(), &pool));
    let (own, begun) = numbers(5);
    let (mut one, other) = (reader(&rows, (0, 0), &own), reader(&rows, (1, 0), &own));
    assert_eq!(rest(&mut one), [0, 1, 2, 3, 4]);
    assert_eq!(pool.reserved(), 40);
    drop(other);
    assert_eq!((pool.reserved(), begun.load(Ordering::Relaxed)), (0, 1));
}

#[test]
fn texts_that_views_point_at_are_accounted() {
    let pool = unbounded();
    let rows = Arc::new(SharedRows::new(2, 1, Arc::default(), &pool));
    let texts: ArrayRef = Arc::new(StringViewArray::from_iter_values(["short".to_owned(), "long".repeat(250)]));
    let batch = RecordBatch::try_from_iter([("text", texts)]).unwrap();
    let own: Open = Arc::new(move |_| Ok(of_stream(stream::iter([Ok(batch.clone())]))));
    let (mut one, other) = (reader(&rows, (0, 0), &own), reader(&rows, (1, 0), &own));
    assert!(matches!(poll(&mut one), Poll::Ready(Some(Ok(_)))));
    // A view is 16 bytes, and has what is short in itself.
    assert_eq!(pool.reserved(), 2 * 16 + 1000);
    drop(other);
    assert_eq!(pool.reserved(), 0);
}

#[test]
fn a_source_that_nobody_reads_any_more_is_dropped() {
    let rows = Arc::new(SharedRows::new(2, 1, Arc::default(), &unbounded()));
    let (own, send) = fed();
    let (mut one, other) = (reader(&rows, (0, 0), &own), reader(&rows, (1, 0), &own));
    assert!(poll(&mut one).is_pending());
    drop(one);
    assert!(!send.is_closed());
    drop(other);
    assert!(send.is_closed());
}

#[test]
fn rows_are_given_up_for_readers_that_have_not_begun() {
    // Four batches may be kept.
    let pool: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(4 * 32));
    let rows = Arc::new(SharedRows::new(3, 2, Arc::default(), &pool));
    let ((own, begun), (late, late_begun)) = (numbers(10), numbers(7));
    let mut front = reader(&rows, (0, 0), &own);
    let mut behind = reader(&rows, (1, 1), &own);
    let mut last = reader(&rows, (2, 0), &late);
    assert_eq!((next(&mut behind), next(&mut front)), (Some(100), Some(0)));
    // A second partition of a reader that has begun, and one that will make its rows itself.
    let mut other_part = reader(&rows, (1, 0), &own);
    assert_eq!(rest(&mut front), (1..10).collect::<Vec<_>>());
    assert_eq!(rest(&mut last), (0..7).collect::<Vec<_>>());
    assert_eq!(late_begun.load(Ordering::Relaxed), 1);
    // Whoever has begun is served, here beyond what may be kept for others.
    assert_eq!(rest(&mut other_part), (0..10).collect::<Vec<_>>());
    assert_eq!(rest(&mut behind), (101..110).collect::<Vec<_>>());
    assert_eq!(begun.load(Ordering::Relaxed), 2);
    assert!(!rows.sit_down(2, 1), "all its partitions are its own");
    let mut front = reader(&rows, (0, 1), &own);
    assert_eq!(rest(&mut front), (100..110).collect::<Vec<_>>());
    assert_eq!(pool.reserved(), 0);
}

#[test]
fn a_reader_may_be_late_as_long_as_there_is_memory() {
    let pool: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(4 * 80));
    let rows = Arc::new(SharedRows::new(2, 1, Arc::default(), &pool));
    let ((own, _), (late, late_begun)) = (numbers(10), numbers(0));
    let (mut one, mut other) = (reader(&rows, (0, 0), &own), reader(&rows, (1, 0), &late));
    assert_eq!(rest(&mut one), rest(&mut other));
    assert_eq!((late_begun.load(Ordering::Relaxed), pool.reserved()), (0, 0));
}

#[test]
fn an_error_comes_to_every_reader_behind_the_rows_before_it() {
    let rows = Arc::new(SharedRows::new(3, 1, Arc::default(), &unbounded()));
    let (own, send) = fed();
    let mut readers = [0, 1, 2].map(|at| reader(&rows, (at, 0), &own));
    let error = Error::new(ErrorKind::BadValue, "\"x\" is not i64").in_file("a.csv", Some(3), Some("k"));
    send.unbounded_send(Ok(batch(1))).unwrap();
    send.unbounded_send(Err(DataFusionError::External(Box::new(error.clone())))).unwrap();
    for reader in &mut readers {
        assert_eq!(next(reader), Some(1));
        let Poll::Ready(Some(Err(got))) = poll(reader) else { panic!("no error") };
        assert!(of_datafusion(got).is_same(&error));
        assert!(matches!(poll(reader), Poll::Ready(None)));
    }
}

#[test]
fn a_source_that_cannot_be_begun_is_an_error_of_every_reader() {
    let rows = Arc::new(SharedRows::new(2, 1, Arc::default(), &unbounded()));
    let own: Open = Arc::new(|_| Err(DataFusionError::Plan("no".to_owned())));
    for at in 0..2 {
        assert!(matches!(poll(&mut reader(&rows, (at, 0), &own)), Poll::Ready(Some(Err(_)))));
    }
}

#[test]
fn no_reader_waits_for_a_source_that_panicked() {
    let rows = Arc::new(SharedRows::new(2, 1, Arc::default(), &unbounded()));
    let own: Open = Arc::new(|_| Ok(of_stream(stream::poll_fn(|_| panic!("there is a bug")))));
    let (mut one, mut other) = (reader(&rows, (0, 0), &own), reader(&rows, (1, 0), &own));
    assert!(catch_unwind(AssertUnwindSafe(|| poll(&mut one))).is_err());
    let Poll::Ready(Some(Err(error))) = poll(&mut other) else { panic!("no error") };
    assert_eq!(of_datafusion(error).kind(), ErrorKind::Internal);
}

#[test]
fn a_place_sits_down_once() {
    let rows = SharedRows::new(2, 1, Arc::default(), &unbounded());
    assert!(rows.sit_down(0, 0) && !rows.sit_down(0, 0) && rows.sit_down(1, 0));
}
