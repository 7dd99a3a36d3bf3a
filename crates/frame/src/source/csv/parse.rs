//! Fields to arrays. Integers and floats may have blanks around them; texts are taken as they stand.

use super::record::{Dialect, Field};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray,
    builder::{BooleanBuilder, PrimitiveBuilder, StringBuilder},
    types::{
        Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, UInt8Type, UInt16Type,
        UInt32Type, UInt64Type,
    },
};
use arrow_cast::{CastOptions, cast_with_options, parse::string_to_datetime};
use arrow_schema::{DataType, TimeUnit};
use chrono::{NaiveDate, Utc};
use std::{borrow::Cow, str::FromStr, sync::Arc};

/// An integer.
pub(super) fn integer<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// A floating-point number, `nan` and `inf` among them.
pub(super) fn float<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// `true` or `false`, in any case.
pub(super) fn truth(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") { Some(true) } else { text.eq_ignore_ascii_case("false").then_some(false) }
}

/// `2024-01-31`, as days since 1970.
pub(super) fn date(text: &str) -> Option<i32> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |at: std::ops::Range<usize>| {
        bytes[at].iter().try_fold(0u32, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
    };
    let date = NaiveDate::from_ymd_opt(number(0..4)? as i32, number(5..7)?, number(8..10)?)?;
    Some(date.signed_duration_since(NaiveDate::default()).num_days() as i32)
}

/// `2024-01-31 10:11:12.5` or with `T`, or a date alone, as microseconds since 1970, and whether an offset was given.
pub(super) fn datetime(text: &str) -> Option<(i64, bool)> {
    if !text.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    let parsed = string_to_datetime(&Utc, text).ok()?;
    let is_zoned = text.bytes().skip(10).any(|byte| matches!(byte, b'+' | b'-' | b'Z' | b'z'));
    Some((parsed.timestamp_micros(), is_zoned))
}

/// Rows of fields in one buffer.
pub(super) struct Rows<'a> {
    pub(super) buffer: &'a [u8],
    /// `width` fields for each row.
    pub(super) fields: &'a [Field],
    pub(super) width: usize,
    pub(super) dialect: Dialect,
    /// Unquoted fields that are null.
    pub(super) nulls: &'a [String],
}

impl<'a> Rows<'a> {
    pub(super) fn len(&self) -> usize {
        self.fields.len() / self.width.max(1)
    }

    pub(super) fn field(&self, row: usize, at: usize) -> Field {
        self.fields[row * self.width + at]
    }

    /// What a field says; none for null.
    pub(super) fn cell(&self, field: Field) -> Option<Cow<'a, [u8]>> {
        if field.is_missing() {
            return None;
        }
        let text = self.dialect.text(self.buffer, field);
        let is_null = !field.is_quoted() && self.nulls.iter().any(|null| null.as_bytes() == &*text);
        (!is_null).then_some(text)
    }

    fn cells(&self, at: usize) -> impl Iterator<Item = Option<Cow<'a, [u8]>>> + '_ {
        (0..self.len()).map(move |row| self.cell(self.field(row, at)))
    }
}

/// The row whose value is not of the column's type.
pub(super) type Unfit = usize;

/// The fields at position `at` of every row, as an array. `is_lenient` makes values that do not fit null.
pub(super) fn array(rows: &Rows<'_>, at: usize, data_type: &DataType, is_lenient: bool) -> Result<ArrayRef, Unfit> {
    macro_rules! numbers {
        ($arrow:ty, $parse:expr) => {
            Arc::new(primitives::<$arrow>(rows, at, is_lenient, $parse)?) as ArrayRef
        };
    }
    Ok(match data_type {
        DataType::Int8 => numbers!(Int8Type, integer),
        DataType::Int16 => numbers!(Int16Type, integer),
        DataType::Int32 => numbers!(Int32Type, integer),
        DataType::Int64 => numbers!(Int64Type, integer),
        DataType::UInt8 => numbers!(UInt8Type, integer),
        DataType::UInt16 => numbers!(UInt16Type, integer),
        DataType::UInt32 => numbers!(UInt32Type, integer),
        DataType::UInt64 => numbers!(UInt64Type, integer),
        DataType::Float32 => numbers!(Float32Type, float),
        DataType::Float64 => numbers!(Float64Type, float),
        DataType::Date32 => numbers!(Date32Type, date),
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let parse = |text: &str| datetime(text).filter(|(_, is_zoned)| *is_zoned == zone.is_some()).map(|(micros, _)| micros);
            let array = primitives::<TimestampMicrosecondType>(rows, at, is_lenient, parse)?;
            Arc::new(array.with_timezone_opt(zone.clone()))
        }
        DataType::Boolean => Arc::new(truths(rows, at, is_lenient)?),
        DataType::Utf8 => texts(rows, at, is_lenient)?,
        other => cast(&texts(rows, at, is_lenient)?, other, is_lenient)?,
    })
}

fn primitives<T: ArrowPrimitiveType>(
    rows: &Rows<'_>,
    at: usize,
    is_lenient: bool,
    parse: impl Fn(&str) -> Option<T::Native>,
) -> Result<PrimitiveArray<T>, Unfit> {
    let mut values = PrimitiveBuilder::<T>::with_capacity(rows.len());
    for (row, cell) in rows.cells(at).enumerate() {
        match cell.map(|text| std::str::from_utf8(&text).ok().and_then(|text| parse(text.trim_ascii()))) {
            Some(None) if !is_lenient => return Err(row),
            value => values.append_option(value.flatten()),
        }
    }
    Ok(values.finish())
}

fn truths(rows: &Rows<'_>, at: usize, is_lenient: bool) -> Result<BooleanArray, Unfit> {
    let mut values = BooleanBuilder::with_capacity(rows.len());
    for (row, cell) in rows.cells(at).enumerate() {
        match cell.map(|text| std::str::from_utf8(&text).ok().and_then(|text| truth(text.trim_ascii()))) {
            Some(None) if !is_lenient => return Err(row),
            value => values.append_option(value.flatten()),
        }
    }
    Ok(values.finish())
}

fn texts(rows: &Rows<'_>, at: usize, is_lenient: bool) -> Result<ArrayRef, Unfit> {
    let mut values = StringBuilder::with_capacity(rows.len(), rows.len() * 8);
    for (row, cell) in rows.cells(at).enumerate() {
        match cell.as_deref().map(std::str::from_utf8) {
            Some(Err(_)) if !is_lenient => return Err(row),
            value => values.append_option(value.and_then(Result::ok)),
        }
    }
    Ok(Arc::new(values.finish()))
}

/// Types that have no parser here go through arrow's cast of texts.
fn cast(texts: &ArrayRef, data_type: &DataType, is_lenient: bool) -> Result<ArrayRef, Unfit> {
    let options = CastOptions { safe: true, ..CastOptions::default() };
    let values = cast_with_options(texts, data_type, &options).map_err(|_| 0usize)?;
    let unfit = (0..texts.len()).find(|row| values.is_null(*row) && !texts.is_null(*row));
    match unfit {
        Some(row) if !is_lenient => Err(row),
        _ => Ok(values),
    }
}
