//! The vorticity of a flow that turns like a wheel: twice its angular speed, everywhere.
//!
//! ```text
//! cargo run --release --example vorticity
//! vorticity 2.000 to 2.000 over (98, 98)
//! ```

#![allow(clippy::reversed_empty_ranges, reason = "an end below zero is counted from the end of the axis")]

use stratal::prelude::*;

fn main() -> stratal::Result<()> {
    let at = DArray::linspace(-1.0, 1.0, 100);
    let (x, y) = (at.expand_dims(0).broadcast_to((100, 100)).rechunk(32), at.expand_dims(1).broadcast_to((100, 100)).rechunk(32));
    let (u, v) = (-&y, x);
    let step = 2.0 * 2.0 / 99.0;
    let dv_dx = (v.slice(s![1..-1, 2..]) - v.slice(s![1..-1, ..-2])) / step;
    let du_dy = (u.slice(s![2.., 1..-1]) - u.slice(s![..-2, 1..-1])) / step;
    let vorticity = dv_dx - du_dy;
    let (low, high) = (vorticity.min(..).scalar::<f64>()?, vorticity.max(..).scalar::<f64>()?);
    println!("vorticity {low:.3} to {high:.3} over ({}, {})", vorticity.shape()?[0], vorticity.shape()?[1]);
    Ok(())
}
