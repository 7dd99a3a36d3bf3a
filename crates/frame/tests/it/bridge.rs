//! Frames among lazy values: partitions as values, values as partitions, and both in one graph.

use super::{
    everywhere, local,
    map_partitions::{both, key, numbers, partitions, xs},
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use stratal_core::{
    Client, ErrorKind, Result,
    client::compute,
    delayed::{Delayed, delayed},
};
use stratal_frame::{DFrame, Frame, Partitioning, SameSchema, col, frame};

const NUMBERS: [(&str, &str); 2] = [("x", "i64"), ("k", "str")];

fn plus(part: Frame, n: i64) -> Result<Frame> {
    part.lazy().with_column("x", col("x") + n).collect()
}

fn length(part: &Frame) -> usize {
    part.len()
}

fn all_rows(parts: &[Frame]) -> usize {
    parts.iter().map(Frame::len).sum()
}

/// The partitions of a frame, each with 100 on top, as a frame.
fn hundred_more(frame: &DFrame) -> DFrame {
    let parts = frame.to_delayed().unwrap();
    DFrame::from_delayed(parts.iter().map(|part| delayed(plus, (part, 100i64))), NUMBERS)
}

fn sums(frame: &Frame) -> BTreeMap<Option<String>, i64> {
    frame.column::<Option<String>>("k").unwrap().into_iter().zip(frame.column::<i64>("x").unwrap()).collect()
}

fn sums_by_key(values: impl Iterator<Item = i64>, more: i64) -> BTreeMap<Option<String>, i64> {
    let mut sums = BTreeMap::new();
    values.for_each(|x| *sums.entry(key(x)).or_default() += x + more);
    sums
}

#[test]
fn partitions_go_through_a_function_and_on_as_a_frame() {
    everywhere(|place| {
        for (rows, parts) in [(0, 2), (10, 1), (40, 4), (3, 5)] {
            let frame = hundred_more(&numbers(rows, parts).filter(col("x").lt(30)));
            assert_eq!(frame.npartitions().unwrap(), parts as usize, "{place}");
            for (way, graph) in both(&frame) {
                let expected: Vec<i64> = (0..rows.min(30)).map(|x| x + 100).collect();
                assert_eq!(xs(&partitions(&graph)).concat(), expected, "{place}, {way}: {rows} rows in {parts}");
            }
            for (way, graph) in both(&frame.group_by("k").agg(col("x").sum()).sort("k")) {
                let found = sums(&partitions(&graph)[0]);
                assert_eq!(found, sums_by_key(0..rows.min(30), 100), "{place}, {way}: {rows} rows in {parts}");
            }
        }
    });
}

#[test]
fn there_and_back_several_times_is_one_graph() {
    everywhere(|place| {
        let grouped = numbers(40, 4).group_by("k").agg(col("x").sum()).select(("x", "k"));
        let twice = hundred_more(&hundred_more(&grouped.repartition(3)).filter(col("k").is_not_null()));
        let parts = twice.to_delayed().unwrap();
        assert_eq!(parts.len(), 3, "{place}");
        let mut expected = sums_by_key(0..40, 0);
        expected.remove(&None);
        expected.values_mut().for_each(|sum| *sum += 200);
        assert_eq!(sums(&twice.collect().unwrap()), expected, "{place}");
        let (rows, lengths) =
            compute((delayed(all_rows, &twice), parts.iter().map(|part| delayed(length, part)).collect::<Vec<_>>())).unwrap();
        assert_eq!((rows, lengths.iter().sum::<usize>()), (4, 4), "{place}");
    });
}

#[test]
fn the_layers_of_a_frame_stand_among_the_calls() {
    let client = local("store");
    let _entered = client.enter();
    let frame = hundred_more(&numbers(10, 2).filter(col("x").lt(8))).filter(col("x").gt(100));
    assert_eq!(frame.graph_optimized().unwrap().summary(), "from-memory+filter[2] -> plus[2] -> filter[2]");
    let rows = delayed(all_rows, &frame);
    assert_eq!(rows.lower().unwrap().summary(), "from-memory+filter[2] -> plus[2] -> filter[2] -> all_rows[1]");
}

/// A frame of three partitions, and how often one was made.
fn watched() -> (DFrame, Arc<AtomicUsize>) {
    let calls: Arc<AtomicUsize> = Arc::default();
    let counter = calls.clone();
    let part = move |n: i64| {
        counter.fetch_add(1, SeqCst);
        frame! { "x" => vec![n; n as usize], "k" => vec!["k"; n as usize] }.collect()
    };
    (DFrame::from_map(part, 1..=3, NUMBERS), calls)
}

#[test]
fn what_reads_a_frame_in_one_graph_makes_it_once() {
    everywhere(|place| {
        let (made, calls) = watched();
        let frame = made.with_column("x", col("x") * 10);
        let lengths: Vec<Delayed<usize>> = frame.to_delayed().unwrap().iter().map(|part| delayed(length, part)).collect();
        let more = delayed(|parts: &[Frame], lengths: &[usize]| (parts.len(), lengths.to_vec()), (&frame, &lengths));
        let (rows, lengths, more) = compute((&frame, lengths, more)).unwrap();
        assert_eq!(rows.column::<i64>("x").unwrap(), [10, 20, 20, 30, 30, 30], "{place}");
        assert_eq!((lengths, more), (vec![1, 2, 3], (3, vec![1, 2, 3])), "{place}");
        assert_eq!(calls.swap(0, SeqCst), 3, "{place}");

        // One partition alone is all that is made.
        let second = frame.to_delayed().unwrap().swap_remove(1);
        assert_eq!(second.compute().unwrap().column::<i64>("x").unwrap(), [20, 20], "{place}");
        assert_eq!(calls.load(SeqCst), 1, "{place}");
    });
}

#[test]
fn a_frame_is_an_argument_of_functions_that_take_lists_of_frames() {
    everywhere(|place| {
        let frame = numbers(20, 3).repartition(Partitioning::range(4, col("x").desc()));
        let firsts = |parts: Vec<Frame>| parts.iter().map(|part| part.column::<i64>("x").map(|x| x[0])).collect::<Result<Vec<i64>>>();
        let expected = [19, 14, 9, 4];
        let mut found = delayed(firsts, frame.map_partitions(|part| part.lazy().sort(col("x").desc()).collect(), SameSchema));
        assert_eq!(found.compute().unwrap(), expected, "{place}");
        found = delayed(firsts, frame.map_partitions(|part| part.lazy().sort("x").collect(), SameSchema));
        assert_eq!(found.compute().unwrap(), [15, 10, 5, 0], "{place}");
        assert_eq!(Client::current().submit(all_rows, &frame).result().unwrap(), 20, "{place}");
        assert_eq!(Client::current().submit(length, &frame.to_delayed().unwrap()[0]).result().unwrap(), 5, "{place}");
    });
}

#[test]
fn one_value_may_be_several_partitions_and_there_may_be_none() {
    everywhere(|place| {
        let parts = numbers(6, 2).to_delayed().unwrap();
        let frame = DFrame::from_delayed([&parts[1], &parts[0], &parts[1]].map(Clone::clone), NUMBERS);
        assert_eq!(frame.collect().unwrap().column::<i64>("x").unwrap(), [3, 4, 5, 0, 1, 2, 3, 4, 5], "{place}");
        let none = DFrame::from_delayed(Vec::new(), NUMBERS);
        assert_eq!((none.count().unwrap(), none.npartitions().unwrap()), (0, 1), "{place}");
        assert_eq!(none.collect().unwrap().columns(), ["x", "k"], "{place}");
    });
}

#[test]
fn kept_rows_are_read_where_they_are() {
    everywhere(|place| {
        let kept = numbers(10, 3).persist().unwrap();
        assert_eq!(hundred_more(&kept).collect().unwrap().column::<i64>("x").unwrap(), (100..110).collect::<Vec<_>>(), "{place}");
        let parts: Vec<Delayed<Frame>> = kept.to_delayed().unwrap();
        drop(kept);
        // The lazy values keep what they read.
        let lengths = compute(parts.iter().map(|part| delayed(length, part)).collect::<Vec<_>>()).unwrap();
        assert_eq!(lengths, [3, 3, 4], "{place}");
        let again = hundred_more(&numbers(10, 3)).persist().unwrap();
        assert_eq!(again.count().unwrap(), 10, "{place}");
    });
}

#[test]
fn a_function_makes_a_partition_of_every_input() {
    everywhere(|place| {
        let part = |name: String| frame! { "name" => vec![name.clone(); name.len()], "n" => vec![name.len() as i64; name.len()] }.collect();
        let names = ["a", "", "ccc"].map(str::to_owned);
        let frame = DFrame::from_map(part, names, [("name", "str"), ("n", "i64")]);
        assert_eq!(frame.npartitions().unwrap(), 3, "{place}");
        for (way, graph) in both(&frame) {
            assert_eq!(partitions(&graph).iter().map(Frame::len).collect::<Vec<_>>(), [1, 0, 3], "{place}, {way}");
        }
        let total = frame.filter(col("n").gt(1)).agg(col("n").sum()).collect().unwrap();
        assert_eq!(total.item::<i64>().unwrap(), 9, "{place}");
    });
}

#[test]
fn a_mistake_in_a_frame_is_the_error_of_whatever_reads_it() {
    everywhere(|place| {
        let wrong = numbers(4, 2).filter(col("y").gt(1));
        assert_eq!(wrong.to_delayed().unwrap_err().step(), Some((2, "filter")), "{place}");
        for error in [
            delayed(all_rows, &wrong).compute().unwrap_err(),
            compute((&wrong, delayed(|| 1i64, ()))).unwrap_err(),
            Client::current().submit(all_rows, &wrong).result().unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.message()), (ErrorKind::UnknownColumn, "no column \"y\" in [x, k]"), "{place}");
        }
    });
}

#[test]
fn a_value_with_other_columns_is_named_by_its_number() {
    everywhere(|place| {
        let part = |n: i64| match n {
            1 => frame! { "x" => [0.5] }.collect(),
            n => frame! { "x" => [n] }.collect(),
        };
        let parts: Vec<Delayed<Frame>> = (0..3).map(|n| delayed(part, n)).collect();
        let frame = DFrame::from_delayed(parts, [("x", "i64")]);
        let error = frame.collect().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TypeMismatch, "{place}");
        assert!(error.message().ends_with("part 1 gave column \"x\" as f64, and i64 was declared"), "{place}: {error}");
        assert_eq!(frame.partitions(2..3).collect().unwrap().column::<i64>("x").unwrap(), [2], "{place}");
        let error = DFrame::from_delayed(vec![delayed(|| frame! { "x" => [1i64] }.collect(), ())], SameSchema).check().unwrap_err();
        assert_eq!((error.step(), error.message()), (Some((1, "from_delayed")), "there are no columns yet that could be the same"));
    });
}

#[test]
fn async_twins_give_the_same() {
    let client = local("pipe");
    let _entered = client.enter();
    let frame = numbers(10, 3);
    let parts = futures::executor::block_on(frame.to_delayed_async()).unwrap();
    assert_eq!(compute(parts.iter().map(|part| delayed(length, part)).collect::<Vec<_>>()).unwrap(), [3, 3, 4]);
}
