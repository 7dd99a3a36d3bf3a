//! A matrix times its transpose, tile by tile: the rows of the cosine transform are orthogonal.
//!
//! Nobody holds a transposed copy, and a task holds one tile and one panel of each side. `explain` says what was chosen, and over
//! what.
//!
//! ```text
//! cargo run --release --example matmul
//! chosen    matmul: 4 x 4 tiles stay where they are made, 16.0 MiB read
//! two rows: 0.000 at most; a row and itself: 256.000 to 256.000
//! ```

use stratal::prelude::*;

fn main() -> stratal::Result<()> {
    let n = 512i64;
    let at = DArray::arange(0..n).rechunk(128);
    let angles = at.expand_dims(1) * (2 * at.expand_dims(0) + 1) * (std::f64::consts::PI / (2 * n) as f64);
    let cosines = angles.cos();
    let product = cosines.matmul(&cosines.t());

    let plan = product.explain()?;
    let chosen = plan.lines().find(|line| line.starts_with("chosen")).unwrap_or_default();
    println!("{}", chosen.split(';').next().unwrap_or_default());

    let diagonal = DArray::eye::<f64>(n as usize).rechunk(128);
    let others = (&product * (1.0 - &diagonal)).abs().max(..).scalar::<f64>()?;
    // The first row is constant, and twice as long as the others.
    let own = (&product * &diagonal).sum(1).slice(s![1..]);
    let (low, high) = (own.min(..).scalar::<f64>()?, own.max(..).scalar::<f64>()?);
    println!("two rows: {others:.3} at most; a row and itself: {low:.3} to {high:.3}");
    Ok(())
}
