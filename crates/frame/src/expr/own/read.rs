//! Texts read as days, times of day and points in time, by a format of chrono's.
//!
//! A text that does not fit is an error that names it, where DataFusion's functions take formats for hints.

use super::function::{Function, call, text};
use arrow_array::{
    ArrayRef, Date32Array, StringArray, Time64MicrosecondArray, TimestampMicrosecondArray, cast::AsArray, types::Date32Type,
};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};
use chrono::{
    DateTime, NaiveDateTime, NaiveTime, Timelike,
    format::{Item, Parsed, StrftimeItems, parse},
};
use datafusion::{
    common::ScalarValue,
    logical_expr::{Expr as Logical, ScalarUDF},
};
use std::{
    fmt::{Display, Write},
    sync::{Arc, LazyLock},
};
use stratal_core::{Error, ErrorKind, Result};

/// What a text is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::expr) enum Reads {
    Date,
    Time,
    Datetime,
}

impl Reads {
    fn name(self) -> &'static str {
        match self {
            Reads::Date => "date",
            Reads::Time => "time",
            Reads::Datetime => "datetime",
        }
    }

    fn function(self) -> Arc<ScalarUDF> {
        static DATE: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Function::udf("stratal_read_date", |_, _| Ok(DataType::Date32), dates));
        static TIME: LazyLock<Arc<ScalarUDF>> =
            LazyLock::new(|| Function::udf("stratal_read_time", |_, _| Ok(DataType::Time64(TimeUnit::Microsecond)), times));
        static DATETIME: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Function::udf("stratal_read_datetime", datetime_type, datetimes));
        match self {
            Reads::Date => DATE.clone(),
            Reads::Time => TIME.clone(),
            Reads::Datetime => DATETIME.clone(),
        }
    }
}

pub(super) fn functions() -> [Arc<ScalarUDF>; 3] {
    [Reads::Date, Reads::Time, Reads::Datetime].map(Reads::function)
}

/// Texts as what the format says they are. Datetimes are in UTC if the format has an offset in it, else without a zone.
///
/// # Errors
/// `BadValue` for what is no format.
pub(in crate::expr) fn read(column: Logical, reads: Reads, format: &str) -> Result<Logical> {
    has_zone(format)?;
    Ok(call(reads.function(), column, [ScalarValue::from(format)]))
}

fn can_be_written(shown: impl Display) -> bool {
    write!(String::new(), "{shown}").is_ok()
}

/// Whether there is an offset from UTC in a format.
fn has_zone(format: &str) -> Result<bool> {
    let epoch = DateTime::from_timestamp_nanos(0);
    match (can_be_written(epoch.naive_utc().format(format)), can_be_written(epoch.format(format))) {
        (true, _) => Ok(false),
        (false, true) => Ok(true),
        (false, false) => {
            let help = "directives are chrono's: %Y-%m-%d %H:%M:%S%.f; a percent sign is %%";
            Err(Error::new(ErrorKind::BadValue, format!("{format:?} is no format of dates and times")).with_help(help))
        }
    }
}

fn datetime_type(_: &DataType, parameters: &[ScalarValue]) -> Result<DataType> {
    let zone = has_zone(text(parameters, 0)?)?.then(|| "UTC".into());
    Ok(DataType::Timestamp(TimeUnit::Microsecond, zone))
}

/// Every text as what `of` makes of it. Nulls stay.
fn each<T>(column: &ArrayRef, format: &str, reads: Reads, of: impl Fn(&Parsed) -> Option<T>) -> Result<Vec<Option<T>>> {
    let items: Vec<Item<'_>> = StrftimeItems::new(format).collect();
    let texts = cast(column, &DataType::Utf8)?;
    let texts: &StringArray = texts.as_string();
    let value = |text: &str| {
        let mut parsed = Parsed::new();
        parse(&mut parsed, text, items.iter()).ok()?;
        of(&parsed)
    };
    let values = texts.iter().map(|text| {
        let Some(text) = text else { return Ok(None) };
        value(text).map(Some).ok_or_else(|| {
            let message = format!("{text:?} is no {} of the format {format:?}", reads.name());
            Error::new(ErrorKind::BadValue, message).with_help("give another format, or mend such texts first, as with null_if(..)")
        })
    });
    values.collect()
}

fn dates(column: &ArrayRef, parameters: &[ScalarValue]) -> Result<ArrayRef> {
    let days = each(column, text(parameters, 0)?, Reads::Date, |parsed| parsed.to_naive_date().ok().map(Date32Type::from_naive_date))?;
    Ok(Arc::new(Date32Array::from(days)))
}

fn times(column: &ArrayRef, parameters: &[ScalarValue]) -> Result<ArrayRef> {
    let micros = each(column, text(parameters, 0)?, Reads::Time, |parsed| parsed.to_naive_time().ok().map(micros))?;
    Ok(Arc::new(Time64MicrosecondArray::from(micros)))
}

/// Microseconds since midnight. A leap second is the end of the second before it.
fn micros(time: NaiveTime) -> i64 {
    i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond().min(999_999_999) / 1_000)
}

fn datetimes(column: &ArrayRef, parameters: &[ScalarValue]) -> Result<ArrayRef> {
    let format = text(parameters, 0)?;
    let is_zoned = has_zone(format)?;
    let micros = each(column, format, Reads::Datetime, |parsed| match is_zoned {
        true => parsed.to_datetime().ok().map(|time| time.timestamp_micros()),
        false => clock(parsed).map(|time| time.and_utc().timestamp_micros()),
    })?;
    let zone = is_zoned.then_some("UTC");
    Ok(Arc::new(TimestampMicrosecondArray::from(micros).with_timezone_opt(zone)))
}

/// Midnight where the format has no hour in it.
fn clock(parsed: &Parsed) -> Option<NaiveDateTime> {
    let is_day = parsed.hour_mod_12().is_none() && parsed.timestamp().is_none();
    match is_day {
        true => parsed.to_naive_date().ok().map(|day| day.and_time(NaiveTime::MIN)),
        false => parsed.to_naive_datetime_with_offset(0).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Array, types::Int64Type};

    fn numbers(reads: Reads, format: &str, texts: &[Option<&str>]) -> Result<Vec<Option<i64>>> {
        let column: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
        let run = match reads {
            Reads::Date => dates,
            Reads::Time => times,
            Reads::Datetime => datetimes,
        };
        let made = run(&column, &[ScalarValue::from(format)])?;
        let made = match made.data_type() {
            DataType::Date32 => cast(&cast(&made, &DataType::Int32)?, &DataType::Int64)?,
            _ => cast(&made, &DataType::Int64)?,
        };
        Ok(made.as_primitive::<Int64Type>().iter().collect())
    }

    #[test]
    fn days_times_and_datetimes_are_read_by_their_format() {
        assert_eq!(
            numbers(Reads::Date, "%d.%m.%Y", &[Some("02.01.1970"), None, Some("29.2.2024")]).unwrap(),
            [Some(1), None, Some(19_782)]
        );
        assert_eq!(numbers(Reads::Time, "%H:%M", &[Some("01:30")]).unwrap(), [Some(5_400_000_000)]);
        assert_eq!(numbers(Reads::Datetime, "%Y-%m-%d %H:%M:%S%.f", &[Some("1970-01-01 00:00:01.5")]).unwrap(), [Some(1_500_000)]);
        assert_eq!(numbers(Reads::Datetime, "%Y%m%d", &[Some("19700102")]).unwrap(), [Some(86_400_000_000)]);
        assert_eq!(numbers(Reads::Datetime, "%Y-%m-%dT%H:%M:%S%z", &[Some("1970-01-01T02:00:00+0100")]).unwrap(), [Some(3_600_000_000)]);
        assert_eq!(numbers(Reads::Datetime, "%s", &[Some("60")]).unwrap(), [Some(60_000_000)]);
    }

    #[test]
    fn a_text_that_does_not_fit_is_named() {
        let error = numbers(Reads::Date, "%Y-%m-%d", &[Some("2024-01-31"), Some("2024-02-30")]).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::BadValue, "\"2024-02-30\" is no date of the format \"%Y-%m-%d\""));
        for text in ["", "2024-01-31 ", "2024-01-31x", "24-1"] {
            assert!(numbers(Reads::Date, "%Y-%m-%d", &[Some(text)]).is_err(), "{text:?}");
        }
        assert!(numbers(Reads::Datetime, "%Y-%m-%d %H", &[Some("2024-01-31 10")]).is_err());
    }

    #[test]
    fn what_is_no_format_is_refused() {
        assert_eq!(has_zone("%Y %Q").unwrap_err().message(), "\"%Y %Q\" is no format of dates and times");
        assert_eq!(
            ["%Y", "%H:%M", "%z", "%Y-%m-%dT%H:%M:%S%:z", "%s", "100%%"].map(|format| has_zone(format).unwrap()),
            [false, false, true, true, false, false]
        );
    }
}
