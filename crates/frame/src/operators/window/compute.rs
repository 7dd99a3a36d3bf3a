//! The columns that a window adds to whole partitions.

use super::{Added, Frame, Function, Window, bounds::Bounds, count, fold, gather::ranges, mask::Mask, pick, rank, set};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, Float64Array, PrimitiveArray, RecordBatch,
    cast::AsArray,
    types::{
        Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, DurationMicrosecondType, DurationMillisecondType,
        DurationNanosecondType, DurationSecondType, Float64Type, Int64Type, UInt64Type,
    },
};
use arrow_schema::{DataType, TimeUnit};
use arrow_select::nullif::nullif;
use std::{ops::Range, sync::Arc};
use stratal_core::{Error, Result};

/// Frames that functions have in common.
type Shared = Vec<((Frame, Option<usize>), Arc<Bounds>)>;

impl Window<usize> {
    /// The columns that are added to whole partitions.
    pub(super) fn compute(&self, rows: &RecordBatch, parts: &[Range<usize>]) -> Result<Vec<ArrayRef>> {
        let peers = match self.added.iter().any(|added| added.function.sees_peers()) {
            true => ranges(rows, &self.keys.iter().copied().chain(self.order.iter().map(|(key, _)| *key)).collect::<Vec<_>>())?,
            false => Vec::new(),
        };
        let mut shared: Shared = Vec::new();
        self.added.iter().map(|added| self.column(added, rows, parts, &peers, &mut shared)).collect()
    }

    fn column(
        &self,
        added: &Added<usize>,
        rows: &RecordBatch,
        parts: &[Range<usize>],
        peers: &[Range<usize>],
        shared: &mut Shared,
    ) -> Result<ArrayRef> {
        let args: Vec<ArrayRef> = added.args.iter().map(|arg| rows.column(*arg).clone()).collect();
        let values = || args.first().ok_or_else(|| Error::internal("a window function without its argument"));
        match added.function {
            Function::Shift(by) => return pick::shift(values()?, parts, by),
            Function::FillForward => return pick::fill(values()?, parts, false),
            Function::FillBackward => return pick::fill(values()?, parts, true),
            Function::RowNumber => return Ok(rank::row_number(parts)),
            Function::Rank => return Ok(rank::rank(parts, peers)),
            Function::DenseRank => return Ok(rank::dense_rank(parts, peers)),
            Function::PercentRank => return Ok(rank::percent_rank(parts, peers)),
            Function::CumeDist => return Ok(rank::cume_dist(parts, peers)),
            Function::Ntile(tiles) => return Ok(rank::ntile(parts, tiles)),
            _ => {}
        }
        let bounds = self.bounds(added, rows, parts, shared)?;
        let filter = added.filter.map(|filter| truths(rows.column(filter)).cloned()).transpose()?;
        let column = aggregate(added.function, &args, parts, &bounds, Mask::of_filter(filter.as_ref()))?;
        if added.min_rows <= 1 {
            return Ok(column);
        }
        let too_few: BooleanArray = bounds.lengths().map(|length| Some((length as u64) < added.min_rows)).collect();
        Ok(nullif(&column, &too_few)?)
    }

    fn bounds(&self, added: &Added<usize>, rows: &RecordBatch, parts: &[Range<usize>], shared: &mut Shared) -> Result<Arc<Bounds>> {
        let kind = (added.frame, added.measure);
        if let Some((_, bounds)) = shared.iter().find(|(known, _)| *known == kind) {
            return Ok(bounds.clone());
        }
        let measure = added.measure.map(|measure| numbers::<Int64Type>(rows.column(measure))).transpose()?;
        let descending = self.order.first().is_some_and(|(_, direction)| direction.descending);
        let bounds = Arc::new(Bounds::new(added.frame, parts, measure, descending));
        shared.push((kind, bounds.clone()));
        Ok(bounds)
    }
}

fn truths(column: &ArrayRef) -> Result<&BooleanArray> {
    column.as_boolean_opt().ok_or_else(|| unfit(column))
}

fn numbers<T: ArrowPrimitiveType>(column: &ArrayRef) -> Result<&PrimitiveArray<T>> {
    column.as_primitive_opt::<T>().ok_or_else(|| unfit(column))
}

fn unfit(column: &ArrayRef) -> Error {
    Error::internal(format!("a window function over {}", column.data_type()))
}

/// An aggregate over the frame of every row. `filter` are the rows that count, whatever their values.
fn aggregate(function: Function, args: &[ArrayRef], parts: &[Range<usize>], bounds: &Bounds, filter: Mask) -> Result<ArrayRef> {
    let Some(values) = args.first() else { return Ok(count::count(bounds, &filter)) };
    let floats = |at: usize| numbers::<Float64Type>(&args[at.min(args.len() - 1)]);
    match function {
        Function::First => return pick::first(values, bounds, &filter),
        Function::Last => return pick::last(values, bounds, &filter),
        Function::List => return set::list(values, bounds, &filter),
        _ => {}
    }
    let mask = filter.and_valid(args);
    let moments = |figure: fn(fold::Moments) -> Option<f64>| -> Result<ArrayRef> {
        let sides: (&Float64Array, &Float64Array) = (floats(0)?, floats(1)?);
        Ok(fold::moments(sides, parts, bounds, &mask, figure))
    };
    match function {
        Function::Count => Ok(count::count(bounds, &mask)),
        Function::Any => Ok(count::truth(truths(values)?, bounds, &mask, false)),
        Function::All => Ok(count::truth(truths(values)?, bounds, &mask, true)),
        Function::Min => pick::extreme(values, parts, bounds, &mask, false),
        Function::Max => pick::extreme(values, parts, bounds, &mask, true),
        Function::Unique => set::unique(values, parts, bounds, &mask),
        Function::Quantile(bits) => Ok(set::quantile(floats(0)?, parts, bounds, &mask, f64::from_bits(bits))),
        Function::Var => moments(fold::Moments::variance),
        Function::Std => moments(fold::Moments::deviation),
        Function::Cov => moments(fold::Moments::covariance),
        Function::Corr => moments(fold::Moments::correlation),
        Function::Product => match values.data_type() {
            DataType::Int64 => Ok(fold::product_i64(numbers(values)?, parts, bounds, &mask)),
            DataType::UInt64 => Ok(fold::product_u64(numbers(values)?, parts, bounds, &mask)),
            _ => Ok(fold::product_f64(floats(0)?, parts, bounds, &mask)),
        },
        Function::Sum if *values.data_type() == DataType::Float64 => Ok(fold::sum(floats(0)?, parts, bounds, &mask)),
        Function::Mean if *values.data_type() == DataType::Float64 => Ok(fold::mean(floats(0)?, parts, bounds, &mask)),
        Function::Sum | Function::Mean => exact(function, values, bounds, &mask),
        other => Err(Error::internal(format!("{other:?} is no aggregate"))),
    }
}

/// A sum or a mean of what is counted in integers.
fn exact(function: Function, values: &ArrayRef, bounds: &Bounds, mask: &Mask) -> Result<ArrayRef> {
    match values.data_type() {
        DataType::Int64 => exact_of::<Int64Type>(function, values, bounds, mask),
        DataType::UInt64 => exact_of::<UInt64Type>(function, values, bounds, mask),
        DataType::Decimal32(..) => exact_of::<Decimal32Type>(function, values, bounds, mask),
        DataType::Decimal64(..) => exact_of::<Decimal64Type>(function, values, bounds, mask),
        DataType::Decimal128(..) => exact_of::<Decimal128Type>(function, values, bounds, mask),
        DataType::Decimal256(..) => exact_of::<Decimal256Type>(function, values, bounds, mask),
        DataType::Duration(TimeUnit::Second) => exact_of::<DurationSecondType>(function, values, bounds, mask),
        DataType::Duration(TimeUnit::Millisecond) => exact_of::<DurationMillisecondType>(function, values, bounds, mask),
        DataType::Duration(TimeUnit::Microsecond) => exact_of::<DurationMicrosecondType>(function, values, bounds, mask),
        DataType::Duration(TimeUnit::Nanosecond) => exact_of::<DurationNanosecondType>(function, values, bounds, mask),
        _ => Err(unfit(values)),
    }
}

fn exact_of<T: ArrowPrimitiveType>(function: Function, values: &ArrayRef, bounds: &Bounds, mask: &Mask) -> Result<ArrayRef> {
    use DataType::{Decimal32, Decimal64, Decimal128, Decimal256};
    let numbers = numbers::<T>(values)?;
    if function == Function::Sum {
        return Ok(count::sum(numbers, bounds, mask));
    }
    let to = function.output(std::slice::from_ref(values.data_type()));
    let digits = match (values.data_type(), &to) {
        (Decimal32(_, from), Decimal32(_, to)) | (Decimal64(_, from), Decimal64(_, to)) => to - from,
        (Decimal128(_, from), Decimal128(_, to)) | (Decimal256(_, from), Decimal256(_, to)) => to - from,
        _ => 0,
    };
    count::mean(numbers, bounds, mask, digits.unsigned_abs().into(), to)
}
