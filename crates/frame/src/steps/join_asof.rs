//! `join_asof`: to every row of one frame the row of another that is nearest in time.

use super::{
    Combine,
    join::{Pair, hidden, pairs, side_by_side},
    listed,
};
use crate::{
    bind::build,
    dframe::{AsofOptions, Keys, SUFFIX},
    error::of_datafusion,
    expr::{Every, Expr, output_name, show},
    nodes::{Asof, AsofKeys, asof},
    operators::Within,
    types::type_name,
};
use arrow_schema::{DataType, TimeUnit};
use datafusion::{
    common::{Column, DFSchema, ScalarValue},
    functions::math::expr_fn::isnan,
    logical_expr::{Expr as Logical, ExprSchemable, LogicalPlan},
};
use stratal_core::{Error, ErrorKind, Result};

pub(crate) struct JoinAsof(pub(crate) AsofOptions);

impl Combine for JoinAsof {
    fn name(&self) -> &'static str {
        "join_asof"
    }

    fn arguments(&self) -> String {
        let AsofOptions { time, by, direction, tolerance, is_strict } = &self.0;
        let mut said = vec![match time {
            Keys::Both(time) => format!("on {}", listed(time)),
            Keys::Each { left, right } => format!("left on {}, right on {}", listed(left), listed(right)),
        }];
        if !by.is_empty() {
            said.push(format!("by {}", listed(by)));
        }
        said.push(format!("{direction:?}").to_lowercase());
        said.extend(tolerance.as_ref().map(|tolerance| format!("tolerance {tolerance:?}")));
        if *is_strict {
            said.push("strict".to_owned());
        }
        said.join(", ")
    }

    fn apply(&self, inputs: Vec<LogicalPlan>) -> Result<LogicalPlan> {
        let AsofOptions { time, by, direction, tolerance, is_strict } = &self.0;
        let [left, right] = <[LogicalPlan; 2]>::try_from(inputs).map_err(|_| Error::internal("a join of other than two frames"))?;
        let time = pairs(time, left.schema(), right.schema())?;
        let by = if by.is_empty() { Vec::new() } else { pairs(&Keys::Both(by.clone()), left.schema(), right.schema())? };
        let [time] = <[Pair; 1]>::try_from(time).map_err(|times| {
            let message = format!("there are {} times to join on", times.len());
            Error::new(ErrorKind::BadValue, message).with_help("give one time, and keys that have to be equal by .by(..)")
        })?;
        let schema: &DFSchema = left.schema();
        let time_type = time.left.get_type(schema).map_err(of_datafusion)?;
        let unit = unit(&time_type, &time)?;
        let within = tolerance.as_ref().map(|tolerance| within(tolerance, &time_type, unit)).transpose()?;
        let keys = || by.iter().chain([&time]);

        let merged_left = |column: &Column| keys().find(|pair| pair.merged.as_ref().is_some_and(|(left, _)| left == column));
        let is_merged_right = |column: &Column| keys().any(|pair| pair.merged.as_ref().is_some_and(|(_, right)| right == column));
        let of_left = left.schema().columns().into_iter().map(|column| match merged_left(&column) {
            Some(pair) => pair.left.clone().alias(column.name),
            None => Logical::Column(column),
        });
        let of_left: Vec<Logical> = of_left.collect();
        let of_right = right.schema().columns().into_iter().filter(|column| !is_merged_right(column)).collect();
        let mut columns = side_by_side(of_left.clone(), of_right, SUFFIX)?;
        let names: Vec<String> = columns.iter().map(output_name).collect();
        let of_right = columns.split_off(of_left.len());

        let (left_columns, left_keys) = keyed(columns, keys().map(|pair| &pair.left), &names, "left");
        let (right_columns, right_keys) = keyed(of_right, keys().map(|pair| &pair.right), &names, "right");
        let left = build(left, |plan| plan.project(left_columns))?;
        let right = build(right, |plan| plan.project(right_columns))?;
        let right = build(right, |plan| plan.filter(usable(&right_keys, &time_type)))?;
        let how = Asof { left: left_keys, right: right_keys, direction: *direction, is_strict: *is_strict, within };
        let joined = asof(left, right, how)?;
        build(joined, |plan| plan.project(names.into_iter().map(|name| Logical::Column(Column::from_name(name)))))
    }
}

/// The columns of a side under plain names, and among them its keys, the time as the last of them: under the name by which
/// it comes out, or a name that no column has.
fn keyed<'a>(mut columns: Vec<Logical>, keys: impl Iterator<Item = &'a Logical>, names: &[String], side: &str) -> (Vec<Logical>, AsofKeys) {
    let mut by = Vec::new();
    for (nth, key) in keys.enumerate() {
        match columns.iter().find(|column| (*column).clone().unalias() == *key) {
            Some(column) => by.push(output_name(column)),
            None => {
                let name = hidden(&format!("{side} key {nth}"), |name| names.iter().any(|taken| taken == name));
                columns.push(key.clone().alias(&name));
                by.push(name);
            }
        }
    }
    let plain = columns.into_iter().map(|column| {
        let name = output_name(&column);
        column.unalias().alias(name)
    });
    let time = by.pop().unwrap_or_default();
    (plain.collect(), AsofKeys { by, time })
}

/// Whether a row of the right can be found.
fn usable(keys: &AsofKeys, time_type: &DataType) -> Logical {
    let column = |name: &String| Logical::Column(Column::from_name(name));
    let time = column(&keys.time);
    let there = keys.by.iter().map(|key| column(key).is_not_null()).fold(time.clone().is_not_null(), Logical::and);
    if time_type.is_floating() { there.and(Logical::Not(Box::new(isnan(time)))) } else { there }
}

/// The nanoseconds of one unit of a time; none for a number.
fn unit(time: &DataType, pair: &Pair) -> Result<Option<i128>> {
    let nanos = |unit: &TimeUnit| match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    };
    match time {
        DataType::Date32 => Ok(Some(86_400 * nanos(&TimeUnit::Second))),
        DataType::Date64 => Ok(Some(nanos(&TimeUnit::Millisecond))),
        DataType::Timestamp(unit, _) | DataType::Duration(unit) | DataType::Time32(unit) | DataType::Time64(unit) => Ok(Some(nanos(unit))),
        number if number.is_integer() || number.is_floating() => Ok(None),
        other => {
            let message = format!("cannot join by the nearest {}: it is {}", show(&pair.left), type_name(other));
            Err(Error::new(ErrorKind::TypeMismatch, message).with_help("a date, a time, an integer or a float is near another; cast it"))
        }
    }
}

/// The tolerance in units of the time.
fn within(tolerance: &Expr, time: &DataType, unit: Option<i128>) -> Result<Within> {
    let bad = |help: &str| {
        let message = format!("a tolerance of {tolerance:?} does not go with a time that is {}", type_name(time));
        Error::new(ErrorKind::BadValue, message).with_help(help)
    };
    let Logical::Literal(value, _) = tolerance.to_datafusion()?.unalias() else {
        return Err(bad("give a span of time, as in \"2s\", or a number"));
    };
    match unit {
        Some(unit) => {
            let help = "give a span of time that is not negative, without months or years, as in \"2s\"";
            let span = Every::of_scalar(&value).ok_or_else(|| bad(help))??;
            if span.months != 0 || span.nanos < 0 {
                return Err(bad(help));
            }
            Ok(Within::Whole(u64::try_from(span.nanos / unit).unwrap_or(u64::MAX)))
        }
        None => match value {
            ScalarValue::Int64(Some(number)) if number >= 0 => Ok(Within::Whole(number.unsigned_abs())),
            ScalarValue::UInt64(Some(number)) => Ok(Within::Whole(number)),
            ScalarValue::Float64(Some(number)) if number >= 0.0 => Ok(Within::Float(number)),
            _ => Err(bad("give a number that is not negative")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{IntoExpr, lit};

    fn tolerance(value: impl IntoExpr, time: &DataType) -> Result<Within> {
        let value = lit(value);
        let pair = Pair { left: Logical::Literal(ScalarValue::Null, None), right: Logical::Literal(ScalarValue::Null, None), merged: None };
        within(&value, time, unit(time, &pair)?)
    }

    #[test]
    fn a_tolerance_is_in_units_of_the_time() {
        let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
        assert_eq!(tolerance("2s", &micros).unwrap(), Within::Whole(2_000_000));
        assert_eq!(tolerance(std::time::Duration::from_millis(5), &micros).unwrap(), Within::Whole(5_000));
        assert_eq!(tolerance("36h", &DataType::Date32).unwrap(), Within::Whole(1));
        assert_eq!(tolerance("1w", &DataType::Date64).unwrap(), Within::Whole(604_800_000));
        assert_eq!(tolerance(5, &DataType::Int32).unwrap(), Within::Whole(5));
        assert_eq!(tolerance(0.5, &DataType::Float64).unwrap(), Within::Float(0.5));
    }

    #[test]
    fn a_tolerance_that_does_not_go_with_the_time_is_refused() {
        let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
        for (value, time) in [
            (lit(5), &micros),
            (lit("1mo"), &micros),
            (lit("-2s"), &micros),
            (lit("soon"), &micros),
            (lit("2s"), &DataType::Int64),
            (lit(-1), &DataType::Int64),
            (lit(f64::NAN), &DataType::Float64),
            (crate::col("x"), &DataType::Int64),
        ] {
            assert_eq!(tolerance(&value, time).unwrap_err().kind(), ErrorKind::BadValue, "{value:?} {time}");
        }
        assert_eq!(tolerance(1, &DataType::Utf8).unwrap_err().kind(), ErrorKind::TypeMismatch);
    }
}
