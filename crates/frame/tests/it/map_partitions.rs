//! Functions of the user's on partitions, on batches and on groups, against plain Rust.

use super::{everywhere, local};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, cast::AsArray, types::Int64Type};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use stratal_core::{
    ErrorKind, Result,
    graph::{LayeredGraph, Work},
};
use stratal_frame::{DFrame, Frame, SameSchema, col, frame, lit};

/// `x` from 0 on, and `k`, which follows from it, in `parts` partitions, some of which may be empty.
pub(super) fn numbers(rows: i64, parts: i64) -> DFrame {
    let batches = (0..parts).map(|part| {
        let x = rows * part / parts..rows * (part + 1) / parts;
        let k: ArrayRef = Arc::new(x.clone().map(key).collect::<StringArray>());
        let x: ArrayRef = Arc::new(x.map(Some).collect::<Int64Array>());
        RecordBatch::try_from_iter_with_nullable([("x", x, true), ("k", k, true)]).unwrap()
    });
    let batches: Vec<RecordBatch> = batches.collect();
    DFrame::from_batches(batches[0].schema(), batches)
}

/// One of five keys, of which one is null.
pub(super) fn key(x: i64) -> Option<String> {
    (x % 5 != 0).then(|| format!("k{}", x % 5))
}

/// What a frame will run, and its steps as they were written.
pub(super) fn both(frame: &DFrame) -> [(&'static str, LayeredGraph); 2] {
    [("optimized", frame.graph_optimized().unwrap()), ("as written", frame.graph().unwrap())]
}

/// The partitions that a graph gives.
pub(super) fn partitions(graph: &LayeredGraph) -> Vec<Frame> {
    graph.get_all(graph.outputs[0].key.clone()).unwrap()
}

/// `x` of every partition.
pub(super) fn xs(parts: &[Frame]) -> Vec<Vec<i64>> {
    parts.iter().map(|part| part.column("x").unwrap()).collect()
}

/// Two columns of all partitions, side by side.
fn pairs(parts: &[Frame], one: &str, two: &str) -> Vec<(i64, i64)> {
    let of_part = |part: &Frame| part.column::<i64>(one).unwrap().into_iter().zip(part.column::<i64>(two).unwrap());
    parts.iter().flat_map(of_part).collect()
}

fn counted(part: Frame) -> Result<Frame> {
    part.lazy().with_column("n", lit(part.len() as i64)).collect()
}

fn doubled(part: Frame) -> Result<Frame> {
    part.lazy().with_column("x", col("x") * 2).collect()
}

fn plus_one(batch: RecordBatch) -> Result<RecordBatch> {
    let x: Int64Array = batch.column(0).as_primitive::<Int64Type>().unary(|x| x + 1);
    Ok(RecordBatch::try_new(batch.schema(), vec![Arc::new(x), batch.column(1).clone()])?)
}

fn keys(batch: RecordBatch) -> Result<RecordBatch> {
    Ok(batch.project(&[1])?)
}

/// The sums of a partition, by a query of several layers.
fn summed(part: Frame) -> Result<Frame> {
    part.lazy().repartition(3).group_by("k").agg(col("x").sum()).sort("k").collect()
}

#[test]
fn a_function_sees_whole_partitions_and_rows_stay_in_order() {
    everywhere(|place| {
        for (rows, parts) in [(0, 1), (0, 3), (5, 1), (10, 4), (3, 7)] {
            // A condition above is not asked below: the function sees all rows.
            let schema = [("x", "i64"), ("k", "str"), ("n", "i64")];
            let frame = numbers(rows, parts).map_partitions(counted, schema).filter(col("x").not_eq(1));
            let expected = (0..parts).flat_map(|part| {
                let (start, end) = (rows * part / parts, rows * (part + 1) / parts);
                (start..end).filter(|x| *x != 1).map(move |x| (x, end - start))
            });
            let expected: Vec<(i64, i64)> = expected.collect();
            for (way, graph) in both(&frame) {
                let parts_of = partitions(&graph);
                assert_eq!(parts_of.len(), parts as usize, "{place}, {way}");
                assert_eq!(pairs(&parts_of, "x", "n"), expected, "{place}, {way}: {rows} rows in {parts}");
            }
        }
    });
}

#[test]
fn functions_follow_each_other_and_other_steps() {
    everywhere(|place| {
        for (rows, parts) in [(40, 1), (40, 4), (7, 9)] {
            let frame = numbers(rows, parts).map_partitions(doubled, SameSchema).map_batches(plus_one, SameSchema);
            let mut expected: BTreeMap<Option<String>, i64> = BTreeMap::new();
            (0..rows).for_each(|x| *expected.entry(key(x)).or_default() += 2 * x + 1);
            for (way, graph) in both(&frame.group_by("k").agg(col("x").sum()).sort("k")) {
                let [sums] = &partitions(&graph)[..] else { panic!("{place}, {way}: sorted rows are one partition") };
                let sums = sums.column::<Option<String>>("k").unwrap().into_iter().zip(sums.column::<i64>("x").unwrap());
                assert_eq!(sums.collect::<BTreeMap<_, _>>(), expected, "{place}, {way}: {rows} rows in {parts}");
            }
        }
    });
}

#[test]
fn a_function_sees_rows_in_the_order_of_a_sort_before_it() {
    everywhere(|place| {
        let sorted = numbers(20, 3).sort(col("x").desc());
        for (way, graph) in both(&sorted.map_partitions(|part: Frame| part.lazy().head(2).collect(), SameSchema)) {
            assert_eq!(xs(&partitions(&graph)), [[19, 18]], "{place}, {way}");
        }
        let first = sorted.map_batches(|batch: RecordBatch| Ok(batch.slice(0, 1)), SameSchema);
        assert_eq!(first.collect().unwrap().column::<i64>("x").unwrap(), [19], "{place}");
    });
}

#[test]
fn a_function_runs_queries_of_its_own() {
    everywhere(|place| {
        let frame = numbers(60, 6).map_partitions(summed, SameSchema).agg(col("x").sum());
        // What it gives is not what was declared: its keys come first.
        assert_eq!(frame.collect().unwrap_err().kind(), ErrorKind::TypeMismatch, "{place}");
        let frame = numbers(60, 6).map_partitions(summed, [("k", "str"), ("x", "i64")]);
        let all = frame.collect().unwrap();
        assert_eq!((all.len(), all.column::<i64>("x").unwrap().iter().sum::<i64>()), (30, (0..60i64).sum::<i64>()), "{place}");
    });
}

#[test]
fn batches_come_one_by_one_and_never_empty() {
    everywhere(|place| {
        let seen: Arc<Mutex<Vec<usize>>> = Arc::default();
        let note = seen.clone();
        let frame = numbers(10, 4).filter(col("x").gt_eq(6)).map_batches(
            move |batch: RecordBatch| {
                note.lock().unwrap().push(batch.num_rows());
                Ok(batch)
            },
            SameSchema,
        );
        assert_eq!(frame.collect().unwrap().column::<i64>("x").unwrap(), [6, 7, 8, 9], "{place}");
        let mut seen = seen.lock().unwrap().clone();
        seen.sort_unstable();
        assert_eq!(seen, [1, 3], "{place}");
    });
}

#[test]
fn what_is_given_is_held_to_what_was_declared() {
    everywhere(|place| {
        let halved = |part: Frame| part.lazy().select((col("x") * 0.5).alias("x")).collect();
        let error = numbers(4, 2).map_partitions(halved, [("x", "i64")]).collect().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TypeMismatch, "{place}");
        assert!(error.message().contains("map_partitions.rs"), "{place}: {error}");
        assert!(error.message().ends_with("gave column \"x\" as f64, and i64 was declared"), "{place}: {error}");
        assert_eq!(error.help(), Some("cast it there: .cast([(\"x\", \"i64\")]), or declare it as (\"x\", \"f64\")"), "{place}");
        let error = numbers(4, 2).map_batches(keys, SameSchema).collect().unwrap_err();
        assert!(error.message().ends_with("gave \"k\" (str) as column 1, and \"x\" (i64) was declared"), "{place}: {error}");
    });
    let error = numbers(4, 2).map_partitions(doubled, [("x", "number")]).check().unwrap_err();
    assert_eq!((error.step(), error.message()), (Some((2, "map_partitions")), "\"number\" is no type"));
}

#[test]
fn a_panic_names_the_function_and_its_place() {
    everywhere(|place| {
        let picky = numbers(5, 2).map_partitions(
            |part: Frame| {
                assert!(part.len() < 3, "too many rows");
                Ok(part)
            },
            SameSchema,
        );
        let error = picky.collect().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Task, "{place}: {error}");
        for part in ["closure", "panicked at ", "map_partitions.rs:", "too many rows"] {
            assert!(error.message().contains(part), "{place}, {part}: {error}");
        }
    });
}

#[test]
fn a_function_is_a_layer_of_its_own_and_a_closure_stays_in_its_process() {
    for exchange in ["pipe", "store"] {
        let client = local(exchange);
        let _entered = client.enter();
        let frame = numbers(4, 2).map_partitions(|part: Frame| Ok(part.slice(0..1)), SameSchema).filter(col("x").gt(0));
        for (way, graph) in both(&frame) {
            assert_eq!(graph.summary(), "from-memory[2] -> map-partitions[2] -> filter[2]", "{exchange}, {way}");
            let Work::Uniform(call) = &graph.layers[1].work else { panic!("all calls are alike") };
            let error = call.body.encode().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unregistered);
            assert!(error.message().ends_with("cannot run on another process: a closure has no name there"), "{error}");
        }
        let explained = frame.explain().unwrap();
        assert!(explained.contains("exchange store"), "{explained}");
    }
}

/// The key, the number of rows and their sum, of rows with one key.
fn told(group: Frame) -> Result<Frame> {
    let (keys, x) = (group.column::<Option<String>>("k")?, group.column::<i64>("x")?);
    assert!(keys.iter().all(|key| *key == keys[0]), "rows of several groups: {keys:?}");
    frame! { "k" => vec![keys[0].clone()], "n" => [x.len() as i64], "sum" => [x.iter().sum::<i64>()] }.collect()
}

/// What is left of `x` by 3, and the number of rows.
fn rest(group: Frame) -> Result<Frame> {
    assert_eq!(group.columns(), ["x", "k"]);
    let x = group.column::<i64>("x")?;
    assert!(x.iter().all(|other| other % 3 == x[0] % 3), "rows of several groups: {x:?}");
    frame! { "rest" => [x[0] % 3], "n" => [x.len() as i64] }.collect()
}

const TOLD: [(&str, &str); 3] = [("k", "str"), ("n", "i64"), ("sum", "i64")];

type Groups = Vec<(Option<String>, i64, i64)>;

/// What `told` gave for all groups, in their order.
fn groups(parts: &[Frame]) -> Groups {
    let of_part = |part: &Frame| {
        let (n, sum) = (part.column::<i64>("n").unwrap(), part.column::<i64>("sum").unwrap());
        let keys = part.column::<Option<String>>("k").unwrap().into_iter();
        keys.zip(n.into_iter().zip(sum)).map(|(key, (n, sum))| (key, n, sum)).collect::<Vec<_>>()
    };
    let mut groups: Groups = parts.iter().flat_map(of_part).collect();
    groups.sort();
    groups
}

#[test]
fn every_group_is_seen_once_and_whole() {
    everywhere(|place| {
        for (rows, parts) in [(0, 2), (3, 5), (40, 1), (40, 4), (20_000, 3)] {
            let mut expected: BTreeMap<Option<String>, (i64, i64)> = BTreeMap::new();
            for x in 0..rows {
                let group = expected.entry(key(x)).or_default();
                *group = (group.0 + 1, group.1 + x);
            }
            let expected: Groups = expected.into_iter().map(|(key, (n, sum))| (key, n, sum)).collect();
            for (way, graph) in both(&numbers(rows, parts).group_by("k").apply(told, TOLD)) {
                assert_eq!(groups(&partitions(&graph)), expected, "{place}, {way}: {rows} rows in {parts}");
            }
            let without_null: Groups = expected.into_iter().filter(|(key, ..)| key.is_some()).collect();
            for (way, graph) in both(&numbers(rows, parts).group_by("k").drop_null_keys().apply(told, TOLD)) {
                assert_eq!(groups(&partitions(&graph)), without_null, "{place}, {way}: {rows} rows in {parts}");
            }
        }
    });
}

#[test]
fn groups_by_computed_keys_and_by_several_show_the_columns_that_were_there() {
    everywhere(|place| {
        let schema = [("rest", "i64"), ("n", "i64")];
        for (way, graph) in both(&numbers(20, 3).group_by(col("x") % 3).apply(rest, schema)) {
            let mut found = pairs(&partitions(&graph), "rest", "n");
            found.sort_unstable();
            assert_eq!(found, [(0, 7), (1, 7), (2, 6)], "{place}, {way}");
        }
        for (way, graph) in both(&numbers(40, 3).group_by(("k", col("x") % 3, "k")).apply(rest, schema)) {
            let mut expected: BTreeMap<(Option<String>, i64), i64> = BTreeMap::new();
            (0..40).for_each(|x| *expected.entry((key(x), x % 3)).or_default() += 1);
            let mut expected: Vec<(i64, i64)> = expected.into_iter().map(|((_, rest), n)| (rest, n)).collect();
            expected.sort_unstable();
            let mut found = pairs(&partitions(&graph), "rest", "n");
            found.sort_unstable();
            assert_eq!(found, expected, "{place}, {way}");
        }
    });
    let error = numbers(4, 2).group_by(()).apply(told, TOLD).check().unwrap_err();
    assert_eq!((error.step(), error.message()), (Some((2, "group_by")), "there is nothing to group by"));
}

#[test]
fn groups_are_brought_together_by_the_hash_of_their_keys() {
    let client = local("store");
    let _entered = client.enter();
    let frame = numbers(40, 3).group_by("k").apply(told, TOLD);
    assert_eq!(frame.graph_optimized().unwrap().summary(), "from-memory[3] -> sort[2] -> apply[2]");
    assert_eq!(frame.graph().unwrap().summary(), "from-memory[3] -> sort[1] -> apply[1]");
}
