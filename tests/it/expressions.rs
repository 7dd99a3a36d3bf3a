//! Functions in expressions on every executor: those with a name go where the rows are, closures stay here.

use crate::clusters::{cluster, everywhere};
use stratal::{ErrorKind, prelude::*};
use stratal_tests::{no_threes, square, whereabouts};

fn read() -> DFrame {
    DFrame::read_csv(concat!(env!("CARGO_MANIFEST_DIR"), "/../data/myfile.*.csv"))
}

#[test]
fn functions_with_a_name_run_where_the_rows_are() {
    everywhere(|name| {
        let process = col("id").cast("u64").map(whereabouts).alias("process");
        let frame = read().select(("id", col("id").map(square).alias("squared"), process)).collect().unwrap();
        let ids = frame.column::<i64>("id").unwrap();
        assert!(!ids.is_empty(), "{name}");
        assert_eq!(frame.column::<i64>("squared").unwrap(), ids.iter().map(|id| id * id).collect::<Vec<_>>(), "{name}");
        let is_here = name != "two worker processes";
        let processes = frame.column::<u32>("process").unwrap();
        assert!(processes.iter().all(|process| (*process == std::process::id()) == is_here), "{name}: {processes:?}");
        let large = read().filter(col("id").map(square).gt(8)).group_by("name").agg(count().alias("n")).collect().unwrap();
        let expected = ids.iter().filter(|id| **id * **id > 8).count() as i64;
        assert_eq!(large.column::<i64>("n").unwrap().iter().sum::<i64>(), expected, "{name}");
    });
}

#[test]
fn functions_that_sql_does_not_have_are_known_to_workers() {
    everywhere(|name| {
        let day = concat_str("", (lit("2024-01-"), col("id") % 28 + 1)).str().to_date("%Y-%m-%d");
        let midnight = day.cast("datetime").dt().as_tz("Europe/Berlin");
        let columns = (
            ("id", "name", "amount"),
            day.dt().truncate("1mo").dt().day().alias("first"),
            day.dt().offset("1mo").dt().month().alias("next"),
            midnight.dt().to_tz("UTC").dt().hour().alias("hour"),
            col("name").str().extract("(.)$", 1).alias("last"),
            concat_str(",", ["id", "amount"]).str().split(",").cast("list[i64]").list().sum().alias("sum"),
        );
        let frame = read().select(columns).collect().unwrap();
        let numbers = |column: &str| frame.column::<i64>(column).unwrap();
        let all = |column: &str, value: i64| numbers(column).iter().all(|number| *number == value);
        assert!(all("first", 1) && all("next", 2) && all("hour", 23), "{name}");
        let last: Vec<String> =
            frame.column::<String>("name").unwrap().iter().filter_map(|name| name.chars().last()).map(String::from).collect();
        assert_eq!(frame.column::<String>("last").unwrap(), last, "{name}");
        let sums: Vec<i64> = numbers("id").iter().zip(numbers("amount")).map(|(id, amount)| id + amount).collect();
        assert_eq!(numbers("sum"), sums, "{name}");
    });
}

#[test]
fn a_panic_names_the_function_wherever_it_ran() {
    everywhere(|name| {
        let error = read().select(col("id").map(no_threes)).collect().unwrap_err();
        let text = error.message();
        assert!(text.contains("stratal_tests::no_threes panicked") && text.contains("no threes"), "{name}: {error}");
    });
}

#[test]
fn a_closure_is_refused_by_a_cluster_with_its_place() {
    let cluster = cluster(1);
    let client = cluster.client().unwrap();
    let _entered = client.enter();
    let error = read().select(col("id").map(|id: i64| id + 1)).collect().unwrap_err();
    let end = format!("cannot run on {}: a closure has no name there", cluster.scheduler_addr());
    assert_eq!(error.kind(), ErrorKind::Unregistered, "{error}");
    assert!(error.message().starts_with("closure at ") && error.message().contains("expressions.rs:"), "{error}");
    assert!(error.message().ends_with(&end), "{error}");
    assert_eq!(error.help(), Some("make it a function with #[stratal::task] and start the workers from this program"));
}
