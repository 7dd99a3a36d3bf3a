//! Conditions, choices, and one value from several columns.

use super::{everywhere, parted};
use stratal_core::ErrorKind;
use stratal_frame::{DFrame, Expr, call, coalesce, col, concat_str, frame, greatest, least, lit, null, sql_expr, when};

fn rows() -> DFrame {
    let frame = frame! {
        "a" => [Some(true), Some(true), Some(true), Some(false), Some(false), Some(false), None, None, None],
        "b" => [Some(true), Some(false), None, Some(true), Some(false), None, Some(true), Some(false), None],
        "x" => [Some(1i64), Some(5), None, Some(-3), Some(7), Some(7), Some(0), None, Some(2)],
        "y" => [Some(2i64), None, None, Some(-3), Some(1), Some(9), None, Some(4), Some(2)],
        "s" => [Some("Alice"), Some(""), None, Some("50%"), Some("a_b"), Some("AxB"), Some("alba"), Some("Bob"), Some("α")],
    };
    parted(&frame, 4)
}

fn truths(expr: Expr) -> Vec<Option<bool>> {
    rows().select(expr.alias("out")).collect().unwrap().column("out").unwrap()
}

fn numbers(expr: Expr) -> Vec<Option<i64>> {
    rows().select(expr.alias("out")).collect().unwrap().column("out").unwrap()
}

fn texts(expr: Expr) -> Vec<Option<String>> {
    rows().select(expr.alias("out")).collect().unwrap().column("out").unwrap()
}

fn all_false(rows: usize, but: &[usize]) -> Vec<Option<bool>> {
    (0..rows).map(|row| Some(but.contains(&row))).collect()
}

#[test]
fn truth_tables_are_those_of_sql() {
    let (t, f, n) = (Some(true), Some(false), None);
    everywhere(|place| {
        assert_eq!(truths(col("a") & col("b")), [t, f, n, f, f, f, n, f, n], "{place}");
        assert_eq!(truths(col("a") | col("b")), [t, t, t, t, f, n, t, n, n], "{place}");
        assert_eq!(truths(col("a") ^ col("b")), [f, t, n, t, f, n, n, n, n], "{place}");
        assert_eq!(truths(!col("a")), [f, f, f, t, t, t, n, n, n], "{place}");
        assert_eq!(truths(col("a").eq_null_safe(col("b"))), [t, f, f, f, t, f, f, f, t], "{place}");
        assert_eq!(truths(col("x").eq_null_safe(null())), all_false(9, &[2, 7]), "{place}");
        assert_eq!(truths(col("x").eq(col("y"))), [f, n, n, t, f, f, n, n, t], "{place}");
    });
}

#[test]
fn the_first_condition_that_is_true_decides() {
    everywhere(|place| {
        let size = when(col("x").lt(0)).then("minus").when(col("x").gt(4)).then("large");
        let some = |text: &str| Some(text.to_owned());
        let answer = texts(size.clone().into());
        assert_eq!(answer, [None, some("large"), None, some("minus"), some("large"), some("large"), None, None, None], "{place}");
        let answer = texts(size.otherwise(col("s")));
        let expected =
            [some("Alice"), some("large"), None, some("minus"), some("large"), some("large"), some("alba"), some("Bob"), some("α")];
        assert_eq!(answer, expected, "{place}");
        let overlapping = when(col("x").gt(0)).then(1).when(col("x").gt(4)).then(2).otherwise(0);
        assert_eq!(numbers(overlapping), [1, 1, 0, 0, 1, 1, 0, 0, 1].map(Some), "{place}");
        // A null condition is not true.
        assert_eq!(numbers(when(col("b")).then(1).otherwise(0)), [1, 0, 0, 1, 0, 0, 1, 0, 0].map(Some), "{place}");
    });
}

#[test]
fn values_of_several_types_become_one_before_they_are_computed_with() {
    everywhere(|place| {
        let half = when(col("a")).then(1).otherwise(2.5);
        let floors = rows().select((half * 2).floor().alias("out")).collect().unwrap().column::<f64>("out").unwrap();
        assert_eq!(floors, [2.0, 2.0, 2.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0], "{place}");
    });
}

#[test]
fn nulls_are_filled_made_and_skipped() {
    everywhere(|place| {
        assert_eq!(
            numbers(coalesce(["x", "y"])),
            [Some(1), Some(5), None, Some(-3), Some(7), Some(7), Some(0), Some(4), Some(2)],
            "{place}"
        );
        assert_eq!(numbers(coalesce((col("x"), col("y"), lit(100)))), [1, 5, 100, -3, 7, 7, 0, 4, 2].map(Some), "{place}");
        assert_eq!(
            numbers(greatest(["x", "y"])),
            [Some(2), Some(5), None, Some(-3), Some(7), Some(9), Some(0), Some(4), Some(2)],
            "{place}"
        );
        assert_eq!(numbers(least(["x", "y"])), [Some(1), Some(5), None, Some(-3), Some(1), Some(7), Some(0), Some(4), Some(2)], "{place}");
        assert_eq!(numbers(col("x").null_if(7)), [Some(1), Some(5), None, Some(-3), None, None, Some(0), None, Some(2)], "{place}");
        assert_eq!(numbers(col("x").null_if(col("y"))), [Some(1), Some(5), None, None, Some(7), Some(7), Some(0), None, None], "{place}");
        let joined = texts(concat_str("-", ("s", "x", lit("!"))));
        let expected = ["Alice-1-!", "-5-!", "!", "50%--3-!", "a_b-7-!", "AxB-7-!", "alba-0-!", "Bob-!", "α-2-!"];
        assert_eq!(joined, expected.map(|text| Some(text.to_owned())), "{place}");
    });
}

#[test]
fn patterns_are_those_of_sql() {
    everywhere(|place| {
        let like = |pattern: &str| truths(col("s").like(pattern));
        let only = |rows: &[usize]| (0..9).map(|row| (row != 2).then_some(rows.contains(&row))).collect::<Vec<_>>();
        assert_eq!(like("A%"), only(&[0, 5]), "{place}");
        assert_eq!(like("%b%"), only(&[4, 6, 7]), "{place}");
        assert_eq!(like("a_b"), only(&[4]), "{place}");
        assert_eq!(like(r"a\_b"), only(&[4]), "{place}");
        assert_eq!(like(r"50\%"), only(&[3]), "{place}");
        assert_eq!(like("_"), only(&[8]), "{place}");
        assert_eq!(like(""), only(&[1]), "{place}");
        assert_eq!(truths(col("s").ilike("a%B")), only(&[4, 5]), "{place}");
        assert_eq!(truths(col("s").is_in(["Bob", ""])), only(&[1, 7]), "{place}");
    });
}

#[test]
fn casts_that_fail_are_errors_or_nulls() {
    everywhere(|place| {
        let df = parted(&frame! { "s" => [Some("1"), Some("x"), None, Some("2.5")] }, 2);
        let tried = df.select(col("s").try_cast("i64")).collect().unwrap();
        assert_eq!(tried.column::<Option<i64>>("s").unwrap(), [Some(1), None, None, None], "{place}");
        assert!(df.select(col("s").cast("i64")).collect().is_err(), "{place}");
    });
    let error = frame! { "b" => [true] }.select(col("b").cast("date")).check().unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::TypeMismatch, "b is bool, which has no date"));
}

#[test]
fn functions_by_name_and_sql_give_what_methods_give() {
    everywhere(|place| {
        assert_eq!(texts(call("upper", col("s"))), texts(col("s").str().upper()), "{place}");
        assert_eq!(numbers(call("coalesce", (col("x"), 0))), numbers(col("x").fill_null(0)), "{place}");
        assert_eq!(truths(sql_expr("x > 4 and s like 'A%'")), truths(col("x").gt(4).and(col("s").like("A%"))), "{place}");
        assert_eq!(numbers(sql_expr("case when X is null then -1 else x + y end")), {
            numbers(when(col("x").is_null()).then(-1).otherwise(col("x") + col("y")))
        });
        // Positions count from 1 there.
        assert_eq!(texts(sql_expr("substr(s, 1, 2)")), texts(col("s").str().slice(0, 2)), "{place}");
        let sum = rows().agg(sql_expr("sum(x) + count(*)").alias("n")).collect().unwrap();
        assert_eq!(sum.item::<i64>().unwrap(), 19 + 9, "{place}");
        let groups = rows().group_by("a").agg(sql_expr("max(y)").alias("y")).sort("a").collect().unwrap();
        assert_eq!(groups.column::<Option<i64>>("y").unwrap(), [Some(9), Some(2), Some(4)], "{place}");
    });
    let error = rows().filter(sql_expr("x >> ")).check().unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::Sql, Some((2, "filter"))));
    let error = rows().filter(sql_expr("s > 5")).check().unwrap_err();
    assert_eq!(error.message(), "cannot compare str with i64 in s > 5");
    assert_eq!(rows().select(call("uper", "x")).check().unwrap_err().help(), Some("did you mean \"upper\"?"));
}

#[test]
fn values_that_do_not_go_together_are_refused_with_both_types() {
    let message = |expr: Expr| rows().select(expr).check().unwrap_err().message().to_owned();
    assert_eq!(message(when(col("a")).then(1).otherwise("x")), "i64 and str do not go together in when(a).then(1).otherwise(\"x\")");
    assert_eq!(message(coalesce(["x", "s"])), "i64 and str do not go together in coalesce(x, s)");
    assert_eq!(message(greatest(["s", "a"])), "str and bool do not go together in greatest(s, a)");
    assert_eq!(message(col("x").fill_null("none")), "i64 and str do not go together in x.fill_null(\"none\")");
    assert_eq!(message(col("s").null_if(0)), "str and i64 do not go together in s.null_if(0)");
    assert_eq!(message(when(col("x")).then(1).into()), "the condition is i64, not bool: x");
    assert_eq!(message(col("s") ^ true), "cannot compare str with bool in s != true");
    assert_eq!(message(col("x") & col("a")), "cannot compute i64 AND bool in x AND a");
}
