//! Functions of elements, named as in the Array API.
//!
//! Elementary functions of `f64` are within 2 units in the last place, those of `f32` within 4, and the same on every machine but
//! for sines, cosines and tangents of angles past 2^20. Special values are those of the standard.
//!
//! `arithmetic`: signs, whole quotients and what they leave. `powers`: roots, exponentials and logarithms too. `trigonometry`:
//! hyperbolic functions and all inverses too. `rounding`: whole numbers near by. `comparisons`: `eq` and friends. `choice`: `where_`, the
//! larger and the smaller, bounds. `logic`: of booleans. `bits`: of integers and booleans. `floats`: infinities, NaN, the bit of the sign.
//! `dtypes`: `cast`, and the parts of complex numbers. `functions`: how most of them are written down.

mod arithmetic;
mod bits;
mod choice;
mod comparisons;
mod dtypes;
mod floats;
mod functions;
mod logic;
mod powers;
mod rounding;
mod trigonometry;
