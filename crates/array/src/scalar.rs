//! [`Scalar`]: one element of some dtype, as plans and bodies carry it.

use crate::kernel;
use bytemuck::Pod;
use num_complex::Complex;
use serde::{Deserialize, Serialize};
use stratal_core::{Result, value::DType};

/// One element.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scalar {
    dtype: DType,
    /// Its bytes, at the front; the rest is 0.
    words: [u64; 2],
}

impl Scalar {
    /// `value` is the plain type of `dtype`.
    pub(crate) fn of<T: Pod>(dtype: DType, value: T) -> Self {
        let mut words = [0u64; 2];
        bytemuck::bytes_of_mut(&mut words)[..size_of::<T>()].copy_from_slice(bytemuck::bytes_of(&value));
        Scalar { dtype, words }
    }

    pub(crate) fn zero(dtype: DType) -> Self {
        Scalar { dtype, words: [0; 2] }
    }

    /// The element that `write` writes as bytes.
    pub(crate) fn written(dtype: DType, write: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<Self> {
        let mut words = [0u64; 2];
        write(&mut bytemuck::bytes_of_mut(&mut words)[..dtype.size()])?;
        Ok(Scalar { dtype, words })
    }

    pub(crate) fn dtype(&self) -> DType {
        self.dtype
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &bytemuck::bytes_of(&self.words)[..self.dtype.size()]
    }

    /// The element as another dtype.
    pub(crate) fn cast(&self, to: DType) -> Result<Scalar> {
        Scalar::written(to, |out| kernel::cast(self.dtype, to, self.bytes(), out))
    }

    /// The 64 bits of an element of that size.
    pub(crate) fn bits(&self) -> i64 {
        self.words[0] as i64
    }

    /// The element as a float, where it is real.
    pub(crate) fn float(&self) -> Result<f64> {
        self.cast(DType::F64).map(|scalar| f64::from_bits(scalar.words[0]))
    }
}

/// A number in the user's program: it takes the dtype of the array that it meets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Weak {
    Bool(bool),
    Int(i128),
    Float(f64),
    Complex(Complex<f64>),
}

impl Weak {
    /// Its dtype where it meets no array.
    pub(crate) fn alone(self) -> DType {
        match self {
            Weak::Bool(_) => DType::Bool,
            Weak::Int(value) if value > i64::MAX as i128 => DType::U64,
            Weak::Int(_) => DType::I64,
            Weak::Float(_) => DType::F64,
            Weak::Complex(_) => DType::C128,
        }
    }

    pub(crate) fn show(self) -> String {
        match self {
            Weak::Bool(value) => value.to_string(),
            Weak::Int(value) => value.to_string(),
            Weak::Float(value) => format!("{value:?}"),
            Weak::Complex(value) => value.to_string(),
        }
    }

    /// The number as an element. It fits: `promote` has seen to it.
    pub(crate) fn of(self, dtype: DType) -> Result<Scalar> {
        match self {
            Weak::Bool(value) => Ok(Scalar::of(DType::Bool, u8::from(value))),
            Weak::Int(value) if dtype.is_unsigned() => Scalar::of(DType::U64, value as u64).cast(dtype),
            Weak::Int(value) if dtype.is_integer() => Scalar::of(DType::I64, value as i64).cast(dtype),
            Weak::Int(value) => Scalar::of(DType::F64, value as f64).cast(dtype),
            Weak::Float(value) => Scalar::of(DType::F64, value).cast(dtype),
            Weak::Complex(value) => Scalar::of(DType::C128, value).cast(dtype),
        }
    }
}
