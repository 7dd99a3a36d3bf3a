//! Columns as Rust values.

use crate::types::type_name;
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType,
    cast::AsArray,
    types::{
        Date32Type, DurationMicrosecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
        UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use stratal_core::{Error, ErrorKind, Result};

/// A type that a column can be read as: integers, floats, `bool`, `String`, dates, times, vectors of them for lists, and
/// `Option` of any of these where there may be nulls.
pub trait FromColumn: Sized {
    /// All values of an array. `name` is the column's, for errors.
    fn from_column(array: &ArrayRef, name: &str) -> Result<Vec<Self>>;
}

/// A type that a value which is there can be read as.
pub trait Native: Sized {
    /// All values of an array; none where it is of another type.
    fn read(array: &ArrayRef, name: &str) -> Result<Option<Vec<Option<Self>>>>;

    /// The type's name, for errors.
    fn name() -> String;
}

impl<T: Native> FromColumn for Option<T> {
    fn from_column(array: &ArrayRef, name: &str) -> Result<Vec<Self>> {
        T::read(array, name)?.ok_or_else(|| {
            let have = type_name(array.data_type());
            let error = Error::new(ErrorKind::TypeMismatch, format!("column {name:?} is {have}, and {} was asked for", T::name()));
            error.with_help(format!("ask for the type that holds {have}, or cast it: col({name:?}).cast(..)"))
        })
    }
}

fn present<T: Native>(array: &ArrayRef, name: &str) -> Result<Vec<T>> {
    let values = Option::<T>::from_column(array, name)?;
    let present = values.into_iter().enumerate().map(|(row, value)| {
        value.ok_or_else(|| {
            let error = Error::new(ErrorKind::BadValue, format!("column {name:?} is null in row {row}"));
            error.with_help(format!("ask for Option<{}>, or fill it: col({name:?}).fill_null(..)", T::name()))
        })
    });
    present.collect()
}

/// The array as `to`, if its type is one of those that lose nothing by it.
fn widened(array: &ArrayRef, from: &[DataType], to: &DataType) -> Result<Option<ArrayRef>> {
    if array.data_type() == to {
        return Ok(Some(array.clone()));
    }
    from.contains(array.data_type()).then(|| cast(array, to)).transpose().map_err(Error::from)
}

fn primitive<T: ArrowPrimitiveType>(array: &ArrayRef) -> Vec<Option<T::Native>> {
    array.as_primitive::<T>().iter().collect()
}

/// Reading values that are there, for types that are not generic.
macro_rules! present {
    ($($type:ty)*) => {$(
        impl FromColumn for $type {
            fn from_column(array: &ArrayRef, name: &str) -> Result<Vec<Self>> {
                present(array, name)
            }
        }
    )*};
}

macro_rules! numbers {
    ($($type:ident $arrow:ident $to:ident: $($from:ident)*;)*) => {$(
        impl Native for $type {
            fn read(array: &ArrayRef, _: &str) -> Result<Option<Vec<Option<Self>>>> {
                Ok(widened(array, &[$(DataType::$from),*], &DataType::$to)?.map(|array| primitive::<$arrow>(&array)))
            }

            fn name() -> String {
                stringify!($type).to_owned()
            }
        }

        present! { $type }
    )*};
}

numbers! {
    i8 Int8Type Int8: ;
    i16 Int16Type Int16: Int8 UInt8;
    i32 Int32Type Int32: Int8 Int16 UInt8 UInt16;
    i64 Int64Type Int64: Int8 Int16 Int32 UInt8 UInt16 UInt32;
    u8 UInt8Type UInt8: ;
    u16 UInt16Type UInt16: UInt8;
    u32 UInt32Type UInt32: UInt8 UInt16;
    u64 UInt64Type UInt64: UInt8 UInt16 UInt32;
    f32 Float32Type Float32: Float16 Int8 Int16 UInt8 UInt16;
    f64 Float64Type Float64: Float16 Float32 Int8 Int16 Int32 UInt8 UInt16 UInt32;
}

present! { bool String NaiveDate NaiveDateTime DateTime<Utc> TimeDelta }

impl Native for bool {
    fn read(array: &ArrayRef, _: &str) -> Result<Option<Vec<Option<Self>>>> {
        Ok(array.as_boolean_opt().map(|array| array.iter().collect()))
    }

    fn name() -> String {
        "bool".to_owned()
    }
}

impl Native for String {
    fn read(array: &ArrayRef, _: &str) -> Result<Option<Vec<Option<Self>>>> {
        let texts = match array.data_type() {
            DataType::Dictionary(_, values) if **values == DataType::Utf8 => Some(cast(array, &DataType::Utf8)?),
            _ => widened(array, &[DataType::LargeUtf8, DataType::Utf8View], &DataType::Utf8)?,
        };
        Ok(texts.map(|array| array.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()))
    }

    fn name() -> String {
        "String".to_owned()
    }
}

impl Native for NaiveDate {
    fn read(array: &ArrayRef, _: &str) -> Result<Option<Vec<Option<Self>>>> {
        let date = |days: i32| NaiveDate::default().checked_add_signed(TimeDelta::days(days.into()));
        let days = widened(array, &[DataType::Date64], &DataType::Date32)?;
        Ok(days.map(|array| primitive::<Date32Type>(&array).into_iter().map(|days| days.and_then(date)).collect()))
    }

    fn name() -> String {
        "NaiveDate".to_owned()
    }
}

/// Points in time of a column with or without a zone. Nanoseconds are kept.
fn instants(array: &ArrayRef, is_zoned: bool) -> Result<Option<Vec<Option<DateTime<Utc>>>>> {
    let DataType::Timestamp(unit, zone) = array.data_type() else { return Ok(None) };
    if zone.is_some() != is_zoned {
        return Ok(None);
    }
    if *unit == TimeUnit::Nanosecond {
        let nanos = array.as_primitive::<arrow_array::types::TimestampNanosecondType>().iter();
        return Ok(Some(nanos.map(|nanos| nanos.map(DateTime::from_timestamp_nanos)).collect()));
    }
    let micros = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))?;
    let micros = primitive::<TimestampMicrosecondType>(&micros).into_iter();
    Ok(Some(micros.map(|micros| micros.and_then(DateTime::from_timestamp_micros)).collect()))
}

impl Native for NaiveDateTime {
    fn read(array: &ArrayRef, _: &str) -> Result<Option<Vec<Option<Self>>>> {
        let naive = |time: DateTime<Utc>| time.naive_utc();
        Ok(instants(array, false)?.map(|times| times.into_iter().map(|time| time.map(naive)).collect()))
    }

    fn name() -> String {
        "NaiveDateTime".to_owned()
    }
}

impl Native for DateTime<Utc> {
    fn read(array: &ArrayRef, _: &str) -> Result<Option<Vec<Option<Self>>>> {
        instants(array, true)
    }

    fn name() -> String {
        "DateTime<Utc>".to_owned()
    }
}

impl Native for TimeDelta {
    fn read(array: &ArrayRef, _: &str) -> Result<Option<Vec<Option<Self>>>> {
        let DataType::Duration(unit) = array.data_type() else { return Ok(None) };
        if *unit == TimeUnit::Nanosecond {
            let nanos = array.as_primitive::<arrow_array::types::DurationNanosecondType>().iter();
            return Ok(Some(nanos.map(|nanos| nanos.map(TimeDelta::nanoseconds)).collect()));
        }
        let micros = cast(array, &DataType::Duration(TimeUnit::Microsecond))?;
        Ok(Some(primitive::<DurationMicrosecondType>(&micros).into_iter().map(|micros| micros.map(TimeDelta::microseconds)).collect()))
    }

    fn name() -> String {
        "TimeDelta".to_owned()
    }
}

impl<T: FromColumn> Native for Vec<T> {
    fn read(array: &ArrayRef, name: &str) -> Result<Option<Vec<Option<Self>>>> {
        let items: Vec<Option<ArrayRef>> = match array.data_type() {
            DataType::List(_) => array.as_list::<i32>().iter().collect(),
            DataType::LargeList(_) => array.as_list::<i64>().iter().collect(),
            DataType::FixedSizeList(..) => array.as_fixed_size_list().iter().collect(),
            _ => return Ok(None),
        };
        let lists = items.into_iter().map(|items| items.map(|items| T::from_column(&items, name)).transpose());
        lists.collect::<Result<Vec<_>>>().map(Some)
    }

    fn name() -> String {
        "Vec".to_owned()
    }
}

impl<T: FromColumn> FromColumn for Vec<T> {
    fn from_column(array: &ArrayRef, name: &str) -> Result<Vec<Self>> {
        present(array, name)
    }
}
