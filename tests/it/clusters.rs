//! The executors that every test runs on.

use std::sync::OnceLock;
use stratal::{Client, prelude::*};

/// The program that is scheduler and worker: it has the functions of these tests.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_own-worker");

/// A scheduler and so many workers of one thread, as processes.
pub(crate) fn cluster(workers: usize) -> LocalCluster {
    LocalCluster::builder().workers(workers).threads(1).worker_bin(PROGRAM).start().expect("processes start")
}

/// Two worker processes for all tests of this process. They end with it, since their stdin closes.
fn shared() -> &'static LocalCluster {
    static CLUSTER: OnceLock<LocalCluster> = OnceLock::new();
    CLUSTER.get_or_init(|| cluster(2))
}

/// Runs a test on each executor: in this process piped, through the store, in order on one thread; and on two processes.
pub(crate) fn everywhere(test: impl Fn(&str)) {
    let local = |exchange: &str| Client::builder().threads(2).set("execution.exchange", exchange).set("worker.bin", PROGRAM).detached();
    let clients = [
        ("pipe", local("pipe").local()),
        ("store", local("store").local()),
        ("synchronous", local("store").synchronous()),
        ("two worker processes", shared().client()),
    ];
    for (name, client) in clients {
        let client = client.unwrap_or_else(|error| panic!("{name}: {error}"));
        let _entered = client.enter();
        test(name);
    }
}
