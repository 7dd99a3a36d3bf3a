//! One program that is the application, its cluster's scheduler and its workers: `own`, `own scheduler`, `own worker ADDR`.
//!
//! Without `STRATAL_SCHEDULER` it runs in this process. The README says how to start a cluster of it.

use stratal::{prelude::*, tasks::sum};

#[task]
fn square(x: i64) -> i64 {
    x * x
}

#[task]
fn inc(x: i64) -> i64 {
    x + 1
}

#[task]
fn double(x: i64) -> i64 {
    x + 2
}

#[task]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

#[task]
fn read_part(path: &str) -> stratal::Result<Frame> {
    DFrame::read_csv(path).collect()
}

#[task]
fn add_n(part: Frame, n: i64) -> stratal::Result<Frame> {
    part.lazy().with_column("amount", col("amount") + n).collect()
}

#[task]
fn named(part: Frame, who: &str) -> stratal::Result<Frame> {
    part.lazy().filter(col("name").eq(who)).collect()
}

fn main() -> std::process::ExitCode {
    stratal::cli::main_or(app)
}

fn app() -> stratal::Result<()> {
    let client = Client::current();
    println!("{}", client.submit(sum, client.map(square, 0..10_000)).result()?); // 333283335000
    let parts: Vec<_> = (1..=5).map(|x| delayed(add, (delayed(inc, x), delayed(double, x)))).collect();
    println!("{}", delayed(sum, parts).compute()?); // 45
    let graph = Graph::new().value("x", 1i64).call("y", inc, key("x")).call("z", add, (key("y"), 10));
    println!("{} {}", graph.get::<i64>("x")?, graph.get::<i64>("z")?); // 1 12
    // Where the files are the same for every worker: in this repository, `data`.
    let data = std::env::args().nth(1).unwrap_or_else(|| "data".to_owned());
    let files = (0..4).map(|i| format!("{data}/myfile.{i}.csv"));
    let layers = LayeredGraph::builder()
        .source("read-csv", read_part, files)
        .layer("add", add_n, (Edge::one_to_one("read-csv"), 100))
        .layer("filter", named, (Edge::one_to_one("add"), "Alice"))
        .build()?;
    println!("{}", layers.summary()); // read-csv[4] -> add[4] -> filter[4]
    let rows: Vec<usize> = layers.get_all::<Frame>("filter")?.iter().map(Frame::len).collect();
    println!("{} of {} rows", rows.iter().sum::<usize>(), 4 * 1000); // 796 of 4000 rows
    Ok(())
}
