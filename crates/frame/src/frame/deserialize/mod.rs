//! Rows as serde sees them. [`Row`]: a map of columns, or a sequence of them. `value`: one value, of which `cell` says where it
//! stands. [`Mistake`]: why it is none of the type that was asked for.

mod cell;
mod mistake;
mod row;
mod value;

pub(super) use mistake::Mistake;
pub(super) use row::Row;

type Made<T> = Result<T, Mistake>;
