//! Lists and structs, against what Rust makes of the same vectors.

use super::{everywhere, parted};
use arrow_array::{ArrayRef, ListArray, types::Int64Type};
use std::sync::Arc;
use stratal_core::ErrorKind;
use stratal_frame::{DFrame, Expr, FromColumn, call, col, frame, sql_expr};

type List = Option<Vec<Option<i64>>>;

fn lists() -> Vec<List> {
    vec![
        Some(vec![Some(3), Some(1), None, Some(3)]),
        Some(vec![]),
        None,
        Some(vec![None]),
        Some(vec![Some(-5)]),
        Some((0..40).map(|n| Some(n * 7 % 11)).collect()),
    ]
}

fn numbers() -> DFrame {
    let column: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists()));
    parted(&DFrame::from_columns([("x", column)]), 3)
}

fn made<T: FromColumn>(expr: &Expr) -> Vec<T> {
    numbers().select(expr.alias("out")).collect().unwrap().column("out").unwrap()
}

/// What Rust makes of the lists that are there.
fn expected<T>(of: impl Fn(&[Option<i64>]) -> T) -> Vec<Option<T>> {
    lists().iter().map(|list| list.as_deref().map(&of)).collect()
}

fn flat<T>(values: Vec<Option<Option<T>>>) -> Vec<Option<T>> {
    values.into_iter().map(Option::flatten).collect()
}

#[test]
fn lists_are_measured_and_summed_without_their_nulls() {
    everywhere(|place| {
        let x = col("x").list();
        assert_eq!(made::<Option<i64>>(&x.len()), expected(|list| list.len() as i64), "{place}");
        let there = |list: &[Option<i64>]| list.iter().flatten().copied().collect::<Vec<i64>>();
        let some = |list: &[Option<i64>], of: fn(&[i64]) -> i64| Some(there(list)).filter(|list| !list.is_empty()).map(|list| of(&list));
        assert_eq!(made::<Option<i64>>(&x.sum()), flat(expected(|list| some(list, |list| list.iter().sum()))), "{place}");
        assert_eq!(made::<Option<i64>>(&x.min()), flat(expected(|list| some(list, |list| list.iter().copied().fold(i64::MAX, i64::min)))));
        assert_eq!(made::<Option<i64>>(&x.max()), flat(expected(|list| some(list, |list| list.iter().copied().fold(i64::MIN, i64::max)))));
        let mean = |list: &[Option<i64>]| {
            let list = there(list);
            (!list.is_empty()).then(|| list.iter().sum::<i64>() as f64 / list.len() as f64)
        };
        assert_eq!(made::<Option<f64>>(&x.mean()), flat(expected(mean)), "{place}");
        assert_eq!(made::<Option<bool>>(&x.contains(3)), expected(|list| list.contains(&Some(3))), "{place}");
        assert_eq!(made::<Option<bool>>(&x.contains(col("x").list().first())), {
            let first = |list: &[Option<i64>]| list.first().copied().flatten().map(|_| true);
            flat(expected(first))
        });
    });
}

#[test]
fn items_and_slices_count_from_either_end() {
    everywhere(|place| {
        for position in [-50, -4, -2, -1, 0, 1, 3, 50, i64::MAX, i64::MIN] {
            let get = |list: &[Option<i64>]| {
                let position = if position < 0 { position.saturating_add(list.len() as i64) } else { position };
                usize::try_from(position).ok().and_then(|position| list.get(position).copied().flatten())
            };
            assert_eq!(made::<Option<i64>>(&col("x").list().get(position)), flat(expected(get)), "{place} {position}");
        }
        assert_eq!(made::<Option<i64>>(&col("x").list().first()), flat(expected(|list| list.first().copied().flatten())), "{place}");
        assert_eq!(made::<Option<i64>>(&col("x").list().last()), flat(expected(|list| list.last().copied().flatten())), "{place}");
        for start in [-100, -5, -4, -2, -1, 0, 1, 3, 39, 100] {
            for length in [0, 1, 2, 4, 5, 60, usize::MAX] {
                let slice = |list: &[Option<i64>]| -> Vec<Option<i64>> {
                    let rows = list.len() as i64;
                    let from = if start < 0 { start + rows } else { start };
                    let end = from.saturating_add(i64::try_from(length).unwrap_or(i64::MAX));
                    list[from.clamp(0, rows) as usize..end.clamp(0, rows) as usize].to_vec()
                };
                let sliced = made::<Option<Vec<Option<i64>>>>(&col("x").list().slice(start, length));
                assert_eq!(sliced, expected(slice), "{place} {start} {length}");
            }
        }
    });
}

#[test]
fn lists_are_sorted_and_told_apart() {
    everywhere(|place| {
        let sorted = |list: &[Option<i64>]| {
            let mut list = list.to_vec();
            list.sort_by_key(|item| item.unwrap_or(i64::MAX));
            list
        };
        assert_eq!(made::<Option<Vec<Option<i64>>>>(&col("x").list().sort()), expected(sorted), "{place}");
        let unique = |list: &[Option<i64>]| {
            let mut seen = Vec::new();
            list.iter().for_each(|item| {
                if !seen.contains(item) {
                    seen.push(*item)
                }
            });
            seen
        };
        assert_eq!(made::<Option<Vec<Option<i64>>>>(&col("x").list().unique()), expected(unique), "{place}");
        let joined = |list: &[Option<i64>]| list.iter().flatten().map(i64::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(made::<Option<String>>(&col("x").list().join(" ")), expected(joined), "{place}");
    });
}

#[test]
fn fields_of_structs_are_columns() {
    everywhere(|place| {
        let df = frame! { "id" => [1i64, 2], "name" => ["a", "b"] };
        let user = call("named_struct", ("id", col("id"), "called", col("name")));
        let df = parted(&df.select(user.alias("user")), 2);
        let answer =
            df.select((col("user").field("id").alias("id"), col("user").field("called").str().upper().alias("n"))).collect().unwrap();
        assert_eq!(answer.column::<i64>("id").unwrap(), [1, 2], "{place}");
        assert_eq!(answer.column::<String>("n").unwrap(), ["A", "B"], "{place}");
        assert_eq!(df.filter(sql_expr("\"user\".id = 2")).count().unwrap(), 1, "{place}");
        let error = df.select(col("user").field("naem")).check().unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::UnknownColumn, "no field \"naem\" in [id, called]"));
    });
}

#[test]
fn what_is_no_list_is_refused_with_its_type() {
    let df = frame! { "x" => [1i64], "s" => ["a,b"] };
    let message = |expr: Expr| df.select(expr).check().unwrap_err().message().to_owned();
    assert_eq!(message(col("x").list().len()), "x.list().len() takes a list, and x is i64");
    assert_eq!(
        message(col("s").str().split(",").list().sum()),
        "s.str().split(\",\").list().sum() takes a list of numbers, and s.str().split(\",\") is list[str]"
    );
    assert_eq!(
        message(col("s").str().split(",").list().contains(1)),
        "cannot look for i64 among str in s.str().split(\",\").list().contains(1)"
    );
    assert_eq!(message(col("x").field("a")), "x.field(\"a\") takes a struct, and x is i64");
}
