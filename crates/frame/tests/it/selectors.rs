//! Several columns at once.

use super::{everywhere, parted};
use stratal_core::ErrorKind;
use stratal_frame::{DFrame, Selector, coalesce, col, cols, concat_str, date, frame, greatest, when};

fn wide() -> DFrame {
    let frame = frame! {
        "id" => [1i64, 2, 3, 4],
        "x_1" => [Some(1.0), Some(2.0), None, Some(4.0)],
        "x_2" => [Some(10.0), None, None, Some(40.0)],
        "name" => ["a", "b", "a", "b"],
        "ok" => [true, false, true, true],
    };
    parted(&frame.with_column("day", date("2024-01-31")), 2)
}

#[test]
fn columns_are_selected_dropped_and_sorted_by() {
    everywhere(|place| {
        let columns = |df: DFrame| df.columns().unwrap().join(" ");
        assert_eq!(columns(wide().select(Selector::numeric())), "id x_1 x_2", "{place}");
        assert_eq!(columns(wide().select((Selector::strings(), "ok", Selector::matching("_")))), "name ok x_1 x_2", "{place}");
        assert_eq!(columns(wide().select(Selector::all().except(Selector::temporal()).except(["id", "ok"]))), "x_1 x_2 name", "{place}");
        assert_eq!(columns(wide().drop(Selector::numeric())), "name ok day", "{place}");
        assert_eq!(columns(wide().drop((Selector::of_type("bool"), "day"))), "id x_1 x_2 name", "{place}");
        let sorted = wide().sort((Selector::strings(), cols(["id"]).desc())).collect().unwrap();
        assert_eq!(sorted.column::<i64>("id").unwrap(), [3, 1, 4, 2], "{place}");
        assert_eq!(wide().drop_nulls(Selector::matching("^x_")).count().unwrap(), 2, "{place}");
        assert_eq!(wide().unique(Selector::strings()).count().unwrap(), 2, "{place}");
        assert_eq!(wide().group_by(Selector::strings()).agg(cols(Selector::numeric()).sum()).sort("name").columns().unwrap().len(), 4);
    });
}

#[test]
fn an_expression_of_several_columns_is_one_for_each() {
    everywhere(|place| {
        let twice = wide().with_columns(cols(Selector::matching("^x_")) * 2).collect().unwrap();
        assert_eq!(twice.columns(), ["id", "x_1", "x_2", "name", "ok", "day"], "{place}");
        assert_eq!(twice.column::<Option<f64>>("x_2").unwrap(), [Some(20.0), None, None, Some(80.0)], "{place}");
        let filled = wide().with_columns(cols(Selector::numeric()).fill_null(0)).collect().unwrap();
        assert_eq!(filled.column::<f64>("x_1").unwrap(), [1.0, 2.0, 0.0, 4.0], "{place}");
        let centred = wide().select(cols(["id"]) - when(cols(["id"]).gt(2)).then(cols(["id"])).otherwise(0)).collect().unwrap();
        assert_eq!(centred.column::<i64>("id").unwrap(), [1, 2, 0, 0], "{place}");
        let sums = wide().agg(cols(Selector::numeric()).sum()).collect().unwrap();
        assert_eq!((sums.value::<i64>(0, "id").unwrap(), sums.value::<f64>(0, "x_2").unwrap()), (10, 50.0), "{place}");
        // What is grouped by is not aggregated, unless it is named.
        let all = wide().group_by("id").agg(cols(Selector::numeric()).max()).sort("id").collect().unwrap();
        assert_eq!(all.columns(), ["id", "x_1", "x_2"], "{place}");
    });
}

#[test]
fn one_value_is_made_of_all_that_are_chosen() {
    everywhere(|place| {
        let numbers = Selector::numeric();
        let answer = wide()
            .select((
                greatest(&numbers).alias("most"),
                coalesce((Selector::matching("^x_"), col("id"))).alias("first"),
                concat_str("", (Selector::strings(), "id")).alias("text"),
            ))
            .collect()
            .unwrap();
        assert_eq!(answer.column::<f64>("most").unwrap(), [10.0, 2.0, 3.0, 40.0], "{place}");
        assert_eq!(answer.column::<f64>("first").unwrap(), [1.0, 2.0, 3.0, 4.0], "{place}");
        assert_eq!(answer.column::<String>("text").unwrap(), ["a1", "b2", "a3", "b4"], "{place}");
    });
}

#[test]
fn what_cannot_be_chosen_is_an_error() {
    let error = wide().select(Selector::names(["id", "nam"])).check().unwrap_err();
    assert_eq!((error.kind(), error.help()), (ErrorKind::UnknownColumn, Some("did you mean \"name\"?")));
    let error = wide().filter(cols(Selector::matching("^x_")).gt(1)).check().unwrap_err();
    assert_eq!(error.message(), "cols(matching \"^x_\") > 1 is 2 expressions, and one value is wanted");
    assert_eq!(wide().filter(cols(["id"]).gt(1)).count().unwrap(), 3);
    let error = wide().select(cols(Selector::numeric()) + cols(Selector::strings())).check().unwrap_err();
    assert!(error.message().starts_with("cols(numeric) and cols(strings) stand in one expression"), "{error}");
    let error = wide().select(greatest(Selector::of_type("binary"))).check().unwrap_err();
    assert_eq!(error.message(), "greatest(cols(of type binary)) is of no column");
    assert_eq!(wide().select(Selector::of_type("int")).check().unwrap_err().message(), "\"int\" is no type");
}
