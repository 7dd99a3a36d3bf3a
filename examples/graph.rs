//! A graph written by hand: keys, each a value or a call on other keys.
//!
//! ```text
//! cargo run --example graph
//! ```

use stratal::prelude::*;

#[task]
fn inc(x: i64) -> i64 {
    x + 1
}

#[task]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

fn main() -> stratal::Result<()> {
    let graph = Graph::new().value("x", 1i64).call("y", inc, key("x")).call("z", add, (key("y"), 10));
    println!("{} {}", graph.get::<i64>("x")?, graph.get::<i64>("z")?); // 1 12
    Ok(())
}
