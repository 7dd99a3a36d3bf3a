//! `random()`: a condition with it is asked of the rows that it stands above, and every row draws once.

use super::{everywhere, map_partitions::numbers};
use std::collections::BTreeMap;
use stratal_frame::{
    AsofOptions, DFrame, Expr, Frame, Window, call, col, count, frame, left_col, on, on_expr, right_col, row_number, sql_expr,
};

fn random() -> Expr {
    call("random", ())
}

fn half() -> Expr {
    random().lt(0.5)
}

fn x(frame: &DFrame) -> Vec<i64> {
    frame.collect().unwrap().column("x").unwrap()
}

/// Whether it is about a half, within six standard deviations.
fn is_half(taken: usize, all: usize) -> bool {
    (taken as f64 - all as f64 / 2.0).abs() < 6.0 * (all as f64 / 4.0).sqrt()
}

/// How often each value is there.
fn times(values: Vec<i64>) -> BTreeMap<i64, usize> {
    values.into_iter().fold(BTreeMap::new(), |mut times, value| {
        *times.entry(value).or_default() += 1;
        times
    })
}

/// Groups of ten rows each, by `g` from 0 to 99.
fn tens(parts: i64) -> DFrame {
    numbers(1000, parts).with_column("g", col("x") % 100)
}

#[test]
fn a_condition_takes_of_the_last_rows_and_not_the_last_of_those_that_it_takes() {
    everywhere(|place| {
        for parts in [1, 4] {
            let taken = x(&numbers(1000, parts).tail(200).filter(half()));
            assert!(is_half(taken.len(), 200) && taken.iter().all(|x| *x >= 800), "{place} {parts}: {taken:?}");
            // One that is sure is asked below, and of what it lets through.
            let taken = x(&numbers(1000, parts).filter(half() & col("x").lt(400)));
            assert!(is_half(taken.len(), 400) && taken.iter().all(|x| *x < 400), "{place} {parts}: {taken:?}");
            let taken = x(&numbers(1000, parts).filter(half()).filter(half()).filter(col("x").lt(800)));
            assert!(is_half(taken.len(), 400), "{place} {parts}: {}", taken.len());
        }
    });
}

#[test]
fn rows_beside_rows_are_taken_together() {
    everywhere(|place| {
        for parts in [1, 3] {
            let beside = numbers(500, parts).select("x").hstack(&numbers(500, 2).select(col("x").alias("y"))).filter(half());
            let frame = beside.collect().unwrap();
            assert_eq!(frame.column::<i64>("x").unwrap(), frame.column::<i64>("y").unwrap(), "{place} {parts}");
            assert!(is_half(frame.len(), 500), "{place} {parts}: {}", frame.len());
        }
    });
}

#[test]
fn what_windows_groups_and_joins_in_time_saw_is_all_rows() {
    everywhere(|place| {
        for parts in [1, 4] {
            let numbered = tens(parts).with_column("n", row_number().over(Window::by("g").order_by("x"))).filter(half());
            let frame = numbered.collect().unwrap();
            let expected: Vec<i64> = frame.column::<i64>("x").unwrap().into_iter().map(|x| x / 100 + 1).collect();
            assert_eq!(frame.column::<i64>("n").unwrap(), expected, "{place} {parts}");
            assert!(is_half(frame.len(), 1000), "{place} {parts}: {}", frame.len());

            let counted = tens(parts).group_by("g").agg(count().alias("n")).filter(half()).collect().unwrap();
            assert!(is_half(counted.len(), 100), "{place} {parts}: {}", counted.len());
            assert!(counted.column::<i64>("n").unwrap().into_iter().all(|n| n == 10), "{place} {parts}: {counted}");

            let first = x(&tens(parts).group_by("g").top(1, "x").filter(half()));
            assert!(is_half(first.len(), 100) && first.iter().all(|x| *x < 100), "{place} {parts}: {first:?}");

            // At the time of each row but the last there is one on the right.
            let before = numbers(1000, 2).select(((col("x") - 1).alias("x"), (col("x") - 1).alias("y")));
            let near = numbers(1000, parts).select("x").join_asof(&before, AsofOptions::on("x")).filter(half()).collect().unwrap();
            let of_last = |x: i64| if x == 999 { 998 } else { x };
            let expected: Vec<i64> = near.column::<i64>("x").unwrap().into_iter().map(of_last).collect();
            assert_eq!(near.column::<i64>("y").unwrap(), expected, "{place} {parts}");
            assert!(is_half(near.len(), 1000), "{place} {parts}: {}", near.len());
        }
    });
}

#[test]
fn a_condition_on_pairs_is_asked_of_each_pair() {
    everywhere(|place| {
        for parts in [1, 3] {
            // Two rows of the right for each of the left.
            let (left, right) =
                (numbers(400, parts).select("x"), numbers(800, 4).select(((col("x") % 400).alias("x"), col("x").alias("y"))));
            for (way, pairs) in [
                ("above", left.join(&right, on("x")).filter(half())),
                ("in it", left.join(&right, on_expr(left_col("x").eq(right_col("x")).and(half())))),
            ] {
                let times = times(x(&pairs));
                let (all, once) = (times.values().sum::<usize>(), times.values().filter(|times| **times == 1).count());
                assert!(is_half(all, 800), "{place} {parts} {way}: {all}");
                assert!(is_half(once, 400), "{place} {parts} {way}: {once} rows have one of their two pairs");
            }
        }
    });
}

#[test]
fn a_row_draws_once_however_often_it_is_read() {
    everywhere(|place| {
        for parts in [1, 4] {
            let drawn = numbers(1000, parts).with_column("r", random());
            let twice = drawn.with_columns([(col("r") * 2).alias("a"), (col("r") * 2).alias("b")]).filter(col("r").lt(0.5)).sort("r");
            let frame = twice.collect().unwrap();
            let [r, a, b] = ["r", "a", "b"].map(|name| frame.column::<f64>(name).unwrap());
            assert!(is_half(frame.len(), 1000) && r.iter().all(|r| *r < 0.5), "{place} {parts}");
            assert!(r.windows(2).all(|pair| pair[0] <= pair[1]), "{place} {parts}");
            assert_eq!(a, b, "{place} {parts}");
            assert_eq!(a, r.iter().map(|r| r * 2.0).collect::<Vec<_>>(), "{place} {parts}");

            let sides = numbers(1000, parts).group_by(call("floor", random() * 2).alias("g")).agg(count().alias("n"));
            let one = sides.filter(col("g").eq(0.0)).collect().unwrap();
            assert_eq!(one.column::<f64>("g").unwrap(), [0.0], "{place} {parts}");
            assert!(is_half(one.value::<i64>(0, "n").unwrap() as usize, 1000), "{place} {parts}: {one}");

            let shuffled = x(&numbers(1000, parts).sort(random()));
            assert_eq!(times(shuffled.clone()), (0..1000).map(|x| (x, 1)).collect::<BTreeMap<_, _>>(), "{place} {parts}");
            assert_ne!(shuffled, (0..1000).collect::<Vec<_>>(), "{place} {parts}");
        }
    });
}

#[test]
fn sql_asks_where_it_stands_too() {
    everywhere(|place| {
        for parts in [1, 4] {
            let rows = numbers(1000, parts);
            let run = |query: &str| -> Frame { DFrame::sql(query, [("t", &rows)]).collect().unwrap() };
            let groups = run("SELECT x % 100 AS g, count(*) AS n FROM t GROUP BY x % 100 HAVING random() < 0.5");
            assert!(is_half(groups.len(), 100), "{place} {parts}: {}", groups.len());
            assert!(groups.column::<i64>("n").unwrap().into_iter().all(|n| n == 10), "{place} {parts}: {groups}");
            let listed = run("SELECT x FROM t WHERE random() < 0.5 AND x IN (SELECT x + 500 FROM t)");
            let listed = listed.column::<i64>("x").unwrap();
            assert!(is_half(listed.len(), 500) && listed.iter().all(|x| *x >= 500), "{place} {parts}: {listed:?}");
            let inside = run("SELECT x FROM t WHERE x IN (SELECT x FROM t WHERE random() < 0.5) ORDER BY random()");
            assert!(is_half(inside.len(), 1000), "{place} {parts}: {}", inside.len());
        }
    });
}

#[test]
fn an_expression_of_sql_is_one_like_any_other() {
    let rows = frame! { "x" => (0..100i64).collect::<Vec<_>>() };
    let taken = x(&rows.tail(50).filter(sql_expr("random() < 0.5")));
    assert!(is_half(taken.len(), 50) && taken.iter().all(|x| *x >= 50), "{taken:?}");
}
