//! The two Tokio runtimes of a process, made at first use and never dropped.
//!
//! Compute runs plans; I/O serves connections, fetches and timers. CPU work never runs where heartbeats are served.
//! Being static, they are never dropped inside a user's async code, which would panic.

use std::sync::OnceLock;
use tokio::runtime::{Builder, Handle, Runtime};

fn make(name: &str, threads: usize) -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(threads)
        .thread_name(name)
        .enable_all()
        .build()
        .unwrap_or_else(|error| panic!("the operating system refuses the threads of the {name} runtime: {error}"))
}

/// Cores that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Runs what computes.
pub fn compute() -> &'static Handle {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| make("stratal-compute", cores())).handle()
}

/// Runs what waits.
pub fn io() -> &'static Handle {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| make("stratal-io", 2)).handle()
}
