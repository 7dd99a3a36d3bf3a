//! Vector math: elementary functions without branches, tables or calls, which the compiler turns into loops over wide registers.
//!
//! Each is a plain function of one float that is always inlined: first reduced to a small interval, there a polynomial, then put
//! together again. There is no fused multiplication and addition in them: the same bits come out of every instruction set, and
//! where one is missing nothing becomes a call. Where half a unit in the last place matters, rounding errors are carried along
//! as a second float (`parts`).
//!
//! `double`: functions of `f64`, within 2 units in the last place. `single`: functions of `f32`, within 4, computed in `f64`,
//! where short polynomials and no second floats are enough. Special values are those of the Array API standard.
//! `coefficients.py` prints all polynomials and constants.

pub(super) mod double;
mod parts;
pub(super) mod single;

/// A polynomial, lowest power first. Written out, so that nothing is left to loop over.
macro_rules! poly {
    ($x:ident: $last:expr) => { $last };
    ($x:ident: $first:expr, $($later:expr),+) => { $first + $x * poly!($x: $($later),+) };
}

pub(super) use poly;
