//! Lazy calls: nothing runs before `compute`, and equal calls run once.
//!
//! ```text
//! cargo run --example delayed
//! ```

use stratal::{prelude::*, tasks::sum};

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

fn main() -> stratal::Result<()> {
    let parts: Vec<_> = (1..=5).map(|x| delayed(add, (delayed(inc, x), delayed(double, x)))).collect();
    let total = delayed(sum, parts);
    println!("{}", total.compute()?); // 45
    Ok(())
}
