//! The signature query and a group-by, against answers computed here from the files' text.

use crate::clusters::by_each_engine;
use std::collections::BTreeMap;
use stratal::prelude::*;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data");

/// The rows of the four files, read without any of Stratal.
fn rows() -> Vec<(i64, String, i64)> {
    let mut rows = Vec::new();
    for part in 0..4 {
        let text = std::fs::read_to_string(format!("{DATA}/myfile.{part}.csv")).unwrap();
        rows.extend(text.lines().skip(1).map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            (fields[0].parse().unwrap(), fields[1].to_owned(), fields[2].parse().unwrap())
        }));
    }
    rows
}

fn read() -> DFrame {
    DFrame::read_csv(format!("{DATA}/myfile.*.csv"))
}

#[test]
fn the_signature_query_gives_alices_rows_in_order() {
    let expected: Vec<(i64, i64)> =
        rows().into_iter().filter(|(_, name, _)| name == "Alice").map(|(id, _, amount)| (id, amount + 100)).collect();
    by_each_engine(|name| {
        let df = read().with_column("amount", col("amount") + lit(100)).filter(col("name").eq(lit("Alice")));
        for (way, frame) in [("optimized", df.collect().unwrap()), ("as written", as_written(&df))] {
            let ids = frame.column::<i64>("id").unwrap();
            let amounts = frame.column::<i64>("amount").unwrap();
            assert_eq!(ids.into_iter().zip(amounts).collect::<Vec<_>>(), expected, "{name}, {way}");
        }
        assert_eq!(df.graph().unwrap().summary(), "read-csv[4] -> add[4] -> filter[4]");
        assert_eq!(df.count().unwrap() as usize, expected.len(), "{name}");
    });
}

/// The steps as they were written, one layer a step: the slow oracle.
fn as_written(df: &DFrame) -> Frame {
    let graph = df.graph().unwrap();
    let key = graph.outputs[0].key.clone();
    let parts = graph.get_all::<Frame>(key).unwrap();
    let batches: Vec<_> = parts.iter().flat_map(|part| part.batches().to_vec()).collect();
    DFrame::from_batches(parts[0].schema().clone(), batches).collect().unwrap()
}

#[test]
fn a_group_by_with_a_shuffle_agrees_with_a_map_of_sums() {
    let mut expected: BTreeMap<String, (i64, i64, i64, i64)> = BTreeMap::new();
    for (_, name, amount) in rows() {
        let group = expected.entry(name).or_insert((0, 0, i64::MAX, i64::MIN));
        *group = (group.0 + amount, group.1 + 1, group.2.min(amount), group.3.max(amount));
    }
    by_each_engine(|name| {
        let aggregates = [
            col("amount").sum().alias("sum"),
            count().alias("n"),
            col("amount").min().alias("min"),
            col("amount").max().alias("max"),
            col("amount").mean().alias("mean"),
        ];
        let df = read().group_by("name").agg(aggregates).sort("name");
        for (way, frame) in [("optimized", df.collect().unwrap()), ("as written", as_written(&df))] {
            let names = frame.column::<String>("name").unwrap();
            let numbers = |column: &str| frame.column::<i64>(column).unwrap();
            let (sum, n, min, max) = (numbers("sum"), numbers("n"), numbers("min"), numbers("max"));
            let groups: BTreeMap<String, _> =
                names.into_iter().enumerate().map(|(i, name)| (name, (sum[i], n[i], min[i], max[i]))).collect();
            assert_eq!(groups, expected, "{name}, {way}");
            for (i, mean) in frame.column::<f64>("mean").unwrap().into_iter().enumerate() {
                assert!((mean - sum[i] as f64 / n[i] as f64).abs() < 1e-9, "{name}, {way}");
            }
        }
    });
}

#[test]
fn a_sort_over_all_partitions_agrees_with_a_sorted_vector() {
    let mut expected: Vec<(i64, i64)> = rows().into_iter().map(|(id, _, amount)| (amount, id)).collect();
    expected.sort_by_key(|(amount, id)| (std::cmp::Reverse(*amount), *id));
    by_each_engine(|name| {
        let frame = read().select(["amount", "id"]).sort((col("amount").desc(), "id")).collect().unwrap();
        let pairs = frame.column::<i64>("amount").unwrap().into_iter().zip(frame.column::<i64>("id").unwrap());
        assert_eq!(pairs.collect::<Vec<_>>(), expected, "{name}");
        let head = read().select(["amount", "id"]).sort((col("amount").desc(), "id")).head(10).collect().unwrap();
        assert_eq!(head.column::<i64>("id").unwrap(), expected[..10].iter().map(|(_, id)| *id).collect::<Vec<_>>(), "{name}");
    });
}

#[test]
fn nothing_left_by_a_filter_is_zero_rows_with_the_schema() {
    by_each_engine(|name| {
        let df = read().filter(col("name").eq("nobody"));
        let frame = df.collect().unwrap();
        assert_eq!((frame.len(), frame.columns()), (0, vec!["id", "name", "amount"]), "{name}");
        let groups = df.group_by("name").agg(col("amount").sum()).collect().unwrap();
        assert_eq!((groups.len(), groups.columns()), (0, vec!["name", "amount"]), "{name}");
    });
}

#[test]
fn a_verb_says_which_step_is_wrong_and_what_was_meant() {
    by_each_engine(|name| {
        let error = read().with_column("amount", col("amount") + 1).filter(col("amont").gt(5)).collect().unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("step 3, filter (") && text.contains("tests/it/frames.rs") || text.contains("it/frames.rs"),
            "{name}: {text}"
        );
        assert!(text.contains("no column \"amont\" in [id, name, amount]"), "{name}: {text}");
        assert_eq!(error.help(), Some("did you mean \"amount\"?"), "{name}");
    });
}

#[test]
fn a_persisted_frame_is_read_by_later_queries() {
    by_each_engine(|name| {
        let kept = read().filter(col("amount").gt(250)).persist().unwrap();
        let expected = rows().into_iter().filter(|(_, _, amount)| *amount > 250).count() as u64;
        assert_eq!(kept.count().unwrap(), expected, "{name}");
        let groups = kept.group_by("name").agg(count().alias("n")).collect().unwrap();
        assert_eq!(groups.column::<i64>("n").unwrap().iter().sum::<i64>() as u64, expected, "{name}");
    });
}

#[test]
fn a_join_with_its_own_totals_agrees_with_a_map_and_keeps_every_left_row() {
    let mut totals: BTreeMap<String, i64> = BTreeMap::new();
    for (_, name, amount) in rows() {
        *totals.entry(name).or_default() += amount;
    }
    totals.remove("Bob");
    let expected: Vec<(i64, Option<i64>)> = rows().into_iter().map(|(id, name, _)| (id, totals.get(&name).copied())).collect();
    by_each_engine(|name| {
        let totals = read().filter(col("name").not_eq("Bob")).group_by("name").agg(col("amount").sum().alias("total"));
        let left = read().join(&totals, on("name").left()).select(["id", "total"]).sort("id").collect().unwrap();
        let pairs = left.column::<i64>("id").unwrap().into_iter().zip(left.column::<Option<i64>>("total").unwrap());
        assert_eq!(pairs.collect::<Vec<_>>(), expected, "{name}");
        let inner = read().join(&totals, on("name"));
        assert_eq!(inner.count().unwrap() as usize, expected.iter().filter(|(_, total)| total.is_some()).count(), "{name}");
        let missing = read().join(&totals, on("name").anti());
        assert_eq!(missing.count().unwrap() as usize, expected.iter().filter(|(_, total)| total.is_none()).count(), "{name}");
    });
}
