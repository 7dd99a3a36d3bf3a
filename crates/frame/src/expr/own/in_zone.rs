//! A wall clock without a zone, made that of a zone.

use super::{
    function::{Function, call, text},
    zone::{clock, each, parse, utc, value},
};
use arrow_array::{Array, ArrayRef};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};
use datafusion::{
    common::ScalarValue,
    logical_expr::{Expr as Logical, ScalarUDF},
};
use std::sync::{Arc, LazyLock};
use stratal_core::{Error, Result};

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Function::udf("stratal_in_zone", returns, run));
    FUNCTION.clone()
}

/// The same wall clock in a zone. A time that comes twice there is the first; one that is skipped is as much later.
pub(crate) fn in_zone(column: Logical, zone: &str) -> Logical {
    call(function(), column, [ScalarValue::from(zone)])
}

fn unit(data_type: &DataType) -> Result<TimeUnit> {
    match data_type {
        DataType::Timestamp(unit, None) => Ok(*unit),
        _ => Err(Error::internal("only a datetime without a zone can be given one")),
    }
}

fn returns(column: &DataType, parameters: &[ScalarValue]) -> Result<DataType> {
    Ok(DataType::Timestamp(unit(column)?, Some(text(parameters, 0)?.into())))
}

fn run(column: &ArrayRef, parameters: &[ScalarValue]) -> Result<ArrayRef> {
    let unit = unit(column.data_type())?;
    let zone = parse(text(parameters, 0)?)?;
    let moved = each(column, unit, |number| value(utc(clock(number, unit)?, zone)?, unit))?;
    // Numbers say which instant it is, so it is they that are given the zone.
    let numbers = cast(&moved, &DataType::Int64)?;
    Ok(cast(&numbers, &returns(column.data_type(), parameters)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{TimestampMillisecondArray, cast::AsArray, types::TimestampMillisecondType};

    #[test]
    fn the_clock_stays_and_the_instant_is_the_zones() {
        let noon: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![Some(43_200_000), None]));
        let made = run(&noon, &[ScalarValue::from("+02:00")]).unwrap();
        assert_eq!(made.data_type(), &DataType::Timestamp(TimeUnit::Millisecond, Some("+02:00".into())));
        let numbers: Vec<Option<i64>> = made.as_primitive::<TimestampMillisecondType>().iter().collect();
        assert_eq!(numbers, [Some(36_000_000), None]);
    }
}
