//! Aggregates over windows, against the same over the rows that each row looks at, found one by one.

use super::{
    everywhere,
    measures::{Figure, Row, as_written, close, figures, rows, spread},
};
use arrow_array::{ArrayRef, RecordBatch, TimestampMillisecondArray};
use chrono::{Duration, NaiveDate, NaiveDateTime};
use std::{ops::Bound, sync::Arc};
use stratal_core::Client;
use stratal_frame::{DFrame, Expr, Window, col, count, frame};

/// How far a row looks.
#[derive(Clone, Copy, Debug)]
enum Look {
    /// At all rows, in the order of rows.
    All,
    /// From so many rows after it to so many, in the order of `u` or against it.
    Rows { start: Option<i64>, end: Option<i64>, descending: bool },
    /// At rows of less than so many days before it.
    Days(i32),
}

fn look(start: Option<i64>, end: Option<i64>) -> Look {
    Look::Rows { start, end, descending: false }
}

fn window(by_key: bool, look: Look) -> Window {
    let whole = if by_key { Window::by("k") } else { Window::all() };
    let bound = |row: Option<i64>| row.map_or(Bound::Unbounded, Bound::Included);
    match look {
        Look::All => whole,
        Look::Rows { start, end, descending: false } => whole.order_by("u").rows((bound(start), bound(end))),
        Look::Rows { start, end, descending: true } => whole.order_by(col("u").desc()).rows((bound(start), bound(end))),
        Look::Days(days) => whole.order_by("day").trailing(format!("{days}d")),
    }
}

/// The rows that each row looks at, in their order.
fn frames(rows: &[Row], by_key: bool, look: Look) -> Vec<Vec<&Row>> {
    let frame = |row: &Row| -> Vec<&Row> {
        let mut part: Vec<&Row> = rows.iter().filter(|other| !by_key || other.k == row.k).collect();
        match look {
            Look::All => part,
            Look::Rows { start, end, descending } => {
                part.sort_by_key(|row| if descending { -row.u } else { row.u });
                let own = part.iter().position(|other| other.id == row.id).unwrap() as i64;
                let is_in = |at: i64| start.is_none_or(|start| at >= own + start) && end.is_none_or(|end| at <= own + end);
                part.into_iter().enumerate().filter(|(at, _)| is_in(*at as i64)).map(|(_, row)| row).collect()
            }
            Look::Days(days) => {
                part.retain(|other| match (row.day, other.day) {
                    (Some(own), Some(other)) => own - days < other && other <= own,
                    (own, other) => own == other,
                });
                part
            }
        }
    };
    rows.iter().map(frame).collect()
}

#[test]
fn aggregates_see_the_rows_of_their_frame() {
    let looks = [
        (Look::All, 1),
        (look(None, None), 1),
        (look(None, Some(0)), 1),
        (look(Some(-2), Some(0)), 1),
        (look(Some(-2), Some(0)), 3),
        (look(Some(-1), Some(1)), 2),
        (look(Some(1), None), 1),
        (look(None, Some(-1)), 1),
        (look(Some(2), Some(3)), 1),
        (Look::Rows { start: Some(-3), end: Some(0), descending: true }, 1),
        (Look::Days(1), 1),
        (Look::Days(7), 1),
        (Look::Days(30), 4),
    ];
    everywhere(|place| {
        for (nth, (look, min_rows)) in looks.into_iter().enumerate() {
            for by_key in [true, false] {
                let parts = [1, 3, 7][(nth + usize::from(by_key)) % 3];
                check(nth as u64, parts, by_key, look, min_rows, place);
            }
        }
    });
}

fn check(seed: u64, parts: usize, by_key: bool, look: Look, min_rows: usize, place: &str) {
    let rows = rows(seed, 70);
    let window = window(by_key, look).min_rows(min_rows);
    // Which row of a day is the first is not promised.
    let is_known =
        |expr: &Expr| !matches!(look, Look::Days(_)) || !["first(", "last("].iter().any(|name| format!("{expr:?}").starts_with(name));
    let figures: Vec<Figure> = figures().into_iter().filter(|(expr, _)| is_known(expr)).collect();
    let named = figures.iter().enumerate().map(|(nth, (expr, _))| expr.over(&window).alias(format!("f{nth}")));
    let query = spread(&rows, parts).with_columns(named.collect::<Vec<Expr>>());
    let mut answers = vec![query.clone()];
    if parts == 3 {
        answers.push(as_written(&query, "with-column"));
    }
    let frames = frames(&rows, by_key, look);
    for answer in answers {
        let answer = answer.sort("id").collect().unwrap();
        assert_eq!(answer.len(), rows.len(), "{place} {window:?}");
        for (nth, (expr, plain)) in figures.iter().enumerate() {
            let found = answer.column::<Option<f64>>(&format!("f{nth}")).unwrap();
            for ((row, frame), found) in rows.iter().zip(&frames).zip(found) {
                let expected = if min_rows > 1 && frame.len() < min_rows { None } else { plain(frame) };
                assert!(close(found, expected), "{expr:?} {window:?} {place} {parts} {row:?}: {found:?}, expected {expected:?}");
            }
        }
    }
}

#[test]
fn a_frame_is_written_in_several_ways() {
    everywhere(|place| {
        let df = spread(&rows(31, 50), 3);
        let w = Window::by("k").order_by("u");
        let x = col("x");
        let sums = df.with_columns([
            x.sum().over(w.trailing(3)).alias("trailing"),
            x.sum().over(w.rows(-2..=0)).alias("rows"),
            x.sum().over(w.rows(-2..1)).alias("half_open"),
            x.sum().over(w.centered(4)).alias("centered"),
            x.sum().over(w.rows(-2..2)).alias("around"),
            x.sum().over("k").alias("whole"),
            x.sum().over(["k"]).alias("of_array"),
            x.sum().over(col("k")).alias("of_expr"),
            x.sum().over((col("k"),)).alias("of_tuple"),
            x.sum().over(w.rows(..)).alias("unbounded"),
            x.sum().over(&w).alias("ordered"),
        ]);
        let sums = sums.collect().unwrap();
        let column = |name: &str| sums.column::<Option<f64>>(name).unwrap();
        assert_eq!((column("trailing"), column("trailing")), (column("rows"), column("half_open")), "{place}");
        assert_eq!(column("centered"), column("around"), "{place}");
        for name in ["of_array", "of_expr", "of_tuple", "unbounded", "ordered"] {
            assert_eq!(column("whole"), column(name), "{place} {name}");
        }
        assert_ne!(column("whole"), column("rows"), "{place}");
    });
}

/// Texts, counts and lists of the rows that each row looks at.
#[test]
fn windows_take_values_that_are_no_numbers() {
    everywhere(|place| {
        for parts in [1, 3, 7] {
            let rows = rows(41, 60);
            let w = Window::by("k").order_by("u").rows(-2..=1);
            let query = spread(&rows, parts).with_columns([
                col("s").min().over(&w).alias("min"),
                col("s").max().over(&w).alias("max"),
                col("s").last().over(&w).alias("last"),
                col("s").n_unique().over(&w).cast("str").alias("n_texts"),
                col("b").any().over(&w).cast("str").alias("any"),
                col("b").all().over(&w).cast("str").alias("all"),
                col("day").max().over(&w).cast("str").alias("last_day"),
            ]);
            let lists = query.with_column("list", col("n").collect_list().filter(col("b")).over(&w));
            let answer = lists.sort("id").collect().unwrap();
            for (at, frame) in frames(&rows, true, look(Some(-2), Some(1))).into_iter().enumerate() {
                let context = format!("{place} {parts} {at}");
                let text = |name: &str| answer.value::<Option<String>>(at, name).unwrap();
                let mut texts: Vec<String> = frame.iter().filter_map(|row| row.s.clone()).collect();
                texts.sort_unstable();
                texts.dedup();
                let truths: Vec<bool> = frame.iter().filter_map(|row| row.b).collect();
                assert_eq!((text("min"), text("max")), (texts.first().cloned(), texts.last().cloned()), "{context}");
                assert_eq!(text("last"), frame[frame.len() - 1].s, "{context}");
                assert_eq!(text("n_texts"), Some(texts.len().to_string()), "{context}");
                assert_eq!(text("any"), (!truths.is_empty()).then(|| truths.contains(&true).to_string()), "{context}");
                assert_eq!(text("all"), (!truths.is_empty()).then(|| (!truths.contains(&false)).to_string()), "{context}");
                let day = frame.iter().filter_map(|row| row.day).max().map(|day| NaiveDate::default() + Duration::days(day.into()));
                assert_eq!(text("last_day"), day.map(|day| day.to_string()), "{context}");
                let list: Vec<Option<i64>> = frame.iter().filter(|row| row.b == Some(true)).map(|row| row.n).collect();
                let found = answer.value::<Option<Vec<Option<i64>>>>(at, "list").unwrap();
                assert_eq!(found, Some(list).filter(|list| !list.is_empty()), "{context}");
            }
        }
    });
}

#[test]
fn a_span_of_time_is_measured_in_the_unit_of_its_column() {
    everywhere(|place| {
        // Seconds and a half apart, in milliseconds.
        let times: ArrayRef =
            Arc::new(TimestampMillisecondArray::from(vec![Some(0), Some(500), Some(1_000), Some(1_500), Some(4_000), None]));
        let values: ArrayRef = Arc::new(arrow_array::Int64Array::from(vec![1, 2, 4, 8, 16, 32]));
        let batch = RecordBatch::try_from_iter_with_nullable([("t", times, true), ("x", values, true)]).unwrap();
        let df = DFrame::from_batches(batch.schema(), [batch]).with_client(&Client::current());
        let sums = |window: Window| {
            let sums = df.with_column("sum", col("x").sum().over(window)).sort("x").collect().unwrap();
            sums.column::<i64>("sum").unwrap()
        };
        let (up, down) = (Window::ordered("t"), Window::ordered(col("t").desc().nulls_first()));
        assert_eq!(sums(up.trailing("1s")), [1, 3, 6, 12, 16, 32], "{place}");
        assert_eq!(sums(up.trailing("1s1ms")), [1, 3, 7, 14, 16, 32], "{place}");
        // Less than a millisecond is a part of one.
        assert_eq!(sums(up.trailing("1us")), [1, 2, 4, 8, 16, 32], "{place}");
        assert_eq!(sums(up.trailing("1s1us")), [1, 3, 7, 14, 16, 32], "{place}");
        // Against time, a row looks at what is later.
        assert_eq!(sums(down.trailing("1s")), [3, 6, 12, 8, 16, 32], "{place}");
    });
}

#[test]
fn seven_days_are_the_day_and_six_before_it() {
    everywhere(|place| {
        let days: Vec<NaiveDate> = [1, 2, 7, 8, 8, 14].into_iter().map(|day| NaiveDate::from_ymd_opt(2024, 2, day).unwrap()).collect();
        let times: Vec<NaiveDateTime> = days.iter().map(|day| day.and_hms_opt(12, 0, 0).unwrap()).collect();
        let df = frame! { "day" => days, "at" => times, "v" => [1.0, 2.0, 4.0, 8.0, 16.0, 32.0] }.with_client(&Client::current());
        for key in ["day", "at"] {
            let w = Window::ordered(key);
            let sums = df
                .with_columns([col("v").sum().over(w.trailing("7d")).alias("sum"), count().over(w.trailing("7d").min_rows(3)).alias("n")]);
            let sums = sums.sort("v").collect().unwrap();
            assert_eq!(sums.column::<f64>("sum").unwrap(), [1.0, 3.0, 7.0, 30.0, 30.0, 56.0], "{place} {key}");
            assert_eq!(sums.column::<Option<i64>>("n").unwrap(), [None, None, Some(3), Some(4), Some(4), Some(3)], "{place} {key}");
        }
    });
}

/// Over all rows, a window gives what the aggregate of the frame gives, in the same type.
#[test]
fn a_window_over_all_rows_is_the_aggregate_of_the_frame() {
    everywhere(|place| {
        let at = |minute: u32| NaiveDate::from_ymd_opt(2024, 2, 29).unwrap().and_hms_opt(10, minute, 0).unwrap();
        let typed = frame! {
            "id" => [1i64, 2, 3, 4],
            "i" => [Some(7i8), None, Some(-3), Some(2)],
            "u" => [3u32, 5, 1, 2],
            "f" => [Some(1.5), Some(2.5), None, Some(-4.0)],
            "g" => [0.5f32, 1.5, 0.25, 4.0],
            "d" => [Some(1.0), None, Some(1.0), Some(1.02)],
            "s" => [Some("b"), None, Some("a"), Some("c")],
            "at" => [at(0), at(30), at(10), at(59)],
            "b" => [Some(true), None, Some(true), Some(false)],
        };
        let df = typed.with_client(&Client::current()).with_columns([
            col("d").cast("decimal(10, 2)"),
            (col("at") - col("at").min().over(Window::all())).alias("gap"),
            col("at").dt().date().alias("day"),
        ]);
        let mut aggregates: Vec<Expr> = Vec::new();
        for name in ["i", "u", "f", "g", "d", "s", "at", "b", "gap", "day"] {
            let value = col(name);
            aggregates.extend([value.min(), value.max(), value.first(), value.last(), value.count(), value.n_unique()]);
            aggregates.push(value.collect_list().order_by("id"));
        }
        for name in ["i", "u", "f", "g", "d"] {
            let value = col(name);
            aggregates.extend([value.sum(), value.mean(), value.median(), value.quantile(0.25), value.product(), value.approx_n_unique()]);
        }
        aggregates.extend([col("gap").sum(), col("gap").mean(), col("b").any(), col("b").all(), col("f").sum().filter(col("b"))]);
        let named = |of: &dyn Fn(&Expr) -> Expr| -> Vec<Expr> {
            aggregates.iter().enumerate().map(|(nth, aggregate)| of(aggregate).alias(format!("c{nth}"))).collect()
        };
        let whole = df.agg(named(&|aggregate| aggregate.clone())).collect().unwrap();
        let windows = df.select(named(&|aggregate| aggregate.over(Window::all()))).collect().unwrap();
        assert_eq!(windows.len(), 4, "{place}");
        for row in 0..4 {
            assert!(windows.slice(row..row + 1).equals(&whole), "{place} {row}: {}\n{whole}", windows.slice(row..row + 1));
        }
    });
}

#[test]
fn rows_keep_their_order_under_a_window_over_all_of_them() {
    everywhere(|place| {
        for parts in [1, 3, 7] {
            let rows = rows(51, 100);
            let df = spread(&rows, parts).with_column("n", count().over(Window::all()));
            let answer = df.collect().unwrap();
            assert_eq!(answer.column::<i64>("id").unwrap(), (0..100).collect::<Vec<i64>>(), "{place} {parts}");
            assert_eq!(answer.column::<i64>("n").unwrap(), [100; 100], "{place} {parts}");
            let head = df.filter(col("id").gt(10)).head(2).collect().unwrap();
            assert_eq!(
                (head.column::<i64>("id").unwrap(), head.column::<i64>("n").unwrap()),
                (vec![11, 12], vec![100, 100]),
                "{place} {parts}"
            );
        }
    });
}

#[test]
fn a_window_may_have_no_rows_and_one() {
    everywhere(|place| {
        for parts in [1, 3] {
            for length in [0, 1] {
                let rows = rows(61, length);
                let w = Window::by("k").order_by("u");
                let df = spread(&rows, parts).with_columns([
                    col("id").sum().over("k").alias("sum"),
                    col("id").lag(1).over(&w).alias("lag"),
                    col("id").var().over(Window::all()).alias("var"),
                    col("id").median().over(w.trailing(5)).alias("median"),
                ]);
                let answer = df.collect().unwrap();
                assert_eq!(answer.column::<i64>("sum").unwrap(), vec![0; length], "{place} {parts}");
                assert_eq!(answer.column::<Option<i64>>("lag").unwrap(), vec![None; length], "{place} {parts}");
                assert_eq!(answer.column::<Option<f64>>("var").unwrap(), vec![None; length], "{place} {parts}");
                assert_eq!(answer.column::<f64>("median").unwrap(), vec![0.0; length], "{place} {parts}");
            }
        }
    });
}
