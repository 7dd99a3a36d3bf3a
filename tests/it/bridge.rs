//! Functions on frames, and frames among lazy values, against answers computed here from the files' text.

use crate::clusters::everywhere;
use std::collections::{BTreeMap, BTreeSet};
use stratal::{ErrorKind, prelude::*};
use stratal_tests::{add_n, all_rows, counted, first_row, located, named, repeated, told};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data");

/// The columns of the files.
const COLUMNS: [(&str, &str); 3] = [("id", "i64"), ("name", "str"), ("amount", "i64")];

fn read() -> DFrame {
    DFrame::read_csv(format!("{DATA}/myfile.*.csv"))
}

/// The rows of each of the four files, read without any of Stratal.
fn files() -> Vec<Vec<(i64, String, i64)>> {
    let row = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        (fields[0].parse().unwrap(), fields[1].to_owned(), fields[2].parse().unwrap())
    };
    let file = |number| std::fs::read_to_string(format!("{DATA}/myfile.{number}.csv")).unwrap().lines().skip(1).map(row).collect();
    (0..4).map(file).collect()
}

/// The rows of each name, and the sum of their amounts, each with `more`.
fn sums(more: i64) -> BTreeMap<String, (i64, i64)> {
    let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for (_, name, amount) in files().into_iter().flatten() {
        let sum = sums.entry(name).or_default();
        *sum = (sum.0 + 1, sum.1 + amount + more);
    }
    sums
}

fn found(frame: &Frame) -> BTreeMap<String, (i64, i64)> {
    let numbers = frame.column::<i64>("n").unwrap().into_iter().zip(frame.column::<i64>("sum").unwrap());
    frame.column::<String>("name").unwrap().into_iter().zip(numbers).collect()
}

#[test]
fn partitions_go_through_a_function_and_on_into_a_query() {
    let amounts: Vec<i64> = files().into_iter().flatten().map(|(_, _, amount)| amount + 100).collect();
    everywhere(|place| {
        let parts = read().to_delayed().unwrap();
        assert_eq!(parts.len(), 4, "{place}");
        let frame = DFrame::from_delayed(parts.iter().map(|part| delayed(add_n, (part, 100i64))), COLUMNS);
        assert_eq!(frame.collect().unwrap().column::<i64>("amount").unwrap(), amounts, "{place}");
        let query = frame.group_by("name").agg((count().alias("n"), col("amount").sum().alias("sum")));
        assert_eq!(found(&query.collect().unwrap()), sums(100), "{place}");
        // Kept by one run and read by the next.
        let kept = frame.persist().unwrap();
        let alice: Vec<_> = kept.to_delayed().unwrap().iter().map(|part| delayed(named, (part, "Alice"))).collect();
        assert_eq!(delayed(all_rows, alice).compute().unwrap(), sums(0)["Alice"].0 as u64, "{place}");
    });
}

#[test]
fn a_frame_is_an_argument_and_a_result_beside_others() {
    let rows = files().concat().len() as u64;
    everywhere(|place| {
        let frame = read().filter(col("amount").gt_eq(0)).with_column("amount", col("amount") * 2);
        let expected: Vec<i64> = files().concat().iter().filter(|row| row.2 >= 0).map(|row| 2 * row.2).collect();
        let (collected, rows_of_all) = compute((&frame, delayed(all_rows, &frame))).unwrap();
        assert_eq!(collected.column::<i64>("amount").unwrap(), expected, "{place}");
        assert_eq!(rows_of_all, expected.len() as u64, "{place}");
        assert_eq!(Client::current().submit(all_rows, read()).result().unwrap(), rows, "{place}");
    });
}

#[test]
fn functions_run_where_the_partitions_are() {
    let files = files();
    everywhere(|place| {
        let rows = read().map_partitions(counted, [("id", "i64"), ("name", "str"), ("amount", "i64"), ("n", "i64")]);
        let collected = rows.filter(col("name").eq("Bob")).collect().unwrap();
        let bob = files.iter().flat_map(|file| file.iter().filter(|row| row.1 == "Bob").map(move |row| (row.0, file.len() as i64)));
        let ids = collected.column::<i64>("id").unwrap().into_iter().zip(collected.column::<i64>("n").unwrap());
        assert_eq!(ids.collect::<Vec<_>>(), bob.collect::<Vec<_>>(), "{place}");

        let firsts: BTreeSet<i64> =
            read().map_batches(first_row, SameSchema).collect().unwrap().column("id").unwrap().into_iter().collect();
        assert!(files.iter().all(|file| firsts.contains(&file[0].0)), "{place}");

        let processes = read().map_partitions(located, [("process", "i64")]).collect().unwrap().column::<i64>("process").unwrap();
        let is_here = |process: &i64| *process == i64::from(std::process::id());
        assert_eq!(processes.len(), 4, "{place}");
        match place {
            "two worker processes" => assert!(!processes.iter().any(is_here), "{place}: {processes:?}"),
            _ => assert!(processes.iter().all(is_here), "{place}: {processes:?}"),
        }
    });
}

#[test]
fn every_group_is_given_to_a_function_once() {
    everywhere(|place| {
        let groups = read().group_by("name").apply(told, [("name", "str"), ("n", "i64"), ("sum", "i64")]);
        for (way, graph) in [("optimized", groups.graph_optimized().unwrap()), ("as written", groups.graph().unwrap())] {
            let parts = graph.get_all::<Frame>(graph.outputs[0].key.clone()).unwrap();
            assert_eq!(parts.iter().map(Frame::len).sum::<usize>(), sums(0).len(), "{place}, {way}");
            let all = parts.iter().flat_map(found).collect::<BTreeMap<_, _>>();
            assert_eq!(all, sums(0), "{place}, {way}");
        }
    });
}

#[test]
fn partitions_are_made_by_a_function_and_made_anew() {
    let mut ids: Vec<i64> = files().concat().into_iter().map(|row| row.0).collect();
    ids.sort_unstable();
    everywhere(|place| {
        let made = DFrame::from_map(repeated, 1..=4, [("x", "i64")]);
        assert_eq!(made.collect().unwrap().column::<i64>("x").unwrap(), [1, 2, 2, 3, 3, 3, 4, 4, 4, 4], "{place}");
        assert_eq!(made.repartition(7).partitions(5..7).collect().unwrap().column::<i64>("x").unwrap(), [4, 4, 4, 4], "{place}");
        for partitioning in [Partitioning::range(3, "id"), Partitioning::hash(5, "name"), 9usize.into(), Partitioning::bytes("4KiB")] {
            let frame = read().repartition(partitioning.clone());
            let mut found = frame.collect().unwrap().column::<i64>("id").unwrap();
            found.sort_unstable();
            assert_eq!(found, ids, "{place}: {partitioning:?}");
        }
        let last = read().repartition(Partitioning::range(4, "id")).partitions(3..4).collect().unwrap();
        let mut last = last.column::<i64>("id").unwrap();
        last.sort_unstable();
        assert_eq!(last, ids[ids.len() - last.len()..], "{place}");
        assert!((900..1100).contains(&last.len()), "{place}: {}", last.len());
    });
}

#[test]
fn a_closure_does_not_leave_its_process() {
    everywhere(|place| {
        let frame = read().map_partitions(|part: Frame| Ok(part.slice(0..1)), SameSchema);
        let made = DFrame::from_map(|n: i64| frame! { "x" => [n] }.collect(), 0..4, [("x", "i64")]);
        for (what, answer) in [("map_partitions", frame.collect()), ("from_map", made.collect())] {
            if place != "two worker processes" {
                assert_eq!(answer.unwrap().len(), 4, "{place}, {what}");
                continue;
            }
            let error = answer.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unregistered, "{what}: {error}");
            assert!(error.message().contains(" cannot run on tcp://"), "{what}: {error}");
            assert!(error.message().ends_with(": a closure has no name there"), "{what}: {error}");
            assert_eq!(error.help(), Some("make it a function with #[stratal::task] and start the workers from this program"), "{what}");
        }
    });
}

#[test]
fn rows_come_as_a_stream_and_a_run_is_explained() {
    let amounts: Vec<i64> = files().into_iter().flatten().map(|(_, _, amount)| amount).collect();
    everywhere(|place| {
        let mut found = Vec::new();
        for batch in read().collect_stream().unwrap() {
            let batch = Frame::new(read().schema().unwrap(), [batch.unwrap()]).unwrap();
            found.extend(batch.column::<i64>("amount").unwrap());
        }
        assert_eq!(found, amounts, "{place}");
        assert_eq!(read().distinct_values::<String>("name").unwrap(), sums(0).into_keys().collect::<Vec<_>>(), "{place}");
        let text = read().filter(col("amount").gt(0)).explain_analyze().unwrap();
        let here = if place == "two worker processes" { "ran in the cluster" } else { "ran in this process" };
        assert!(text.starts_with(here) && text.contains("read-csv+filter[4]") && text.contains("FilterExec"), "{place}: {text}");
    });
}
