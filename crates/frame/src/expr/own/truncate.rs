//! Points in time and days, put back to the start of a span: the hour, the week, the quarter that they are in.
//!
//! Spans are counted on the wall clock, from the first of January of the year 0 for months, from a Monday for weeks, and else
//! from the first of January 1970.

use super::{
    function::{Function, call, number},
    zone::{clock, each, local, parse, per_second, utc, value},
};
use crate::expr::{DAY, Every};
use arrow_array::{Array, ArrayRef, Date32Array, cast::AsArray, timezone::Tz, types::Date32Type};
use arrow_schema::{DataType, TimeUnit};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use datafusion::{
    common::ScalarValue,
    logical_expr::{Expr as Logical, ScalarUDF},
};
use std::sync::{Arc, LazyLock};
use stratal_core::{Error, ErrorKind, Result};

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Function::udf("stratal_truncate", |column, _| Ok(column.clone()), run));
    FUNCTION.clone()
}

/// The start of the span that a day (`Date32`) or a point in time is in.
///
/// # Errors
/// `BadValue` for a span of nothing, or of months and days together.
pub(in crate::expr) fn truncate(column: Logical, every: Every) -> Result<Logical> {
    let nanos = i64::try_from(every.nanos);
    let is_one = (every.months > 0 && every.nanos == 0) || (every.months == 0 && every.nanos > 0);
    match nanos {
        Ok(nanos) if is_one => Ok(call(function(), column, [ScalarValue::from(i64::from(every.months)), ScalarValue::from(nanos)])),
        _ => {
            let help = "use one span that is longer than nothing, as in 15m, 1d, 1mo";
            Err(Error::new(ErrorKind::BadValue, "there is nothing to truncate to").with_help(help))
        }
    }
}

/// Days from 1970 to the first Monday after it.
const MONDAY: i128 = 4;

/// Nanoseconds since 1970 on some clock, put back.
fn put_back(nanos: i128, every: i128) -> i128 {
    let start = if every % (7 * DAY) == 0 { MONDAY * DAY } else { 0 };
    nanos - (nanos - start).rem_euclid(every)
}

/// The first day of the span of months that a day is in.
fn first_of(day: NaiveDate, months: i32) -> Option<NaiveDate> {
    let month = day.year() * 12 + day.month0() as i32;
    let start = month - month.rem_euclid(months);
    NaiveDate::from_ymd_opt(start.div_euclid(12), start.rem_euclid(12) as u32 + 1, 1)
}

/// A wall clock, put back.
fn clock_back(clock: NaiveDateTime, every: Every) -> Option<NaiveDateTime> {
    if every.months > 0 {
        return first_of(clock.date(), every.months).map(|day| day.and_time(NaiveTime::MIN));
    }
    let time = clock.and_utc();
    let nanos = i128::from(time.timestamp()) * 1_000_000_000 + i128::from(time.timestamp_subsec_nanos());
    let back = nanos - put_back(nanos, every.nanos);
    clock.checked_sub_signed(TimeDelta::new((back / 1_000_000_000) as i64, (back % 1_000_000_000) as u32)?)
}

fn days(column: &ArrayRef, every: Every) -> Result<ArrayRef> {
    let back = |day: i32| match every.months {
        0 => i32::try_from(put_back(i128::from(day) * DAY, every.nanos) / DAY).ok(),
        months => first_of(Date32Type::to_naive_date_opt(day)?, months).map(Date32Type::from_naive_date),
    };
    let made: Date32Array = column.as_primitive::<Date32Type>().try_unary(|day| {
        back(day).ok_or_else(|| Error::new(ErrorKind::BadValue, format!("day {day} since 1970 is out of the calendar")))
    })?;
    Ok(Arc::new(made))
}

/// In a zone: spans shorter than a day keep the offset of the instant, so that the hour that comes twice stays two hours.
fn in_zone(number: i64, unit: TimeUnit, zone: Tz, every: Every) -> Option<i64> {
    let instant = clock(number, unit)?;
    let shown = local(instant, zone);
    let back = clock_back(shown, every)?;
    match every.months == 0 && every.nanos < DAY {
        true => value(instant.checked_sub_signed(shown.signed_duration_since(back))?, unit),
        false => value(utc(back, zone)?, unit),
    }
}

fn run(column: &ArrayRef, parameters: &[ScalarValue]) -> Result<ArrayRef> {
    let months = i32::try_from(number(parameters, 0)?).map_err(|_| Error::internal("a span of too many months"))?;
    let every = Every { months, nanos: number(parameters, 1)?.into() };
    match column.data_type() {
        DataType::Date32 => days(column, every),
        DataType::Timestamp(unit, Some(zone)) => {
            let (unit, zone) = (*unit, parse(zone)?);
            each(column, unit, |number| in_zone(number, unit, zone, every))
        }
        DataType::Timestamp(unit, None) if every.months == 0 => {
            let unit = *unit;
            let nanos = i128::from(1_000_000_000 / per_second(unit));
            each(column, unit, |number| i64::try_from(put_back(i128::from(number) * nanos, every.nanos).div_euclid(nanos)).ok())
        }
        DataType::Timestamp(unit, None) => {
            let unit = *unit;
            each(column, unit, |number| value(clock_back(clock(number, unit)?, every)?, unit))
        }
        other => Err(Error::internal(format!("{other} cannot be truncated"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn clock_of(text: &str, every: &str) -> NaiveDateTime {
        clock_back(time(text), Every::parse(every).unwrap()).unwrap()
    }

    #[test]
    fn a_clock_goes_back_to_the_start_of_its_span() {
        let now = "2024-02-29T13:47:11.250";
        for (every, start) in [
            ("1s", "2024-02-29T13:47:11"),
            ("15m", "2024-02-29T13:45:00"),
            ("6h", "2024-02-29T12:00:00"),
            ("1d", "2024-02-29T00:00:00"),
            // A Thursday.
            ("1w", "2024-02-26T00:00:00"),
            ("1mo", "2024-02-01T00:00:00"),
            ("1q", "2024-01-01T00:00:00"),
            ("1y", "2024-01-01T00:00:00"),
            ("10y", "2020-01-01T00:00:00"),
        ] {
            assert_eq!(clock_of(now, every), time(start), "{every}");
        }
        assert_eq!(clock_of("1969-12-31T23:30:00", "1h"), time("1969-12-31T23:00:00"));
        assert_eq!(clock_of("1969-12-31T23:30:00", "1q"), time("1969-10-01T00:00:00"));
        assert_eq!(clock_of("2024-12-30T00:00:00", "1w"), time("2024-12-30T00:00:00"));
    }

    #[test]
    fn in_a_zone_the_hour_that_comes_twice_stays_two_hours() {
        let berlin = parse("Europe/Berlin").unwrap();
        let back = |text: &str, every: &str| {
            let number = value(time(text), TimeUnit::Second).unwrap();
            clock(in_zone(number, TimeUnit::Second, berlin, Every::parse(every).unwrap()).unwrap(), TimeUnit::Second).unwrap()
        };
        // Half past two in summer, and an hour later half past two in winter.
        assert_eq!(back("2024-10-27T00:30:00", "1h"), time("2024-10-27T00:00:00"));
        assert_eq!(back("2024-10-27T01:30:00", "1h"), time("2024-10-27T01:00:00"));
        // Midnight in Berlin, in summer and in winter.
        assert_eq!(back("2024-07-01T21:59:59", "1d"), time("2024-06-30T22:00:00"));
        assert_eq!(back("2024-10-27T12:00:00", "1d"), time("2024-10-26T22:00:00"));
        assert_eq!(back("2024-12-31T23:30:00", "1y"), time("2024-12-31T23:00:00"));
    }

    #[test]
    fn days_go_back_too() {
        let day = |text: &str| Date32Type::from_naive_date(text.parse().unwrap());
        let column: ArrayRef = Arc::new(Date32Array::from(vec![Some(day("2024-02-29")), None, Some(day("1969-12-31"))]));
        let back = |every: &str| {
            let every = Every::parse(every).unwrap();
            let parameters = [ScalarValue::from(i64::from(every.months)), ScalarValue::from(every.nanos as i64)];
            run(&column, &parameters).unwrap().as_primitive::<Date32Type>().iter().collect::<Vec<_>>()
        };
        assert_eq!(back("1mo"), [Some(day("2024-02-01")), None, Some(day("1969-12-01"))]);
        assert_eq!(back("1w"), [Some(day("2024-02-26")), None, Some(day("1969-12-29"))]);
        assert_eq!(back("1d"), [Some(day("2024-02-29")), None, Some(day("1969-12-31"))]);
    }

    #[test]
    fn there_must_be_one_span() {
        for every in ["0s", "-1d", "1mo1d", "-1mo"] {
            assert!(truncate(Logical::Literal(ScalarValue::Null, None), Every::parse(every).unwrap()).is_err(), "{every}");
        }
    }
}
