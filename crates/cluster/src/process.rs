//! Entry points of the command: a scheduler or a worker that is the whole process.

use crate::{SchedulerOptions, WorkerOptions, scheduler, worker};
use std::io::{self, Read};
use stratal_core::{Result, runtime};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

/// What a process that is ready says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// A worker's name; `scheduler` for the scheduler.
    pub name: String,
    /// Where it listens: `tcp://127.0.0.1:8786`.
    pub address: String,
}

/// Runs a scheduler until SIGTERM.
///
/// # Errors
/// As [`serve_scheduler`](crate::serve_scheduler).
pub fn run_scheduler(options: SchedulerOptions, on_ready: impl FnOnce(&Ready)) -> Result<()> {
    let with_stdin = options.exit_with_stdin;
    runtime::io().block_on(until_told(with_stdin, scheduler::serve(options, on_ready)))
}

/// Runs a worker until SIGTERM, or until its scheduler is gone.
///
/// # Errors
/// As [`serve_worker`](crate::serve_worker).
pub fn run_worker(options: WorkerOptions, on_ready: impl FnOnce(&Ready)) -> Result<()> {
    let with_stdin = options.exit_with_stdin;
    runtime::io().block_on(until_told(with_stdin, worker::serve(options, on_ready)))
}

async fn until_told(with_stdin: bool, work: impl Future<Output = Result<()>>) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let closed = async {
        match with_stdin {
            true => stdin_is_closed().await,
            false => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = work => ended,
        _ = terminate.recv() => Ok(()),
        () = closed => Ok(()),
    }
}

/// Waits for the end of stdin, on a thread of its own: a read from it cannot be given up.
async fn stdin_is_closed() {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        let mut ignored = [0; 64];
        while matches!(io::stdin().lock().read(&mut ignored), Ok(1..)) {}
        let _ = tell.send(());
    });
    let _ = told.await;
}
