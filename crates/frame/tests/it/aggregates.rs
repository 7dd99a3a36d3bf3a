//! Aggregates against answers computed in plain Rust, over partitions with nulls and without rows.

use super::{
    everywhere,
    measures::{Figure, as_written, close, figure, figures, groups, plain, rows, spread, xs},
};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use std::sync::Arc;
use stratal_core::{Client, ErrorKind};
use stratal_frame::{DFrame, Expr, Frame, col, corr, count, cov, frame};

/// Sorted by key, nulls first as in a `BTreeMap`.
fn sorted(frame: &DFrame) -> Frame {
    frame.sort(col("k").asc().nulls_first()).collect().unwrap()
}

/// Figures that windows do not have.
fn figures_of_groups() -> Vec<Figure> {
    let x = col("x");
    vec![
        figure(x.first().order_by(col("id").desc()), |rows| rows[rows.len() - 1].x),
        figure(x.last().order_by(col("id").desc()), |rows| rows[0].x),
        figure(x.first().order_by("u"), |rows| rows.iter().min_by_key(|row| row.u).and_then(|row| row.x)),
        figure(x.sum().distinct(), |rows| plain::sum(&plain::distinct(&xs(rows)))),
        figure(x.mean().distinct(), |rows| plain::mean(&plain::distinct(&xs(rows)))),
        figure(x.var().distinct(), |rows| plain::var(&plain::distinct(&xs(rows)))),
    ]
}

#[test]
fn floats_are_aggregated_by_group_as_plain_rust_does() {
    everywhere(|place| {
        for (seed, length, parts) in [(1, 200, 1), (2, 200, 3), (3, 150, 7), (4, 9, 7), (5, 1, 3)] {
            let rows = rows(seed, length);
            let figures: Vec<Figure> = figures().into_iter().chain(figures_of_groups()).collect();
            let named = figures.iter().enumerate().map(|(nth, (expr, _))| expr.alias(format!("f{nth}")));
            let query = spread(&rows, parts).group_by("k").agg(named.collect::<Vec<Expr>>());
            let (answer, written) = (sorted(&query), sorted(&as_written(&query, "group-by")));
            let groups = groups(&rows);
            assert_eq!(answer.column::<Option<i64>>("k").unwrap(), groups.keys().copied().collect::<Vec<_>>(), "{place} {parts}");
            for (nth, (expr, plain)) in figures.iter().enumerate() {
                let expected: Vec<Option<f64>> = groups.values().map(|rows| plain(rows)).collect();
                for frame in [&answer, &written] {
                    let found = frame.column::<Option<f64>>(&format!("f{nth}")).unwrap();
                    let same = found.len() == expected.len() && found.iter().zip(&expected).all(|(one, two)| close(*one, *two));
                    assert!(same, "{expr:?} {place} {seed} {parts}: {found:?}, expected {expected:?}");
                }
            }
        }
    });
}

#[test]
fn other_types_are_aggregated_by_group_as_plain_rust_does() {
    everywhere(|place| {
        for (seed, length, parts) in [(11, 200, 1), (12, 200, 3), (13, 120, 7)] {
            let rows = rows(seed, length);
            let query = spread(&rows, parts).group_by("k").agg([
                count(),
                count().filter(col("n").is_null()).alias("missing"),
                col("n").count().alias("n_count"),
                col("n").n_unique().alias("n_unique"),
                col("n").count().distinct().alias("n_distinct"),
                col("n").approx_n_unique().alias("n_about"),
                col("n").sum().alias("n_sum"),
                col("n").product().alias("n_product"),
                col("s").min().alias("s_min"),
                col("s").max().alias("s_max"),
                col("s").last().alias("s_last"),
                col("s").n_unique().filter(col("b")).alias("s_unique"),
                col("b").any().alias("any"),
                col("b").all().alias("all"),
                col("id").collect_list().order_by(col("id").desc()).alias("ids"),
                col("n").collect_list().order_by("id").filter(col("n").gt(0)).alias("ns"),
            ]);
            let (answer, written) = (sorted(&query), sorted(&as_written(&query, "group-by")));
            assert!(answer.equals(&written), "{place} {parts}: {answer}\n{written}");
            for (at, group) in groups(&rows).values().enumerate() {
                let context = format!("{place} {seed} {parts} {at}");
                let ns: Vec<i64> = group.iter().filter_map(|row| row.n).collect();
                let mut different = ns.clone();
                different.sort_unstable();
                different.dedup();
                let number = |name: &str| answer.value::<Option<i64>>(at, name).unwrap();
                assert_eq!(number("count"), Some(group.len() as i64), "{context}");
                assert_eq!(number("missing"), Some((group.len() - ns.len()) as i64), "{context}");
                assert_eq!(number("n_count"), Some(ns.len() as i64), "{context}");
                for name in ["n_unique", "n_distinct", "n_about"] {
                    assert_eq!(number(name), Some(different.len() as i64), "{name} {context}");
                }
                assert_eq!(number("n_sum"), ns.iter().copied().reduce(|one, two| one + two), "{context}");
                assert_eq!(number("n_product"), ns.iter().copied().reduce(i64::wrapping_mul), "{context}");
                let text = |name: &str| answer.value::<Option<String>>(at, name).unwrap();
                let texts: Vec<String> = group.iter().filter_map(|row| row.s.clone()).collect();
                assert_eq!((text("s_min"), text("s_max")), (texts.iter().min().cloned(), texts.iter().max().cloned()), "{context}");
                assert_eq!(text("s_last"), group[group.len() - 1].s, "{context}");
                let mut true_texts: Vec<&String> =
                    group.iter().filter(|row| row.b == Some(true)).filter_map(|row| row.s.as_ref()).collect();
                true_texts.sort_unstable();
                true_texts.dedup();
                assert_eq!(number("s_unique"), Some(true_texts.len() as i64), "{context}");
                let truths: Vec<bool> = group.iter().filter_map(|row| row.b).collect();
                let truth = |name: &str| answer.value::<Option<bool>>(at, name).unwrap();
                assert_eq!(truth("any"), (!truths.is_empty()).then(|| truths.contains(&true)), "{context}");
                assert_eq!(truth("all"), (!truths.is_empty()).then(|| !truths.contains(&false)), "{context}");
                let mut ids: Vec<i64> = group.iter().map(|row| row.id).collect();
                ids.reverse();
                assert_eq!(answer.value::<Vec<i64>>(at, "ids").unwrap(), ids, "{context}");
                let positive: Vec<i64> = ns.iter().copied().filter(|n| *n > 0).collect();
                let list = answer.value::<Option<Vec<i64>>>(at, "ns").unwrap();
                assert_eq!(list, Some(positive).filter(|list| !list.is_empty()), "{context}");
            }
        }
    });
}

#[test]
fn quantiles_of_sorted_parts_are_those_of_the_whole() {
    everywhere(|place| {
        let batches: Vec<RecordBatch> = (0..10)
            .map(|part| {
                let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(part * 10 + 1..=part * 10 + 10));
                RecordBatch::try_from_iter([("x", numbers)]).unwrap()
            })
            .collect();
        let frame = DFrame::from_batches(batches[0].schema(), batches).with_client(&Client::current());
        let x = col("x");
        let query =
            frame.select((x.quantile(0.25).alias("a"), x.median().alias("b"), x.quantile(0.75).alias("c"), x.quantile(0.99).alias("d")));
        let answer = query.collect().unwrap();
        let value = |name: &str| answer.value::<f64>(0, name).unwrap();
        assert_eq!((value("a"), value("b"), value("c"), value("d")), (25.75, 50.5, 75.25, 99.01), "{place}");
        let about = frame.select(x.approx_quantile(0.5)).collect().unwrap().item::<f64>().unwrap();
        assert!((about - 50.5).abs() < 2.0, "{place} {about}");
        assert_eq!(frame! { "x" => [1i64, 2] }.select(col("x").median()).collect().unwrap().item::<f64>().unwrap(), 1.5, "{place}");
    });
}

#[test]
fn groups_without_a_value_are_null_and_of_one_kind_do_not_vary() {
    everywhere(|place| {
        let y: Vec<Option<f64>> = (0..15).map(|x| (x >= 10).then_some(1.0)).collect();
        let (k, x): (Vec<i64>, Vec<i64>) = (0..15).map(|x| (x / 5, x)).unzip();
        let frame = frame! { "k" => k, "x" => x, "y" => y }.with_client(&Client::current());
        let answer = frame.group_by("k").agg((col("y").mean(), col("y").var().alias("var"))).sort("k").collect().unwrap();
        assert_eq!(answer.column::<Option<f64>>("y").unwrap(), [None, None, Some(1.0)], "{place}");
        assert_eq!(answer.column::<Option<f64>>("var").unwrap(), [None, None, Some(0.0)], "{place}");
    });
}

#[test]
fn a_value_in_several_partitions_is_counted_once() {
    everywhere(|place| {
        let (k, v) = ("aaabbccccdddeee", "123111223323412");
        for parts in [1, 4, 15] {
            let batches: Vec<RecordBatch> = (0..parts)
                .map(|part| {
                    let of = |text: &str| {
                        text[15 * part / parts..15 * (part + 1) / parts].chars().map(|c| Some(c.to_string())).collect::<StringArray>()
                    };
                    let columns: [(&str, ArrayRef); 2] = [("k", Arc::new(of(k))), ("v", Arc::new(of(v)))];
                    RecordBatch::try_from_iter(columns).unwrap()
                })
                .collect();
            let frame = DFrame::from_batches(batches[0].schema(), batches).with_client(&Client::current());
            let answer =
                frame.group_by("k").agg((col("v").n_unique(), col("v").approx_n_unique().alias("about"))).sort("k").collect().unwrap();
            assert_eq!(answer.column::<i64>("v").unwrap(), [3, 1, 3, 2, 3], "{place} {parts}");
            assert_eq!(answer.column::<i64>("about").unwrap(), [3, 1, 3, 2, 3], "{place} {parts}");
        }
    });
}

#[test]
fn nan_is_the_largest_number_and_spreads() {
    everywhere(|place| {
        let frame = frame! { "x" => [1.0, f64::NAN, 3.0] }.with_client(&Client::current());
        let x = col("x");
        let answer =
            frame.select((x.min(), x.max().alias("max"), x.sum().alias("sum"), x.median().alias("median"), x.n_unique().alias("n")));
        let answer = answer.collect().unwrap();
        assert_eq!((answer.value::<f64>(0, "x").unwrap(), answer.value::<f64>(0, "median").unwrap()), (1.0, 3.0), "{place}");
        assert!(answer.value::<f64>(0, "max").unwrap().is_nan() && answer.value::<f64>(0, "sum").unwrap().is_nan(), "{place}");
        assert_eq!(answer.value::<i64>(0, "n").unwrap(), 3, "{place}");
    });
}

#[test]
fn the_first_and_the_last_row_are_those_of_the_partitions_in_order() {
    everywhere(|place| {
        for parts in [1, 3, 7] {
            let rows = rows(21, 80);
            let ends = |frame: &DFrame| {
                let ends = frame.select((col("id").first(), col("id").last().alias("last"))).collect().unwrap();
                (ends.value::<i64>(0, "id").unwrap(), ends.value::<i64>(0, "last").unwrap())
            };
            let frame = spread(&rows, parts);
            assert_eq!(ends(&frame), (0, 79), "{place} {parts}");
            assert_eq!(ends(&frame.sort(col("id").desc())), (79, 0), "{place} {parts}");
            assert_eq!(ends(&frame.filter(col("id").between(10, 70))), (10, 70), "{place} {parts}");
        }
        let nothing = spread(&[], 3).select((col("id").first(), col("x").median(), count())).collect().unwrap();
        assert_eq!(nothing.value::<Option<i64>>(0, "id").unwrap(), None, "{place}");
        assert_eq!(nothing.value::<Option<f64>>(0, "x").unwrap(), None, "{place}");
        assert_eq!(nothing.value::<i64>(0, "count").unwrap(), 0, "{place}");
    });
}

#[test]
fn what_an_aggregate_cannot_take_is_refused() {
    let rows = frame! { "k" => ["a"], "x" => [1i64], "b" => [true], "day" => [chrono::NaiveDate::default()] };
    let error = |expr: Expr| rows.agg(expr).check().unwrap_err();
    for (expr, message) in [
        (col("k").median(), "cannot take median(k) of str"),
        (col("b").product(), "cannot take product(b) of bool"),
        (col("day").mean(), "cannot take mean(day) of date"),
        (col("k").approx_quantile(0.5), "cannot take approx_quantile(k, 0.5) of str"),
        (corr("x", "k"), "cannot take corr(x, k) of str"),
        (cov("b", "x"), "cannot take cov(b, x) of bool"),
        (col("x").any(), "cannot take any(x) of i64"),
        (col("x").sum().filter(col("x")), "the filter of sum(x).filter(x) is i64, not bool: x"),
    ] {
        let error = error(expr);
        assert_eq!((error.kind(), error.message()), (ErrorKind::TypeMismatch, message));
        assert!(error.help().is_some(), "{error}");
    }
    assert_eq!(error(col("x").quantile(-0.1)).message(), "there is no quantile -0.1");
    assert_eq!(error(col("x").filter(col("b"))).message(), "filter(..) belongs to an aggregate, and x is none");
    let sorted_by_another = col("x").collect_list().distinct().order_by("k");
    assert_eq!(
        error(sorted_by_another).message(),
        "collect_list(x).distinct().order_by(k) has one row for several, and they are sorted by something else"
    );
    let mixed = rows.select(("k", col("x").sum())).check().unwrap_err();
    assert_eq!(mixed.message(), "sum(x) is one value and k one for each row");
    assert!(mixed.help().unwrap().contains(".over(Window::all())"), "{mixed}");
}
