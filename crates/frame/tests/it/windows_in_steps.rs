//! Where windows may stand: in every step that looks at rows, in each other, and in what is not right.

use super::{
    everywhere,
    join_expr::travels,
    local,
    measures::{Row, close, groups, plain, rows, spread, xs},
    parted,
};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use std::collections::BTreeMap;
use stratal_core::{Client, ErrorKind, graph::Slicing};
use stratal_frame::{DFrame, Expr, Window, col, corr, count, every, frame, ntile, rank, row_number, when};

fn ids(frame: &DFrame) -> Vec<i64> {
    frame.collect().unwrap().column("id").unwrap()
}

fn sums(rows: &[Row]) -> BTreeMap<Option<i64>, Option<f64>> {
    groups(rows).into_iter().map(|(key, rows)| (key, plain::sum(&xs(&rows)))).collect()
}

#[test]
fn sessions_begin_after_half_an_hour() {
    everywhere(|place| {
        let minutes: Vec<i64> = (0..60).map(|row| row * 37 % 601).collect();
        let users: Vec<Option<&str>> = (0..60).map(|row| [Some("a"), Some("b"), None][row % 3]).collect();
        let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
        let times: Vec<NaiveDateTime> = minutes.iter().map(|minute| start + TimeDelta::minutes(*minute)).collect();
        let df = parted(&frame! { "user" => users.clone(), "minute" => minutes.clone(), "ts" => times }, 4);
        let w = Window::by("user").order_by("ts");
        let gap = col("ts") - col("ts").lag(1).over(&w);
        let session = when(gap.gt(every("30m")).fill_null(true)).then(1).otherwise(0).cum_sum().over(&w);
        let answer = df.with_column("session", session).collect().unwrap();
        let found = answer.column::<i64>("minute").unwrap().into_iter().zip(answer.column::<i64>("session").unwrap());
        let mut expected: BTreeMap<i64, i64> = BTreeMap::new();
        for user in [Some("a"), Some("b"), None] {
            let mut own: Vec<i64> = minutes.iter().zip(&users).filter(|(_, other)| **other == user).map(|(minute, _)| *minute).collect();
            own.sort_unstable();
            let mut session = 0;
            for (at, minute) in own.iter().enumerate() {
                session += i64::from(at == 0 || minute - own[at - 1] > 30);
                expected.insert(*minute, session);
            }
        }
        assert!(expected.values().any(|session| *session > 3));
        assert_eq!(found.collect::<BTreeMap<_, _>>(), expected, "{place}");
    });
}

#[test]
fn windows_stand_in_every_step_that_looks_at_rows() {
    everywhere(|place| {
        for parts in [1, 3, 7] {
            let context = format!("{place} {parts}");
            let rows = rows(71, 80);
            let df = spread(&rows, parts);
            let sums = sums(&rows);

            let mut expected: Vec<i64> = Vec::new();
            for part in groups(&rows).values_mut() {
                part.sort_by_key(|row| -row.u);
                expected.extend(part.iter().take(2).map(|row| row.id));
            }
            expected.sort_unstable();
            let best = df.filter(row_number().over(Window::by("k").order_by(col("u").desc())).lt_eq(2)).sort("id");
            assert_eq!(ids(&best), expected, "filter {context}");
            assert_eq!(best.columns().unwrap(), df.columns().unwrap(), "{context}");

            let mut expected: Vec<&Row> = rows.iter().collect();
            // Nulls are last.
            let key = |row: &Row| (sums[&row.k].is_none(), sums[&row.k].map(|sum| -sum));
            expected.sort_by(|one, two| key(one).partial_cmp(&key(two)).unwrap().then(one.id.cmp(&two.id)));
            let expected: Vec<i64> = expected.iter().map(|row| row.id).collect();
            let sorted = df.sort((col("x").sum().over("k").desc(), "id"));
            assert_eq!(ids(&sorted), expected, "sort {context}");
            assert_eq!(sorted.columns().unwrap(), df.columns().unwrap(), "{context}");

            let shares = df.select(("id", (col("x") / col("x").sum().over("k")).alias("share"), col("k"))).sort("id").collect().unwrap();
            for (row, share) in rows.iter().zip(shares.column::<Option<f64>>("share").unwrap()) {
                let expected = row.x.zip(sums[&row.k]).map(|(x, sum)| x / sum);
                assert!(close(share, expected), "select {context} {row:?}: {share:?}, expected {expected:?}");
            }

            let seen = df.with_column("n", count().over("k"));
            let expected = groups(&rows)[&Some(1)].len() as i64;
            let sizes = |frame: &DFrame| frame.collect().unwrap().column::<i64>("n").unwrap();
            for one in [seen.filter(col("k").eq(1)), df.filter(col("k").eq(1)).with_column("n", count().over("k"))] {
                assert_eq!(sizes(&one), vec![expected; expected as usize], "filter by key {context}");
            }
            // The window does not see what is filtered after it.
            let positive = seen.filter(col("k").eq(1).and(col("x").gt(0)));
            let some = groups(&rows)[&Some(1)].iter().filter(|row| row.x > Some(0.0)).count();
            assert_eq!(sizes(&positive), vec![expected; some], "filter by value {context}");
            assert_eq!(
                sizes(&seen.select("n")).iter().sum::<i64>(),
                groups(&rows).values().map(|part| part.len().pow(2) as i64).sum::<i64>()
            );
            assert_eq!(ids(&seen.select("id").sort("id")), (0..80).collect::<Vec<i64>>(), "{context}");
        }
    });
}

#[test]
fn windows_stand_in_each_other() {
    everywhere(|place| {
        for parts in [1, 7] {
            let rows = rows(72, 60);
            let sums = sums(&rows);
            let of_group = col("x").sum().over("k");
            let query = spread(&rows, parts).with_columns([
                // The rows of all groups that have one sum.
                count().over(Window::by(of_group.fill_null(0))).alias("alike"),
                // How far a row is from the first of those with its sum.
                (col("u") - col("u").min().over(Window::by([of_group.fill_null(0)]))).alias("above"),
                rank().over(Window::ordered(of_group.desc())).alias("place"),
                col("x").sum().filter(row_number().over(Window::by("k").order_by("u")).lt_eq(2)).over("k").alias("first_two"),
            ]);
            let answer = query.sort("id").collect().unwrap();
            let numbers = |name: &str| answer.column::<i64>(name).unwrap();
            let (alike, above, places) = (numbers("alike"), numbers("above"), numbers("place"));
            let first_two = answer.column::<Option<f64>>("first_two").unwrap();
            for (at, row) in rows.iter().enumerate() {
                let (context, own) = (format!("{place} {parts} {row:?}"), sums[&row.k].unwrap_or(0.0));
                let same: Vec<&Row> = rows.iter().filter(|other| sums[&other.k].unwrap_or(0.0) == own).collect();
                assert_eq!(alike[at], same.len() as i64, "{context}");
                assert_eq!(Some(above[at]), same.iter().map(|other| row.u - other.u).max(), "{context}");
                let is_before = |other: &&Row| match (sums[&other.k], sums[&row.k]) {
                    (Some(other), Some(own)) => other > own,
                    (other, own) => other.is_some() && own.is_none(),
                };
                assert_eq!(places[at], rows.iter().filter(is_before).count() as i64 + 1, "{context}");
                let mut part = groups(&rows)[&row.k].clone();
                part.sort_by_key(|row| row.u);
                part.truncate(2);
                assert!(close(first_two[at], plain::sum(&xs(&part))), "{context}: {:?}", first_two[at]);
            }
        }
    });
}

#[test]
fn keys_and_orders_may_be_computed_and_hidden_columns_take_no_name() {
    everywhere(|place| {
        let df = frame! { "__0" => [1i64, 2, 3, 4], "__1" => [1.0, 2.0, 4.0, 8.0] }.with_client(&Client::current());
        let w = Window::by(col("__0") % 2).order_by(-col("__0"));
        let sums = df.with_columns([(col("__1") * 2).cum_sum().over(&w).alias("sum"), col("__1").first().over(&w).alias("__2")]);
        let sums = sums.filter(col("__1").max().over(Window::all()).gt(7)).sort("__0").collect().unwrap();
        assert_eq!(sums.columns(), ["__0", "__1", "sum", "__2"], "{place}");
        assert_eq!(sums.column::<f64>("sum").unwrap(), [10.0, 20.0, 8.0, 16.0], "{place}");
        assert_eq!(sums.column::<f64>("__2").unwrap(), [4.0, 8.0, 4.0, 8.0], "{place}");
        assert_eq!(sums.column::<f64>("__1").unwrap(), [1.0, 2.0, 4.0, 8.0], "{place}");
    });
}

#[test]
fn windows_of_sql_give_the_same() {
    everywhere(|place| {
        for parts in [1, 3] {
            let rows = spread(&rows(73, 50), parts);
            let query = "SELECT id, sum(n) OVER (PARTITION BY k ORDER BY u ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS sum,
                row_number() OVER (PARTITION BY k ORDER BY u) AS place, count(*) OVER (PARTITION BY k) AS size FROM t ORDER BY id";
            let w = Window::by("k").order_by("u");
            let own = rows.select([
                col("id"),
                col("n").sum().over(w.trailing(3)).alias("sum"),
                row_number().over(&w).alias("place"),
                count().over("k").alias("size"),
            ]);
            let given = DFrame::sql(query, [("t", &rows)]).with_column("place", col("place").cast("i64")).collect().unwrap();
            assert!(given.equals(&own.sort("id").collect().unwrap()), "{place} {parts}: {given}");
        }
    });
}

#[test]
fn what_no_window_is_right_for_is_refused() {
    let df = frame! { "x" => [1i64], "k" => ["a"], "day" => [NaiveDate::default()] };
    let (by, ordered) = (Window::by("k"), Window::ordered("x"));
    let (x, k) = (col("x"), col("k"));
    let cases: Vec<(Expr, &str)> = vec![
        (x.lag(1), "lag(x, 1) needs a window that says in which order rows are"),
        (row_number() + 1, "row_number() needs a window that says in which order rows are"),
        (x.cum_sum().over("k"), "cum_sum(x) over (k) needs to know in which order rows are"),
        (rank().over(Window::all()), "rank() over () needs to know in which order rows are"),
        (x.sum().over(by.rows(-1..=0)), "sum(x) over (k rows -1..=0) looks at some of the rows (rows -1..=0), and they have no order"),
        (
            x.lag(1).over(ordered.trailing(3)),
            "lag(x, 1) over (order by x rows -2..=0) looks at rows of its own, and the window names others",
        ),
        (x.sum().over(ordered.trailing("7d")), "trailing(\"7d\") is a time, and the window is ordered by x, which is i64"),
        (
            x.sum().over(Window::ordered(("day", "x")).trailing("7d")),
            "sum(x) over (order by day, x trailing 7d) is ordered by 2 columns, and trailing(\"7d\") is measured in one",
        ),
        (x.sum().over(Window::ordered(x.sum())), "sum(x) is one value for many rows and cannot stand in sum(x) over (order by sum(x))"),
        (x.sum().distinct().over("k"), "sum(x).distinct() over (k) takes equal values once, which no window does"),
        (
            x.collect_list().order_by("day").over(ordered.trailing(2)),
            "collect_list(x).order_by(day) over (order by x rows -1..=0) has an order of its own, and its window looks at some rows in another",
        ),
        ((x.clone() + 1).over("k"), "there is nothing in x + 1 that a window could be put around"),
        (x.sum().over("k").over("day"), "there is nothing in sum(x) over (k) that a window could be put around"),
        (x.sum().over(ordered.trailing(0)), "trailing(0) covers no rows"),
        (x.sum().over(ordered.centered(0)), "centered(0) covers no rows"),
        (ntile(0).over(&ordered), "rows cannot be put into 0 parts"),
        (x.sum().over(ordered.trailing("2mo")), "trailing(\"2mo\") has no fixed length: months differ"),
        (x.sum(), "sum(x) is one value for many rows and cannot stand here"),
    ];
    for (expr, message) in cases {
        let error = df.with_column("y", expr.clone()).check().unwrap_err();
        assert_eq!(error.message(), message);
        assert!(error.help().is_some(), "{error}");
        assert_eq!(df.filter(expr.is_null()).check().unwrap_err().message(), message);
    }
    for (expr, message) in [
        (k.cum_sum().over(&ordered), "cannot take cum_sum(k) of str"),
        (k.mean().over("x"), "cannot take mean(k) of str"),
        (k.pct_change(1).over(&ordered), "cannot take pct_change(k, 1) of str"),
        (corr("x", "k").over("k"), "cannot take corr(x, k) of str"),
    ] {
        let error = df.with_column("y", expr).check().unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::TypeMismatch, message));
    }
    assert_eq!(df.select(x.sum().over("no")).check().unwrap_err().kind(), ErrorKind::UnknownColumn);
    let grouped = df.group_by("k").agg(x.sum().over("k")).check().unwrap_err();
    assert_eq!(grouped.message(), "sum(x) over (k) is one value for each row, and a group gives one for all of them");
    let dropped = df.drop_nulls(x.lag(1).over(&ordered)).check().unwrap_err();
    assert_eq!(dropped.message(), "lag(x, 1) over (order by x) is computed over rows and cannot stand here");
}

/// Nothing runs as a gang, and what travels comes out as it went in.
#[test]
fn windows_and_aggregates_are_cut_and_have_a_wire_form() {
    let client = local("store");
    let _entered = client.enter();
    let df = spread(&rows(81, 60), 3);
    let w = Window::by("k").order_by((col("u").desc(), "day"));
    let x = col("x");
    let days = Window::by("k").order_by("day").trailing("7d").min_rows(2);
    for query in [
        df.with_column("y", x.sum().filter(col("b")).over(w.rows(..=1))),
        df.with_columns([x.quantile(0.9).over(days), (x.diff(2) / x.forward_fill()).over(&w).alias("y"), ntile(3).over(&w)]),
        df.filter(x.gt(x.mean().over(Window::all()))),
        df.sort(rank().over(Window::ordered("day"))).head(3),
        df.group_by("k").agg([x.median(), x.product().alias("p"), x.first().alias("f"), x.last().filter(col("b")).alias("l")]),
        df.group_by("k").agg([corr("x", "y"), x.approx_quantile(0.5).alias("q"), x.approx_n_unique().alias("n")]),
        df.group_by("k").agg([x.collect_list().order_by("u"), x.sum().distinct().alias("s"), x.n_unique().alias("n")]),
        df.group_by("k").top(2, col("u").desc()),
        df.group_by("k").top(2, ()),
        df.describe(),
    ] {
        for layer in [query.graph().unwrap(), query.graph_optimized().unwrap()].iter().flat_map(|graph| &graph.layers) {
            assert_ne!(layer.spec.slicing, Slicing::Whole, "{query}: {}", layer.spec.name);
        }
        travels(&query);
    }
}
