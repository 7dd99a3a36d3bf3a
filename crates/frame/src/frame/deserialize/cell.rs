//! [`Cell`]: one value of an array, and what it holds as what.

use super::Mistake;
use crate::{format::text, types::type_name};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType,
    cast::AsArray,
    types::{
        Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, DurationMicrosecondType,
        DurationMillisecondType, DurationNanosecondType, DurationSecondType, Int8Type, Int16Type, Int32Type, Int64Type,
        Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
        TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_cast::display::array_value_to_string;
use arrow_schema::{DataType, TimeUnit};
use std::ops::Range;

/// One value of an array.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) array: &'a ArrayRef,
    pub(super) row: usize,
}

impl<'a> Cell<'a> {
    pub(super) fn blame(self, mistake: Mistake, name: &str) -> Mistake {
        mistake.in_column(name, || type_name(self.array.data_type()))
    }

    pub(super) fn is_null(self) -> bool {
        let Cell { array, row } = self.plain();
        array.data_type().is_null() || array.is_null(row)
    }

    /// The value where it stands: dictionaries and runs keep theirs elsewhere.
    pub(super) fn plain(self) -> Cell<'a> {
        let Cell { array, row } = self;
        match array.data_type() {
            DataType::Dictionary(..) if !array.is_null(row) => {
                let dictionary = array.as_any_dictionary();
                Cell { array: dictionary.values(), row: key(dictionary.keys(), row) }.plain()
            }
            DataType::RunEndEncoded(ends, _) => {
                let row = match ends.data_type() {
                    DataType::Int16 => array.as_run::<Int16Type>().get_physical_index(row),
                    DataType::Int32 => array.as_run::<Int32Type>().get_physical_index(row),
                    _ => array.as_run::<Int64Type>().get_physical_index(row),
                };
                Cell { array: array.as_any_ree().values(), row }.plain()
            }
            _ => self,
        }
    }

    pub(super) fn get<T: ArrowPrimitiveType>(self) -> T::Native {
        self.array.as_primitive::<T>().value(self.row)
    }

    /// The items of a list.
    pub(super) fn items(self) -> Option<(&'a ArrayRef, Range<usize>)> {
        let Cell { array, row } = self;
        Some(match array.data_type() {
            DataType::List(_) => {
                let offsets = array.as_list::<i32>().value_offsets();
                (array.as_list::<i32>().values(), offsets[row] as usize..offsets[row + 1] as usize)
            }
            DataType::LargeList(_) => {
                let offsets = array.as_list::<i64>().value_offsets();
                (array.as_list::<i64>().values(), offsets[row] as usize..offsets[row + 1] as usize)
            }
            DataType::ListView(_) => {
                let lists = array.as_list_view::<i32>();
                let start = lists.value_offset(row) as usize;
                (lists.values(), start..start + lists.value_size(row) as usize)
            }
            DataType::LargeListView(_) => {
                let lists = array.as_list_view::<i64>();
                let start = lists.value_offset(row) as usize;
                (lists.values(), start..start + lists.value_size(row) as usize)
            }
            DataType::FixedSizeList(..) => {
                let lists = array.as_fixed_size_list();
                let size = lists.value_length() as usize;
                (lists.values(), row * size..(row + 1) * size)
            }
            _ => return None,
        })
    }

    pub(super) fn bytes(self) -> Option<&'a [u8]> {
        let Cell { array, row } = self;
        match array.data_type() {
            DataType::Binary => Some(array.as_binary::<i32>().value(row)),
            DataType::LargeBinary => Some(array.as_binary::<i64>().value(row)),
            DataType::BinaryView => Some(array.as_binary_view().value(row)),
            DataType::FixedSizeBinary(_) => Some(array.as_fixed_size_binary().value(row)),
            _ => None,
        }
    }

    pub(super) fn text(self) -> Option<&'a str> {
        let Cell { array, row } = self;
        match array.data_type() {
            DataType::Utf8 => Some(array.as_string::<i32>().value(row)),
            DataType::LargeUtf8 => Some(array.as_string::<i64>().value(row)),
            DataType::Utf8View => Some(array.as_string_view().value(row)),
            _ => None,
        }
    }

    /// A decimal as text.
    pub(super) fn decimal(self) -> Option<String> {
        let mut out = Vec::new();
        match *self.array.data_type() {
            DataType::Decimal32(_, scale) => text::decimal(self.get::<Decimal32Type>(), scale, &mut out),
            DataType::Decimal64(_, scale) => text::decimal(self.get::<Decimal64Type>(), scale, &mut out),
            DataType::Decimal128(_, scale) => text::decimal(self.get::<Decimal128Type>(), scale, &mut out),
            DataType::Decimal256(_, scale) => text::decimal(self.get::<Decimal256Type>(), scale, &mut out),
            _ => return None,
        }
        Some(String::from_utf8_lossy(&out).into_owned())
    }

    /// A span as whole seconds and nanoseconds.
    pub(super) fn span(self) -> Option<(i64, u32)> {
        let DataType::Duration(unit) = *self.array.data_type() else { return None };
        let value = match unit {
            TimeUnit::Second => self.get::<DurationSecondType>(),
            TimeUnit::Millisecond => self.get::<DurationMillisecondType>(),
            TimeUnit::Microsecond => self.get::<DurationMicrosecondType>(),
            TimeUnit::Nanosecond => self.get::<DurationNanosecondType>(),
        };
        Some(text::seconds(value, unit))
    }

    /// A date, a time, or anything else without a form of its own, as text that chrono reads.
    pub(super) fn written(self) -> String {
        let mut out = Vec::new();
        let time = |value: i64, unit: TimeUnit, out: &mut Vec<u8>| {
            let (seconds, nanos) = text::seconds(value, unit);
            text::time(seconds.unsigned_abs(), nanos, out);
        };
        match self.array.data_type() {
            DataType::Date32 => text::date(self.get::<Date32Type>().into(), &mut out),
            DataType::Date64 => text::date(self.get::<Date64Type>().div_euclid(86_400_000), &mut out),
            DataType::Time32(TimeUnit::Second) => time(self.get::<Time32SecondType>().into(), TimeUnit::Second, &mut out),
            DataType::Time32(_) => time(self.get::<Time32MillisecondType>().into(), TimeUnit::Millisecond, &mut out),
            DataType::Time64(TimeUnit::Nanosecond) => time(self.get::<Time64NanosecondType>(), TimeUnit::Nanosecond, &mut out),
            DataType::Time64(_) => time(self.get::<Time64MicrosecondType>(), TimeUnit::Microsecond, &mut out),
            DataType::Timestamp(unit, zone) => {
                let value = match unit {
                    TimeUnit::Second => self.get::<TimestampSecondType>(),
                    TimeUnit::Millisecond => self.get::<TimestampMillisecondType>(),
                    TimeUnit::Microsecond => self.get::<TimestampMicrosecondType>(),
                    TimeUnit::Nanosecond => self.get::<TimestampNanosecondType>(),
                };
                let (seconds, nanos) = text::seconds(value, *unit);
                text::timestamp(seconds, nanos, b'T', &mut out);
                if zone.is_some() {
                    out.push(b'Z');
                }
            }
            _ => return array_value_to_string(self.array, self.row).unwrap_or_default(),
        }
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// The key in a row of a dictionary's keys.
fn key(keys: &dyn Array, row: usize) -> usize {
    match keys.data_type() {
        DataType::Int8 => keys.as_primitive::<Int8Type>().value(row) as usize,
        DataType::Int16 => keys.as_primitive::<Int16Type>().value(row) as usize,
        DataType::Int32 => keys.as_primitive::<Int32Type>().value(row) as usize,
        DataType::Int64 => keys.as_primitive::<Int64Type>().value(row) as usize,
        DataType::UInt8 => keys.as_primitive::<UInt8Type>().value(row) as usize,
        DataType::UInt16 => keys.as_primitive::<UInt16Type>().value(row) as usize,
        DataType::UInt32 => keys.as_primitive::<UInt32Type>().value(row) as usize,
        _ => keys.as_primitive::<UInt64Type>().value(row) as usize,
    }
}
