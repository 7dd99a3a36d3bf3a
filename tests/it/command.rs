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
