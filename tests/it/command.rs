//! The command line of a program that goes through `stratal::cli`.

use crate::clusters::PROGRAM;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_version_names_what_must_agree() {
    let output = run(&["--version"]);
    let text = text(&output.stdout);
    for part in [env!("CARGO_PKG_VERSION"), "arrow ", "datafusion ", "protocol "] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn tasks_lists_own_and_stock_functions() {
    let listed = text(&run(&["tasks"]).stdout);
    assert!(listed.contains("stratal_tests::square") && listed.contains("stratal::tasks::sum<i64>"), "{listed}");
}

#[test]
fn a_wrong_command_line_is_2_and_work_that_failed_is_1_in_one_block() {
    assert_eq!(run(&["wroker"]).status.code(), Some(2));
    assert_eq!(run(&["worker", "--threads", "many"]).status.code(), Some(2));
    let output = run(&["scheduler", "--host", "0.0.0.0"]);
    assert_eq!(output.status.code(), Some(1));
    let expected = "error: refusing to listen on 0.0.0.0:8786 without authentication\n\
                    help: add --token-file with --tls-cert and --tls-key, or listen on 127.0.0.1\n";
    assert_eq!(text(&output.stderr), expected);
    let output = run(&["worker", "127.0.0.1:1", "--connect-timeout", "300ms"]);
    assert_eq!((output.status.code(), text(&output.stderr).starts_with("error: ")), (Some(1), true));
}

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/myfile");

#[test]
fn a_query_prints_a_table_csv_and_json() {
    let query = format!("SELECT id, name FROM '{DATA}.0.csv' ORDER BY id LIMIT 2");
    let table = run(&["query", &query]);
    assert_eq!(table.status.code(), Some(0), "{}", text(&table.stderr));
    assert!(text(&table.stdout).starts_with("shape: (2, 2)\n┌"), "{}", text(&table.stdout));
    assert!(text(&table.stderr).starts_with("2 rows in 0."), "{}", text(&table.stderr));
    let csv = run(&["query", "-q", "--format", "csv", &query]);
    assert_eq!((text(&csv.stdout), text(&csv.stderr)), ("id,name\n0,Emil\n1,Bob\n".to_owned(), String::new()));
    let json = run(&["query", "-q", "--format", "json", &query]);
    assert_eq!(text(&json.stdout), "[\n{\"id\":0,\"name\":\"Emil\"},\n{\"id\":1,\"name\":\"Bob\"}\n]\n");
    let lines = run(&["query", "-q", "--format", "ndjson", "SELECT * FROM t LIMIT 1", "--table", &format!("t={DATA}.0.csv")]);
    assert_eq!(text(&lines.stdout), "{\"id\":0,\"name\":\"Emil\",\"amount\":322}\n");
}

#[test]
fn a_query_writes_files_and_does_not_write_over_them_unasked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("rows.parquet").to_str().unwrap().to_owned();
    let query = format!("SELECT * FROM '{DATA}.*.csv' WHERE name = 'Alice'");
    assert_eq!(run(&["query", &query, "-o", &path]).status.code(), Some(0));
    let again = run(&["query", &query, "-o", &path]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).starts_with("error: ") && text(&again.stderr).contains("exists already"), "{}", text(&again.stderr));
    assert_eq!(run(&["query", &query, "-o", &path, "--overwrite"]).status.code(), Some(0));
    let counted = |from: &str| {
        let query = format!("SELECT count(*) AS n FROM '{from}' WHERE name = 'Alice'");
        text(&run(&["query", "-q", "--format", "csv", &query]).stdout)
    };
    assert_eq!(counted(&path), counted(&format!("{DATA}.*.csv")));
    let schema = text(&run(&["schema", &path]).stdout);
    assert!(schema.contains("│ amount │ i64 "), "{schema}");
}

#[test]
fn mistakes_of_a_query_are_one_block_and_name_no_place_of_ours() {
    let output = run(&["query", &format!("SELECT nme FROM '{DATA}.*.csv'")]);
    let expected = "error: no column \"nme\" in [id, name, amount]\nhelp: did you mean \"name\"?\n";
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), expected.to_owned()));
    assert_eq!(run(&["query", "SELECT 1", "--format", "fancy"]).status.code(), Some(2));
    assert_eq!(run(&["query"]).status.code(), Some(1));
}

#[test]
fn a_query_is_explained_and_drawn() {
    let query = format!("SELECT name, sum(amount) FROM '{DATA}.*.csv' GROUP BY name");
    let plan = text(&run(&["query", "--explain", &query]).stdout);
    assert!(plan.contains("AggregateExec") && plan.contains("CsvScanExec"), "{plan}");
    let analysed = text(&run(&["query", "--explain-analyze", &query]).stdout);
    assert!(analysed.contains("rows"), "{analysed}");
    let drawn = text(&run(&["graph", &query]).stdout);
    assert_eq!(drawn, "sql  1 task  => sql\n└─ read-csv  4 tasks  (all)\n");
    let dot = text(&run(&["graph", &query, "--optimized", "--format", "dot"]).stdout);
    assert!(dot.starts_with("digraph"), "{dot}");
}
