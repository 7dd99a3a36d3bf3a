//! [`Cell`]: what the values of a column are to a text format, and how one of them is written. The type is looked at once a
//! column, not once a value.

use super::{Put, json, text};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, FixedSizeBinaryArray, GenericByteArray, GenericByteViewArray, RunArray,
    cast::AsArray,
    types::{
        ByteArrayType, ByteViewType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
        DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType, Float16Type, Float32Type,
        Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, IntervalDayTimeType, IntervalMonthDayNanoType, IntervalYearMonthType,
        RunEndIndexType, Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
        TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_cast::display::array_value_to_string;
use arrow_schema::{DataType, IntervalUnit, TimeUnit};
use std::fmt::Display;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Values that are bytes as they stand.
pub(super) trait Bytes {
    /// Those of a row.
    fn bytes(&self, row: usize) -> &[u8];
}

/// How the values of a column are written. Nobody asks it for a row that is null.
pub(super) enum Cell {
    /// Integers, decimals and truth values.
    Number(Put),
    /// Floats, `nan` and `inf` among them.
    Float(Put),
    /// Dates, times and spans. Nothing in them needs an escape.
    Plain(Put),
    /// Texts.
    Text(Box<dyn Bytes>),
    /// Bytes that are no text.
    Binary(Box<dyn Bytes>),
    /// Lists, structs and maps, as JSON.
    Nested(Put),
}

/// The cells of an array.
pub(super) fn cells(array: &ArrayRef) -> Cell {
    use DataType::*;
    match array.data_type() {
        Null => Cell::Number(Box::new(|_, _| {})),
        Boolean => {
            let array = array.as_boolean().clone();
            Cell::Number(Box::new(move |row, out| out.extend_from_slice(if array.value(row) { b"true" } else { b"false" })))
        }
        Int8 => signed::<Int8Type>(array),
        Int16 => signed::<Int16Type>(array),
        Int32 => signed::<Int32Type>(array),
        Int64 => signed::<Int64Type>(array),
        UInt8 => unsigned::<UInt8Type>(array),
        UInt16 => unsigned::<UInt16Type>(array),
        UInt32 => unsigned::<UInt32Type>(array),
        UInt64 => unsigned::<UInt64Type>(array),
        Float16 => Cell::Float(each::<Float16Type>(array, |value, out| text::float32(value.to_f32(), out))),
        Float32 => Cell::Float(each::<Float32Type>(array, text::float32)),
        Float64 => Cell::Float(each::<Float64Type>(array, text::float64)),
        Decimal32(_, scale) => decimals::<Decimal32Type>(array, *scale),
        Decimal64(_, scale) => decimals::<Decimal64Type>(array, *scale),
        Decimal128(_, scale) => decimals::<Decimal128Type>(array, *scale),
        Decimal256(_, scale) => decimals::<Decimal256Type>(array, *scale),
        Date32 => Cell::Plain(each::<Date32Type>(array, |days, out| text::date(days.into(), out))),
        Date64 => Cell::Plain(each::<Date64Type>(array, |ms, out| text::date(ms.div_euclid(DAY_MS), out))),
        Time32(TimeUnit::Millisecond) => times::<Time32MillisecondType>(array, TimeUnit::Millisecond),
        Time32(_) => times::<Time32SecondType>(array, TimeUnit::Second),
        Time64(TimeUnit::Nanosecond) => times::<Time64NanosecondType>(array, TimeUnit::Nanosecond),
        Time64(_) => times::<Time64MicrosecondType>(array, TimeUnit::Microsecond),
        Timestamp(unit, zone) => timestamps(array, *unit, zone.as_deref()),
        Duration(TimeUnit::Second) => spans::<DurationSecondType>(array, TimeUnit::Second),
        Duration(TimeUnit::Millisecond) => spans::<DurationMillisecondType>(array, TimeUnit::Millisecond),
        Duration(TimeUnit::Microsecond) => spans::<DurationMicrosecondType>(array, TimeUnit::Microsecond),
        Duration(TimeUnit::Nanosecond) => spans::<DurationNanosecondType>(array, TimeUnit::Nanosecond),
        Interval(IntervalUnit::YearMonth) => {
            Cell::Plain(each::<IntervalYearMonthType>(array, |months, out| text::interval(months, 0, 0, out)))
        }
        Interval(IntervalUnit::DayTime) => Cell::Plain(each::<IntervalDayTimeType>(array, |value, out| {
            text::interval(0, value.days, i64::from(value.milliseconds) * 1_000_000, out);
        })),
        Interval(IntervalUnit::MonthDayNano) => Cell::Plain(each::<IntervalMonthDayNanoType>(array, |value, out| {
            text::interval(value.months, value.days, value.nanoseconds, out);
        })),
        Utf8 => Cell::Text(Box::new(array.as_string::<i32>().clone())),
        LargeUtf8 => Cell::Text(Box::new(array.as_string::<i64>().clone())),
        Utf8View => Cell::Text(Box::new(array.as_string_view().clone())),
        Binary => Cell::Binary(Box::new(array.as_binary::<i32>().clone())),
        LargeBinary => Cell::Binary(Box::new(array.as_binary::<i64>().clone())),
        BinaryView => Cell::Binary(Box::new(array.as_binary_view().clone())),
        FixedSizeBinary(_) => Cell::Binary(Box::new(array.as_fixed_size_binary().clone())),
        List(_) | LargeList(_) | FixedSizeList(..) | ListView(_) | LargeListView(_) | Struct(_) | Map(..) => {
            Cell::Nested(json::nested(array))
        }
        Dictionary(..) => dictionary(array),
        RunEndEncoded(ends, _) => match ends.data_type() {
            Int16 => runs(array.as_run::<Int16Type>()),
            Int32 => runs(array.as_run::<Int32Type>()),
            _ => runs(array.as_run::<Int64Type>()),
        },
        Union(..) => {
            let texts = (0..array.len()).map(|row| array_value_to_string(array, row).unwrap_or_default());
            Cell::Text(Box::new(Rendered(texts.collect())))
        }
    }
}

/// A function of each value.
fn each<T: ArrowPrimitiveType>(array: &ArrayRef, write: impl Fn(T::Native, &mut Vec<u8>) + 'static) -> Put {
    let array = array.as_primitive::<T>().clone();
    Box::new(move |row, out| write(array.value(row), out))
}

fn signed<T: ArrowPrimitiveType>(array: &ArrayRef) -> Cell
where
    T::Native: Into<i64>,
{
    Cell::Number(each::<T>(array, |value, out| text::signed(value.into(), out)))
}

fn unsigned<T: ArrowPrimitiveType>(array: &ArrayRef) -> Cell
where
    T::Native: Into<u64>,
{
    Cell::Number(each::<T>(array, |value, out| text::unsigned(value.into(), out)))
}

fn decimals<T: ArrowPrimitiveType>(array: &ArrayRef, scale: i8) -> Cell
where
    T::Native: Display,
{
    Cell::Number(each::<T>(array, move |value, out| text::decimal(value, scale, out)))
}

fn times<T: ArrowPrimitiveType>(array: &ArrayRef, unit: TimeUnit) -> Cell
where
    T::Native: Into<i64>,
{
    Cell::Plain(each::<T>(array, move |value, out| {
        let (seconds, nanos) = text::seconds(value.into(), unit);
        text::time(seconds.unsigned_abs(), nanos, out);
    }))
}

fn spans<T: ArrowPrimitiveType>(array: &ArrayRef, unit: TimeUnit) -> Cell
where
    T::Native: Into<i64>,
{
    Cell::Plain(each::<T>(array, move |value, out| {
        let (seconds, nanos) = text::seconds(value.into(), unit);
        text::span(seconds, nanos, out);
    }))
}

/// Points in time: those of a zone as its clocks show them, with its distance from UTC.
fn timestamps(array: &ArrayRef, unit: TimeUnit, zone: Option<&str>) -> Cell {
    let east = zone.map(text::offset);
    let write = move |value: i64, out: &mut Vec<u8>| {
        let (seconds, nanos) = text::seconds(value, unit);
        text::timestamp(seconds.saturating_add(east.unwrap_or_default()), nanos, b' ', out);
        if let Some(east) = east {
            text::zone(east, out);
        }
    };
    Cell::Plain(match unit {
        TimeUnit::Second => each::<TimestampSecondType>(array, write),
        TimeUnit::Millisecond => each::<TimestampMillisecondType>(array, write),
        TimeUnit::Microsecond => each::<TimestampMicrosecondType>(array, write),
        TimeUnit::Nanosecond => each::<TimestampNanosecondType>(array, write),
    })
}

fn dictionary(array: &ArrayRef) -> Cell {
    let dictionary = array.as_any_dictionary();
    // Without values every row is null, and the keys say nothing.
    let keys = if dictionary.values().is_empty() { Vec::new() } else { dictionary.normalized_keys() };
    keyed(keys, dictionary.values())
}

fn runs<R: RunEndIndexType>(array: &RunArray<R>) -> Cell {
    let keys = (0..array.len()).map(|row| array.get_physical_index(row)).collect();
    keyed(keys, array.values())
}

/// Cells that stand at other rows of other values.
fn keyed(keys: Vec<usize>, values: &ArrayRef) -> Cell {
    let at = |keys: Vec<usize>, put: Put| -> Put { Box::new(move |row, out| put(keys[row], out)) };
    match cells(values) {
        Cell::Number(put) => Cell::Number(at(keys, put)),
        Cell::Float(put) => Cell::Float(at(keys, put)),
        Cell::Plain(put) => Cell::Plain(at(keys, put)),
        Cell::Nested(put) => Cell::Nested(at(keys, put)),
        Cell::Text(values) => Cell::Text(Box::new(Keyed { keys, values })),
        Cell::Binary(values) => Cell::Binary(Box::new(Keyed { keys, values })),
    }
}

struct Keyed {
    keys: Vec<usize>,
    values: Box<dyn Bytes>,
}

impl Bytes for Keyed {
    fn bytes(&self, row: usize) -> &[u8] {
        self.values.bytes(self.keys[row])
    }
}

/// Texts that were made beforehand, of types that hardly anybody writes.
struct Rendered(Vec<String>);

impl Bytes for Rendered {
    fn bytes(&self, row: usize) -> &[u8] {
        self.0[row].as_bytes()
    }
}

impl<T: ByteArrayType> Bytes for GenericByteArray<T> {
    fn bytes(&self, row: usize) -> &[u8] {
        AsRef::<[u8]>::as_ref(self.value(row))
    }
}

impl<T: ByteViewType> Bytes for GenericByteViewArray<T> {
    fn bytes(&self, row: usize) -> &[u8] {
        AsRef::<[u8]>::as_ref(self.value(row))
    }
}

impl Bytes for FixedSizeBinaryArray {
    fn bytes(&self, row: usize) -> &[u8] {
        self.value(row)
    }
}
