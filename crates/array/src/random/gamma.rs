//! The gamma distribution by rejection: G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", ACM
//! Transactions on Mathematical Software 26 (2000).

use super::{normal::quantile, philox::Stream};

/// One number of the gamma distribution with this shape, which is positive, and scale 1.
pub(super) fn gamma(stream: &mut Stream, shape: f64) -> f64 {
    if shape < 1.0 {
        // A number of shape + 1, times one that makes it less.
        let less = stream.open().powf(1.0 / shape);
        return less * gamma(stream, shape + 1.0);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = quantile(stream.open());
        let base = 1.0 + c * x;
        if base <= 0.0 {
            continue;
        }
        let v = base * base * base;
        if stream.open().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}
