//! Literals that are written as text: [`date`], [`datetime`], [`every`].

use super::{Every, Expr, IntoExpr};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use stratal_core::{Error, ErrorKind};

/// A day: `2024-01-31`. A text that is none is an error of the verb.
///
/// ```
/// use stratal_frame::{col, date, frame};
/// let day = chrono::NaiveDate::from_ymd_opt(2024, 1, 31);
/// let df = frame! { "day" => [day, None] }.filter(col("day").lt_eq(date("2024-01-31")));
/// assert_eq!(df.count()?, 1);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn date(day: &str) -> Expr {
    match NaiveDate::parse_from_str(day.trim(), "%Y-%m-%d") {
        Ok(day) => day.into_expr(),
        Err(_) => wrong(day, "date", "2024-01-31"),
    }
}

/// A point in time: `2024-01-31T10:00:00`, with or without fractions of a second; seconds may be left out. With `Z` or an
/// offset as in `+01:00` it is that instant, in UTC. A text that is none is an error of the verb.
///
/// ```
/// use stratal_frame::{datetime, frame};
/// let df = frame! { "x" => [1i64] }.with_column("at", datetime("2024-01-31T10:00:00+01:00"));
/// let at = df.collect()?.value::<chrono::DateTime<chrono::Utc>>(0, "at")?;
/// assert_eq!(at.to_rfc3339(), "2024-01-31T09:00:00+00:00");
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn datetime(time: &str) -> Expr {
    let text = time.trim().replacen(['T', 't'], " ", 1);
    match (instant(&text), local(&text)) {
        (Some(instant), _) => instant.into_expr(),
        (None, Some(local)) => local.into_expr(),
        (None, None) => wrong(time, "datetime", "2024-01-31T10:00:00 or 2024-01-31T10:00:00Z"),
    }
}

/// A span of time: `30m`, `1d`, `2w`, `1mo`, or several together as in `1h30m`. Units are `ns us ms s m h d w`, and `mo q y`
/// of the calendar. A text that is none is an error of the verb.
///
/// ```
/// use stratal_frame::{col, every, frame};
/// let start = chrono::NaiveDate::from_ymd_opt(2024, 1, 31).unwrap();
/// let df = frame! { "day" => [start] }.select((col("day") + every("1mo")).alias("later"));
/// assert_eq!(df.collect()?.item::<chrono::NaiveDate>()?.to_string(), "2024-02-29");
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn every(span: &str) -> Expr {
    match Every::parse(span).and_then(Every::to_scalar) {
        Ok(span) => Expr::literal(span),
        Err(error) => Expr(Err(error)),
    }
}

fn wrong(text: &str, what: &str, such: &str) -> Expr {
    Expr(Err(Error::new(ErrorKind::BadValue, format!("{text:?} is no {what}")).with_help(format!("write it as {such}"))))
}

/// With an offset from UTC.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    if let Some(utc) = text.strip_suffix(['Z', 'z']) {
        return local(utc).map(|time| time.and_utc());
    }
    let formats = ["%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M%z", "%Y-%m-%d %H:%M:%S%.f %z"];
    formats.iter().find_map(|format| DateTime::parse_from_str(text, format).ok()).map(|time| time.with_timezone(&Utc))
}

/// Without one.
fn local(text: &str) -> Option<NaiveDateTime> {
    let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"];
    let time = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    time.or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|day| day.and_time(NaiveTime::MIN)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::{common::ScalarValue, logical_expr::Expr as Logical};

    fn scalar(expr: Expr) -> ScalarValue {
        let Logical::Literal(value, _) = expr.to_datafusion().unwrap() else { panic!("it is a literal") };
        value
    }

    #[test]
    fn days_and_times_are_read() {
        assert_eq!(scalar(date("1970-01-02")), ScalarValue::Date32(Some(1)));
        assert_eq!(scalar(date("2024-02-29")), ScalarValue::Date32(Some(19_782)));
        let micros = |text: &str| match scalar(datetime(text)) {
            ScalarValue::TimestampMicrosecond(Some(micros), zone) => (micros, zone.map(|zone| zone.to_string())),
            other => panic!("{other}"),
        };
        for text in ["1970-01-01T00:00:01.5", "1970-01-01 00:00:01.500"] {
            assert_eq!(micros(text), (1_500_000, None), "{text}");
        }
        assert_eq!(micros("1970-01-01T01:00"), (3_600_000_000, None));
        assert_eq!(micros("1970-01-02"), (86_400_000_000, None));
        for text in ["1970-01-01T01:00:00Z", "1970-01-01T02:00:00+01:00", "1970-01-01 00:00-0100", "1970-01-01T02:00:00 +01:00"] {
            assert_eq!(micros(text), (3_600_000_000, Some("UTC".to_owned())), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_none_waits_for_the_verb() {
        let error = date("2024-02-30").to_datafusion().unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::BadValue, "\"2024-02-30\" is no date"));
        assert_eq!(datetime("yesterday").to_datafusion().unwrap_err().message(), "\"yesterday\" is no datetime");
        assert_eq!(every("1 fortnight").to_datafusion().unwrap_err().message(), "\"1 fortnight\" is no span of time");
    }
}
