//! What may stand where a value, columns or sort keys are wanted.

use super::{Expr, Selector, SortKey, Then, col, cols};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use datafusion::common::ScalarValue;

/// A value: an expression, or what is one by itself. Integers become `i64` and floats `f64`, as in SQL; a text is a text,
/// never a column.
///
/// ```
/// use stratal_frame::{col, IntoExpr};
/// let late = col("day").gt(chrono::NaiveDate::from_ymd_opt(2024, 1, 31));
/// let named = col("name").eq("Alice");
/// # let _ = (late, named, 1.into_expr());
/// ```
pub trait IntoExpr {
    /// The expression.
    fn into_expr(self) -> Expr;
}

impl IntoExpr for Expr {
    fn into_expr(self) -> Expr {
        self
    }
}

impl IntoExpr for &Expr {
    fn into_expr(self) -> Expr {
        self.clone()
    }
}

impl IntoExpr for ScalarValue {
    fn into_expr(self) -> Expr {
        Expr::literal(self)
    }
}

macro_rules! values {
    ($($type:ty: $value:ident => $scalar:expr;)*) => {$(
        impl IntoExpr for $type {
            fn into_expr(self) -> Expr {
                let $value = self;
                Expr::literal($scalar)
            }
        }
    )*};
}

values! {
    bool: value => ScalarValue::Boolean(Some(value));
    i8: value => ScalarValue::Int64(Some(value.into()));
    i16: value => ScalarValue::Int64(Some(value.into()));
    i32: value => ScalarValue::Int64(Some(value.into()));
    i64: value => ScalarValue::Int64(Some(value));
    u8: value => ScalarValue::Int64(Some(value.into()));
    u16: value => ScalarValue::Int64(Some(value.into()));
    u32: value => ScalarValue::Int64(Some(value.into()));
    u64: value => unsigned(value);
    usize: value => unsigned(value as u64);
    f32: value => ScalarValue::Float64(Some(value.into()));
    f64: value => ScalarValue::Float64(Some(value));
    &str: value => ScalarValue::Utf8(Some(value.to_owned()));
    String: value => ScalarValue::Utf8(Some(value));
    &String: value => ScalarValue::Utf8(Some(value.clone()));
    Vec<u8>: value => ScalarValue::Binary(Some(value));
    NaiveDate: value => ScalarValue::Date32(Some(value.signed_duration_since(NaiveDate::default()).num_days() as i32));
    NaiveTime: value => ScalarValue::Time64Microsecond(Some(micros(value)));
    NaiveDateTime: value => ScalarValue::TimestampMicrosecond(Some(value.and_utc().timestamp_micros()), None);
    DateTime<Utc>: value => ScalarValue::TimestampMicrosecond(Some(value.timestamp_micros()), Some("UTC".into()));
    TimeDelta: value => ScalarValue::DurationMicrosecond(value.num_microseconds());
    std::time::Duration: value => ScalarValue::DurationMicrosecond(i64::try_from(value.as_micros()).ok());
}

/// Microseconds since midnight.
fn micros(time: NaiveTime) -> i64 {
    i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond() / 1_000)
}

fn unsigned(value: u64) -> ScalarValue {
    match i64::try_from(value) {
        Ok(value) => ScalarValue::Int64(Some(value)),
        Err(_) => ScalarValue::UInt64(Some(value)),
    }
}

impl<T: IntoExpr> IntoExpr for Option<T> {
    fn into_expr(self) -> Expr {
        self.map_or_else(super::null, IntoExpr::into_expr)
    }
}

/// Columns: names, expressions and [`Selector`]s, one or several, in arrays, vectors and tuples. A text is a column here.
///
/// ```
/// use stratal_frame::{col, frame};
/// let df = frame! { "a" => [1], "b" => [2] };
/// let one = df.select("a");
/// let two = df.select(("a", col("b") + 1));
/// # let _ = (one, two);
/// ```
pub trait IntoExprs {
    /// The expressions, in order.
    fn into_exprs(self) -> Vec<Expr>;
}

/// Sort keys: columns, and [`SortKey`]s for another direction.
///
/// ```
/// use stratal_frame::{col, frame};
/// let df = frame! { "a" => [1, 2], "b" => [2, 1] };
/// let sorted = df.sort((col("a").desc(), "b"));
/// # let _ = sorted;
/// ```
pub trait IntoSortKeys {
    /// The keys, the most significant first.
    fn into_sort_keys(self) -> Vec<SortKey>;
}

macro_rules! columns {
    ($($type:ty: $value:ident => $expr:expr;)*) => {$(
        impl IntoExprs for $type {
            fn into_exprs(self) -> Vec<Expr> {
                let $value = self;
                vec![$expr]
            }
        }

        impl IntoSortKeys for $type {
            fn into_sort_keys(self) -> Vec<SortKey> {
                let $value = self;
                vec![$expr.asc()]
            }
        }
    )*};
}

columns! {
    &str: name => col(name);
    String: name => col(name);
    &String: name => col(name.as_str());
    Expr: expr => expr;
    &Expr: expr => expr.clone();
    Then: then => then.into_expr();
    &Then: then => then.into_expr();
    Selector: selector => cols(selector);
    &Selector: selector => cols(selector);
}

impl IntoSortKeys for SortKey {
    fn into_sort_keys(self) -> Vec<SortKey> {
        vec![self]
    }
}

impl IntoSortKeys for &SortKey {
    fn into_sort_keys(self) -> Vec<SortKey> {
        vec![self.clone()]
    }
}

/// The same for both traits: none, several of one type, several of different types.
macro_rules! collections {
    ($trait:ident, $method:ident, $item:ty) => {
        impl $trait for () {
            fn $method(self) -> Vec<$item> {
                Vec::new()
            }
        }

        impl<T: $trait, const N: usize> $trait for [T; N] {
            fn $method(self) -> Vec<$item> {
                self.into_iter().flat_map($trait::$method).collect()
            }
        }

        impl<T: $trait> $trait for Vec<T> {
            fn $method(self) -> Vec<$item> {
                self.into_iter().flat_map($trait::$method).collect()
            }
        }

        impl<T: $trait + Clone> $trait for &[T] {
            fn $method(self) -> Vec<$item> {
                self.iter().cloned().flat_map($trait::$method).collect()
            }
        }

        tuples! { $trait, $method, $item,
            (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) (A B C D E F G H I)
            (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L)
        }
    };
}

macro_rules! tuples {
    ($trait:ident, $method:ident, $item:ty, $(($($name:ident)+))*) => {$(
        impl<$($name: $trait),+> $trait for ($($name,)+) {
            #[allow(non_snake_case, reason = "the type parameters name the values")]
            fn $method(self) -> Vec<$item> {
                let ($($name,)+) = self;
                let mut all = Vec::new();
                $(all.extend($name.$method());)+
                all
            }
        }
    )*};
}

collections! { IntoExprs, into_exprs, Expr }
collections! { IntoSortKeys, into_sort_keys, SortKey }
