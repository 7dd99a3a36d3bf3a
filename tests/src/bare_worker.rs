//! A worker of a program that has what core has and nothing else, no frames and no queries: `bare-worker worker HOST:PORT`.

use std::process::ExitCode;
use stratal_cluster::{WorkerOptions, run_worker};

fn main() -> ExitCode {
    let scheduler = std::env::args().nth(2).unwrap_or_default();
    let options = WorkerOptions { scheduler, threads: Some(1), exit_with_stdin: true, ..WorkerOptions::default() };
    match run_worker(options, |ready| println!("worker: {} {}", ready.name, ready.address)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
