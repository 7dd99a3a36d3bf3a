//! SQL text over frames and files, against the same query by methods and against answers computed by hand.

use super::{Files, everywhere};
use arrow_schema::DataType;
use stratal_core::ErrorKind;
use stratal_frame::{DFrame, col, count, frame, left_on, sql_expr};

fn orders() -> DFrame {
    frame! { "id" => [1i64, 2, 3, 4], "Customer" => [10i64, 20, 10, 30], "amount" => [Some(5i64), Some(7), None, Some(9)] }
}

fn customers() -> DFrame {
    frame! { "id" => [10i64, 20], "City" => ["Oslo", "Rome"] }
}

#[test]
fn a_query_gives_what_the_methods_give() {
    everywhere(|place| {
        let query = "SELECT City, sum(amount) AS total, count(*) AS n FROM orders o JOIN customers c ON o.Customer = c.id \
                     GROUP BY City ORDER BY City";
        let answer = DFrame::sql(query, [("orders", &orders()), ("customers", &customers())]).collect().unwrap();
        let methods = orders()
            .join(&customers(), left_on("Customer").right_on("id"))
            .group_by("City")
            .agg([col("amount").sum().alias("total"), count().alias("n")])
            .sort("City");
        assert!(answer.equals(&methods.collect().unwrap()), "{place}: {answer}");
        assert_eq!(answer.column::<i64>("total").unwrap(), [5, 7], "{place}");
        assert_eq!(answer.column::<i64>("n").unwrap(), [2, 1], "{place}");
    });
}

#[test]
fn names_keep_their_spelling_and_what_has_none_is_called_by_its_text() {
    everywhere(|place| {
        let columns = |query: &str| DFrame::sql(query, [("Orders", &orders()), ("c", &customers())]).columns().unwrap();
        assert_eq!(
            columns("SELECT CUSTOMER, sum(o.AMOUNT), count(*), amount + 1 FROM orders o GROUP BY 1, amount"),
            ["Customer", "sum(AMOUNT)", "count(*)", "amount + 1"]
        );
        assert_eq!(columns("SELECT * FROM orders, c"), ["id", "Customer", "amount", "id_1", "City"], "{place}");
        assert_eq!(columns("SELECT a.\"sum(amount)\" FROM (SELECT sum(amount) FROM orders) a"), ["sum(amount)"]);
        assert_eq!(columns("WITH t AS (SELECT Id AS Nr FROM Orders) SELECT nr FROM t"), ["Nr"]);
    });
}

#[test]
fn words_of_sql_are_columns_where_there_are_such() {
    everywhere(|place| {
        let visits = frame! { "User" => ["a", "b", "a"], "current_date" => [3i64, 2, 1] };
        let query = "SELECT user, sum(current_date) AS total FROM v WHERE user <> 'b' GROUP BY user ORDER BY user";
        let sums = DFrame::sql(query, [("v", &visits)]).collect().unwrap();
        assert_eq!((sums.columns(), sums.value::<i64>(0, "total").unwrap()), (vec!["User", "total"], 4), "{place}");
        let kept = visits.filter(sql_expr("user = 'a' AND current_date > 1")).count().unwrap();
        assert_eq!(kept, 1, "{place}");
        // Where there is none, and where it is called, it is the date of today.
        for query in ["SELECT DISTINCT current_date AS today FROM o", "SELECT DISTINCT current_date() AS today FROM v"] {
            let today = DFrame::sql(query, [("o", &orders()), ("v", &visits)]);
            assert_eq!((today.schema().unwrap().field(0).data_type(), today.count().unwrap()), (&DataType::Date32, 1), "{place} {query}");
        }
    });
}

#[test]
fn nulls_are_last_and_the_same_columns_swapped_three_times_are_swapped() {
    everywhere(|place| {
        let sorted = DFrame::sql("SELECT amount FROM o ORDER BY amount DESC", [("o", &orders())]).collect().unwrap();
        assert_eq!(sorted.column::<Option<i64>>("amount").unwrap(), [Some(9), Some(7), Some(5), None], "{place}");
        let pair = frame! { "a" => [1i64], "b" => [2i64] };
        let query = "SELECT b AS a, a AS b FROM (SELECT b AS a, a AS b FROM (SELECT b AS a, a AS b FROM t))";
        let swapped = DFrame::sql(query, [("t", &pair)]).collect().unwrap();
        assert_eq!((swapped.value::<i64>(0, "a").unwrap(), swapped.value::<i64>(0, "b").unwrap()), (2, 1), "{place}");
    });
}

#[test]
fn files_stand_in_quotes_and_are_read_by_their_ending() {
    let files = Files::people();
    everywhere(|place| {
        let query =
            format!("SELECT name, sum(amount) AS total FROM '{}' GROUP BY name ORDER BY total DESC, name", files.path("myfile.*.csv"));
        let answer = DFrame::sql(&query, ()).collect().unwrap();
        assert_eq!(answer.column::<String>("name").unwrap(), ["Alice", "Bob", "Dave", "Carol"], "{place}");
        assert_eq!(answer.column::<i64>("total").unwrap(), [180, 70, 70, 40], "{place}");
        // The same file twice is one input.
        let path = files.path("myfile.0.csv");
        let both = DFrame::sql(format!("SELECT a.id FROM '{path}' a JOIN '{path}' b ON a.id = b.id"), ());
        assert_eq!(both.count().unwrap(), 2, "{place}");
        assert_eq!(both.graph().unwrap().summary(), "read-csv[1] -> sql[1]", "{place}");
        assert_eq!(DFrame::sql("SELECT 1 + 1 AS two", ()).collect().unwrap().item::<i64>().unwrap(), 2, "{place}");
    });
}

#[test]
fn steps_go_on_after_a_query_and_windows_run_in_it() {
    everywhere(|place| {
        let query = "SELECT id, amount, row_number() OVER (ORDER BY id) AS nr, sum(amount) OVER (PARTITION BY Customer) AS whole FROM o";
        let answer = DFrame::sql(query, [("o", &orders())]).filter(col("nr").gt(1)).sort("id").collect().unwrap();
        assert_eq!(answer.column::<i64>("id").unwrap(), [2, 3, 4], "{place}");
        assert_eq!(answer.column::<Option<i64>>("whole").unwrap(), [Some(7), Some(5), Some(9)], "{place}");
    });
}

#[test]
fn mistakes_are_named() {
    let wrong = |query: &str| DFrame::sql(query, [("orders", &orders())]).collect().unwrap_err();
    let error = wrong("SELECT amont FROM orders");
    assert_eq!((error.kind(), error.message()), (ErrorKind::UnknownColumn, "no column \"amont\" in [id, Customer, amount]"));
    assert_eq!(error.help(), Some("did you mean \"amount\"?"));
    let error = wrong("SELECT * FROM order_s");
    assert_eq!((error.kind(), error.message()), (ErrorKind::NotFound, "no table \"order_s\" in [orders]"));
    let error = wrong("SELECT id twice thrice FROM orders");
    assert_eq!(error.kind(), ErrorKind::Sql);
    assert!(error.message().contains("Line: 1"), "{error}");
    assert_eq!(wrong("DROP TABLE orders").message(), "this is no query");
    assert_eq!(wrong("SELECT * FROM 'nothing/*.xyz'").kind(), ErrorKind::BadValue);
    assert_eq!(wrong("SELECT * FROM 'nothing/*.csv'").kind(), ErrorKind::NotFound);
    assert_eq!(wrong("SELECT nofunction(id) FROM orders").kind(), ErrorKind::Sql);
}
