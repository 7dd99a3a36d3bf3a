//! Dates and times beside other things, so that what is meant is compared and computed, and no row is cast that need not be.
//!
//! - A text that is written beside a date or a time is read as one, as in SQL; one that is none is an error here. A column of
//!   texts is never read as dates without being told (`check`).
//! - A date beside a datetime is its midnight, in the zone of the datetime.
//! - A date and a span of whole days make a date, with other spans a datetime. Units of spans are brought to the finer one.

use super::{cast, check::type_of};
use crate::{
    expr::{DAY, Every, in_zone, show},
    types::type_name,
};
use arrow_schema::{DataType, TimeUnit};
use datafusion::{
    common::{DFSchema, ScalarValue},
    logical_expr::{Between, BinaryExpr, Expr as Logical, Operator, expr::InList},
};
use stratal_core::{Error, ErrorKind, Result};

/// Both sides of an operator.
pub(super) fn binary(binary: BinaryExpr, schema: &DFSchema) -> Result<BinaryExpr> {
    use Operator::{Eq, Gt, GtEq, IsDistinctFrom, IsNotDistinctFrom, Lt, LtEq, Minus, NotEq, Plus};
    let (left, right) = (type_of(&binary.left, schema)?, type_of(&binary.right, schema)?);
    if !left.is_temporal() && !right.is_temporal() {
        return Ok(binary);
    }
    let shown = || show(&Logical::BinaryExpr(binary.clone()));
    let (new_left, new_right) = match binary.op {
        Eq | NotEq | Lt | LtEq | Gt | GtEq | IsDistinctFrom | IsNotDistinctFrom => {
            (beside(&binary.left, &left, &right, &shown)?, beside(&binary.right, &right, &left, &shown)?)
        }
        Plus | Minus => {
            let moved = match binary.op {
                Minus => (None, span(&binary.right, &right, &left)?),
                _ => (span(&binary.left, &left, &right)?, span(&binary.right, &right, &left)?),
            };
            match moved {
                (None, None) => (point(&binary.left, &left, &binary.right, &right), point(&binary.right, &right, &binary.left, &left)),
                moved => moved,
            }
        }
        _ => (None, None),
    };
    let op = binary.op;
    Ok(BinaryExpr { left: new_left.map_or(binary.left, Box::new), op, right: new_right.map_or(binary.right, Box::new) })
}

/// What is compared with several values.
pub(super) fn other(expr: Logical, schema: &DFSchema) -> Result<Logical> {
    let shown = || show(&expr);
    match &expr {
        Logical::Between(between) => {
            let own = type_of(&between.expr, schema)?;
            let bound = |bound: &Logical| -> Result<Box<Logical>> { Ok(Box::new(as_beside(bound, &own, schema, &shown)?)) };
            let (low, high) = (bound(&between.low)?, bound(&between.high)?);
            Ok(Logical::Between(Between { low, high, ..between.clone() }))
        }
        Logical::InList(list) => {
            let own = type_of(&list.expr, schema)?;
            let items = list.list.iter().map(|item| as_beside(item, &own, schema, &shown)).collect::<Result<_>>()?;
            Ok(Logical::InList(InList { list: items, ..list.clone() }))
        }
        _ => Ok(expr),
    }
}

fn as_beside(expr: &Logical, other: &DataType, schema: &DFSchema, shown: &dyn Fn() -> String) -> Result<Logical> {
    Ok(beside(expr, &type_of(expr, schema)?, other, shown)?.unwrap_or_else(|| expr.clone()))
}

/// The expression as it is compared with one of another type; none where it stays.
fn beside(expr: &Logical, own: &DataType, other: &DataType, shown: &dyn Fn() -> String) -> Result<Option<Logical>> {
    use DataType::{Date32, Duration, Interval, Timestamp};
    match (own, other) {
        (_, other) if other.is_temporal() && text(expr).is_some() => literal(text(expr).unwrap_or_default(), other, shown).map(Some),
        (Date32, Timestamp(unit, zone)) => {
            let midnight = cast(expr.clone(), own, &Timestamp(*unit, None));
            Ok(Some(match zone {
                Some(zone) => in_zone(midnight, zone),
                None => midnight,
            }))
        }
        (Duration(unit), Duration(finer)) if unit < finer => Ok(Some(cast(expr.clone(), own, other))),
        (Duration(_), Interval(_)) | (Interval(_), Duration(_)) => {
            let message = format!("cannot compare {} with {} in {}", type_name(own), type_name(other), shown());
            Err(Error::new(ErrorKind::TypeMismatch, message).with_help("months differ in length: compare with days, as in every(\"30d\")"))
        }
        _ => Ok(None),
    }
}

/// The text that is written here.
fn text(expr: &Logical) -> Option<&str> {
    match expr {
        Logical::Literal(value, _) => value.try_as_str().flatten(),
        _ => None,
    }
}

/// A text as what it stands beside.
fn literal(text: &str, other: &DataType, shown: &dyn Fn() -> String) -> Result<Logical> {
    let value = match other {
        DataType::Duration(_) | DataType::Interval(_) => Every::parse(text).and_then(Every::to_scalar).ok(),
        _ => ScalarValue::Utf8(Some(text.trim().to_owned())).cast_to(other).ok(),
    };
    match value {
        Some(value) if !value.is_null() => Ok(Logical::Literal(value, None)),
        _ => {
            let message = format!("{text:?} is no {} in {}", type_name(other), shown());
            let help = "write 2024-01-31, 10:30:00 or 2024-01-31 10:30:00; of other texts, .str().to_date(..) and its like make dates";
            Err(Error::new(ErrorKind::BadValue, message).with_help(help))
        }
    }
}

/// A span as it is added to a day; none where it stays.
fn span(expr: &Logical, own: &DataType, other: &DataType) -> Result<Option<Logical>> {
    let (DataType::Duration(_), DataType::Date32, Logical::Literal(value, _)) = (own, other, expr) else { return Ok(None) };
    match Every::of_scalar(value).transpose()? {
        Some(every) if every.nanos % DAY == 0 => {
            let days = i32::try_from(every.nanos / DAY).map_err(|_| Error::new(ErrorKind::BadValue, "the span of time is too long"))?;
            Ok(Some(Logical::Literal(ScalarValue::new_interval_mdn(0, days, 0), None)))
        }
        _ => Ok(None),
    }
}

/// A day, a point in time or a span as it is added to or taken from another; none where it stays.
fn point(expr: &Logical, own: &DataType, other_expr: &Logical, other: &DataType) -> Option<Logical> {
    use DataType::{Date32, Duration, Timestamp};
    let to = match (own, other) {
        (Date32, Duration(_)) => Timestamp(TimeUnit::Microsecond, None),
        (Date32, Timestamp(unit, None)) => Timestamp(*unit, None),
        (Date32, Timestamp(unit, Some(zone))) => return Some(in_zone(cast(expr.clone(), own, &Timestamp(*unit, None)), zone)),
        (Duration(unit), Duration(finer)) if unit < finer => other.clone(),
        // A span that is finer than the datetime would be cut.
        (Timestamp(unit, zone), Duration(finer)) if unit < finer && !fits(other_expr, *unit) => Timestamp(*finer, zone.clone()),
        _ => return None,
    };
    Some(cast(expr.clone(), own, &to))
}

/// Whether a span is a literal of whole units.
fn fits(span: &Logical, unit: TimeUnit) -> bool {
    let nanos: i128 = match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    };
    match span {
        Logical::Literal(value, _) => matches!(Every::of_scalar(value), Some(Ok(every)) if every.nanos % nanos == 0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        bind::resolve,
        expr::{Expr, col, date, datetime, every, show},
        types::type_name,
    };
    use arrow_schema::{DataType, Field, Schema, TimeUnit};
    use datafusion::{common::DFSchema, logical_expr::ExprSchemable};
    use stratal_core::{ErrorKind, Result};

    fn schema() -> DFSchema {
        let fields = [
            ("day", DataType::Date32),
            ("at", DataType::Timestamp(TimeUnit::Second, None)),
            ("zoned", DataType::Timestamp(TimeUnit::Microsecond, Some("Europe/Berlin".into()))),
            ("took", DataType::Duration(TimeUnit::Millisecond)),
            ("s", DataType::Utf8),
            ("n", DataType::Int64),
        ];
        let fields: Vec<Field> = fields.into_iter().map(|(name, data_type)| Field::new(name, data_type, true)).collect();
        DFSchema::try_from(Schema::new(fields)).unwrap()
    }

    fn bound(expr: Expr) -> Result<String> {
        resolve(&expr, &schema()).map(|expr| show(&expr))
    }

    fn type_of(expr: Expr) -> String {
        type_name(&resolve(&expr, &schema()).unwrap().get_type(&schema()).unwrap())
    }

    #[test]
    fn a_text_beside_a_time_is_read_as_one() {
        assert_eq!(bound(col("day").gt("2024-01-31")).unwrap(), "day > 2024-01-31");
        assert_eq!(bound(col("day").between("2024-01-01", "2024-12-31")).unwrap(), "day between 2024-01-01 and 2024-12-31");
        assert_eq!(bound(col("day").is_in(["2024-01-01"])).unwrap(), "day in [2024-01-01]");
        assert!(bound(col("at").lt("2024-01-31 10:00:00")).is_ok());
        assert!(bound(col("took").lt("30m")).is_ok());
        let error = bound(col("day").gt("2024-02-30")).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::BadValue, "\"2024-02-30\" is no date in day > \"2024-02-30\""));
        assert_eq!(bound(col("at").is_in(["soon"])).unwrap_err().message(), "\"soon\" is no datetime[s] in at in [\"soon\"]");
    }

    #[test]
    fn a_column_of_texts_is_not_read_as_times() {
        let error = bound(col("day").eq(col("s"))).unwrap_err();
        assert_eq!(error.message(), "cannot compare date with str in day = s");
        assert!(error.help().unwrap().contains("col(\"s\").str().to_date("), "{error}");
    }

    #[test]
    fn a_date_beside_a_datetime_is_its_midnight() {
        assert_eq!(bound(col("at").gt_eq(date("2024-01-31"))).unwrap(), "at >= cast(2024-01-31, datetime[s])");
        assert_eq!(bound(col("zoned").lt(col("day"))).unwrap(), "zoned < stratal_in_zone(cast(day, datetime), \"Europe/Berlin\")");
    }

    #[test]
    fn days_and_spans_make_days_where_they_can() {
        assert_eq!(type_of(col("day") + every("1d")), "date");
        assert_eq!(type_of(every("2w") + col("day")), "date");
        assert_eq!(type_of(col("day") - every("1mo")), "date");
        assert_eq!(type_of(col("day") + every("12h")), "datetime");
        assert_eq!(type_of(col("day") + col("took")), "datetime");
        assert_eq!(type_of(col("at") + every("1m")), "datetime[s]");
        assert_eq!(type_of(col("at") + every("1ms")), "datetime");
        assert_eq!(type_of(col("at") - col("day")), "duration[s]");
        assert_eq!(type_of(col("zoned") + every("1mo")), "datetime[us, Europe/Berlin]");
        assert_eq!(type_of(col("took") + every("1m")), "duration[us]");
        assert_eq!(type_of(datetime("2024-01-31T10:00:00Z") - datetime("2024-01-01T00:00:00Z")), "duration[us]");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert_eq!(
            bound(col("took").gt(every("1mo"))).unwrap_err().message(),
            "cannot compare duration[ms] with interval in took > every(1mo)"
        );
        let error = bound(col("day") + 1).unwrap_err();
        assert_eq!((error.message(), error.help().unwrap().contains("every(\"1d\")")), ("cannot compute date + i64 in day + 1", true));
        assert_eq!(bound(col("at") * 2).unwrap_err().message(), "cannot compute datetime[s] * i64 in at * 2");
    }
}
