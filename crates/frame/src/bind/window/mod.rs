//! Windows: what a window around a function comes to, and the hidden columns that plans compute it in.
//!
//! - `call`: a function and its window, as one [`Call`](crate::expr::Marker) over bound columns. `types`: what it has to know
//!   of types.
//! - `stage`: calls to columns, innermost first; then an expression has none left.

mod call;
mod stage;
mod types;

pub(super) use call::bound;
pub(crate) use stage::stage;
pub(crate) use types::{difference_type, sum_type};
