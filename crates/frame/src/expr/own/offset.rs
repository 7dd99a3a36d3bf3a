//! Points in time and days, moved by a span. Months are those of the calendar: the 31st of January and a month is the last day
//! of February.

use super::{
    function::{Function, call, number},
    zone::{clock, each, local, parse, per_second, utc, value},
};
use crate::expr::{DAY, Every};
use arrow_array::{Array, ArrayRef, Date32Array, cast::AsArray, types::Date32Type};
use arrow_schema::DataType;
use chrono::{Months, NaiveDate, NaiveDateTime, TimeDelta};
use datafusion::{
    common::ScalarValue,
    logical_expr::{Expr as Logical, ScalarUDF},
};
use std::sync::{Arc, LazyLock};
use stratal_core::{Error, ErrorKind, Result};

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Function::udf("stratal_offset", |column, _| Ok(column.clone()), run));
    FUNCTION.clone()
}

/// A day (`Date32`) or a point in time, moved by a span.
///
/// # Errors
/// `BadValue` for a span of more than 292 years in nanoseconds.
pub(in crate::expr) fn offset(column: Logical, every: Every) -> Result<Logical> {
    let nanos = i64::try_from(every.nanos).map_err(|_| Error::new(ErrorKind::BadValue, "the span of time is too long"))?;
    Ok(call(function(), column, [ScalarValue::from(i64::from(every.months)), ScalarValue::from(nanos)]))
}

fn months_on(day: NaiveDate, months: i32) -> Option<NaiveDate> {
    let by = Months::new(months.unsigned_abs());
    if months < 0 { day.checked_sub_months(by) } else { day.checked_add_months(by) }
}

fn clock_on(clock: NaiveDateTime, months: i32) -> Option<NaiveDateTime> {
    months_on(clock.date(), months).map(|day| day.and_time(clock.time()))
}

fn days(column: &ArrayRef, every: Every) -> Result<ArrayRef> {
    let on = |day: i32| {
        let day = months_on(Date32Type::to_naive_date_opt(day)?, every.months)?;
        // The binder lets only whole days come here.
        day.checked_add_signed(TimeDelta::try_days(i64::try_from(every.nanos / DAY).ok()?)?).map(Date32Type::from_naive_date)
    };
    let made: Date32Array = column.as_primitive::<Date32Type>().try_unary(|day| {
        on(day).ok_or_else(|| Error::new(ErrorKind::BadValue, format!("what is wanted beside day {day} since 1970 is out of the calendar")))
    })?;
    Ok(Arc::new(made))
}

fn run(column: &ArrayRef, parameters: &[ScalarValue]) -> Result<ArrayRef> {
    let months = i32::try_from(number(parameters, 0)?).map_err(|_| Error::internal("a span of too many months"))?;
    let nanos = number(parameters, 1)?;
    let (unit, zone) = match column.data_type() {
        DataType::Date32 => return days(column, Every { months, nanos: nanos.into() }),
        DataType::Timestamp(unit, None) => (*unit, None),
        DataType::Timestamp(unit, Some(zone)) => (*unit, Some(parse(zone)?)),
        other => return Err(Error::internal(format!("{other} cannot be moved by a span of time"))),
    };
    let by_clock = |number: i64| {
        let now = clock(number, unit)?;
        let then = match zone {
            None => clock_on(now, months)?,
            Some(zone) => utc(clock_on(local(now, zone), months)?, zone)?,
        };
        value(then, unit)
    };
    // Less than the column can show is left out, as it is in sums of datetimes and durations.
    let by = nanos / (1_000_000_000 / per_second(unit));
    each(column, unit, |number| {
        let moved = if months == 0 { number } else { by_clock(number)? };
        moved.checked_add(by)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{TimestampSecondArray, types::TimestampSecondType};
    use arrow_schema::TimeUnit;

    fn moved(text: &str, zone: Option<&str>, every: &str) -> NaiveDateTime {
        let number = value(text.parse().unwrap(), TimeUnit::Second).unwrap();
        let column: ArrayRef = Arc::new(TimestampSecondArray::from(vec![number]).with_timezone_opt(zone.map(str::to_owned)));
        let every = Every::parse(every).unwrap();
        let parameters = [ScalarValue::from(i64::from(every.months)), ScalarValue::from(every.nanos as i64)];
        clock(run(&column, &parameters).unwrap().as_primitive::<TimestampSecondType>().value(0), TimeUnit::Second).unwrap()
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        for (from, every, to) in [
            ("2024-01-31T10:00:00", "1mo", "2024-02-29T10:00:00"),
            ("2023-01-31T10:00:00", "1mo", "2023-02-28T10:00:00"),
            ("2024-02-29T10:00:00", "1y", "2025-02-28T10:00:00"),
            ("2024-03-31T10:00:00", "-1mo", "2024-02-29T10:00:00"),
            ("2024-01-31T10:00:00", "1q", "2024-04-30T10:00:00"),
            ("2024-02-28T23:30:00", "1h", "2024-02-29T00:30:00"),
            ("2024-02-28T23:30:00", "-2w", "2024-02-14T23:30:00"),
        ] {
            assert_eq!(moved(from, None, every), to.parse().unwrap(), "{from} {every}");
        }
    }

    #[test]
    fn in_a_zone_months_keep_the_wall_clock_and_hours_do_not() {
        // Noon in Berlin, in winter and in summer; given and seen in UTC.
        assert_eq!(moved("2024-03-01T11:00:00", Some("Europe/Berlin"), "1mo"), "2024-04-01T10:00:00".parse().unwrap());
        assert_eq!(moved("2024-03-30T11:00:00", Some("Europe/Berlin"), "1d"), "2024-03-31T11:00:00".parse().unwrap());
    }

    #[test]
    fn days_stay_days() {
        let day = |text: &str| Date32Type::from_naive_date(text.parse().unwrap());
        let column: ArrayRef = Arc::new(Date32Array::from(vec![Some(day("2024-01-31")), None]));
        let parameters = [ScalarValue::from(1i64), ScalarValue::from(DAY as i64)];
        let made = run(&column, &parameters).unwrap();
        assert_eq!(made.as_primitive::<Date32Type>().iter().collect::<Vec<_>>(), [Some(day("2024-03-01")), None]);
    }
}
