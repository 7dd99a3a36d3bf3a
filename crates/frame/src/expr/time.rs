//! Methods of dates, times, datetimes and durations: `col("at").dt()`.

use super::{
    Every, Expr, IntoExpr,
    conditions::compare,
    every::DAY,
    later::{Given, cast},
    own::{in_zone, offset, parse_zone, per_second, truncate},
};
use crate::types::{is_text, type_name};
use arrow_schema::{DataType, TimeUnit};
use chrono::{DateTime, NaiveDateTime, NaiveTime};
use datafusion::{
    functions::datetime::expr_fn::{date_part, to_char, to_local_time},
    logical_expr::{Expr as Logical, Operator, lit},
};
use std::fmt::Write;
use stratal_core::{Error, ErrorKind, Result};

/// The methods of dates, times, datetimes and durations. Made by [`Expr::dt`].
///
/// Of a datetime with a zone they show the wall clock there. Parts are `i64`. Nulls stay null.
#[derive(Clone, Debug)]
pub struct DtExpr(Expr);

impl Expr {
    /// The methods of dates, times, datetimes and durations.
    ///
    /// ```
    /// use stratal_frame::{datetime, frame};
    /// let df = frame! { "x" => [1] }.select(datetime("2024-01-31T10:30:00").dt().hour().alias("hour"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 10);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn dt(&self) -> DtExpr {
        DtExpr(self.clone())
    }
}

fn is_day(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Date32 | DataType::Date64)
}

fn is_instant(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(..))
}

fn is_clock(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Time32(_) | DataType::Time64(_))
}

/// What a method is called on, of a type that it takes. Dates are `Date32`, and null is a datetime.
fn temporal(given: &Given<'_>, takes: impl Fn(&DataType) -> bool, wanted: &str) -> Result<(Logical, DataType)> {
    let help = |data_type: &DataType| match data_type {
        text if is_text(text) => "read it: .str().to_datetime(\"%Y-%m-%d %H:%M:%S\"), .str().to_date(..) or .str().to_time(..)".to_owned(),
        DataType::Date32 | DataType::Date64 => given.cast_it(0, "datetime"),
        _ => "make a date or a time of it first".to_owned(),
    };
    match given.type_of(0)? {
        DataType::Null => {
            let instant = DataType::Timestamp(TimeUnit::Microsecond, None);
            Ok((cast(given.argument(0), instant.clone()), instant))
        }
        DataType::Date64 if takes(&DataType::Date64) => Ok((cast(given.argument(0), DataType::Date32), DataType::Date32)),
        data_type if takes(&data_type) => Ok((given.argument(0), data_type)),
        data_type => Err(given.refuse(0, wanted, help(&data_type))),
    }
}

/// A part of the calendar.
fn of_day(given: &Given<'_>, part: &str) -> Result<Logical> {
    let (own, _) = temporal(given, |data_type| is_day(data_type) || is_instant(data_type), "a date or a datetime")?;
    Ok(cast(date_part(lit(part), own), DataType::Int64))
}

/// A part of the time of day.
fn of_clock(given: &Given<'_>, part: &str) -> Result<Logical> {
    let (own, _) = temporal(given, |data_type| is_clock(data_type) || is_instant(data_type), "a time or a datetime")?;
    Ok(cast(date_part(lit(part), own), DataType::Int64))
}

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident $of:ident $part:literal)*) => {
        impl DtExpr {$(
            $(#[$doc])*
            pub fn $name(&self) -> Expr {
                self.0.method(concat!(".dt().", stringify!($name)), [], |given| $of(given, $part))
            }
        )*}
    };
}

parts! {
    /// The year.
    ///
    /// ```
    /// use stratal_frame::{date, frame};
    /// let df = frame! { "x" => [1] }.select(date("2024-02-29").dt().year().alias("part"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 2024);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    year of_day "year"
    /// The quarter, from 1 to 4.
    ///
    /// ```
    /// use stratal_frame::{date, frame};
    /// let df = frame! { "x" => [1] }.select(date("2024-04-01").dt().quarter().alias("part"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    quarter of_day "quarter"
    /// The month, from 1 to 12.
    ///
    /// ```
    /// use stratal_frame::{date, frame};
    /// let df = frame! { "x" => [1] }.select(date("2024-02-29").dt().month().alias("part"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    month of_day "month"
    /// The week of ISO 8601, from 1 to 53: weeks begin on Monday, and the first is the one with the year's first Thursday.
    ///
    /// ```
    /// use stratal_frame::{date, frame};
    /// let df = frame! { "x" => [1] }.select(date("2021-01-03").dt().week().alias("part"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 53);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    week of_day "week"
    /// The day of the month, from 1 to 31.
    ///
    /// ```
    /// use stratal_frame::{date, frame};
    /// let df = frame! { "x" => [1] }.select(date("2024-02-29").dt().day().alias("part"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 29);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    day of_day "day"
    /// The day of the week, from 1 for Monday to 7 for Sunday.
    ///
    /// ```
    /// use stratal_frame::{date, frame};
    /// let df = frame! { "x" => [1] }.select(date("2024-02-29").dt().weekday().alias("part"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 4);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    weekday of_day "isodow"
    /// The day of the year, from 1 to 366.
    ///
    /// ```
    /// use stratal_frame::{date, frame};
    /// let df = frame! { "x" => [1] }.select(date("2024-12-31").dt().ordinal_day().alias("part"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 366);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ordinal_day of_day "doy"
    /// The hour, from 0 to 23.
    ///
    /// ```
    /// use stratal_frame::{datetime, frame};
    /// let df = frame! { "x" => [1] }.select(datetime("2024-02-29T23:05:09").dt().hour().alias("part"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 23);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    hour of_clock "hour"
    /// The minute, from 0 to 59.
    ///
    /// ```
    /// use stratal_frame::{datetime, frame};
    /// let df = frame! { "x" => [1] }.select(datetime("2024-02-29T23:05:09").dt().minute().alias("part"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 5);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    minute of_clock "minute"
    /// The second, from 0 to 59.
    ///
    /// ```
    /// use stratal_frame::{datetime, frame};
    /// let df = frame! { "x" => [1] }.select(datetime("2024-02-29T23:05:09").dt().second().alias("part"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 9);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    second of_clock "second"
}

/// A whole number divided by another, down.
fn divided(number: Logical, by: i64) -> Logical {
    let rest = |number: Logical| compare(number, Operator::Modulo, lit(by));
    let above = rest(compare(rest(number.clone()), Operator::Plus, lit(by)));
    compare(compare(number, Operator::Minus, above), Operator::Divide, lit(by))
}

/// The span that an argument is: a text, a duration or an interval.
fn span(given: &Given<'_>, at: usize) -> Result<Every> {
    given
        .literal(at)
        .and_then(Every::of_scalar)
        .unwrap_or_else(|| Err(given.refuse(at, "a span of time", "name one, as in \"15m\" or every(\"1mo\")")))
}

/// What a span is applied to. Dates have no hours to be put back or moved by.
fn with_span(given: &Given<'_>) -> Result<(Logical, Every)> {
    let (own, data_type) = temporal(given, |data_type| is_day(data_type) || is_instant(data_type), "a date or a datetime")?;
    let every = span(given, 1)?;
    if is_day(&data_type) && every.nanos % DAY != 0 {
        let message = format!("{} is of dates, which have no hours", given.shown());
        return Err(Error::new(ErrorKind::TypeMismatch, message).with_help(given.cast_it(0, "datetime")));
    }
    Ok((own, every))
}

impl DtExpr {
    /// The millisecond of the second, from 0 to 999.
    ///
    /// ```
    /// use stratal_frame::{datetime, frame};
    /// let df = frame! { "x" => [1] }.select(datetime("2024-02-29T23:05:09.25").dt().millisecond().alias("part"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 250);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn millisecond(&self) -> Expr {
        // To SQL, the seconds are part of it.
        self.0.method(".dt().millisecond", [], |given| Ok(compare(of_clock(given, "millisecond")?, Operator::Modulo, lit(1_000i64))))
    }

    /// The microsecond of the second, from 0 to 999,999.
    ///
    /// ```
    /// use stratal_frame::{datetime, frame};
    /// let df = frame! { "x" => [1] }.select(datetime("2024-02-29T23:05:09.25").dt().microsecond().alias("part"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 250_000);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn microsecond(&self) -> Expr {
        self.0.method(".dt().microsecond", [], |given| Ok(compare(of_clock(given, "microsecond")?, Operator::Modulo, lit(1_000_000i64))))
    }

    /// The day.
    ///
    /// ```
    /// use stratal_frame::{datetime, frame};
    /// let df = frame! { "x" => [1] }.select(datetime("2024-02-29T23:05:09").dt().date().alias("day"));
    /// assert_eq!(df.collect()?.item::<chrono::NaiveDate>()?.to_string(), "2024-02-29");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn date(&self) -> Expr {
        self.0.method(".dt().date", [], |given| {
            let (own, data_type) = temporal(given, |data_type| is_day(data_type) || is_instant(data_type), "a date or a datetime")?;
            Ok(if is_day(&data_type) { own } else { cast(own, DataType::Date32) })
        })
    }

    /// The time of day.
    ///
    /// ```
    /// use stratal_frame::{datetime, frame};
    /// let df = frame! { "x" => [1] }.select(datetime("2024-02-29T23:05:09").dt().time().dt().minute().alias("minute"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 5);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn time(&self) -> Expr {
        self.0.method(".dt().time", [], |given| {
            let (own, data_type) = temporal(given, |data_type| is_clock(data_type) || is_instant(data_type), "a time or a datetime")?;
            Ok(match data_type {
                DataType::Timestamp(TimeUnit::Nanosecond, _) => cast(own, DataType::Time64(TimeUnit::Nanosecond)),
                DataType::Timestamp(..) => cast(own, DataType::Time64(TimeUnit::Microsecond)),
                _ => own,
            })
        })
    }

    /// The start of the span that it is in: `1h`, `1d`, `1w` (from Monday), `1mo`, `1q`, `1y`, and several of one unit. The type
    /// stays. With a zone, days and more begin at midnight there. Spans of several are counted from the start of 1970; weeks
    /// from a Monday; months, quarters and years from the year 0.
    ///
    /// ```
    /// use stratal_frame::{datetime, frame};
    /// let df = frame! { "x" => [1] }.select(datetime("2024-02-29T23:05:09").dt().truncate("1mo").alias("month"));
    /// assert_eq!(df.collect()?.item::<chrono::NaiveDateTime>()?.to_string(), "2024-02-01 00:00:00");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn truncate(&self, every: impl IntoExpr) -> Expr {
        self.0.method(".dt().truncate", [every.into_expr()], |given| {
            let (own, every) = with_span(given)?;
            truncate(own, every)
        })
    }

    /// Moved by a span, back with a minus sign. Months, quarters and years are those of the calendar: a month after the 31st of
    /// January is the last day of February; with a zone, the wall clock there stays. Days and weeks are 24 hours and 7 times 24.
    ///
    /// ```
    /// use stratal_frame::{date, frame};
    /// let df = frame! { "x" => [1] }.select(date("2024-01-31").dt().offset("1mo").alias("later"));
    /// assert_eq!(df.collect()?.item::<chrono::NaiveDate>()?.to_string(), "2024-02-29");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn offset(&self, every: impl IntoExpr) -> Expr {
        self.0.method(".dt().offset", [every.into_expr()], |given| {
            let (own, every) = with_span(given)?;
            offset(own, every)
        })
    }

    /// As a text, by a format of chrono's.
    ///
    /// ```
    /// use stratal_frame::{date, frame};
    /// let df = frame! { "x" => [1] }.select(date("2024-01-31").dt().format("%d.%m.%y").alias("day"));
    /// assert_eq!(df.collect()?.item::<String>()?, "31.01.24");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn format(&self, format: &str) -> Expr {
        self.0.method(".dt().format", [super::lit(format)], |given| {
            let takes = |data_type: &DataType| is_day(data_type) || is_clock(data_type) || is_instant(data_type);
            let (own, data_type) = temporal(given, takes, "a date, a time or a datetime")?;
            let format = given.word(1)?;
            if !is_written(&data_type, format) {
                let message = format!("{format:?} cannot be written of {}", type_name(&data_type));
                let help =
                    "directives are chrono's: %Y-%m-%d of dates, %H:%M:%S%.f of times, %z of datetimes with a zone; a percent sign is %%";
                return Err(Error::new(ErrorKind::BadValue, message).with_help(help));
            }
            Ok(to_char(if is_day(&data_type) { cast(own, DataType::Timestamp(TimeUnit::Second, None)) } else { own }, lit(format)))
        })
    }

    /// How much time has passed since 1970 began in UTC, in whole units (`s`, `ms`, `us` or `ns`), as `i64`. What has no zone
    /// counts as UTC.
    ///
    /// ```
    /// use stratal_frame::{datetime, frame};
    /// let df = frame! { "x" => [1] }.select(datetime("1970-01-02T00:00:00").dt().epoch("s").alias("s"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 86_400);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn epoch(&self, unit: &str) -> Expr {
        self.0.method(".dt().epoch", [super::lit(unit)], |given| {
            let (own, data_type) = temporal(given, |data_type| is_day(data_type) || is_instant(data_type), "a date or a datetime")?;
            let wanted = match given.word(1)? {
                "s" => TimeUnit::Second,
                "ms" => TimeUnit::Millisecond,
                "us" => TimeUnit::Microsecond,
                "ns" => TimeUnit::Nanosecond,
                other => {
                    return Err(
                        Error::new(ErrorKind::BadValue, format!("{other:?} is no unit of time")).with_help("units are s, ms, us and ns")
                    );
                }
            };
            let (have, zone) = match data_type {
                DataType::Timestamp(have, zone) => (have, zone),
                _ => (TimeUnit::Second, None),
            };
            let whole = |unit: TimeUnit| cast(cast(own.clone(), DataType::Timestamp(unit, zone.clone())), DataType::Int64);
            let ratio = per_second(have) / per_second(wanted);
            // DataFusion's way to a larger unit is towards 1970, and not down.
            Ok(if ratio > 1 { divided(whole(have), ratio) } else { whole(wanted) })
        })
    }

    /// The same instant, shown in another zone.
    ///
    /// ```
    /// use stratal_frame::{datetime, frame};
    /// let df = frame! { "x" => [1] }.select(datetime("2024-07-01T10:00:00Z").dt().to_tz("Europe/Berlin").dt().hour().alias("hour"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 12);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn to_tz(&self, zone: &str) -> Expr {
        self.0.method(".dt().to_tz", [super::lit(zone)], |given| {
            let (own, data_type) = temporal(given, is_instant, "a datetime")?;
            let zone = given.word(1)?;
            parse_zone(zone)?;
            match data_type {
                DataType::Timestamp(unit, Some(_)) => Ok(cast(own, DataType::Timestamp(unit, Some(zone.into())))),
                _ => {
                    let message = format!("{} is of a datetime without a zone, which is no instant", given.shown());
                    Err(Error::new(ErrorKind::TypeMismatch, message).with_help("say first whose clock it is: .dt().as_tz(\"UTC\")"))
                }
            }
        })
    }

    /// The same wall clock, as that of a zone. A time that comes twice there, when clocks are put back, is the first; one that
    /// is skipped, when they are put forward, is as much later.
    ///
    /// ```
    /// use stratal_frame::{datetime, frame};
    /// let df = frame! { "x" => [1] }.select(datetime("2024-07-01T10:00:00").dt().as_tz("Europe/Berlin").alias("at"));
    /// let at = df.collect()?.item::<chrono::DateTime<chrono::Utc>>()?;
    /// assert_eq!(at.to_rfc3339(), "2024-07-01T08:00:00+00:00");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn as_tz(&self, zone: &str) -> Expr {
        self.0.method(".dt().as_tz", [super::lit(zone)], |given| {
            let (own, data_type) = temporal(given, is_instant, "a datetime")?;
            let zone = given.word(1)?;
            parse_zone(zone)?;
            let clock = if matches!(data_type, DataType::Timestamp(_, Some(_))) { to_local_time(vec![own]) } else { own };
            Ok(in_zone(clock, zone))
        })
    }

    /// The length of a duration in seconds, as `f64`.
    ///
    /// ```
    /// use stratal_frame::{every, frame};
    /// let df = frame! { "x" => [1] }.select(every("1m30s500ms").dt().total_seconds().alias("seconds"));
    /// assert_eq!(df.collect()?.item::<f64>()?, 90.5);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn total_seconds(&self) -> Expr {
        self.0.method(".dt().total_seconds", [], |given| match given.type_of(0)? {
            DataType::Duration(unit) => {
                let number = cast(cast(given.argument(0), DataType::Int64), DataType::Float64);
                Ok(compare(number, Operator::Divide, lit(per_second(unit) as f64)))
            }
            DataType::Null => Ok(cast(given.argument(0), DataType::Float64)),
            _ => Err(given.refuse(0, "a duration", "durations are what lies between two datetimes: col(\"end\") - col(\"start\")")),
        })
    }
}

/// Whether there is everything in a value of this type that a format writes.
fn is_written(data_type: &DataType, format: &str) -> bool {
    let mut text = String::new();
    let written = match data_type {
        data_type if is_clock(data_type) => write!(text, "{}", NaiveTime::MIN.format(format)),
        DataType::Timestamp(_, Some(_)) => write!(text, "{}", DateTime::from_timestamp_nanos(0).format(format)),
        _ => write!(text, "{}", NaiveDateTime::default().format(format)),
    };
    written.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::col;
    use arrow_schema::{Field, Schema};
    use datafusion::common::DFSchema;

    fn bound(expr: Expr) -> Result<Logical> {
        let fields = [
            ("s", DataType::Utf8),
            ("x", DataType::Int64),
            ("day", DataType::Date32),
            ("at", DataType::Timestamp(TimeUnit::Millisecond, None)),
            ("clock", DataType::Time64(TimeUnit::Microsecond)),
            ("took", DataType::Duration(TimeUnit::Second)),
        ];
        let fields: Vec<Field> = fields.into_iter().map(|(name, data_type)| Field::new(name, data_type, true)).collect();
        crate::bind::resolve(&expr, &DFSchema::try_from(Schema::new(fields)).unwrap())
    }

    fn message(expr: Expr) -> String {
        bound(expr).unwrap_err().message().to_owned()
    }

    #[test]
    fn types_that_a_method_does_not_take_are_refused_by_name() {
        assert_eq!(message(col("s").dt().year()), "s.dt().year() takes a date or a datetime, and s is str");
        assert_eq!(message(col("day").dt().hour()), "day.dt().hour() takes a time or a datetime, and day is date");
        assert_eq!(message(col("x").dt().format("%Y")), "x.dt().format(\"%Y\") takes a date, a time or a datetime, and x is i64");
        assert_eq!(message(col("at").dt().total_seconds()), "at.dt().total_seconds() takes a duration, and at is datetime[ms]");
        assert_eq!(bound(col("day").dt().hour()).unwrap_err().help(), Some("cast it: col(\"day\").cast(\"datetime\")"));
        assert!(bound(col("took").dt().total_seconds()).is_ok());
    }

    #[test]
    fn what_dates_and_times_have_not_is_refused() {
        assert_eq!(message(col("day").dt().truncate("1h")), "day.dt().truncate(\"1h\") is of dates, which have no hours");
        assert_eq!(message(col("day").dt().offset("36h")), "day.dt().offset(\"36h\") is of dates, which have no hours");
        assert!(bound(col("day").dt().truncate("48h")).is_ok());
        assert_eq!(message(col("at").dt().truncate("1 hour")), "\"1 hour\" is no span of time");
        assert_eq!(message(col("at").dt().truncate(col("x"))), "at.dt().truncate(x) takes a span of time, and x is i64");
        assert_eq!(message(col("at").dt().format("%z")), "\"%z\" cannot be written of datetime[ms]");
        assert_eq!(message(col("clock").dt().format("%Y")), "\"%Y\" cannot be written of time");
        assert_eq!(message(col("at").dt().epoch("h")), "\"h\" is no unit of time");
        assert_eq!(message(col("at").dt().as_tz("Nowhere")), "\"Nowhere\" is no time zone");
        assert!(message(col("at").dt().to_tz("UTC")).ends_with("is of a datetime without a zone, which is no instant"));
    }
}
