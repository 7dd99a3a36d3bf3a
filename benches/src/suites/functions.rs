//! Functions that do nothing: what a task costs from call to result, threads, store and network included.
//!
//! `peers/dask_peer.py` does the same by Dask distributed, in the same topology, with fewer tasks: each time is one task's.

use super::{Suite, no_case};
use crate::{
    measure::{self, Case, Check},
    report::Section,
    settings::{Format, Settings},
    sides::{Done, Request, Role, Side},
};
use std::path::Path;
use stratal::{Client, Edge, LayeredGraph, Result, delayed, task, tasks::sum};

/// The shapes, and what they are.
const SHAPES: [(&str, &str); 4] = [
    ("map", "a map of no-ops, and their sum"),
    ("submit", "no-ops submitted one by one"),
    ("tree", "a tree reduction, fan-in 8"),
    ("chain", "a chain of delayed calls"),
];

pub(super) struct Functions;

impl Suite for Functions {
    fn name(&self) -> &'static str {
        "functions"
    }

    fn about(&self) -> &'static str {
        "Functions that do nothing, from call to result: the time of one task, on worker processes of one thread beside Dask distributed, and in one process."
    }

    fn measure(&self, settings: &Settings, section: &mut Section) -> Result<()> {
        section.notes.extend(SHAPES.map(|(name, what)| format!("{name}: {what}")));
        let cases = SHAPES.map(|(name, _)| Case {
            name: name.to_owned(),
            request: Request::new("functions", name, Path::new(""), Format::Parquet),
            check: Check::Itself,
        });
        let workers = Side::this(format!("{} workers", settings.threads), Role::Workers);
        let on_workers = measure::present([workers, Side::script("Dask", "dask_peer.py")], settings, section);
        section.tables.push(measure::table("a task on worker processes", &on_workers, &cases, settings)?);
        let here = measure::present([Side::stratal()], settings, section);
        section.tables.push(measure::table("a task in one process", &here, &cases, settings)?);
        Ok(())
    }

    fn work(&self, request: &Request) -> Result<Done> {
        let client = Client::current();
        Ok(Done::tasks(match request.case.as_str() {
            "map" => map(&client)?,
            "submit" => one_by_one(&client)?,
            "tree" => tree()?,
            "chain" => chain()?,
            _ => return Err(no_case(request)),
        }))
    }
}

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

fn tree() -> Result<u64> {
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

fn chain() -> Result<u64> {
    const N: i64 = 100_000;
    let last = (0..N).fold(delayed(same, 7), |chain, _| delayed(inc, chain));
    assert_eq!(last.compute()?, 7 + N);
    Ok(N as u64 + 1)
}
