//! The signature line: read `data/myfile.*.csv`, add 100 to the amounts, keep Alice. Prints the table and both graphs.
//!
//! ```text
//! cargo run --example quickstart
//! ```

use stratal::prelude::*;

fn main() -> stratal::Result<()> {
    let df = DFrame::read_csv("data/myfile.*.csv").with_column("amount", col("amount") + lit(100)).filter(col("name").eq(lit("Alice")));
    println!("{}", df.collect()?);
    println!("as written: {}", df.graph()?.summary());
    println!("{}", df.graph()?);
    println!("what runs: {}", df.graph_optimized()?.summary());
    println!("{}", df.graph_optimized()?);
    Ok(())
}
