//! What errors say.

use super::Files;
use stratal_core::ErrorKind;
use stratal_frame::{col, count, frame};

#[test]
fn an_unknown_column_names_step_line_and_the_nearest_name() {
    let files = Files::people();
    let (line, query) = (line!(), files.read("myfile.0.csv").filter(col("amont").gt(1)));
    let error = query.collect().unwrap_err();
    assert_eq!(error.step(), Some((2, "filter")));
    assert_eq!((error.kind(), error.message()), (ErrorKind::UnknownColumn, "no column \"amont\" in [id, name, amount]"));
    assert_eq!(error.help(), Some("did you mean \"amount\"?"));
    let at = error.location().unwrap();
    assert!(at.file.ends_with("errors.rs") && at.line == line, "{at}");
    assert!(error.to_string().starts_with("step 2, filter ("), "{error}");
}

#[test]
fn a_text_is_not_compared_with_a_number() {
    let files = Files::people();
    let error = files.read("myfile.0.csv").filter(col("name").gt(5)).check().unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::TypeMismatch, "cannot compare str with i64 in name > 5"));
    assert_eq!(error.help(), Some("cast one side: col(\"name\").cast(\"i64\"), or compare with text: \"5\""));
    let error = files.read("myfile.0.csv").filter(col("amount").eq("10")).check().unwrap_err();
    assert_eq!(error.message(), "cannot compare i64 with str in amount = \"10\"");
    let error = files.read("myfile.0.csv").with_column("x", col("name") + 1).check().unwrap_err();
    assert_eq!((error.step(), error.message()), (Some((2, "with_column")), "cannot compute str + i64 in name + 1"));
}

#[test]
fn no_file_says_what_is_there() {
    let files = Files::people();
    let error = files.read("myfile.*.cvs").collect().unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::NotFound, Some((1, "read_csv"))));
    assert_eq!(error.message(), format!("no file matches {:?}", files.path("myfile.*.cvs")));
    assert_eq!(error.help(), Some(&*format!("{}/ holds 4 files *.csv", files.root().display())));
}

#[test]
fn names_are_exact_and_no_two_are_equal() {
    let rows = frame! { "Name" => ["a"], "x" => [1i64] };
    assert_eq!(rows.select("name").check().unwrap_err().help(), Some("did you mean \"Name\"?"));
    assert_eq!(rows.select((col("x"), col("x") + 1)).check().unwrap_err().message(), "two columns are named \"x\"");
    assert_eq!(rows.rename([("x", "Name")]).check().unwrap_err().message(), "two columns are named \"Name\"");
}

#[test]
fn aggregates_stand_where_rows_are_grouped() {
    let rows = frame! { "k" => ["a"], "x" => [1i64] };
    let error = rows.filter(col("x").sum().gt(1)).check().unwrap_err();
    assert_eq!(error.message(), "sum(x) is one value for many rows and cannot stand here");
    let error = rows.select(("k", count())).check().unwrap_err();
    assert_eq!(error.message(), "count() is one value and k one for each row");
    let error = rows.group_by("k").agg(col("x") + 1).check().unwrap_err();
    assert_eq!(error.message(), "column \"x\" in x + 1 is neither a key nor aggregated");
    let error = rows.agg(col("k").sum()).check().unwrap_err();
    assert_eq!(error.message(), "cannot take sum(k) of str");
}

#[test]
fn a_bad_type_waits_for_the_verb() {
    let rows = frame! { "x" => [1i64] }.with_column("x", col("x").cast("integer"));
    let error = rows.check().unwrap_err();
    assert_eq!((error.kind(), error.step(), error.message()), (ErrorKind::BadValue, Some((2, "with_column")), "\"integer\" is no type"));
}

#[test]
fn what_fails_while_it_runs_is_an_error_and_the_client_goes_on() {
    let rows = frame! { "x" => [1i64, 0] };
    assert!(rows.select(lit_over_x()).collect().is_err());
    assert_eq!(rows.count().unwrap(), 2);
}

fn lit_over_x() -> stratal_frame::Expr {
    1 / col("x")
}
