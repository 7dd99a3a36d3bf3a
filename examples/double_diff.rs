//! A second difference, by slices: one pass over memory for each chunk, and nothing computed that is not asked for.
//!
//! ```text
//! cargo run --release --example double_diff
//! 9999 second differences, from 2 to 2
//! ```

#![allow(clippy::reversed_empty_ranges, reason = "an end below zero is counted from the end of the axis")]

use stratal::prelude::*;

fn main() -> stratal::Result<()> {
    let x = DArray::arange(0i64..10_001).rechunk(1000);
    let y = &x * &x;
    let second = y.slice(s![2..]) - 2 * y.slice(s![1..-1]) + y.slice(s![..-2]);
    println!("{} second differences, from {} to {}", second.shape()?[0], second.min(..).scalar::<i64>()?, second.max(..).scalar::<i64>()?);
    Ok(())
}
