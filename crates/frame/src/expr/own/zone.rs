//! Points in time as numbers, as wall clocks, and in zones.

use arrow_array::{Array, ArrayRef, Int64Array, cast::AsArray, timezone::Tz, types::Int64Type};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};
use chrono::{DateTime, NaiveDateTime, Offset, TimeDelta, TimeZone};
use stratal_core::{Error, ErrorKind, Result};

/// The zone of this name or offset.
pub(in crate::expr) fn parse(name: &str) -> Result<Tz> {
    name.parse().map_err(|_| {
        Error::new(ErrorKind::BadValue, format!("{name:?} is no time zone")).with_help("zones are UTC, Europe/Berlin, +02:00 and such")
    })
}

/// How many of a unit make a second.
pub(in crate::expr) fn per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

/// The clock in UTC at a point in time.
pub(super) fn clock(value: i64, unit: TimeUnit) -> Option<NaiveDateTime> {
    let per = per_second(unit);
    // Less than a second, in nanoseconds.
    let nanos = value.rem_euclid(per) * (1_000_000_000 / per);
    DateTime::from_timestamp(value.div_euclid(per), nanos as u32).map(|time| time.naive_utc())
}

/// The point in time at which the clock in UTC shows this.
pub(super) fn value(clock: NaiveDateTime, unit: TimeUnit) -> Option<i64> {
    let (time, per) = (clock.and_utc(), per_second(unit));
    time.timestamp().checked_mul(per)?.checked_add(i64::from(time.timestamp_subsec_nanos()) / (1_000_000_000 / per))
}

/// What a clock in the zone shows when one in UTC shows this.
pub(super) fn local(utc: NaiveDateTime, zone: Tz) -> NaiveDateTime {
    zone.from_utc_datetime(&utc).naive_local()
}

/// What a clock in UTC shows when one in the zone shows this: the first time that it does. A time that is skipped when clocks
/// are put forward is as much later.
pub(super) fn utc(local: NaiveDateTime, zone: Tz) -> Option<NaiveDateTime> {
    match zone.from_local_datetime(&local).earliest() {
        Some(time) => Some(time.naive_utc()),
        None => {
            let before = zone.from_local_datetime(&local.checked_sub_signed(TimeDelta::days(1))?).latest()?;
            let ahead = before.offset().fix().local_minus_utc();
            local.checked_sub_signed(TimeDelta::seconds(ahead.into()))
        }
    }
}

/// Points in time of a column, changed one by one; of the same type afterwards.
///
/// # Errors
/// `BadValue` for one that is out of range afterwards.
pub(super) fn each(column: &ArrayRef, unit: TimeUnit, change: impl Fn(i64) -> Option<i64>) -> Result<ArrayRef> {
    let numbers = cast(column, &DataType::Int64)?;
    let changed: Int64Array = numbers.as_primitive::<Int64Type>().try_unary(|number| {
        change(number).ok_or_else(|| {
            let shown = clock(number, unit).map_or_else(|| number.to_string(), |clock| clock.to_string());
            Error::new(ErrorKind::BadValue, format!("what is wanted beside {shown} is out of the range of datetimes"))
        })
    })?;
    Ok(cast(&changed, column.data_type())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_are_clocks_in_every_unit_and_before_1970() {
        for (number, unit, text) in [
            (-1, TimeUnit::Second, "1969-12-31T23:59:59"),
            (-1, TimeUnit::Millisecond, "1969-12-31T23:59:59.999"),
            (1_500_000, TimeUnit::Microsecond, "1970-01-01T00:00:01.5"),
            (-1, TimeUnit::Nanosecond, "1969-12-31T23:59:59.999999999"),
        ] {
            assert_eq!(clock(number, unit), Some(time(text)));
            assert_eq!(value(time(text), unit), Some(number));
        }
        assert_eq!(clock(i64::MAX, TimeUnit::Second), None);
    }

    #[test]
    fn a_time_that_comes_twice_is_the_first_and_one_that_is_skipped_is_later() {
        let berlin = parse("Europe/Berlin").unwrap();
        assert_eq!(utc(time("2024-01-31T10:00:00"), berlin), Some(time("2024-01-31T09:00:00")));
        // Clocks went back from three to two.
        assert_eq!(utc(time("2024-10-27T02:30:00"), berlin), Some(time("2024-10-27T00:30:00")));
        // Clocks went forward from two to three: half past three it is.
        assert_eq!(utc(time("2024-03-31T02:30:00"), berlin), Some(time("2024-03-31T01:30:00")));
        assert_eq!(local(time("2024-03-31T01:30:00"), berlin), time("2024-03-31T03:30:00"));
        assert_eq!(utc(time("2024-01-31T10:00:00"), parse("+02:00").unwrap()), Some(time("2024-01-31T08:00:00")));
        assert_eq!(parse("Mars/Olympus").unwrap_err().message(), "\"Mars/Olympus\" is no time zone");
    }
}
