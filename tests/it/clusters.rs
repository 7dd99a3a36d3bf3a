//! The executors that every test runs on, and a wait for what they do.

use std::{
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};
use stratal::{Client, prelude::*};

/// The program that is scheduler and worker: it has the functions of these tests.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_own-worker");

/// A program that is a worker without frames and queries.
pub(crate) const BARE: &str = env!("CARGO_BIN_EXE_bare-worker");

/// A scheduler and so many workers of one thread, as processes.
pub(crate) fn cluster(workers: usize) -> LocalCluster {
    LocalCluster::builder().workers(workers).threads(1).worker_bin(PROGRAM).start().expect("processes start")
}

/// The same with workers of two slots each, so that one alone has several partitions after an exchange.
pub(crate) fn wide(workers: usize) -> LocalCluster {
    LocalCluster::builder().workers(workers).threads(2).worker_bin(PROGRAM).start().expect("processes start")
}

/// One, two and four such workers for all tests of this process, by their number.
pub(crate) fn one_two_and_four() -> &'static [(usize, LocalCluster); 3] {
    static CLUSTERS: OnceLock<[(usize, LocalCluster); 3]> = OnceLock::new();
    CLUSTERS.get_or_init(|| [1, 2, 4].map(|workers| (workers, wide(workers))))
}

/// Two worker processes for all tests of this process. They end with it, since their stdin closes.
fn shared() -> &'static LocalCluster {
    static CLUSTER: OnceLock<LocalCluster> = OnceLock::new();
    CLUSTER.get_or_init(|| cluster(2))
}

/// A client of a cluster, for frames of which this engine runs what it can.
pub(crate) fn by(engine: &str, cluster: &LocalCluster) -> Client {
    let client = Client::builder().set("execution.engine", engine).detached().connect(&cluster.scheduler_addr());
    client.unwrap_or_else(|error| panic!("{engine}: {error}"))
}

/// Runs a test on each executor: in this process piped, through the store, in order on one thread; and on two processes.
pub(crate) fn everywhere(test: impl Fn(&str)) {
    on_each(here().into_iter().chain([("two worker processes", shared().client())]), test);
}

/// Runs a test on each executor, on processes by each engine.
pub(crate) fn by_each_engine(test: impl Fn(&str)) {
    let there = [("layers on two processes", "layers"), ("queries on two processes", "query")];
    on_each(here().into_iter().chain(there.map(|(name, engine)| (name, Ok(by(engine, shared()))))), test);
}

/// Clients of this process, by what they are called.
fn here() -> [(&'static str, stratal::Result<Client>); 3] {
    let local = |exchange: &str| Client::builder().threads(2).set("execution.exchange", exchange).set("worker.bin", PROGRAM).detached();
    [("pipe", local("pipe").local()), ("store", local("store").local()), ("synchronous", local("store").synchronous())]
}

fn on_each(clients: impl Iterator<Item = (&'static str, stratal::Result<Client>)>, test: impl Fn(&str)) {
    for (name, client) in clients {
        let client = client.unwrap_or_else(|error| panic!("{name}: {error}"));
        let _entered = client.enter();
        test(name);
    }
}

/// Waits for something to happen.
pub(crate) fn wait_until(what: &str, mut seen: impl FnMut() -> bool) {
    let started = Instant::now();
    while !seen() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what} never happened");
        thread::sleep(Duration::from_millis(2));
    }
}
