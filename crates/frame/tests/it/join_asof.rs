//! Joins by the nearest row in time, against a search through all rows written here.

use super::{everywhere, join_expr::travels, local};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use proptest::prelude::*;
use std::sync::Arc;
use stratal_core::{ErrorKind, graph::Slicing};
use stratal_frame::{AsofOptions, DFrame, Frame, col, frame, lit};

/// A key, a time, and which row it is.
type Row = (Option<&'static str>, Option<i64>, i64);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Backward,
    Forward,
    Nearest,
}

const WAYS: [Way; 3] = [Way::Backward, Way::Forward, Way::Nearest];

fn toward(options: AsofOptions, way: Way) -> AsofOptions {
    match way {
        Way::Backward => options.backward(),
        Way::Forward => options.forward(),
        Way::Nearest => options.nearest(),
    }
}

/// The rows in `parts` partitions, some of which may be empty.
fn split(rows: &[Row], number: &str, parts: usize) -> DFrame {
    let fields =
        vec![Field::new("k", DataType::Utf8, true), Field::new("t", DataType::Int64, true), Field::new(number, DataType::Int64, true)];
    let schema = Arc::new(Schema::new(fields));
    let batches = (0..parts).map(|part| {
        let rows = &rows[rows.len() * part / parts..rows.len() * (part + 1) / parts];
        let keys: ArrayRef = Arc::new(rows.iter().map(|row| row.0).collect::<StringArray>());
        let times: ArrayRef = Arc::new(rows.iter().map(|row| row.1).collect::<Int64Array>());
        let numbers: ArrayRef = Arc::new(rows.iter().map(|row| Some(row.2)).collect::<Int64Array>());
        RecordBatch::try_new(schema.clone(), vec![keys, times, numbers]).unwrap()
    });
    let batches: Vec<RecordBatch> = batches.collect();
    DFrame::from_batches(schema, batches)
}

#[derive(Clone, Copy, Debug)]
struct Case {
    way: Way,
    by: bool,
    strict: bool,
    tolerance: Option<i64>,
}

impl Case {
    fn all() -> Vec<Case> {
        let mut all = Vec::new();
        for way in WAYS {
            for (by, strict) in [(false, false), (true, false), (true, true), (false, true)] {
                for tolerance in [None, Some(0), Some(2)] {
                    all.push(Case { way, by, strict, tolerance });
                }
            }
        }
        all
    }

    fn options(self) -> AsofOptions {
        let options = toward(AsofOptions::on("t"), self.way);
        let options = if self.by { options.by("k") } else { options };
        let options = if self.strict { options.strict() } else { options };
        match self.tolerance {
            Some(tolerance) => options.tolerance(tolerance),
            None => options,
        }
    }

    /// The time that is found for a row of the left, if any is.
    fn found(self, one: &Row, right: &[Row]) -> Option<i64> {
        let time = one.1?;
        let fits = |two: &Row| {
            let is_of_key = !self.by || (one.0.is_some() && one.0 == two.0);
            two.1.filter(|_| is_of_key).filter(|found| match self.way {
                Way::Backward => *found <= time,
                Way::Forward => *found >= time,
                Way::Nearest => true,
            })
        };
        let near = right.iter().filter_map(fits).filter(|found| !self.strict || *found != time);
        let near = near.filter(|found| self.tolerance.is_none_or(|tolerance| found.abs_diff(time) <= tolerance as u64));
        // Of two that are as near, the one before.
        near.min_by_key(|found| (found.abs_diff(time), *found))
    }
}

/// Every row of the left is there once, and what it has of the right is a row at the time that had to be found.
fn check(answer: &Frame, left: &[Row], right: &[Row], case: Case, place: &str) {
    let key = if case.by { "y" } else { "k_right" };
    let names = if case.by { vec!["k", "t", "x", "y"] } else { vec!["k", "t", "x", "k_right", "y"] };
    assert_eq!(answer.columns(), names, "{place} {case:?}");
    let (x, y) = (answer.column::<i64>("x").unwrap(), answer.column::<Option<i64>>("y").unwrap());
    let (keys, times) = (answer.column::<Option<String>>("k").unwrap(), answer.column::<Option<i64>>("t").unwrap());
    let mut numbers = x.clone();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..left.len() as i64).collect::<Vec<_>>(), "{place} {case:?}: every row of the left, once");
    for row in 0..answer.len() {
        let one = left[x[row] as usize];
        assert_eq!((keys[row].as_deref(), times[row]), (one.0, one.1), "{place} {case:?}");
        let found = y[row].map(|number| right[number as usize]);
        assert_eq!(found.and_then(|two| two.1), case.found(&one, right), "{place} {case:?} {one:?}");
        if let Some(two) = found {
            assert!(!case.by || two.0 == one.0, "{place} {case:?}");
        }
        if key == "k_right" {
            let expected = found.and_then(|two| two.0).map(str::to_owned);
            assert_eq!(answer.value::<Option<String>>(row, key).unwrap(), expected, "{place} {case:?}: one row of the right, whole");
        }
    }
}

fn numbered(rows: &[(Option<&'static str>, Option<i64>)]) -> Vec<Row> {
    rows.iter().zip(0..).map(|((key, time), number)| (*key, *time, number)).collect()
}

/// Ties, gaps, nulls, keys that the other side does not have, and times at the border of the tolerance.
fn sides() -> (Vec<Row>, Vec<Row>) {
    let (a, b, c) = (Some("a"), Some("b"), Some("c"));
    let left =
        [(a, Some(1)), (a, Some(5)), (b, Some(5)), (a, Some(5)), (None, Some(5)), (c, Some(4)), (a, None), (b, Some(9)), (a, Some(-3))];
    let right = [
        (a, Some(3)),
        (b, Some(5)),
        (a, Some(5)),
        (a, Some(7)),
        (b, Some(7)),
        (b, Some(5)),
        (None, Some(5)),
        (a, None),
        (Some("d"), Some(4)),
        (b, Some(12)),
        (a, Some(3)),
    ];
    (numbered(&left), numbered(&right))
}

/// Memory, of which it is known how much there is, and what was persisted, of which it is not.
fn both_ways(left: &DFrame, right: &DFrame) -> [(DFrame, DFrame); 2] {
    [(left.clone(), right.clone()), (left.persist().unwrap(), right.persist().unwrap())]
}

#[test]
fn the_nearest_row_is_what_a_search_through_all_finds() {
    let (left, right) = sides();
    everywhere(|place| {
        for parts in [(1, 1), (3, 7)] {
            for (one, two) in both_ways(&split(&left, "x", parts.0), &split(&right, "y", parts.1)) {
                for case in Case::all() {
                    check(&one.join_asof(&two, case.options()).collect().unwrap(), &left, &right, case, place);
                }
            }
        }
    });
}

#[test]
fn sides_without_rows_and_empty_partitions() {
    let (some, _) = sides();
    let sides: [(&[Row], &[Row]); 3] = [(&some, &[]), (&[], &some), (&[], &[])];
    everywhere(|place| {
        for (left, right) in sides {
            for case in [true, false].map(|by| Case { way: Way::Nearest, by, strict: false, tolerance: None }) {
                let (one, two) = (split(left, "x", 3), split(right, "y", 20));
                check(&one.join_asof(&two, case.options()).collect().unwrap(), left, right, case, place);
                // A filter may leave nothing at all.
                let none = two.filter(col("y").gt(1000));
                check(&one.join_asof(&none, case.options()).collect().unwrap(), left, &[], case, place);
            }
        }
    });
}

#[test]
fn the_steps_as_written_give_the_same() {
    let (left, right) = sides();
    everywhere(|place| {
        for case in Case::all().into_iter().step_by(5) {
            let query = split(&left, "x", 3).filter(col("x").gt_eq(0)).join_asof(&split(&right, "y", 2), case.options());
            let graph = query.graph().unwrap();
            assert_eq!(graph.summary(), "from-memory#1[3] -> filter[3] -> join-asof[1]; from-memory#2[2] -> join-asof[1]", "{place}");
            check(&graph.get_all::<Frame>("join-asof").unwrap()[0], &left, &right, case, place);
        }
    });
}

#[test]
fn many_rows_in_many_batches() {
    // More than a batch of either side, whichever is the denser.
    let (few, many): (Vec<i64>, Vec<i64>) = ((0..40_000).step_by(1000).collect(), (0..40_000).collect());
    everywhere(|place| {
        let sparse = frame! { "t" => few.clone(), "s" => few.clone() };
        let dense = frame! { "t" => many.clone(), "d" => many.clone() };
        let found = sparse.join_asof(&dense, AsofOptions::on("t").strict()).sort("t").collect().unwrap();
        let expected: Vec<Option<i64>> = few.iter().map(|time| (*time > 0).then_some(time - 1)).collect();
        assert_eq!(found.column::<Option<i64>>("d").unwrap(), expected, "{place}");
        let found = dense.join_asof(&sparse, AsofOptions::on("t").nearest()).sort("t").collect().unwrap();
        let expected: Vec<i64> = many.iter().map(|time| ((time + 499) / 1000 * 1000).min(39_000)).collect();
        assert_eq!(found.column::<i64>("s").unwrap(), expected, "{place}");
    });
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, day).unwrap()
}

fn moment(seconds: i64) -> NaiveDateTime {
    day(1).and_hms_opt(0, 0, 0).unwrap() + TimeDelta::seconds(seconds)
}

#[test]
fn times_are_dates_moments_and_numbers_of_any_kind() {
    everywhere(|place| {
        let found = |one: DFrame, two: DFrame, options: AsofOptions| {
            one.join_asof(&two, options).sort("n").collect().unwrap().column::<Option<i64>>("v").unwrap()
        };
        let left = frame! { "t" => [moment(10), moment(20), moment(30)], "n" => [1i64, 2, 3] };
        let right = frame! { "t" => [moment(8), moment(15), moment(25)], "v" => [1i64, 2, 3] };
        let on = || AsofOptions::on("t");
        // The border belongs to the tolerance.
        for tolerance in ["5s", "5000ms", "5000000us", "5000000000ns"] {
            assert_eq!(found(left.clone(), right.clone(), on().tolerance(tolerance)), [Some(1), Some(2), Some(3)], "{place} {tolerance}");
        }
        assert_eq!(found(left.clone(), right.clone(), on().tolerance("4999ms")), [Some(1), None, None], "{place}");
        assert_eq!(found(left.clone(), right.clone(), on().tolerance(TimeDelta::seconds(2))), [Some(1), None, None], "{place}");
        assert_eq!(found(left.clone(), right.clone(), on().forward().tolerance("1m")), [Some(2), Some(3), None], "{place}");
        // A date is its midnight where the other side has moments.
        let days = frame! { "t" => [day(1), day(2)], "v" => [1i64, 2] };
        assert_eq!(found(left.clone(), days.clone(), on()), [Some(1); 3], "{place}");
        assert_eq!(found(left.clone(), days.clone(), on().forward().tolerance("1d")), [Some(2); 3], "{place}");
        let dates = frame! { "t" => [day(1), day(9), day(20)], "n" => [1i64, 2, 3] };
        assert_eq!(found(dates.clone(), days.clone(), on().tolerance("1w")), [Some(1), Some(2), None], "{place}");
        assert_eq!(found(dates, days, on().tolerance("30h").strict()), [None::<i64>; 3], "{place}");
        // An integer and a float are compared as floats; NaN is near nothing.
        let numbers = frame! { "t" => [1i64, 2, 3], "n" => [1i64, 2, 3] };
        let floats = frame! { "t" => [f64::NAN, 0.5, 2.75, f64::INFINITY], "v" => [1i64, 2, 3, 4] };
        assert_eq!(found(numbers.clone(), floats.clone(), on()), [Some(2), Some(2), Some(3)], "{place}");
        assert_eq!(found(numbers.clone(), floats.clone(), on().nearest().tolerance(0.5)), [Some(2), None, Some(3)], "{place}");
        assert_eq!(found(numbers.clone(), floats.clone(), on().forward()), [Some(3), Some(3), Some(4)], "{place}");
        let floats = floats.rename([("v", "n")]);
        assert_eq!(found(floats, numbers.rename([("n", "v")]), on()), [None, None, Some(2), Some(3)], "{place}");
        let small = frame! { "t" => [250u8, 3], "n" => [1i64, 2] };
        let large = frame! { "t" => [u64::MAX, 240, 3], "v" => [1i64, 2, 3] };
        assert_eq!(found(small.clone(), large.clone(), on().tolerance(10)), [Some(2), Some(3)], "{place}");
        let end = frame! { "t" => [u64::MAX], "n" => [1i64] };
        assert_eq!(found(end, large, on().strict()), [Some(2)], "{place}");
    });
}

#[test]
fn which_columns_come_out_and_what_they_are_called() {
    let one = frame! { "a" => [1i64], "t" => [5i64], "same" => ["x"], "k" => [1i32] };
    let two = frame! { "same" => ["u"], "t" => [4i64], "k" => [1i64], "b" => [3i64] };
    let columns = |options: AsofOptions| one.join_asof(&two, options).columns().unwrap();
    assert_eq!(columns(AsofOptions::on("t")), ["a", "t", "same", "k", "same_right", "k_right", "b"]);
    assert_eq!(columns(AsofOptions::on("t").by("k")), ["a", "t", "same", "k", "same_right", "b"]);
    assert_eq!(columns(AsofOptions::left_on("t").right_on("t").by("k")), ["a", "t", "same", "k", "same_right", "t_right", "b"]);
    let row = one.join_asof(&two, AsofOptions::left_on(col("a") + 10).right_on("t").by("k")).collect().unwrap();
    assert_eq!(row.columns(), ["a", "t", "same", "k", "same_right", "t_right", "b"]);
    assert_eq!((row.value::<i64>(0, "t").unwrap(), row.value::<i64>(0, "t_right").unwrap()), (5, 4));
    assert_eq!(row.value::<String>(0, "same_right").unwrap(), "u");
    // A key of two types is widened, as in other joins.
    assert_eq!(row.schema().field(3).data_type(), &DataType::Int64);
}

#[test]
fn columns_that_nobody_wants_are_not_read() {
    let (left, right) = sides();
    everywhere(|place| {
        let query = split(&left, "x", 2).join_asof(&split(&right, "y", 2), AsofOptions::on("t").by("k").nearest());
        // Of rows at the same time any may be found.
        let is_found = |frame: &Frame| frame.column::<Option<i64>>("y").unwrap().iter().map(Option::is_some).collect::<Vec<bool>>();
        let all = is_found(&query.sort("x").collect().unwrap());
        assert_eq!(is_found(&query.select(("y", "x")).sort("x").collect().unwrap()), all, "{place}");
        assert_eq!(query.count().unwrap(), left.len() as u64, "{place}");
        assert_eq!(query.agg(col("x").sum()).collect().unwrap().item::<i64>().unwrap(), 36, "{place}");
        let later = query.filter(col("y").is_not_null()).with_column("t", col("t") * 2).select(["t", "y"]);
        assert_eq!(later.count().unwrap(), all.iter().filter(|is_found| **is_found).count() as u64, "{place}");
    });
    let client = local("store");
    let _entered = client.enter();
    let files = super::Files::new([("a.csv", "t,x,unused\n1,2,3\n"), ("b.csv", "t,y,extra\n1,2,3\n")]);
    let query = files.read("a.csv").join_asof(&files.read("b.csv"), AsofOptions::on("t")).select(["x", "y"]);
    let text = query.explain().unwrap();
    assert!(!text.contains("unused") && !text.contains("extra"), "{text}");
}

#[test]
fn keys_spread_rows_over_tasks_and_no_gang_is_needed() {
    let client = local("store");
    let _entered = client.enter();
    let (left, right) = sides();
    let (one, two) = (split(&left, "x", 3).persist().unwrap(), split(&right, "y", 4).persist().unwrap());
    for (options, tasks) in [(AsofOptions::on("t").by("k"), 2), (AsofOptions::on("t"), 1)] {
        let query = one.join_asof(&two, options);
        let graph = query.graph_optimized().unwrap();
        assert!(graph.layers.iter().all(|layer| layer.spec.slicing == Slicing::Any), "{}", graph.summary());
        let is_join = |part: &String| part == "join-asof";
        let join = graph.layers.iter().find(|layer| layer.spec.parts.iter().any(is_join)).unwrap();
        assert_eq!(join.spec.tasks, tasks, "{}", graph.summary());
        travels(&query);
    }
}

#[test]
fn what_is_no_time_is_named() {
    let one = frame! { "t" => [1i64], "s" => ["x"], "day" => [day(1)] };
    let error = |options: AsofOptions| one.join_asof(&one, options).check().unwrap_err();
    let text = error(AsofOptions::on("s"));
    assert_eq!((text.kind(), text.step()), (ErrorKind::TypeMismatch, Some((2, "join_asof"))));
    assert_eq!(text.message(), "cannot join by the nearest s: it is str");
    assert_eq!(error(AsofOptions::on(["t", "day"])).message(), "there are 2 times to join on");
    assert_eq!(error(AsofOptions::on("time")).message(), "no column \"time\" in [t, s, day]");
    assert_eq!(error(AsofOptions::left_on("t")).message(), "there are 1 keys on the left and 0 on the right");
    assert_eq!(error(AsofOptions::on("t").by("key")).kind(), ErrorKind::UnknownColumn);
    assert_eq!(error(AsofOptions::left_on("t").right_on("s")).kind(), ErrorKind::TypeMismatch);
    for options in [AsofOptions::on("t").tolerance("2s"), AsofOptions::on("day").tolerance(2), AsofOptions::on("day").tolerance("1mo")] {
        assert_eq!(error(options).kind(), ErrorKind::BadValue);
    }
    assert_eq!(error(AsofOptions::on("day").tolerance("soon")).kind(), ErrorKind::BadValue);
    assert_eq!(error(AsofOptions::on("t").tolerance(lit(1) + 1)).kind(), ErrorKind::BadValue);
}

#[test]
fn options_are_printed() {
    let (one, two) = (DFrame::read_csv("a.csv"), DFrame::read_csv("b.csv"));
    let query = one.join_asof(&two, AsofOptions::on("t").by("k").nearest().tolerance("2s").strict());
    let text = query.to_string().lines().last().unwrap().to_owned();
    assert_eq!(text, "2. join_asof(read_csv(\"b.csv\"), on t, by k, nearest, tolerance \"2s\", strict)");
}

/// Few keys and times, so that there are ties, and nulls among them.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let key = prop_oneof![1 => Just(None), 3 => Just(Some("a")), 3 => Just(Some("b"))];
    let time = prop_oneof![1 => Just(None), 6 => (0i64..12).prop_map(Some)];
    prop::collection::vec((key, time), 0..20).prop_map(|rows| numbered(&rows))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_rows_find_their_nearest(left in rows(), right in rows(), parts in (1usize..5, 1usize..5)) {
        everywhere(|place| {
            let (one, two) = (split(&left, "x", parts.0), split(&right, "y", parts.1));
            for case in Case::all() {
                check(&one.join_asof(&two, case.options()).collect().unwrap(), &left, &right, case, place);
            }
        });
    }
}
