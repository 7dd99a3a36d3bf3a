//! A worker that has the functions of the tests, and an application that uses them: `own-worker app DATA`.

use std::process::ExitCode;
use stratal::{prelude::*, tasks::sum};
use stratal_tests::{add, add_n, double, inc, named, read_part, square};

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("app") => stratal::cli::main_or(app),
        _ => stratal::cli::main(),
    }
}

/// The founding examples.
fn app() -> stratal::Result<()> {
    let client = Client::current();
    println!("{}", client.submit(sum, client.map(square, 0..10_000)).result()?);
    let parts: Vec<_> = (1..=5).map(|x| delayed(add, (delayed(inc, x), delayed(double, x)))).collect();
    println!("{}", delayed(sum, parts).compute()?);
    let graph = Graph::new().value("x", 1i64).call("y", inc, key("x")).call("z", add, (key("y"), 10));
    println!("{} {}", graph.get::<i64>("x")?, graph.get::<i64>("z")?);
    let data = std::env::args().nth(2).unwrap_or_else(|| "data".to_owned());
    let layers = LayeredGraph::builder()
        .source("read-csv", read_part, (0..4).map(|i| format!("{data}/myfile.{i}.csv")))
        .layer("add", add_n, (Edge::one_to_one("read-csv"), 100))
        .layer("filter", named, (Edge::one_to_one("add"), "Alice"))
        .build()?;
    println!("{}", layers.summary());
    println!("{} rows", layers.get_all::<Frame>("filter")?.iter().map(Frame::len).sum::<usize>());
    Ok(())
}
