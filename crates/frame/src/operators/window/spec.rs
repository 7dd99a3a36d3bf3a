//! What a window computes, as plain data: it travels as it is.
//!
//! Columns are names while a plan is logical, where columns may still be left out, and positions once it is physical.

use arrow_schema::{DataType, Field, SortOptions};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};
use stratal_core::Result;

/// A function over the rows of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Function {
    /// The value this many rows before; after, where it is negative.
    Shift(i64),
    /// The last value that is there, up to the row.
    FillForward,
    /// The first value that is there, from the row on.
    FillBackward,
    RowNumber,
    Rank,
    DenseRank,
    PercentRank,
    CumeDist,
    /// The number of the row's part, of this many that are equally large.
    Ntile(u64),
    First,
    Last,
    Min,
    Max,
    /// The values that are there; without an argument, the rows.
    Count,
    /// Of `i64`, `u64`, `f64`, decimals and durations. Integers wrap.
    Sum,
    /// Of `i64`, `u64` and `f64`. Integers wrap.
    Product,
    /// Of `f64`, decimals and durations.
    Mean,
    Var,
    Std,
    Corr,
    Cov,
    Any,
    All,
    Unique,
    /// The quantile that these bits of an `f64` name, of `f64`.
    Quantile(u64),
    List,
}

/// Which rows of the partition a row's value is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Frame {
    /// All of them.
    Whole,
    /// From so many rows after it to so many, both included; before it, where they are negative.
    Rows { start: Option<i64>, end: Option<i64> },
    /// Those whose key differs from its own by no less and no more, both included, in the window's direction.
    Range { start: Option<i64>, end: Option<i64> },
}

/// A direction to sort in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Direction {
    pub(crate) descending: bool,
    pub(crate) nulls_first: bool,
}

impl From<Direction> for SortOptions {
    fn from(direction: Direction) -> Self {
        SortOptions { descending: direction.descending, nulls_first: direction.nulls_first }
    }
}

/// A column that a window adds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Added<C> {
    pub(crate) function: Function,
    pub(crate) args: Vec<C>,
    /// Only rows for which this is true.
    pub(crate) filter: Option<C>,
    pub(crate) frame: Frame,
    /// The `i64` that a [`Frame::Range`] is measured in.
    pub(crate) measure: Option<C>,
    /// Frames of fewer rows give null.
    pub(crate) min_rows: u64,
    /// The name of the column.
    pub(crate) name: String,
}

/// A window: rows with equal keys, in an order, and what is computed over them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Window<C> {
    pub(crate) keys: Vec<C>,
    pub(crate) order: Vec<(C, Direction)>,
    pub(crate) added: Vec<Added<C>>,
}

impl<C> Added<C> {
    /// The columns that it reads.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &C> {
        self.args.iter().chain(&self.filter).chain(&self.measure)
    }

    fn map<D>(&self, of: &impl Fn(&C) -> Result<D>) -> Result<Added<D>> {
        Ok(Added {
            function: self.function,
            args: self.args.iter().map(of).collect::<Result<_>>()?,
            filter: self.filter.as_ref().map(of).transpose()?,
            frame: self.frame,
            measure: self.measure.as_ref().map(of).transpose()?,
            min_rows: self.min_rows,
            name: self.name.clone(),
        })
    }
}

impl<C> Window<C> {
    /// The same over columns that are called otherwise.
    pub(crate) fn map<D>(&self, of: impl Fn(&C) -> Result<D>) -> Result<Window<D>> {
        Ok(Window {
            keys: self.keys.iter().map(&of).collect::<Result<_>>()?,
            order: self.order.iter().map(|(column, direction)| Ok((of(column)?, *direction))).collect::<Result<_>>()?,
            added: self.added.iter().map(|added| added.map(&of)).collect::<Result<_>>()?,
        })
    }

    /// The columns that it reads.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &C> {
        self.keys.iter().chain(self.order.iter().map(|(column, _)| column)).chain(self.added.iter().flat_map(Added::reads))
    }
}

impl<C: fmt::Display> fmt::Display for Window<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |columns: &[C]| columns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let order = self.order.iter().map(|(column, direction)| {
            let descending = if direction.descending { " desc" } else { "" };
            let nulls = if direction.nulls_first { " nulls first" } else { "" };
            format!("{column}{descending}{nulls}")
        });
        let added = self.added.iter().map(|added| {
            let mut text = format!("{} = {:?}({})", added.name, added.function, listed(&added.args));
            if let Some(filter) = &added.filter {
                text += &format!(" where {filter}");
            }
            match (added.frame, &added.measure) {
                (Frame::Whole, _) => {}
                (frame, None) => text += &format!(" over {frame:?}"),
                (frame, Some(measure)) => text += &format!(" over {frame:?} of {measure}"),
            }
            if added.min_rows > 1 {
                text += &format!(" of at least {} rows", added.min_rows);
            }
            text
        });
        let (order, added): (Vec<_>, Vec<_>) = (order.collect(), added.collect());
        write!(f, "by=[{}], order=[{}], [{}]", listed(&self.keys), order.join(", "), added.join("; "))
    }
}

impl Function {
    /// The type of the column, from those of the arguments.
    pub(crate) fn output(self, args: &[DataType]) -> DataType {
        let first = || args.first().cloned().unwrap_or(DataType::Null);
        match self {
            Function::Shift(_) | Function::FillForward | Function::FillBackward => first(),
            Function::First | Function::Last | Function::Min | Function::Max | Function::Sum | Function::Product => first(),
            Function::RowNumber | Function::Rank | Function::DenseRank | Function::Ntile(_) => DataType::Int64,
            Function::Count | Function::Unique => DataType::Int64,
            Function::Any | Function::All => DataType::Boolean,
            Function::Mean => mean_type(&first()),
            Function::PercentRank | Function::CumeDist | Function::Var | Function::Std => DataType::Float64,
            Function::Corr | Function::Cov | Function::Quantile(_) => DataType::Float64,
            Function::List => DataType::List(Arc::new(Field::new_list_field(first(), true))),
        }
    }

    /// Whether rows that are equal to each other matter to it.
    pub(crate) fn sees_peers(self) -> bool {
        matches!(self, Function::Rank | Function::DenseRank | Function::PercentRank | Function::CumeDist)
    }
}

/// The type of a mean, as DataFusion's `avg` has it: decimals get four more digits.
fn mean_type(of: &DataType) -> DataType {
    use DataType::*;
    match of {
        Decimal32(precision, scale) => Decimal32((precision + 4).min(9), (scale + 4).min(9)),
        Decimal64(precision, scale) => Decimal64((precision + 4).min(18), (scale + 4).min(18)),
        Decimal128(precision, scale) => Decimal128((precision + 4).min(38), (scale + 4).min(38)),
        Decimal256(precision, scale) => Decimal256((precision + 4).min(76), (scale + 4).min(76)),
        Duration(unit) => Duration(*unit),
        _ => Float64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_renamed_everywhere() {
        let added = Added {
            function: Function::Sum,
            args: vec!["x"],
            filter: Some("f"),
            frame: Frame::Range { start: Some(-6), end: Some(0) },
            measure: Some("t"),
            min_rows: 3,
            name: "s".to_owned(),
        };
        let order = vec![("t", Direction { descending: true, nulls_first: false })];
        let window = Window { keys: vec!["k"], order, added: vec![added] };
        assert_eq!(window.reads().copied().collect::<Vec<_>>(), ["k", "t", "x", "f", "t"]);
        let doubled = window.map(|name| Ok(name.repeat(2))).unwrap();
        assert_eq!(doubled.reads().collect::<Vec<_>>(), ["kk", "tt", "xx", "ff", "tt"]);
        let text = "by=[k], order=[t desc], [s = Sum(x) where f over Range { start: Some(-6), end: Some(0) } of t of at least 3 rows]";
        assert_eq!(window.to_string(), text);
    }
}
