//! What a query uses twice is computed once: the same rows come out as of a query of which each use has a frame of its own.

use super::{Files, everywhere, local};
use proptest::prelude::*;
use stratal_core::{Client, ErrorKind};
use stratal_frame::{DFrame, Frame, How, assert_frames_eq, col, count, frame, on};

/// A query of two frames, which may be one.
type Query = fn(&DFrame, &DFrame) -> DFrame;

/// Rows by `x` from 0, in so many partitions, with a key and a group.
fn numbers(rows: i64, parts: i64) -> DFrame {
    super::map_partitions::numbers(rows, parts).with_column("g", col("x") % 7).drop("k")
}

/// A join: work that is worth sharing. Each call makes a frame that is equal to the last and not the same.
fn joined(rows: i64, parts: i64) -> DFrame {
    let names = frame! { "g" => [0i64, 1, 2, 3, 4, 5], "w" => [5i64, 4, 3, 2, 1, 0] };
    numbers(rows, parts).join(&names, on("g"))
}

/// What [`joined`] is, by a formula: `x`, `g`, `w`.
fn expected(rows: i64) -> impl Iterator<Item = (i64, i64, i64)> {
    (0..rows).map(|x| (x, x % 7, 5 - x % 7)).filter(|(_, g, _)| *g < 6)
}

/// A query of one frame and of two, everywhere; of one it is shared where it runs whole.
fn check(query: Query, frame: impl Fn(i64) -> DFrame) {
    // What runs as layers is not shared.
    let client = local("store");
    let entered = client.enter();
    let layers = query(&frame(1), &frame(1)).collect().unwrap();
    drop(entered);
    let client = local("pipe");
    let entered = client.enter();
    let one = frame(1);
    let plan = query(&one, &one).explain().unwrap();
    assert!(plan.contains("SharedExec: 1, read by ") && !layers.is_empty(), "{plan}");
    drop(entered);
    everywhere(|place| {
        for parts in [1, 3] {
            let one = frame(parts);
            let together = query(&one, &one).collect().unwrap();
            let apart = query(&frame(parts), &frame(parts)).collect().unwrap();
            assert_eq!(together.len(), layers.len(), "{place} {parts}");
            assert_frames_eq!(together, layers, unordered);
            assert_frames_eq!(apart, layers, unordered);
        }
    });
}

#[test]
fn a_join_that_is_joined_to_itself() {
    check(
        |one, other| one.join(&other.select(["x", "w"]).rename([("w", "v")]), on("x")).filter(col("w").eq(col("v"))),
        |parts| joined(200, parts),
    );
}

#[test]
fn an_aggregate_that_is_joined_to_its_own_input() {
    let query: Query = |one, other| {
        let means = other.group_by("g").agg(col("x").mean().alias("mean"));
        one.join(&means, on("g")).filter(col("x").cast("f64").lt(col("mean"))).group_by("g").agg((col("x").sum(), count().alias("rows")))
    };
    check(query, |parts| joined(300, parts));
    let rows: Vec<(i64, i64)> = expected(300).map(|(x, g, _)| (x, g)).collect();
    let mut sums = [0i64; 6];
    for (x, g) in &rows {
        let of_group: Vec<i64> = rows.iter().filter(|(_, other)| other == g).map(|(x, _)| *x).collect();
        let mean = of_group.iter().sum::<i64>() as f64 / of_group.len() as f64;
        sums[*g as usize] += if (*x as f64) < mean { *x } else { 0 };
    }
    everywhere(|place| {
        let one = joined(300, 4);
        let answer = query(&one, &one).sort("g").collect().unwrap();
        assert_eq!(answer.column::<i64>("x").unwrap(), sums, "{place}");
    });
}

#[test]
fn a_frame_and_itself_one_after_another_in_their_order() {
    everywhere(|place| {
        for parts in [1, 3] {
            let one = joined(100, parts).sort(col("x").desc()).head(20);
            let both = DFrame::concat(&[&one, &one], How::ByName).collect().unwrap().column::<i64>("x").unwrap();
            let mut last: Vec<i64> = expected(100).map(|(x, ..)| x).collect();
            last.reverse();
            last.truncate(20);
            assert_eq!(both, [last.clone(), last].concat(), "{place} {parts}");
        }
    });
}

#[test]
fn three_readers_of_which_one_has_another_order() {
    check(
        |one, other| {
            let sorted = other.sort(col("x").desc());
            let sums = one.group_by("g").agg((col("x").sum(), col("w").max()));
            DFrame::concat(&[one, &sorted, &sums.select(["x", "g", "w"])], How::ByName)
        },
        |parts| joined(150, parts),
    );
}

#[test]
fn shared_frames_within_shared_frames() {
    check(
        |one, other| {
            let outer = |frame: &DFrame| frame.join(&frame.group_by("w").agg(count().alias("rows")), on("w"));
            let (one, other) = (outer(one), outer(other));
            one.join(&other.group_by("g").agg(col("rows").sum().alias("all")), on("g"))
                .group_by("w")
                .agg((col("all").sum(), col("x").max()))
        },
        |parts| joined(200, parts),
    );
}

#[test]
fn the_first_rows_of_one_use() {
    everywhere(|place| {
        for parts in [1, 3] {
            let groups = joined(300, parts).group_by("g").agg(col("x").sum());
            let first = groups.sort("g").head(2);
            let answer = groups.join(&first.select("g"), on("g")).sort("g").collect().unwrap();
            let sum = |group: i64| expected(300).filter(|(_, g, _)| *g == group).map(|(x, ..)| x).sum::<i64>();
            assert_eq!(answer.column::<i64>("x").unwrap(), [sum(0), sum(1)], "{place} {parts}");
            let some = DFrame::concat(&[&groups.head(1), &groups], How::ByName).collect().unwrap();
            assert_eq!(some.len(), 7, "{place} {parts}");
        }
    });
}

#[test]
fn only_the_number_of_its_rows_is_wanted() {
    everywhere(|place| {
        let one = joined(70, 2);
        let total = DFrame::concat(&[&one, &one], How::ByName).agg(count().alias("rows")).collect().unwrap();
        assert_eq!(total.item::<i64>().unwrap(), 2 * expected(70).count() as i64, "{place}");
    });
}

#[test]
fn an_error_in_what_is_shared_names_the_file_and_the_line() {
    let rows: String = (0..5000).map(|row| if row == 1500 { "\"12,5\",1\n".to_owned() } else { format!("{row},{}\n", row % 5) }).collect();
    let files = Files::new([("late.csv", &*format!("amount,g\n{rows}"))]);
    everywhere(|place| {
        let lines = files.read("late.csv").join(&frame! { "g" => [0i64, 1, 2] }, on("g"));
        let sums = lines.group_by("g").agg(col("amount").sum().alias("all"));
        let error = lines.join(&sums, on("g")).collect().unwrap_err();
        assert_eq!((error.kind(), error.line(), error.column()), (ErrorKind::BadValue, Some(1502), Some("amount")), "{place}");
        assert_eq!(error.file(), Some(&*files.path("late.csv")), "{place}");
    });
}

#[test]
fn where_memory_is_short_the_rows_are_computed_again() {
    // The joined rows are several times what may be kept; of the groups there are six.
    let query = |frame: &DFrame| {
        let means = frame.group_by("g").agg(col("x").mean().alias("mean"));
        frame
            .join(&means, on("g").broadcast(true))
            .filter(col("x").cast("f64").lt(col("mean")))
            .agg((col("x").sum(), count().alias("rows")))
    };
    let rows = 400_000;
    let mut of_groups = [(0i64, 0i64); 6];
    expected(rows).for_each(|(x, g, _)| of_groups[g as usize] = (of_groups[g as usize].0 + x, of_groups[g as usize].1 + 1));
    let mean = |g: i64| of_groups[g as usize].0 as f64 / of_groups[g as usize].1 as f64;
    let wanted: Vec<i64> = expected(rows).filter(|(x, g, _)| (*x as f64) < mean(*g)).map(|(x, ..)| x).collect();
    for (limit, parts) in [("16MiB", 1), ("16MiB", 4), ("64MiB", 4)] {
        let client = Client::builder().threads(2).set("execution.exchange", "pipe").memory_limit(limit).detached().local().unwrap();
        let _entered = client.enter();
        let answer = query(&joined(rows, parts)).collect().unwrap();
        let answer = (answer.value::<i64>(0, "x").unwrap(), answer.value::<i64>(0, "rows").unwrap());
        assert_eq!(answer, (wanted.iter().sum::<i64>(), wanted.len() as i64), "{limit} {parts}");
    }
}

/// The rows of a frame, sorted.
fn sorted(frame: &Frame) -> Vec<(i64, i64, i64)> {
    let column = |name: &str| frame.column::<i64>(name).unwrap();
    let mut rows: Vec<_> = column("x").into_iter().zip(column("g")).zip(column("w")).map(|((x, g), w)| (x, g, w)).collect();
    rows.sort_unstable();
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn batches_of_any_size_come_to_every_reader(rows in 0i64..300, parts in 1i64..5, batch_rows in 1usize..70, uses in 2usize..5) {
        for exchange in ["pipe", "store"] {
            let client = Client::builder().threads(2).set("execution.exchange", exchange).set("frame.batch_rows", batch_rows.to_string());
            let client = client.detached().local().unwrap();
            let _entered = client.enter();
            let one = joined(rows, parts);
            let mut all = DFrame::concat(&vec![&one; uses], How::ByName);
            for _ in 0..uses {
                all = all.join(&one.select("x"), on("x").semi());
            }
            let mut expected: Vec<_> = expected(rows).flat_map(|row| vec![row; uses]).collect();
            expected.sort_unstable();
            prop_assert_eq!(sorted(&all.collect().unwrap()), expected);
        }
    }
}
