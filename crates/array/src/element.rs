//! Rust types as elements of arrays.
//!
//! [`Element`] is what users see: a type for every dtype. `Item` is what kernels see: a plain type for every dtype, where
//! `bool` is a byte; [`with_item!`] picks it.

use crate::scalar::Scalar;
use arrow_buffer::Buffer;
use bytemuck::Pod;
use num_complex::Complex;
use std::fmt::Debug;
use stratal_core::value::DType;

mod sealed {
    pub trait Sealed {}
}

/// A type that elements of arrays can be read as and made of: `bool`, the integers, `f32`, `f64`, `Complex<f32>`,
/// `Complex<f64>`.
///
/// ```
/// use stratal_array::{DType, Element};
/// assert_eq!((f32::DTYPE, bool::DTYPE), (DType::F32, DType::Bool));
/// ```
pub trait Element: sealed::Sealed + Copy + PartialEq + Debug + Send + Sync + 'static {
    /// The dtype that it is.
    const DTYPE: DType;

    /// The elements as a chunk keeps them.
    #[doc(hidden)]
    fn into_buffer(items: Vec<Self>) -> Buffer;

    /// The plain type of the same size whose bytes are those that a chunk keeps.
    #[doc(hidden)]
    type Plain: Pod + Send;

    /// The elements that plain ones stand for.
    #[doc(hidden)]
    fn of_plain(items: Vec<Self::Plain>) -> Vec<Self>;

    /// Elements out of the bytes of a chunk of this dtype.
    #[doc(hidden)]
    fn from_bytes(bytes: &[u8]) -> Vec<Self>;

    /// The element as a scalar.
    #[doc(hidden)]
    fn scalar(self) -> Scalar;
}

macro_rules! native {
    ($($type:ty: $dtype:ident;)*) => {$(
        impl sealed::Sealed for $type {}

        impl Element for $type {
            type Plain = $type;

            const DTYPE: DType = DType::$dtype;

            fn of_plain(items: Vec<$type>) -> Vec<$type> {
                items
            }

            fn into_buffer(items: Vec<Self>) -> Buffer {
                Buffer::from_vec(items)
            }

            fn from_bytes(bytes: &[u8]) -> Vec<Self> {
                bytemuck::cast_slice::<u8, $type>(bytes).to_vec()
            }

            fn scalar(self) -> Scalar {
                Scalar::of(DType::$dtype, self)
            }
        }
    )*};
}

native! {
    i8: I8; i16: I16; i32: I32; i64: I64;
    u8: U8; u16: U16; u32: U32; u64: U64;
    f32: F32; f64: F64;
}

impl sealed::Sealed for bool {}

impl Element for bool {
    type Plain = u8;

    const DTYPE: DType = DType::Bool;

    fn of_plain(items: Vec<u8>) -> Vec<bool> {
        // Of the same size, so that they stay in their memory.
        items.into_iter().map(|byte| byte != 0).collect()
    }

    fn into_buffer(items: Vec<Self>) -> Buffer {
        Buffer::from_vec(items.into_iter().map(u8::from).collect::<Vec<u8>>())
    }

    fn from_bytes(bytes: &[u8]) -> Vec<Self> {
        bytes.iter().map(|byte| *byte != 0).collect()
    }

    fn scalar(self) -> Scalar {
        Scalar::of(DType::Bool, u8::from(self))
    }
}

macro_rules! complex {
    ($($float:ty: $dtype:ident;)*) => {$(
        impl sealed::Sealed for Complex<$float> {}

        impl Element for Complex<$float> {
            type Plain = Complex<$float>;

            const DTYPE: DType = DType::$dtype;

            fn of_plain(items: Vec<Complex<$float>>) -> Vec<Complex<$float>> {
                items
            }

            fn into_buffer(items: Vec<Self>) -> Buffer {
                Buffer::from_vec(items.into_iter().flat_map(|item| [item.re, item.im]).collect::<Vec<$float>>())
            }

            fn from_bytes(bytes: &[u8]) -> Vec<Self> {
                bytemuck::cast_slice::<u8, Complex<$float>>(bytes).to_vec()
            }

            fn scalar(self) -> Scalar {
                Scalar::of(DType::$dtype, self)
            }
        }
    )*};
}

complex! { f32: C64; f64: C128; }

/// What sums and products are taken in.
pub(crate) trait Acc: Item {
    /// The dtype that it is stored as.
    const DTYPE: DType;
    /// The sum of nothing.
    const ZERO: Self;
    /// The product of nothing.
    const ONE: Self;

    fn plus(self, other: Self) -> Self;

    fn times(self, other: Self) -> Self;

    fn over(self, count: f64) -> Self;
}

/// What kernels see of an element.
pub(crate) trait Item: Pod + PartialEq + Send + Sync {
    /// What it is summed in.
    type Acc: Acc;
    /// What its mean is taken in.
    type Mean: Acc;

    fn acc(self) -> Self::Acc;

    fn mean(self) -> Self::Mean;

    /// The real part.
    fn float(self) -> f64;

    fn is_nan(self) -> bool;

    fn is_nonzero(self) -> bool;

    /// Whether it is smaller; false for complex numbers, which have no order.
    fn less(self, other: Self) -> bool;

    fn words(self) -> [u64; 2];

    fn of_words(words: [u64; 2]) -> Self;
}

/// Puts a plain value at the front of two words.
fn words_of<T: Pod>(value: T) -> [u64; 2] {
    let mut words = [0u64; 2];
    bytemuck::bytes_of_mut(&mut words)[..size_of::<T>()].copy_from_slice(bytemuck::bytes_of(&value));
    words
}

fn value_of<T: Pod>(words: [u64; 2]) -> T {
    bytemuck::pod_read_unaligned(&bytemuck::bytes_of(&words)[..size_of::<T>()])
}

macro_rules! item {
    ($($type:ty: $acc:ty, $mean:ty, |$x:ident| $to_acc:expr, $to_mean:expr, $float:expr, $nan:expr, $zero:expr, $less:expr;)*) => {$(
        impl Item for $type {
            type Acc = $acc;
            type Mean = $mean;

            fn acc(self) -> $acc {
                let $x = self;
                $to_acc
            }

            fn mean(self) -> $mean {
                let $x = self;
                $to_mean
            }

            fn float(self) -> f64 {
                let $x = self;
                $float
            }

            #[inline(always)]
            fn is_nan(self) -> bool {
                let $x = self;
                $nan($x)
            }

            fn is_nonzero(self) -> bool {
                self != $zero
            }

            #[inline(always)]
            fn less(self, other: Self) -> bool {
                $less(self, other)
            }

            fn words(self) -> [u64; 2] {
                words_of(self)
            }

            fn of_words(words: [u64; 2]) -> Self {
                value_of(words)
            }
        }
    )*};
}

fn never<T>(_: T) -> bool {
    false
}

fn unordered<T>(_: T, _: T) -> bool {
    false
}

fn smaller<T: PartialOrd>(a: T, b: T) -> bool {
    a < b
}

fn wide(z: Complex<f32>) -> Complex<f64> {
    Complex::new(z.re as f64, z.im as f64)
}

item! {
    i8: i64, f64, |x| x as i64, x as f64, x as f64, never, 0, smaller;
    i16: i64, f64, |x| x as i64, x as f64, x as f64, never, 0, smaller;
    i32: i64, f64, |x| x as i64, x as f64, x as f64, never, 0, smaller;
    i64: i64, f64, |x| x, x as f64, x as f64, never, 0, smaller;
    u8: u64, f64, |x| x as u64, x as f64, x as f64, never, 0, smaller;
    u16: u64, f64, |x| x as u64, x as f64, x as f64, never, 0, smaller;
    u32: u64, f64, |x| x as u64, x as f64, x as f64, never, 0, smaller;
    u64: u64, f64, |x| x, x as f64, x as f64, never, 0, smaller;
    f32: f64, f64, |x| x as f64, x as f64, x as f64, f32::is_nan, 0.0, smaller;
    f64: f64, f64, |x| x, x, x, f64::is_nan, 0.0, smaller;
    Complex<f32>: Complex<f64>, Complex<f64>, |x| wide(x), wide(x), x.re as f64, Complex::<f32>::is_nan, Complex::new(0.0, 0.0), unordered;
    Complex<f64>: Complex<f64>, Complex<f64>, |x| x, x, x.re, Complex::<f64>::is_nan, Complex::new(0.0, 0.0), unordered;
}

macro_rules! acc {
    ($($type:ty: $dtype:ident, $zero:expr, $one:expr, |$a:ident, $b:ident| $plus:expr, $times:expr, |$count:ident| $over:expr;)*) => {$(
        impl Acc for $type {
            const DTYPE: DType = DType::$dtype;
            const ZERO: Self = $zero;
            const ONE: Self = $one;

            fn plus(self, other: Self) -> Self {
                let ($a, $b) = (self, other);
                $plus
            }

            fn times(self, other: Self) -> Self {
                let ($a, $b) = (self, other);
                $times
            }

            fn over(self, count: f64) -> Self {
                let ($a, $count) = (self, count);
                $over
            }
        }
    )*};
}

acc! {
    i64: I64, 0, 1, |a, b| a.wrapping_add(b), a.wrapping_mul(b), |n| (a as f64 / n) as i64;
    u64: U64, 0, 1, |a, b| a.wrapping_add(b), a.wrapping_mul(b), |n| (a as f64 / n) as u64;
    f64: F64, 0.0, 1.0, |a, b| a + b, a * b, |n| a / n;
    Complex<f64>: C128, Complex::new(0.0, 0.0), Complex::new(1.0, 0.0), |a, b| a + b, a * b, |n| a / n;
}

/// Evaluates an expression with `$T` as the type that kernels see of a dtype.
macro_rules! with_item {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            ::stratal_core::value::DType::I8 => {
                type $T = i8;
                $body
            }
            ::stratal_core::value::DType::I16 => {
                type $T = i16;
                $body
            }
            ::stratal_core::value::DType::I32 => {
                type $T = i32;
                $body
            }
            ::stratal_core::value::DType::I64 => {
                type $T = i64;
                $body
            }
            ::stratal_core::value::DType::Bool | ::stratal_core::value::DType::U8 => {
                type $T = u8;
                $body
            }
            ::stratal_core::value::DType::U16 => {
                type $T = u16;
                $body
            }
            ::stratal_core::value::DType::U32 => {
                type $T = u32;
                $body
            }
            ::stratal_core::value::DType::U64 => {
                type $T = u64;
                $body
            }
            ::stratal_core::value::DType::F32 => {
                type $T = f32;
                $body
            }
            ::stratal_core::value::DType::F64 => {
                type $T = f64;
                $body
            }
            ::stratal_core::value::DType::C64 => {
                type $T = ::num_complex::Complex<f32>;
                $body
            }
            ::stratal_core::value::DType::C128 => {
                type $T = ::num_complex::Complex<f64>;
                $body
            }
        }
    };
}

pub(crate) use with_item;
