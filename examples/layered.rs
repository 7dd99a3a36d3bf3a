//! Layers written by hand: four files, read-csv -> add -> filter, one task a file, drawn to `layers.svg` in a temporary folder.
//!
//! ```text
//! cargo run --example layered
//! ```

use stratal::prelude::*;

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

fn main() -> stratal::Result<()> {
    let files = (0..4).map(|i| format!("data/myfile.{i}.csv"));
    let graph = LayeredGraph::builder()
        .source("read-csv", read_part, files)
        .layer("add", add_n, (Edge::one_to_one("read-csv"), 100))
        .layer("filter", named, (Edge::one_to_one("add"), "Alice"))
        .build()?;
    println!("{}", graph.summary()); // read-csv[4] -> add[4] -> filter[4]
    graph.visualize(std::env::temp_dir().join("layers.svg"))?;
    for part in graph.get_all::<Frame>("filter")? {
        println!("{part}"); // four tables
    }
    Ok(())
}
