//! Rows as they come, the different values of a column, and what a run took.

use super::{everywhere, local, map_partitions::numbers};
use arrow_array::RecordBatch;
use chrono::NaiveDate;
use futures::{StreamExt, TryStreamExt, executor::block_on};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};
use stratal_core::{ErrorKind, Result};
use stratal_frame::{DFrame, Frame, SameSchema, col, frame};

async fn read_async(frame: &DFrame) -> Result<Vec<RecordBatch>> {
    frame.collect_stream_async().await?.try_collect().await
}

#[test]
fn rows_come_in_order_partition_by_partition() {
    everywhere(|place| {
        for (rows, parts) in [(0, 2), (10, 1), (100, 7), (3, 9), (200, 60)] {
            let frame = numbers(rows, parts).filter(col("x").gt_eq(0));
            let batches = frame.collect_stream().unwrap().collect::<Result<Vec<_>>>().unwrap();
            assert!(batches.len() <= parts as usize, "{place}: a partition is a batch here");
            let all = Frame::new(frame.schema().unwrap(), batches).unwrap();
            assert_eq!(all.column::<i64>("x").unwrap(), (0..rows).collect::<Vec<_>>(), "{place}: {rows} rows in {parts}");
            let again = Frame::new(frame.schema().unwrap(), block_on(read_async(&frame)).unwrap()).unwrap();
            assert!(again.equals(&all), "{place}: {rows} rows in {parts}");
        }
        let grouped = numbers(100, 4).group_by("k").agg(col("x").sum()).sort("k");
        let rows: usize = grouped.collect_stream().unwrap().map(|batch| batch.unwrap().num_rows()).sum();
        assert_eq!(rows, 5, "{place}");
    });
}

#[test]
fn what_goes_wrong_is_the_last_item() {
    everywhere(|place| {
        let picky = |part: Frame| {
            assert!(part.is_empty() || part.column::<i64>("x").is_ok_and(|x| x[0] < 60), "enough");
            Ok(part)
        };
        let frame = numbers(100, 10).map_partitions(picky, SameSchema);
        let mut batches = frame.collect_stream().unwrap();
        let mut before = 0;
        let error = loop {
            match batches.next() {
                Some(Ok(batch)) => before += batch.num_rows(),
                Some(Err(error)) => break error,
                None => panic!("{place}: the run went through"),
            }
        };
        assert!(before <= 60 && error.message().contains("enough"), "{place}: {before} rows, then {error}");
        assert!(batches.next().is_none(), "{place}");
        let items = block_on(async { frame.collect_stream_async().await.unwrap().collect::<Vec<_>>().await });
        let (last, others) = items.split_last().unwrap();
        assert!(last.is_err() && others.iter().all(Result::is_ok), "{place}");
    });
    let error = numbers(4, 2).filter(col("y").gt(1)).collect_stream().err().unwrap();
    assert_eq!(error.kind(), ErrorKind::UnknownColumn);
}

#[test]
fn a_reader_that_stops_stops_the_run() {
    for exchange in ["pipe", "store"] {
        let client = local(exchange);
        let _entered = client.enter();
        let calls: Arc<AtomicUsize> = Arc::default();
        let counter = calls.clone();
        let count = move |part: Frame| {
            counter.fetch_add(1, SeqCst);
            Ok(part)
        };
        let frame = numbers(400, 200).map_partitions(count, SameSchema);
        {
            let mut batches = frame.collect_stream().unwrap();
            for at in 0..3 {
                assert_eq!(batches.next().unwrap().unwrap().num_rows(), 2, "{exchange}, {at}");
            }
        }
        // Two may run at once: twice as many are begun ahead of the reader.
        let begun = calls.load(SeqCst);
        assert!((3..50).contains(&begun), "{exchange}: {begun} of 200");
        assert_eq!(frame.count().unwrap(), 400, "{exchange}");
    }
}

#[test]
fn the_different_values_of_a_column_come_in_order_and_without_null() {
    everywhere(|place| {
        assert_eq!(numbers(40, 4).distinct_values::<String>("k").unwrap(), ["k1", "k2", "k3", "k4"], "{place}");
        let rows = numbers(40, 4).with_column("r", col("x") % 3 - 1);
        assert_eq!(rows.distinct_values::<i64>("r").unwrap(), [-1, 0, 1], "{place}");
        assert_eq!(block_on(rows.distinct_values_async::<i64>("r")).unwrap(), [-1, 0, 1], "{place}");
        assert_eq!(rows.distinct_values::<bool>("r").unwrap_err().kind(), ErrorKind::TypeMismatch, "{place}");
        assert_eq!(rows.distinct_values::<i64>("s").unwrap_err().kind(), ErrorKind::UnknownColumn, "{place}");
        let day = |day| NaiveDate::from_ymd_opt(2024, 2, day);
        let days = frame! { "d" => [day(29), None, day(1), day(29)] }.distinct_values::<NaiveDate>("d").unwrap();
        assert_eq!(days, [day(1).unwrap(), day(29).unwrap()], "{place}");
        assert!(numbers(0, 2).distinct_values::<i64>("x").unwrap().is_empty(), "{place}");
    });
}

/// The number behind `rows=` in the first line that has all of these words.
fn rows_of(text: &str, words: &[&str]) -> Option<usize> {
    let line = text.lines().find(|line| words.iter().all(|word| line.contains(word)))?;
    line.split("rows=").nth(1)?.split_whitespace().next()?.parse().ok()
}

#[test]
fn what_a_run_took_is_told_by_layer_and_by_operator() {
    everywhere(|place| {
        let frame = numbers(100, 4).filter(col("x").lt(60)).map_partitions(|part: Frame| Ok(part.slice(0..5)), SameSchema);
        let text = frame.filter(col("x").gt_eq(2)).explain_analyze().unwrap();
        assert!(text.starts_with("ran in this process\ntook "), "{place}: {text}");
        for line in ["from-memory+filter[4]: ", "map-partitions[4]: ", "filter[4]: "] {
            assert!(text.lines().any(|other| other.starts_with(line) && other.contains(" slices, ")), "{place}, {line}: {text}");
        }
        assert_eq!(rows_of(&text, &["FilterExec", "x@0 < 60"]), Some(60), "{place}: {text}");
        // Five rows of each of three partitions, without the first two; the fourth has none left.
        assert_eq!(rows_of(&text, &["FilterExec", "x@0 >= 2"]), Some(13), "{place}: {text}");
    });
    let error = DFrame::read_csv("no/such.csv").explain_analyze().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let text = block_on(numbers(10, 2).explain_analyze_async()).unwrap();
    assert!(text.contains("from-memory[2]: "), "{text}");
}
