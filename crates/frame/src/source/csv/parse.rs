//! Fields to arrays. Integers and floats may have blanks around them; texts are taken as they stand.

use super::record::{Dialect, Field};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray, StringArray,
    builder::{BooleanBuilder, PrimitiveBuilder, StringBuilder},
    types::{
        Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, UInt8Type, UInt16Type,
        UInt32Type, UInt64Type,
    },
};
use arrow_buffer::{Buffer, NullBufferBuilder, OffsetBuffer};
use arrow_cast::{CastOptions, cast_with_options, parse::string_to_datetime};
use arrow_schema::{DataType, TimeUnit};
use chrono::{NaiveDate, Utc};
use std::{borrow::Cow, str::FromStr, sync::Arc};

/// Powers of ten that are floats exactly.
const POWERS: [f64; 23] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];
/// So many digits always fit in `u64`.
const DIGITS: usize = 19;

/// An integer.
pub(super) fn integer<T: FromStr + TryFrom<u64> + TryFrom<i64>>(text: &[u8]) -> Option<T> {
    let (is_negative, digits) = signed(text);
    let (value, count) = leading_digits(digits, 0);
    if count == 0 || count < digits.len() || count > DIGITS || (is_negative && value == 0) {
        return parsed(text);
    }
    if is_negative { T::try_from(0i64.checked_sub_unsigned(value)?).ok() } else { T::try_from(value).ok() }
}

/// A floating-point number, `nan` and `inf` among them.
pub(super) fn float(text: &[u8]) -> Option<f64> {
    // A whole number and a power of ten that are floats exactly have the nearest float as their quotient.
    let (is_negative, digits) = signed(text);
    let (mut value, whole) = leading_digits(digits, 0);
    let (mut fraction, mut end) = (0, whole);
    if digits.get(whole) == Some(&b'.') {
        (value, fraction) = leading_digits(&digits[whole + 1..], value);
        end += 1 + fraction;
    }
    let read = whole + fraction;
    if read == 0 || read > DIGITS || end < digits.len() || value > 1 << f64::MANTISSA_DIGITS {
        return parsed(text);
    }
    let value = value as f64 / POWERS[fraction];
    Some(if is_negative { -value } else { value })
}

/// Whether it begins with a minus, and what follows its sign.
pub(super) fn signed(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    }
}

/// The number that these digits go on with, and how many they are. It wraps where they are too many.
fn leading_digits(text: &[u8], before: u64) -> (u64, usize) {
    let (mut value, mut count) = (before, 0);
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        count += 1;
    }
    (value, count)
}

/// As the standard library reads it.
pub(super) fn parsed<T: FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// `true` or `false`, in any case.
pub(super) fn truth(text: &[u8]) -> Option<bool> {
    if text.eq_ignore_ascii_case(b"true") { Some(true) } else { text.eq_ignore_ascii_case(b"false").then_some(false) }
}

/// `2024-01-31`, as days since 1970.
pub(super) fn date(bytes: &[u8]) -> Option<i32> {
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
pub(super) fn datetime(text: &[u8]) -> Option<(i64, bool)> {
    if !text.first()?.is_ascii_digit() {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
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
        (!self.is_null(field)).then(|| self.dialect.text(self.buffer, field))
    }

    fn is_null(&self, field: Field) -> bool {
        match field.plain() {
            Some(within) => {
                let text = &self.buffer[within];
                self.nulls.iter().any(|null| null.as_bytes() == text)
            }
            None => field.is_missing(),
        }
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
        DataType::Float32 => numbers!(Float32Type, parsed),
        DataType::Float64 => numbers!(Float64Type, float),
        DataType::Date32 => numbers!(Date32Type, date),
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let parse = |text: &[u8]| datetime(text).filter(|(_, is_zoned)| *is_zoned == zone.is_some()).map(|(micros, _)| micros);
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
    parse: impl Fn(&[u8]) -> Option<T::Native>,
) -> Result<PrimitiveArray<T>, Unfit> {
    let mut values = PrimitiveBuilder::<T>::with_capacity(rows.len());
    for (row, cell) in rows.cells(at).enumerate() {
        match cell.map(|text| parse(text.trim_ascii())) {
            Some(Some(value)) => values.append_value(value),
            Some(None) if !is_lenient => return Err(row),
            _ => values.append_null(),
        }
    }
    Ok(values.finish())
}

fn truths(rows: &Rows<'_>, at: usize, is_lenient: bool) -> Result<BooleanArray, Unfit> {
    let mut values = BooleanBuilder::with_capacity(rows.len());
    for (row, cell) in rows.cells(at).enumerate() {
        match cell.map(|text| truth(text.trim_ascii())) {
            Some(None) if !is_lenient => return Err(row),
            value => values.append_option(value.flatten()),
        }
    }
    Ok(values.finish())
}

fn texts(rows: &Rows<'_>, at: usize, is_lenient: bool) -> Result<ArrayRef, Unfit> {
    let (mut offsets, mut values, mut valid) =
        (Vec::with_capacity(rows.len() + 1), Vec::with_capacity(rows.len() * 8), NullBufferBuilder::new(rows.len()));
    offsets.push(0);
    for row in 0..rows.len() {
        let field = rows.field(row, at);
        let is_null = rows.is_null(field);
        if !is_null {
            rows.dialect.append_text(rows.buffer, field, &mut values);
        }
        valid.append(!is_null);
        let Ok(end) = i32::try_from(values.len()) else { return Err(row) };
        offsets.push(end);
    }
    let offsets = OffsetBuffer::new(offsets.into());
    // All texts are checked at once.
    match StringArray::try_new(offsets, Buffer::from_vec(values), valid.finish()) {
        Ok(texts) => Ok(Arc::new(texts)),
        Err(_) => texts_one_by_one(rows, at, is_lenient),
    }
}

/// Where one of them is not UTF-8.
fn texts_one_by_one(rows: &Rows<'_>, at: usize, is_lenient: bool) -> Result<ArrayRef, Unfit> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_at_the_edges() {
        for text in [
            "0",
            "-0",
            "+7",
            "-7",
            "007",
            "",
            "+",
            "-",
            "1 2",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "-9223372036854775809",
            "18446744073709551615",
            "18446744073709551616",
            "00000000000000000000000001",
            "255",
            "256",
            "-128",
            "1_0",
        ] {
            assert_eq!(integer::<i64>(text.as_bytes()), text.parse().ok(), "{text}");
            assert_eq!(integer::<u64>(text.as_bytes()), text.parse().ok(), "{text}");
            assert_eq!(integer::<u8>(text.as_bytes()), text.parse().ok(), "{text}");
            assert_eq!(integer::<i8>(text.as_bytes()), text.parse().ok(), "{text}");
        }
        for text in [
            "",
            ".",
            "-",
            "-.",
            "5.",
            ".5",
            "-0",
            "-0.0",
            "1.5.2",
            "1e5",
            "1e",
            "nan",
            "inf",
            "-inf",
            "9007199254740992",
            "9007199254740993",
            "0.1",
            "123456.789",
            "0.0000000000000000000001",
            "1.0000000000000000000000001",
            "99999999999999999999.5",
            "1,5",
            " 1",
            "0x1",
        ] {
            let same = |one: Option<f64>, two: Option<f64>| one.map(f64::to_bits) == two.map(f64::to_bits);
            assert!(same(float(text.as_bytes()), text.parse().ok()), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn floats_are_the_nearest(text in "[+-]?[0-9]{0,21}(\\.[0-9]{0,23})?(e-?[0-9]{1,2})?") {
            prop_assert_eq!(float(text.as_bytes()).map(f64::to_bits), text.parse::<f64>().ok().map(f64::to_bits));
        }

        #[test]
        fn integers_are_those_of_the_standard_library(text in "[+-]?[0-9]{0,22}") {
            prop_assert_eq!(integer::<i64>(text.as_bytes()), text.parse().ok());
            prop_assert_eq!(integer::<u32>(text.as_bytes()), text.parse().ok());
        }
    }
}
