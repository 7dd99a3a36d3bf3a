//! [`Every`]: a span of time as users write it: `15m`, `1d`, `2w`, `1mo`.

use arrow_array::types::IntervalMonthDayNano;
use datafusion::common::ScalarValue;
use std::fmt;
use stratal_core::{Error, ErrorKind, Result};

/// Nanoseconds of a day.
pub(crate) const DAY: i128 = 86_400_000_000_000;

/// A span of time. Months differ in length, so they are kept apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Every {
    pub(crate) months: i32,
    pub(crate) nanos: i128,
}

/// Months and nanoseconds of a unit.
fn unit(name: &str) -> Option<(i64, i128)> {
    Some(match name {
        "ns" => (0, 1),
        "us" => (0, 1_000),
        "ms" => (0, 1_000_000),
        "s" => (0, 1_000_000_000),
        "m" => (0, 60_000_000_000),
        "h" => (0, 3_600_000_000_000),
        "d" => (0, DAY),
        "w" => (0, 7 * DAY),
        "mo" => (1, 0),
        "q" => (3, 0),
        "y" => (12, 0),
        _ => return None,
    })
}

impl Every {
    /// Reads `15m`, or several units together as in `1h30m`.
    ///
    /// # Errors
    /// `BadValue` for a text that is no span.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        Every::read(text.trim()).ok_or_else(|| {
            let help = "write a number and a unit, as in 15m or 1mo; units are ns us ms s m h d w mo (months) q (quarters) y";
            Error::new(ErrorKind::BadValue, format!("{text:?} is no span of time")).with_help(help)
        })
    }

    fn read(text: &str) -> Option<Self> {
        let (sign, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (-1i64, rest),
            None => (1, text),
        };
        let mut every = Every::default();
        if rest.is_empty() {
            return None;
        }
        while !rest.is_empty() {
            let digits = rest.find(|character: char| !character.is_ascii_digit())?;
            let number = rest[..digits].parse::<i64>().ok()?.checked_mul(sign)?;
            let named = &rest[digits..];
            let end = named.find(|character: char| character.is_ascii_digit()).unwrap_or(named.len());
            let (months, nanos) = unit(named[..end].trim())?;
            every.months = every.months.checked_add(i32::try_from(number.checked_mul(months)?).ok()?)?;
            every.nanos = every.nanos.checked_add(i128::from(number).checked_mul(nanos)?)?;
            rest = &named[end..];
        }
        Some(every)
    }

    /// The span as a literal: a duration, or an interval where there are months in it.
    ///
    /// # Errors
    /// `BadValue` for a span of more than 292 thousand years.
    pub(crate) fn to_scalar(self) -> Result<ScalarValue> {
        let too_long = || Error::new(ErrorKind::BadValue, "the span of time is too long");
        if self.months != 0 {
            let days = i32::try_from(self.nanos / DAY).map_err(|_| too_long())?;
            // What is left is less than a day.
            let nanos = (self.nanos % DAY) as i64;
            return Ok(ScalarValue::IntervalMonthDayNano(Some(IntervalMonthDayNano::new(self.months, days, nanos))));
        }
        if self.nanos % 1_000 == 0 {
            let micros = i64::try_from(self.nanos / 1_000).map_err(|_| too_long())?;
            return Ok(ScalarValue::DurationMicrosecond(Some(micros)));
        }
        let nanos = i64::try_from(self.nanos).map_err(|_| too_long())?;
        Ok(ScalarValue::DurationNanosecond(Some(nanos)))
    }

    /// The span that a literal is: a text, a duration or an interval. None for anything else.
    pub(crate) fn of_scalar(value: &ScalarValue) -> Option<Result<Self>> {
        let nanos = |number: &i64, unit: i128| Some(Ok(Every { months: 0, nanos: i128::from(*number) * unit }));
        match value {
            ScalarValue::DurationSecond(Some(number)) => nanos(number, 1_000_000_000),
            ScalarValue::DurationMillisecond(Some(number)) => nanos(number, 1_000_000),
            ScalarValue::DurationMicrosecond(Some(number)) => nanos(number, 1_000),
            ScalarValue::DurationNanosecond(Some(number)) => nanos(number, 1),
            ScalarValue::IntervalMonthDayNano(Some(span)) => {
                Some(Ok(Every { months: span.months, nanos: i128::from(span.days) * DAY + i128::from(span.nanoseconds) }))
            }
            ScalarValue::IntervalYearMonth(Some(months)) => Some(Ok(Every { months: *months, nanos: 0 })),
            text => text.try_as_str().flatten().map(Every::parse),
        }
    }
}

/// As it can be written: `1h30m`.
impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.months < 0 || self.nanos < 0 {
            f.write_str("-")?;
        }
        let months = self.months.unsigned_abs();
        match (months / 12, months % 12) {
            (0, 0) => {}
            (0, months) => write!(f, "{months}mo")?,
            (years, 0) => write!(f, "{years}y")?,
            (years, months) => write!(f, "{years}y{months}mo")?,
        }
        let mut rest = self.nanos.unsigned_abs();
        for (name, nanos) in
            ["d", "h", "m", "s", "ms", "us", "ns"].map(|name| (name, unit(name).map_or(1, |(_, nanos)| nanos.unsigned_abs())))
        {
            if rest >= nanos {
                write!(f, "{}{name}", rest / nanos)?;
                rest %= nanos;
            }
        }
        if *self == Every::default() { f.write_str("0s") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_numbers_and_units() {
        let nanos = |text: &str| Every::parse(text).unwrap().nanos;
        assert_eq!((nanos("1ns"), nanos("2us"), nanos("3ms"), nanos("4s")), (1, 2_000, 3_000_000, 4_000_000_000));
        assert_eq!((nanos("15m"), nanos("1h30m"), nanos("-1d")), (900_000_000_000, 5_400_000_000_000, -DAY));
        assert_eq!((nanos(" 2w "), nanos("1d 12h")), (14 * DAY, DAY + DAY / 2));
        let months = |text: &str| Every::parse(text).unwrap().months;
        assert_eq!((months("1mo"), months("2q"), months("-1y"), months("1y6mo")), (1, 6, -12, 18));
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in ["", "-", "5", "d", "1month", "1.5h", "1d-2h", "one day", "99999999999999999999d", "9999999999y"] {
            assert_eq!(Every::parse(text).unwrap_err().kind(), ErrorKind::BadValue, "{text}");
        }
    }

    #[test]
    fn spans_are_shown_as_they_can_be_written() {
        for (text, shown) in
            [("15m", "15m"), ("90m", "1h30m"), ("2w", "14d"), ("1q", "3mo"), ("18mo", "1y6mo"), ("-36h", "-1d12h"), ("0s", "0s")]
        {
            assert_eq!(Every::parse(text).unwrap().to_string(), shown);
            assert_eq!(Every::parse(shown).unwrap(), Every::parse(text).unwrap());
        }
    }

    #[test]
    fn spans_survive_as_literals() {
        for text in ["1ns", "15m", "2w", "1mo", "1y", "-3q", "0s", "1mo2d3h"] {
            let every = Every::parse(text).unwrap();
            assert_eq!(Every::of_scalar(&every.to_scalar().unwrap()).unwrap().unwrap(), every, "{text}");
        }
        assert_eq!(Every::parse("30m").unwrap().to_scalar().unwrap(), ScalarValue::DurationMicrosecond(Some(1_800_000_000)));
        assert!(Every::of_scalar(&ScalarValue::Int64(Some(1))).is_none());
        assert!(Every::parse("9000000000000000d").unwrap().to_scalar().is_err());
    }
}
