//! Rows to columns, columns to rows, lists to rows, and frames side by side.

use super::{Files, everywhere, join_expr::travels, local};
use arrow_array::{
    Array, ArrayRef, FixedSizeListArray, Int64Array, LargeListArray, ListArray, RecordBatch, StringArray,
    types::{Float64Type, Int64Type},
};
use arrow_buffer::OffsetBuffer;
use arrow_schema::Field;
use std::{collections::BTreeMap, sync::Arc};
use stratal_core::{ErrorKind, graph::Slicing};
use stratal_frame::{DFrame, Frame, How, PivotOptions, col, count, frame, lit};

/// Columns of these arrays, in `parts` partitions, some of which may be empty.
fn split(columns: &[(&str, ArrayRef)], parts: usize) -> DFrame {
    let whole = RecordBatch::try_from_iter_with_nullable(columns.iter().map(|(name, column)| (*name, column.clone(), true))).unwrap();
    let rows = whole.num_rows();
    let batches: Vec<RecordBatch> =
        (0..parts).map(|part| whole.slice(rows * part / parts, rows * (part + 1) / parts - rows * part / parts)).collect();
    DFrame::from_batches(whole.schema(), batches)
}

fn ints(values: impl IntoIterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<Int64Array>())
}

/// What the steps as they were written give.
fn oracle(frame: &DFrame, layer: &str) -> Frame {
    let parts = frame.graph().unwrap().get_all::<Frame>(layer).unwrap();
    Frame::new(parts[0].schema().clone(), parts.iter().flat_map(|part| part.batches().to_vec())).unwrap()
}

/// A list of each row; some are null, some empty, some have nulls in them.
fn lists(rows: i64) -> Vec<Option<Vec<Option<i64>>>> {
    let list = |row: i64| match row % 5 {
        0 => None,
        1 => Some(Vec::new()),
        length => Some((0..length).map(|nth| Some(row * 10 + nth).filter(|_| (row + nth) % 4 != 0)).collect()),
    };
    (0..rows).map(list).collect()
}

/// Id and value of every row that comes out.
fn exploded(lists: &[Option<Vec<Option<i64>>>]) -> Vec<(i64, Option<i64>)> {
    let rows = lists.iter().zip(0..).flat_map(|(list, id)| match list {
        Some(values) if !values.is_empty() => values.iter().map(|value| (id, *value)).collect(),
        _ => vec![(id, None)],
    });
    rows.collect()
}

fn pairs(frame: &Frame, value: &str) -> Vec<(i64, Option<i64>)> {
    frame.column::<i64>("id").unwrap().into_iter().zip(frame.column::<Option<i64>>(value).unwrap()).collect()
}

#[test]
fn a_list_becomes_rows_and_no_row_is_lost() {
    for rows in [0, 1, 2, 23] {
        let (lists, ids) = (lists(rows), ints((0..rows).map(Some)));
        let small: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists.clone()));
        let large: ArrayRef = Arc::new(LargeListArray::from_iter_primitive::<Int64Type, _, _>(lists.clone()));
        everywhere(|place| {
            for list in [&small, &large] {
                for parts in [1, 3, 7] {
                    let frame = split(&[("id", ids.clone()), ("v", list.clone()), ("w", ids.clone())], parts);
                    let query = frame.explode("v");
                    let answer = query.collect().unwrap();
                    assert_eq!(answer.columns(), ["id", "v", "w"], "{place} {rows} {parts}");
                    assert_eq!(pairs(&answer, "v"), exploded(&lists), "{place} {rows} {parts}");
                    assert_eq!(answer.column::<i64>("w").unwrap(), answer.column::<i64>("id").unwrap(), "{place} {rows} {parts}");
                    assert!(oracle(&query, "explode").equals(&answer), "{place} {rows} {parts}");
                }
            }
        });
    }
}

#[test]
fn lists_of_one_length_and_texts() {
    everywhere(|place| {
        let fixed = FixedSizeListArray::from_iter_primitive::<Float64Type, _, _>(
            [Some(vec![Some(1.0), Some(2.0)]), None, Some(vec![None, Some(4.0)])],
            2,
        );
        let frame = split(&[("id", ints([Some(0), Some(1), Some(2)])), ("v", Arc::new(fixed) as ArrayRef)], 2);
        let answer = frame.explode("v").collect().unwrap();
        assert_eq!(answer.column::<i64>("id").unwrap(), [0, 0, 1, 2, 2], "{place}");
        assert_eq!(answer.column::<Option<f64>>("v").unwrap(), [Some(1.0), Some(2.0), None, None, Some(4.0)], "{place}");
        let texts = frame! { "id" => [1i64, 1, 2], "s" => ["x", "y", "z"] };
        let lists: ArrayRef = {
            let values: ArrayRef = Arc::new(StringArray::from(vec!["x", "y", "z"]));
            let item = Arc::new(Field::new_list_field(values.data_type().clone(), true));
            Arc::new(ListArray::new(item, OffsetBuffer::from_lengths([2, 1]), values, None))
        };
        let rows = split(&[("id", ints([Some(1), Some(2)])), ("s", lists)], 1).explode("s").collect().unwrap();
        assert!(rows.equals(&texts.collect().unwrap()), "{place}");
    });
}

#[test]
fn several_lists_are_taken_side_by_side() {
    let (one, two) = (lists(23), lists(23).into_iter().map(|list| list.map(|values| values.into_iter().rev().collect::<Vec<_>>())));
    let two: Vec<Option<Vec<Option<i64>>>> = two.collect();
    let list = |lists: &[Option<Vec<Option<i64>>>]| -> ArrayRef {
        Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists.iter().cloned()))
    };
    everywhere(|place| {
        for parts in [1, 4] {
            let columns = [("id", ints((0..23).map(Some))), ("a", list(&one)), ("b", list(&two))];
            let both = split(&columns, parts).explode(["a", "b"]);
            let answer = both.collect().unwrap();
            assert_eq!(pairs(&answer, "a"), exploded(&one), "{place} {parts}");
            assert_eq!(pairs(&answer, "b"), exploded(&two), "{place} {parts}");
            // One after the other gives all pairs.
            let all = split(&columns, parts).explode("a").explode("b").count().unwrap();
            let expected: usize = one.iter().map(|list| list.as_ref().map_or(1, |values| values.len().max(1)).pow(2)).sum();
            assert_eq!(all, expected as u64, "{place} {parts}");
        }
        // A null list becomes as many rows as a list of one.
        let (short, long) = (list(&[None, Some(vec![Some(1), Some(2)])]), list(&[Some(vec![Some(7)]), Some(vec![Some(8)])]));
        let ids = ints([Some(0), Some(1)]);
        let first = split(&[("id", ids.clone()), ("a", short.clone()), ("b", long.clone())], 1).head(1).explode(["a", "b"]);
        assert_eq!(pairs(&first.collect().unwrap(), "b"), [(0, Some(7))], "{place}");
        let error = split(&[("id", ids), ("a", short), ("b", long)], 2).explode(["a", "b"]).collect().unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::BadValue, "a row has 2 values in \"a\" and 1 in \"b\""), "{place}");
    });
}

#[test]
fn long_lists_come_out_in_several_batches() {
    let lengths = [20_000i64, 0, 3, 9_000];
    let lists = lengths.map(|length| Some((0..length).map(Some).collect::<Vec<_>>()));
    let column: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists.clone()));
    everywhere(|place| {
        let answer = split(&[("id", ints((0..4).map(Some))), ("v", column.clone())], 2).explode("v").collect().unwrap();
        assert_eq!(pairs(&answer, "v"), exploded(&lists), "{place}");
        assert!(answer.batches().iter().all(|batch| batch.num_rows() <= 8192), "{place}");
    });
}

#[test]
fn filters_columns_and_sorts_around_an_explode() {
    let lists = lists(23);
    let column: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists.clone()));
    everywhere(|place| {
        for parts in [1, 4] {
            let frame = split(&[("id", ints((0..23).map(Some))), ("v", column.clone()), ("w", ints((0..23).map(Some)))], parts);
            // The name of what is below a step is not the name of what is above it.
            let rows = frame.with_column("id", col("id") + 100).explode("v").filter(col("id").gt(110)).collect().unwrap();
            let expected: Vec<(i64, Option<i64>)> =
                exploded(&lists).into_iter().map(|(id, v)| (id + 100, v)).filter(|row| row.0 > 110).collect();
            assert_eq!(pairs(&rows, "v"), expected, "{place} {parts}");
            let there = frame.explode("v").filter(col("v").is_not_null() & col("w").lt(12)).collect().unwrap();
            let expected: Vec<(i64, Option<i64>)> = exploded(&lists).into_iter().filter(|(id, v)| v.is_some() && *id < 12).collect();
            assert_eq!(pairs(&there, "v"), expected, "{place} {parts}");
            assert_eq!(frame.explode("v").count().unwrap(), exploded(&lists).len() as u64, "{place} {parts}");
            assert_eq!(frame.explode("v").select("w").count().unwrap(), exploded(&lists).len() as u64, "{place} {parts}");
            // The order of a sort below it stays, and one above it sorts its values.
            let down = frame.sort(col("id").desc()).explode("v").collect().unwrap();
            let mut expected: Vec<i64> = exploded(&lists).into_iter().map(|(id, _)| id).collect();
            expected.reverse();
            assert_eq!(down.column::<i64>("id").unwrap(), expected, "{place} {parts}");
            let by_value = frame.explode("v").sort(col("v").desc()).head(3).collect().unwrap();
            let mut values: Vec<Option<i64>> = exploded(&lists).into_iter().map(|(_, v)| v).filter(Option::is_some).collect();
            values.sort_unstable_by(|one, two| two.cmp(one));
            assert_eq!(by_value.column::<Option<i64>>("v").unwrap(), values[..3], "{place} {parts}");
        }
    });
}

#[test]
fn what_cannot_be_exploded_is_named() {
    let rows = frame! { "x" => [1i64] };
    let error = rows.explode("x").check().unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::TypeMismatch, Some((2, "explode"))));
    assert_eq!(error.message(), "column \"x\" is i64, not a list");
    assert_eq!(rows.explode("y").check().unwrap_err().message(), "no column \"y\" in [x]");
    assert_eq!(rows.explode(()).check().unwrap_err().message(), "there is nothing to explode");
    assert_eq!(rows.explode(col("x") + 1).check().unwrap_err().kind(), ErrorKind::BadValue);
}

/// City, month and amount; some are null.
type Sale = (Option<&'static str>, Option<&'static str>, Option<i64>);

fn sales() -> Vec<Sale> {
    let (cities, months) = ([Some("Rome"), Some("Oslo"), None, Some("Bonn")], [Some("jan"), Some("feb"), None, Some("mar")]);
    (0..40i64).map(|row| (cities[(row * row % 4) as usize], months[(row * 7 / 3 % 4) as usize], (row % 6 != 0).then_some(row))).collect()
}

fn sold(parts: usize) -> DFrame {
    let texts = |texts: Vec<Option<&'static str>>| -> ArrayRef { Arc::new(StringArray::from(texts)) };
    let (cities, months) = (sales().iter().map(|sale| sale.0).collect(), sales().iter().map(|sale| sale.1).collect());
    split(&[("city", texts(cities)), ("month", texts(months)), ("amount", ints(sales().iter().map(|sale| sale.2)))], parts)
}

/// The sum and the number of rows of each city in a month.
fn expected(month: Option<&str>) -> BTreeMap<Option<String>, (Option<i64>, i64)> {
    let mut groups: BTreeMap<Option<String>, (Option<i64>, i64)> = BTreeMap::new();
    for (city, sold, amount) in sales() {
        let group = groups.entry(city.map(str::to_owned)).or_default();
        if sold == month {
            group.1 += 1;
            if let Some(amount) = amount {
                group.0 = Some(group.0.unwrap_or(0) + amount);
            }
        }
    }
    groups
}

#[test]
fn values_become_columns() {
    let values = || [lit("jan"), lit("mar"), lit("may"), lit(None::<&str>)];
    let months = [Some("jan"), Some("mar"), Some("may"), None];
    everywhere(|place| {
        for parts in [1, 3, 7] {
            let sums = sold(parts).pivot(PivotOptions::new("city", "month", values(), col("amount").sum()));
            let counts = sold(parts).pivot(PivotOptions::new("city", "month", values(), count()));
            let (answer, counted) = (sums.sort("city").collect().unwrap(), counts.sort("city").collect().unwrap());
            assert_eq!(answer.columns(), ["city", "jan", "mar", "may", "null"], "{place} {parts}");
            for month in months {
                let groups = expected(month);
                let name = month.unwrap_or("null");
                for row in 0..answer.len() {
                    let city = answer.value::<Option<String>>(row, "city").unwrap();
                    let (sum, rows) = groups[&city];
                    assert_eq!(answer.value::<Option<i64>>(row, name).unwrap(), sum, "{place} {parts} {city:?} {name}");
                    assert_eq!(counted.value::<i64>(row, name).unwrap(), rows, "{place} {parts} {city:?} {name}");
                }
                assert_eq!(answer.len(), groups.len(), "{place} {parts}");
            }
            assert!(oracle(&sums, "pivot").equals_unordered(&answer), "{place} {parts}");
        }
    });
}

#[test]
fn a_pivot_takes_expressions_of_aggregates_and_values_of_any_type() {
    everywhere(|place| {
        let rows = frame! { "k" => [1i64, 1, 2, 3], "x" => [10i64, 20, 30, 40], "yes" => [true, false, true, true] };
        let span = (col("x").max() - col("x").min()) + count();
        let wide = rows.pivot(PivotOptions::new((), "k", [1, 2, 9], span)).collect().unwrap();
        assert_eq!(wide.columns(), ["1", "2", "9"], "{place}");
        assert_eq!(wide.column::<Option<i64>>("1").unwrap(), [Some(12)], "{place}");
        assert_eq!((wide.value::<Option<i64>>(0, "2").unwrap(), wide.value::<Option<i64>>(0, "9").unwrap()), (Some(1), None), "{place}");
        let named = PivotOptions::new("k", "yes", [lit(true).alias("y"), lit(false)], col("x").sum());
        let wide = rows.pivot(named).sort("k").collect().unwrap();
        assert_eq!(wide.columns(), ["k", "y", "false"], "{place}");
        assert_eq!(wide.column::<Option<i64>>("y").unwrap(), [Some(10), Some(30), Some(40)], "{place}");
        let computed = PivotOptions::new("yes", (col("x") / 20).alias("tens"), [0, 1, 2], count());
        let wide = rows.pivot(computed).sort(col("yes").desc()).collect().unwrap();
        assert_eq!(wide.column::<i64>("1").unwrap(), [1, 1], "{place}");
        let unpivoted = wide.lazy().unpivot(["0", "1", "2"], "yes").agg(col("value").sum());
        assert_eq!(unpivoted.collect().unwrap().item::<i64>().unwrap(), 4, "{place}");
    });
}

#[test]
fn what_cannot_be_pivoted_is_named() {
    let rows = frame! { "k" => ["a"], "x" => [1i64] };
    let error = |options: PivotOptions| rows.pivot(options).check().unwrap_err();
    let twice = error(PivotOptions::new("k", "x", [1, 1], count()));
    assert_eq!((twice.step(), twice.message()), (Some((2, "pivot")), "two columns are named \"1\""));
    assert_eq!(error(PivotOptions::new("k", "x", [1], col("x"))).message(), "x is no aggregate, and several rows become one value");
    assert_eq!(error(PivotOptions::new("k", "x", ["a"], count())).message(), "cannot compare i64 with str in x = \"a\"");
    assert_eq!(error(PivotOptions::new("k", ["x", "k"], [1], count())).kind(), ErrorKind::BadValue);
    assert_eq!(error(PivotOptions::new("k", "x", [0i64; 0], count())).message(), "there are no values to become columns");
    assert_eq!(error(PivotOptions::new("k", "x", [col("x")], count())).kind(), ErrorKind::BadValue);
    let text = rows.pivot(PivotOptions::new("k", "x", [1, 2], col("x").sum())).to_string();
    assert_eq!(text.lines().last().unwrap(), "2. pivot([k], x, [1, 2], sum(x))");
}

#[test]
fn columns_become_rows() {
    everywhere(|place| {
        for parts in [1, 3, 7] {
            let columns = [
                ("id", ints((0..10).map(Some))),
                ("a", ints((0..10).map(|row| (row % 3 != 0).then_some(row * 10)))),
                ("b", ints((0..10).map(|row| Some(row * 100)))),
                ("w", ints((0..10).map(Some))),
            ];
            let wide = split(&columns, parts);
            let long = wide.unpivot(["b", "a"], ["w", "id"]);
            let answer = long.sort(["id", "variable"]).collect().unwrap();
            assert_eq!(answer.columns(), ["w", "id", "variable", "value"], "{place} {parts}");
            let ids: Vec<i64> = (0..10).flat_map(|row| [row, row]).collect();
            let values: Vec<Option<i64>> = (0..10).flat_map(|row| [(row % 3 != 0).then_some(row * 10), Some(row * 100)]).collect();
            assert_eq!((answer.column::<i64>("id").unwrap(), answer.column::<i64>("w").unwrap()), (ids.clone(), ids), "{place} {parts}");
            assert_eq!(answer.column::<Option<i64>>("value").unwrap(), values, "{place} {parts}");
            assert_eq!(answer.column::<String>("variable").unwrap(), ["a", "b"].repeat(10), "{place} {parts}");
            assert!(oracle(&long, "unpivot").equals_unordered(&answer), "{place} {parts}");
            // All others, and none that stay.
            assert_eq!(wide.unpivot((), "id").count().unwrap(), 30, "{place} {parts}");
            let all = wide.unpivot(["a", "b"], ()).collect().unwrap();
            assert_eq!((all.columns(), all.len()), (vec!["variable", "value"], 20), "{place} {parts}");
            let sums = long.group_by("variable").agg(col("value").sum()).sort("variable").collect().unwrap();
            assert_eq!(sums.column::<i64>("value").unwrap(), [270, 4500], "{place} {parts}");
            assert_eq!(long.filter(col("variable").eq("a") & col("id").lt(4)).count().unwrap(), 4, "{place} {parts}");
        }
    });
}

#[test]
fn columns_of_two_types_become_one() {
    let rows = frame! { "k" => ["x"], "i" => [1i32], "f" => [0.5], "s" => ["y"] };
    let long = rows.unpivot(["i", "f"], "k").sort("value").collect().unwrap();
    assert_eq!(long.column::<f64>("value").unwrap(), [0.5, 1.0]);
    let error = rows.unpivot(["i", "s"], "k").check().unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::TypeMismatch, Some((2, "unpivot"))));
    assert_eq!(error.message(), "column \"s\" is str, and those before it i32");
    assert_eq!(rows.unpivot("i", "i").check().unwrap_err().message(), "two columns are named \"i\"");
    let taken = frame! { "variable" => [1i64], "x" => [1i64] };
    assert_eq!(taken.unpivot("x", "variable").check().unwrap_err().message(), "two columns are named \"variable\"");
    assert_eq!(rows.unpivot((), ["k", "i", "f", "s"]).check().unwrap_err().message(), "there is nothing to unpivot");
    let computed = rows.unpivot((col("i") + 1).alias("next"), "k").collect().unwrap();
    assert_eq!((computed.value::<String>(0, "variable").unwrap(), computed.value::<i64>(0, "value").unwrap()), ("next".to_owned(), 2));
}

#[test]
fn frames_stand_side_by_side_row_beside_row() {
    let columns = |name: &'static str, factor: i64| [("id", ints((0..50).map(Some))), (name, ints((0..50).map(|row| Some(row * factor))))];
    everywhere(|place| {
        for (left, right) in [(1, 1), (1, 5), (7, 3), (60, 4)] {
            let (one, two) = (split(&columns("a", 2), left), split(&columns("b", 3), right));
            let query = one.hstack(&two);
            let answer = query.collect().unwrap();
            assert_eq!(answer.columns(), ["id", "a", "id_right", "b"], "{place} {left} {right}");
            assert_eq!(answer.column::<i64>("id").unwrap(), (0..50).collect::<Vec<_>>(), "{place} {left} {right}");
            assert_eq!(answer.column::<i64>("id_right").unwrap(), (0..50).collect::<Vec<_>>(), "{place} {left} {right}");
            assert_eq!(answer.column::<i64>("b").unwrap(), (0..50).map(|row| row * 3).collect::<Vec<_>>(), "{place} {left} {right}");
            assert!(oracle(&query, "hstack").equals(&answer), "{place} {left} {right}");
            // What was persisted, filtered and sorted too, and of it only some columns.
            let (kept, down) = (one.filter(col("id").lt(30)).persist().unwrap(), two.sort(col("b").desc()).head(30));
            let mixed = kept.hstack(&down).collect().unwrap();
            assert_eq!(mixed.column::<i64>("id_right").unwrap(), (20..50).rev().collect::<Vec<_>>(), "{place} {left} {right}");
            let sorted = one.sort(col("a").desc()).hstack(&two.sort("b")).select(("a", "b")).collect().unwrap();
            assert_eq!(sorted.column::<i64>("a").unwrap(), (0..50).rev().map(|row| row * 2).collect::<Vec<_>>(), "{place}");
            assert_eq!(sorted.column::<i64>("b").unwrap(), (0..50).map(|row| row * 3).collect::<Vec<_>>(), "{place} {left} {right}");
            assert_eq!(query.select("a").count().unwrap(), 50, "{place} {left} {right}");
            assert_eq!(query.filter(col("b").gt(30)).head(2).collect().unwrap().column::<i64>("id").unwrap(), [11, 12], "{place}");
        }
        let (none, nothing) = (split(&columns("a", 2), 3).filter(col("id").gt(99)), split(&columns("b", 3), 2).filter(col("id").gt(99)));
        assert_eq!(none.hstack(&nothing).collect().unwrap().len(), 0, "{place}");
    });
}

#[test]
fn frames_of_different_lengths_do_not_stand_side_by_side() {
    everywhere(|place| {
        let x = |rows: i64, parts| split(&[("x", ints((0..rows).map(Some)))], parts);
        for (left, right) in [(10, 11), (11, 10), (0, 3), (3, 0), (20_000, 19_999)] {
            let error = x(left, 3).hstack(&x(right, 2)).collect().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadValue, "{place}");
            assert_eq!(error.message(), format!("the left frame has {left} rows, and the right {right}"), "{place}");
        }
        let twice = frame! { "x" => [1i64], "x_right" => [2i64] };
        assert_eq!(twice.hstack(&twice).check().unwrap_err().message(), "two columns are named \"x_right\"", "{place}");
    });
}

#[test]
fn reshaping_needs_no_gang_and_travels() {
    let client = local("store");
    let _entered = client.enter();
    let files = Files::people();
    let people = files.read("myfile.*.csv");
    let lists: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists(9)));
    let exploded = split(&[("id", ints((0..9).map(Some))), ("v", lists)], 3).explode("v");
    let queries = [
        exploded.clone(),
        people.unpivot(["id", "amount"], "name"),
        people.hstack(&people.sort("amount").select(col("amount").alias("other"))),
        people.pivot(PivotOptions::new("name", "id", [1, 2], col("amount").sum())),
    ];
    for query in &queries {
        let graph = query.graph_optimized().unwrap();
        assert!(graph.layers.iter().all(|layer| layer.spec.slicing == Slicing::Any), "{}", graph.summary());
        travels(query);
    }
    assert_eq!(exploded.graph_optimized().unwrap().summary(), "from-memory+explode[3]");
    let unpivoted = queries[1].graph_optimized().unwrap();
    assert_eq!((unpivoted.layers.len(), unpivoted.layers[0].spec.tasks), (1, 4), "{}", unpivoted.summary());
    assert_eq!(exploded.graph().unwrap().summary(), "from-memory[3] -> explode[3]");
    let both = DFrame::concat(&[&exploded, &exploded.filter(col("id").gt(3))], How::ByName);
    assert_eq!(both.graph_optimized().unwrap().layers.len(), 1, "{}", both.graph_optimized().unwrap().summary());
}
