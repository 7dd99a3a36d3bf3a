//! Arrays from Rust values, and the macro `frame!`.

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, StringArray,
    TimestampMicrosecondArray, UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use chrono::{NaiveDate, NaiveDateTime};
use std::sync::Arc;

/// Values that make a column: arrays and vectors of numbers, texts, truth values and dates, and of options of them.
pub trait IntoColumn {
    /// The column.
    fn into_column(self) -> ArrayRef;
}

impl IntoColumn for ArrayRef {
    fn into_column(self) -> ArrayRef {
        self
    }
}

/// A value that can stand in a column.
pub trait Item: Sized {
    /// The values as an array.
    fn array(values: impl Iterator<Item = Option<Self>>) -> ArrayRef;
}

/// What is an item by itself is a cell too.
macro_rules! cells {
    ($($type:ty)*) => {$(
        impl Cell for $type {
            type Item = Self;

            fn cell(self) -> Option<Self> {
                Some(self)
            }
        }
    )*};
}

macro_rules! items {
    ($($type:ty => $array:ty;)*) => {$(
        impl Item for $type {
            fn array(values: impl Iterator<Item = Option<Self>>) -> ArrayRef {
                Arc::new(values.collect::<$array>())
            }
        }

        cells! { $type }
    )*};
}

/// An item, or an option of one.
pub trait Cell {
    /// The item.
    type Item: Item;

    /// The item, if it is there.
    fn cell(self) -> Option<Self::Item>;
}

impl<T: Item> Cell for Option<T> {
    type Item = T;

    fn cell(self) -> Option<T> {
        self
    }
}

items! {
    bool => BooleanArray;
    i8 => Int8Array;
    i16 => Int16Array;
    i32 => Int32Array;
    i64 => Int64Array;
    u8 => UInt8Array;
    u16 => UInt16Array;
    u32 => UInt32Array;
    u64 => UInt64Array;
    f32 => Float32Array;
    f64 => Float64Array;
    &str => StringArray;
    String => StringArray;
}

cells! { NaiveDate NaiveDateTime }

impl Item for NaiveDate {
    fn array(values: impl Iterator<Item = Option<Self>>) -> ArrayRef {
        let days = |date: NaiveDate| date.signed_duration_since(NaiveDate::default()).num_days() as i32;
        Arc::new(values.map(|date| date.map(days)).collect::<Date32Array>())
    }
}

impl Item for NaiveDateTime {
    fn array(values: impl Iterator<Item = Option<Self>>) -> ArrayRef {
        Arc::new(values.map(|time| time.map(|time| time.and_utc().timestamp_micros())).collect::<TimestampMicrosecondArray>())
    }
}

impl<T: Cell, const N: usize> IntoColumn for [T; N] {
    fn into_column(self) -> ArrayRef {
        T::Item::array(self.into_iter().map(Cell::cell))
    }
}

impl<T: Cell> IntoColumn for Vec<T> {
    fn into_column(self) -> ArrayRef {
        T::Item::array(self.into_iter().map(Cell::cell))
    }
}

/// A frame from values, column by column. Plain integers make `i32` columns, as in Rust.
///
/// ```
/// use stratal_frame::frame;
/// let df = frame! { "x" => [1i64, 2, 3], "s" => [Some("a"), None, Some("c")] };
/// assert_eq!(df.collect()?.column::<Option<String>>("s")?, [Some("a".into()), None, Some("c".into())]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[macro_export]
macro_rules! frame {
    ($($name:expr => $values:expr),* $(,)?) => {
        $crate::DFrame::__of_columns(::std::vec![$((::std::string::String::from($name), $crate::IntoColumn::into_column($values))),*])
    };
}
