//! Neighbours, running totals, fills and ranks, against loops over sorted vectors.

use super::{
    everywhere,
    measures::{Row, as_written, close, groups, plain, rows, spread, xs},
};
use chrono::{NaiveDate, TimeDelta};
use stratal_core::Client;
use stratal_frame::{Expr, Window, col, cume_dist, dense_rank, frame, ntile, percent_rank, rank, row_number};

/// A float for the row at a place among sorted rows, computed both ways.
type Figure = (Expr, fn(&[&Row], usize) -> Option<f64>);

fn figure(expr: Expr, plain: fn(&[&Row], usize) -> Option<f64>) -> Figure {
    (expr, plain)
}

fn before(rows: &[&Row], at: usize, by: usize) -> Option<f64> {
    at.checked_sub(by).and_then(|at| rows[at].x)
}

fn after(rows: &[&Row], at: usize, by: usize) -> Option<f64> {
    rows.get(at + by).and_then(|row| row.x)
}

fn figures() -> Vec<Figure> {
    let (x, n) = (col("x"), col("n"));
    vec![
        figure(x.lag(0), |rows, at| rows[at].x),
        figure(x.lag(1), |rows, at| before(rows, at, 1)),
        figure(x.lag(3), |rows, at| before(rows, at, 3)),
        figure(x.lag(-2), |rows, at| after(rows, at, 2)),
        figure(x.lead(1), |rows, at| after(rows, at, 1)),
        figure(x.lead(1_000), |_, _| None),
        figure(x.lead(-1), |rows, at| before(rows, at, 1)),
        figure(x.diff(1), |rows, at| Some(rows[at].x? - before(rows, at, 1)?)),
        figure(n.diff(2).cast("f64"), |rows, at| Some((rows[at].n? - rows[at.checked_sub(2)?].n?) as f64)),
        figure(x.pct_change(1), |rows, at| Some(rows[at].x? / before(rows, at, 1)? - 1.0)),
        figure(x.cum_sum(), |rows, at| plain::sum(&xs(&rows[..=at]))),
        figure(n.cum_sum().cast("f64"), |rows, at| {
            plain::sum(&rows[..=at].iter().filter_map(|row| row.n.map(|n| n as f64)).collect::<Vec<_>>())
        }),
        figure(x.cum_min(), |rows, at| xs(&rows[..=at]).into_iter().min_by(f64::total_cmp)),
        figure(x.cum_max(), |rows, at| xs(&rows[..=at]).into_iter().max_by(f64::total_cmp)),
        figure(x.cum_count().cast("f64"), |rows, at| Some(xs(&rows[..=at]).len() as f64)),
        figure(x.forward_fill(), |rows, at| rows[..=at].iter().rev().find_map(|row| row.x)),
        figure(x.backward_fill(), |rows, at| rows[at..].iter().find_map(|row| row.x)),
        figure(row_number().cast("f64"), |_, at| Some((at + 1) as f64)),
        figure(x.first(), |rows, _| rows[0].x),
        figure(x.last(), |rows, _| rows[rows.len() - 1].x),
        figure(x.collect_list().list().get(0), |rows, _| rows[0].x),
    ]
}

#[test]
fn what_needs_an_order_takes_that_of_its_window() {
    everywhere(|place| {
        for (seed, length, parts, by_key, descending) in
            [(1, 80, 1, true, false), (2, 80, 3, true, true), (3, 80, 7, true, false), (4, 40, 3, false, false), (5, 9, 7, false, true)]
        {
            let rows = rows(seed, length);
            let key = if descending { col("u").desc() } else { col("u").asc() };
            let window = if by_key { Window::by("k").order_by(key) } else { Window::ordered(key) };
            let figures = figures();
            let named = figures.iter().enumerate().map(|(nth, (expr, _))| expr.over(&window).alias(format!("f{nth}")));
            let query = spread(&rows, parts).with_columns(named.collect::<Vec<Expr>>());
            let mut sorted: Vec<Vec<&Row>> = if by_key { groups(&rows).into_values().collect() } else { vec![rows.iter().collect()] };
            sorted.iter_mut().for_each(|part| part.sort_by_key(|row| if descending { -row.u } else { row.u }));
            for answer in [query.clone(), as_written(&query, "with-column")] {
                let answer = answer.sort("id").collect().unwrap();
                assert_eq!(answer.len(), length, "{place}");
                for (nth, (expr, plain)) in figures.iter().enumerate() {
                    let found = answer.column::<Option<f64>>(&format!("f{nth}")).unwrap();
                    for part in &sorted {
                        for (at, row) in part.iter().enumerate() {
                            let (found, expected) = (found[row.id as usize], plain(part, at));
                            assert!(
                                close(found, expected),
                                "{expr:?} {window:?} {place} {parts} {row:?}: {found:?}, expected {expected:?}"
                            );
                        }
                    }
                }
            }
        }
    });
}

#[test]
fn ranks_count_the_rows_before_and_their_equals() {
    everywhere(|place| {
        for parts in [1, 3, 7] {
            let rows = rows(6, 90);
            let w = Window::by("k").order_by("day");
            let query = spread(&rows, parts).with_columns([
                rank().over(&w).alias("rank"),
                dense_rank().over(&w).alias("dense_rank"),
                percent_rank().over(&w).alias("percent_rank"),
                cume_dist().over(&w).alias("cume_dist"),
                row_number().over(&w).alias("row_number"),
                ntile(4).over(w.order_by(("day", "u"))).alias("tile"),
            ]);
            let answer = query.sort("id").collect().unwrap();
            let numbers = |name: &str| answer.column::<i64>(name).unwrap();
            let (ranks, dense, numbered, tiles) = (numbers("rank"), numbers("dense_rank"), numbers("row_number"), numbers("tile"));
            let shares = |name: &str| answer.column::<f64>(name).unwrap();
            let (percents, dists) = (shares("percent_rank"), shares("cume_dist"));
            // Nulls come last.
            let key = |row: &Row| (row.day.is_none(), row.day);
            for part in groups(&rows).values() {
                for row in part {
                    let (at, context) = (row.id as usize, format!("{place} {parts} {row:?}"));
                    let before = part.iter().filter(|other| key(other) < key(row)).count();
                    let equal = part.iter().filter(|other| key(other) == key(row)).count();
                    let mut values: Vec<_> = part.iter().map(|other| key(other)).filter(|other| *other < key(row)).collect();
                    values.sort_unstable();
                    values.dedup();
                    assert_eq!((ranks[at], dense[at]), (before as i64 + 1, values.len() as i64 + 1), "{context}");
                    assert!((before as i64 + 1..=(before + equal) as i64).contains(&numbered[at]), "{context}: {}", numbered[at]);
                    let others = part.len() - 1;
                    let percent = if others > 0 { before as f64 / others as f64 } else { 0.0 };
                    assert!(close(Some(percents[at]), Some(percent)), "{context}: {}", percents[at]);
                    assert!(close(Some(dists[at]), Some((before + equal) as f64 / part.len() as f64)), "{context}: {}", dists[at]);
                    let place_of_row = part.iter().filter(|other| (key(other), other.u) < (key(row), row.u)).count();
                    let sizes: Vec<usize> = (0..4).map(|tile| part.len() / 4 + usize::from(tile < part.len() % 4)).collect();
                    let tile = (1..=4).find(|tile| place_of_row < sizes[..*tile].iter().sum::<usize>()).unwrap();
                    assert_eq!(tiles[at], tile as i64, "{context}");
                }
                let mut all: Vec<i64> = part.iter().map(|row| numbered[row.id as usize]).collect();
                all.sort_unstable();
                assert_eq!(all, (1..=part.len() as i64).collect::<Vec<_>>(), "{place} {parts}");
            }
        }
    });
}

#[test]
fn one_order_is_the_other_backwards() {
    everywhere(|place| {
        let (up, down) = (Window::by("k").order_by("u"), Window::by("k").order_by(col("u").desc()));
        let df = spread(&rows(7, 60), 3).with_columns([
            col("s").lag(1).over(&up).alias("lag"),
            col("s").lead(1).over(&down).alias("lead"),
            col("s").forward_fill().over(&up).alias("forward"),
            col("s").backward_fill().over(&down).alias("backward"),
        ]);
        let answer = df.collect().unwrap();
        let text = |name: &str| answer.column::<Option<String>>(name).unwrap();
        assert_eq!(text("lag"), text("lead"), "{place}");
        assert_eq!(text("forward"), text("backward"), "{place}");
        assert_ne!(text("lag"), text("forward"), "{place}");
        assert_eq!(text("lag").len(), 60, "{place}");
    });
}

#[test]
fn differences_have_the_type_that_holds_them() {
    everywhere(|place| {
        let day = |day: u32| NaiveDate::from_ymd_opt(2024, 3, day).unwrap();
        let df = frame! {
            "t" => [1i64, 2, 3],
            "u" => [7u8, 2, 250],
            "day" => [day(1), day(4), day(2)],
            "at" => [day(1), day(4), day(2)].map(|day| day.and_hms_opt(0, 0, 0).unwrap()),
        };
        let w = Window::ordered("t");
        let answer = df.with_client(&Client::current()).with_columns(["u", "day", "at"].map(|name| col(name).diff(1).over(&w)));
        let answer = answer.sort("t").collect().unwrap();
        assert_eq!(answer.column::<Option<i64>>("u").unwrap(), [None, Some(-5), Some(248)], "{place}");
        assert_eq!(answer.column::<Option<i64>>("day").unwrap(), [None, Some(3), Some(-2)], "{place}");
        let spans = [None, Some(TimeDelta::days(3)), Some(TimeDelta::days(-2))];
        assert_eq!(answer.column::<Option<TimeDelta>>("at").unwrap(), spans, "{place}");
    });
}

#[test]
fn a_shift_by_any_number_stays_in_the_partition() {
    everywhere(|place| {
        let w = Window::ordered("x");
        let far = [i64::MAX, i64::MIN, 3, -3].map(|rows| col("x").lag(rows).over(&w).alias(format!("{rows}")));
        let answer = frame! { "x" => [1i64, 2, 3] }.with_client(&Client::current()).select(far).collect().unwrap();
        for name in answer.columns() {
            assert_eq!(answer.column::<Option<i64>>(name).unwrap(), [None; 3], "{place} {name}");
        }
    });
}
