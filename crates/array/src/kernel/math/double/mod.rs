//! Functions of `f64`, one family a file.

mod arc;
mod exp;
mod hyperbolic;
mod log;
mod power;
mod trig;

pub(crate) use arc::{acos, asin, atan, atan2};
pub(crate) use exp::{exp, expm1};
pub(crate) use hyperbolic::{acosh, asinh, atanh, cosh, sinh, tanh};
pub(crate) use log::{log, log1p, log2, log10};
pub(crate) use power::{hypot, log_add_exp, pow};
pub(crate) use trig::{LARGE, cos, sin, tan};
