//! Functions that do nothing: what a task costs from call to result, threads, store and network included.
//!
//! `peers/dask_tasks.py` does the same by Dask distributed, in the same topology as the second table.

use std::time::Instant;
use stratal::{Client, Edge, LayeredGraph, Result, cluster::LocalCluster, delayed, task, tasks::sum};

#[task]
fn inc(x: i64) -> i64 {
    x + 1
}

#[task]
fn same(x: i64) -> i64 {
    x
}

#[task]
fn add(xs: Vec<i64>) -> i64 {
    xs.iter().sum()
}

fn map(client: &Client) -> Result<u64> {
    const N: i64 = 100_000;
    let total = client.submit(sum, client.map(same, 0..N)).result()?;
    assert_eq!(total, N * (N - 1) / 2);
    Ok(N as u64)
}

fn one_by_one(client: &Client) -> Result<u64> {
    const N: i64 = 20_000;
    let futures: Vec<_> = (0..N).map(|x| client.submit(same, x)).collect();
    let total: i64 = client.gather(&futures)?.iter().sum();
    assert_eq!(total, N * (N - 1) / 2);
    Ok(N as u64)
}

fn tree(_: &Client) -> Result<u64> {
    let graph = LayeredGraph::builder()
        .source("leaf", same, 0..43_750i64)
        .layer("sum-1", add, Edge::tree("leaf", 8))
        .layer("sum-2", add, Edge::tree("sum-1", 8))
        .layer("sum-3", add, Edge::tree("sum-2", 8))
        .layer("sum-4", add, Edge::tree("sum-3", 8))
        .layer("total", add, Edge::all("sum-4"))
        .build()?;
    assert_eq!(graph.get::<i64>("total")?, 43_750 * 43_749 / 2);
    Ok(graph.tasks().max(43_750 + 5_469 + 684 + 86 + 11 + 1))
}

fn chain(_: &Client) -> Result<u64> {
    const N: i64 = 100_000;
    let last = (0..N).fold(delayed(same, 7), |chain, _| delayed(inc, chain));
    assert_eq!(last.compute()?, 7 + N);
    Ok(N as u64 + 1)
}

/// Prints tables of what each shape costs a task.
pub(crate) fn run(runs: usize) -> Result<()> {
    let client = Client::builder().threads(2).detached().local()?;
    table("this process, 2 threads", &client, runs)?;
    let cluster = LocalCluster::builder().workers(2).threads(1).start()?;
    table("scheduler and 2 workers of 1 thread, as processes", &cluster.client()?, runs)
}

fn table(place: &str, client: &Client, runs: usize) -> Result<()> {
    let _entered = client.enter();
    println!("functions in {place}, from call to result, median of {runs}");
    println!("{:<34}{:>10}{:>12}{:>12}", "work", "tasks", "µs/task", "tasks/s");
    let shapes: [(&str, fn(&Client) -> Result<u64>); 4] = [
        ("map of no-ops, and their sum", map),
        ("no-ops submitted one by one", one_by_one),
        ("tree reduction, fan-in 8", tree),
        ("chain of delayed calls", chain),
    ];
    for (name, work) in shapes {
        let (mut tasks, mut seconds) = (0, Vec::new());
        for _ in 0..runs {
            let started = Instant::now();
            tasks = work(client)?;
            seconds.push(started.elapsed().as_secs_f64());
        }
        let seconds = crate::sched::median(seconds);
        println!("{name:<34}{tasks:>10}{:>12.2}{:>12.0}", seconds * 1e6 / tasks as f64, tasks as f64 / seconds);
    }
    Ok(())
}
