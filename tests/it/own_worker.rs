//! One program as scheduler, workers and application, each a process of its own.

use crate::clusters::PROGRAM;
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// A process that ends with this value.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: String,
}

impl Process {
    /// Starts a role and waits for the line that says where it is.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Process::start_of(PROGRAM, arguments)
    }

    /// Starts a role of another program.
    pub(crate) fn start_of(program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).arg("--exit-with-stdin").env_remove("STRATAL_SCHEDULER").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit(' ').next().unwrap().to_owned();
        assert!(line.starts_with(&format!("{}: ", arguments[0])) && address.starts_with("tcp://127.0.0.1:"), "{line}");
        Process { child, address }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the application prints.
fn app(scheduler: Option<&str>) -> String {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../data");
    let mut command = Command::new(PROGRAM);
    command.args(["app", data]).env_remove("STRATAL_SCHEDULER");
    if let Some(address) = scheduler {
        command.env("STRATAL_SCHEDULER", address);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const EXPECTED: &str = "333283335000\n45\n1 12\nread-csv[4] -> add[4] -> filter[4]\n796 rows\n";

#[test]
fn one_program_is_scheduler_worker_and_application() {
    let scheduler = Process::start(&["scheduler", "--port", "0"]);
    let address = scheduler.address.as_str();
    let workers = [Process::start(&["worker", address]), Process::start(&["worker", address, "--name", "second"])];
    assert_eq!(app(Some(address)), EXPECTED);
    assert_eq!(app(Some(address)), EXPECTED, "one application after another");
    drop(workers);
}

#[test]
fn the_application_runs_alone_too() {
    assert_eq!(app(None), EXPECTED);
}
